import type { Handlers } from "../../preload/contract/channels.ts";
import { reportOf } from "../../preload/contract/errors.ts";
import type { Outline, RecordingView, Selection } from "../../preload/contract/listing.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { ServiceEvents } from "./events.ts";

/** Recordings that one transaction puts in the bin or brings back: the thread is free again soon. */
const TOGETHER = 50;
/** Recordings of a selection that are named. */
const NAMED = 13;

type ListRequest =
  `recordings.${"page" | "outline" | "counts" | "some" | "names" | "selected" | "ids" | "roster" | "removeAll" | "restoreAll"}`;

/** The list of recordings, and what is done to several at once: in steps, between which the library answers others. */
export function listHandlers(library: AsyncLibrary, events: ServiceEvents): Pick<Handlers, ListRequest> {
  const changed = (ids: readonly string[]): void => {
    if (ids.length > 0) events.emit("recordings.changed", { ids: [...ids] });
  };
  return {
    "recordings.page": (request) => library.listPage(request),
    "recordings.outline": ({ view, find }) => outlineOf(library, view, find),
    "recordings.counts": () => library.libraryCounts(),
    "recordings.some": ({ ids }) => library.someRecordings(ids),
    "recordings.names": ({ ids }) => library.namesOf(ids),
    "recordings.selected": async ({ selection, filter }) => {
      let [count, shown, after] = [0, 0, 0];
      for (let next: number | undefined = 0; next !== undefined; after = next ?? 0) {
        const step = await library.selectionStep(selection, { after, filter });
        count += step.count;
        shown += step.shown;
        next = step.next;
      }
      return { count, shown, first: await library.firstOf(selection, NAMED) };
    },
    "recordings.ids": async ({ selection, after, limit }) => {
      const { ids, next } = await library.selectionStep(selection, { after, limit });
      return { ids: [...ids], ...(next === undefined ? {} : { next }) };
    },
    "recordings.roster": ({ after }) => library.roster(after),
    "recordings.removeAll": async ({ selection }) => {
      const at = new Date().toISOString();
      let count = 0;
      try {
        for await (const ids of partsOf(library, selection)) {
          await library.binRecordings(ids, at);
          changed(ids);
          count += ids.length;
        }
      } catch (error) {
        if (count === 0) throw error;
        return { count, at, failure: reportOf(error) }; // those that went can be brought back
      }
      return { count, at };
    },
    "recordings.restoreAll": async ({ at }) => {
      let count = 0;
      for (;;) {
        const ids = await library.restoreBinned(at, TOGETHER);
        if (ids.length === 0) return { count };
        changed(ids);
        count += ids.length;
      }
    },
  };
}

async function outlineOf(
  library: AsyncLibrary,
  view: RecordingView,
  find: string | undefined,
): Promise<Outline> {
  const marks: string[] = [];
  let [shown, newest] = [0, 0];
  let at: number | undefined;
  let after: string | undefined;
  do {
    const step = await library.outlineStep(view, { after, before: shown, find });
    if (shown === 0) newest = step.newest; // what comes while this is counted is newer
    marks.push(...step.marks);
    shown += step.shown;
    at ??= step.at;
    after = step.next;
  } while (after !== undefined);
  return { shown, marks, newest, ...(at === undefined ? {} : { at }) };
}

/** Ids of a selection, a bounded part at a time. */
export async function* partsOf(
  library: Pick<AsyncLibrary, "selectionStep">,
  selection: Selection,
  limit = TOGETHER,
): AsyncGenerator<readonly string[]> {
  let after: number | undefined = 0;
  while (after !== undefined) {
    const { ids, next }: { ids: readonly string[]; next: number | undefined } = await library.selectionStep(
      selection,
      { after, limit },
    );
    yield ids;
    after = next;
  }
}

/** Ids of a selection, all of them: for a job that is told whom it is about. */
export async function idsOf(
  library: Pick<AsyncLibrary, "selectionStep">,
  selection: Selection,
): Promise<string[]> {
  const ids: string[] = [];
  for await (const part of partsOf(library, selection)) ids.push(...part);
  return ids;
}
