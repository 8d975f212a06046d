import { z } from "zod";
import { haveLengths, orOfBefore } from "../../file-parts.ts";
import { type NeuralInput, pullLayers, pulls, secondOrder, startLayers } from "./neural-input.ts";

const MOST_WEIGHT = 1e6;
const Weights = z
  .instanceof(Float64Array<ArrayBufferLike>, { error: "must be an array of float64" })
  .refine((values) => values.every((own) => Math.abs(own) <= MOST_WEIGHT), "holds what it cannot hold");
const Layer = z.strictObject({ weights: Weights, biases: Weights });

const NamedDrive = z
  .strictObject({
    units: z.number().int().min(1).max(16),
    layers: z.strictObject({ layer1: Layer, layer2: Layer }),
    delay: z.number().min(0).max(60),
    omega: z.number().positive().max(10),
    zeta: z.number().positive().max(100),
  })
  .superRefine(({ units, layers: { layer1, layer2 } }, context) => {
    haveLengths(context, {
      "layers.layer1.weights": [layer1.weights, units],
      "layers.layer1.biases": [layer1.biases, units],
      "layers.layer2.weights": [layer2.weights, units],
      "layers.layer2.biases": [layer2.biases, 1],
    });
  });
/** In files of before all weights were one array. */
const DriveOfBefore = z
  .looseObject({ weights: Weights.refine(({ length }) => length % 3 === 1) })
  .transform(({ weights, units, delay, omega, zeta }) => ({
    ...{ units, delay, omega, zeta },
    layers: pullLayers(weights),
  }));

/** How contractions drive the heart rate, as it is saved. */
export const Drive = orOfBefore(NamedDrive, DriveOfBefore);
export type Drive = z.infer<typeof Drive>;

/** w₂ and b₂ that pull as the network fitted to labour records did, at its delay and filter (recipe-ssm.md §2, computed). */
const layer2 = { weights: Float64Array.of(1.19, 0.05, 0.16, 0.15), biases: Float64Array.of(-1.1) };
export const startDrive: Drive = {
  layers: { ...startLayers(layer2.weights.length), layer2 },
  ...{ units: layer2.weights.length, delay: 4.1, omega: 0.3, zeta: 1.54 },
};

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
