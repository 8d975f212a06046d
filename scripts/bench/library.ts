import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { join } from "node:path";
import { estimateOf } from "../../main/training/data/estimate.ts";
import { listHandlers } from "../../main/service/recordings.ts";
import { ServiceEvents } from "../../main/service/events.ts";
import { spawnLibrary } from "../../main/storage/client.ts";
import type { AsyncLibrary } from "../../main/storage/api.ts";
import {
  RecordingFilter,
  RecordingView,
  type Roster,
  type Selection,
} from "../../preload/contract/listing.ts";
import { DataSelection } from "../../preload/contract/run.ts";
import { ensureLibrary } from "./library-made.ts";
import type { Row } from "./storage.ts";

const RECORDINGS = 100_000;
const ROUNDS = 7;
const GOAL_MS = 200;
const STILL_MS = 50;
const folder = join(tmpdir(), "kodo-bench-list");
/** Made once, which takes minutes, and kept for the next time. */
const madeLibrary = join(folder, "100k.kodo");

/**
 * The list of a library of 100,000 recordings as the window asks for it: the first page, one far down, every order, a
 * search, what is chosen; beside all of it in one answer. Says how long one call kept the storage thread at most.
 */
export async function benchLibrary(): Promise<Row[]> {
  mkdirSync(folder, { recursive: true });
  console.error(`the library of ${RECORDINGS} recordings lies at ${madeLibrary}, kept for the next time`);
  ensureLibrary(madeLibrary, RECORDINGS);
  const spawned = spawnLibrary(madeLibrary, new URL("storage-worker.js", import.meta.url));
  try {
    return await measure(spawned.library);
  } finally {
    await spawned.close();
  }
}

async function measure(library: AsyncLibrary): Promise<Row[]> {
  let [worst, worstCall] = [0, ""];
  /** The library's calls, each timed: they are carried out one at a time, and here one is asked at a time. */
  const watched = new Proxy(library, {
    get: (target, name: keyof AsyncLibrary) => {
      const call = target[name] as (...args: readonly unknown[]) => Promise<unknown>;
      return async (...args: readonly unknown[]) => {
        const began = performance.now();
        const answer = await call(...args);
        const ms = performance.now() - began;
        if (ms > worst) [worst, worstCall] = [ms, name];
        return answer;
      };
    },
  });
  const asked = listHandlers(watched, new ServiceEvents());
  const view = (change: Partial<RecordingView> = {}) =>
    RecordingView.parse({ sort: { by: "name", isDescending: false }, ...change });
  const page = (shown: RecordingView, after?: string) =>
    asked["recordings.page"]({ view: shown, limit: 100, ...(after === undefined ? {} : { after }) });
  const { marks, newest } = await asked["recordings.outline"]({ view: view() });
  const byGaps = view({ sort: { by: "missing", isDescending: true } });
  const { marks: ends } = await asked["recordings.outline"]({ view: byGaps });
  const chosen: Selection = {
    ...{ kind: "filtered", filter: RecordingFilter.parse({ kind: "ctg", filter: "labelled" }), newest },
    ...{ except: [], also: [] },
  };
  let round = 0;
  const searched = (query: string) => async () => {
    const shown = view({ query: `${query} ${"0123456789"[round++ % 10] ?? ""}` }); // another one every time
    await Promise.all([page(shown), asked["recordings.outline"]({ view: shown })]);
  };
  const all = await timed(() => library.listRecordings(), 1);
  worst = 0;
  const rows: Row[] = [];
  const row = async (name: string, work: () => unknown): Promise<void> => {
    const value = await timed(work, ROUNDS);
    rows.push({
      name: `library of 100,000: ${name}`,
      value,
      unit: "ms",
      peer: "all of the list in one answer",
      peerValue: all,
      ratio: all / value,
    });
  };
  await row("first page", () => page(view()));
  await row("a page in the middle", () => page(view(), marks[500]));
  await row("a page among equals, by missing share", () => page(byGaps, ends[880]));
  await row("how long it is, and where pages begin", () => asked["recordings.outline"]({ view: view() }));
  await row("first page and length, filtered", () =>
    Promise.all([
      page(view({ filter: "gaps" })),
      asked["recordings.outline"]({ view: view({ filter: "gaps" }) }),
    ]),
  );
  await row("search, a word in many", searched("ctg"));
  await row("search, three words in few", searched("study 3 p-4711"));
  await row("search, Japanese", searched("周産期"));
  await row("counts of recordings, people, hours", () => asked["recordings.counts"]({}));
  await row("what 25,000 chosen by a filter hold", () =>
    asked["recordings.selected"]({ selection: chosen, filter: RecordingFilter.parse({}) }),
  );
  await row("everybody to train on, a part at a time", async () => {
    let after: number | undefined = 0;
    while (after !== undefined) after = (await asked["recordings.roster"]({ after })).next;
  });
  const still = await measureTraining({ watched, row });
  rows.push({
    ...{ name: "library of 100,000: longest that main stood still meanwhile", value: still, unit: "ms" },
    ...{ peer: "goal", peerValue: STILL_MS, ratio: STILL_MS / still },
  });
  rows.push({
    ...{
      name: `library of 100,000: longest call of the storage thread (${worstCall})`,
      value: worst,
      unit: "ms",
    },
    ...{ peer: "goal of all but the last", peerValue: GOAL_MS, ratio: GOAL_MS / worst },
  });
  return rows;
}

interface Measuring {
  readonly watched: AsyncLibrary;
  readonly row: (name: string, work: () => unknown) => Promise<void>;
}

/** What a training of everybody comes to, about, as the training page asks; and how long main's own loop stood still. */
async function measureTraining({ watched, row }: Measuring): Promise<number> {
  const ids: Record<"ctg" | "emg", string[]> = { ctg: [], emg: [] };
  let after: number | undefined = 0;
  while (after !== undefined) {
    const part: Roster = await watched.roster(after);
    for (const { id, kind } of part.rows) if (kind !== "other") ids[kind].push(id);
    after = part.next;
  }
  const asking = (kind: "ctg" | "emg", labelSet: string, label: string, channel: string) => (): unknown => {
    const windows = { windowS: 10, strideS: 5 };
    const data = { recordingIds: ids[kind], labelSet, labels: [label], channels: [channel], windows };
    return estimateOf(watched, DataSelection.parse(data));
  };
  await row(
    `about what ${ids.ctg.length} recordings come to for a training`,
    asking("ctg", "ctg-events", "deceleration", "FHR"),
  );
  await row(
    `about what ${ids.emg.length} recordings of 8 channels come to`,
    asking("emg", "emg-gestures", "wrist-flexion", "EMG 1"),
  );
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  await asking("ctg", "ctg-events", "deceleration", "FHR")();
  loop.disable();
  return loop.max / 1e6;
}

/** Median milliseconds. */
async function timed(work: () => unknown, rounds: number): Promise<number> {
  const ms: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work();
    ms.push(performance.now() - began);
  }
  return ms.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}
