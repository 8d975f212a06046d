import { AppError } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";
import type { Attribute, Constant, ElementType, Graph, GraphNode } from "../graph.ts";
import type { AttrValue, NodeDef, ShapeProto } from "./protobuf.ts";

/** Codes of TensorFlow's DataType. */
export const dataTypeCode = { float32: 1, int32: 3, int64: 9, bool: 10 } as const satisfies Record<
  ElementType,
  number
>;

/** Where a type attribute comes from: the input with this number, counted from the end where negative. */
type Types = Readonly<Record<string, number>>;
interface Signature {
  readonly types?: Types; // T of the first input unless given
  readonly out?: ElementType | readonly string[]; // or names of type attributes, one an output; T unless given
}

const indexed = (name: string): Signature => ({ types: { T: 0, [name]: 1 } });
const predicate: Signature = { types: { T: 0 }, out: "bool" };
const untypedPredicate: Signature = { types: {}, out: "bool" };
const variadic = { types: { T: 0 } };

/** Operators whose type attributes are more than the T of their first input. */
const signatures: Readonly<Record<string, Signature>> = {
  Cast: { types: { SrcT: 0 }, out: ["DstT"] },
  Equal: predicate,
  NotEqual: predicate,
  Greater: predicate,
  GreaterEqual: predicate,
  Less: predicate,
  LessEqual: predicate,
  IsNan: predicate,
  IsInf: predicate,
  IsFinite: predicate,
  LogicalAnd: untypedPredicate,
  LogicalOr: untypedPredicate,
  LogicalNot: untypedPredicate,
  All: { types: { Tidx: 1 }, out: "bool" },
  Any: { types: { Tidx: 1 }, out: "bool" },
  SelectV2: { types: { T: 1 } },
  Sum: indexed("Tidx"),
  Prod: indexed("Tidx"),
  Min: indexed("Tidx"),
  Max: indexed("Tidx"),
  Mean: indexed("Tidx"),
  Cumsum: indexed("Tidx"),
  Cumprod: indexed("Tidx"),
  ReverseV2: indexed("Tidx"),
  BroadcastTo: indexed("Tidx"),
  ArgMax: { types: { T: 0, Tidx: 1 }, out: "int32" },
  ArgMin: { types: { T: 0, Tidx: 1 }, out: "int32" },
  TopKV2: { types: { T: 0 }, out: ["T", "int32"] },
  Reshape: indexed("Tshape"),
  Transpose: indexed("Tperm"),
  Slice: indexed("Index"),
  StridedSlice: indexed("Index"),
  SplitV: indexed("Tlen"),
  Tile: indexed("Tmultiples"),
  PadV2: indexed("Tpaddings"),
  MirrorPad: indexed("Tpaddings"),
  ConcatV2: { types: { T: 0, Tidx: -1 } },
  Pack: variadic,
  AddN: variadic,
  Einsum: variadic,
  GatherV2: { types: { Tparams: 0, Tindices: 1, Taxis: 2 }, out: ["Tparams"] },
  GatherNd: { types: { Tparams: 0, Tindices: 1 }, out: ["Tparams"] },
  ScatterNd: { types: { T: 1, Tindices: 0 } },
  TensorScatterUpdate: indexed("Tindices"),
  OneHot: { types: { TI: 0, T: 2 } },
  UnsortedSegmentSum: { types: { T: 0, Tindices: 1, Tnumsegments: 2 } },
  Conv2DBackpropInput: { types: { T: 1 } },
  DepthwiseConv2dNativeBackpropInput: { types: { T: 1 } },
  AvgPoolGrad: { types: { T: 1 } },
  Fill: { types: { index_type: 0, T: 1 } },
  SpaceToBatchND: { types: { T: 0, Tblock_shape: 1, Tpaddings: 2 } },
  BatchToSpaceND: { types: { T: 0, Tblock_shape: 1, Tcrops: 2 } },
};
const plain: Signature = {};

/** Operators that take any number of the same input and say how many. */
const counted: ReadonlySet<string> = new Set(["Pack", "AddN", "Einsum"]);
const booleans: ReadonlySet<string> = new Set(
  "adj_x adj_y transpose_a transpose_b keep_dims exclusive reverse sorted".split(" "),
);

interface Value {
  readonly reference: string; // "node:output"
  readonly dtype: ElementType;
}

/**
 * Grows the nodes of a GraphDef out of recorded graphs. Recorded under names of its own, a graph may go in several
 * times: each copy gets a prefix.
 */
export class NodeWriter {
  readonly nodes: NodeDef[] = [];

  placeholder(name: string, { shape, dtype }: TensorSpec): string {
    this.add(name, "Placeholder", [], { dtype: type(dtype), shape: { shape: shapeProto(shape) } });
    return `${name}:0`;
  }

  constant(name: string, { dtype, shape, values }: Constant): string {
    const tensorContent = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.add(name, "Const", [], {
      dtype: type(dtype),
      value: { tensor: { dtype: dataTypeCode[dtype], tensorShape: shapeProto(shape), tensorContent } },
    });
    return `${name}:0`;
  }

  add(name: string, op: string, input: readonly string[], attr: NodeDef["attr"]): void {
    this.nodes.push({ name, op, input, attr });
  }

  /** Copies a recorded graph in; answers where each of its outputs is to be had. */
  graph(graph: Graph, prefix: string, inputs: ReadonlyMap<string, string>): Map<string, string> {
    const values = new Map<string, Value>();
    for (const { name, dtype } of graph.inputs)
      values.set(name, { reference: sure(inputs.get(name)), dtype });
    for (const [name, constant] of graph.constants)
      values.set(name, { reference: this.constant(prefix + name, constant), dtype: constant.dtype });
    for (const node of graph.nodes) this.#node(node, prefix, values);
    return new Map(graph.outputs.map(({ name }) => [name, sure(values.get(name)).reference]));
  }

  #node(node: GraphNode, prefix: string, values: Map<string, Value>): void {
    const name = prefix + sure(node.outputs[0]);
    const { op, inputs, attributes } = this.#inWords(node, name, values);
    const { types = { T: 0 }, out = ["T"] } = signatures[op] ?? plain;
    const known = new Map(
      Object.entries(types).map(([key, index]) => [key, sure(inputs.at(index)).dtype] as const),
    );
    const attr: Record<string, AttrValue> = {};
    for (const [key, dtype] of known) attr[key] = type(dtype);
    for (const [key, value] of Object.entries(attributes)) attr[key] = attrValue(key, value);
    if (counted.has(op)) attr["N"] = { i: inputs.length };
    this.add(
      name,
      op,
      inputs.map(({ reference }) => reference),
      attr,
    );
    node.outputs.forEach((output, index) => {
      const of = typeof out === "string" ? out : (out[index] ?? sure(out[0]));
      const dtype = known.get(of) ?? attributes[of] ?? of;
      values.set(output, { reference: `${name}:${index}`, dtype: dtype as ElementType });
    });
  }

  /** The three operators that the graph builder itself writes, in ONNX's words, in TensorFlow's. */
  #inWords(
    { op, inputs: names, attributes }: GraphNode,
    name: string,
    values: ReadonlyMap<string, Value>,
  ): { op: string; inputs: Value[]; attributes: GraphNode["attributes"] } {
    const inputs = names.map((input) => values.get(input) ?? missing(op, input));
    if (op === "Transpose") {
      const perm = BigInt64Array.from((attributes["perm"] as readonly number[]).map(BigInt));
      const constant: Constant = { dtype: "int64", shape: [perm.length], values: perm };
      const reference = this.constant(`${name}/perm`, constant);
      return { op, inputs: [...inputs, { reference, dtype: "int64" }], attributes: {} };
    }
    if (op === "ConstantOfShape") {
      const { constant } = attributes["value"] as { readonly constant: Constant };
      const reference = this.constant(`${name}/value`, { ...constant, shape: [] });
      return {
        op: "Fill",
        inputs: [sure(inputs[0]), { reference, dtype: constant.dtype }],
        attributes: {},
      };
    }
    return { op, inputs, attributes };
  }
}

function missing(op: string, input: string): never {
  throw new AppError("internal/unexpected", `${op} reads ${input}, which nothing before it computes`, {
    op,
    input,
  });
}

export const type = (dtype: ElementType): AttrValue => ({ type: dataTypeCode[dtype] });
export const shapeProto = (shape: readonly number[]): ShapeProto => ({
  dim: shape.map((size) => ({ size })),
});

function attrValue(key: string, value: Attribute): AttrValue {
  if (typeof value === "number") return booleans.has(key) ? { b: value !== 0 } : { i: value };
  if (typeof value === "string")
    return value in dataTypeCode ? type(value as ElementType) : { s: new TextEncoder().encode(value) };
  if ("float" in value) return { f: value.float };
  if ("constant" in value)
    throw new AppError("internal/unexpected", `No TensorFlow operator takes a tensor as ${key}`, { key });
  return { list: { i: value } };
}
