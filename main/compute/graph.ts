import { sure } from "../../preload/contract/sure.ts";
import { sizeOf } from "./feeds.ts";

/** Element types of ONNX that a recorded step uses. `bool` is one byte a value. */
export type ElementType = "float32" | "int32" | "int64" | "bool";
export type ConstantValues = Float32Array | Int32Array | BigInt64Array | Uint8Array;

export interface GraphValue {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

export interface Constant {
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  readonly values: ConstantValues;
}

/** A bare number is an integer attribute; a floating one says so. */
export type Attribute =
  number | readonly number[] | string | { readonly float: number } | { readonly constant: Constant };

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A pure function of tensors in ONNX's operators, nodes in order of execution. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly work: number; // multiplications of its matrix products and convolutions
  readonly products: number; // how many those are
}

const arrayOf = {
  float32: (values: Iterable<number>) => Float32Array.from(values),
  int32: (values: Iterable<number>) => Int32Array.from(values),
  int64: (values: Iterable<number>) => BigInt64Array.from([...values].map(BigInt)),
  bool: (values: Iterable<number>) => Uint8Array.from(values),
} as const;

const SPLAT_FROM = 16; // from this many equal values a constant is a fill, not bytes

/**
 * Grows a graph. Every operator is a pure function, so one that was already asked for with the same inputs and
 * attributes is not computed twice; transposes of transposes and reshapes of reshapes collapse.
 */
export class GraphBuilder {
  /** Channels that lie together in the layout in which the runtime convolves fastest, where it has one. */
  readonly channelBlock: number | undefined;
  readonly #nodes: GraphNode[] = [];
  readonly #constants = new Map<string, Constant>();
  readonly #known = new Map<string, readonly string[]>(); // operator, inputs and attributes: its outputs
  readonly #producer = new Map<string, GraphNode>();
  readonly #shape = new Map<string, string>(); // where it is known, for reshapes that change nothing
  readonly #inputs: GraphValue[] = [];
  readonly #work = new Map<string, number>(); // multiplications behind a value
  #count = 0;

  constructor(channelBlock?: number) {
    this.channelBlock = channelBlock;
  }

  input(value: GraphValue): string {
    this.#inputs.push(value);
    return value.name;
  }

  constant(dtype: ElementType, shape: readonly number[], values: Iterable<number>): string {
    return this.#constant({ dtype, shape, values: arrayOf[dtype](values) });
  }

  ints(values: readonly number[]): string {
    return this.constant("int64", [values.length], values);
  }

  float(value: number): string {
    return this.constant("float32", [], [value]);
  }

  #constant(constant: Constant): string {
    const { dtype, shape, values } = constant;
    if (values.length >= SPLAT_FROM && isSplat(values)) {
      return this.emit("ConstantOfShape", [this.ints(shape)], {
        value: { constant: { dtype, shape: [1], values: values.slice(0, 1) } },
      });
    }
    const key = values.length <= 64 ? `${dtype}[${shape.join()}]${values.join()}` : undefined;
    const known = key === undefined ? undefined : this.#known.get(key)?.[0];
    if (known !== undefined) return known;
    const name = `constant${this.#constants.size}`;
    this.#constants.set(name, constant);
    if (key !== undefined) this.#known.set(key, [name]);
    return name;
  }

  /** One value everywhere, without its bytes. */
  fill(dtype: ElementType, shape: readonly number[], value: number): string {
    if (sizeOf(shape) < SPLAT_FROM)
      return this.constant(
        dtype,
        shape,
        Array.from({ length: sizeOf(shape) }, () => value),
      );
    return this.emit("ConstantOfShape", [this.ints(shape)], {
      value: { constant: { dtype, shape: [1], values: arrayOf[dtype]([value]) } },
    });
  }

  emit(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return sure(this.emitMany(op, inputs, attributes, 1)[0]);
  }

  emitMany(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    count: number,
  ): readonly string[] {
    const key = keyOf(op, inputs, attributes);
    const known = this.#known.get(key);
    if (known !== undefined && known.length >= count) return known;
    const outputs = Array.from({ length: count }, () => `${op}${this.#count++}`);
    const node = { op, inputs, outputs, attributes };
    this.#nodes.push(node);
    this.#known.set(key, outputs);
    for (const output of outputs) this.#producer.set(output, node);
    return outputs;
  }

  transpose(input: string, perm: readonly number[]): string {
    const before = this.#producer.get(input);
    if (before?.op === "Transpose") {
      const first = before.attributes["perm"] as readonly number[];
      return this.transpose(
        sure(before.inputs[0]),
        perm.map((axis) => sure(first[axis])),
      );
    }
    return perm.every((axis, index) => axis === index) ? input : this.emit("Transpose", [input], { perm });
  }

  reshape(input: string, shape: readonly number[]): string {
    const before = this.#producer.get(input);
    const source = before?.op === "Reshape" ? sure(before.inputs[0]) : input;
    if (this.#shape.get(source) === shape.join()) return source;
    const name = this.emit("Reshape", [source, this.ints(shape)]);
    this.know(name, shape);
    return name;
  }

  /** Notes the shape of a value. */
  know(name: string, shape: readonly number[]): string {
    this.#shape.set(name, shape.join());
    return name;
  }

  /** Notes how many multiplications a product takes. */
  weigh(name: string, multiplications: number): string {
    this.#work.set(name, multiplications);
    return name;
  }

  workOf(name: string): number {
    return this.#work.get(name) ?? 0;
  }

  /** The result of an operator that was already asked for with these inputs and no attributes. */
  find(op: string, inputs: readonly string[]): string | undefined {
    return this.#known.get(keyOf(op, inputs, {}))?.[0];
  }

  /** Notes that `result` is what an operator would give with these inputs and no attributes. */
  remember(op: string, inputs: readonly string[], result: string): void {
    this.#known.set(keyOf(op, inputs, {}), [result]);
  }

  /** The one value that a constant has everywhere. */
  splatOf(name: string): number | undefined {
    const filled = this.#producer.get(name)?.attributes["value"];
    const constant =
      filled === undefined ? this.#constants.get(name) : (filled as { constant: Constant }).constant;
    return constant !== undefined && constant.values.length > 0 && isSplat(constant.values)
      ? Number(constant.values[0])
      : undefined;
  }

  /** The node that computes a value, where one does: for kernels that see a better way given what came before. */
  producerOf(name: string): GraphNode | undefined {
    return this.#producer.get(name);
  }

  /** Names the results and leaves out what none of them needs. */
  finish(outputs: readonly (GraphValue & { readonly source: string })[]): Graph {
    const last = outputs.map(({ name, source }): GraphNode => ({
      op: "Identity",
      inputs: [source],
      outputs: [name],
      attributes: {},
    }));
    const needed = new Set(last.flatMap((node) => node.inputs));
    const nodes: GraphNode[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      nodes.push({ ...node, outputs: usedOutputs(node, needed) });
      for (const input of node.inputs) needed.add(input);
    }
    const work = nodes.flatMap((node) => this.#work.get(sure(node.outputs[0])) ?? []);
    const constants = new Map([...this.#constants].filter(([name]) => needed.has(name)));
    return {
      nodes: [...withoutTwins(nodes.toReversed()), ...last],
      constants,
      inputs: this.#inputs,
      outputs: outputs.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      work: work.reduce((total, one) => total + one, 0),
      products: work.length,
    };
  }
}

const keyOf = (op: string, inputs: readonly string[], attributes: GraphNode["attributes"]): string =>
  `${op}(${inputs.join()})${JSON.stringify(attributes, readable)}`;

/**
 * A product that took a sum or a rectifier in, beside the bare product which something else needs too: the sum or the
 * rectifier alone is then the cheaper of the two.
 */
function withoutTwins(nodes: readonly GraphNode[]): GraphNode[] {
  const bare = new Map(nodes.map((node) => [keyOf(node.op, node.inputs, node.attributes), node] as const));
  return nodes.map((node) => {
    const { activation, ...others } = node.attributes;
    const slack = activation === "Relu" ? bare.get(keyOf(node.op, node.inputs, others)) : undefined;
    if (slack !== undefined)
      return { op: "Relu", inputs: [sure(slack.outputs[0])], outputs: node.outputs, attributes: {} };
    const [a, b, c] = node.inputs as [string, string, string?];
    if (node.op !== "Gemm" || c === undefined) return node;
    const twin = bare.get(keyOf("Gemm", [a, b], node.attributes));
    return twin === undefined
      ? node
      : { op: "Add", inputs: [sure(twin.outputs[0]), c], outputs: node.outputs, attributes: {} };
  });
}

/** The indices of a maximum pooling are computed only where a gradient asks for them. */
const usedOutputs = ({ op, outputs }: GraphNode, needed: ReadonlySet<string>): readonly string[] =>
  op === "MaxPool" && !needed.has(outputs[1] ?? "") ? outputs.slice(0, 1) : outputs;

const isSplat = (values: ConstantValues): boolean =>
  (values as Float32Array).every((value) => Object.is(value, values[0]));

/** Typed arrays and numbers that JSON has no word for, for the key under which a node is known. */
const readable = (_: string, value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) return (value as ConstantValues).join();
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
};

export function sameGraph(a: Graph, b: Graph): boolean {
  if (JSON.stringify(a.nodes, readable) !== JSON.stringify(b.nodes, readable)) return false;
  return [...a.constants].every(([name, { values }]) => {
    const other = b.constants.get(name)?.values;
    return (
      other?.length === values.length &&
      (values as Float32Array).every((value, index) => Object.is(value, other[index]))
    );
  });
}

/** How many bytes the constants take, for the bound on a recorded step's size. */
export const constantBytes = (graph: Graph): number =>
  [...graph.constants.values()].reduce(
    (bytes, { shape, values }) => bytes + sizeOf(shape) * values.BYTES_PER_ELEMENT,
    0,
  );
