import type { FusedBatchNormAttrs, TensorInfo } from "@tensorflow/tfjs-core";
import { kernel } from "./kernel.ts";
import type { KernelTable } from "./kernel.ts";

/** (x - mean) scale / sqrt(variance + epsilon) + offset. Its gradient is made of simple ops. */
const batchNorm = kernel<"x" | "mean" | "variance", Partial<FusedBatchNormAttrs>>(
  (trace, inputs, { varianceEpsilon = 0.001 }) => {
    const { graph } = trace;
    const { x, mean, variance } = inputs;
    const { scale, offset } = inputs as { scale?: TensorInfo; offset?: TensorInfo };
    const deviation = graph.emit("Sqrt", [
      graph.emit("Add", [trace.nameOf(variance), graph.float(varianceEpsilon)]),
    ]);
    const normal = graph.emit("Div", [graph.emit("Sub", [trace.nameOf(x), trace.nameOf(mean)]), deviation]);
    const scaled = scale == undefined ? normal : graph.emit("Mul", [normal, trace.nameOf(scale)]);
    const moved = offset == undefined ? scaled : graph.emit("Add", [scaled, trace.nameOf(offset)]);
    return trace.tensor(moved, x.shape, "float32");
  },
);

export const normalisations: KernelTable = { FusedBatchNorm: batchNorm };
