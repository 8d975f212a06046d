import { useState } from "react";
import { request } from "../../bridge/client.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { binRows, type BinRow, type Meant, meantRows, runsAmong } from "./bin.ts";
import { type Ticking, useTicking } from "./tick-table.tsx";
import { useParts } from "./use-parts.ts";

/** What is in the bin, a part of it at a time; whatever changes begins again. */
export function useBinRows() {
  const first = useRequest("recordings.bin", {}, { keepPrevious: true });
  const runs = useRequest("runs.bin", {});
  const { data } = first;
  const parts = useParts(data, String(first.dataUpdatedAt), (after) => request("recordings.bin", { after }));
  const { rows: recordings, isWhole, isAsking, showMore } = parts;
  return {
    rows: data && runs.data && binRows(recordings, runsAmong(recordings, runs.data, isWhole)),
    count: { recordings: data?.count ?? 0, runs: runs.data?.length ?? 0 },
    runs: runs.data ?? [],
    ...{ isWhole, isAsking, showMore },
    error: first.error ?? runs.error,
    refetch: () => {
      void first.refetch();
      void runs.refetch();
    },
  };
}

export type BinRows = ReturnType<typeof useBinRows>;

async function allRecordings(): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await request("recordings.binIds", after === undefined ? {} : { after });
    ids.push(...page.ids);
    after = page.next;
  } while (after !== undefined);
  return ids;
}

export interface BinTicks {
  readonly ticking: Ticking<BinRow>;
  readonly count: number; // of what is ticked, shown or not
  /** What is ticked, or the one that is shown. */
  readonly meant: () => Promise<Meant>;
  readonly everything: () => Promise<Meant>;
  readonly untick: (ids: ReadonlySet<string>) => void;
}

/** Ticks that reach beyond the rows that are shown: all that is in the bin, but some. */
export function useBinTicks({ runs, count, isWhole }: BinRows, rows: readonly BinRow[]): BinTicks {
  const base = useTicking(rows);
  const [except, setExcept] = useState<ReadonlySet<string>>(); // of all that is in the bin; absent: rows are ticked one by one
  const all = count.recordings + count.runs;
  if (except !== undefined && all <= except.size) setExcept(undefined); // the others are gone, or unticked: nothing is ticked
  const but = async (left: ReadonlySet<string>): Promise<Meant> => ({
    recordings: (await allRecordings()).filter((id) => !left.has(id)),
    runs: runs.map(({ id }) => id).filter((id) => !left.has(id)),
    known: rows.filter(({ id }) => !left.has(id)),
  });
  const everything = (): Promise<Meant> => but(new Set());
  const untick = (ids: ReadonlySet<string>): void => base.untick(rows.filter(({ id }) => ids.has(id)));
  if (except === undefined) {
    const ticked = rows.filter(({ id }) => base.ticked.has(id)); // what is gone from here is meant no more
    const toggleAll = (): void => {
      if (isWhole) {
        base.toggleAll();
        return;
      }
      base.untick([...base.ticked.values()]); // they would be ticked again once all is unticked
      setExcept(new Set());
    };
    return {
      ticking: { ...base, toggleAll },
      count: ticked.length,
      meant: () => Promise.resolve(meantRows(ticked.length > 0 ? ticked : base.shown ? [base.shown] : [])),
      ...{ everything, untick },
    };
  }
  const toggle = ({ id }: BinRow): void =>
    setExcept((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return {
    ticking: {
      ...{ ...base, toggle, all: except.size === 0 },
      ticked: new Map(rows.filter(({ id }) => !except.has(id)).map((row) => [row.id, row])),
      toggleAll: () => setExcept(except.size === 0 ? undefined : new Set()),
    },
    count: all - except.size,
    meant: () => but(except),
    ...{ everything, untick: () => undefined }, // what is done with is in the bin no more
  };
}
