import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { NamedArrays, NamedTensors, ParameterShapes } from "../compute/parameters.ts";

/** A batch of windows. Everything fixed in shape; rows that only fill the batch have weight 0. */
export interface Batch {
  readonly x: Tensor2D; // [n, d] inputs from the front, 0 where unobserved
  readonly observed: Tensor2D; // [n, d] 1 or 0
  readonly y: Tensor2D; // [n, k] one-hot or soft labels; an all-zero row is unlabelled
  readonly weight: Tensor2D; // [n, 1] 0 for padding
}

/**
 * A model is pure functions and a frozen config. `models/laws.ts` holds what each must obey; registering a model puts
 * it under all of them. No value is read back, noise and dropout masks come in as tensors, shapes are fixed.
 */
export interface Estimator<Config> {
  readonly name: string;
  readonly config: Config;
  /** By name: as they stand in a model file, and in a graph of ONNX. Files of before found them by this order: it stays. */
  readonly parameters: ParameterShapes;
  /**
   * Names of parameters that do not receive the whole derivative of the loss: a part of it holds what they make fixed
   * (stop-gradient). Absent: none.
   */
  readonly held?: readonly string[];
  /** All of `parameters` as a fit begins with them. */
  init(seed: number): NamedArrays;
  /** Sums over rows, divided by the labelled mass of the batch, so that parts of a batch may be computed side by side. */
  loss(params: NamedTensors, batch: Batch): Scalar;
  /** [n, k] logits, [n, 1] log density of the features, and the hidden states h^0..h^L where the model has layers. */
  forward(
    params: NamedTensors,
    x: Tensor2D,
    observed: Tensor2D,
  ): { logits: Tensor2D; logDensity: Tensor2D; hidden: readonly Tensor2D[] };
}
