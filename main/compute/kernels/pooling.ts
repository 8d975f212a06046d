import { backend_util } from "@tensorflow/tfjs-core";
import type { AvgPoolAttrs, MaxPoolAttrs, TensorInfo } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { sizeOf } from "../feeds.ts";
import { kernel } from "./kernel.ts";
import type { Kernel, KernelTable, Trace } from "./kernel.ts";
import { channelsFirst, channelsLast, geometryOf, reach, taps, windowAttributes } from "./spatial.ts";
import type { Geometry } from "./spatial.ts";

const infoOf = (x: TensorInfo, attrs: MaxPoolAttrs): backend_util.Conv2DInfo =>
  backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );

const poolAttributes = (at: Geometry): Record<string, readonly number[]> => {
  const { strides, pads } = windowAttributes(at);
  return { kernel_shape: at.window, strides, pads };
};

/** Maximum and, for the gradient, where in the flat image it lies; the first of equals. */
const maxima = (trace: Trace, x: TensorInfo, at: Geometry, channels: number): readonly string[] =>
  trace.graph.emitMany(
    "MaxPool",
    [channelsFirst(trace, trace.nameOf(x), at.input, at.batch, channels)],
    poolAttributes(at),
    2,
  );

const pool = (write: (trace: Trace, x: TensorInfo, at: Geometry, channels: number) => string): Kernel =>
  kernel<"x", MaxPoolAttrs>((trace, { x }, attrs) => {
    const info = infoOf(x, attrs);
    const at = geometryOf(info);
    const result = write(trace, x, at, info.inChannels);
    return trace.tensor(
      channelsLast(trace, result, at.output, at.batch, info.inChannels),
      info.outShape,
      x.dtype,
    );
  });

const maxPoolGrad = kernel<"dy" | "input", MaxPoolAttrs>((trace, { dy, input }, attrs) => {
  const { graph } = trace;
  const info = infoOf(input, attrs);
  const at = geometryOf(info);
  const where = graph.reshape(sure(maxima(trace, input, at, info.inChannels)[1]), [sizeOf(dy.shape)]);
  const slope = graph.reshape(channelsFirst(trace, trace.nameOf(dy), at.output, at.batch, info.inChannels), [
    sizeOf(dy.shape),
  ]);
  const flat = graph.emit(
    "ScatterElements",
    [graph.fill("float32", [sizeOf(input.shape)], 0), where, slope],
    { axis: 0, reduction: "add" },
  );
  const image = graph.reshape(flat, [at.batch, info.inChannels, ...at.input]);
  return trace.tensor(
    channelsLast(trace, image, at.input, at.batch, info.inChannels),
    input.shape,
    "float32",
  );
});

/** Each output's slope shared among the samples it averaged: a transposed convolution with ones. */
const avgPoolGrad = kernel<"dy" | "input", AvgPoolAttrs>((trace, { dy, input }, attrs) => {
  const { graph } = trace;
  const info = infoOf(input, attrs);
  const at = geometryOf(info);
  const slope = channelsFirst(trace, trace.nameOf(dy), at.output, at.batch, info.inChannels);
  const shares = graph.constant("float32", [1, 1, ...at.output], shareAt(at));
  const images = graph.reshape(graph.emit("Mul", [slope, shares]), [
    at.batch * info.inChannels,
    1,
    ...at.output,
  ]);
  const attributes = {
    ...windowAttributes(at),
    output_padding: at.input.map(
      (extent, axis) =>
        extent +
        sure(at.before[axis]) +
        sure(at.after[axis]) -
        (sure(at.output[axis]) - 1) * sure(at.strides[axis]) -
        reach(at, axis) -
        1,
    ),
  };
  const spread = graph.emit(
    "ConvTranspose",
    [
      images,
      graph.constant(
        "float32",
        [1, 1, ...at.window],
        taps(at.window).map(() => 1),
      ),
    ],
    attributes,
  );
  const first = graph.reshape(spread, [at.batch, info.inChannels, ...at.input]);
  return trace.tensor(
    channelsLast(trace, first, at.input, at.batch, info.inChannels),
    input.shape,
    "float32",
  );
});

/** One over the number of samples under each window that are not padding. */
const shareAt = (at: Geometry): number[] =>
  taps(at.output).map((position) =>
    position.reduce((share, index, axis) => {
      const first = index * sure(at.strides[axis]) - sure(at.before[axis]);
      const inside = Array.from({ length: sure(at.window[axis]) }, (_, tap) => first + tap).filter(
        (sample) => sample >= 0 && sample < sure(at.input[axis]),
      );
      return share / inside.length;
    }, 1),
  );

export const pools: KernelTable = {
  MaxPool: pool((trace, x, at, channels) => sure(maxima(trace, x, at, channels)[0])),
  AvgPool: pool((trace, x, at, channels) =>
    trace.graph.emit("AveragePool", [channelsFirst(trace, trace.nameOf(x), at.input, at.batch, channels)], {
      ...poolAttributes(at),
      count_include_pad: 0,
    }),
  ),
  MaxPoolGrad: maxPoolGrad,
  AvgPoolGrad: avgPoolGrad,
};
