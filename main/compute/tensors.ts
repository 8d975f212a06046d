import type { Tensor } from "@tensorflow/tfjs-core";

/** Shape and type of a tensor a step is compiled for. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
}

export type Params = readonly Tensor[];
