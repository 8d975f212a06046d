import { AppError } from "../../../preload/contract/errors.ts";
import { packed, type RunProgress } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { Line } from "../../calls/line.ts";
import { serve } from "../../calls/serve.ts";
import type { Library } from "../../storage/api.ts";
import type { Chosen, RuntimeFor } from "../../compute/choose.ts";
import { giveWay } from "./give-way.ts";
import type { TrainerCalls } from "./messages.ts";
import type { LiveStream, Tools, Trained, TrainingWork } from "../work.ts";

/** The line to main, whichever way the process was started. */
export interface MainLine extends Line {
  /** Ends the process. */
  close(): void;
}

export interface ServeOptions {
  readonly line: MainLine;
  readonly work: TrainingWork;
  readonly openLibrary: (path: string) => Library & { close(): void };
  readonly chooseRuntime: RuntimeFor;
  readonly now?: () => number; // milliseconds
}

const PROGRESS_EVERY_MS = 250;

/** Answers main's requests, each as it comes; what it computes on shares one opened engine. */
export function serveTrainer({
  line,
  work,
  openLibrary,
  chooseRuntime,
  now = () => performance.now(),
}: ServeOptions): void {
  let path: string | undefined;
  let opened: (Library & { close(): void }) | undefined;
  const closing = new AbortController();
  const engines = sharedEngines(chooseRuntime);
  let live: LiveStream | undefined;

  const library = (): Library => {
    if (path === undefined) throw new AppError("contract/bad-params", "The trainer has no library yet");
    return (opened ??= openLibrary(path));
  };
  const using = async <T>(wanted: AbortSignal, answer: (tools: Tools) => T | Promise<T>): Promise<T> => {
    const own = engines.forRequest();
    const signal = AbortSignal.any([wanted, closing.signal]);
    try {
      return await answer({ library: library(), runtimeFor: own.runtimeFor, signal });
    } finally {
      await own.dispose();
    }
  };
  /** The same for a run that has been trained. */
  const usingRun = <T>(
    runId: string,
    wanted: AbortSignal,
    answer: (trained: Trained, tools: Tools) => T | Promise<T>,
  ): Promise<T> => using(wanted, (tools) => answer(trainedRun(tools.library, runId), tools));

  serve<TrainerCalls>(line, {
    open: ({ libraryPath, givesWay }) => {
      path = libraryPath;
      if (givesWay) giveWay();
    },
    close: () => {
      closing.abort();
      const closed = work.forecasting.close().finally(() => engines.dispose());
      void closed.finally(() => {
        opened?.close();
        line.close();
      });
    },
    models: () => work.listModels(),
    preview: (config, { signal, tell }) =>
      using(signal, async (tools) =>
        packed(
          await work.previewRun(config, tools.library, {
            signal: tools.signal,
            onCounted: atMostFour((counted) => tell("counted", counted), now),
          }),
        ),
      ),
    fold: ({ run, index, whole, resume }, { signal, tell, ask }) =>
      using(signal, async (tools) => {
        await work.forecasting.close();
        return work.fitFold(
          run,
          { index, whole },
          {
            ...{ ...tools, resume },
            onProgress: thinned((progress) => tell("progress", progress), now),
            onCheckpoint: (at, bytes) => ask("checkpoint", { run: at, bytes }),
          },
        );
      }),
    train: ({ run, resume, fits }, { signal, tell, ask }) =>
      using(signal, async (tools) => {
        await work.forecasting.close(); // training has its memory
        const saved = resume ? tools.library.loadModel(run.id, "checkpoint") : undefined;
        return work.fitRun(run, {
          ...tools,
          resume: fits === undefined ? saved : work.pooledFrom(fits),
          onProgress: thinned((progress) => tell("progress", progress), now),
          onCheckpoint: (at, bytes) => ask("checkpoint", { run: at, bytes }),
        });
      }),
    predict: (request, { signal }) =>
      usingRun(request.runId, signal, (trained, tools) =>
        work.predictRecording({ ...request, ...trained }, tools),
      ),
    find: ({ runId, recordingId }, { signal }) =>
      usingRun(runId, signal, (trained, tools) => work.findInRecording({ recordingId, ...trained }, tools)),
    fill: ({ runId, recordingId }, { signal }) =>
      usingRun(runId, signal, (trained, tools) => work.fillRecording({ recordingId, ...trained }, tools)),
    forecast: (request, { signal }) =>
      using(signal, (tools) =>
        work.forecasting.at(request, tools, () => trainedRun(tools.library, request.runId)),
      ),
    layers: (request, { signal }) =>
      usingRun(request.runId, signal, (trained, tools) =>
        work.explainWindow({ ...request, ...trained }, tools),
      ),
    rank: ({ runId, recordingIds, limit }, { signal }) =>
      usingRun(runId, signal, (trained, tools) =>
        work.rankWindows({ recordingIds, limit, ...trained }, tools),
      ),
    pictures: ({ runId }, { signal }) => usingRun(runId, signal, (trained) => work.picturesOfRun(trained)),
    compare: ({ runIds }, { signal }) =>
      using(signal, (tools) => work.compareRuns(runIds.map((id) => tools.library.getRun(id)))),
    sweep: ({ configurations }, { signal }) =>
      using(signal, (tools) => work.judgeSweep(configurations, (id) => tools.library.getRun(id))),
    live: (order, { signal, tell }) =>
      usingRun(order.runId, signal, async (trained, tools) => {
        if (live !== undefined) throw new AppError("model/busy", "A recording is being judged already");
        const stream = await work.openLive({ ...order, ...trained }, tools, (some) => tell("judged", some));
        live = stream;
        tell("ready", undefined);
        try {
          await Promise.race([aborted(tools.signal), stream.failed]);
          await stream.settled();
        } finally {
          live = undefined;
          await stream.dispose();
        }
      }),
    hear: (heard) => live?.hear(heard),
    exportModel: ({ runId }, { signal }) =>
      usingRun(runId, signal, (trained, tools) => work.exportModel(trained, tools)),
    importModel: (request) => work.importModel({ ...request, now: new Date().toISOString() }),
    testEngine: ({ engine }) => work.testEngine(engine),
  });
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

function trainedRun(library: Library, runId: string): Trained {
  const run = library.getRun(runId);
  const model = library.loadModel(runId, "model");
  if (model !== undefined) return { run, model };
  throw new AppError("model/not-trained", `${run.config.name} has no trained model yet`, {
    runId,
    phase: run.phase,
  });
}

interface Engines {
  readonly runtimeFor: RuntimeFor;
  dispose(): Promise<void>;
}

/**
 * An engine opened for a prediction stays open and is shared by all. One that was tested and timed for a model belongs
 * to the request that asked, and is closed with it.
 */
function sharedEngines(choose: RuntimeFor): { forRequest: () => Engines; dispose: () => Promise<void> } {
  const shared = new Map<string, Promise<Chosen>>();
  const close = async (engines: Iterable<Promise<Chosen>>): Promise<void> => {
    for (const engine of engines)
      await engine.then(({ runtime }) => runtime.dispose()).catch(() => undefined); // it never opened
  };
  const open: RuntimeFor = (preference) => {
    const known = shared.get(preference);
    if (known !== undefined) return known;
    const chosen = choose(preference);
    shared.set(preference, chosen);
    chosen.catch(() => shared.delete(preference)); // the next request tries again
    return chosen;
  };
  const forRequest = (): Engines => {
    const own: Promise<Chosen>[] = [];
    const runtimeFor: RuntimeFor = (preference, probe, options) => {
      if (probe === undefined) return open(preference);
      own.push(choose(preference, probe, options));
      return sure(own.at(-1));
    };
    return { runtimeFor, dispose: () => close(own) };
  };
  return { forRequest, dispose: () => close(shared.values()) };
}

function atMostFour<T>(tell: (one: T) => void, now: () => number): (one: T) => void {
  let sent = now();
  return (one) => {
    if (now() - sent < PROGRESS_EVERY_MS) return;
    sent = now();
    tell(one);
  };
}

/** At most four a second, and every change of phase. */
function thinned(tell: (progress: RunProgress) => void, now: () => number): (progress: RunProgress) => void {
  let [sent, phase] = [-Infinity, ""];
  return (progress) => {
    if (progress.phase === phase && now() - sent < PROGRESS_EVERY_MS) return;
    [sent, phase] = [now(), progress.phase];
    tell(progress);
  };
}
