import { backend_util } from "@tensorflow/tfjs-core";
import type {
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  TensorInfo,
} from "@tensorflow/tfjs-core";
import type { Attribute } from "../../graph.ts";
import { kernel } from "../../kernels/kernel.ts";
import type { KernelTable, Trace } from "../../kernels/kernel.ts";
import { finishFused } from "./product.ts";
import type { Fused } from "./product.ts";
import { pairs } from "./shape.ts";

type Attrs = Pick<Conv2DAttrs, "strides" | "pad" | "dimRoundingMode"> &
  Partial<Pick<Conv2DAttrs, "dilations" | "dataFormat">>;
export type Shape4 = [number, number, number, number];
type ConvInfo = backend_util.Conv2DInfo;

function infoOf(
  image: readonly number[],
  filter: readonly number[],
  attrs: Attrs,
  depthwise = false,
): ConvInfo {
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

export const int32s = (trace: Trace, values: readonly number[]): string =>
  trace.graph.constant("int32", [values.length], values);

type Attributes = Readonly<Record<string, Attribute>>;

/** A window over height one reaches one row, so any stride down is the same; depthwise asks for two equal ones. */
const stridesOf = (info: ConvInfo): number[] => {
  const flat = info.inHeight === 1 && info.outHeight === 1;
  return [1, flat ? info.strideWidth : info.strideHeight, info.strideWidth, 1];
};

function windowOf(info: ConvInfo): Attributes {
  const { padInfo: pad } = info;
  const strides = stridesOf(info);
  if (pad.type === "SAME" || pad.type === "VALID") return { strides, padding: pad.type, data_format: "NHWC" };
  return {
    strides,
    padding: "EXPLICIT",
    explicit_paddings: [0, 0, pad.top, pad.bottom, pad.left, pad.right, 0, 0],
    data_format: "NHWC",
  };
}
const unpadded: Attributes = { strides: [1, 1, 1, 1], padding: "VALID", data_format: "NHWC" };

const isDilated = (info: ConvInfo): boolean => info.dilationHeight > 1 || info.dilationWidth > 1;

/**
 * A dilated window sees every d-th sample: the image parted into its d phases, laid side by side in the batch, is seen
 * by a plain window. `image` parts what the window moves over, `result` what comes out, and `joined` puts back together.
 */
function phases(trace: Trace, info: ConvInfo) {
  const { graph } = trace;
  const { padInfo: pad, dilationHeight: dh, dilationWidth: dw } = info;
  const padded = [info.inHeight + pad.top + pad.bottom, info.inWidth + pad.left + pad.right] as const;
  const up = (size: number, by: number): number => Math.ceil(size / by) * by;
  const [height, width] = [up(padded[0], dh), up(padded[1], dw)];
  const outer = [
    [pad.top, pad.bottom + height - padded[0]],
    [pad.left, pad.right + width - padded[1]],
  ];
  const [outHeight, outWidth] = [height - dh * (info.filterHeight - 1), width - dw * (info.filterWidth - 1)];
  const beyond = [
    [0, outHeight - info.outHeight],
    [0, outWidth - info.outWidth],
  ];
  const block = int32s(trace, [dh, dw]);
  const part = (name: string, amounts: number[][]): string =>
    graph.emit("SpaceToBatchND", [name, block, pairs(trace, amounts)]);
  const join = (name: string, amounts: number[][]): string =>
    graph.emit("BatchToSpaceND", [name, block, pairs(trace, amounts)]);
  return {
    image: (name: string) => part(name, outer),
    imageShape: [info.batchSize * dh * dw, height / dh, width / dw, info.inChannels],
    joinedImage: (name: string) => join(name, outer),
    result: (name: string) => part(name, beyond),
    joinedResult: (name: string) => join(name, beyond),
  };
}

function convolve(trace: Trace, x: TensorInfo, filter: TensorInfo, attrs: Attrs): TensorInfo {
  const info = infoOf(x.shape, filter.shape, attrs);
  return forward(trace, "Conv2D", x, filter, info);
}

function forward(trace: Trace, op: string, x: TensorInfo, filter: TensorInfo, info: ConvInfo): TensorInfo {
  const [image, weights] = [trace.nameOf(x), trace.nameOf(filter)];
  if (!isDilated(info))
    return trace.tensor(trace.graph.emit(op, [image, weights], windowOf(info)), info.outShape, "float32");
  const { image: parted, joinedResult } = phases(trace, info);
  const each = trace.graph.emit(op, [parted(image), weights], unpadded);
  return trace.tensor(joinedResult(each), info.outShape, "float32");
}

const backToInput = kernel<"dy" | "filter", Conv2DBackpropInputAttrs & Attrs>(
  (trace, { dy, filter }, attrs) => {
    const info = infoOf(attrs.inputShape, filter.shape, attrs);
    return toInput(trace, "Conv2DBackpropInput", { dy, filter, info });
  },
);

function toInput(
  trace: Trace,
  op: string,
  { dy, filter, info }: { dy: TensorInfo; filter: TensorInfo; info: ConvInfo },
): TensorInfo {
  const [slope, weights] = [trace.nameOf(dy), trace.nameOf(filter)];
  const emit = (shape: readonly number[], by: string, window: Attributes): string =>
    trace.graph.emit(op, [int32s(trace, shape), weights, by], window);
  if (!isDilated(info))
    return trace.tensor(emit(info.inShape, slope, windowOf(info)), info.inShape, "float32");
  const { imageShape, result, joinedImage } = phases(trace, info);
  return trace.tensor(joinedImage(emit(imageShape, result(slope), unpadded)), info.inShape, "float32");
}

const backToFilter = kernel<"x" | "dy", Conv2DBackpropFilterAttrs & Attrs>((trace, { x, dy }, attrs) => {
  const info = infoOf(x.shape, attrs.filterShape, attrs);
  return toFilter(trace, "Conv2DBackpropFilter", { x, dy, info, shape: attrs.filterShape });
});

function toFilter(
  trace: Trace,
  op: string,
  { x, dy, info, shape }: { x: TensorInfo; dy: TensorInfo; info: ConvInfo; shape: Shape4 },
): TensorInfo {
  const [image, slope] = [trace.nameOf(x), trace.nameOf(dy)];
  const emit = (of: string, by: string, window: Attributes): string =>
    trace.graph.emit(op, [of, int32s(trace, shape), by], window);
  if (!isDilated(info)) return trace.tensor(emit(image, slope, windowOf(info)), shape, "float32");
  const { image: parted, result } = phases(trace, info);
  return trace.tensor(emit(parted(image), result(slope), unpadded), shape, "float32");
}

function convolveDepthwise(trace: Trace, x: TensorInfo, filter: TensorInfo, attrs: Attrs): TensorInfo {
  return forward(trace, "DepthwiseConv2dNative", x, filter, infoOf(x.shape, filter.shape, attrs, true));
}

const depthwiseToInput = kernel<"dy" | "filter", Attrs & { inputShape: Shape4 }>(
  (trace, { dy, filter }, attrs) => {
    const info = infoOf(attrs.inputShape, filter.shape, attrs, true);
    return toInput(trace, "DepthwiseConv2dNativeBackpropInput", { dy, filter, info });
  },
);

const depthwiseToFilter = kernel<"x" | "dy", Attrs & { filterShape: Shape4 }>((trace, { x, dy }, attrs) => {
  const info = infoOf(x.shape, attrs.filterShape, attrs, true);
  return toFilter(trace, "DepthwiseConv2dNativeBackpropFilter", { x, dy, info, shape: attrs.filterShape });
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
