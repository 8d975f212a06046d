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
import { sure } from "../../../../preload/contract/sure.ts";
import { sizeOf } from "../../feeds.ts";
import type { ElementType } from "../../graph.ts";
import { axesOf, axisOf, emitLike, kernel } from "../../kernels/kernel.ts";
import type { Kernel, KernelTable, Trace } from "../../kernels/kernel.ts";
import { expanded } from "./elementwise.ts";

const reshaped = (trace: Trace, x: TensorInfo, shape: readonly number[]): TensorInfo =>
  trace.tensor(
    x.shape.join() === shape.join() ? trace.nameOf(x) : trace.graph.reshape(trace.nameOf(x), shape),
    shape,
    x.dtype,
  );

const axisConstant = (trace: Trace, axis: number): string => trace.graph.constant("int32", [], [axis]);

/** [before, after] an axis, as the matrix that TensorFlow asks for. */
export const pairs = (trace: Trace, amounts: readonly (readonly number[])[]): string =>
  trace.graph.constant("int64", [amounts.length, 2], amounts.flat());

const slice = kernel<"x", SliceAttrs>((trace, { x }, { begin, size }) => {
  const [begins, sizes] = slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
  const name = trace.nameOf(x);
  const whole = x.shape.every((extent, axis) => begins[axis] === 0 && sizes[axis] === extent);
  const { graph } = trace;
  const part = whole ? name : graph.emit("Slice", [name, graph.ints(begins), graph.ints(sizes)]);
  return trace.tensor(part, sizes, x.dtype);
});

const stridedSlice = kernel<"x", StridedSliceAttrs>((trace, { x }, attrs) => {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const { finalShape } = slice_util.sliceInfo(
    x.shape,
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  const name = trace.graph.emit(
    "StridedSlice",
    [trace.nameOf(x), ...[begin, end, strides].map((values) => trace.graph.ints(values))],
    {
      begin_mask: beginMask,
      end_mask: endMask,
      ellipsis_mask: ellipsisMask,
      new_axis_mask: newAxisMask,
      shrink_axis_mask: shrinkAxisMask,
    },
  );
  return trace.tensor(name, finalShape, x.dtype);
});

const split = kernel<"x", SplitVAttrs>((trace, { x }, { numOrSizeSplits, axis: given }) => {
  const axis = axisOf(given, x.shape.length);
  const sizes = backend_util.prepareSplitSize(x, numOrSizeSplits, axis);
  if (sizes.length === 1) return [trace.tensor(trace.nameOf(x), x.shape, x.dtype)];
  const inputs = [trace.nameOf(x), trace.graph.ints(sizes), axisConstant(trace, axis)];
  const parts = trace.graph.emitMany("SplitV", inputs, { num_split: sizes.length }, sizes.length);
  return sizes.map((size, index) => trace.tensor(sure(parts[index]), x.shape.with(axis, size), x.dtype));
});

const unpack = kernel<"value", UnpackAttrs>((trace, { value }, { axis: given }) => {
  const axis = axisOf(given, value.shape.length);
  const shape = value.shape.toSpliced(axis, 1);
  const count = sure(value.shape[axis]);
  if (count === 1) return [reshaped(trace, value, shape)];
  const parts = trace.graph.emitMany("Unpack", [trace.nameOf(value)], { num: count, axis }, count);
  return parts.map((part) => trace.tensor(part, shape, value.dtype));
});

const concat = kernel<string, ConcatAttrs>((trace, inputs, attrs) => {
  const all = Object.values(inputs);
  const { shape: first, dtype } = sure(all[0]);
  const axis = axisOf(attrs.axis, first.length);
  const shape = first.with(
    axis,
    all.reduce((size, part) => size + sure(part.shape[axis]), 0),
  );
  const parts = all.filter((part) => sizeOf(part.shape) > 0).map((part) => trace.nameOf(part));
  if (parts.length === 0) return trace.tensor(trace.nameOf(sure(all[0])), shape, dtype);
  const name =
    parts.length === 1
      ? sure(parts[0])
      : trace.graph.emit("ConcatV2", [...parts, axisConstant(trace, axis)], { N: parts.length });
  return trace.tensor(name, shape, dtype);
});

const pack = kernel<string, PackAttrs>((trace, inputs, attrs) => {
  const all = Object.values(inputs);
  const { shape: part, dtype } = sure(all[0]);
  const axis = axisOf(attrs.axis, part.length + 1);
  const shape = part.toSpliced(axis, 0, all.length);
  const names = all.map((one) => trace.nameOf(one));
  const name =
    names.length === 1
      ? trace.graph.reshape(sure(names[0]), shape)
      : trace.graph.emit("Pack", names, { axis });
  return trace.tensor(name, shape, dtype);
});

const paddedShape = (x: TensorInfo, paddings: readonly (readonly number[])[]): number[] =>
  x.shape.map((size, axis) => size + sure(sure(paddings[axis])[0]) + sure(sure(paddings[axis])[1]));

const pad = kernel<"x", PadV2Attrs>((trace, { x }, { paddings, constantValue }) => {
  const name = trace.nameOf(x);
  const fill = trace.graph.constant(x.dtype as ElementType, [], [constantValue]);
  const untouched = paddings.every(([before, after]) => before === 0 && after === 0);
  const padded = untouched ? name : trace.graph.emit("PadV2", [name, pairs(trace, paddings), fill]);
  return trace.tensor(padded, paddedShape(x, paddings), x.dtype);
});

const mirrorPad = kernel<"x", MirrorPadAttrs>((trace, { x }, { paddings, mode }) => {
  const name = trace.graph.emit("MirrorPad", [trace.nameOf(x), pairs(trace, paddings)], {
    mode: mode.toUpperCase(),
  });
  return trace.tensor(name, paddedShape(x, paddings), x.dtype);
});

const tile = kernel<"x", TileAttrs>((trace, { x }, { reps }) => {
  const { graph } = trace;
  const name = trace.nameOf(x);
  const shape = x.shape.map((size, axis) => size * sure(reps[axis]));
  if (reps.every((count) => count === 1)) return trace.tensor(name, shape, x.dtype);
  const broadcasts = x.shape.every((size, axis) => size === 1 || reps[axis] === 1);
  const tiled = broadcasts ? expanded(trace, name, shape) : graph.emit("Tile", [name, graph.ints(reps)]);
  return trace.tensor(tiled, shape, x.dtype);
});

const filled = (trace: Trace, shape: readonly number[], dtype: DataType, value: number): TensorInfo =>
  trace.tensor(trace.graph.fill(dtype as ElementType, shape, value), shape, dtype);

const like = (value: number): Kernel => kernel<"x">((trace, { x }) => filled(trace, x.shape, x.dtype, value));

const listed = (trace: Trace, dtype: "float32" | "int32", values: readonly number[]): TensorInfo =>
  trace.tensor(trace.graph.constant(dtype, [values.length], values), [values.length], dtype);

/** [b, h, w, c r^2] -> [b, h r, w r, c]. */
const depthToSpace = kernel<"x", { blockSize: number; dataFormat: string }>(
  (trace, { x }, { blockSize: r, dataFormat }) => {
    if (dataFormat !== "NHWC") throw new Error("Kernel 'DepthToSpace, channels first' not registered");
    const [b, h, w, c] = x.shape as [number, number, number, number];
    const name = trace.graph.emit("DepthToSpace", [trace.nameOf(x)], { block_size: r, data_format: "NHWC" });
    return trace.tensor(name, [b, h * r, w * r, c / (r * r)], x.dtype);
  },
);

export const shapes: KernelTable = {
  Reshape: kernel<"x", ReshapeAttrs>((trace, { x }, { shape }) =>
    reshaped(trace, x, util.inferFromImplicitShape(shape, sizeOf(x.shape))),
  ),
  ExpandDims: kernel<"input", ExpandDimsAttrs>((trace, { input }, { dim }) =>
    reshaped(trace, input, input.shape.toSpliced(axisOf(dim, input.shape.length + 1), 0, 1)),
  ),
  Transpose: kernel<"x", TransposeAttrs>((trace, { x }, { perm }) =>
    trace.tensor(
      trace.graph.transpose(trace.nameOf(x), perm),
      perm.map((axis) => sure(x.shape[axis])),
      x.dtype,
    ),
  ),
  Reverse: kernel<"x", ReverseAttrs>((trace, { x }, { dims }) =>
    emitLike(trace, "ReverseV2", [trace.nameOf(x), trace.graph.ints(axesOf(dims, x))], x),
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
      Array.from({ length: num }, (_value, index) =>
        num === 1 ? start : start + (index * (stop - start)) / (num - 1),
      ),
    ),
  ),
  Range: kernel<never, RangeAttrs>((trace, _, { start, stop, step, dtype }) => {
    const count = Math.max(0, Math.ceil((stop - start) / step));
    return listed(
      trace,
      dtype,
      Array.from({ length: count }, (_value, index) => start + index * step),
    );
  }),
  Diag: kernel<"x">((trace, { x }) =>
    trace.tensor(trace.graph.emit("Diag", [trace.nameOf(x)]), [...x.shape, ...x.shape], x.dtype),
  ),
};
