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
import { sure } from "../../../preload/contract/sure.ts";
import { sizeOf } from "../feeds.ts";
import type { ElementType } from "../graph.ts";
import { axesOf, axisOf, cast, emitLike, kernel } from "./kernel.ts";
import type { Kernel, KernelTable, Trace } from "./kernel.ts";

/** ONNX took the axes as an input for sums first; at opset 17 the other reductions still have an attribute. */
function reduce(
  trace: Trace,
  op: string,
  input: string,
  x: TensorInfo,
  { axis, keepDims }: SumAttrs,
): { name: string; shape: number[] } {
  const axes = axesOf(axis, x);
  const shape = keepDims
    ? x.shape.map((size, index) => (axes.includes(index) ? 1 : size))
    : x.shape.filter((_, index) => !axes.includes(index));
  if (axes.length === 0) return { name: input, shape };
  if (
    op === "ReduceSum" &&
    x.dtype === "float32" &&
    x.shape.length === 2 &&
    axes.join() === "0" &&
    sure(x.shape[0]) <= SUMMED_AS_PRODUCT &&
    sizeOf(x.shape) > 0
  ) {
    return { name: trace.graph.reshape(columnSums(trace, input, x.shape as [number, number]), shape), shape };
  }
  const keepdims = keepDims ? 1 : 0;
  const name =
    op === "ReduceSum"
      ? trace.graph.emit(op, [input, trace.graph.ints(axes)], { keepdims })
      : trace.graph.emit(op, [input], { axes, keepdims });
  return { name, shape };
}

const SUMMED_AS_PRODUCT = 1024; // rows: at 256 x 256 20 us against 70, at 4096 x 512 no more

/** Sums down the rows as a product with ones. */
function columnSums(trace: Trace, input: string, [rows, columns]: readonly [number, number]): string {
  const sums = trace.graph.emit("Gemm", [trace.graph.fill("float32", [1, rows], 1), input], {
    transA: 0,
    transB: 0,
  });
  return trace.graph.know(sums, [1, columns]);
}

const reduction = (op: string): Kernel =>
  kernel<"x", SumAttrs>((trace, { x }, attrs) => {
    const { name, shape } = reduce(trace, op, trace.nameOf(x), x, attrs);
    return trace.tensor(name, shape, x.dtype);
  });

/** All and Any as minimum and maximum of 0 and 1. */
const logical = (op: string): Kernel =>
  kernel<"x", SumAttrs>((trace, { x }, attrs) => {
    const { name, shape } = reduce(trace, op, cast(trace, trace.nameOf(x), "int32"), x, attrs);
    return trace.tensor(cast(trace, name, "bool"), shape, "bool");
  });

const mean = kernel<"x", SumAttrs>((trace, { x }, attrs) => {
  const input = x.dtype === "float32" ? trace.nameOf(x) : cast(trace, trace.nameOf(x), "float32");
  const { name, shape } = reduce(trace, "ReduceMean", input, x, attrs);
  return trace.tensor(name, shape, "float32");
});

const maximum = kernel<"x", MaxAttrs & Partial<SumAttrs>>(
  (trace, { x }, { reductionIndices, axis, keepDims }) => {
    const { name, shape } = reduce(trace, "ReduceMax", trace.nameOf(x), x, {
      axis: reductionIndices ?? axis,
      keepDims,
    });
    return trace.tensor(name, shape, x.dtype);
  },
);

/** The first of equal extremes, as TensorFlow.js. */
const argument = (op: string): Kernel =>
  kernel<"x", ArgMaxAttrs>((trace, { x }, attrs) => {
    const axis = sure(axesOf(attrs.axis, x)[0]);
    const index = trace.graph.emit(op, [trace.nameOf(x)], { axis, keepdims: 0 });
    return trace.tensor(
      cast(trace, index, "int32"),
      x.shape.filter((_, at) => at !== axis),
      "int32",
    );
  });

const cumsum = kernel<"x", CumsumAttrs>((trace, { x }, { axis, exclusive, reverse }) =>
  emitLike(
    trace,
    "CumSum",
    [trace.nameOf(x), trace.graph.constant("int64", [], [axisOf(axis, x.shape.length)])],
    x,
    {
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    },
  ),
);

/** ONNX has no running product: one multiplication a sample. No gradient in TensorFlow.js, but that of prod needs it. */
const cumprod = kernel<"x", CumsumAttrs>((trace, { x }, { axis: given, exclusive, reverse }) => {
  const { graph } = trace;
  const axis = axisOf(given, x.shape.length);
  const size = sure(x.shape[axis]);
  if (size === 0) return trace.tensor(trace.nameOf(x), x.shape, x.dtype);
  const parts =
    size === 1
      ? [trace.nameOf(x)]
      : [
          ...graph.emitMany(
            "Split",
            [trace.nameOf(x), graph.ints(Array.from({ length: size }, () => 1))],
            { axis },
            size,
          ),
        ];
  if (reverse) parts.reverse();
  const one = graph.fill(x.dtype as ElementType, x.shape.with(axis, 1), 1);
  const running: string[] = [];
  for (const part of parts)
    running.push(running.length === 0 ? part : graph.emit("Mul", [sure(running.at(-1)), part]));
  const products = exclusive ? [one, ...running.slice(0, -1)] : running;
  if (reverse) products.reverse();
  return trace.tensor(
    size === 1 ? sure(products[0]) : graph.emit("Concat", products, { axis }),
    x.shape,
    x.dtype,
  );
});

/** The k largest along the last axis. No gradient in TensorFlow.js. */
const topK = kernel<"x", TopKAttrs>((trace, { x }, { k, sorted }) => {
  const attributes = { axis: x.shape.length - 1, largest: 1, sorted: sorted ? 1 : 0 };
  const [values, indices] = trace.graph.emitMany(
    "TopK",
    [trace.nameOf(x), trace.graph.ints([k])],
    attributes,
    2,
  );
  const shape = [...x.shape.slice(0, -1), k];
  return [
    trace.tensor(sure(values), shape, x.dtype),
    trace.tensor(cast(trace, sure(indices), "int32"), shape, "int32"),
  ];
});

export const reductions: KernelTable = {
  Sum: reduction("ReduceSum"),
  Min: reduction("ReduceMin"),
  Prod: reduction("ReduceProd"),
  Max: maximum,
  Mean: mean,
  All: logical("ReduceMin"),
  Any: logical("ReduceMax"),
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  Cumsum: cumsum,
  Cumprod: cumprod,
  TopK: topK,
  Softmax: kernel<"logits", SoftmaxAttrs>((trace, { logits }, { dim }) =>
    emitLike(trace, "Softmax", [trace.nameOf(logits)], logits, { axis: axisOf(dim, logits.shape.length) }),
  ),
  LogSoftmax: kernel<"logits", LogSoftmaxAttrs>((trace, { logits }, { axis }) =>
    emitLike(trace, "LogSoftmax", [trace.nameOf(logits)], logits, {
      axis: axisOf(axis, logits.shape.length),
    }),
  ),
};
