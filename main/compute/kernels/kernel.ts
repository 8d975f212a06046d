import { backend_util, util } from "@tensorflow/tfjs-core";
import type { DataType, TensorInfo } from "@tensorflow/tfjs-core";
import type { Attribute, ElementType, GraphBuilder } from "../graph.ts";

/** What a kernel sees of the recording: the graph it writes to, and the names behind the tensors it is given. */
export interface Trace {
  readonly graph: GraphBuilder;
  nameOf(tensor: TensorInfo): string;
  tensor(name: string, shape: readonly number[], dtype: DataType): TensorInfo;
}

export type Inputs = Readonly<Record<string, TensorInfo>>;
export type Kernel = (
  trace: Trace,
  inputs: Inputs,
  attrs: Readonly<Record<string, unknown>>,
) => TensorInfo | TensorInfo[];
export type KernelTable = Readonly<Record<string, Kernel>>;

/** A kernel with the inputs and attributes that TensorFlow.js documents for its name. */
type Written<Name extends string, Attrs> = (
  trace: Trace,
  inputs: Readonly<Record<Name, TensorInfo>>,
  attrs: Attrs,
) => TensorInfo | TensorInfo[];
export const kernel = <Name extends string, Attrs = object>(write: Written<Name, Attrs>): Kernel =>
  write as Kernel;

/** Attributes that TensorFlow.js documents as given, but leaves out. */
export type Optional<Attrs, Key extends keyof Attrs> = Omit<Attrs, Key> & Partial<Pick<Attrs, Key>>;

/** One ONNX operator whose result has the shape and type of `like`. */
export const emitLike = (
  trace: Trace,
  op: string,
  inputs: readonly string[],
  like: TensorInfo,
  attributes: Readonly<Record<string, Attribute>> = {},
): TensorInfo => trace.tensor(trace.graph.emit(op, inputs, attributes), like.shape, like.dtype);

/** Codes of ONNX's TensorProto.DataType. */
export const dataTypeCode = { float32: 1, int32: 6, int64: 7, bool: 9 } as const satisfies Record<
  ElementType,
  number
>;

export const cast = (trace: Trace, name: string, to: ElementType): string =>
  trace.graph.emit("Cast", [name], { to: dataTypeCode[to] });

export const broadcastShape = (a: TensorInfo, b: TensorInfo): number[] =>
  backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);

export const axesOf = (axis: number | number[], x: TensorInfo): number[] =>
  util.parseAxisParam(axis, x.shape);

export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
