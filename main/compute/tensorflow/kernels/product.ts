import { backend_util } from "@tensorflow/tfjs-core";
import type { BatchMatMulAttrs, EinsumAttrs, TensorInfo, _FusedMatMulAttrs } from "@tensorflow/tfjs-core";
import { sure } from "../../../../preload/contract/sure.ts";
import { sizeOf } from "../../feeds.ts";
import { kernel } from "../../kernels/kernel.ts";
import type { Inputs, KernelTable, Trace } from "../../kernels/kernel.ts";

function matMul(
  trace: Trace,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: BatchMatMulAttrs,
): TensorInfo {
  const { graph } = trace;
  const rows = sure(a.shape.at(transposeA ? -1 : -2));
  const columns = sure(b.shape.at(transposeB ? -2 : -1));
  const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  const [transA, transB] = [transposeA ? 1 : 0, transposeB ? 1 : 0];
  if (sizeOf(batch) !== 1) {
    const inputs = [trace.nameOf(a), trace.nameOf(b)];
    return trace.tensor(
      graph.emit("BatchMatMulV2", inputs, { adj_x: transA, adj_y: transB }),
      shape,
      "float32",
    );
  }
  const matrix = (x: TensorInfo): string => graph.reshape(trace.nameOf(x), x.shape.slice(-2));
  const product = graph.emit("MatMul", [matrix(a), matrix(b)], { transpose_a: transA, transpose_b: transB });
  graph.know(product, [rows, columns]);
  return trace.tensor(graph.reshape(product, shape), shape, "float32");
}

/** What TensorFlow.js fuses to a product or a convolution outside of gradients. */
export interface Fused {
  readonly activation: _FusedMatMulAttrs["activation"];
  readonly leakyreluAlpha?: number;
}
const activations: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
};

export function finishFused(trace: Trace, x: TensorInfo, inputs: Inputs, fused: Partial<Fused>): TensorInfo {
  const { graph } = trace;
  const { bias, preluActivationWeights: slopes } = inputs;
  const sum =
    bias === undefined ? trace.nameOf(x) : graph.emit("AddV2", [trace.nameOf(x), trace.nameOf(bias)]);
  const { activation = "linear", leakyreluAlpha = 0.2 } = fused;
  const active = (): string => {
    if (activation === "linear") return sum;
    if (activation === "leakyrelu")
      return graph.emit("LeakyRelu", [sum], { alpha: { float: leakyreluAlpha } });
    if (activation === "prelu" && slopes !== undefined) {
      const below = graph.emit("Mul", [sum, trace.nameOf(slopes)]);
      return graph.emit("SelectV2", [graph.emit("Greater", [sum, graph.float(0)]), sum, below]);
    }
    const op = activations[activation];
    if (op === undefined) throw new Error(`Kernel 'Fused_${activation}' not registered`);
    return graph.emit(op, [sum]);
  };
  return trace.tensor(active(), x.shape, x.dtype);
}

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
  const names = operands.map((operand) => trace.nameOf(operand));
  return trace.tensor(
    trace.graph.emit("Einsum", names, { equation: `${left}->${right}` }),
    Array.from(right, (letter) => sure(sizes.get(letter))),
    "float32",
  );
});

export const products: KernelTable = {
  BatchMatMul: kernel<"a" | "b", BatchMatMulAttrs>((trace, { a, b }, attrs) => matMul(trace, a, b, attrs)),
  _FusedMatMul: kernel<"a" | "b", _FusedMatMulAttrs>((trace, inputs, attrs) =>
    finishFused(trace, matMul(trace, inputs.a, inputs.b, attrs), inputs, attrs),
  ),
  Einsum: einsum,
};
