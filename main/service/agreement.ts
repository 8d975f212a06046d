import {
  type Agreed,
  type Agreement,
  type AgreementRequest,
  CONSENSUS,
  DECISIONS_SET,
  type Disagreement,
  type Reader,
} from "../../preload/contract/agreement.ts";
import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import type { Handlers, ParsedParams } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { type Label, labelsByGroup, type LabelSet } from "../../preload/contract/label-set.ts";
import { noteOf, type Opinion } from "../../preload/contract/noted.ts";
import { agreementOf } from "../analysis/agreement/agreement.ts";
import { opinionsOf } from "../analysis/agreement/disagreements.ts";
import { type Carried, readRecording, ruleIn } from "../analysis/agreement/read-recording.ts";
import type { ComparedGroup } from "../analysis/agreement/readers.ts";
import { baselinesCompared } from "./agreement-baselines.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { coveredS } from "./covered.ts";
import type { ServiceEvents } from "./events.ts";

const SEED = 20150; // of the intervals: the same readings give the same report

export function agreementHandlers(
  library: AsyncLibrary,
  events: ServiceEvents,
): Pick<Handlers, `agreement.${"report" | "decide" | "keep"}`> {
  const told = (recordingId: string): void => events.emit("annotations.changed", { recordingId });
  return {
    "agreement.report": (request) => report(library, request),
    "agreement.decide": async (asked) => {
      const by = await readerNow(library);
      const [added] = await library.addAnnotations([await decided(library, asked, by)], { by });
      if (added === undefined) throw new Error("the library added no annotation");
      told(asked.recordingId);
      return added;
    },
    "agreement.keep": async ({ recordingId, labelSet: id, events: agreed, readers }) => {
      const by = await readerNow(library);
      const set = await library.getLabelSet(id);
      const note = noteOf({ code: "agreed", by, readers });
      const added = await library.addAnnotations(
        agreed.map((one) => ofConsensus(set, { ...one, recordingId }, note)),
        { by },
      );
      told(recordingId);
      return added;
    },
  };
}

/** Decisions carry the name of who made them. */
async function readerNow(library: AsyncLibrary): Promise<string> {
  const { author } = await library.getSettings();
  if (author.trim() !== "") return author;
  throw new AppError("data/no-reader", "Say who decides: the reader has no name yet", {});
}

const ofConsensus = (
  set: LabelSet,
  { recordingId, label, channel, onsetS, durationS }: Omit<Agreed, "group" | "isKept">,
  note: string,
): NewAnnotation => ({
  ...{ recordingId, label, onsetS, durationS, note },
  ...{ labelSet: set.id, labelSetVersion: set.version, author: CONSENSUS, source: "person" },
  ...(channel === undefined ? {} : { channel }),
});

async function decided(
  library: AsyncLibrary,
  { recordingId, labelSet, place, choice }: ParsedParams<"agreement.decide">,
  by: string,
): Promise<NewAnnotation> {
  const set = await library.getLabelSet(labelSet);
  const note = noteOf({ code: "decided", by, opinions: said(set, place) });
  if (choice.kind === "label") return ofConsensus(set, { ...choice, recordingId }, note);
  const { onsetS, durationS } = place;
  const verdict = { recordingId, label: choice.verdict, onsetS, durationS };
  return ofConsensus(await library.getLabelSet(DECISIONS_SET), verdict, note);
}

/** What each reader said, for whoever asks later: by the names that labels have now. */
const said = (set: LabelSet, { opinions }: Pick<Disagreement, "opinions">): Opinion[] =>
  opinions.map(({ reader, events }) => ({
    reader,
    events: events.map(({ label, onsetS, durationS }) => {
      const name = labelOf(set, label)?.name ?? { en: label, ja: label };
      return { name, onsetS, durationS };
    }),
  }));

type Named = Carried & { readonly name: string };

async function report(library: AsyncLibrary, request: AgreementRequest): Promise<Agreement> {
  const carried = await Promise.all(request.recordingIds.map((id) => carriedBy(library, id)));
  const labelSets = setsUsed(carried);
  const set = await library.getLabelSet(request.labelSet ?? labelSets[0] ?? "ctg-events");
  const readers = readersOf(carried, set.id);
  const compared = chosenReaders(readers, request.readers);
  const groups = chosenGroups(set, request.labels);
  const versions = await versionsOf(library, set.id, carried);
  const asked = {
    recordings: carried.map((one) =>
      readRecording(one, { set, groups, setOf: (version) => versions.get(version) }),
    ),
    ...{ readers: compared, groups, seed: SEED },
    ruleOf: ruleIn(set),
  };
  return {
    ...{ labelSet: set.id, labelSets, readers, compared },
    recordings: carried.map(({ id, name, durationS }) => ({ id, name, durationS })),
    ...agreementOf(asked),
    ...opinionsOf(asked),
    baselines: await baselinesCompared(library, carried, SEED),
  };
}

const labelOf = (set: LabelSet, code: string): Label | undefined =>
  set.labels.find((one) => one.code === code);

async function carriedBy(library: AsyncLibrary, recordingId: string): Promise<Named> {
  const { id, name, durationS } = await library.getRecording(recordingId);
  const annotations = (await library.listAnnotations(id)).filter(({ source }) => source !== "model");
  return { id, name, durationS, annotations, readings: await library.listReadings(id) };
}

/** Label sets by how many readers used them, the most first. */
function setsUsed(carried: readonly Carried[]): string[] {
  const users = new Map<string, Set<string>>();
  for (const { annotations, readings } of carried)
    for (const { labelSet, author } of [...annotations, ...readings])
      if (author !== CONSENSUS && labelSet !== DECISIONS_SET)
        users.set(labelSet, (users.get(labelSet) ?? new Set()).add(author));
  return [...users.entries()]
    .sort(([one, a], [other, b]) => b.size - a.size || one.localeCompare(other))
    .map(([id]) => id);
}

function readersOf(carried: readonly Carried[], labelSet: string): Reader[] {
  const found = new Map<string, Reader>();
  for (const { annotations, readings } of carried) {
    const ofSet = (one: { readonly labelSet: string; readonly author: string }): boolean =>
      one.labelSet === labelSet && one.author !== CONSENSUS;
    const [marks, read] = [annotations.filter(ofSet), readings.filter(ofSet)];
    for (const name of new Set([...marks, ...read].map(({ author }) => author))) {
      const own = read.filter(({ author }) => author === name);
      const before = found.get(name) ?? { name, recordings: 0, events: 0, readS: 0 };
      found.set(name, {
        name,
        recordings: before.recordings + 1,
        events: before.events + marks.filter(({ author }) => author === name).length,
        readS: before.readS + coveredS(own),
      });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Those who are named; else all who declared anything read, since only they can be compared. */
function chosenReaders(readers: readonly Reader[], asked: readonly string[] | undefined): string[] {
  if (asked === undefined) return readers.filter(({ readS }) => readS > 0).map(({ name }) => name);
  const unknown = asked.find((name) => !readers.some((one) => one.name === name));
  if (unknown === undefined) return [...new Set(asked)];
  const known = readers.map(({ name }) => name || "readers without a name").join(", ");
  throw new AppError(
    "data/reader-unknown",
    readers.length === 0
      ? `No labels or readings by ${unknown} here, nor by anybody else`
      : `No labels or readings by ${unknown} here; there are those by ${known}`,
    {
      value: unknown,
      readers: known,
    },
  );
}

function chosenGroups(set: LabelSet, asked: readonly string[] | undefined): ComparedGroup[] {
  const unknown = asked?.find((code) => labelOf(set, code) === undefined);
  if (unknown !== undefined)
    throw new AppError(
      "data/label-unknown",
      `Label "${unknown}" is not in label set ${set.id}; it has ${set.labels.map(({ code }) => code).join(", ")}`,
      { label: unknown, labelSet: set.id },
    );
  return labelsByGroup(set)
    .map(({ group, labels }) => ({
      code: group.code,
      labels: labels.map(({ code }) => code).filter((code) => asked?.includes(code) ?? true),
    }))
    .filter(({ labels }) => labels.length > 0);
}

type Versions = ReadonlyMap<number, LabelSet>; // that something was read for

async function versionsOf(library: AsyncLibrary, id: string, carried: readonly Carried[]): Promise<Versions> {
  const read = carried.flatMap(({ readings }) => readings).filter(({ labelSet }) => labelSet === id);
  const versions = [...new Set(read.map(({ labelSetVersion }) => labelSetVersion))];
  const sets = await Promise.all(versions.map((version) => library.getLabelSet(id, version)));
  return new Map(sets.map((set) => [set.version, set]));
}
