import { backend_util } from "@tensorflow/tfjs-core";
import type { MaxPoolAttrs, TensorInfo } from "@tensorflow/tfjs-core";
import { sure } from "../../../../preload/contract/sure.ts";
import type { Attribute } from "../../graph.ts";
import { kernel } from "../../kernels/kernel.ts";
import type { KernelTable, Trace } from "../../kernels/kernel.ts";
import { int32s } from "./convolution.ts";
import { pairs } from "./shape.ts";

type PoolInfo = backend_util.Conv2DInfo;

const infoOf = (x: TensorInfo, attrs: MaxPoolAttrs): PoolInfo =>
  backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );

/** TensorFlow pads by itself only to `SAME`; other paddings are written out and the window stays inside. */
function windowOf(info: PoolInfo): { own: boolean; attributes: Readonly<Record<string, Attribute>> } {
  const own = info.padInfo.type === "SAME" || info.padInfo.type === "VALID";
  return {
    own,
    attributes: {
      ksize: [1, info.filterHeight, info.filterWidth, 1],
      strides: [1, info.strideHeight, info.strideWidth, 1],
      padding: info.padInfo.type === "SAME" ? "SAME" : "VALID",
      data_format: "NHWC",
    },
  };
}

const amounts = ({ padInfo: { top, bottom, left, right } }: PoolInfo): (readonly [number, number])[] => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

const padded = (trace: Trace, name: string, info: PoolInfo, value: number): string =>
  trace.graph.emit("PadV2", [name, pairs(trace, amounts(info)), trace.graph.float(value)]);

const paddedShape = (info: PoolInfo): number[] =>
  amounts(info).map(([before, after], axis) => sure(info.inShape[axis]) + before + after);

const cropped = (trace: Trace, name: string, info: PoolInfo): string =>
  trace.graph.emit("Slice", [
    name,
    trace.graph.ints(amounts(info).map(([before]) => before)),
    trace.graph.ints(info.inShape),
  ]);

const LOWEST = -3.4028234663852886e38; // of float32: never the maximum beside a measured value

const maxPool = kernel<"x", MaxPoolAttrs>((trace, { x }, attrs) => {
  const info = infoOf(x, attrs);
  const { own, attributes } = windowOf(info);
  const image = own ? trace.nameOf(x) : padded(trace, trace.nameOf(x), info, LOWEST);
  return trace.tensor(trace.graph.emit("MaxPool", [image], attributes), info.outShape, x.dtype);
});

/** The slope goes to the first of equal maxima, as in TensorFlow.js. */
const maxPoolGrad = kernel<"dy" | "input", MaxPoolAttrs>((trace, { dy, input }, attrs) => {
  const info = infoOf(input, attrs);
  const { own, attributes } = windowOf(info);
  const image = own ? trace.nameOf(input) : padded(trace, trace.nameOf(input), info, LOWEST);
  const highest = trace.graph.emit("MaxPool", [image], attributes);
  const all = trace.graph.emit("MaxPoolGrad", [image, highest, trace.nameOf(dy)], attributes);
  return trace.tensor(own ? all : cropped(trace, all, info), input.shape, "float32");
});

/** Samples under a window in all, over those of them that are not padding: [1, out height, out width, 1]. */
function share(trace: Trace, info: PoolInfo): string {
  const along = (out: number, size: number, window: number, stride: number, before: number): number[] =>
    Array.from({ length: out }, (_, index) => {
      const first = index * stride - before;
      return Math.min(first + window, size) - Math.max(first, 0);
    });
  const { top, left } = info.padInfo;
  const down = along(info.outHeight, info.inHeight, info.filterHeight, info.strideHeight, top);
  const across = along(info.outWidth, info.inWidth, info.filterWidth, info.strideWidth, left);
  const all = info.filterHeight * info.filterWidth;
  return trace.graph.constant(
    "float32",
    [1, info.outHeight, info.outWidth, 1],
    down.flatMap((rows) => across.map((columns) => all / (rows * columns))),
  );
}

const avgPool = kernel<"x", MaxPoolAttrs>((trace, { x }, attrs) => {
  const info = infoOf(x, attrs);
  const { own, attributes } = windowOf(info);
  const { graph } = trace;
  const image = own ? trace.nameOf(x) : padded(trace, trace.nameOf(x), info, 0);
  const mean = graph.emit("AvgPool", [image], attributes);
  return trace.tensor(own ? mean : graph.emit("Mul", [mean, share(trace, info)]), info.outShape, x.dtype);
});

const avgPoolGrad = kernel<"dy" | "input", MaxPoolAttrs>((trace, { dy, input }, attrs) => {
  const info = infoOf(input, attrs);
  const { own, attributes } = windowOf(info);
  const { graph } = trace;
  const slope = own ? trace.nameOf(dy) : graph.emit("Mul", [trace.nameOf(dy), share(trace, info)]);
  const shape = int32s(trace, own ? input.shape : paddedShape(info));
  const all = graph.emit("AvgPoolGrad", [shape, slope], attributes);
  return trace.tensor(own ? all : cropped(trace, all, info), input.shape, "float32");
});

export const pools: KernelTable = {
  MaxPool: maxPool,
  AvgPool: avgPool,
  MaxPoolGrad: maxPoolGrad,
  AvgPoolGrad: avgPoolGrad,
};
