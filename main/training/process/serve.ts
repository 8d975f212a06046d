import { AppError, reportOf, settle } from "../../../preload/contract/errors.ts";
import type { Run, RunProgress } from "../../../preload/contract/run.ts";
import type { Library } from "../../storage/api.ts";
import type { Chosen, RuntimeFor } from "../../compute/choose.ts";
import type { FromTrainer, RequestName, ToTrainer, TrainerAnswers, TrainerRequest } from "./messages.ts";
import type { Tools, Trained, TrainingWork } from "../work.ts";

/** The other end, whichever way the process was started. */
export interface Port {
  send(message: FromTrainer): void;
  onMessage(listener: (message: ToTrainer) => void): void;
  close(): void;
}

export interface ServeOptions {
  readonly port: Port;
  readonly work: TrainingWork;
  readonly openLibrary: (path: string) => Library & { close(): void };
  readonly chooseRuntime: RuntimeFor;
  readonly now?: () => number; // milliseconds
}

const PROGRESS_EVERY_MS = 250;

/** All but the test of an engine read the library. */
type LibraryRequest = Exclude<TrainerRequest, { readonly name: "test-engine" }>;

/** Answers main's requests, each as it comes; what it computes on shares one opened engine. */
export function serve({
  port,
  work,
  openLibrary,
  chooseRuntime,
  now = () => performance.now(),
}: ServeOptions): void {
  let library: (Library & { close(): void }) | undefined;
  const underway = new Map<number, AbortController>();
  const engines = sharedEngines(chooseRuntime);
  const savings = checkpointSavings(port);

  const answer = async (request: LibraryRequest, tools: Tools): Promise<TrainerAnswers[RequestName]> => {
    const { library } = tools;
    const trained = (runId: string): Trained => trainedRun(library, runId);
    switch (request.name) {
      case "models":
        return work.listModels();
      case "preview":
        return work.previewRun(request.config, library, tools.signal);
      case "train": {
        const resume = request.resume ? library.loadModel(request.run.id, "checkpoint") : undefined;
        return work.fitRun(request.run, {
          ...tools,
          resume,
          onProgress: thinned(port, now),
          onCheckpoint: savings.save,
        });
      }
      case "predict":
        return work.predictRecording({ ...request, ...trained(request.runId) }, tools);
      case "layers":
        return work.explainWindow({ ...request, ...trained(request.runId) }, tools);
      case "export-model":
        return work.exportModel(trained(request.runId), tools);
      case "import-model":
        return work.importModel({ ...request, now: new Date().toISOString() });
      case "rank":
        return work.rankWindows({ ...request, ...trained(request.runId) }, tools);
    }
  };

  port.onMessage((message) => {
    switch (message.kind) {
      case "open":
        try {
          library = openLibrary(message.libraryPath);
          port.send({ kind: "ready" });
        } catch (error) {
          port.send({ kind: "refused", error: reportOf(error) });
        }
        return;
      case "request": {
        const stop = new AbortController();
        underway.set(message.id, stop);
        const own = engines.forRequest();
        const { request } = message;
        const answered = async (): Promise<TrainerAnswers[RequestName]> => {
          if (request.name === "test-engine") return work.testEngine(request.engine);
          if (library === undefined)
            throw new AppError("contract/bad-params", "The trainer has no library yet");
          return answer(request, { library, runtimeFor: own.runtimeFor, signal: stop.signal });
        };
        void settle(answered).then(async (outcome) => {
          underway.delete(message.id);
          await own.dispose();
          port.send({ kind: "answer", id: message.id, outcome });
        });
        return;
      }
      case "cancel":
        underway.get(message.id)?.abort();
        port.send({ kind: "heard", id: message.id });
        return;
      case "handled":
        savings.handled(message.checkpoint);
        return;
      case "close":
        for (const stop of underway.values()) stop.abort();
        void engines.dispose().finally(() => {
          library?.close();
          port.close();
        });
    }
  });
}

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
      return own.at(-1)!;
    };
    return { runtimeFor, dispose: () => close(own) };
  };
  return { forRequest, dispose: () => close(shared.values()) };
}

/** At most four a second, and every change of phase. */
function thinned(port: Port, now: () => number): (progress: RunProgress) => void {
  let [sent, phase] = [-Infinity, ""];
  return (progress) => {
    if (progress.phase === phase && now() - sent < PROGRESS_EVERY_MS) return;
    [sent, phase] = [now(), progress.phase];
    port.send({ kind: "progress", progress });
  };
}

/** A checkpoint counts when main has written it: only then does the fit go on. */
function checkpointSavings(port: Port): {
  save: (run: Run, bytes: Uint8Array) => Promise<void>;
  handled: (checkpoint: number) => void;
} {
  const waiting = new Map<number, () => void>();
  let last = 0;
  return {
    save: (run, bytes) =>
      new Promise((resolve) => {
        const checkpoint = ++last;
        waiting.set(checkpoint, resolve);
        port.send({ kind: "checkpoint", checkpoint, run, bytes });
      }),
    handled: (checkpoint) => {
      waiting.get(checkpoint)?.();
      waiting.delete(checkpoint);
    },
  };
}
