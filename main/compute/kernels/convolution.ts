import { backend_util } from "@tensorflow/tfjs-core";
import type {
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  TensorInfo,
} from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { sizeOf } from "../feeds.ts";
import { convolveBlocked, fitsBlocks } from "./blocked.ts";
import { filterSlopeOverTime } from "./filter-slope.ts";
import { kernel } from "./kernel.ts";
import type { KernelTable, Trace } from "./kernel.ts";
import { finishFused } from "./product.ts";
import type { Fused } from "./product.ts";
import { padded, reversed, sliced } from "./shape.ts";
import {
  channelsFirst,
  channelsLast,
  geometryOf,
  reach,
  tapSpans,
  taps,
  windowAttributes,
} from "./spatial.ts";
import type { Geometry } from "./spatial.ts";

type Attrs = Pick<Conv2DAttrs, "strides" | "pad" | "dimRoundingMode"> &
  Partial<Pick<Conv2DAttrs, "dilations" | "dataFormat">>;
type Shape4 = [number, number, number, number];

function infoOf(
  image: readonly number[],
  filter: readonly number[],
  attrs: Attrs,
  depthwise = false,
): backend_util.Conv2DInfo {
  if ((attrs.dataFormat ?? "NHWC") !== "NHWC")
    throw new Error("Kernel 'Conv2D, channels first' not registered");
  return backend_util.computeConv2DInfo(
    image as Shape4,
    filter as Shape4,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
  );
}

/** [h, w, in, out] to [out, in, h, w]. */
function filterFirst(trace: Trace, filter: TensorInfo, { window }: Geometry): string {
  const [, , channels, out] = filter.shape as Shape4;
  const rank = window.length + 2;
  const compact = trace.graph.reshape(trace.nameOf(filter), [...window, channels, out]);
  return trace.graph.transpose(compact, [rank - 1, rank - 2, ...Array(rank - 2).keys()]);
}

function convolve(trace: Trace, x: TensorInfo, filter: TensorInfo, attrs: Attrs): TensorInfo {
  const info = infoOf(x.shape, filter.shape, attrs);
  const at = geometryOf(info);
  if (fitsBlocks(trace, info.inChannels, info.outChannels)) {
    const weights = { name: trace.nameOf(filter), channels: info.inChannels, out: info.outChannels };
    const blocked = convolveBlocked(trace, trace.nameOf(x), weights, at);
    return trace.tensor(trace.graph.weigh(blocked, workOf(info)), info.outShape, "float32");
  }
  const image = channelsFirst(trace, trace.nameOf(x), at.input, at.batch, info.inChannels);
  const result = trace.graph.emit("Conv", [image, filterFirst(trace, filter, at)], windowAttributes(at));
  trace.graph.weigh(result, workOf(info));
  return trace.tensor(
    channelsLast(trace, result, at.output, at.batch, info.outChannels),
    info.outShape,
    "float32",
  );
}

const workOf = (info: backend_util.Conv2DInfo): number =>
  sizeOf(info.outShape) * info.filterHeight * info.filterWidth * info.inChannels;

/**
 * With stride one, a convolution of dy with the reversed filter, channels swapped; else a transposed convolution.
 */
const backToInput = kernel<"dy" | "filter", Conv2DBackpropInputAttrs & Attrs>(
  (trace, { dy, filter }, attrs) => {
    const { graph } = trace;
    const info = infoOf(attrs.inputShape, filter.shape, attrs);
    const at = geometryOf(info);
    const axes = at.window.map((_, axis) => axis);
    const pads = [
      ...axes.map((axis) => reach(at, axis) - sure(at.before[axis])),
      ...axes.map((axis) => reach(at, axis) - sure(at.after[axis])),
    ];
    const mirrored = (): string =>
      reversed(
        trace,
        graph.reshape(trace.nameOf(filter), [...at.window, info.inChannels, info.outChannels]),
        axes,
      );
    const weights = (): string => graph.transpose(mirrored(), [axes.length, axes.length + 1, ...axes]);
    const isPlain = at.strides.every((stride) => stride === 1) && pads.every((pad) => pad >= 0);
    if (isPlain && fitsBlocks(trace, info.outChannels, info.inChannels)) {
      const swapped = {
        name: graph.transpose(mirrored(), [...axes, axes.length + 1, axes.length]),
        channels: info.outChannels,
        out: info.inChannels,
      };
      const back: Geometry = {
        ...at,
        input: at.output,
        output: at.input,
        before: pads.slice(0, axes.length),
        after: pads.slice(axes.length),
      };
      const blocked = convolveBlocked(trace, trace.nameOf(dy), swapped, back);
      return trace.tensor(graph.weigh(blocked, workOf(info)), attrs.inputShape, "float32");
    }
    const slope = channelsFirst(trace, trace.nameOf(dy), at.output, at.batch, info.outChannels);
    const result = isPlain
      ? graph.emit("Conv", [slope, weights()], { strides: at.strides, dilations: at.dilations, pads })
      : graph.emit("ConvTranspose", [slope, filterFirst(trace, filter, at)], {
          ...windowAttributes(at),
          output_padding: leftOver(at),
        });
    graph.weigh(result, workOf(info));
    return trace.tensor(
      channelsLast(trace, result, at.input, at.batch, info.inChannels),
      attrs.inputShape,
      "float32",
    );
  },
);

/** Samples at the end that no window reached. */
const leftOver = (at: Geometry): number[] =>
  at.input.map((extent, axis) => {
    const covered = (sure(at.output[axis]) - 1) * sure(at.strides[axis]) + reach(at, axis) + 1;
    return extent + sure(at.before[axis]) + sure(at.after[axis]) - covered;
  });

const paddedFirst = (trace: Trace, x: TensorInfo, at: Geometry, channels: number): string =>
  padded(trace, channelsFirst(trace, trace.nameOf(x), at.input, at.batch, channels), [
    [0, 0],
    [0, 0],
    ...at.before.map((before, axis) => [before, sure(at.after[axis])] as const),
  ]);

/**
 * Over a plane, or with steps or gaps: the image unfolded to [b, taps x in, positions], one matrix product a window of
 * the batch with dy [b, positions, out], and a sum over the batch.
 */
const backToFilter = kernel<"x" | "dy", Conv2DBackpropFilterAttrs & Attrs>((trace, { x, dy }, attrs) => {
  const { graph } = trace;
  const info = infoOf(x.shape, attrs.filterShape, attrs);
  const at = geometryOf(info);
  const channels = { in: info.inChannels, out: info.outChannels };
  const overTime = filterSlopeOverTime(trace, trace.nameOf(x), trace.nameOf(dy), at, channels);
  if (overTime !== undefined) {
    const whole = trace.graph.reshape(overTime, attrs.filterShape);
    return trace.tensor(whole, attrs.filterShape, "float32");
  }
  const positions = sizeOf(at.output);
  const image = paddedFirst(trace, x, at, info.inChannels);
  const seen = taps(at.window).map((tap) => sliced(trace, image, tapSpans(at, tap)));
  const joined = seen.length === 1 ? sure(seen[0]) : graph.emit("Concat", seen, { axis: 1 });
  const columns =
    at.output.length === 1
      ? joined
      : graph.reshape(joined, [at.batch, seen.length * info.inChannels, positions]);
  const slope = graph.reshape(trace.nameOf(dy), [at.batch, positions, info.outChannels]);
  const each = graph.weigh(graph.emit("MatMul", [columns, slope]), workOf(info));
  const sum = graph.emit("ReduceSum", [each, graph.ints([0])], { keepdims: 0 });
  return trace.tensor(graph.reshape(sum, attrs.filterShape), attrs.filterShape, "float32");
});

/** [h, w, in, multiplier] to [in x multiplier, 1, h, w], a group a channel. */
function depthwiseFilter(trace: Trace, filter: TensorInfo, { window }: Geometry): string {
  const [, , channels, multiplier] = filter.shape as Shape4;
  const compact = trace.graph.reshape(trace.nameOf(filter), [...window, channels * multiplier]);
  const first = trace.graph.transpose(compact, [window.length, ...Array(window.length).keys()]);
  return trace.graph.reshape(first, [channels * multiplier, 1, ...window]);
}

function convolveDepthwise(trace: Trace, x: TensorInfo, filter: TensorInfo, attrs: Attrs): TensorInfo {
  const info = infoOf(x.shape, filter.shape, attrs, true);
  const at = geometryOf(info);
  const image = channelsFirst(trace, trace.nameOf(x), at.input, at.batch, info.inChannels);
  const result = trace.graph.emit("Conv", [image, depthwiseFilter(trace, filter, at)], {
    ...windowAttributes(at),
    group: info.inChannels,
  });
  return trace.tensor(
    channelsLast(trace, result, at.output, at.batch, info.outChannels),
    info.outShape,
    "float32",
  );
}

const depthwiseToInput = kernel<"dy" | "filter", Attrs & { inputShape: Shape4 }>(
  (trace, { dy, filter }, attrs) => {
    const info = infoOf(attrs.inputShape, filter.shape, attrs, true);
    const at = geometryOf(info);
    const slope = channelsFirst(trace, trace.nameOf(dy), at.output, at.batch, info.outChannels);
    const result = trace.graph.emit("ConvTranspose", [slope, depthwiseFilter(trace, filter, at)], {
      ...windowAttributes(at),
      output_padding: leftOver(at),
      group: info.inChannels,
    });
    return trace.tensor(
      channelsLast(trace, result, at.input, at.batch, info.inChannels),
      attrs.inputShape,
      "float32",
    );
  },
);

const depthwiseToFilter = kernel<"x" | "dy", Attrs & { filterShape: Shape4 }>((trace, { x, dy }, attrs) => {
  const { graph } = trace;
  const info = infoOf(x.shape, attrs.filterShape, attrs, true);
  const at = geometryOf(info);
  const [, , channels, multiplier] = attrs.filterShape;
  const positions = sizeOf(at.output);
  const slope = graph.reshape(channelsFirst(trace, trace.nameOf(dy), at.output, at.batch, info.outChannels), [
    at.batch,
    channels,
    multiplier,
    positions,
  ]);
  const image = paddedFirst(trace, x, at, channels);
  const sums = taps(at.window).map((tap) => {
    const seen = graph.reshape(sliced(trace, image, tapSpans(at, tap)), [at.batch, channels, 1, positions]);
    return graph.reshape(
      graph.emit("ReduceSum", [graph.emit("Mul", [seen, slope]), graph.ints([0, 3])], { keepdims: 0 }),
      [1, channels, multiplier],
    );
  });
  const all = sums.length === 1 ? sure(sums[0]) : graph.emit("Concat", sums, { axis: 0 });
  return trace.tensor(graph.reshape(all, attrs.filterShape), attrs.filterShape, "float32");
});

export const convolutions: KernelTable = {
  Conv2D: kernel<"x" | "filter", Conv2DAttrs>((trace, { x, filter }, attrs) =>
    convolve(trace, x, filter, attrs),
  ),
  FusedConv2D: kernel<"x" | "filter", Conv2DAttrs & Fused>((trace, inputs, attrs) =>
    finishFused(trace, convolve(trace, inputs.x, inputs.filter, attrs), inputs, attrs),
  ),
  Conv2DBackpropInput: backToInput,
  Conv2DBackpropFilter: backToFilter,
  DepthwiseConv2dNative: kernel<"x" | "filter", Attrs>((trace, { x, filter }, attrs) =>
    convolveDepthwise(trace, x, filter, attrs),
  ),
  FusedDepthwiseConv2D: kernel<"x" | "filter", Attrs & Fused>((trace, inputs, attrs) =>
    finishFused(trace, convolveDepthwise(trace, inputs.x, inputs.filter, attrs), inputs, attrs),
  ),
  DepthwiseConv2dNativeBackpropInput: depthwiseToInput,
  DepthwiseConv2dNativeBackpropFilter: depthwiseToFilter,
};
