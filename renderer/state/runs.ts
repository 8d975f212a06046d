import { create } from "zustand";
import { matchChannels, type ChannelMatch } from "../../preload/contract/match-channels.ts";
import type { Capability, ModelDescription } from "../../preload/contract/model.ts";
import type { Channel, RecordingSummary } from "../../preload/contract/recording.ts";
import { isAtRest, settingsSeen } from "../../preload/contract/run.ts";
import type { RunProgress, RunReads, RunSummary } from "../../preload/contract/run.ts";
import { on, request } from "../bridge/client.ts";
import { canOf } from "./models.ts";
import type { Session } from "./session.ts";

export interface LiveRuns {
  readonly progress: Readonly<Record<string, RunProgress>>; // of runs under way, by run id
}
export const noRuns: LiveRuns = { progress: {} };

/** Nothing works on it now; a paused run can go on. */
export const isRunOver = isAtRest;

/** The newest word about a run; its entry goes when the run is over, since the run record then says more. */
export function withProgress(state: LiveRuns, progress: RunProgress): LiveRuns {
  if (isRunOver(progress.phase)) return withoutRun(state, progress.runId);
  const known = state.progress[progress.runId];
  // Messages carry the whole curve; one that arrives late must not shorten it.
  if (known && known.epoch > progress.epoch && known.phase === progress.phase) return state;
  return { progress: { ...state.progress, [progress.runId]: progress } };
}

export function withoutRun(state: LiveRuns, runId: string): LiveRuns {
  if (!(runId in state.progress)) return state;
  return { progress: Object.fromEntries(Object.entries(state.progress).filter(([id]) => id !== runId)) };
}

/** Whether its model classifies windows; else it follows whole recordings and says events or curves. */
export const saysWindows = ({ says }: Pick<RunSummary, "says">): boolean =>
  says === undefined || says === "windows";

/** The run in use: the one chosen, while it has results, else the newest that has. */
export function runInUse(runs: readonly RunSummary[], chosen: string | undefined): RunSummary | undefined {
  const done = runs.filter((run) => run.phase === "done");
  const newest = [...done].sort((a, b) =>
    (b.finishedAt ?? b.createdAt).localeCompare(a.finishedAt ?? a.createdAt),
  )[0];
  return done.find((run) => run.id === chosen) ?? newest;
}

/** Finished runs that can judge or look ahead while a recording comes in: of whole recordings those that need not what follows. */
export const liveRuns = (
  runs: readonly RunSummary[],
  models: readonly ModelDescription[] | undefined,
): readonly RunSummary[] =>
  runs.filter((run) => {
    const needsPast = run.looksAhead || settingsSeen(run.config).pastOnly;
    return run.phase === "done" && (saysWindows(run) || (needsPast && canOf(run, "live", models)));
  });

/** What the model of each run reads, by the run's id, as the library knows it. */
export type Reads = Readonly<Record<string, RunReads>>;

/** A recording's channels that a model reads. */
export const channelsRead = (
  run: Pick<RunSummary, "id">,
  { channels }: Pick<RecordingSummary, "channels">,
  reads: Reads,
): readonly ChannelMatch<Channel>[] => matchChannels(reads[run.id]?.channels ?? [], channels);

/** Whether a model has everything it reads in a recording that is long enough for one window. */
export const fits = (run: RunSummary, recording: RecordingSummary, reads: Reads): boolean =>
  run.config.data.windows.windowS <= recording.durationS && hasAll(run, recording, reads);

const hasAll = (run: RunSummary, recording: RecordingSummary, reads: Reads): boolean =>
  run.id in reads && channelsRead(run, recording, reads).every(({ channel }) => channel !== undefined);

/** Finished runs of models that can read a recording. */
export const fittingRuns = (
  runs: readonly RunSummary[],
  recording: RecordingSummary,
  reads: Reads,
): readonly RunSummary[] => runs.filter((run) => run.phase === "done" && fits(run, recording, reads));

/** Finished runs whose model can do something over time, and those of them that can do it in this recording, newest first. */
export function ableRuns(
  runs: readonly RunSummary[],
  recording: RecordingSummary | undefined,
  { models, reads }: { readonly models: readonly ModelDescription[]; readonly reads: Reads },
  can: Extract<Capability, "forecast" | "fill" | "baseline" | "events" | "trust">,
): { readonly all: readonly RunSummary[]; readonly fitting: readonly RunSummary[] } {
  const able = models.filter((model) => model.can.includes(can)).map(({ kind }) => kind);
  const isAble = ({ config, looksAhead }: RunSummary): boolean =>
    able.includes(config.model.kind) || (can === "forecast" && looksAhead);
  const all = runs
    .filter((run) => run.phase === "done" && isAble(run))
    .sort((a, b) => (b.finishedAt ?? b.createdAt).localeCompare(a.finishedAt ?? a.createdAt));
  if (recording === undefined) return { all, fitting: [] };
  const isOfKind = ({ id }: RunSummary): boolean => {
    const kinds = reads[id]?.kinds ?? [];
    return kinds.length === 0 || kinds.includes(recording.kind);
  };
  return { all, fitting: all.filter((run) => isOfKind(run) && hasAll(run, recording, reads)) };
}

/** The run in use on a page. Where a page is about the open recording, only models that can read it come into question. */
export function runOnPage(
  runs: readonly RunSummary[],
  { page, recordingId, runId }: Pick<Session, "page" | "recordingId" | "runId">,
  { open, reads }: { readonly open: RecordingSummary | undefined; readonly reads: Reads | undefined },
): RunSummary | undefined {
  if ((page !== "review" && page !== "layers") || recordingId === undefined) return runInUse(runs, runId);
  return open?.id === recordingId && reads ? runInUse(fittingRuns(runs, open, reads), runId) : undefined;
}

export const useLiveRuns = create<LiveRuns>(() => noRuns);

export function watchRuns(): () => void {
  const stops = [
    on("runs.progress", (progress) => useLiveRuns.setState((state) => withProgress(state, progress))),
    on("runs.changed", ({ id }) => {
      request("runs.get", { id }).then(
        (run) => {
          if (isRunOver(run.phase)) useLiveRuns.setState((state) => withoutRun(state, id));
        },
        () => undefined,
      );
    }),
  ];
  request("runs.progress", {}).then(
    (list) => {
      for (const one of list) useLiveRuns.setState((state) => withProgress(state, one));
    },
    () => undefined,
  );
  return () => {
    for (const stop of stops) stop();
  };
}
