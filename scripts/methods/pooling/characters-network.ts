import {
  add,
  concat,
  div,
  grads,
  logSumExp,
  matMul,
  max,
  mean,
  mul,
  pad,
  relu,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Rank,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../main/compute/feeds.ts";
import type { Loss } from "../../../main/compute/loss.ts";
import type { Predict } from "../../../main/compute/runtime.ts";
import { rank2, type Params, type TensorSpec } from "../../../main/compute/tensors.ts";
import {
  parameterisedPooling,
  parameterisedShapes,
  parameterisedStart,
} from "../../../main/models/layers/parameterised-pooling.ts";
import { kernelsOf } from "../../../main/models/layers/pooling-windows.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { PIXELS, QUERY, SIDE, SUPPORT, TASK, WAYS } from "./tasks.ts";

export const [CHANNELS, HIDDEN] = [16, 48];
export const INNER_RATE = 0.1;
const kernels = { size: [2, 2] } as const;
const POOLED = SIDE / 2;

export type Pooling = "learned" | "maximum" | "mean";

/** What a step of the inner loop moves; each has a rate of its own. */
const layers: readonly (readonly number[])[] = [
  [9, CHANNELS], // a convolution of 3 x 3
  [CHANNELS], // scale and shift of its normalised output
  [CHANNELS],
  [POOLED * POOLED * CHANNELS, HIDDEN],
  [HIDDEN],
  [HIDDEN, WAYS],
  [WAYS],
];
const LAYERS = layers.length;
const specOf = (shape: readonly number[]): TensorSpec => ({ shape, dtype: "float32" });
const learnedSpecs = [...layers, [LAYERS]].map(specOf);
const poolingSpecs = parameterisedShapes(SIDE, SIDE, kernels).map(specOf);

/** What a fit starts from: weights, the rates of the inner step, and the pooling's own where it is learned. */
export function startingValues(by: Pooling, seed: number): Float32Array[] {
  const random = seededRandom(seed, 1);
  const weights = layers.map((shape, layer) => {
    const size = sizeOf(shape);
    if (shape.length === 1) return new Float32Array(size).fill(layer === 1 ? 1 : 0);
    const spread = Math.sqrt(2 / (shape[0] ?? 1));
    return Float32Array.from({ length: size }, () => spread * random.normal());
  });
  const pooling = by === "learned" ? parameterisedStart(SIDE, SIDE, kernels, seededRandom(seed, 2)) : [];
  return [...weights, new Float32Array(LAYERS).fill(INNER_RATE), ...pooling];
}

const pooledBy: Record<Pooling, (x: Tensor4D, pooling: Params) => Tensor> = {
  learned: (x, [masks, exponents]) =>
    masks && exponents ? parameterisedPooling(x, undefined, { masks, exponents }, kernels) : x,
  maximum: (x) => max(kernelsOf(x, kernels), -1),
  mean: (x) => mean(kernelsOf(x, kernels), -1),
};

/** Neighbours of every pixel, so that the convolution is a product, which has a derivative of any order. */
function neighbours(x: Tensor2D): Tensor2D {
  const n = x.shape[0];
  const wide = pad(reshape<Rank.R3>(x, [n, SIDE, SIDE]), [
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
  const shifted = Array.from({ length: 9 }, (_, at) =>
    reshape(slice(wide, [0, Math.floor(at / 3), at % 3], [n, SIDE, SIDE]), [n * PIXELS, 1]),
  );
  return concat(shifted as Tensor2D[], 1);
}

/** x: neighbours of the pixels of n images -> [n, WAYS]; normalised by the images themselves. */
function logitsOf(weights: Params, x: Tensor2D, pool: (maps: Tensor4D) => Tensor): Tensor2D {
  const [filter, scale, shift, wide, bias, last, end] = weights;
  const maps = matMul(x, rank2(filter));
  const middle = sub(maps, mean(maps, 0, true));
  const spread = sqrt(add(mean(square(middle), 0, true), 1e-3));
  const normal = add(mul(div(middle, spread), scale ?? 1), shift ?? 0);
  const n = x.shape[0] / PIXELS;
  const pooled = pool(relu(reshape<Rank.R4>(normal, [n, SIDE, SIDE, CHANNELS])));
  const hidden = relu(add(matMul(reshape<Rank.R2>(pooled, [n, -1]), rank2(wide)), bias ?? 0));
  return add(matMul(rank2(hidden), rank2(last)), end ?? 0);
}

/** Cross-entropy out of ops with second derivatives, which TensorFlow.js's logSoftmax has not. */
const lossOf = (logits: Tensor2D, y: Tensor2D): Scalar =>
  mean<Scalar>(sub(logSumExp(logits, 1), sum(mul(logits, y), 1)));

/** What the network says of a task's query images after a step by its support images. [QUERY, WAYS] */
function afterStep(
  learned: Params,
  images: Tensor2D,
  y: Tensor2D,
  pool: (maps: Tensor4D) => Tensor,
): Tensor2D {
  const weights = learned.slice(0, LAYERS);
  const rates = learned[LAYERS];
  const near = neighbours(images);
  const support = slice(near, [0, 0], [SUPPORT * PIXELS, 9]);
  const query = slice(near, [SUPPORT * PIXELS, 0], [QUERY * PIXELS, 9]);
  const shown = slice(y, [0, 0], [SUPPORT, WAYS]);
  const slopes = grads((...own: Tensor[]) => lossOf(logitsOf(own, support, pool), shown))([...weights]);
  const moved = weights.map((weight, layer) =>
    sub(weight, mul(slopes[layer] ?? 0, rates === undefined ? 0 : slice(rates, layer, 1))),
  );
  return logitsOf(moved, query, pool);
}

type Judge<T> = (logits: Tensor2D, asked: Tensor2D) => T;

/** Each task of a batch: images [tasks TASK, PIXELS], labels [tasks TASK, WAYS]. */
function tasksOf<T>(params: Params, [images, labels]: Params, by: Pooling, judge: Judge<T>): T[] {
  const [all, y] = [rank2(images), rank2(labels)];
  const learned = params.slice(0, learnedSpecs.length);
  const pooling = params.slice(learnedSpecs.length);
  return Array.from({ length: all.shape[0] / TASK }, (_, task) => {
    const own = slice(y, [task * TASK, 0], [TASK, WAYS]);
    const logits = afterStep(learned, slice(all, [task * TASK, 0], [TASK, PIXELS]), own, (maps) =>
      pooledBy[by](maps, pooling),
    );
    return judge(logits, slice(own, [SUPPORT, 0], [QUERY, WAYS]));
  });
}

interface OuterLoop {
  readonly specs: readonly TensorSpec[]; // of what it learns
  readonly feeds: readonly TensorSpec[];
  readonly loss: Loss;
  /** Everything and two feeds -> logits of the query images, task by task: [tasks QUERY, WAYS]. */
  readonly predict: Predict;
  readonly predictSpecs: readonly TensorSpec[];
}

/** The mean loss of tasks after their inner steps. `isHeld`: a learned pooling comes with the feeds and stays as it is. */
export function outerLoop(
  by: Pooling,
  { tasks, isHeld = false }: { readonly tasks: number; readonly isHeld?: boolean },
): OuterLoop {
  const pooling = by === "learned" ? poolingSpecs : [];
  const all = [...learnedSpecs, ...pooling];
  const two = [specOf([tasks * TASK, PIXELS]), specOf([tasks * TASK, WAYS])];
  return {
    specs: isHeld ? learnedSpecs : all,
    feeds: isHeld ? [...two, ...pooling] : two,
    loss: (params, feeds) => {
      const losses = tasksOf([...params, ...feeds.slice(2)], feeds, by, lossOf);
      return mul(
        1 / tasks,
        losses.reduce((sum, one) => add(sum, one)),
      );
    },
    predict: (params, feeds) => [
      concat(
        tasksOf(params, feeds, by, (logits) => logits),
        0,
      ),
    ],
    predictSpecs: all,
  };
}

/** Masks and exponents out of all that was learned. */
export const poolingOf = (learned: readonly Float32Array[]): readonly Float32Array[] =>
  learned.slice(learnedSpecs.length);
