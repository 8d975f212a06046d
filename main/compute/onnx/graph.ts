import type { onnx as schema } from "onnx-proto";
import { sure } from "../../../preload/contract/sure.ts";
import type { Attribute, Constant, Graph, GraphNode, GraphValue } from "../graph.ts";
import { dataTypeCode } from "../kernels/kernel.ts";
import { onnx } from "./protobuf.ts";

const IR_VERSION = 8;
const OPSET = 17; // sums take their axes as input, other reductions as attribute

/** The bytes of an `.onnx` file. */
export function onnxBytes(graph: Graph, name: string): Uint8Array {
  return modelBytes(graph, graphProto(graph, name));
}

/**
 * A step (recordStep) as one that takes any number of batches, stacked along a new first axis, and gives as many losses:
 * ONNX's Scan, with the state carried from one to the next.
 */
export function stepsBytes(graph: Graph, name: string): Uint8Array {
  const isState = ({ name: own }: GraphValue): boolean => own.startsWith("state");
  const state = graph.inputs.filter(isState);
  const feeds = graph.inputs.filter((value) => !isState(value));
  const loss = sure(graph.outputs.at(-1));
  const carried = graph.outputs.slice(0, -1);
  const outer = ({ name: own }: GraphValue): string => `${own}/all`;
  const stacked = (value: GraphValue): schema.IValueInfoProto =>
    valueProto({ ...value, name: outer(value), shape: ["steps", ...value.shape] });
  const whole = (value: GraphValue): schema.IValueInfoProto => valueProto({ ...value, name: outer(value) });
  return modelBytes(graph, {
    name,
    node: [
      {
        opType: "Scan",
        input: [...state, ...feeds].map(outer),
        output: [...carried, loss].map(outer),
        attribute: [
          attributeProto("num_scan_inputs", feeds.length),
          {
            name: "body",
            type: onnx.AttributeProto.AttributeType.GRAPH,
            g: graphProto({ ...graph, inputs: [...state, ...feeds] }, `${name}/each`),
          },
        ],
      },
    ],
    input: [...state.map(whole), ...feeds.map(stacked)],
    output: [...carried.map(whole), stacked(loss)],
  });
}

function modelBytes(graph: Graph, proto: schema.IGraphProto): Uint8Array {
  const own = new Set(graph.nodes.map(({ op }) => domainOf(op)).filter((domain) => domain !== ""));
  return onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    producerName: "kodo",
    opsetImport: [{ domain: "", version: OPSET }, ...[...own].map((domain) => ({ domain, version: 1 }))],
    graph: proto,
  }).finish();
}

const graphProto = (graph: Graph, name: string): schema.IGraphProto => ({
  name,
  node: namedAtTheSource(graph).map(({ op, inputs, outputs, attributes }) => ({
    opType: op.slice(op.lastIndexOf(".") + 1),
    domain: domainOf(op),
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
  })),
  initializer: [...graph.constants].map(([key, constant]) => tensorProto(constant, key)),
  input: graph.inputs.map(valueProto),
  output: graph.outputs.map(valueProto),
});

/** An operator outside ONNX's standard is named with its domain in front. */
const domainOf = (op: string): string => op.slice(0, Math.max(0, op.lastIndexOf(".")));

/** Gives a result its name where it is computed: an Identity would copy it. */
function namedAtTheSource({ nodes, outputs, inputs, constants }: Graph): readonly GraphNode[] {
  const isResult = new Set(outputs.map(({ name }) => name));
  const given = new Set([...inputs.map(({ name }) => name), ...constants.keys()]);
  const names = new Map<string, string>();
  const kept = nodes.filter(({ op, inputs, outputs }) => {
    if (op !== "Identity") return true;
    const [source, result] = [sure(inputs[0]), sure(outputs[0])];
    if (!isResult.has(result) || given.has(source) || isResult.has(source) || names.has(source)) return true;
    names.set(source, result);
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

/** An extent with a name in place of a number is known when it runs. */
interface Valued extends Omit<GraphValue, "shape"> {
  readonly shape: readonly (number | string)[];
}

const valueProto = ({ name, shape, dtype }: Valued): schema.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: dataTypeCode[dtype],
      shape: {
        dim: shape.map((size) => (typeof size === "string" ? { dimParam: size } : { dimValue: size })),
      },
    },
  },
});
