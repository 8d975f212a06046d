import { gentleBandPass, gentleLowPass, zeroPhase } from "../../../signal/zero-phase.ts";
import { bridge, epochs, spread } from "../bridge.ts";
import { CTG_HZ, type Samples } from "../trace.ts";
import { slidingLimits } from "./limits.ts";
import { filledNearest } from "./fill.ts";
import { WeightedMedians } from "./weighted-median.ts";

/**
 * Baseline by a weighted sliding median: Boudet 2019, Comput Biol Med 114:103468, as outlined in ctg.md §3.3 [V]. Where the
 * outline is silent the choice is ours [D]: an envelope is the root of twice the mean square; limits come from 10-min blocks
 * of which half is observed; of low-passed values one in some seconds is enough.
 */

const EVERY_S = 6;
const REACH_S = 20 * 60;
const BLOCK_S = 10 * 60;
/** Logit of not being baseline: a constant, and what each bpm/min of the slowest band's slope adds. */
const PRIOR = { constant: -2.4744, slope: 0.0266 } as const;
/** Edges in cycles a minute, the bandwidth of the envelope, and what each bpm/min of it adds to the logit. */
const BANDS = [
  { low: 0, high: 1, envelope: 2, perBpm: 0.0413 },
  { low: 1, high: 3, envelope: 6, perBpm: 0.0105 },
  { low: 3, high: 7, envelope: 14, perBpm: 0.0036 },
] as const;
const PER_BPM = 0.19;
const KEEP_SHARE = 0.1;

interface Pass {
  readonly everyS: number; // seconds for which one value stands
  readonly values: number; // low-pass of what the median is taken of, cycles a minute
  readonly distance: number; // low-pass of what is compared with the baseline before
  readonly logit: number | undefined; // undefined: nothing came before
  readonly power: number;
}
const PASSES: readonly Pass[] = [
  { everyS: 3, values: 2, distance: 1, logit: undefined, power: 1 },
  { everyS: 3, values: 2, distance: 1, logit: 3.21, power: 2 },
  { everyS: 2, values: 4, distance: 4, logit: 2.5, power: 4 },
  { everyS: 1.5, values: 8, distance: 8, logit: 2, power: 8 },
  { everyS: 1, values: 16, distance: 16, logit: 1.5, power: 16 },
  { everyS: 1, values: 16, distance: 16, logit: 1, power: 16 },
];

/** [n] beats a minute; NaN throughout where nothing is observed. */
export function wmfbLevel(fhr: Samples): Float64Array {
  const whole = bridge(fhr);
  const prior = priorOf(whole, fhr.observed);
  const smooth = smoother(whole);
  let before: Float64Array | undefined;
  let firstMass: Float64Array | undefined;
  for (const pass of PASSES) {
    const size = pass.everyS * CTG_HZ;
    const { values, observed } = epochs({ values: smooth(pass.values), observed: fhr.observed }, size);
    const weights = sums(prior, size);
    if (before !== undefined) trim(weights, epochs(all(smooth(pass.distance)), size).values, before, pass);
    const found = medians({ values, weights, observed, pass, before, firstMass });
    before = filledNearest(found.values);
    firstMass ??= found.masses;
  }
  return spread(before ?? new Float64Array(0), EVERY_S * CTG_HZ, whole.length);
}

const all = (values: Float64Array): Samples => ({ values, observed: new Uint8Array(values.length).fill(1) });

/** Low-passes of the heart rate; each is computed once. */
function smoother(whole: Float64Array): (cyclesPerMinute: number) => Float64Array {
  const kept = new Map<number, Float64Array>();
  return (cyclesPerMinute) => {
    const known = kept.get(cyclesPerMinute);
    if (known !== undefined) return known;
    const values = zeroPhase(whole, [gentleLowPass(cyclesPerMinute / 60, CTG_HZ)]);
    kept.set(cyclesPerMinute, values);
    return values;
  };
}

/** Probability of each sample to be baseline, by how calm the heart rate is there; 0 where unobserved. */
function priorOf(whole: Float64Array, observed: Uint8Array): Float64Array {
  const logit = new Float64Array(whole.length).fill(PRIOR.constant);
  BANDS.forEach(({ low, high, envelope, perBpm }, band) => {
    const slope = slopeOf(inBand(whole, low, high));
    const around = envelopeOf(slope, envelope);
    for (let i = 0; i < logit.length; i += 1) {
      const own = band === 0 ? PRIOR.slope * Math.abs(slope[i] ?? 0) : 0;
      logit[i] = (logit[i] ?? 0) + perBpm * (around[i] ?? 0) + own;
    }
  });
  return logit.map((v, i) => (observed[i] === 1 ? 1 / (1 + Math.exp(v)) : 0));
}

/** Sums of `size` neighbours. */
function sums(values: Float64Array, size: number): Float64Array {
  const summed = new Float64Array(Math.ceil(values.length / size));
  for (let i = 0; i < values.length; i += 1) {
    const cell = Math.floor(i / size);
    summed[cell] = (summed[cell] ?? 0) + (values[i] ?? 0) / size;
  }
  return summed;
}

/** Takes weight from what lies far from the baseline before, in place. */
function trim(weights: Float64Array, distance: Float64Array, before: Float64Array, pass: Pass): void {
  const { everyS, logit = 0 } = pass;
  const line = spread(before, EVERY_S / everyS, weights.length);
  for (let i = 0; i < weights.length; i += 1) {
    const away = Math.abs((distance[i] ?? 0) - (line[i] ?? 0));
    weights[i] = (weights[i] ?? 0) / (1 + Math.exp(PER_BPM * away - logit));
  }
}

function inBand(whole: Float64Array, low: number, high: number): Float64Array {
  return zeroPhase(whole, [
    low === 0 ? gentleLowPass(high / 60, CTG_HZ) : gentleBandPass(low / 60, high / 60, CTG_HZ),
  ]);
}

/** Beats a minute by minute, by central differences. */
function slopeOf(values: Float64Array): Float64Array {
  const last = values.length - 1;
  return values.map((value, i) => {
    const span = Math.min(last, i + 1) - Math.max(0, i - 1);
    return span === 0 ? 0 : (((values[i + 1] ?? value) - (values[i - 1] ?? value)) * 60 * CTG_HZ) / span;
  });
}

const envelopeOf = (slope: Float64Array, bandwidth: number): Float64Array =>
  zeroPhase(
    slope.map((v) => v * v),
    [gentleLowPass(bandwidth / 2 / 60, CTG_HZ)],
  ).map((square) => Math.sqrt(2 * square));

interface PassInput {
  readonly values: Float64Array; // one in some seconds
  readonly weights: Float64Array;
  readonly observed: Uint8Array;
  readonly pass: Pass;
  readonly before: Float64Array | undefined; // one in 6 s
  readonly firstMass: Float64Array | undefined;
}

/** One pass: medians and their windows' masses, one in 6 s. */
function medians({ values, weights, observed, pass, before, firstMass }: PassInput): {
  readonly values: Float64Array;
  readonly masses: Float64Array;
} {
  const step = EVERY_S / pass.everyS;
  const reach = REACH_S / pass.everyS;
  const count = Math.ceil(values.length / step);
  const found = { values: new Float64Array(count), masses: new Float64Array(count) };
  const limits = slidingLimits({ values, observed }, BLOCK_S / pass.everyS);
  const sliding = new WeightedMedians(values, weights, pass.power);
  for (let k = 0; k < count; k += 1) {
    const centre = k * step;
    const toEdge = Math.min(centre, values.length - 1 - centre);
    const { value, mass } = sliding.find({
      ...{ centre, low: limits.low[centre] ?? 0, high: limits.high[centre] ?? 0 },
      reach: Math.min(reach, Math.max(reach / 2, toEdge)),
      extra: before?.[k] ?? NaN,
      topUpTo: KEEP_SHARE * (firstMass?.[k] ?? 0),
    });
    found.values[k] = value;
    found.masses[k] = mass;
  }
  return found;
}
