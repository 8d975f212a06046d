import { normalFrom, uniformFrom } from "../signal/random.ts";
import type { Arrival } from "./clock.ts";

export interface Line {
  readonly rate: number;
  readonly seconds: number;
  readonly ppm: number;
  /** Amplitude of a slow wandering of the rate, one turn in 20 minutes. */
  readonly wanderPpm?: number;
  /** The adapter delivers at multiples of this. */
  readonly batchS: number;
  /** Delay of a radio link: half-normal, new every 30 ms, now and then up to 200 ms. */
  readonly radioS?: number;
  readonly lossShare: number;
  readonly stallShare: number; // of samples at which the host stalls for 100 ms
  readonly away: readonly (readonly [fromS: number, lengthS: number])[];
  readonly seed: number;
}

/** The simulation that the figures of RLS and its rivals were measured with (adapter at 16 ms, 50 ppm, stalls, losses). */
export const usual: Line = {
  rate: 250,
  seconds: 600,
  ppm: 50,
  batchS: 0.016,
  lossShare: 0.002,
  stallShare: 0.0002,
  away: [
    [120, 0.5],
    [300, 3],
  ],
  seed: 1,
};

const LINK_S = 0.02; // what every sample needs at least

/** True time of every sample (of its earliest possible arrival), and the reads that brought those that were not lost. */
export function simulateLine(line: Line) {
  const uniform = uniformFrom(line.seed);
  const normal = normalFrom(uniformFrom(line.seed, 1));
  const count = Math.floor(line.rate * line.seconds);
  const trueS = new Float64Array(count);
  const reads: (Arrival & { readonly first: number })[] = [];
  let [madeS, readS, stalledS, radioS] = [LINK_S, 0, 0, 0];
  const every = Math.max(1, Math.round(0.03 * line.rate));
  let pending: { first: number; index: number; arrivedS: number } | undefined;
  for (let i = 0; i < count; i++) {
    trueS[i] = madeS;
    const batch = line.batchS === 0 ? madeS : Math.ceil(madeS / line.batchS) * line.batchS;
    if (line.radioS !== undefined && i % every === 0)
      radioS = line.radioS * Math.abs(normal()) + (uniform() < 0.05 ? 0.2 * uniform() : 0);
    let arrivedS = batch + radioS - 0.0005 * Math.log(1 - uniform());
    if (uniform() < line.stallShare) stalledS = arrivedS + 0.1;
    readS = arrivedS = Math.max(readS, arrivedS, stalledS);
    const isLost = uniform() < line.lossShare || line.away.some(([at, s]) => madeS >= at && madeS < at + s);
    const wander = (line.wanderPpm ?? 0) * Math.sin((2 * Math.PI * madeS) / 1200);
    madeS += 1 / (line.rate * (1 + (line.ppm + wander) * 1e-6));
    if (isLost) continue;
    if (pending !== undefined && arrivedS - pending.arrivedS < 0.0003) {
      pending.index = i;
      pending.arrivedS = arrivedS;
    } else reads.push((pending = { first: i, index: i, arrivedS }));
  }
  return { trueS, reads };
}

/** Errors against the true times, in ms: their median, and the rest about it. */
export function errorsMs(errors: readonly number[]) {
  const sorted = Float64Array.from(errors, (e) => e * 1e3).sort();
  const bias = sorted[sorted.length >> 1] ?? NaN;
  const sizes = sorted.map((e) => Math.abs(e - bias)).sort();
  const at = (share: number): number =>
    sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))] ?? NaN;
  const sd = Math.sqrt(sizes.reduce((sum, e) => sum + e * e, 0) / sizes.length);
  return { bias, sd, p99: at(0.99), max: at(1) };
}
