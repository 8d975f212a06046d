import { add, concat, conv1d, mul, pad, relu, reshape, slice } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor3D } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../compute/feeds.ts";
import {
  arraysFrom,
  type NamedArrays,
  type NamedTensors,
  type ParameterShapes,
} from "../../compute/parameters.ts";
import { rank3, type TensorSpec } from "../../compute/tensors.ts";
import { type Random, seededRandom } from "../random.ts";

/** What a U-Net over time without normalisation layers is made of. */
export interface UNet {
  /** Channels at each level; every level but the first has half as many steps as the one above. */
  readonly widths: readonly number[];
  readonly channels: number; // of the input
  /** The first strided convolution: its taps, each of so many neighbouring samples of the input. */
  readonly first: { readonly taps: number; readonly neighbours: number };
  readonly join: string; // what strided convolutions are called in saved parameters
  readonly outputs: number; // a step of the first level
  /** No step sees a later one: convolutions look back alone, and what a coarser level says is heard once it is whole. */
  readonly pastOnly?: boolean;
}

type Shape = readonly [taps: number, inputs: number, outputs: number];

/**
 * Name and shape of each parameter, in the order in which they are initialised, and of files of before. Filters are [taps, in, out]; those of
 * the strided convolutions see neighbouring samples as one of as many times the channels.
 */
export function uNetShapes({ widths, channels, first, join, outputs }: UNet): ParameterShapes {
  const shapes = new Map<string, readonly number[]>();
  const convolution = (name: string, [taps, inputs, width]: Shape): void => {
    shapes.set(`${name}.filter`, [taps, inputs, width]);
    shapes.set(`${name}.bias`, [width]);
  };
  widths.forEach((width, level) => {
    const above = widths[level - 1];
    convolution(
      `down${level}.${join}`,
      above === undefined ? [first.taps, first.neighbours * channels, width] : [2, 2 * above, width],
    );
    convolution(`down${level}.mix`, [5, width, width]);
  });
  const [top = 0, bottom = 0] = [widths[0], widths.at(-1)];
  convolution("bottom.mix", [5, bottom, bottom]);
  for (let level = widths.length - 2; level >= 0; level -= 1) {
    const [width, below] = [widths[level] ?? 0, widths[level + 1] ?? 0];
    convolution(`up${level}.narrow`, [1, below, width]);
    convolution(`up${level}.mix`, [5, 2 * width, width]);
  }
  convolution("head", [1, top, outputs]);
  return shapes;
}

/** Uniform in +-1 / sqrt(inputs of an output), filters and biases alike (the initialisation PyTorch gives a convolution). */
export function initialUNet(shapes: ParameterShapes, seed: number): NamedArrays {
  const random = seededRandom(seed);
  let bound = 0;
  return arraysFrom(shapes, (name, shape) => {
    const [taps = 1, inputs = 1] = shape;
    if (name.endsWith(".filter")) bound = 1 / Math.sqrt(taps * inputs);
    return Float32Array.from({ length: sizeOf(shape) }, () => bound * (2 * random.next() - 1));
  });
}

/** Factors of channels left out while learning, 0 or 1 / (1 - share): [rows, 1, width] each. */
export const droppedSpecs = (widths: readonly number[], rows: number): readonly TensorSpec[] =>
  widths.map((width) => ({ shape: [rows, 1, width], dtype: "float32" }));

export const droppedFactors = (
  widths: readonly number[],
  rows: number,
  share: number,
  random: Random,
): Float32Array[] =>
  widths.map((width) =>
    Float32Array.from({ length: rows * width }, () => (random.next() < share ? 0 : 1 / (1 - share))),
  );

export const dropped = (h: Tensor3D, factor: Tensor | undefined): Tensor3D =>
  factor === undefined ? h : mul(h, factor);

/** Layers by name. */
export interface Layers {
  /** Sums of a convolution; a strided one joins its samples first. */
  readonly convolve: (name: string, h: Tensor3D, dilation?: number) => Tensor3D;
  /** h and what a convolution of it adds. */
  readonly mixed: (name: string, h: Tensor3D, dilation?: number) => Tensor3D;
}

export function layersOf({ first, join, pastOnly }: UNet, named: NamedTensors): Layers {
  const convolve: Layers["convolve"] = (name, h, dilation = 1) => {
    const filter = rank3(named(`${name}.filter`));
    const isStrided = name.endsWith(`.${join}`);
    const neighbours = name.startsWith("down0.") ? first.neighbours : 2;
    const taps = filter.shape[0];
    const before = pastOnly === true ? dilation * (taps - 1) : undefined;
    const seen = isStrided
      ? joined(h, { count: neighbours, taps, pastOnly })
      : before === undefined
        ? h
        : later(h, before);
    const isWhole = isStrided || before !== undefined;
    const sums = conv1d(seen, filter, 1, isWhole ? "valid" : "same", "NWC", dilation);
    return add(sums, named(`${name}.bias`));
  };
  return { convolve, mixed: (name, h, dilation) => add(h, relu(convolve(name, h, dilation))) };
}

/**
 * Down level by level, through the bottom, and up again beside what was left there.
 * x [rows, n, channels] -> what the head sees [rows, n / neighbours, widths[0]]
 */
export function throughLevels(
  { widths, join, pastOnly }: UNet,
  { convolve, mixed }: Layers,
  x: Tensor3D,
  { isFirstLinear, bottom }: { readonly isFirstLinear: boolean; readonly bottom: (h: Tensor3D) => Tensor3D },
): Tensor3D {
  let h = x;
  const skips: { readonly level: number; readonly h: Tensor3D }[] = [];
  widths.forEach((_, level) => {
    if (level > 0) skips.unshift({ level: level - 1, h });
    const sums = convolve(`down${level}.${join}`, h);
    h = mixed(`down${level}.mix`, level === 0 && isFirstLinear ? sums : relu(sums));
  });
  h = bottom(h);
  for (const { level, h: skip } of skips) {
    const below = twice(convolve(`up${level}.narrow`, h));
    const heard = pastOnly === true ? slice(later(below, 1), 0, below.shape) : below;
    const wide = concat([heard, skip], 2);
    h = relu(convolve(`up${level}.mix`, wide));
  }
  return h;
}

/**
 * Each `count` neighbours as one, so padded that a convolution with those taps gives one output for each.
 * [rows, n, c] -> [rows, n / count + taps - 1, count c]
 */
function joined(
  h: Tensor3D,
  {
    count,
    taps,
    pastOnly,
  }: { readonly count: number; readonly taps: number; readonly pastOnly: boolean | undefined },
): Tensor3D {
  const [rows, length, channels] = h.shape;
  const more = count * (taps - 1);
  const padded =
    pastOnly === true
      ? later(h, more)
      : pad(h, [
          [0, 0],
          [more / 2, more / 2],
          [0, 0],
        ]);
  return reshape(padded, [rows, length / count + taps - 1, count * channels]);
}

/** So many steps of nothing before. [rows, n, c] -> [rows, steps + n, c] */
const later = (h: Tensor3D, steps: number): Tensor3D =>
  pad(h, [
    [0, 0],
    [steps, 0],
    [0, 0],
  ]);

/** Each sample twice. [rows, n, c] -> [rows, 2 n, c] */
function twice(h: Tensor3D): Tensor3D {
  const [rows, length, channels] = h.shape;
  return reshape(concat([h, h], 2), [rows, 2 * length, channels]);
}
