import {
  add,
  concat,
  conv1d,
  logSumExp,
  mul,
  pad,
  relu,
  reshape,
  slice,
  sub,
  sum,
  zeros,
} from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { AppError } from "../../../../preload/contract/errors.ts";
import { rank3, type Params, type TensorSpec } from "../../../compute/tensors.ts";
import { seededRandom } from "../../random.ts";
import { CHANNELS } from "./input.ts";

/** Channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input's rate. */
export const WIDTHS = [24, 32, 40, 48, 48] as const;
/** Further away than this an input cannot change an output: 340 s, rounded up to whole steps of the lowest rate. */
export const REACH_S = 384;

/** A bottom and an end whose channels are left out at random while learning. */
export const DROPPED_WIDTHS = [WIDTHS[4], WIDTHS[0]] as const;

type Shape = readonly [number, number, number];

/**
 * Name and shape of each parameter, in the order in which they are initialised. Filters are [taps, in, out]; those of
 * the strided convolutions see two samples as one of twice the channels, [taps / 2, 2 in, out].
 */
export function parameterShapes(outputs: number): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const convolution = (name: string, [taps, from, to]: Shape): void => {
    shapes.set(`${name}.filter`, [taps, from, to]);
    shapes.set(`${name}.bias`, [to]);
  };
  WIDTHS.forEach((width, level) => {
    const before = WIDTHS[level - 1];
    convolution(
      `down${level}.halve`,
      before === undefined ? [4, 2 * CHANNELS, width] : [2, 2 * before, width],
    );
    convolution(`down${level}.mix`, [5, width, width]);
  });
  convolution("bottom.mix", [5, WIDTHS[4], WIDTHS[4]]);
  for (let level = WIDTHS.length - 2; level >= 0; level -= 1) {
    const [width, below] = [WIDTHS[level] ?? 0, WIDTHS[level + 1] ?? 0];
    convolution(`up${level}.narrow`, [1, below, width]);
    convolution(`up${level}.mix`, [5, 2 * width, width]);
  }
  convolution("head", [1, WIDTHS[0], outputs]);
  return shapes;
}

export const parameterCount = (outputs: number): number =>
  [...parameterShapes(outputs).values()].reduce((total, shape) => total + sizeOf(shape), 0);

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const parameterSpecs = (outputs: number): readonly TensorSpec[] =>
  [...parameterShapes(outputs).values()].map((shape) => ({ shape, dtype: "float32" }));

/** Uniform in +-1 / sqrt(inputs of an output), filters and biases alike (the initialisation PyTorch gives a convolution). */
export function initialParameters(outputs: number, seed: number): readonly Float32Array[] {
  const random = seededRandom(seed);
  let bound = 0;
  return [...parameterShapes(outputs)].map(([name, shape]) => {
    const [taps = 1, inputs = 1] = shape;
    if (name.endsWith(".filter")) bound = 1 / Math.sqrt(taps * inputs);
    return Float32Array.from({ length: sizeOf(shape) }, () => bound * (2 * random.next() - 1));
  });
}

/** Factors of the dropped channels, 0 or 1 / (1 - share): [rows, 1, width] each. */
export const dropoutSpecs = (rows: number): readonly TensorSpec[] =>
  DROPPED_WIDTHS.map((width) => ({ shape: [rows, 1, width], dtype: "float32" }));

/**
 * A U-Net over time without normalisation layers.
 * x [rows, length, CHANNELS] at 1 Hz, `length` a multiple of 64 -> logits [rows, length, outputs].
 */
export function eventLogits(
  params: Params,
  x: Tensor3D,
  outputs: number,
  dropout: readonly Tensor[] = [],
): Tensor3D {
  const named = namedTensors(params, outputs);
  const convolve = (name: string, h: Tensor3D, dilation = 1): Tensor3D =>
    add(conv1d(h, rank3(named(`${name}.filter`)), 1, "same", "NWC", dilation), named(`${name}.bias`));
  const mixed = (name: string, h: Tensor3D, dilation = 1): Tensor3D =>
    add(h, relu(convolve(name, h, dilation)));
  /** A convolution of 2 taps' pairs with stride two, its padding the same on both sides. */
  const halved = (name: string, h: Tensor3D): Tensor3D => {
    const [rows, length, channels] = h.shape;
    const filter = rank3(named(`${name}.filter`));
    const around = filter.shape[0] - 1;
    const padded = pad(h, [
      [0, 0],
      [around, around],
      [0, 0],
    ]);
    const pairs = rank3(reshape(padded, [rows, length / 2 + around, 2 * channels]));
    return add(conv1d(pairs, filter, 1, "valid"), named(`${name}.bias`));
  };
  const dropped = (h: Tensor3D, which: number): Tensor3D => {
    const factor = dropout[which];
    return factor === undefined ? h : mul(h, factor);
  };

  let h = x;
  const skips: { readonly level: number; readonly h: Tensor3D }[] = [];
  WIDTHS.forEach((_, level) => {
    if (level > 0) skips.unshift({ level: level - 1, h });
    const half = halved(`down${level}.halve`, h);
    h = mixed(`down${level}.mix`, level === 0 ? half : relu(half));
  });
  h = dropped(mixed("bottom.mix", h, 2), 0);
  for (const { level, h: skip } of skips) {
    const wide = concat([twice(convolve(`up${level}.narrow`, h)), skip], 2);
    h = relu(convolve(`up${level}.mix`, wide));
  }
  return linearTwice(convolve("head", dropped(h, 1)));
}

function namedTensors(params: Params, outputs: number): (name: string) => Tensor {
  const names = [...parameterShapes(outputs).keys()];
  const byName = new Map(params.map((param, index) => [names[index], param]));
  return (name) => {
    const found = byName.get(name);
    if (found === undefined)
      throw new AppError("model/wrong-parameters", `The parameter ${name} is missing`, { name });
    return found;
  };
}

/** Each sample twice. [rows, n, c] -> [rows, 2 n, c] */
function twice(h: Tensor3D): Tensor3D {
  const [rows, length, channels] = h.shape;
  return reshape(concat([h, h], 2), [rows, 2 * length, channels]);
}

/** Linear interpolation to twice the rate, each output a quarter of a step beside its input; held at the ends. */
function linearTwice(h: Tensor3D): Tensor3D {
  const [rows, length, channels] = h.shape;
  const first = slice(h, [0, 0, 0], [rows, 1, channels]);
  const last = slice(h, [0, length - 1, 0], [rows, 1, channels]);
  const before = concat([first, slice(h, [0, 0, 0], [rows, length - 1, channels])], 1);
  const after = concat([slice(h, [0, 1, 0], [rows, length - 1, channels]), last], 1);
  const own = mul(h, 0.75);
  const pair = concat([add(own, mul(before, 0.25)), add(own, mul(after, 0.25))], 2);
  return reshape(pair, [rows, 2 * length, channels]);
}

/**
 * Cross-entropy of softmax([0, logits]), weighted: the logit of "none" is 0, so that one code is a sigmoid.
 * logits, y [rows, length, codes], y one-hot or soft, all zero for none; weight [rows, length].
 */
export function eventLoss(logits: Tensor3D, y: Tensor, weight: Tensor): Scalar {
  const [rows, length, codes] = logits.shape;
  const flat = reshape(logits, [rows * length, codes]) as Tensor2D;
  const none = zeros([rows * length, 1]) as Tensor2D;
  const total = logSumExp(concat([none, flat], 1), 1);
  const own = sum(mul(flat, reshape(y, [rows * length, codes])), 1);
  return sum(mul(sub(total, own), reshape(weight, [rows * length])));
}
