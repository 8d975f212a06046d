import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { TensorSpec } from "./tensors.ts";
import type { TypedArray } from "./runtime.ts";

/** Where a step stands: what a rule may look at beside the gradient. */
export interface Standing {
  readonly rate: Scalar;
  readonly flat: Tensor1D; // all parameters
  readonly value: Scalar; // the loss there
  readonly lossAt: (flat: Tensor1D) => Scalar;
}

/** How a gradient becomes a change of the parameters. */
export interface Rule {
  readonly looksAgain?: true; // asks for the loss elsewhere, so that all of it must be at hand
  state(vector: TensorSpec): readonly TensorSpec[];
  initial(flat: Float32Array): readonly TypedArray[];
  /** What is taken from the parameters, and the rule's own next state. */
  update(
    state: readonly Tensor[],
    gradient: Tensor1D,
    at: Standing,
  ): { readonly change: Tensor; readonly next: readonly Tensor[] };
}
