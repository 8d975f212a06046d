import type { ClipByValueAttrs, DataType, LeakyReluAttrs, TensorInfo } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { reluIntoBlocked } from "./blocked.ts";
import { broadcastShape, cast, dataTypeCode, emitLike, kernel } from "./kernel.ts";
import type { Kernel, KernelTable, Trace } from "./kernel.ts";
import { intoProduct } from "./product.ts";

const unary = (op: string): Kernel => composed((emit, x) => emit(op, x));

const predicate = (op: string): Kernel =>
  kernel<"x">((trace, { x }) => trace.tensor(trace.graph.emit(op, [trace.nameOf(x)]), x.shape, "bool"));

/** `write` gets the graph's `emit` and the name of x, and returns the name of the result. */
type Emit = (op: string, ...inputs: string[]) => string;
const composed = (write: (emit: Emit, x: string, trace: Trace) => string): Kernel =>
  kernel<"x">((trace, { x }) => {
    const source = tiledFrom(trace, x);
    const name = write(emitter(trace), source ?? trace.nameOf(x), trace);
    return trace.tensor(source === undefined ? name : expanded(trace, name, x.shape), x.shape, x.dtype);
  });

const emitter =
  (trace: Trace): Emit =>
  (op, ...inputs) =>
    trace.graph.emit(op, inputs);

const binary = (op: string): Kernel => composedBinary((emit, a, b) => emit(op, a, b));

type WriteBinary = (emit: Emit, a: string, b: string, trace: Trace, dtype: DataType) => string;

const composedBinary = (write: WriteBinary): Kernel =>
  kernel<"a" | "b">((trace, { a, b }) => {
    const dtype = a.dtype === "float32" || b.dtype === "float32" ? "float32" : a.dtype;
    const shape = broadcastShape(a, b);
    const narrow = beforeTiling(trace, a, b);
    if (narrow !== undefined)
      return trace.tensor(
        expanded(trace, write(emitter(trace), ...narrow, trace, dtype), shape),
        shape,
        dtype,
      );
    return trace.tensor(
      write(emitter(trace), untiled(trace, a, b), untiled(trace, b, a), trace, dtype),
      shape,
      dtype,
    );
  });

const rectified = unary("Relu");

/** With one number on the other side the arithmetic can come first and the tiling after it. */
function beforeTiling(trace: Trace, a: TensorInfo, b: TensorInfo): [string, string] | undefined {
  const [wideA, wideB] = [tiledFrom(trace, a), tiledFrom(trace, b)];
  if (wideA !== undefined && b.shape.length === 0) return [wideA, trace.nameOf(b)];
  if (wideB !== undefined && a.shape.length === 0) return [trace.nameOf(a), wideB];
  return undefined;
}

const expanded = (trace: Trace, name: string, shape: readonly number[]): string =>
  trace.graph.emit("Expand", [name, trace.graph.ints(shape)]);

/** A product with ones is a copy in a larger shape: what TensorFlow.js's gradients of sums and means are made of. */
const multiply = kernel<"a" | "b">((trace, inputs) => {
  const { a, b } = inputs;
  const one = (x: TensorInfo): boolean => trace.graph.splatOf(trace.nameOf(x)) === 1;
  const [ones, other] = one(b) ? [b, a] : one(a) ? [a, b] : [undefined, undefined];
  if (ones === undefined || ones.dtype !== other.dtype) return multiplied(trace, inputs, {});
  const shape = broadcastShape(a, b);
  const name =
    shape.join() === other.shape.join() ? trace.nameOf(other) : expanded(trace, trace.nameOf(other), shape);
  return trace.tensor(name, shape, other.dtype);
});
const multiplied = binary("Mul");

/** A sum with a matrix product or a convolution goes into it. */
const addInto = kernel<"a" | "b">((trace, inputs) => {
  const { a, b } = inputs;
  return intoProduct(trace, a, b) ?? intoProduct(trace, b, a) ?? added(trace, inputs, {});
});
const added = binary("Add");

const comparison = (op: string, ofBools = false): Kernel =>
  kernel<"a" | "b">((trace, { a, b }) => {
    const operand = (x: TensorInfo): string =>
      x.dtype === "bool" && !ofBools ? cast(trace, trace.nameOf(x), "int32") : trace.nameOf(x);
    return trace.tensor(trace.graph.emit(op, [operand(a), operand(b)]), broadcastShape(a, b), "bool");
  });

/**
 * The operand before it was tiled to the common shape: ONNX broadcasts by itself. Only where another operand spans
 * the full shape on its own.
 */
export function untiled(trace: Trace, operand: TensorInfo, ...others: readonly TensorInfo[]): string {
  const source = tiledFrom(trace, operand);
  const spans = (other: TensorInfo): boolean =>
    other.shape.join() === operand.shape.join() && tiledFrom(trace, other) === undefined;
  return source !== undefined && others.some(spans) ? source : trace.nameOf(operand);
}

function tiledFrom(trace: Trace, operand: TensorInfo): string | undefined {
  const producer = trace.graph.producerOf(trace.nameOf(operand));
  return producer?.op === "Expand" ? producer.inputs[0] : undefined;
}

/** log(1 + x) without the loss near 0: x log(u) / (u - 1) with u = 1 + x (Kahan; in Higham 2002, section 1.14.1 [R]). */
const log1p = composed((emit, x, trace) => {
  const one = trace.graph.float(1);
  const u = emit("Add", x, one);
  const difference = emit("Sub", u, one);
  const exact = emit("Equal", difference, trace.graph.float(0));
  const infinite = emit("Equal", x, trace.graph.float(Infinity));
  const value = emit("Div", emit("Mul", x, emit("Log", u)), difference);
  return emit("Where", emit("Or", exact, infinite), x, value);
});

/** exp(x) - 1 = tanh(x / 2) (exp(x) + 1), exact near 0. */
const expm1 = composed((emit, x, trace) =>
  emit(
    "Mul",
    emit("Tanh", emit("Mul", x, trace.graph.float(0.5))),
    emit("Add", emit("Exp", x), trace.graph.float(1)),
  ),
);

/** Remainder with the divisor's sign, as in Python. */
const floorMod = composedBinary((emit, a, b, trace, dtype) => {
  const zero = trace.graph.constant(dtype === "int32" ? "int32" : "float32", [], [0]);
  const remainder = trace.graph.emit("Mod", [a, b], { fmod: 1 });
  const signsDiffer = emit("Xor", emit("Less", remainder, zero), emit("Less", b, zero));
  const correct = emit("And", signsDiffer, emit("Not", emit("Equal", remainder, zero)));
  return emit("Where", correct, emit("Add", remainder, b), remainder);
});

/** Quotient rounded down; ONNX's integer division rounds to zero. */
const floorDiv = composedBinary((emit, a, b, trace, dtype) => {
  if (dtype === "float32") return emit("Floor", emit("Div", a, b));
  const zero = trace.graph.constant("int32", [], [0]);
  const quotient = emit("Div", a, b);
  const remainder = emit("Sub", a, emit("Mul", quotient, b));
  const signsDiffer = emit("Xor", emit("Less", remainder, zero), emit("Less", b, zero));
  const correct = emit("And", signsDiffer, emit("Not", emit("Equal", remainder, zero)));
  return emit("Sub", quotient, cast(trace, correct, "int32"));
});

/** Angle of (x, y) in (-pi, pi]; a is y, b is x. */
const atan2 = composedBinary((emit, y, x, trace) => {
  const { graph } = trace;
  const zero = graph.float(0);
  const [yNegative, xNegative] = [emit("Less", y, zero), emit("Less", x, zero)];
  const [yZero, xZero] = [emit("Equal", y, zero), emit("Equal", x, zero)];
  const side = (magnitude: number): string =>
    emit("Where", yNegative, graph.float(-magnitude), graph.float(magnitude));
  const base = emit("Atan", emit("Div", y, emit("Where", xZero, graph.float(1), x)));
  const turned = emit("Add", base, emit("Where", xNegative, side(Math.PI), zero));
  const upright = emit("Where", yZero, zero, side(Math.PI / 2));
  return emit("Where", xZero, upright, turned);
});

const add = kernel<string>((trace, inputs) => {
  const terms = Object.values(inputs);
  const names = terms.map((term) => trace.nameOf(term));
  const first = sure(terms[0]);
  if (first.dtype === "float32") return emitLike(trace, "Sum", names, first);
  return trace.tensor(
    names.reduce((sum, name) => trace.graph.emit("Add", [sum, name])),
    first.shape,
    first.dtype,
  );
});

const castTo = kernel<"x", { dtype: DataType }>((trace, { x }, { dtype }) => {
  const name = trace.nameOf(x);
  if (dtype === x.dtype) return trace.tensor(name, x.shape, dtype);
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool")
    throw new Error(`Kernel 'Cast to ${dtype}' not registered`);
  return trace.tensor(trace.graph.emit("Cast", [name], { to: dataTypeCode[dtype] }), x.shape, dtype);
});

const select = kernel<"condition" | "t" | "e">((trace, { condition, t, e }) => {
  const mask =
    condition.shape.length === 1 && t.shape.length > 1
      ? trace.graph.reshape(trace.nameOf(condition), [
          sure(condition.shape[0]),
          ...t.shape.slice(1).map(() => 1),
        ])
      : untiled(trace, condition, t, e);
  return emitLike(
    trace,
    "Where",
    [mask, untiled(trace, t, condition, e), untiled(trace, e, condition, t)],
    t,
  );
});

const STEEP = 3e38; // 1 from the smallest normal number on

/**
 * 1 above zero, alpha otherwise. Of what went through a rectifier, its result is asked, so that x itself need not be kept,
 * by a clipped line too steep to have a slope: one pass in place of two.
 */
const step = kernel<"x", { alpha?: number }>((trace, { x }, { alpha = 0 }) => {
  const { graph } = trace;
  const above0 = alpha === 0 ? graph.find("Relu", [trace.nameOf(x)]) : undefined;
  if (above0 !== undefined)
    return emitLike(trace, "HardSigmoid", [above0], x, { alpha: { float: STEEP }, beta: { float: 0 } });
  const above = graph.emit("Greater", [trace.nameOf(x), graph.float(0)]);
  if (alpha === 0) return trace.tensor(cast(trace, above, "float32"), x.shape, "float32");
  return emitLike(trace, "Where", [above, trace.graph.float(1), trace.graph.float(alpha)], x);
});

const clip = kernel<"x", ClipByValueAttrs>((trace, { x }, { clipValueMin, clipValueMax }) => {
  const dtype = x.dtype === "int32" ? "int32" : "float32";
  const bounds = [clipValueMin, clipValueMax].map((bound) => trace.graph.constant(dtype, [], [bound]));
  return emitLike(trace, "Clip", [trace.nameOf(x), ...bounds], x);
});

const prelu = kernel<"x" | "alpha">((trace, { x, alpha }) =>
  emitLike(trace, "PRelu", [trace.nameOf(x), trace.nameOf(alpha)], x),
);

/** From the output y of elu: dy where y >= 0, else dy (y + 1). */
const eluGrad = kernel<"dy" | "y">((trace, { dy, y }) => {
  const emit = emitter(trace);
  const [slope, value] = [trace.nameOf(dy), trace.nameOf(y)];
  const positive = emit("GreaterOrEqual", value, trace.graph.float(0));
  return emitLike(
    trace,
    "Where",
    [positive, slope, emit("Mul", slope, emit("Add", value, trace.graph.float(1)))],
    dy,
  );
});

const isFinite = kernel<"x">((trace, { x }) => {
  const emit = emitter(trace);
  const name = trace.nameOf(x);
  return trace.tensor(emit("Not", emit("Or", emit("IsNaN", name), emit("IsInf", name))), x.shape, "bool");
});

export const elementwise: KernelTable = {
  Abs: unary("Abs"),
  Acos: unary("Acos"),
  Acosh: unary("Acosh"),
  Asin: unary("Asin"),
  Asinh: unary("Asinh"),
  Atan: unary("Atan"),
  Atanh: unary("Atanh"),
  Ceil: unary("Ceil"),
  Cos: unary("Cos"),
  Cosh: unary("Cosh"),
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Floor: unary("Floor"),
  Log: unary("Log"),
  Neg: unary("Neg"),
  Reciprocal: unary("Reciprocal"),
  Relu: kernel<"x">((trace, inputs) => reluIntoBlocked(trace, inputs.x) ?? rectified(trace, inputs, {})),
  Round: unary("Round"),
  Sigmoid: unary("Sigmoid"),
  Sign: unary("Sign"),
  Sin: unary("Sin"),
  Sinh: unary("Sinh"),
  Softplus: unary("Softplus"),
  Sqrt: unary("Sqrt"),
  Tan: unary("Tan"),
  Tanh: unary("Tanh"),
  LogicalNot: unary("Not"),
  Selu: unary("Selu"),
  Elu: unary("Elu"),
  Identity: kernel<"x">((trace, { x }) => trace.tensor(trace.nameOf(x), x.shape, x.dtype)),
  LeakyRelu: kernel<"x", LeakyReluAttrs>((trace, { x }, { alpha }) =>
    emitLike(trace, "LeakyRelu", [trace.nameOf(x)], x, { alpha: { float: alpha } }),
  ),
  Square: composed((emit, x) => emit("Mul", x, x)),
  Rsqrt: composed((emit, x) => emit("Reciprocal", emit("Sqrt", x))),
  Relu6: composed((emit, x, { graph }) => emit("Clip", x, graph.float(0), graph.float(6))),
  Log1p: log1p,
  Expm1: expm1,
  Step: step,
  ClipByValue: clip,
  Prelu: prelu,
  EluGrad: eluGrad,
  IsNan: predicate("IsNaN"),
  IsInf: predicate("IsInf"),
  IsFinite: isFinite,

  Add: addInto,
  Sub: binary("Sub"),
  Multiply: multiply,
  RealDiv: binary("Div"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Pow: binary("Pow"),
  Mod: floorMod,
  FloorDiv: floorDiv,
  Atan2: atan2,
  AddN: add,
  SquaredDifference: composedBinary((emit, a, b) => {
    const difference = emit("Sub", a, b);
    return emit("Mul", difference, difference);
  }),

  Equal: comparison("Equal", true),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  LogicalAnd: comparison("And", true),
  LogicalOr: comparison("Or", true),
  NotEqual: kernel<"a" | "b">((trace, { a, b }) => {
    const equal = trace.graph.emit("Equal", [trace.nameOf(a), trace.nameOf(b)]);
    return trace.tensor(trace.graph.emit("Not", [equal]), broadcastShape(a, b), "bool");
  }),
  Cast: castTo,
  Select: select,
};
