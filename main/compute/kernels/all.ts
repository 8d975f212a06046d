import { batchesAndSpaces } from "./batch-space.ts";
import { convolutions } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { gathers } from "./gather.ts";
import type { KernelTable } from "./kernel.ts";
import { normalisations } from "./normalisation.ts";
import { pools } from "./pooling.ts";
import { products } from "./product.ts";
import { reductions } from "./reduction.ts";
import { shapes } from "./shape.ts";

/** Every TensorFlow.js kernel that has a recorded form, by its name there. */
export const kernels: KernelTable = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...gathers,
  ...products,
  ...convolutions,
  ...pools,
  ...normalisations,
  ...batchesAndSpaces,
};
