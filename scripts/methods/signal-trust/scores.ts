import { scoreSeconds } from "../../../main/models/sequences/event-net/score.ts";
import { seededRandom } from "../../../main/models/random.ts";

/** Marked samples of a recording: how likely each is said to be false, and whether it is. */
export interface Judged {
  readonly name: string;
  readonly probability: Float32Array;
  readonly isFalse: Uint8Array;
  readonly hasMhr: Uint8Array; // a maternal heart rate was observed in the very sample
}

export interface Card {
  readonly samples: number;
  readonly auc: number;
  readonly ap: number;
  readonly sensitivity: number; // the highest with a positive predictive value of at least .945
  readonly atHalf: { readonly sensitivity: number; readonly ppv: number };
  readonly ece: number;
  readonly nll: number;
}

export const PPV = 0.945; // that of the published detector on another set (ctg.md §9.3)

/** Of those samples of a recording that are asked for. */
export const only = (judged: readonly Judged[], holds: (one: Judged, i: number) => boolean): Judged[] =>
  judged.map((one) => {
    const kept = [...one.isFalse.keys()].filter((i) => holds(one, i));
    return {
      name: one.name,
      probability: Float32Array.from(kept, (i) => one.probability[i] ?? 0),
      isFalse: Uint8Array.from(kept, (i) => one.isFalse[i] ?? 0),
      hasMhr: Uint8Array.from(kept, (i) => one.hasMhr[i] ?? 0),
    };
  });

const joined = (judged: readonly Judged[]) => {
  const count = judged.reduce((sum, { isFalse }) => sum + isFalse.length, 0);
  const [probability, isFalse] = [new Float32Array(count), new Uint8Array(count)];
  let at = 0;
  for (const one of judged) {
    probability.set(one.probability, at);
    isFalse.set(one.isFalse, at);
    at += one.isFalse.length;
  }
  return { probability, isFalse };
};

export function cardOf(judged: readonly Judged[]): Card {
  const { probability, isFalse } = joined(judged);
  const { auroc, averagePrecision, ece, nll } = scoreSeconds(probability, isFalse);
  const positives = isFalse.reduce((sum, is) => sum + is, 0);
  const order = Uint32Array.from(isFalse.keys()).sort(
    (a, b) => (probability[b] ?? 0) - (probability[a] ?? 0),
  );
  let [found, sensitivity, half] = [0, 0, { sensitivity: 0, ppv: NaN }];
  order.forEach((i, rank) => {
    found += isFalse[i] ?? 0;
    const next = order[rank + 1];
    const p = probability[i] ?? 0;
    if (next !== undefined && probability[next] === p) return; // ties together
    const ppv = found / (rank + 1);
    if (ppv >= PPV) sensitivity = found / positives;
    if (p >= 0.5) half = { sensitivity: found / positives, ppv };
  });
  return { samples: isFalse.length, auc: auroc, ap: averagePrecision, sensitivity, atHalf: half, ece, nll };
}

const [DRAWS, EVERY, FEW] = [400, 8, 10_000];

/** Samples by falling probability, and the recording of each. */
interface Ranked {
  readonly probability: Float32Array;
  readonly isFalse: Uint8Array;
  readonly recording: Uint16Array;
}

function ranked(judged: readonly Judged[]): Ranked {
  const { probability, isFalse } = joined(judged);
  const recording = Uint16Array.from(judged.flatMap((one, at) => [...one.isFalse].map(() => at)));
  const order = Uint32Array.from(probability.keys()).sort(
    (i, k) => (probability[k] ?? 0) - (probability[i] ?? 0),
  );
  const inOrder = (of: ArrayLike<number>): number[] => Array.from(order, (i) => of[i] ?? 0);
  return {
    probability: Float32Array.from(inOrder(probability)),
    isFalse: Uint8Array.from(inOrder(isFalse)),
    recording: Uint16Array.from(inOrder(recording)),
  };
}

/** A figure of ranked samples, each of which counts as often as its recording was drawn. */
export type Figure = (ranked: Ranked, times: ArrayLike<number>) => number;

/** Calls with the counts of all from the highest probability on, after each that no other has. */
function swept(
  { probability, isFalse, recording }: Ranked,
  times: ArrayLike<number>,
  level: (found: number, wrong: number) => void,
): void {
  let [found, wrong] = [0, 0];
  for (let i = 0; i < probability.length; i += 1) {
    const weight = times[recording[i] ?? 0] ?? 0;
    if (isFalse[i] === 1) found += weight;
    else wrong += weight;
    if (probability[i + 1] !== probability[i]) level(found, wrong);
  }
}

/** Area under the ROC curve, ties counted half. */
export const aucOf: Figure = (samples, times) => {
  let [area, found, wrong] = [0, 0, 0];
  swept(samples, times, (f, w) => {
    area += ((w - wrong) * (found + f)) / 2;
    [found, wrong] = [f, w];
  });
  return area / (found * wrong);
};

/** The highest sensitivity with a positive predictive value of at least PPV. */
export const sensitivityOf: Figure = (samples, times) => {
  let [best, found] = [0, 0];
  swept(samples, times, (f, w) => {
    if (f >= PPV * (f + w)) best = f;
    found = f;
  });
  return best / found;
};

const BINS = 15; // as in scoreSeconds

/** Expected calibration error, bins of equal width. */
export const eceOf: Figure = ({ probability, isFalse, recording }, times) => {
  const gaps = new Float64Array(BINS);
  let count = 0;
  probability.forEach((p, i) => {
    const weight = times[recording[i] ?? 0] ?? 0;
    const bin = Math.min(BINS - 1, Math.floor(p * BINS));
    gaps[bin] = (gaps[bin] ?? 0) + weight * (p - (isFalse[i] ?? 0));
    count += weight;
  });
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / count;
};

const LEAST = 1e-7; // as in scoreSeconds

/** Mean negative log-likelihood. */
export const nllOf: Figure = ({ probability, isFalse, recording }, times) => {
  let [sum, count] = [0, 0];
  probability.forEach((p, i) => {
    const weight = times[recording[i] ?? 0] ?? 0;
    sum -= weight * Math.log(Math.max(LEAST, isFalse[i] === 1 ? p : 1 - p));
    count += weight;
  });
  return sum / count;
};

type Range = readonly [low: number, high: number];

/** 95 % interval of a figure of recordings drawn again, by how often each is. */
function overRecordings(count: number, figure: (times: Uint16Array) => number): Range {
  const random = seededRandom(0);
  const drawn = Array.from({ length: DRAWS }, () => {
    const times = new Uint16Array(count);
    for (let k = 0; k < count; k += 1) {
      const at = random.below(count);
      times[at] = (times[at] ?? 0) + 1;
    }
    return figure(times);
  }).sort((a, b) => a - b);
  return [drawn[Math.floor(0.025 * DRAWS)] ?? NaN, drawn[Math.ceil(0.975 * DRAWS) - 1] ?? NaN];
}

/** Every eighth sample, for intervals: neighbours say the same. Of few all. */
const thinned = (judged: readonly Judged[]): readonly Judged[] =>
  judged.reduce((sum, { isFalse }) => sum + isFalse.length, 0) < FEW
    ? judged
    : only(judged, (_, i) => i % EVERY === 0);

export const figureOf = (judged: readonly Judged[], figure: Figure): number =>
  figure(
    ranked(judged),
    judged.map(() => 1),
  );

/** 95 % of a figure. */
export function intervalOf(judged: readonly Judged[], figure: Figure): Range {
  const thin = ranked(thinned(judged));
  return overRecordings(judged.length, (times) => figure(thin, times));
}

/** How much larger a figure is than another judge's of the same samples, the same recordings drawn for both. */
export function gainOf(
  judged: readonly Judged[],
  other: readonly Judged[],
  figure: Figure,
): { gain: number; interval: Range } {
  const [own, its] = [ranked(thinned(judged)), ranked(thinned(other))];
  const interval = overRecordings(judged.length, (times) => figure(own, times) - figure(its, times));
  return { gain: figureOf(judged, figure) - figureOf(other, figure), interval };
}
