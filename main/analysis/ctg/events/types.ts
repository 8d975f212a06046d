import { chanceAbove } from "../moving.ts";
import type { DecelerationType, Guideline } from "../trace.ts";

type Types = Readonly<Record<DecelerationType, number>>;

/** What a type is told from. Seconds. */
export interface Typed {
  readonly durationS: number;
  readonly durationSd: number;
  readonly descentS: number;
  readonly descentSd: number;
  readonly recoveryS: number;
  readonly hasContraction: boolean; // it goes with one that could be seen
  readonly onsetLagS: number | undefined;
  readonly nadirLagS: number | undefined;
}

/** Descents of 25 to 35 s show both kinds (ctg.md §4.3): by this a person's reading of one differs. */
const DESCENT_SD_S = 4;
const ABRUPT_S = 30;
/** FIGO 2015 above 3 min ([verified]); NICHD and JSOG from 2 to below 10 min ([verified], JSOG [recalled]). */
const PROLONGED_S = { figo: 180, nichd: 120, jsog: 120 } as const;
const BASELINE_CHANGE_S = 600;
const LATE_ONSET_S = 20; // FIGO 2015: after the contraction's onset ([verified])
/**
 * "With the peak" or "after the peak" of the contraction needs a number: nadirs that CTU-UHB's reader calls early lie 9 s
 * after it in the middle, late ones 35 s; three in four are on their side of 20 s ([measured]).
 */
const LATE_NADIR_S = 20;
const LAG_SD_S = 6;

/** Types by each guideline. Without a contraction that could be seen a deceleration is never early or late. */
export const typesOf = (typed: Typed): Readonly<Record<Guideline, Types>> => ({
  figo: byFigo(typed),
  nichd: byDescent(typed, PROLONGED_S.nichd),
  jsog: byDescent(typed, PROLONGED_S.jsog),
});

/** Prolonged first, then abrupt or gradual by the descent, then early or late by where the nadir lies. */
function byDescent(typed: Typed, prolongedS: number): Types {
  const prolonged = chanceAbove(typed.durationS, prolongedS, typed.durationSd);
  const gradual = gradualOf(typed.descentS, typed.descentSd);
  const late = chanceAbove(typed.nadirLagS ?? 0, LATE_NADIR_S, LAG_SD_S);
  return shared(prolonged, typed.hasContraction, {
    variable: 1 - gradual,
    late: gradual * late,
    early: gradual * (1 - late),
  });
}

/**
 * FIGO: late where it begins over 20 s after the contraction and is gradual out or back; variable where it is rapid both ways, or
 * not late; early where it is gradual and goes with the contraction.
 */
function byFigo(typed: Typed): Types {
  const prolonged = chanceAbove(typed.durationS, PROLONGED_S.figo, typed.durationSd);
  const gradual = gradualOf(typed.descentS, typed.descentSd);
  const slowBack = typed.hasContraction ? gradualOf(typed.recoveryS, typed.descentSd) : 0;
  const late =
    chanceAbove(typed.onsetLagS ?? 0, LATE_ONSET_S, LAG_SD_S) *
    chanceAbove(typed.nadirLagS ?? 0, 0, LAG_SD_S);
  return shared(prolonged, typed.hasContraction, {
    variable: (1 - gradual) * (1 - slowBack * late),
    late: (gradual + (1 - gradual) * slowBack) * late,
    early: gradual * (1 - late),
  });
}

const gradualOf = (seconds: number, sd: number): number =>
  chanceAbove(seconds, ABRUPT_S, Math.hypot(DESCENT_SD_S, sd));

function shared(
  prolonged: number,
  hasContraction: boolean,
  rest: Readonly<Record<"variable" | "late" | "early", number>>,
): Types {
  const left = 1 - prolonged;
  return {
    prolonged,
    variable: left * rest.variable,
    late: hasContraction ? left * rest.late : 0,
    early: hasContraction ? left * rest.early : 0,
    unknown: hasContraction ? 0 : left * (rest.late + rest.early),
  };
}

/** The likeliest of them. */
export function likeliestType(types: Types): DecelerationType {
  const order = ["prolonged", "variable", "late", "early", "unknown"] as const;
  return order.reduce((best, type) => (types[type] > types[best] ? type : best));
}

/** Depth and length of an event, with how far each may be off. */
export interface Extent {
  readonly depthBpm: number;
  readonly depthSd: number;
  readonly durationS: number;
  readonly durationSd: number;
}

/**
 * Probability that both lie above their limits. A baseline that is off changes depth and length the same way, so the less
 * likely of both decides, not their product.
 */
export const chanceOfBoth = (extent: Extent, leastBpm: number, leastS: number): number =>
  Math.min(
    chanceAbove(extent.depthBpm, leastBpm, extent.depthSd),
    chanceAbove(extent.durationS, leastS, extent.durationSd),
  );

const chanceBelow = (value: number, limit: number, sd: number): number => 1 - chanceAbove(value, limit, sd);

/**
 * An acceleration by each guideline (ctg.md §4.2): FIGO below 10 min; NICHD and JSOG from onset to peak in below 30 s, and a
 * longer one than 10 min is a change of the baseline ([verified]).
 */
export function accelerationMeets(
  extent: Extent,
  { outS, outSd }: { readonly outS: number; readonly outSd: number },
  { leastBpm, leastS }: { readonly leastBpm: number; readonly leastS: number },
): Readonly<Record<Guideline, number>> {
  const isShort = chanceBelow(extent.durationS, BASELINE_CHANGE_S, extent.durationSd);
  const figo = chanceOfBoth(extent, leastBpm, leastS) * isShort;
  const nichd = figo * chanceBelow(outS, ABRUPT_S, Math.hypot(DESCENT_SD_S, outSd));
  return { figo, nichd, jsog: nichd };
}

/**
 * FIGO takes late ones from here on in a flat trace (engines/flat-trace.ts). JSOG asks of late and early ones for no depth
 * ([recalled]): below this it is not told from the baseline's own noise.
 */
const SHALLOW_BPM = 10;

/** Probability that a deceleration is deep and long enough to be a shallow one at least. */
export const shallowMeets = (extent: Extent, leastS: number): number =>
  chanceOfBoth(extent, SHALLOW_BPM, leastS);

/** A deceleration by each guideline. NICHD's and JSOG's are a change of the baseline from 10 min on. */
export function decelerationMeets(
  extent: Extent,
  types: Readonly<Record<Guideline, Types>>,
  { leastBpm, leastS }: { readonly leastBpm: number; readonly leastS: number },
): Readonly<Record<Guideline, number>> {
  const figo = chanceOfBoth(extent, leastBpm, leastS);
  const isShort = chanceBelow(extent.durationS, BASELINE_CHANGE_S, extent.durationSd);
  const timed = types.jsog.early + types.jsog.late;
  const shallow = shallowMeets(extent, leastS);
  return { figo, nichd: figo * isShort, jsog: (timed * shallow + (1 - timed) * figo) * isShort };
}
