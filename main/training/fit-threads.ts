import { Worker } from "node:worker_threads";
import { AppError, errorFrom, type ErrorReport } from "../../preload/contract/errors.ts";
import type { EngineFacts, Run, RunProgress } from "../../preload/contract/run.ts";
import type { Dataset } from "./dataset.ts";
import { defaultThreads } from "./engine/threads.ts";
import type { FittedSplit, SplitTools } from "./fit.ts";

/** Splits fitted in threads of their own. */
export interface FitElsewhere {
  /** How many side by side. */
  lanes(engine: EngineFacts): number;
  fitSplit(run: Run, dataset: Dataset, tools: SplitTools): Promise<FittedSplit>;
}

/** What a thread is given. The inputs are shared memory: no thread has a copy. */
export interface FitOrder {
  readonly run: Run; // its engine is chosen already
  readonly dataset: Omit<Dataset, "front"> & { readonly front: string };
  readonly isTested: boolean;
  readonly resume: Uint8Array | undefined;
}

export type ToFit = { readonly kind: "cancel" } | { readonly kind: "handled"; readonly checkpoint: number };

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
  | { readonly kind: "fitted"; readonly fitted: FittedSplit }
  | { readonly kind: "failed"; readonly error: ErrorReport };

/**
 * Side by side where one fit does not use the cores by itself: as many as leave one for the interface. ONNX Runtime
 * only, which may be loaded by several threads of a process; others fit one after the other.
 */
const freeLanes = ({ name, threads }: EngineFacts): number =>
  name.startsWith("onnxruntime") ? Math.max(1, Math.floor(defaultThreads() / threads)) : 1;

/** Threads that run `file`, which must call `serveFit` when it is not the process's main thread. */
export function fitThreads(file: URL, lanes: FitElsewhere["lanes"] = freeLanes): FitElsewhere {
  return {
    lanes,
    fitSplit: (run, dataset, tools) => {
      const order: FitOrder = {
        run,
        dataset: { ...dataset, front: dataset.front.name },
        isTested: tools.isTested,
        resume: tools.resume,
      };
      return fitted(new Worker(file, { workerData: order }), tools);
    },
  };
}

async function fitted(worker: Worker, tools: SplitTools): Promise<FittedSplit> {
  const send = (message: ToFit): void => worker.postMessage(message);
  const cancel = (): void => send({ kind: "cancel" });
  tools.signal.addEventListener("abort", cancel);
  if (tools.signal.aborted) cancel();
  try {
    return await new Promise<FittedSplit>((resolve, reject) => {
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
          case "fitted":
            resolve(message.fitted);
            return;
          case "failed":
            reject(errorFrom(message.error));
        }
      });
    });
  } finally {
    tools.signal.removeEventListener("abort", cancel);
    await worker.terminate();
  }
}
