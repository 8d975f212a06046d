import { Worker } from "node:worker_threads";
import {
  AppError,
  errorFrom,
  settle,
  type ErrorReport,
  type Outcome,
} from "../../../preload/contract/errors.ts";
import type { EngineFacts, Run, RunProgress } from "../../../preload/contract/run.ts";
import type { FeatureTable } from "../../models/fronts/front.ts";
import type { Dataset } from "../data/dataset.ts";
import { keepQuiet } from "../../compute/onnx/quiet.ts";
import { defaultThreads } from "../../compute/threads.ts";
import type { FittedSplit, SplitTools } from "./fit.ts";
import type { VariedReader, VariedRequest } from "../data/variation.ts";

export interface LaneShare {
  readonly lanes: number; // folds side by side
  readonly threads: number; // of the engine, in each
}

/** Splits fitted in threads of their own. */
export interface FitElsewhere {
  /** The machine shared out among so many folds. */
  share(engine: EngineFacts, folds: number): LaneShare;
  fitSplit(run: Run, dataset: Dataset, tools: SplitTools): Promise<FittedSplit>;
}

/** What a thread is given. The inputs are shared memory: no thread has a copy. */
export interface FitOrder {
  readonly run: Run; // its engine is chosen already
  readonly dataset: Omit<Dataset, "front"> & { readonly front: string };
  readonly isTested: boolean;
  readonly resume: Uint8Array | undefined;
}

export type ToFit =
  | { readonly kind: "cancel" }
  | { readonly kind: "handled"; readonly checkpoint: number }
  | { readonly kind: "varied"; readonly id: number; readonly outcome: Outcome<FeatureTable> };

export type FromFit =
  | {
      readonly kind: "progress";
      readonly phase: RunProgress["phase"];
      readonly done: number;
      readonly more: Partial<RunProgress> | undefined;
    }
  | {
      readonly kind: "checkpoint";
      readonly checkpoint: number;
      readonly run: Run;
      readonly bytes: Uint8Array;
    }
  /** A thread has no library: whoever started it reads for it. */
  | { readonly kind: "varied"; readonly id: number; readonly request: VariedRequest }
  | { readonly kind: "fitted"; readonly fitted: FittedSplit }
  | { readonly kind: "failed"; readonly error: ErrorReport };

/**
 * As many folds side by side as leave one core for the interface, each on its share of the cores. ONNX Runtime only,
 * which may be loaded by several threads of a process; others fit one after the other.
 */
function shareCores({ name }: EngineFacts, folds: number): LaneShare {
  if (!name.startsWith("onnxruntime cpu")) return { lanes: 1, threads: 1 };
  const lanes = Math.min(folds, defaultThreads());
  return { lanes, threads: Math.floor(defaultThreads() / lanes) };
}

/** Threads that run `file`, which must call `serveFit` when it is not the process's main thread. */
export function fitThreads(file: URL, share: FitElsewhere["share"] = shareCores): FitElsewhere {
  return {
    share,
    fitSplit: (run, dataset, tools) => {
      const order: FitOrder = {
        run,
        dataset: { ...dataset, front: dataset.front.name },
        isTested: tools.isTested,
        resume: tools.resume,
      };
      keepQuiet();
      return fitted(new Worker(file, { workerData: order }), tools);
    },
  };
}

/** For a cancelled thread to end by itself: one step, usually. */
const PATIENCE_MS = 1000;

async function fitted(worker: Worker, tools: SplitTools): Promise<FittedSplit> {
  const send = (message: ToFit, arrays: readonly ArrayBufferView[] = []): void =>
    worker.postMessage(
      message,
      arrays.map(({ buffer }) => buffer as ArrayBuffer),
    );
  let reader: VariedReader | undefined;
  const vary = async (id: number, request: VariedRequest): Promise<void> => {
    const open = (reader ??= tools.openVaried(tools.signal));
    const outcome = await settle(() => open.read(request));
    send({ kind: "varied", id, outcome }, outcome.ok ? [outcome.value.x, outcome.value.observed] : []);
  };
  let [late, ended] = [(): void => undefined, false];
  const cancel = (): void => {
    send({ kind: "cancel" });
    setTimeout(() => ended || late(), PATIENCE_MS).unref();
  };
  tools.signal.addEventListener("abort", cancel);
  if (tools.signal.aborted) cancel();
  try {
    return await new Promise<FittedSplit>((resolve, reject) => {
      late = () => reject(new AppError("cancelled/by-user", "Cancelled"));
      worker.on("error", reject);
      worker.on("exit", (code) =>
        reject(
          new AppError("model/trainer-died", `A training thread ended unexpectedly (exit code ${code})`),
        ),
      );
      worker.on("message", (message: FromFit) => {
        switch (message.kind) {
          case "progress":
            tools.report(message.phase, message.done, message.more);
            return;
          case "checkpoint":
            tools
              .onCheckpoint(message.run, message.bytes)
              .then(() => send({ kind: "handled", checkpoint: message.checkpoint }), reject);
            return;
          case "varied":
            vary(message.id, message.request).catch(reject);
            return;
          case "fitted":
            resolve(message.fitted);
            return;
          case "failed":
            reject(errorFrom(message.error));
        }
      });
    });
  } finally {
    ended = true;
    tools.signal.removeEventListener("abort", cancel);
    await worker.terminate();
    await reader?.close();
  }
}
