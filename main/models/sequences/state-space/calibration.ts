import { z } from "zod";
import {
  mixturePredictive,
  PitMap,
  pitMapOf,
  type ScoredPredictive,
} from "../../distributions/predictive.ts";
import { standardLaw } from "../../distributions/student-t.ts";
import type { Ahead } from "./ahead.ts";

/** Horizons, in steps, at which the width of what comes is set right; between them it is taken in proportion. */
export const calibrationKnots = [1, 2, 5, 10, 15, 30, 60, 90, 120] as const;

/** A factor of the scale, the tails and a map, a horizon each. */
export const Calibration = z
  .object({
    horizons: z
      .array(z.number().positive())
      .min(1)
      .max(100)
      .refine((all) => all.every((h, i) => i === 0 || h > (all[i - 1] ?? 0)), "horizons rise"),
    scale: z.array(z.number().min(1e-6).max(1e3)),
    tails: z.array(z.number().min(1).max(1e3)),
    maps: z.array(PitMap.nullable()), // how its shares are to be read; null: as they are
  })
  .refine(
    ({ horizons, ...each }) => Object.values(each).every((all) => all.length === horizons.length),
    "a horizon has no width, no tails or no map",
  );
export type Calibration = z.infer<typeof Calibration>;

/** Where there was too little to set a width by. */
export const uncalibrated: Calibration = { horizons: [1], scale: [1], tails: [4], maps: [null] };

/** At any horizon, in proportion on logarithmic scales; beyond the outermost horizons as there. */
export function calibrationAt(
  { horizons, scale, tails, maps }: Calibration,
  h: number,
): { readonly scale: number; readonly tails: number; readonly map: PitMap | undefined } {
  const above = horizons.findIndex((one) => one >= h);
  const right = above < 0 ? horizons.length - 1 : above;
  const left = above < 0 ? right : Math.max(0, right - 1);
  const [from, to] = [horizons[left] ?? 1, horizons[right] ?? 1];
  const share = to === from ? 0 : Math.max(0, Math.log(h / from) / Math.log(to / from));
  const between = (all: readonly number[]): number =>
    Math.exp((1 - share) * Math.log(all[left] ?? 1) + share * Math.log(all[right] ?? 1));
  const [low, high] = [maps[left] ?? null, maps[right] ?? null];
  const map = low?.map((knot, j) => (1 - share) * knot + share * (high?.[j] ?? knot));
  return { scale: between(scale), tails: between(tails), map: map ?? high ?? undefined };
}

/** What may come h steps later. */
export function calibrated(calibration: Calibration, h: number, { mean, variance }: Ahead): ScoredPredictive {
  const { scale, tails, map } = calibrationAt(calibration, h);
  return mixturePredictive([{ weight: 1, mean, scale: scale * Math.sqrt(variance), nu: tails }], map);
}

const tailsTried = [
  2.05, 2.15, 2.25, 2.35, 2.5, 2.7, 2.9, 3.2, 3.5, 4, 4.7, 5.5, 7, 10, 15, 30, 100,
] as const;
const LEAST = 100; // values to set a width by
const MOST = 20_000;
const ROUNDS = 40;

/** The t distribution that standardised errors most likely come from: its scale by EM for each of some tails. */
export function fitT(
  errors: Float64Array,
): { readonly scale: number; readonly tails: number; readonly nats: number } | undefined {
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
  return { scale: best.scale, tails: best.tails, nats: -best.value };
}

/** From standardised errors of each horizon; those with too few are left out. */
export function calibrationFrom(
  horizons: readonly number[],
  errorsAt: (h: number) => Float64Array,
): Calibration {
  const found = horizons.flatMap((h) => {
    const errors = errorsAt(h);
    const fit = fitT(errors);
    if (fit === undefined) return [];
    const law = standardLaw(fit.tails);
    return [{ h, ...fit, map: pitMapOf(errors.map((e) => law.cdf(e / fit.scale))) ?? null }];
  });
  if (found.length === 0) return uncalibrated;
  return {
    horizons: found.map(({ h }) => h),
    scale: found.map(({ scale }) => scale),
    tails: found.map(({ tails }) => tails),
    maps: found.map(({ map }) => map),
  };
}
