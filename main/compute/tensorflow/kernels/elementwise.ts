import type {
  ClipByValueAttrs,
  DataType,
  FusedBatchNormAttrs,
  LeakyReluAttrs,
  TensorInfo,
} from "@tensorflow/tfjs-core";
import { sure } from "../../../../preload/contract/sure.ts";
import { broadcastShape, emitLike, kernel } from "../../kernels/kernel.ts";
import type { Kernel, KernelTable, Trace } from "../../kernels/kernel.ts";

export const castTo = (trace: Trace, name: string, to: DataType): string =>
  trace.graph.emit("Cast", [name], { DstT: to });

/** What was repeated to the shape of x, where x is nothing but a repetition: TensorFlow broadcasts by itself. */
function narrow(trace: Trace, x: TensorInfo): string | undefined {
  const producer = trace.graph.producerOf(trace.nameOf(x));
  return producer?.op === "BroadcastTo" ? producer.inputs[0] : undefined;
}

export const expanded = (trace: Trace, name: string, shape: readonly number[]): string =>
  trace.graph.emit("BroadcastTo", [name, trace.graph.ints(shape)]);

const unary = (op: string): Kernel =>
  kernel<"x">((trace, { x }) => {
    const source = narrow(trace, x);
    if (source === undefined) return emitLike(trace, op, [trace.nameOf(x)], x);
    return trace.tensor(expanded(trace, trace.graph.emit(op, [source]), x.shape), x.shape, x.dtype);
  });

const predicate = (op: string): Kernel =>
  kernel<"x">((trace, { x }) => trace.tensor(trace.graph.emit(op, [trace.nameOf(x)]), x.shape, "bool"));

/** The operand before it was repeated, if another one spans the whole shape on its own. */
function untiled(trace: Trace, operand: TensorInfo, ...others: readonly TensorInfo[]): string {
  const spans = (other: TensorInfo): boolean =>
    other.shape.join() === operand.shape.join() && narrow(trace, other) === undefined;
  return (others.some(spans) ? narrow(trace, operand) : undefined) ?? trace.nameOf(operand);
}

function binaryResult(trace: Trace, op: string, a: TensorInfo, b: TensorInfo): TensorInfo {
  const dtype = a.dtype === "float32" || b.dtype === "float32" ? "float32" : a.dtype;
  const shape = broadcastShape(a, b);
  const [narrowA, narrowB] = [narrow(trace, a), narrow(trace, b)];
  // With one number on the other side the arithmetic comes first and the repetition after it.
  const before =
    narrowA !== undefined && b.shape.length === 0
      ? [narrowA, trace.nameOf(b)]
      : narrowB !== undefined && a.shape.length === 0
        ? [trace.nameOf(a), narrowB]
        : undefined;
  if (before !== undefined)
    return trace.tensor(expanded(trace, trace.graph.emit(op, before), shape), shape, dtype);
  return trace.tensor(trace.graph.emit(op, [untiled(trace, a, b), untiled(trace, b, a)]), shape, dtype);
}

const binary = (op: string): Kernel => kernel<"a" | "b">((trace, { a, b }) => binaryResult(trace, op, a, b));

/**
 * A product with ones repeats the other factor; one with the derivative of a rectifier, a sigmoid or a hyperbolic
 * tangent is a single operator of TensorFlow, one pass over memory instead of three.
 */
const multiply = kernel<"a" | "b">(
  (trace, { a, b }) =>
    repeated(trace, a, b) ??
    repeated(trace, b, a) ??
    derived(trace, a, b) ??
    derived(trace, b, a) ??
    binaryResult(trace, "Mul", a, b),
);

function repeated(trace: Trace, ones: TensorInfo, other: TensorInfo): TensorInfo | undefined {
  if (trace.graph.splatOf(trace.nameOf(ones)) !== 1 || ones.dtype !== other.dtype) return undefined;
  const shape = broadcastShape(ones, other);
  const name = trace.nameOf(other);
  return trace.tensor(
    shape.join() === other.shape.join() ? name : expanded(trace, name, shape),
    shape,
    other.dtype,
  );
}

function derived(trace: Trace, factor: TensorInfo, slope: TensorInfo): TensorInfo | undefined {
  if (factor.shape.join() !== slope.shape.join() || factor.dtype !== slope.dtype) return undefined;
  const name = trace.nameOf(factor);
  const by = trace.nameOf(slope);
  const kept = stepOf(trace, name);
  if (kept !== undefined) return emitLike(trace, "ReluGrad", [by, kept], slope);
  const open = sigmoidSlopeOf(trace, name);
  if (open !== undefined) return emitLike(trace, "SigmoidGrad", [open, by], slope);
  const squared = oneMinus(trace, name);
  const square = squared === undefined ? undefined : trace.graph.producerOf(squared);
  if (square?.op === "Square") return emitLike(trace, "TanhGrad", [sure(square.inputs[0]), by], slope);
  return undefined;
}

/** x, of a value that is 1 where x is above zero, else 0. */
function stepOf({ graph }: Trace, name: string): string | undefined {
  const converted = graph.producerOf(name);
  const above = converted?.op === "Cast" ? graph.producerOf(sure(converted.inputs[0])) : undefined;
  return above?.op === "Greater" && graph.splatOf(sure(above.inputs[1])) === 0 ? above.inputs[0] : undefined;
}

/** y, of y (1 - y). */
function sigmoidSlopeOf(trace: Trace, name: string): string | undefined {
  const product = trace.graph.producerOf(name);
  if (product?.op !== "Mul") return undefined;
  const [a, b] = product.inputs as [string, string];
  return oneMinus(trace, b) === a ? a : oneMinus(trace, a) === b ? b : undefined;
}

/** y, of 1 - y. */
function oneMinus({ graph }: Trace, name: string): string | undefined {
  const difference = graph.producerOf(name);
  return difference?.op === "Sub" && graph.splatOf(sure(difference.inputs[0])) === 1
    ? difference.inputs[1]
    : undefined;
}

const comparison = (op: string, ofBools = false): Kernel =>
  kernel<"a" | "b">((trace, { a, b }) => {
    const operand = (x: TensorInfo): string =>
      x.dtype === "bool" && !ofBools ? castTo(trace, trace.nameOf(x), "int32") : trace.nameOf(x);
    return trace.tensor(trace.graph.emit(op, [operand(a), operand(b)]), broadcastShape(a, b), "bool");
  });

const cast = kernel<"x", { dtype: DataType }>((trace, { x }, { dtype }) => {
  const name = trace.nameOf(x);
  if (dtype === x.dtype) return trace.tensor(name, x.shape, dtype);
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool")
    throw new Error(`Kernel 'Cast to ${dtype}' not registered`);
  return trace.tensor(castTo(trace, name, dtype), x.shape, dtype);
});

const select = kernel<"condition" | "t" | "e">((trace, { condition, t, e }) => {
  const mask =
    condition.shape.length === 1 && t.shape.length > 1
      ? trace.graph.reshape(trace.nameOf(condition), [
          sure(condition.shape[0]),
          ...t.shape.slice(1).map(() => 1),
        ])
      : untiled(trace, condition, t, e);
  const parts = [mask, untiled(trace, t, condition, e), untiled(trace, e, condition, t)];
  return emitLike(trace, "SelectV2", parts, t);
});

/** 1 above zero, alpha otherwise. */
const step = kernel<"x", { alpha?: number }>((trace, { x }, { alpha = 0 }) => {
  const { graph } = trace;
  const name = trace.nameOf(x);
  const kept = (alpha === 0 ? graph.find("Relu", [name]) : undefined) ?? name; // then x itself need not be kept
  const above = graph.emit("Greater", [kept, graph.float(0)]);
  if (alpha === 0) return trace.tensor(castTo(trace, above, "float32"), x.shape, "float32");
  return emitLike(trace, "SelectV2", [above, graph.float(1), graph.float(alpha)], x);
});

const clip = kernel<"x", ClipByValueAttrs>((trace, { x }, { clipValueMin, clipValueMax }) => {
  const dtype = x.dtype === "int32" ? "int32" : "float32";
  const bounds = [clipValueMin, clipValueMax].map((bound) => trace.graph.constant(dtype, [], [bound]));
  return emitLike(trace, "ClipByValue", [trace.nameOf(x), ...bounds], x);
});

const prelu = kernel<"x" | "alpha">((trace, { x, alpha }) => {
  const { graph } = trace;
  const name = trace.nameOf(x);
  const below = graph.emit("Mul", [name, trace.nameOf(alpha)]);
  return emitLike(trace, "SelectV2", [graph.emit("Greater", [name, graph.float(0)]), name, below], x);
});

/** (x - mean) scale / sqrt(variance + epsilon) + offset. Its gradient is made of simple ops. */
const batchNorm = kernel<"x" | "mean" | "variance", Partial<FusedBatchNormAttrs>>(
  (trace, inputs, { varianceEpsilon = 0.001 }) => {
    const { graph } = trace;
    const { x, mean, variance } = inputs;
    const { scale, offset } = inputs as { scale?: TensorInfo; offset?: TensorInfo };
    const spread = graph.emit("Rsqrt", [
      graph.emit("AddV2", [trace.nameOf(variance), graph.float(varianceEpsilon)]),
    ]);
    const factor = scale == undefined ? spread : graph.emit("Mul", [spread, trace.nameOf(scale)]);
    const scaled = graph.emit("Mul", [graph.emit("Sub", [trace.nameOf(x), trace.nameOf(mean)]), factor]);
    const moved = offset == undefined ? scaled : graph.emit("AddV2", [scaled, trace.nameOf(offset)]);
    return trace.tensor(moved, x.shape, "float32");
  },
);

const sameName = (...names: readonly string[]): KernelTable =>
  Object.fromEntries(names.map((name) => [name, unary(name)]));

export const elementwise: KernelTable = {
  ...sameName("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Elu", "Erf"),
  ...sameName("Exp", "Expm1", "Floor", "Log", "Log1p", "LogicalNot", "Neg", "Reciprocal", "Relu", "Relu6"),
  ...sameName("Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Sqrt", "Square"),
  ...sameName("Tan", "Tanh"),
  Identity: kernel<"x">((trace, { x }) => trace.tensor(trace.nameOf(x), x.shape, x.dtype)),
  LeakyRelu: kernel<"x", LeakyReluAttrs>((trace, { x }, { alpha }) =>
    emitLike(trace, "LeakyRelu", [trace.nameOf(x)], x, { alpha: { float: alpha } }),
  ),
  IsNan: predicate("IsNan"),
  IsInf: predicate("IsInf"),
  IsFinite: predicate("IsFinite"),
  Step: step,
  ClipByValue: clip,
  Prelu: prelu,
  EluGrad: kernel<"dy" | "y">((trace, { dy, y }) =>
    emitLike(trace, "EluGrad", [trace.nameOf(dy), trace.nameOf(y)], dy),
  ),

  Add: binary("AddV2"),
  Sub: binary("Sub"),
  Multiply: multiply,
  RealDiv: binary("RealDiv"),
  Maximum: binary("Maximum"),
  Minimum: binary("Minimum"),
  Pow: binary("Pow"),
  Mod: binary("FloorMod"),
  FloorDiv: binary("FloorDiv"),
  Atan2: binary("Atan2"),
  SquaredDifference: binary("SquaredDifference"),
  AddN: kernel<string>((trace, inputs) => {
    const terms = Object.values(inputs);
    return emitLike(
      trace,
      "AddN",
      terms.map((term) => trace.nameOf(term)),
      sure(terms[0]),
    );
  }),

  Equal: comparison("Equal", true),
  NotEqual: comparison("NotEqual", true),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessEqual"),
  LogicalAnd: comparison("LogicalAnd", true),
  LogicalOr: comparison("LogicalOr", true),
  Cast: cast,
  Select: select,
  FusedBatchNorm: batchNorm,
};
