import type { BatchToSpaceNDAttrs, SpaceToBatchNDAttrs } from "@tensorflow/tfjs-core";
import { joinedShape, partedShape } from "../../kernels/batch-space.ts";
import { kernel } from "../../kernels/kernel.ts";
import type { KernelTable } from "../../kernels/kernel.ts";
import { int32s } from "./convolution.ts";
import { pairs } from "./shape.ts";

export const batchesAndSpaces: KernelTable = {
  SpaceToBatchND: kernel<"x", SpaceToBatchNDAttrs>((trace, { x }, { blockShape, paddings }) => {
    const inputs = [trace.nameOf(x), int32s(trace, blockShape), pairs(trace, paddings)];
    const name = trace.graph.emit("SpaceToBatchND", inputs);
    return trace.tensor(name, partedShape(x, blockShape, paddings), x.dtype);
  }),
  BatchToSpaceND: kernel<"x", BatchToSpaceNDAttrs>((trace, { x }, { blockShape, crops }) => {
    const inputs = [trace.nameOf(x), int32s(trace, blockShape), pairs(trace, crops)];
    const name = trace.graph.emit("BatchToSpaceND", inputs);
    return trace.tensor(name, joinedShape(x, blockShape, crops), x.dtype);
  }),
};
