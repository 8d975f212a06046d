import { z } from "zod";
import { BinnedRecording, ChannelHeader, RecordingKind, RecordingSummary } from "./recording.ts";

export const SortColumn = z.enum([
  "added", // to the library
  "name",
  "subject",
  "date",
  "length",
  "channels",
  "missing",
  "labelled",
  "repairs",
]);
export type SortColumn = z.infer<typeof SortColumn>;

export const Sort = z.object({ by: SortColumn, isDescending: z.boolean() });
export type Sort = z.infer<typeof Sort>;

export const ListFilter = z.enum(["all", "labelled", "unlabelled", "repaired", "gaps", "interrupted"]);
export type ListFilter = z.infer<typeof ListFilter>;

/** More of a channel missing than this is a gap worth finding. */
export const GAPS_FROM = 0.1;

/** Which recordings, of those that are not in the bin. */
export const RecordingFilter = z.object({
  query: z.string().max(1000).default(""), // every word somewhere in name, subject, study, date, note or a channel's label
  kind: z.union([RecordingKind, z.literal("all")]).default("all"),
  filter: ListFilter.default("all"),
  isSynthetic: z.literal(true).optional(), // those alone
});
export type RecordingFilter = z.infer<typeof RecordingFilter>;

/** Which recordings, and in what order: equal ones by name, then in the order they were added. */
export const RecordingView = RecordingFilter.extend({
  sort: Sort.default({ by: "added", isDescending: false }),
});
export type RecordingView = z.infer<typeof RecordingView>;

/** A place in the order of a view: between two recordings, whatever comes and goes. Means something to the library alone. */
export const Cursor = z.string().max(4000);
export type Cursor = z.infer<typeof Cursor>;

/** Recordings between two of an outline's marks. */
export const PAGE_ROWS = 100;
export const PAGE_MOST = 500;
export const IDS_MOST = 5000;

/**
 * Several recordings: these, or all that pass a filter. Of the latter those that were in the library when they were
 * chosen: what comes later was never seen, and is not removed with the others.
 */
export const Selection = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("these"), ids: z.array(z.string()).max(IDS_MOST) }),
  z.object({
    kind: z.literal("filtered"),
    filter: RecordingFilter,
    newest: z.number().int().nonnegative(), // as an outline says it
    except: z.array(z.string()).max(IDS_MOST), // that pass the filter
    also: z.array(z.string()).max(IDS_MOST), // that do not
  }),
]);
export type Selection = z.infer<typeof Selection>;

export const PageRequest = z.object({
  view: RecordingView.default(() => RecordingView.parse({})),
  after: Cursor.optional(), // absent: from the beginning
  until: Cursor.optional(), // the last recording that belongs to it; absent: to the end
  limit: z.number().int().min(1).max(PAGE_MOST).default(PAGE_MOST),
  selection: Selection.optional(), // whether each row is of it is told
});
export type PageRequest = z.infer<typeof PageRequest>;

/** `next` is where the following page begins; absent after the last. */
export const RecordingPage = z.object({
  rows: z.array(RecordingSummary),
  isChosen: z.array(z.boolean()).optional(), // of each row, where a selection was given
  next: Cursor.optional(),
});
export type RecordingPage = z.infer<typeof RecordingPage>;

/** How long the list of a view is, and where its pages of PAGE_ROWS end: all of them but the last. */
export const Outline = z.object({
  shown: z.number().int().nonnegative(),
  marks: z.array(Cursor),
  at: z.number().int().nonnegative().optional(), // index of the recording asked for; absent where the view does not show it
  newest: z.number().int().nonnegative(), // see Selection
});
export type Outline = z.infer<typeof Outline>;

/** What a selection holds: how many, how many of them the filter shows, and the first by name. */
export const Selected = z.object({
  count: z.number().int().nonnegative(),
  shown: z.number().int().nonnegative(),
  first: z.array(RecordingSummary),
});
export type Selected = z.infer<typeof Selected>;

/** A part of the bin, last binned first; `count` is of all of it. */
export const BinRequest = z.object({
  after: Cursor.optional(), // absent: from the beginning
  limit: z.number().int().min(1).max(PAGE_MOST).default(PAGE_ROWS),
});
export type BinRequest = z.infer<typeof BinRequest>;
export const BinPage = z.object({
  rows: z.array(BinnedRecording),
  count: z.number().int().nonnegative(),
  next: Cursor.optional(), // absent after the last
});
export type BinPage = z.infer<typeof BinPage>;
export const BinIds = z.object({ ids: z.array(z.string()), next: Cursor.optional() });
export type BinIds = z.infer<typeof BinIds>;
/** Recordings that one request brings back or deletes for good. */
export const BIN_MOST = 100;

export const IdPage = z.object({ ids: z.array(z.string()), next: z.number().int().optional() });
export type IdPage = z.infer<typeof IdPage>;

/** What a training is put together from: everybody, and which channels of what kind each has. */
export const Candidate = RecordingSummary.pick({
  ...{ id: true, name: true, kind: true, subject: true, study: true },
  ...{ durationS: true, state: true, annotationCount: true },
});
/** Recordings in the order they were added; `layout` is the place of its channels among the layouts of the part. */
export const Roster = z.object({
  rows: z.array(Candidate.extend({ layout: z.number().int().nonnegative() })),
  layouts: z.array(z.array(ChannelHeader.pick({ label: true, role: true }))),
  next: z.number().int().optional(),
});
export type Roster = z.infer<typeof Roster>;
export const ROSTER_ROWS = 500;

/** The library as a whole. */
export const LibraryCounts = z.object({
  recordings: z.number().int().nonnegative(),
  subjects: z.number().int().nonnegative(),
  durationS: z.number().nonnegative(),
  binned: z.number().int().nonnegative(),
});
export type LibraryCounts = z.infer<typeof LibraryCounts>;

/** Text folded for search: case, width (ＡＢＣ, ｶﾅ), katakana to hiragana, accents. */
export function fold(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC");
}

/** The words of a query, folded; a recording is found where every one is in its text. */
export const wordsOf = (query: string): readonly string[] =>
  fold(query)
    .split(/\s+/)
    .filter((word) => word !== "");

/** ASCII signs in the order people expect them, before digits and letters. */
const signs = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/**
 * Texts whose keys are in order are in the order of a list: like words, whatever their case, accents and kana, and
 * numbers in them by size, `CTG 2` before `CTG 10`. The same on every machine, in every language.
 */
export const sortKey = (text: string): string =>
  fold(text).replace(/\d+|[ -/:-@[-`{-~]/g, (found) => {
    const sign = signs.indexOf(found);
    if (sign >= 0) return String.fromCharCode(1 + sign);
    const digits = found.replace(/^0+(?=.)/, "");
    return `0${String.fromCharCode(0x20 + digits.length)}${digits}`;
  });

/** What search looks at. */
export const searchText = (one: {
  readonly name: string;
  readonly subject: string;
  readonly study: string;
  readonly startedAt?: string | undefined;
  readonly note: string;
  readonly channels: readonly { readonly label: string }[];
}): string =>
  fold(
    [
      one.name,
      one.subject,
      one.study,
      one.startedAt ?? "",
      one.note,
      ...one.channels.map((c) => c.label),
    ].join(" "),
  );

export const labelledShare = (one: Pick<RecordingSummary, "durationS" | "labelledS">): number =>
  one.durationS > 0 ? Math.min(1, one.labelledS / one.durationS) : 0;

/** Whether a recording passes all of a filter but its query; of what is read blind no filter tells what others labelled. */
function passes(
  one: RecordingSummary,
  { kind, filter, isSynthetic }: Omit<RecordingFilter, "query">,
  isBlind: boolean,
): boolean {
  if (kind !== "all" && one.kind !== kind) return false;
  if (isSynthetic === true && !one.synthetic) return false;
  if (isBlind && (filter === "labelled" || filter === "unlabelled")) return false;
  switch (filter) {
    case "all":
      return true;
    case "labelled":
      return one.annotationCount > 0;
    case "unlabelled":
      return one.annotationCount === 0;
    case "repaired":
      return one.repairCount > 0;
    case "gaps":
      return one.missingShare > GAPS_FROM;
    case "interrupted":
      return one.state === "interrupted";
  }
}

/** The share labelled of what is read blind, as far as an order is concerned: last, whichever way it goes. */
export const BLIND_SHARE = { up: 2, down: -1 } as const;

/** What a column sorts by; `added` needs none. */
export function sortValue(one: RecordingSummary, by: Exclude<SortColumn, "added">): string | number {
  switch (by) {
    case "name":
      return sortKey(one.name);
    case "subject":
      return `${sortKey(one.subject)}\u0001${one.subject}`; // of another spelling, another person
    case "date":
      return one.startedAt ?? "";
    case "length":
      return one.durationS;
    case "channels":
      return one.channels.length;
    case "missing":
      return one.missingShare;
    case "labelled":
      return labelledShare(one);
    case "repairs":
      return one.repairCount;
  }
}

/** Where a recording stands in an order; `added` counts recordings as they came. */
export type Standing = readonly [value: string | number, name: string, added: number];

const order = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether one comes after the other in an order. */
export function isBehind(a: Standing, b: Standing, { by, isDescending }: Sort): boolean {
  const value = by === "added" ? 0 : order(a[0], b[0]) * (isDescending ? -1 : 1);
  const name = by === "added" || by === "name" ? 0 : order(a[1], b[1]);
  const added = (a[2] - b[2]) * (by === "added" && isDescending ? -1 : 1);
  return (value || name || added) > 0;
}

type Noted = RecordingSummary & { readonly note: string };

/** What a view shows of recordings in memory, in its order, each with its standing. They come in the order they were added. */
export function listed<R extends Noted>(
  recordings: readonly R[],
  { query, sort, ...filter }: RecordingView,
  blind: ReadonlySet<string> = new Set(),
): readonly { readonly recording: R; readonly standing: Standing }[] {
  const words = wordsOf(query);
  return recordings
    .map((recording, i) => ({ recording, added: i + 1 }))
    .filter(
      ({ recording }) =>
        passes(recording, filter, blind.has(recording.id)) &&
        (words.length === 0 || words.every((word) => searchText(recording).includes(word))),
    )
    .map(({ recording, added }) => {
      const isUntold = sort.by === "labelled" && blind.has(recording.id);
      const untold = BLIND_SHARE[sort.isDescending ? "down" : "up"];
      const value = sort.by === "added" ? added : isUntold ? untold : sortValue(recording, sort.by);
      return { recording, standing: [value, sortKey(recording.name), added] as const };
    })
    .sort((a, b) => (isBehind(a.standing, b.standing, sort) ? 1 : -1));
}
