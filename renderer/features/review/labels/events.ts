import type { Annotation, AnnotationSource } from "../../../../preload/contract/annotation.ts";
import { OTHER_TEXT, type Label, type LabelSet } from "../../../../preload/contract/label-set.ts";
import type { MaskSpan } from "../../../../preload/contract/mask.ts";
import type { Reading } from "../../../../preload/contract/reading.ts";
import type { TimeRange } from "../../../state/selection.ts";
import { laneOf, type DrawnEvent, type Lane } from "../../../trace/tracks/annotation.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { byOnset } from "../../../trace/tracks/stacking.ts";
import { fold } from "../../../../preload/contract/listing.ts";
import { noteIn } from "../../../../preload/contract/noted.ts";
import { inLanguage, type Language } from "../../../ui/words.ts";
import type { z } from "zod";

export type Source = z.infer<typeof AnnotationSource>;

/** Label sets by id and version, as annotations name them. */
export type LabelBook = ReadonlyMap<string, LabelSet>;
export const bookKey = (id: string, version: number): string => `${id} ${version}`;
export const bookOf = (sets: readonly LabelSet[]): LabelBook =>
  new Map(sets.map((set) => [bookKey(set.id, set.version), set]));

const UNKNOWN_COLOUR = "#5c6876";

/** One whose set is not at hand stands in no group. */
export type ShownLabel = Omit<Label, "group"> & Partial<Pick<Label, "group">>;

/** The label an annotation was made under. One whose set is not at hand is drawn grey under its code: never dropped. */
export function labelOf(
  annotation: Pick<Annotation, "label" | "labelSet" | "labelSetVersion">,
  book: LabelBook,
): ShownLabel {
  const set = book.get(bookKey(annotation.labelSet, annotation.labelSetVersion));
  const known = set?.labels.find((label) => label.code === annotation.label);
  return (
    known ?? {
      code: annotation.label,
      name: { en: annotation.label, ja: annotation.label },
      letter: annotation.label.slice(0, 1).toUpperCase(),
      colour: UNKNOWN_COLOUR,
      shape: "interval",
    }
  );
}

/** The set a label is given anew from: the newest version where that still has it, else the one it was made under. */
export function setHolding(
  { label: code, labelSet, labelSetVersion }: Pick<Annotation, "label" | "labelSet" | "labelSetVersion">,
  { sets, book }: { readonly sets: readonly LabelSet[]; readonly book: LabelBook },
): { readonly set: LabelSet; readonly label: Label } | undefined {
  const versions = [sets.find((one) => one.id === labelSet), book.get(bookKey(labelSet, labelSetVersion))];
  for (const set of versions) {
    const label = set?.labels.find((one) => one.code === code);
    if (set && label) return { set, label };
  }
  return undefined;
}

export interface ReviewEvent extends DrawnEvent {
  readonly kind: "annotation";
  readonly annotation: Annotation;
  readonly label: ShownLabel;
}

type NamedChannel = Pick<TraceChannel, "position" | "label">;
/** What is needed to show annotations: their labels, their channels' names, the language. */
export interface Naming {
  readonly book: LabelBook;
  readonly channels: readonly NamedChannel[];
  readonly language: Language;
}

/** The channel as an event names it; nothing for the whole recording. */
const onChannel = (channels: readonly NamedChannel[], position: number | undefined) =>
  position === undefined
    ? {}
    : {
        channel: {
          position,
          label: channels.find((one) => one.position === position)?.label ?? `${position + 1}`,
        },
      };

/** Imported texts beyond what the set takes share one label: only the text itself says what such an event is. */
const nameOf = ({ label: code, text = "" }: Annotation, label: ShownLabel, language: Language): string =>
  code === OTHER_TEXT && text.trim() !== "" ? text.trim() : inLanguage(label.name, language);

export function eventOf(annotation: Annotation, { book, channels, language }: Naming): ReviewEvent {
  const label = labelOf(annotation, book);
  return {
    id: annotation.id,
    kind: "annotation",
    onsetS: annotation.onsetS,
    durationS: annotation.durationS,
    annotation,
    label,
    name: nameOf(annotation, label, language),
    isOutlined: annotation.source === "model",
    ...onChannel(channels, annotation.channel),
  };
}

/** What is left out of lanes and list. Empty sets leave nothing out. */
export interface EventFilter {
  readonly text: string;
  readonly labels: ReadonlySet<string>; // codes hidden
  readonly authors: ReadonlySet<string>; // hidden
  readonly sources: ReadonlySet<Source>; // hidden
}
export const noFilter: EventFilter = { text: "", labels: new Set(), authors: new Set(), sources: new Set() };
export const isFiltering = (filter: EventFilter): boolean =>
  filter.text.trim() !== "" || filter.labels.size > 0 || filter.authors.size > 0 || filter.sources.size > 0;

export function matches(event: ReviewEvent, filter: EventFilter): boolean {
  const { annotation, label } = event;
  if (
    filter.labels.has(annotation.label) ||
    filter.authors.has(annotation.author) ||
    filter.sources.has(annotation.source)
  )
    return false;
  const wanted = fold(filter.text.trim());
  if (wanted === "") return true;
  return [
    label.name.en,
    label.name.ja,
    label.code,
    event.name,
    annotation.author,
    noteIn(annotation.note, "en"),
    noteIn(annotation.note, "ja"),
    event.channel?.label ?? "",
  ].some((text) => fold(text).includes(wanted));
}

export const sortedEvents = (annotations: readonly Annotation[], naming: Naming): ReviewEvent[] =>
  annotations.map((annotation) => eventOf(annotation, naming)).sort(byOnset);

/**
 * A lane a reader: people first, then files, then models, each in order of name. What somebody read completely is drawn
 * under the own lane, which is there also where nothing was found.
 */
export function lanesOf(
  events: readonly ReviewEvent[],
  titles: { readonly unnamed: string; readonly model: string; readonly ofFile: (name: string) => string },
  readings: readonly Pick<Reading, "author" | "onsetS" | "durationS">[] = [],
): Lane[] {
  const order: readonly Source[] = ["person", "import", "model"];
  const groups = new Map<string, Group>();
  const groupOf = (source: Source, author: string): Group => {
    const key = `${source} ${author}`;
    const group = groups.get(key) ?? { source, author, events: [], read: [] };
    groups.set(key, group);
    return group;
  };
  for (const event of events) groupOf(event.annotation.source, event.annotation.author).events.push(event);
  for (const { author, onsetS, durationS } of readings) {
    const isFile = !groups.has(`person ${author}`) && groups.has(`import ${author}`);
    groupOf(isFile ? "import" : "person", author).read.push({ fromS: onsetS, toS: onsetS + durationS });
  }
  return [...groups.entries()]
    .sort(
      ([, a], [, b]) => order.indexOf(a.source) - order.indexOf(b.source) || a.author.localeCompare(b.author),
    )
    .map(([key, group]) => {
      const name =
        group.author !== "" ? group.author : group.source === "model" ? titles.model : titles.unnamed;
      const title = group.source === "import" ? titles.ofFile(name) : name;
      const lane = laneOf(`lane ${key}`, title, group.events);
      return group.read.length > 0 ? { ...lane, read: group.read } : lane;
    });
}

interface Group {
  readonly source: Source;
  readonly author: string;
  readonly events: ReviewEvent[];
  readonly read: TimeRange[];
}

/** Stretches that people, rules or models masked, as a lane of their own so that they can be chosen and taken back. */
export function maskLane(
  masks: readonly MaskSpan[],
  channels: readonly NamedChannel[],
  title: string,
): Lane | undefined {
  if (masks.length === 0) return undefined;
  return laneOf(
    "lane masks",
    title,
    masks.map((mask) => maskEvent(mask, channels, title)),
  );
}

const maskEvent = (mask: MaskSpan, channels: readonly NamedChannel[], name: string): DrawnEvent => ({
  id: mask.id,
  kind: "mask",
  onsetS: mask.onsetS,
  durationS: mask.durationS,
  label: { code: "mask", letter: "×", colour: UNKNOWN_COLOUR },
  name,
  isOutlined: mask.layer !== "person",
  ...onChannel(channels, mask.channel),
});

/** The event after (or before) a time, in order of onset; undefined at the end. */
export function neighbour(
  events: readonly ReviewEvent[],
  timeS: number,
  direction: 1 | -1,
): ReviewEvent | undefined {
  const slack = 1e-6;
  if (direction === 1) return events.find((event) => event.onsetS > timeS + slack);
  return events.findLast((event) => event.onsetS < timeS - slack);
}

/** Codes a set may use for "cannot be read"; the first that exists is what the key for it applies. */
const notAssessableCodes = ["not-assessable", "not-analysable", "unassessable", "cannot-tell"];
export const notAssessableLabel = (set: LabelSet | undefined): Label | undefined =>
  notAssessableCodes
    .map((code) => set?.labels.find((label) => label.code === code))
    .find((label) => label !== undefined);

/** The label set to begin with: the one most of the recording's annotations use, else the first of its kind. */
export function startingSet(
  sets: readonly LabelSet[],
  kind: LabelSet["kind"],
  annotations: readonly Annotation[],
): string | undefined {
  const counts = new Map<string, number>();
  for (const { labelSet } of annotations) counts.set(labelSet, (counts.get(labelSet) ?? 0) + 1);
  const used = [...counts.entries()].sort((a, b) => b[1] - a[1]).map(([id]) => id);
  return (
    used.find((id) => sets.some((set) => set.id === id)) ??
    sets.find((set) => set.kind === kind)?.id ??
    sets[0]?.id
  );
}
