import { z } from "zod";
import { standardLaw } from "../../distributions/student-t.ts";

/** Horizons, in steps, at which the width of what comes is set right; between them it is taken in proportion. */
export const calibrationKnots = [1, 2, 5, 10, 15, 30, 60, 90, 120] as const;

/** A factor of the scale and the tails, a horizon each. */
export const Calibration = z.object({
  horizons: z.array(z.number().positive()).min(1).max(100), // rising
  scale: z.array(z.number().positive().max(1e3)),
  tails: z.array(z.number().min(1).max(1e3)),
});
export type Calibration = z.infer<typeof Calibration>;

export const uncalibrated: Calibration = { horizons: [1], scale: [1], tails: [4] };

/** At any horizon, in proportion on logarithmic scales; beyond the outermost horizons as there. */
export function calibrationAt({ horizons, scale, tails }: Calibration, h: number) {
  const above = horizons.findIndex((one) => one >= h);
  const right = above < 0 ? horizons.length - 1 : above;
  const left = Math.max(0, above < 0 ? right : right - 1);
  const [from, to] = [horizons[left] ?? 1, horizons[right] ?? 1];
  const share = to === from ? 0 : Math.min(1, Math.max(0, Math.log(h / from) / Math.log(to / from)));
  const between = (all: readonly number[]): number =>
    Math.exp((1 - share) * Math.log(all[left] ?? 1) + share * Math.log(all[right] ?? 1));
  return { scale: between(scale), tails: between(tails) };
}

const tailsTried = [
  2.05, 2.15, 2.25, 2.35, 2.5, 2.7, 2.9, 3.2, 3.5, 4, 4.7, 5.5, 7, 10, 15, 30, 100,
] as const;
const LEAST = 100; // values to set a width by
const MOST = 20_000;
const ROUNDS = 40;

/** The t distribution that standardised errors most likely come from: its scale by EM for each of some tails. */
export function fitT(errors: Float64Array): { readonly scale: number; readonly tails: number } | undefined {
  const every = Math.max(1, Math.floor(errors.length / MOST));
  const squares = errors.filter((_, i) => i % every === 0).map((e) => e * e);
  if (squares.length < LEAST) return undefined;
  let best = { scale: 1, tails: 4, value: -Infinity };
  for (const tails of tailsTried) {
    let variance = best.value > -Infinity ? best.scale ** 2 : 1;
    for (let round = 0; round < ROUNDS; round += 1) {
      let sum = 0;
      for (const square of squares) sum += ((tails + 1) / (tails + square / variance)) * square;
      const next = Math.max(1e-6, sum / squares.length);
      if (Math.abs(next / variance - 1) < 1e-5) break;
      variance = next;
    }
    const scale = Math.sqrt(variance);
    const law = standardLaw(tails);
    const value =
      squares.reduce((sum, square) => sum + law.logDensity(Math.sqrt(square) / scale), 0) / squares.length -
      Math.log(scale);
    if (value > best.value) best = { scale, tails, value };
  }
  return best;
}

/** From standardised errors of each horizon; where there are too few, the nearest that has enough stands in. */
export function calibrationFrom(
  horizons: readonly number[],
  errorsAt: (h: number) => Float64Array,
): Calibration {
  const found = horizons.flatMap((h) => {
    const fit = fitT(errorsAt(h));
    return fit === undefined ? [] : [{ h, ...fit }];
  });
  if (found.length === 0) return uncalibrated;
  return {
    horizons: found.map(({ h }) => h),
    scale: found.map(({ scale }) => scale),
    tails: found.map(({ tails }) => tails),
  };
}
