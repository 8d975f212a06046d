import type * as onnxruntime from "onnxruntime-node";
import type { InferenceSession } from "onnxruntime-node";
import { AppError } from "../../../preload/contract/errors.ts";
import { keepQuiet } from "./quiet.ts";

export type Ort = typeof onnxruntime;

export async function loadOrt(): Promise<Ort> {
  keepQuiet();
  try {
    const loaded = (await import("onnxruntime-node")) as Ort & { readonly default?: Ort };
    return loaded.default ?? loaded;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      "model/engine-missing",
      `ONNX Runtime did not load on ${process.platform} ${process.arch}: ${reason}`,
      {
        platform: process.platform,
        architecture: process.arch,
      },
      error,
    );
  }
}

/**
 * Options of every session on the processor. Numbers too small for a full mantissa (below 1e-38) count as zero: in
 * gradients that fade through time, and in Adam's second moments, they are common, change nothing in a result, and slow
 * the processor down (an LSTM after 100 steps: 35 ms a step in place of 28). ONNX Runtime sets this for the
 * thread that makes a process's first session, JavaScript in it included, so all of them ask for it. On Linux threads that
 * this one starts later inherit it; elsewhere they may not, and differ in numbers that small.
 */
export const onProcessor = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  logSeverityLevel: 3,
  extra: { session: { set_denormal_as_zero: "1" } },
});
