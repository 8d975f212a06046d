import { useEffect, useState } from "react";
import type { Selection } from "../../../preload/contract/listing.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { isNothing, nothing, passing, toggled } from "./chosen.ts";
import type { List, ListRow, RecordingList } from "./list.ts";
import { isSameFilter, type View } from "./rows.ts";

export type Ticking = ReturnType<typeof useTicks>;

/** What is ticked, and what the actions of the page are about: that, also where a filter hides it, else the row shown. */
export function useTicks(list: RecordingList, rows: List | undefined, { query, kind, filter }: View) {
  const [ticks, setTicks] = useState<Selection>(nothing);
  useEffect(() => list.mark(passing(ticks)), [list, ticks]);
  const { data: counted, isPlaceholderData } = useRequest(
    "recordings.selected",
    isNothing(ticks) ? undefined : { selection: ticks, filter: { query, kind, filter } },
    { keepPrevious: true },
  );
  const selected = isNothing(ticks) ? undefined : counted;
  const shown = rows !== undefined && isSameFilter(rows.view, { query, kind, filter }) ? rows.shown : 0;
  const isAll = selected !== undefined && !isPlaceholderData && shown > 0 && selected.shown === shown;
  return {
    ticks,
    selected: selected !== undefined && selected.count > 0 ? selected : undefined,
    isEmpty: selected?.count === 0, // all of it was unticked again, or has gone
    ticked: isAll ? "all" : (selected?.count ?? 0) > 0 ? "some" : "none",
    clear: () => setTicks(nothing),
    /** Those are done with; what was ticked meanwhile stays. */
    done: (those: Selection) => setTicks((now) => (now === those ? nothing : now)),
    toggle: ({ recording, passes }: ListRow) => setTicks((now) => toggled(now, recording.id, passes)),
    /** By the filter that is asked for, also while the rows are still those of the one before. */
    toggleAll: () => {
      const all = { filter: { query, kind, filter }, newest: rows?.newest ?? 0, except: [], also: [] };
      setTicks(isAll || rows === undefined ? nothing : { kind: "filtered", ...all });
    },
  } as const;
}
