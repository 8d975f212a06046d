import type {
  ArgMaxAttrs,
  CumsumAttrs,
  LogSoftmaxAttrs,
  MaxAttrs,
  SoftmaxAttrs,
  SumAttrs,
  TensorInfo,
  TopKAttrs,
} from "@tensorflow/tfjs-core";
import { sure } from "../../../../preload/contract/sure.ts";
import { axesOf, axisOf, emitLike, kernel } from "../../kernels/kernel.ts";
import type { Kernel, KernelTable, Trace } from "../../kernels/kernel.ts";
import { castTo } from "./elementwise.ts";

function reduce(
  trace: Trace,
  op: string,
  x: TensorInfo,
  { axis, keepDims }: SumAttrs,
  input = trace.nameOf(x),
): TensorInfo {
  const axes = axesOf(axis, x);
  const shape = keepDims
    ? x.shape.map((size, index) => (axes.includes(index) ? 1 : size))
    : x.shape.filter((_, index) => !axes.includes(index));
  const dtype = op === "Mean" ? "float32" : x.dtype;
  if (axes.length === 0) return trace.tensor(input, shape, dtype);
  const name = trace.graph.emit(op, [input, trace.graph.ints(axes)], { keep_dims: keepDims ? 1 : 0 });
  return trace.tensor(name, shape, dtype);
}

const reduction = (op: string): Kernel =>
  kernel<"x", SumAttrs>((trace, { x }, attrs) => reduce(trace, op, x, attrs));

const mean = kernel<"x", SumAttrs>((trace, { x }, attrs) => {
  const name = trace.nameOf(x);
  return reduce(trace, "Mean", x, attrs, x.dtype === "float32" ? name : castTo(trace, name, "float32"));
});

const maximum = kernel<"x", MaxAttrs & Partial<SumAttrs>>(
  (trace, { x }, { reductionIndices, axis, keepDims }) =>
    reduce(trace, "Max", x, { axis: reductionIndices ?? axis, keepDims }),
);

const argument = (op: string): Kernel =>
  kernel<"x", ArgMaxAttrs>((trace, { x }, attrs) => {
    const axis = sure(axesOf(attrs.axis, x)[0]);
    const along = trace.graph.constant("int32", [], [axis]);
    const name = trace.graph.emit(op, [trace.nameOf(x), along], { output_type: "int32" });
    return trace.tensor(
      name,
      x.shape.filter((_, at) => at !== axis),
      "int32",
    );
  });

const running = (op: string): Kernel =>
  kernel<"x", CumsumAttrs>((trace, { x }, { axis, exclusive, reverse }) => {
    const along = trace.graph.constant("int32", [], [axisOf(axis, x.shape.length)]);
    return emitLike(trace, op, [trace.nameOf(x), along], x, {
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    });
  });

/** The k largest along the last axis. No gradient in TensorFlow.js. */
const topK = kernel<"x", TopKAttrs>((trace, { x }, { k, sorted }) => {
  const inputs = [trace.nameOf(x), trace.graph.constant("int32", [], [k])];
  const [values, indices] = trace.graph.emitMany("TopKV2", inputs, { sorted: sorted ? 1 : 0 }, 2);
  const shape = [...x.shape.slice(0, -1), k];
  return [trace.tensor(sure(values), shape, x.dtype), trace.tensor(sure(indices), shape, "int32")];
});

export const reductions: KernelTable = {
  Sum: reduction("Sum"),
  Min: reduction("Min"),
  Prod: reduction("Prod"),
  All: reduction("All"),
  Any: reduction("Any"),
  Max: maximum,
  Mean: mean,
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  Cumsum: running("Cumsum"),
  Cumprod: running("Cumprod"),
  TopK: topK,
  Softmax: kernel<"logits", SoftmaxAttrs>((trace, { logits }) =>
    emitLike(trace, "Softmax", [trace.nameOf(logits)], logits),
  ),
  LogSoftmax: kernel<"logits", LogSoftmaxAttrs>((trace, { logits }) =>
    emitLike(trace, "LogSoftmax", [trace.nameOf(logits)], logits),
  ),
};
