import {
  ListFilter,
  type RecordingFilter,
  type RecordingView,
  type Sort,
  type SortColumn,
} from "../../../preload/contract/listing.ts";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";

export const filters = ListFilter.options;

export type View = RecordingView;
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

/** Whether both leave the same recordings out. */
export const isSameFilter = (a: RecordingFilter, b: RecordingFilter): boolean =>
  filterParts.every((part) => a[part] === b[part]);

export const without = (view: View, part: FilterPart): View => ({ ...view, [part]: wholeLibrary[part] });

export const allFiltersOff = (view: View): View => filterParts.reduce(without, view);

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
