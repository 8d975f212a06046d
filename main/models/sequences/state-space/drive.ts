import { z } from "zod";
import { pulls, secondOrder, startWeights, type NeuralInput } from "./neural-input.ts";

const UNITS = 4;
const MOST_WEIGHT = 1e6;
const doubles = z.custom<Float64Array>((value) => value instanceof Float64Array, "must be float64");

/** How contractions drive the heart rate, as it is saved. */
export const Drive = z
  .object({
    units: z.number().int().min(1).max(16),
    weights: doubles,
    delay: z.number().min(0).max(60),
    omega: z.number().positive().max(10),
    zeta: z.number().positive().max(100),
  })
  .refine(
    ({ units, weights }) =>
      weights.length === 3 * units + 1 && weights.every((weight: number) => Math.abs(weight) <= MOST_WEIGHT),
    "the weights do not fit the units",
  );
export type Drive = z.infer<typeof Drive>;

/** w₂ and b₂ that pull as the network fitted to labour records did, at its delay and filter (recipe-ssm.md §2, computed). */
const LAST = [1.19, 0.05, 0.16, 0.15, -1.1];
const weights = startWeights(UNITS);
weights.set(LAST, 2 * UNITS);
export const startDrive: Drive = { units: UNITS, weights, delay: 4.1, omega: 0.3, zeta: 1.54 };

/** The drive φ of every second, and how fast it moved. */
export interface Driven {
  readonly phi: Float64Array;
  readonly speed: Float64Array;
}

/** φ from the level of contractions, a value a second each: 0 at rest and where nothing is known. */
export function drivenBy(input: NeuralInput, level: ArrayLike<number>): Driven {
  const pulled = pulls(input, Float64Array.from(level));
  const step = driveStep(input);
  const [phi, speed] = [new Float64Array(pulled.length), new Float64Array(pulled.length)];
  phi[0] = pulled[0] ?? 0;
  for (let t = 1; t < phi.length; t += 1)
    [phi[t], speed[t]] = step(phi[t - 1] ?? 0, speed[t - 1] ?? 0, pulled[t - 1] ?? 0);
  return { phi, speed };
}

export type DriveStep = (r: number, speed: number, g: number) => [number, number];

/** One second of the second-order filter: φ, how fast it moves, and what pulls at it. */
export function driveStep(input: NeuralInput): DriveStep {
  const { F, B } = secondOrder(input);
  const [f00, f01, f10, f11] = [F[0] ?? 0, F[1] ?? 0, F[2] ?? 0, F[3] ?? 0];
  const [b0, b1] = [B[0] ?? 0, B[1] ?? 0];
  return (r, speed, g) => [f00 * r + f01 * speed + b0 * g, f10 * r + f11 * speed + b1 * g];
}

const FADES_S = 30;
const LONGEST_DELAY_S = 61;

/** Share of a contraction that is taken to be left so many seconds after it was last seen. */
export const fading = (seconds: number): number => Math.exp(-seconds / FADES_S);

/** φ after second t, for the next `steps` seconds, contractions fading from where they are. */
export function drivenAhead(
  input: NeuralInput,
  level: ArrayLike<number>,
  { phi, speed }: Driven,
  t: number,
  steps: number,
): Float64Array {
  const from = Math.max(0, t - LONGEST_DELAY_S);
  const known = t - from + 1;
  const levels = Float64Array.from({ length: known + steps }, (_, i) =>
    i < known ? (level[from + i] ?? 0) : (level[t] ?? 0) * fading(i - known + 1),
  );
  const pulled = pulls(input, levels);
  const step = driveStep(input);
  const out = new Float64Array(steps);
  let [r, own] = [phi[t] ?? 0, speed[t] ?? 0];
  for (let h = 0; h < steps; h += 1) {
    [r, own] = step(r, own, pulled[known - 1 + h] ?? 0);
    out[h] = r;
  }
  return out;
}
