import { backend_util } from "@tensorflow/tfjs-core";
import type {
  GatherV2Attrs,
  OneHotAttrs,
  ScatterNdAttrs,
  UnsortedSegmentSumAttrs,
} from "@tensorflow/tfjs-core";
import { sure } from "../../../../preload/contract/sure.ts";
import type { ElementType } from "../../graph.ts";
import { axesOf, emitLike, kernel } from "../../kernels/kernel.ts";
import type { KernelTable, Optional } from "../../kernels/kernel.ts";

const gather = kernel<"x" | "indices", Optional<GatherV2Attrs, "batchDims">>(
  (trace, { x, indices }, { axis: given, batchDims = 0 }) => {
    const axis = sure(axesOf(given, x)[0]);
    const { outputShape } = backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
    const along = trace.graph.constant("int32", [], [axis]);
    const name = trace.graph.emit("GatherV2", [trace.nameOf(x), trace.nameOf(indices), along], {
      batch_dims: batchDims,
    });
    return trace.tensor(name, outputShape, x.dtype);
  },
);

const gatherNd = kernel<"params" | "indices">((trace, { params, indices }) => {
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1))];
  const name = trace.graph.emit("GatherNd", [trace.nameOf(params), trace.nameOf(indices)]);
  return trace.tensor(name, shape, params.dtype);
});

const scatterNd = kernel<"indices" | "updates", ScatterNdAttrs>((trace, { indices, updates }, { shape }) => {
  const into = trace.graph.constant("int32", [shape.length], shape);
  const name = trace.graph.emit("ScatterNd", [trace.nameOf(indices), trace.nameOf(updates), into]);
  return trace.tensor(name, shape, updates.dtype);
});

const tensorScatterUpdate = kernel<"tensor" | "indices" | "updates">((trace, { tensor, indices, updates }) =>
  emitLike(
    trace,
    "TensorScatterUpdate",
    [tensor, indices, updates].map((one) => trace.nameOf(one)),
    tensor,
  ),
);

/** A row of `depth` values, `onValue` at the index; all `offValue` where the index lies outside. */
const oneHot = kernel<"indices", Optional<OneHotAttrs, "dtype">>(
  (trace, { indices }, { depth, onValue, offValue, dtype = "int32" }) => {
    const value = (of: number): string => trace.graph.constant(dtype as ElementType, [], [of]);
    const size = trace.graph.constant("int32", [], [depth]);
    const name = trace.graph.emit("OneHot", [trace.nameOf(indices), size, value(onValue), value(offValue)], {
      axis: -1,
    });
    return trace.tensor(name, [...indices.shape, depth], dtype);
  },
);

/** Sums of the rows with each number. TensorFlow drops negative numbers but refuses those beyond the end: made negative. */
const segmentSum = kernel<"x" | "segmentIds", UnsortedSegmentSumAttrs>(
  (trace, { x, segmentIds }, { numSegments }) => {
    const { graph } = trace;
    const number = trace.nameOf(segmentIds);
    const [end, none] = [graph.constant("int32", [], [numSegments]), graph.constant("int32", [], [-1])];
    const inside = graph.emit("SelectV2", [graph.emit("Less", [number, end]), number, none]);
    const name = graph.emit("UnsortedSegmentSum", [trace.nameOf(x), inside, end]);
    return trace.tensor(name, [numSegments, ...x.shape.slice(segmentIds.shape.length)], x.dtype);
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
