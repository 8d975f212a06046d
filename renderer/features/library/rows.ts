import type { RecordingKind, RecordingSummary } from "../../../preload/contract/recording.ts";
import { fold } from "../../ui/format.ts";

export const sortable = [
  "name",
  "subject",
  "date",
  "length",
  "channels",
  "missing",
  "labelled",
  "repairs",
] as const;
export type SortColumn = (typeof sortable)[number];
export interface Sort {
  readonly by: SortColumn;
  readonly isDescending: boolean;
}
export const filters = ["all", "labelled", "unlabelled", "repaired", "gaps", "interrupted"] as const;
export type Filter = (typeof filters)[number];

export interface View {
  readonly query: string;
  readonly kind: RecordingKind | "all";
  readonly filter: Filter;
  readonly sort: Sort;
}
export const wholeLibrary: View = {
  query: "",
  kind: "all",
  filter: "all",
  sort: { by: "name", isDescending: false },
};

/** The ways in which a view leaves recordings out. */
export const filterParts = ["query", "kind", "filter"] as const;
export type FilterPart = (typeof filterParts)[number];

export const filtersOn = (view: View): readonly FilterPart[] =>
  filterParts.filter((part) =>
    part === "query" ? view.query.trim() !== "" : view[part] !== wholeLibrary[part],
  );

export const without = (view: View, part: FilterPart): View => ({ ...view, [part]: wholeLibrary[part] });

export const allFiltersOff = (view: View): View => filterParts.reduce(without, view);

export const labelledShare = (one: Pick<RecordingSummary, "durationS" | "labelledS">): number =>
  one.durationS > 0 ? Math.min(1, one.labelledS / one.durationS) : 0;

const nothing: ReadonlySet<string> = new Set();

const passes: Readonly<Record<Filter, (one: RecordingSummary) => boolean>> = {
  all: () => true,
  labelled: (one) => one.annotationCount > 0,
  unlabelled: (one) => one.annotationCount === 0,
  repaired: (one) => one.repairCount > 0,
  gaps: (one) => one.missingShare > 0.1,
  interrupted: (one) => one.state === "interrupted",
};

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const text = (a: string, b: string) => collator.compare(a, b);
const compare: Readonly<Record<SortColumn, (a: RecordingSummary, b: RecordingSummary) => number>> = {
  name: (a, b) => text(a.name, b.name),
  subject: (a, b) => text(a.subject, b.subject),
  date: (a, b) => (a.startedAt ?? "").localeCompare(b.startedAt ?? ""),
  length: (a, b) => a.durationS - b.durationS,
  channels: (a, b) => a.channels.length - b.channels.length,
  missing: (a, b) => a.missingShare - b.missingShare,
  labelled: (a, b) => labelledShare(a) - labelledShare(b),
  repairs: (a, b) => a.repairCount - b.repairCount,
};

const searched = new WeakMap<RecordingSummary, string>();
/** Folded once a recording: search over 10,000 rows stays within a frame. */
function searchText(one: RecordingSummary): string {
  const known = searched.get(one);
  if (known !== undefined) return known;
  const made = fold(
    [one.name, one.subject, one.study, one.startedAt ?? "", ...one.channels.map((c) => c.label)].join(" "),
  );
  searched.set(one, made);
  return made;
}

/**
 * The rows a view shows, in its order; equal ones by name, so that the order never depends on chance. Neither filter nor
 * order tells how much others labelled of what is read blind.
 */
export function rowsOf(
  recordings: readonly RecordingSummary[],
  { query, kind, filter, sort }: View,
  blind = nothing,
): RecordingSummary[] {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== "");
  const way = sort.isDescending ? -1 : 1;
  const isOfLabels = filter === "labelled" || filter === "unlabelled";
  const untold = (one: RecordingSummary): number => (sort.by === "labelled" && blind.has(one.id) ? 1 : 0);
  const ordered = (a: RecordingSummary, b: RecordingSummary): number =>
    untold(a) - untold(b) || (untold(a) === 1 ? 0 : way * compare[sort.by](a, b));
  return recordings
    .filter(
      (one) =>
        (kind === "all" || one.kind === kind) &&
        (isOfLabels && blind.has(one.id) ? false : passes[filter](one)) &&
        words.every((word) => searchText(one).includes(word)),
    )
    .sort((a, b) => ordered(a, b) || compare.name(a, b) || text(a.id, b.id));
}

/** A second press on a column turns the order round. Numbers begin with the largest. */
export function sortedBy(sort: Sort, by: SortColumn): Sort {
  if (sort.by === by) return { by, isDescending: !sort.isDescending };
  return { by, isDescending: by !== "name" && by !== "subject" };
}

/** `FHR, UC · 4 Hz`, `8 × EMG · 200 Hz`. Rates that differ are all named. */
export function channelSummary(
  { channels }: Pick<RecordingSummary, "channels">,
  rate: (hertz: number) => string,
): string {
  if (channels.length === 0) return "–";
  const rates = [...new Set(channels.map((one) => rate(one.sampleRate)))].join(", ");
  const stem = (label: string) => label.replace(/(?<![\s_-])[\s_-]*(?<!\d)\d+$/, "");
  const stems = [...new Set(channels.map((one) => stem(one.label)))];
  const names =
    channels.length <= 2
      ? channels.map((one) => one.label).join(", ")
      : `${channels.length} × ${stems.length === 1 ? (stems[0] ?? "") : "…"}`;
  return `${names.replace(" × …", "")} · ${rates}`;
}

/** The rows to draw for a scroll position, with a few beyond each edge. */
export function visibleRange(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): readonly [from: number, to: number] {
  const BEYOND = 6;
  const from = Math.max(0, Math.floor(scrollTop / rowHeight) - BEYOND);
  const to = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + BEYOND);
  return [Math.min(from, to), to];
}
