import type { Selected, Selection } from "../../../preload/contract/listing.ts";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { isTicked } from "./chosen.ts";
import type { List, ListRow } from "./list.ts";

/** Recordings that are meant by an action: how many, and what the first of them are called. */
export interface Meant {
  readonly selection: Selection;
  readonly count: number;
  readonly names: readonly string[];
}

/** What is ticked, else the row shown. */
export function meantBy(
  ticks: Selection,
  ticked: Selected | undefined,
  shown: RecordingSummary | undefined,
): Meant | undefined {
  if (ticked !== undefined)
    return { selection: ticks, count: ticked.count, names: ticked.first.map(({ name }) => name) };
  return shown && { selection: { kind: "these", ids: [shown.id] }, count: 1, names: [shown.name] };
}

/** Which row is selected once those that are meant are gone: it itself if it stays, the next that does, else the one before. */
export function nextOf(rows: List | undefined, meant: Selection): string | undefined {
  const at = rows?.at;
  if (rows === undefined || at === undefined) return undefined;
  const stays = (row: ListRow | undefined) =>
    row !== undefined && !isTicked(meant, row.recording.id, row.passes) ? row.recording.id : undefined;
  for (let index = at; index < rows.shown; index++) {
    const row = rows.rowAt(index);
    if (row === undefined) break; // further on than is read
    const id = stays(row);
    if (id !== undefined) return id;
  }
  return stays(rows.rowAt(at - 1));
}
