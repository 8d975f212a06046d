import { backend_util } from "@tensorflow/tfjs-core";
import type { BatchMatMulAttrs, EinsumAttrs, TensorInfo, _FusedMatMulAttrs } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { sizeOf } from "../feeds.ts";
import { biasIntoBlocked } from "./blocked.ts";
import { kernel } from "./kernel.ts";
import type { Inputs, KernelTable, Trace } from "./kernel.ts";

/** One matrix product is a Gemm, which takes transposed operands as they lie; several are a MatMul. */
export function matMul(
  trace: Trace,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: BatchMatMulAttrs,
): TensorInfo {
  const rows = sure(a.shape.at(transposeA ? -1 : -2));
  const columns = sure(b.shape.at(transposeB ? -2 : -1));
  const inner = sure(b.shape.at(transposeB ? -1 : -2));
  const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  if (sizeOf(batch) !== 1) {
    const name = trace.graph.emit("MatMul", [oriented(trace, a, transposeA), oriented(trace, b, transposeB)]);
    trace.graph.weigh(name, sizeOf(shape) * inner);
    return trace.tensor(name, shape, "float32");
  }
  const matrix = (x: TensorInfo): string => trace.graph.reshape(trace.nameOf(x), x.shape.slice(-2));
  const product = trace.graph.emit("Gemm", [matrix(a), matrix(b)], {
    transA: transposeA ? 1 : 0,
    transB: transposeB ? 1 : 0,
  });
  trace.graph.know(trace.graph.weigh(product, rows * columns * inner), [rows, columns]);
  return trace.tensor(trace.graph.reshape(product, shape), shape, "float32");
}

/** `sum` added to the product x while it is computed; nothing where x is no bare product or the shapes do not allow it. */
export function intoProduct(trace: Trace, x: TensorInfo, sum: TensorInfo): TensorInfo | undefined {
  const { graph } = trace;
  const name = trace.nameOf(x);
  const node = graph.producerOf(name);
  if (x.dtype !== "float32" || sum.dtype !== "float32" || node === undefined) return undefined;
  if (
    node.op === "Gemm" &&
    node.inputs.length === 2 &&
    x.shape.length === 2 &&
    spreadsTo(sum.shape, x.shape)
  ) {
    const both = graph.emit("Gemm", [...node.inputs, trace.nameOf(sum)], node.attributes);
    return trace.tensor(graph.weigh(both, graph.workOf(name)), x.shape, "float32");
  }
  return intoConvolution(trace, x, sum);
}

/** Adds a bias a channel inside the convolution, under the transpose and reshape that brought its result here. */
function intoConvolution(trace: Trace, x: TensorInfo, bias: TensorInfo): TensorInfo | undefined {
  const { graph } = trace;
  const channels = x.shape.at(-1); // a single number has none
  if (channels === undefined || sizeOf(bias.shape) !== channels || bias.shape.at(-1) !== channels)
    return undefined;
  const blocked = biasIntoBlocked(trace, x, trace.nameOf(bias));
  if (blocked !== undefined) return blocked;
  const outer = graph.producerOf(trace.nameOf(x));
  const transpose = outer?.op === "Reshape" ? graph.producerOf(sure(outer.inputs[0])) : outer;
  const convolution = transpose?.op === "Transpose" ? graph.producerOf(sure(transpose.inputs[0])) : undefined;
  if (transpose === undefined || convolution?.op !== "Conv" || convolution.inputs.length !== 2)
    return undefined;
  const perm = transpose.attributes["perm"] as readonly number[];
  if (perm.at(-1) !== 1 || perm[0] !== 0) return undefined; // channels do not come out last
  const biased = graph.emit(
    "Conv",
    [...convolution.inputs, graph.reshape(trace.nameOf(bias), [channels])],
    convolution.attributes,
  );
  graph.weigh(biased, graph.workOf(sure(transpose.inputs[0])));
  const last = graph.transpose(biased, perm);
  if (outer !== transpose) return trace.tensor(graph.reshape(last, x.shape), x.shape, "float32");
  return trace.tensor(last, x.shape, "float32");
}

const spreadsTo = (shape: readonly number[], [rows, columns]: readonly number[]): boolean => {
  const [r = 1, c = 1] = shape.length === 2 ? shape : [1, shape[0]];
  return shape.length <= 2 && (r === 1 || r === rows) && (c === 1 || c === columns);
};

const oriented = (trace: Trace, x: TensorInfo, transposed: boolean): string => {
  if (!transposed) return trace.nameOf(x);
  const rank = x.shape.length;
  return trace.graph.transpose(trace.nameOf(x), [...Array(rank - 2).keys(), rank - 1, rank - 2]);
};

/** What TensorFlow.js fuses to a product or a convolution outside of gradients. */
export interface Fused {
  readonly activation: _FusedMatMulAttrs["activation"];
  readonly leakyreluAlpha?: number;
}
const activations: Readonly<Record<string, string>> = { relu: "Relu", elu: "Elu", sigmoid: "Sigmoid" };

export function finishFused(trace: Trace, x: TensorInfo, inputs: Inputs, fused: Partial<Fused>): TensorInfo {
  const { graph } = trace;
  const { bias, preluActivationWeights: slopes } = inputs;
  const sum = bias === undefined ? trace.nameOf(x) : graph.emit("Add", [trace.nameOf(x), trace.nameOf(bias)]);
  const { activation = "linear", leakyreluAlpha = 0.2 } = fused;
  const active = (): string => {
    if (activation === "linear") return sum;
    if (activation === "relu6") return graph.emit("Clip", [sum, graph.float(0), graph.float(6)]);
    if (activation === "leakyrelu")
      return graph.emit("LeakyRelu", [sum], { alpha: { float: leakyreluAlpha } });
    if (activation === "prelu" && slopes !== undefined)
      return graph.emit("PRelu", [sum, trace.nameOf(slopes)]);
    const op = activations[activation];
    if (op === undefined) throw new Error(`Kernel 'Fused_${activation}' not registered`);
    return graph.emit(op, [sum]);
  };
  return trace.tensor(active(), x.shape, x.dtype);
}

const fusedMatMul = kernel<"a" | "b", _FusedMatMulAttrs>((trace, inputs, attrs) =>
  finishFused(trace, matMul(trace, inputs.a, inputs.b, attrs), inputs, attrs),
);

/** Forward only: TensorFlow.js has no gradient for it. */
const einsum = kernel<string, EinsumAttrs>((trace, inputs, { equation }) => {
  const operands = Object.values(inputs);
  const [left, right = ""] = equation.replaceAll(/\s/g, "").split("->") as [string, string?];
  const sizes = new Map(
    left
      .split(",")
      .flatMap((letters, index) =>
        Array.from(letters, (letter, axis) => [letter, sure(sure(operands[index]).shape[axis])] as const),
      ),
  );
  const name = trace.graph.emit(
    "Einsum",
    operands.map((operand) => trace.nameOf(operand)),
    { equation: `${left}->${right}` },
  );
  return trace.tensor(
    name,
    Array.from(right, (letter) => sure(sizes.get(letter))),
    "float32",
  );
});

export const products: KernelTable = {
  BatchMatMul: kernel<"a" | "b", BatchMatMulAttrs>((trace, { a, b }, attrs) => matMul(trace, a, b, attrs)),
  _FusedMatMul: fusedMatMul,
  Einsum: einsum,
};
