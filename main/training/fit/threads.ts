import { Worker } from "node:worker_threads";
import { AppError } from "../../../preload/contract/errors.ts";
import type { EngineFacts, Run } from "../../../preload/contract/run.ts";
import { connect } from "../../calls/connect.ts";
import { threadLine } from "../../calls/lines.ts";
import { memoryOf } from "../../calls/transfer.ts";
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
interface FitOrder {
  readonly run: Run; // its engine is chosen already
  readonly dataset: Omit<Dataset, "front"> & { readonly front: string };
  readonly isTested: boolean;
  readonly resume: Uint8Array | undefined;
}

/** What a thread that fits answers. It has no library: whoever started it saves and reads for it. */
export interface FitCalls {
  fit: {
    ask: FitOrder;
    answer: FittedSplit;
    back: {
      progress: { ask: Parameters<SplitTools["report"]>; answer: undefined };
      checkpoint: { ask: { readonly run: Run; readonly bytes: Uint8Array }; answer: undefined };
      varied: { ask: VariedRequest; answer: FeatureTable };
    };
  };
}

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
      return fitted(new Worker(file), order, tools);
    },
  };
}

/** For a cancelled thread to end by itself: one step, usually. */
const PATIENCE = { hearMs: 1000, tidyMs: 1000 } as const;

async function fitted(worker: Worker, order: FitOrder, tools: SplitTools): Promise<FittedSplit> {
  let reader: VariedReader | undefined;
  const thread = connect<FitCalls>(threadLine(worker), {
    patience: PATIENCE,
    end: () => worker.terminate(),
    lost: (_, cause) => {
      const why = cause instanceof Error ? cause.message : "without a reason";
      return new AppError("model/trainer-died", `A training thread ended unexpectedly (${why})`, {}, cause);
    },
    handOver: (value, name) => (name === "varied" ? memoryOf(value) : []),
  });
  try {
    return await thread.call("fit", order, {
      signal: tools.signal,
      back: {
        progress: (progress) => tools.report(...progress),
        checkpoint: ({ run, bytes }) => tools.onCheckpoint(run, bytes),
        varied: (request) => (reader ??= tools.openVaried(tools.signal)).read(request),
      },
    });
  } finally {
    await worker.terminate();
    await reader?.close();
  }
}
