import { logSumExp } from "../../../linear-algebra.ts";
import type { NetCalibration } from "./learned.ts";
import type { MixtureOutputs } from "./network.ts";
import { ANCHORS, BETWEEN } from "./rows.ts";

/** What networks say at any horizon, [components]: between two anchors in proportion to their logarithms. */
export function mixtureAt(mixture: MixtureOutputs, h: number): MixtureOutputs {
  const { left, share } = placeOf(ANCHORS, h);
  const width = mixture.centre.length / ANCHORS.length;
  const from = left * width;
  const read = (of: Float64Array): Float64Array =>
    Float64Array.from(
      { length: width },
      (_, k) => (1 - share) * (of[from + k] ?? 0) + share * (of[from + width + k] ?? 0),
    );
  const logWeight = read(mixture.logWeight);
  const total = logSumExp(logWeight, 0, width);
  return {
    centre: read(mixture.centre),
    logScale: read(mixture.logScale),
    logWeight: logWeight.map((own) => own - total),
  };
}

/** Of horizons that rise, the one below, and how far it is from there to the next. */
function placeOf(all: readonly number[], h: number): { readonly left: number; readonly share: number } {
  const right = Math.max(
    1,
    all.findIndex((one) => one >= h),
  );
  const [from, to] = [all[right - 1] ?? 1, all[right] ?? 1];
  return { left: right - 1, share: Math.log(h / from) / Math.log(to / from) };
}

/** What makes widths and shares right at a horizon. */
export type WidthAt = (h: number) => {
  readonly factor: number; // of the scales
  readonly tails: number; // degrees of freedom
  readonly map: NetCalibration["map"];
};

/** At any horizon up to the furthest, between those at which it was set in proportion to their logarithms. */
export function widthsOf(
  anchors: readonly NetCalibration[],
  between: readonly NetCalibration[] | undefined,
): WidthAt {
  const knots = [
    ...anchors.map((own, j) => ({ h: ANCHORS[j] ?? 1, ...own })),
    ...(between ?? []).map((own, j) => ({ h: BETWEEN[j] ?? 1, ...own })),
  ].sort((a, b) => a.h - b.h);
  const all = knots.map(({ h }) => h);
  return (h) => {
    const { left, share } = placeOf(all, h);
    const [a, b] = [knots[left], knots[left + 1]];
    const mixed = (one: number, other: number): number => (1 - share) * one + share * other;
    return {
      factor: Math.exp(mixed(Math.log(a?.scale ?? 1), Math.log(b?.scale ?? 1))),
      tails: 1 / mixed(1 / (a?.tails ?? Infinity), 1 / (b?.tails ?? Infinity)),
      map: mapBetween(a?.map ?? null, b?.map ?? null, mixed),
    };
  };
}

function mapBetween(
  a: NetCalibration["map"],
  b: NetCalibration["map"],
  mixed: (a: number, b: number) => number,
): NetCalibration["map"] {
  if (a === null || b === null) return a ?? b;
  return a.map((knot, j) => mixed(knot, b[j] ?? knot));
}
