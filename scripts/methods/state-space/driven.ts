import type { LinearModel } from "../../../main/models/sequences/state-space/linear.ts";
import { secondOrder, type NeuralInput } from "../../../main/models/sequences/state-space/neural-input.ts";

/** States of the synthetic benchmark: baseline, deceleration and its speed, variability and the same one step earlier. */
export interface DrivenParameters {
  readonly input: NeuralInput;
  readonly rho: number; // of the variability, a second
  readonly frequency: number; // cycles a second
  readonly baselineStep: number; // sd a second
  readonly pullStep: number; // sd that moves the deceleration's speed, a second
  readonly fastStep: number; // sd a second
  readonly noise: number; // sd of a value
}

/**
 * Linear and normal, with its drive put in at `B` (ctg-generative-model.md §2, without the acceleration). Noise of a
 * swinging state reaches its value summed twice, so that its variance goes with the cube of the step.
 */
export function drivenModel(p: DrivenParameters, level: number, stepS = 1): LinearModel {
  const n = 5;
  const { F: second, B: force } = secondOrder(p.input, stepS);
  const rho = p.rho ** stepS;
  const at = (i: number): number => second[i] ?? 0;
  const F = Float64Array.of(
    ...[1, 0, 0, 0, 0],
    ...[0, at(0), at(1), 0, 0],
    ...[0, at(2), at(3), 0, 0],
    ...[0, 0, 0, 2 * rho * Math.cos(2 * Math.PI * p.frequency * stepS), -rho * rho],
    ...[0, 0, 0, 1, 0],
  );
  const diagonal = (...of: readonly number[]): Float64Array => {
    const all = new Float64Array(n * n);
    of.forEach((v, i) => (all[i * (n + 1)] = v));
    return all;
  };
  return {
    ...{ states: n, F, H: Float64Array.of(1, 1, 0, 1, 0) },
    B: Float64Array.of(0, force[0] ?? 0, force[1] ?? 0, 0, 0),
    Q: diagonal(p.baselineStep ** 2 * stepS, 0, p.pullStep ** 2 * stepS, p.fastStep ** 2 * stepS ** 3, 0),
    steady: new Float64Array(n * n),
    R: p.noise ** 2,
    mean: Float64Array.of(level, 0, 0, 0, 0),
    covariance: diagonal(100, 25, 0.01, 25, 25),
  };
}
