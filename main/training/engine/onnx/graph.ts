import type { onnx as schema } from "onnx-proto";
import type { Attribute, Constant, Graph, GraphNode, GraphValue } from "../graph.ts";
import { dataTypeCode } from "../kernels/kernel.ts";
import { onnx } from "./protobuf.ts";

const IR_VERSION = 8;
const OPSET = 17; // sums take their axes as input, other reductions as attribute

/** The bytes of an `.onnx` file. */
export function onnxBytes(graph: Graph, name: string): Uint8Array {
  const nodes = namedAtTheSource(graph);
  const own = new Set(nodes.map(({ op }) => domainOf(op)).filter((domain) => domain !== ""));
  return onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    producerName: "kodo",
    opsetImport: [{ domain: "", version: OPSET }, ...[...own].map((domain) => ({ domain, version: 1 }))],
    graph: {
      name,
      node: nodes.map(({ op, inputs, outputs, attributes }) => ({
        opType: op.slice(op.lastIndexOf(".") + 1),
        domain: domainOf(op),
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
      })),
      initializer: [...graph.constants].map(([key, constant]) => tensorProto(constant, key)),
      input: graph.inputs.map(valueProto),
      output: graph.outputs.map(valueProto),
    },
  }).finish();
}

/** An operator outside ONNX's standard is named with its domain in front. */
const domainOf = (op: string): string => op.slice(0, Math.max(0, op.lastIndexOf(".")));

/** Gives a result its name where it is computed: an Identity would copy it. */
function namedAtTheSource({ nodes, outputs, inputs, constants }: Graph): readonly GraphNode[] {
  const isResult = new Set(outputs.map(({ name }) => name));
  const given = new Set([...inputs.map(({ name }) => name), ...constants.keys()]);
  const names = new Map<string, string>();
  const kept = nodes.filter(({ op, inputs: [source], outputs: [result] }) => {
    if (op !== "Identity" || !isResult.has(result!)) return true;
    if (given.has(source!) || isResult.has(source!) || names.has(source!)) return true;
    names.set(source!, result!);
    return false;
  });
  const renamed = (name: string): string => names.get(name) ?? name;
  return kept.map((node) => ({
    ...node,
    inputs: node.inputs.map(renamed),
    outputs: node.outputs.map(renamed),
  }));
}

function attributeProto(name: string, value: Attribute): schema.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === "number") return { name, type: AttributeType.INT, i: value };
  if (typeof value === "string")
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ("constant" in value) return { name, type: AttributeType.TENSOR, t: tensorProto(value.constant) };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

const tensorProto = ({ dtype, shape, values }: Constant, name = ""): schema.ITensorProto => ({
  name,
  dims: [...shape],
  dataType: dataTypeCode[dtype],
  rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength), // little-endian, as ONNX asks and every supported machine is
});

const valueProto = ({ name, shape, dtype }: GraphValue): schema.IValueInfoProto => ({
  name,
  type: {
    tensorType: { elemType: dataTypeCode[dtype], shape: { dim: shape.map((size) => ({ dimValue: size })) } },
  },
});
