import type { backend_util } from "@tensorflow/tfjs-core";
import { AppError } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { Trace } from "./kernel.ts";

type ConvInfo = backend_util.Conv2DInfo;

/**
 * Where a window moves over an image [b, h, w, c]. A one-dimensional convolution comes as height one; it is written
 * with one axis, so that the transposes around it meet those of its neighbours and cancel.
 */
export interface Geometry {
  readonly batch: number;
  readonly input: readonly number[]; // extent an axis
  readonly output: readonly number[];
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[]; // padding
  readonly after: readonly number[];
}

export function geometryOf(info: ConvInfo): Geometry {
  const { padInfo: pad } = info;
  const flat =
    info.inHeight === 1 &&
    info.outHeight === 1 &&
    info.filterHeight === 1 &&
    pad.top === 0 &&
    pad.bottom === 0;
  const axes = <T>(height: T, width: T): T[] => (flat ? [width] : [height, width]);
  const geometry: Geometry = {
    batch: info.batchSize,
    input: axes(info.inHeight, info.inWidth),
    output: axes(info.outHeight, info.outWidth),
    window: axes(info.filterHeight, info.filterWidth),
    strides: axes(info.strideHeight, info.strideWidth),
    dilations: axes(info.dilationHeight, info.dilationWidth),
    before: axes(pad.top, pad.left),
    after: axes(pad.bottom, pad.right),
  };
  geometry.output.forEach((extent, axis) => {
    if (windowsAlong(geometry, axis) === extent) return;
    throw new AppError("model/op-not-recorded", `A padding whose size is rounded up has no recorded form`, {
      axis,
      extent,
    });
  });
  return geometry;
}

/** Last sample a window touches, counted from its first. */
export const reach = ({ window, dilations }: Geometry, axis: number): number =>
  (sure(window[axis]) - 1) * sure(dilations[axis]);

const windowsAlong = (geometry: Geometry, axis: number): number => {
  const { input, strides, before, after } = geometry;
  return (
    Math.floor(
      (sure(input[axis]) + sure(before[axis]) + sure(after[axis]) - reach(geometry, axis) - 1) /
        sure(strides[axis]),
    ) + 1
  );
};

export const windowAttributes = ({
  strides,
  dilations,
  before,
  after,
}: Geometry): Record<"strides" | "dilations" | "pads", readonly number[]> => ({
  strides,
  dilations,
  pads: [...before, ...after],
});

/** [b, h, w, c] as TensorFlow.js has it to [b, c, h, w], or [b, c, w]. */
export function channelsFirst(
  trace: Trace,
  name: string,
  extent: readonly number[],
  batch: number,
  channels: number,
): string {
  const { graph } = trace;
  const rank = extent.length + 2;
  const last = graph.reshape(name, [batch, ...extent, channels]);
  const perm = [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)];
  return graph.know(graph.transpose(last, perm), [batch, channels, ...extent]);
}

/** The way back, to four axes. */
export function channelsLast(
  trace: Trace,
  name: string,
  extent: readonly number[],
  batch: number,
  channels: number,
): string {
  const { graph } = trace;
  const rank = extent.length + 2;
  const perm = [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
  const last = graph.know(graph.transpose(name, perm), [batch, ...extent, channels]);
  return extent.length === 2 ? last : graph.reshape(last, [batch, 1, ...extent, channels]);
}

/** Every position inside the window, in row-major order. */
export function taps(window: readonly number[]): number[][] {
  return window.reduce<number[][]>(
    (all, size) => all.flatMap((tap) => Array.from({ length: size }, (_, at) => [...tap, at])),
    [[]],
  );
}

/** What one tap sees: the strided part of a padded, channels-first image that lies under it. */
export const tapSpans = (
  { output, strides, dilations }: Geometry,
  tap: readonly number[],
): { axis: number; begin: number; end: number; step: number }[] =>
  tap.map((at, index) => {
    const begin = at * sure(dilations[index]);
    const step = sure(strides[index]);
    return { axis: index + 2, begin, end: begin + (sure(output[index]) - 1) * step + 1, step };
  });
