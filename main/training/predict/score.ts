import { clone, type Tensor, type Tensor2D } from "@tensorflow/tfjs-core";
import { inOrder, namedMembers, type NamedArrays, specsOf } from "../../compute/parameters.ts";
import type { TensorSpec } from "../../compute/tensors.ts";
import type { Estimator } from "../../models/estimator.ts";
import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { Predict, Runtime } from "../../compute/runtime.ts";

/** What every member says of a list of windows. */
export interface Scores {
  readonly logits: readonly Float32Array[]; // a member, [n x k]
  readonly logDensity: readonly Float32Array[]; // a member, [n]
}

export interface Scorer {
  write(members: readonly NamedArrays[]): Promise<void>;
  /** x standardised, observed: [n x width] */
  score(x: Float32Array, observed: Uint8Array, signal?: AbortSignal): Promise<Scores>;
  dispose(): Promise<void>;
}

/** Rows of one call unless told: the last one is filled up. */
const ROWS = 512;

export interface ScorerShape {
  readonly members: number;
  readonly width: number;
  readonly classes: number;
  readonly rows?: number | undefined; // of one call
}

/** Compiles the forward pass of all members of an ensemble as one graph. */
export async function createScorer(
  runtime: Runtime,
  estimator: Estimator<unknown>,
  { members, width, classes, rows: most = ROWS }: ScorerShape,
): Promise<Scorer> {
  const shapes = estimator.parameters;
  const all: TensorSpec[] = Array.from({ length: members }, () => specsOf(shapes)).flat();
  const feed: TensorSpec = { shape: [most, width], dtype: "float32" };
  const predict: Predict = (params, [x, observed]) =>
    namedMembers(shapes, params, members).flatMap((own) => {
      const { logits, logDensity } = estimator.forward(own, x as Tensor2D, observed as Tensor2D);
      return [clone(logits as Tensor), clone(logDensity as Tensor)];
    });
  const compiled = await runtime.compilePredict(predict, all, [feed, feed]);
  return {
    write: (parameters) => compiled.write(parameters.flatMap((own) => inOrder(shapes, own))),
    async score(x, observed, signal) {
      const count = x.length / width;
      const logits = Array.from({ length: members }, () => new Float32Array(count * classes));
      const logDensity = Array.from({ length: members }, () => new Float32Array(count));
      for (let from = 0; from < count; from += most) {
        throwIfCancelled(signal);
        const rows = Math.min(most, count - from);
        const outputs = await compiled.run(feedsFrom(x, observed, { from, most, width }));
        for (let m = 0; m < members; m += 1) {
          logits[m]?.set((outputs[2 * m] as Float32Array).subarray(0, rows * classes), from * classes);
          logDensity[m]?.set((outputs[2 * m + 1] as Float32Array).subarray(0, rows), from);
        }
      }
      return { logits, logDensity };
    },
    dispose: () => compiled.dispose(),
  };
}

/** Rows `from` on, and zeros after the last one. */
export function feedsFrom(
  x: Float32Array,
  observed: Uint8Array,
  { from, most, width }: { readonly from: number; readonly most: number; readonly width: number },
): readonly [Float32Array, Float32Array] {
  const feeds = [new Float32Array(most * width), new Float32Array(most * width)] as const;
  feeds[0].set(x.subarray(from * width, (from + most) * width));
  feeds[1].set(observed.subarray(from * width, (from + most) * width));
  return feeds;
}
