import { add, mul, slice, softmax, type Tensor2D } from "@tensorflow/tfjs-core";
import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { Predict, Runtime } from "../../compute/runtime.ts";
import { inOrder, namedMembers, type NamedArrays, specsOf } from "../../compute/parameters.ts";
import type { TensorSpec } from "../../compute/tensors.ts";
import type { Estimator } from "../../models/estimator.ts";
import type { LayerProbe } from "../judge/scored.ts";
import { feedsFrom } from "./score.ts";

const ROWS = 512;

interface Probed {
  readonly estimator: Estimator<unknown>;
  readonly members: readonly NamedArrays[];
  readonly temperature: number;
}
interface ProbeRows {
  readonly x: Float32Array; // [n x width], standardised, 0 where unobserved
  readonly observed: Uint8Array;
  readonly labels: ArrayLike<number>; // [n]
  readonly classes: number;
}

/**
 * What each layer alone would answer: the class units that run through all layers, read after every one, as
 * probabilities, mean over members. The last layer's answer is the model's own.
 */
export async function probeLayers(
  runtime: Runtime,
  { estimator, members, temperature }: Probed,
  { x, observed, labels, classes }: ProbeRows,
  signal?: AbortSignal,
): Promise<LayerProbe> {
  const shapes = estimator.parameters;
  const width = x.length / labels.length;
  const all: TensorSpec[] = members.flatMap(() => specsOf(shapes));
  const feed: TensorSpec = { shape: [ROWS, width], dtype: "float32" };
  const answers: Predict = (params, [rows, seen]) =>
    namedMembers(shapes, params, members.length)
      .map((own) => {
        const { hidden, logits } = estimator.forward(own, rows as Tensor2D, seen as Tensor2D);
        const blocks = hidden.slice(1).map((state) => slice(state, [0, state.shape[1] - classes]));
        return [...blocks, logits].map((block) => softmax(mul(block, 1 / temperature)));
      })
      .reduce((sum, own) => own.map((p, l) => add(p, sum[l] ?? 0)));
  const compiled = await runtime.compilePredict(answers, all, [feed, feed]);
  const right: number[] = [];
  try {
    await compiled.write(members.flatMap((own) => inOrder(shapes, own)));
    for (let from = 0; from < labels.length; from += ROWS) {
      throwIfCancelled(signal);
      const layers = await compiled.run(feedsFrom(x, observed, { from, most: ROWS, width }));
      layers.forEach((p, l) => (right[l] = (right[l] ?? 0) + countRight(p, labels, { from, classes })));
    }
  } finally {
    await compiled.dispose();
  }
  return { right, windows: labels.length };
}

function countRight(
  p: ArrayLike<number>,
  labels: ArrayLike<number>,
  { from, classes }: { readonly from: number; readonly classes: number },
): number {
  let count = 0;
  for (let row = 0; row < ROWS && from + row < labels.length; row += 1) {
    let leading = 0;
    for (let c = 1; c < classes; c += 1)
      if ((p[row * classes + c] ?? 0) > (p[row * classes + leading] ?? 0)) leading = c;
    if (leading === labels[from + row]) count += 1;
  }
  return count;
}
