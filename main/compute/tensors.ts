import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";

/** Shape and type of a tensor a step is compiled for. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
  readonly name?: string; // of a parameter
}

export type Params = readonly Tensor[];

const hasRank2 = (tensor: Tensor): tensor is Tensor2D => tensor.rank === 2;
const hasRank3 = (tensor: Tensor): tensor is Tensor3D => tensor.rank === 3;

/** A matrix, known as one. Throws where it is none. */
export function rank2(tensor: Tensor | undefined): Tensor2D {
  if (tensor !== undefined && hasRank2(tensor)) return tensor;
  throw new TypeError(`a tensor of rank 2 is needed, not [${tensor?.shape.join(", ") ?? ""}]`);
}

/** Of rows, steps and channels, known as such. Throws where it is none. */
export function rank3(tensor: Tensor | undefined): Tensor3D {
  if (tensor !== undefined && hasRank3(tensor)) return tensor;
  throw new TypeError(`a tensor of rank 3 is needed, not [${tensor?.shape.join(", ") ?? ""}]`);
}
