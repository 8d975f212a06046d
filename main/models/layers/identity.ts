import { add, clipByValue, concat, matMul, slice, type Tensor2D } from "@tensorflow/tfjs-core";
import type { NamedTensors, ParameterShapes } from "../../compute/parameters.ts";

/**
 * A network whose layers start as the identity. The state is [f; m; c]: D features, M mask inputs, K class likelihoods.
 * A layer adds to the features and to the class block what the features and the mask say, and clips the features:
 *
 *   f^l = hardtanh(f^{l−1} + Δ^l_f [f^{l−1}; m] + b^l_f)        c^l = c^{l−1} + Δ^l_c [f^{l−1}; m] + b^l_c
 *
 * with Δ = W − I zero at the start. The class block stays linear and no weight starts from it, so that the final logit
 * is exactly Σ_l Σ_i Δ^l_{c,i} [f^{l−1}; m]_i + Σ_l b^l_c: evidence can be read off input by input and layer by layer.
 * The last layer writes the class block only. After Kubota et al., ICASSP 2021; see also Hayase and Karakida 2021 on
 * learning rates that go with 1/depth.
 */
export interface IdentityShape {
  readonly features: number; // D
  readonly masks: number; // M: inputs whose absence is told to every layer
  readonly classes: number; // K
  readonly layers: number; // L >= 2
}

export const inputWidth = (shape: IdentityShape): number => shape.features + shape.masks;
export const stateWidth = (shape: IdentityShape): number => inputWidth(shape) + shape.classes;

/** Δ and b of a layer, from 0. */
export const layerNames = (layer: number) =>
  ({ weights: `layer${layer + 1}.weights`, biases: `layer${layer + 1}.biases` }) as const;

/** Δ and b, layer by layer: [D + M, D + K] and [D + K]; the last layer [D + M, K] and [K]. */
export function identityShapes(shape: IdentityShape): ParameterShapes {
  return new Map(
    Array.from({ length: shape.layers }, (_, l): [string, readonly number[]][] => {
      const out = l === shape.layers - 1 ? shape.classes : shape.features + shape.classes;
      const { weights, biases } = layerNames(l);
      return [
        [weights, [inputWidth(shape), out]],
        [biases, [out]],
      ];
    }).flat(),
  );
}

export interface IdentityStates {
  readonly features: readonly Tensor2D[]; // f^0 .. f^{L−1}
  readonly classBlock: readonly Tensor2D[]; // c^1 .. c^L: the logits as each layer leaves them
}

/** x: [n, D], 0 where unobserved; absent = observed − 1: [n, M], so 0 where nothing is missing. */
export function identityForward(
  shape: IdentityShape,
  params: NamedTensors,
  x: Tensor2D,
  absent: Tensor2D,
): IdentityStates {
  const rows = x.shape[0];
  const features: Tensor2D[] = [x];
  const classBlock: Tensor2D[] = [];
  let f = x;
  for (let l = 0; l < shape.layers; l += 1) {
    const isLast = l === shape.layers - 1;
    const input = shape.masks > 0 ? concat([f, absent], 1) : f;
    const { weights, biases } = layerNames(l);
    const step = add<Tensor2D>(matMul(input, params(weights)), params(biases));
    const toClasses = isLast ? step : slice(step, [0, shape.features], [rows, shape.classes]);
    const before = classBlock[l - 1];
    classBlock.push(before ? add(before, toClasses) : toClasses);
    if (isLast) break;
    f = clipByValue(add(f, slice(step, [0, 0], [rows, shape.features])), -1, 1);
    features.push(f);
  }
  return { features, classBlock };
}
