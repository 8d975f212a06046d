import { backend_util } from "@tensorflow/tfjs-core";
import type {
  GatherV2Attrs,
  OneHotAttrs,
  ScatterNdAttrs,
  TensorInfo,
  UnsortedSegmentSumAttrs,
} from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { sizeOf } from "../feeds.ts";
import type { ElementType } from "../graph.ts";
import { axesOf, cast, emitLike, kernel } from "./kernel.ts";
import type { KernelTable, Optional, Trace } from "./kernel.ts";

/**
 * Adds rows of `updates` [n, width] into `rows` rows of zeros. ScatterElements runs in one thread, so sums over
 * repeated indices come in one order: the same bits every time.
 */
export function addRows(
  trace: Trace,
  to: { rows: number; width: number; dtype: ElementType },
  index: string,
  updates: { name: string; count: number },
): string {
  const { graph } = trace;
  const { rows, width, dtype } = to;
  const column = graph.reshape(cast(trace, index, "int64"), [updates.count, 1]);
  const indices = graph.emit("Expand", [column, graph.ints([updates.count, width])]);
  const values = graph.reshape(updates.name, [updates.count, width]);
  return graph.emit("ScatterElements", [graph.fill(dtype, [rows, width], 0), indices, values], {
    axis: 0,
    reduction: "add",
  });
}

const gather = kernel<"x" | "indices", Optional<GatherV2Attrs, "batchDims">>(
  (trace, { x, indices }, { axis: given, batchDims = 0 }) => {
    const axis = sure(axesOf(given, x)[0]);
    const { graph } = trace;
    const shape = backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims).outputShape;
    if (batchDims === 0)
      return trace.tensor(
        graph.emit("Gather", [trace.nameOf(x), trace.nameOf(indices)], { axis }),
        shape,
        x.dtype,
      );
    if (axis !== batchDims)
      throw new Error("Kernel 'GatherV2 with an axis behind its batch axes' not registered");
    // Batch and gathered axis become one; each batch's indices move to its own stretch of it.
    const batch = sizeOf(x.shape.slice(0, batchDims));
    const size = sure(x.shape[axis]);
    const offsets = graph.constant(
      "int32",
      [batch, 1],
      Array.from({ length: batch }, (_, index) => index * size),
    );
    const local = graph.reshape(trace.nameOf(indices), [batch, sizeOf(indices.shape) / batch]);
    const flat = graph.reshape(trace.nameOf(x), [batch * size, ...x.shape.slice(axis + 1)]);
    const rows = graph.emit("Gather", [flat, graph.emit("Add", [local, offsets])], { axis: 0 });
    return trace.tensor(graph.reshape(rows, shape), shape, x.dtype);
  },
);

/** Row numbers from index tuples [..., k] over the first k axes of `shape`. */
function rowNumbers(
  trace: Trace,
  indices: TensorInfo,
  shape: readonly number[],
): { index: string; count: number; rows: number; width: number } {
  const { graph } = trace;
  const depth = sure(indices.shape.at(-1));
  const count = sizeOf(indices.shape.slice(0, -1));
  const strides = Array.from({ length: depth }, (_, axis) => sizeOf(shape.slice(axis + 1, depth)));
  const tuples = graph.reshape(trace.nameOf(indices), [count, depth]);
  const weighted = graph.emit("Mul", [tuples, graph.constant("int32", [1, depth], strides)]);
  const index = graph.emit("ReduceSum", [weighted, graph.ints([1])], { keepdims: 0 });
  return { index, count, rows: sizeOf(shape.slice(0, depth)), width: sizeOf(shape.slice(depth)) };
}

const gatherNd = kernel<"params" | "indices">((trace, { params, indices }) => {
  const { index, rows, width } = rowNumbers(trace, indices, params.shape);
  const table = trace.graph.reshape(trace.nameOf(params), [rows, width]);
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1))];
  return trace.tensor(
    trace.graph.reshape(trace.graph.emit("Gather", [table, index], { axis: 0 }), shape),
    shape,
    params.dtype,
  );
});

const scatterNd = kernel<"indices" | "updates", ScatterNdAttrs>((trace, { indices, updates }, { shape }) => {
  const { index, count, rows, width } = rowNumbers(trace, indices, shape);
  const sum = addRows(trace, { rows, width, dtype: updates.dtype as ElementType }, index, {
    name: trace.nameOf(updates),
    count,
  });
  return trace.tensor(trace.graph.reshape(sum, shape), shape, updates.dtype);
});

const tensorScatterUpdate = kernel<"tensor" | "indices" | "updates">(
  (trace, { tensor, indices, updates }) => {
    const index = cast(trace, trace.nameOf(indices), "int64");
    return emitLike(trace, "ScatterND", [trace.nameOf(tensor), index, trace.nameOf(updates)], tensor);
  },
);

/** A row of `depth` values, `onValue` at the index; all `offValue` where the index lies outside. */
const oneHot = kernel<"indices", Optional<OneHotAttrs, "dtype">>(
  (trace, { indices }, { depth, onValue, offValue, dtype = "int32" }) => {
    const { graph } = trace;
    const shape = [...indices.shape, depth];
    const column = graph.reshape(trace.nameOf(indices), [...indices.shape, 1]);
    const classes = graph.constant(
      "int32",
      [depth],
      Array.from({ length: depth }, (_, index) => index),
    );
    const hit = graph.emit("Equal", [column, classes]);
    const value = (of: number): string => graph.constant(dtype as ElementType, [], [of]);
    return trace.tensor(graph.emit("Where", [hit, value(onValue), value(offValue)]), shape, dtype);
  },
);

/** Sums of the rows with each number: the gradient of a gather. Rows numbered outside the range are dropped. */
const segmentSum = kernel<"x" | "segmentIds", UnsortedSegmentSumAttrs>(
  (trace, { x, segmentIds }, { numSegments }) => {
    const { graph } = trace;
    const count = sizeOf(segmentIds.shape);
    const width = sizeOf(x.shape.slice(segmentIds.shape.length));
    const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
    const number = trace.nameOf(segmentIds);
    const [none, end] = [graph.constant("int32", [], [0]), graph.constant("int32", [], [numSegments])];
    const outside = graph.emit("Or", [
      graph.emit("Less", [number, none]),
      graph.emit("GreaterOrEqual", [number, end]),
    ]);
    const row = graph.emit("Where", [outside, end, number]); // one row more than asked for takes what is dropped
    const sums = addRows(trace, { rows: numSegments + 1, width, dtype: x.dtype as ElementType }, row, {
      name: trace.nameOf(x),
      count,
    });
    const kept = graph.emit("Slice", [sums, graph.ints([0]), graph.ints([numSegments]), graph.ints([0])]);
    return trace.tensor(graph.reshape(kept, shape), shape, x.dtype);
  },
);

export const gathers: KernelTable = {
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatterUpdate,
  OneHot: oneHot,
  UnsortedSegmentSum: segmentSum,
};
