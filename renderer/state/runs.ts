import { create } from "zustand";
import { matchChannels, wantedChannels, type ChannelMatch } from "../../preload/contract/match-channels.ts";
import type { Capability, ModelDescription } from "../../preload/contract/model.ts";
import type { Channel, RecordingSummary } from "../../preload/contract/recording.ts";
import { isAtRest, runReport } from "../../preload/contract/run.ts";
import type { Run, RunProgress } from "../../preload/contract/run.ts";
import { on, request } from "../bridge/client.ts";
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
export const saysWindows = (run: Pick<Run, "metrics" | "events" | "forecast">): boolean =>
  runReport(run)?.kind !== "sequences";

/** The run in use: the one chosen, while it has results, else the newest that has. */
export function runInUse(runs: readonly Run[], chosen: string | undefined): Run | undefined {
  const done = runs.filter((run) => run.phase === "done");
  const newest = [...done].sort((a, b) =>
    (b.finishedAt ?? b.createdAt).localeCompare(a.finishedAt ?? a.createdAt),
  )[0];
  return done.find((run) => run.id === chosen) ?? newest;
}

/** A recording's channels that a model reads. `recordings`: the library's, which know the roles the model was trained on. */
export function channelsRead(
  run: Run,
  { channels }: RecordingSummary,
  recordings: readonly RecordingSummary[],
): readonly ChannelMatch<Channel>[] {
  const wanted = wantedChannels(run, (id) => recordings.find((one) => one.id === id)?.channels);
  return matchChannels(wanted, channels);
}

/** Whether a model has everything it reads in a recording that is long enough for one window. */
export const fits = (
  run: Run,
  recording: RecordingSummary,
  recordings: readonly RecordingSummary[],
): boolean =>
  run.config.data.windows.windowS <= recording.durationS &&
  channelsRead(run, recording, recordings).every(({ channel }) => channel !== undefined);

/** Finished runs of models that can read a recording. */
export const fittingRuns = (
  runs: readonly Run[],
  recording: RecordingSummary,
  recordings: readonly RecordingSummary[],
): readonly Run[] => runs.filter((run) => run.phase === "done" && fits(run, recording, recordings));

/** Finished runs whose model can do something over time, and those of them that can do it in this recording, newest first. */
export function forecasters(
  runs: readonly Run[],
  recording: RecordingSummary | undefined,
  {
    models,
    recordings,
  }: { readonly models: readonly ModelDescription[]; readonly recordings: readonly RecordingSummary[] },
  can: Extract<Capability, "forecast" | "fill">,
): { readonly all: readonly Run[]; readonly fitting: readonly Run[] } {
  const able = models.filter((model) => model.can.includes(can)).map(({ kind }) => kind);
  const isAble = ({ config, forecast }: Run): boolean =>
    able.includes(config.model.kind) || (can === "forecast" && forecast !== undefined);
  const all = runs
    .filter((run) => run.phase === "done" && isAble(run))
    .sort((a, b) => (b.finishedAt ?? b.createdAt).localeCompare(a.finishedAt ?? a.createdAt));
  if (recording === undefined) return { all, fitting: [] };
  const isOfKind = ({ config }: Run): boolean => {
    const learned = recordings.filter(({ id }) => config.data.recordingIds.includes(id));
    return learned.length === 0 || learned.some(({ kind }) => kind === recording.kind);
  };
  return {
    all,
    fitting: all.filter(
      (run) =>
        isOfKind(run) &&
        channelsRead(run, recording, recordings).every(({ channel }) => channel !== undefined),
    ),
  };
}

/** The run in use on a page. Where a page is about the open recording, only models that can read it come into question. */
export function runOnPage(
  runs: readonly Run[],
  { page, recordingId, runId }: Pick<Session, "page" | "recordingId" | "runId">,
  recordings: readonly RecordingSummary[] | undefined,
): Run | undefined {
  if ((page !== "review" && page !== "layers") || recordingId === undefined) return runInUse(runs, runId);
  const open = recordings?.find((one) => one.id === recordingId);
  return open && recordings ? runInUse(fittingRuns(runs, open, recordings), runId) : undefined;
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
