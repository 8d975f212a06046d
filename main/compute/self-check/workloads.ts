import {
  add,
  conv1d,
  exp,
  logSoftmax,
  logSumExp,
  matMul,
  mean,
  mul,
  neg,
  relu,
  reshape,
  split,
  square,
  sub,
  sum,
  transpose,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";
import { lstm as lstmLayer } from "../lstm.ts";
import type { Loss } from "../loss.ts";
import { sizeOf } from "../feeds.ts";
import { evenParts, everyNth } from "../parts.ts";
import type { TypedArray } from "../runtime.ts";
import { seeded } from "../seeded.ts";

/** A model, its first parameters and a batch: what engines are compared on, beside the same in PyTorch (peer.py). */
export interface Workload {
  readonly name: string;
  readonly specs: readonly TensorSpec[];
  readonly values: readonly Float32Array[];
  readonly feedSpecs: readonly TensorSpec[];
  readonly feeds: readonly TypedArray[];
  readonly loss: Loss;
}

/** A loss that is a mean over rows, as means over every count-th of them. */
function meanOverRows(rows: number, axes: readonly number[], loss: Loss): Loss {
  const partOf =
    (part: number, count: number): Loss =>
    (params, feeds) => {
      const own = feeds.map((feed, index) => everyNth(feed, { axis: sure(axes[index]), part, count }));
      return mul(loss(params, own), 1 / count);
    };
  const inParts = (most: number): Loss[] => {
    const count = evenParts(rows, most);
    return Array.from({ length: count }, (_, part) => partOf(part, count));
  };
  return Object.assign((...given: Parameters<Loss>) => loss(...given), { inParts });
}

const spec = (...shape: number[]): TensorSpec => ({ shape, dtype: "float32" });

/** Weights normal with variance gain / inputs, biases zero. */
function initial(specs: readonly TensorSpec[], seed: number, gain = 2): Float32Array[] {
  const random = seeded(seed);
  return specs.map(({ shape }) =>
    shape.length === 1
      ? new Float32Array(sure(shape[0]))
      : random.normals(sizeOf(shape), Math.sqrt(gain / sizeOf(shape.slice(0, -1)))),
  );
}

function oneHot(rows: number, classes: number, seed: number): Float32Array {
  const random = seeded(seed);
  const values = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) values[row * classes + Math.floor(random.uniform() * classes)] = 1;
  return values;
}

const crossEntropy = (logits: Tensor, y: Tensor): Scalar => neg(mean(sum(mul(y, logSoftmax(logits)), 1)));

/** Layers 64-256-256-256-8 with relu, cross entropy. */
export function mlp({ rows = 256, width = 256 } = {}): Workload {
  const widths = [64, width, width, width, 8];
  const specs = widths.slice(1).flatMap((out, layer) => [spec(sure(widths[layer]), out), spec(out)]);
  return {
    name: "mlp",
    specs,
    values: initial(specs, 1),
    feedSpecs: [spec(rows, 64), spec(rows, 8)],
    feeds: [seeded(11).normals(rows * 64), oneHot(rows, 8, 12)],
    loss: meanOverRows(rows, [0, 0], (params, [x, y]) => {
      let h = sure(x);
      for (let layer = 0; layer < 4; layer++) {
        const z = add(matMul(h as Tensor2D, params[2 * layer] as Tensor2D), sure(params[2 * layer + 1]));
        h = layer < 3 ? relu(z) : z;
      }
      return crossEntropy(h, sure(y));
    }),
  };
}

/** Four convolutions over time, window 9, then the mean over time: [rows, time, 2] to 8 classes. */
export function cnn({ rows = 64, time = 1200, channels = 32 } = {}): Workload {
  const widths = [2, channels, channels, channels, channels];
  const specs = [
    ...widths.slice(1).flatMap((out, layer) => [spec(9, sure(widths[layer]), out), spec(out)]),
    spec(channels, 8),
    spec(8),
  ];
  return {
    name: "cnn",
    specs,
    values: initial(specs, 2),
    feedSpecs: [spec(rows, time, 2), spec(rows, 8)],
    feeds: [seeded(21).normals(rows * time * 2), oneHot(rows, 8, 22)],
    loss: meanOverRows(rows, [0, 0], (params, [x, y]) => {
      let h = x as Tensor3D;
      for (let layer = 0; layer < 4; layer++) {
        h = relu<Tensor3D>(
          add(conv1d(h, params[2 * layer] as Tensor3D, 1, "same"), sure(params[2 * layer + 1])),
        );
      }
      const logits = add(matMul(mean<Tensor2D>(h, 1), params[8] as Tensor2D), sure(params[9]));
      return crossEntropy(logits, sure(y));
    }),
  };
}

type LstmParameters = readonly [Tensor2D, Tensor2D, Tensor1D, Tensor2D, Tensor1D];

/**
 * An LSTM over [time, rows, 3] with a mixture of ten Gaussians in the plane at every step; negative log likelihood a
 * step.
 */
export function lstm({ rows = 64, time = 64, hidden = 128 } = {}): Workload {
  const parts = 10;
  const specs = [
    spec(3, 4 * hidden),
    spec(hidden, 4 * hidden),
    spec(4 * hidden),
    spec(hidden, 5 * parts),
    spec(5 * parts),
  ];
  const steps = rows * time;
  return {
    name: "lstm",
    specs,
    values: initial(specs, 3, 1),
    feedSpecs: [spec(time, rows, 3), spec(steps, 1, 2)],
    feeds: [seeded(31).normals(steps * 3), seeded(32).normals(steps * 2)],
    loss: meanOverRows(rows, [1, 0], (params, [x, y]) => {
      const [input, recurrent, bias, out, outBias] = params as unknown as LstmParameters;
      const h = lstmLayer(x as Tensor3D, { input, recurrent, bias });
      return mixtureLoss(add(matMul(out, h, true, true), reshape(outBias, [5 * parts, 1])), sure(y), parts);
    }),
  };
}

/** One column of `head` a step: a row each for log weights, then means, then log deviations of the parts in x and in y. */
function mixtureLoss(head: Tensor2D, y: Tensor, parts: number): Scalar {
  const steps = head.shape[1];
  const [weights, centres, spreads] = split(head, [parts, 2 * parts, 2 * parts], 0);
  const logWeights = sub(sure(weights), logSumExp(sure(weights), 0, true));
  const means = reshape(sure(centres), [2, parts, steps]);
  const logDeviations = reshape(sure(spreads), [2, parts, steps]);
  const seen = reshape(transpose(reshape(y, [steps, 2])), [2, 1, steps]);
  const z = mul(sub(seen, means), exp(neg(logDeviations)));
  const logDensities = sum(sub(mul(-0.5, square(z)), logDeviations), 0);
  return sub(Math.log(2 * Math.PI), mean(logSumExp(add(logWeights, logDensities), 0)));
}
