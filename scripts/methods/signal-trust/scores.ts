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

const [DRAWS, EVERY] = [400, 8];

const aucOf = (judged: readonly Judged[]): number => {
  const { probability, isFalse } = joined(judged);
  return scoreSeconds(probability, isFalse).auroc;
};

type Range = readonly [low: number, high: number];

/** 95 % interval of a figure of recordings drawn again, each time by their places in the list. */
function overRecordings(count: number, figure: (drawn: readonly number[]) => number): Range {
  const random = seededRandom(0);
  const drawn = Array.from({ length: DRAWS }, () =>
    figure(Array.from({ length: count }, () => random.below(count))),
  ).sort((a, b) => a - b);
  return [drawn[Math.floor(0.025 * DRAWS)] ?? NaN, drawn[Math.ceil(0.975 * DRAWS) - 1] ?? NaN];
}

/** Every eighth sample, for intervals: neighbours say the same. */
const thinned = (judged: readonly Judged[]): readonly Judged[] => only(judged, (_, i) => i % EVERY === 0);
const these = (judged: readonly Judged[], places: readonly number[]): readonly Judged[] =>
  places.flatMap((at) => judged[at] ?? []);

/** Of the area under the curve. */
export function aucInterval(judged: readonly Judged[]): Range {
  const thin = thinned(judged);
  return overRecordings(thin.length, (drawn) => aucOf(these(thin, drawn)));
}

/** How much larger the area under the curve is than another judge's of the same samples, the same recordings drawn for both. */
export function aucGain(
  judged: readonly Judged[],
  other: readonly Judged[],
): { gain: number; interval: Range } {
  const [own, its] = [thinned(judged), thinned(other)];
  const interval = overRecordings(own.length, (drawn) => aucOf(these(own, drawn)) - aucOf(these(its, drawn)));
  return { gain: aucOf(judged) - aucOf(other), interval };
}
