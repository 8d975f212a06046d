import { backend_util, slice_util, util } from "@tensorflow/tfjs-core";
import type {
  ConcatAttrs,
  DataType,
  ExpandDimsAttrs,
  FillAttrs,
  LinSpaceAttrs,
  MirrorPadAttrs,
  PackAttrs,
  PadV2Attrs,
  RangeAttrs,
  ReshapeAttrs,
  ReverseAttrs,
  SliceAttrs,
  SplitVAttrs,
  StridedSliceAttrs,
  TensorInfo,
  TileAttrs,
  TransposeAttrs,
  UnpackAttrs,
} from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { sizeOf } from "../feeds.ts";
import type { ElementType } from "../graph.ts";
import { axesOf, axisOf, kernel } from "./kernel.ts";
import type { Kernel, KernelTable, Trace } from "./kernel.ts";

const LOWEST = -2147483647; // "from the end, backwards, to the start" in ONNX's Slice

const reshaped = (trace: Trace, x: TensorInfo, shape: readonly number[]): TensorInfo =>
  trace.tensor(
    x.shape.join() === shape.join() ? trace.nameOf(x) : trace.graph.reshape(trace.nameOf(x), shape),
    shape,
    x.dtype,
  );

const inserted = (shape: readonly number[], axis: number, size: number): number[] =>
  shape.toSpliced(axis, 0, size);

/** `size` elements from `begin`, by `step`, along the axes where anything is left out. */
export function sliced(
  trace: Trace,
  input: string,
  spans: readonly { axis: number; begin: number; end: number; step?: number }[],
): string {
  if (spans.length === 0) return input;
  const { graph } = trace;
  const ints = (of: (span: (typeof spans)[number]) => number): string => graph.ints(spans.map(of));
  const steps = spans.some(({ step = 1 }) => step !== 1) ? [ints(({ step = 1 }) => step)] : [];
  return graph.emit("Slice", [
    input,
    ints((s) => s.begin),
    ints((s) => s.end),
    ints((s) => s.axis),
    ...steps,
  ]);
}

export const reversed = (trace: Trace, input: string, axes: readonly number[]): string =>
  sliced(
    trace,
    input,
    axes.map((axis) => ({ axis, begin: -1, end: LOWEST, step: -1 })),
  );

export const padded = (
  trace: Trace,
  input: string,
  paddings: readonly (readonly [number, number])[],
  fill?: string,
): string => {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return input;
  const amounts = trace.graph.ints([
    ...paddings.map(([before]) => before),
    ...paddings.map(([, after]) => after),
  ]);
  return trace.graph.emit("Pad", fill === undefined ? [input, amounts] : [input, amounts, fill]);
};

const slice = kernel<"x", SliceAttrs>((trace, { x }, { begin, size }) => {
  const [begins, sizes] = slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
  const spans = x.shape.flatMap((extent, axis) =>
    begins[axis] === 0 && sizes[axis] === extent
      ? []
      : [{ axis, begin: sure(begins[axis]), end: sure(begins[axis]) + sure(sizes[axis]) }],
  );
  return trace.tensor(sliced(trace, trace.nameOf(x), spans), sizes, x.dtype);
});

const stridedSlice = kernel<"x", StridedSliceAttrs>((trace, { x }, attrs) => {
  const info = slice_util.sliceInfo(
    x.shape,
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  );
  const spans = x.shape.map((_, axis) => {
    const [begin, end, step] = [sure(info.begin[axis]), sure(info.end[axis]), sure(info.strides[axis])];
    return { axis, begin, end: end < 0 ? LOWEST : end, step };
  });
  const name = trace.graph.reshape(sliced(trace, trace.nameOf(x), spans), info.finalShape);
  return trace.tensor(name, info.finalShape, x.dtype);
});

function splitAt(trace: Trace, x: TensorInfo, sizes: readonly number[], axis: number): string[] {
  if (sizes.length === 1) return [trace.nameOf(x)];
  return [
    ...trace.graph.emitMany("Split", [trace.nameOf(x), trace.graph.ints(sizes)], { axis }, sizes.length),
  ];
}

const split = kernel<"x", SplitVAttrs>((trace, { x }, { numOrSizeSplits, axis: given }) => {
  const axis = axisOf(given, x.shape.length);
  const sizes = backend_util.prepareSplitSize(x, numOrSizeSplits, axis);
  return splitAt(trace, x, sizes, axis).map((name, index) =>
    trace.tensor(name, x.shape.with(axis, sure(sizes[index])), x.dtype),
  );
});

const unpack = kernel<"value", UnpackAttrs>((trace, { value }, { axis: given }) => {
  const axis = axisOf(given, value.shape.length);
  const shape = value.shape.toSpliced(axis, 1);
  const parts = splitAt(
    trace,
    value,
    Array.from({ length: sure(value.shape[axis]) }, () => 1),
    axis,
  );
  return parts.map((part) => trace.tensor(trace.graph.reshape(part, shape), shape, value.dtype));
});

const concat = kernel<string, ConcatAttrs>((trace, inputs, attrs) => {
  const all = Object.values(inputs);
  const first = sure(all[0]);
  const axis = axisOf(attrs.axis, first.shape.length);
  const shape = first.shape.with(
    axis,
    all.reduce((size, part) => size + sure(part.shape[axis]), 0),
  );
  const parts = all.filter((part) => sizeOf(part.shape) > 0).map((part) => trace.nameOf(part));
  if (parts.length === 0) return trace.tensor(trace.nameOf(first), shape, first.dtype);
  return trace.tensor(
    parts.length === 1 ? sure(parts[0]) : trace.graph.emit("Concat", parts, { axis }),
    shape,
    first.dtype,
  );
});

const pack = kernel<string, PackAttrs>((trace, inputs, attrs) => {
  const all = Object.values(inputs);
  const { shape, dtype } = sure(all[0]);
  const axis = axisOf(attrs.axis, shape.length + 1);
  const parts = all.map((part) => trace.graph.reshape(trace.nameOf(part), inserted(shape, axis, 1)));
  return trace.tensor(
    parts.length === 1 ? sure(parts[0]) : trace.graph.emit("Concat", parts, { axis }),
    inserted(shape, axis, all.length),
    dtype,
  );
});

const pad = kernel<"x", PadV2Attrs>((trace, { x }, { paddings, constantValue }) => {
  const shape = x.shape.map((size, axis) => size + sure(paddings[axis])[0] + sure(paddings[axis])[1]);
  const fill = trace.graph.constant(x.dtype as ElementType, [], [constantValue]);
  return trace.tensor(padded(trace, trace.nameOf(x), paddings, fill), shape, x.dtype);
});

/** `reflect` leaves the edge out, `symmetric` repeats it; written as a gather along each padded axis. */
const mirrorPad = kernel<"x", MirrorPadAttrs>((trace, { x }, { paddings, mode }) => {
  const edge = mode === "reflect" ? 0 : 1;
  const shape = x.shape.map((size, axis) => size + sure(paddings[axis])[0] + sure(paddings[axis])[1]);
  const name = paddings.reduce((input, [before], axis) => {
    const size = sure(x.shape[axis]);
    if (shape[axis] === size) return input;
    const source = Array.from({ length: sure(shape[axis]) }, (_, index) =>
      mirrored(index - before, size, edge),
    );
    return trace.graph.emit("Gather", [input, trace.graph.ints(source)], { axis });
  }, trace.nameOf(x));
  return trace.tensor(name, shape, x.dtype);
});
const mirrored = (index: number, size: number, edge: number): number =>
  index < 0 ? -index - edge : index >= size ? 2 * (size - 1) - index + edge : index;

const tile = kernel<"x", TileAttrs>((trace, { x }, { reps }) => {
  const shape = x.shape.map((size, axis) => size * sure(reps[axis]));
  if (reps.every((count) => count === 1)) return trace.tensor(trace.nameOf(x), shape, x.dtype);
  const broadcasts = x.shape.every((size, axis) => size === 1 || reps[axis] === 1);
  // Expand is the cheaper word for a repetition of axes of size one, and one that elementwise kernels see through.
  const name = broadcasts
    ? trace.graph.emit("Expand", [trace.nameOf(x), trace.graph.ints(shape)])
    : trace.graph.emit("Tile", [trace.nameOf(x), trace.graph.ints(reps)]);
  return trace.tensor(name, shape, x.dtype);
});

const filled = (trace: Trace, shape: readonly number[], dtype: DataType, value: number): TensorInfo =>
  trace.tensor(trace.graph.fill(dtype as ElementType, shape, value), shape, dtype);

const like = (value: number): Kernel => kernel<"x">((trace, { x }) => filled(trace, x.shape, x.dtype, value));

const listed = (trace: Trace, dtype: "float32" | "int32", values: Float32Array | Int32Array): TensorInfo =>
  trace.tensor(trace.graph.constant(dtype, [values.length], values), [values.length], dtype);

/** [b, h, w, c r^2] -> [b, h r, w r, c]. */
const depthToSpace = kernel<"x", { blockSize: number; dataFormat: string }>(
  (trace, { x }, { blockSize: r, dataFormat }) => {
    if (dataFormat !== "NHWC") throw new Error("Kernel 'DepthToSpace, channels first' not registered");
    const [b, h, w, c] = x.shape as [number, number, number, number];
    const shape = [b, h * r, w * r, c / (r * r)];
    const blocks = trace.graph.reshape(trace.nameOf(x), [b, h, w, r, r, c / (r * r)]);
    return trace.tensor(
      trace.graph.reshape(trace.graph.transpose(blocks, [0, 1, 3, 2, 4, 5]), shape),
      shape,
      x.dtype,
    );
  },
);

export const shapes: KernelTable = {
  Reshape: kernel<"x", ReshapeAttrs>((trace, { x }, { shape }) =>
    reshaped(trace, x, util.inferFromImplicitShape(shape, sizeOf(x.shape))),
  ),
  ExpandDims: kernel<"input", ExpandDimsAttrs>((trace, { input }, { dim }) =>
    reshaped(trace, input, inserted(input.shape, axisOf(dim, input.shape.length + 1), 1)),
  ),
  Transpose: kernel<"x", TransposeAttrs>((trace, { x }, { perm }) =>
    trace.tensor(
      trace.graph.transpose(trace.nameOf(x), perm),
      perm.map((axis) => sure(x.shape[axis])),
      x.dtype,
    ),
  ),
  Reverse: kernel<"x", ReverseAttrs>((trace, { x }, { dims }) =>
    trace.tensor(reversed(trace, trace.nameOf(x), axesOf(dims, x)), x.shape, x.dtype),
  ),
  Slice: slice,
  StridedSlice: stridedSlice,
  SplitV: split,
  Unpack: unpack,
  Concat: concat,
  Pack: pack,
  PadV2: pad,
  MirrorPad: mirrorPad,
  Tile: tile,
  DepthToSpace: depthToSpace,
  Fill: kernel<never, FillAttrs>((trace, _, { shape, value, dtype }) =>
    filled(trace, shape, dtype ?? "float32", Number(value)),
  ),
  ZerosLike: like(0),
  OnesLike: like(1),
  LinSpace: kernel<never, LinSpaceAttrs>((trace, _, { start, stop, num }) =>
    listed(
      trace,
      "float32",
      Float32Array.from({ length: num }, (_value, index) =>
        num === 1 ? start : start + (index * (stop - start)) / (num - 1),
      ),
    ),
  ),
  Range: kernel<never, RangeAttrs>((trace, _, { start, stop, step, dtype }) => {
    const count = Math.max(0, Math.ceil((stop - start) / step));
    const values = Array.from({ length: count }, (_value, index) => start + index * step);
    return listed(trace, dtype, (dtype === "int32" ? Int32Array : Float32Array).from(values));
  }),
  Diag: kernel<"x">((trace, { x }) => {
    const size = sizeOf(x.shape);
    const eye = Array.from({ length: size * size }, (_value, index) => (index % (size + 1) === 0 ? 1 : 0));
    const mask = trace.graph.constant(x.dtype as ElementType, [size, size], eye);
    const shape = [...x.shape, ...x.shape];
    const matrix = trace.graph.emit("Mul", [trace.graph.reshape(trace.nameOf(x), [1, size]), mask]);
    return trace.tensor(trace.graph.reshape(matrix, shape), shape, x.dtype);
  }),
};
