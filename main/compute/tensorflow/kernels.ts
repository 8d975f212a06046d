import { batchesAndSpaces } from "./kernels/batch-space.ts";
import { convolutions } from "./kernels/convolution.ts";
import { elementwise } from "./kernels/elementwise.ts";
import { gathers } from "./kernels/gather.ts";
import { pools } from "./kernels/pooling.ts";
import { products } from "./kernels/product.ts";
import { reductions } from "./kernels/reduction.ts";
import { shapes } from "./kernels/shape.ts";
import type { KernelTable } from "../kernels/kernel.ts";

/** Every TensorFlow.js kernel that has a form in TensorFlow's own operators, mostly the one it is named after. */
export const tensorflowKernels: KernelTable = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...gathers,
  ...products,
  ...convolutions,
  ...pools,
  ...batchesAndSpaces,
};
