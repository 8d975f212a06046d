import { add, concat, conv1d, mul, pad, relu, reshape, softplus, sub, sum } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { AppError } from "../../../../preload/contract/errors.ts";
import { sizeOf } from "../../../compute/feeds.ts";
import { rank3, type Params, type TensorSpec } from "../../../compute/tensors.ts";
import { seededRandom } from "../../random.ts";
import { CHANNELS, TRUST_HZ } from "./input.ts";

/** Channels at a step of 1, 2, 4, 8, 16 and 32 s. */
export const WIDTHS = [24, 32, 40, 48, 48, 48] as const;
const [TOP, BOTTOM] = [WIDTHS[0], WIDTHS[5]];
/** Further away than this an input cannot change an output. */
export const REACH_S = 384;

/** Channels left out at random while learning: before and after the bottom, and at the end. */
export const DROPPED_WIDTHS = [BOTTOM, BOTTOM, TOP] as const;

const START_BIAS = -1.5; // of the logit: most of what is drawn is the fetus

type Shape = readonly [number, number, number];

/**
 * Name and shape of each parameter, in the order in which they are initialised. Filters are [taps, in, out]; those of
 * the strided convolutions see neighbouring samples as one of as many times the channels.
 */
export const parameterShapes: ReadonlyMap<string, readonly number[]> = (() => {
  const all = new Map<string, readonly number[]>();
  const convolution = (name: string, [taps, from, to]: Shape): void => {
    all.set(`${name}.filter`, [taps, from, to]);
    all.set(`${name}.bias`, [to]);
  };
  WIDTHS.forEach((width, level) => {
    const before = WIDTHS[level - 1];
    convolution(
      `down${level}.join`,
      before === undefined ? [2, TRUST_HZ * CHANNELS, width] : [2, 2 * before, width],
    );
    convolution(`down${level}.mix`, [5, width, width]);
  });
  convolution("bottom.mix", [5, BOTTOM, BOTTOM]);
  for (let level = WIDTHS.length - 2; level >= 0; level -= 1) {
    const [width, below] = [WIDTHS[level] ?? 0, WIDTHS[level + 1] ?? 0];
    convolution(`up${level}.narrow`, [1, below, width]);
    convolution(`up${level}.mix`, [5, 2 * width, width]);
  }
  convolution("head", [1, TOP, TRUST_HZ]);
  return all;
})();

export const parameterSpecs: readonly TensorSpec[] = [...parameterShapes.values()].map((shape) => ({
  shape,
  dtype: "float32",
}));

/** Uniform in +-1 / sqrt(inputs of an output), filters and biases alike (the initialisation PyTorch gives a convolution). */
export function initialParameters(seed: number): readonly Float32Array[] {
  const random = seededRandom(seed);
  let bound = 0;
  return [...parameterShapes].map(([name, shape]) => {
    const [taps = 1, inputs = 1] = shape;
    if (name.endsWith(".filter")) bound = 1 / Math.sqrt(taps * inputs);
    const values = Float32Array.from({ length: sizeOf(shape) }, () => bound * (2 * random.next() - 1));
    return name === "head.bias" ? values.fill(START_BIAS) : values;
  });
}

/** Factors of the dropped channels, 0 or 1 / (1 - share): [rows, 1, width] each. */
export const dropoutSpecs = (rows: number): readonly TensorSpec[] =>
  DROPPED_WIDTHS.map((width) => ({ shape: [rows, 1, width], dtype: "float32" }));

/**
 * A U-Net over time without normalisation layers: steps of a second to 32 s, four outputs a second.
 * x [rows, samples, CHANNELS] at 4 Hz, `samples` a multiple of 128 -> logits [rows, samples].
 */
export function trustLogits(params: Params, x: Tensor3D, dropout: readonly Tensor[] = []): Tensor2D {
  const convolve = convolutionOf(params);
  const mixed = (name: string, h: Tensor3D, dilation = 1): Tensor3D =>
    add(h, relu(convolve(name, h, dilation)));
  const dropped = (h: Tensor3D, which: number): Tensor3D => {
    const factor = dropout[which];
    return factor === undefined ? h : mul(h, factor);
  };
  let h = x;
  const skips: { readonly level: number; readonly h: Tensor3D }[] = [];
  WIDTHS.forEach((_, level) => {
    if (level > 0) skips.unshift({ level: level - 1, h });
    const name = `down${level}`;
    h = mixed(`${name}.mix`, relu(convolve(`${name}.join`, joined(h, level === 0 ? TRUST_HZ : 2))));
  });
  h = dropped(mixed("bottom.mix", dropped(h, 0), 2), 1);
  for (const { level, h: skip } of skips) {
    const wide = concat([twice(convolve(`up${level}.narrow`, h)), skip], 2);
    h = relu(convolve(`up${level}.mix`, wide));
  }
  return reshape(convolve("head", dropped(h, 2)), [x.shape[0], x.shape[1]]);
}

/** A convolution by name. Those of a longer step take joined samples and lose the one that joining adds. */
function convolutionOf(params: Params): (name: string, h: Tensor3D, dilation?: number) => Tensor3D {
  const names = [...parameterShapes.keys()];
  const byName = new Map(params.map((param, index) => [names[index], param]));
  const named = (name: string): Tensor => {
    const found = byName.get(name);
    if (found !== undefined) return found;
    throw new AppError("model/wrong-parameters", `The parameter ${name} is missing`, { name });
  };
  return (name, h, dilation = 1) => {
    const padding = name.endsWith(".join") ? "valid" : "same";
    const sums = conv1d(h, rank3(named(`${name}.filter`)), 1, padding, "NWC", dilation);
    return add(sums, named(`${name}.bias`));
  };
}

/** Each `count` neighbours as one, half of them of the step before: [rows, n, c] -> [rows, n / count + 1, count c] */
function joined(h: Tensor3D, count: number): Tensor3D {
  const [rows, length, channels] = h.shape;
  const half = count / 2;
  const padded = pad(h, [
    [0, 0],
    [half, half],
    [0, 0],
  ]);
  return reshape(padded, [rows, length / count + 1, count * channels]);
}

/** Each sample twice. [rows, n, c] -> [rows, 2 n, c] */
function twice(h: Tensor3D): Tensor3D {
  const [rows, length, channels] = h.shape;
  return reshape(concat([h, h], 2), [rows, 2 * length, channels]);
}

/** Weighted binary cross-entropy. logits, y (1: false signal) and weight [rows, samples]. */
export const trustLoss = (logits: Tensor2D, y: Tensor, weight: Tensor): Scalar =>
  sum(mul(sub(softplus(logits), mul(logits, y)), weight));
