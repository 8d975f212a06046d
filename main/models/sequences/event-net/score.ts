import type { ChannelRole } from "../../../../preload/contract/recording.ts";
import { lengthOf, overlapOf, type Span } from "./spans.ts";

/** Scores of one class against the rest, a second each. */
export interface SecondScores {
  readonly seconds: number;
  readonly prevalence: number;
  readonly auroc: number; // NaN without both
  readonly averagePrecision: number;
  readonly ece: number; // 15 equal-width bins: class probability against class indicator
  readonly nll: number; // binary, nats
}

const BINS = 15;
const LEAST = 1e-7; // a probability counts as no smaller in the logarithm

/** probability, truth [n]; truth 1 or 0. */
export function scoreSeconds(probability: Float32Array, truth: Uint8Array): SecondScores {
  const n = probability.length;
  const sums = new Float64Array(BINS);
  let nll = 0;
  let positives = 0;
  probability.forEach((p, i) => {
    const is = truth[i] === 1;
    positives += Number(is);
    nll -= Math.log(Math.max(LEAST, is ? p : 1 - p));
    const bin = Math.min(BINS - 1, Math.floor(p * BINS));
    sums[bin] = (sums[bin] ?? 0) + p - Number(is);
  });
  const ece = sums.reduce((total, gap) => total + Math.abs(gap), 0) / n;
  return { seconds: n, prevalence: positives / n, ...ranking(probability, truth), ece, nll: nll / n };
}

/** Area under the ROC curve, ties counted half, and the mean precision at each positive found (AP), ties together. */
function ranking(
  probability: Float32Array,
  truth: Uint8Array,
): Pick<SecondScores, "auroc" | "averagePrecision"> {
  const positive = probability.filter((_, i) => truth[i] === 1).sort();
  const negative = probability.filter((_, i) => truth[i] !== 1).sort();
  let [p, q] = [positive.length - 1, negative.length - 1];
  let [found, wrong, pairs, precision] = [0, 0, 0, 0];
  while (p >= 0) {
    const level = positive[p] ?? NaN;
    let tied = 0;
    for (; p >= 0 && positive[p] === level; p -= 1) tied += 1;
    while (q >= 0 && (negative[q] ?? NaN) > level) [q, wrong] = [q - 1, wrong + 1];
    const above = wrong;
    while (q >= 0 && negative[q] === level) [q, wrong] = [q - 1, wrong + 1];
    pairs += tied * (negative.length - wrong + (wrong - above) / 2);
    found += tied;
    precision += (tied * found) / (found + wrong);
  }
  return {
    auroc: pairs / (positive.length * negative.length),
    averagePrecision: precision / positive.length,
  };
}

export interface EventCounts {
  readonly marked: number;
  readonly said: number;
  readonly found: number; // pairs
  readonly foundWell: number; // pairs with at least half of their union in common
  readonly hours: number; // looked at
}

export interface EventScores extends EventCounts {
  readonly missed: number;
  readonly falseAnHour: number;
  readonly sensitivity: number;
  readonly precision: number; // positive predictive value
  readonly f1: number;
  readonly f1Iou: number; // only pairs with intersection / union >= 1/2 count
}

/**
 * One-to-one, largest overlap first. Two match where they overlap by more than `matchS`, or by more than half of the
 * shorter one if that is less. Answers the pairs as [marked, said].
 */
export function matchEvents(
  marked: readonly Span[],
  said: readonly Span[],
  matchS: number,
): readonly (readonly [number, number])[] {
  const candidates: { readonly m: number; readonly s: number; readonly overlap: number }[] = [];
  marked.forEach((own, m) => {
    said.forEach((other, s) => {
      const overlap = overlapOf(own, other);
      const least = Math.min(matchS, Math.min(lengthOf(own), lengthOf(other)) / 2);
      if (overlap > least) candidates.push({ m, s, overlap });
    });
  });
  candidates.sort((a, b) => b.overlap - a.overlap || a.m - b.m || a.s - b.s);
  const [takenMarked, takenSaid] = [new Set<number>(), new Set<number>()];
  const pairs: [number, number][] = [];
  for (const { m, s } of candidates) {
    if (takenMarked.has(m) || takenSaid.has(s)) continue;
    takenMarked.add(m);
    takenSaid.add(s);
    pairs.push([m, s]);
  }
  return pairs;
}

const IOU = 0.5;

/** What `matchEvents` asks of labels that speak about a channel of this role, in seconds. */
export const matchSeconds = (role: ChannelRole): number => (role === "uc" ? 10 : 5);

/** Of one recording, or of one stretch that was read. */
export function countEvents(
  marked: readonly Span[],
  said: readonly Span[],
  { matchS, hours }: { readonly matchS: number; readonly hours: number },
): EventCounts {
  const pairs = matchEvents(marked, said, matchS);
  const well = pairs.filter(([m, s]) => {
    const [own, other] = [marked[m], said[s]];
    if (own === undefined || other === undefined) return false;
    const overlap = overlapOf(own, other);
    return overlap >= IOU * (lengthOf(own) + lengthOf(other) - overlap);
  });
  return {
    marked: marked.length,
    said: said.length,
    found: pairs.length,
    foundWell: well.length,
    hours,
  };
}

export function scoreEvents(counts: readonly EventCounts[]): EventScores {
  const sum = (of: (one: EventCounts) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const [marked, said, found, foundWell, hours] = [
    sum((one) => one.marked),
    sum((one) => one.said),
    sum((one) => one.found),
    sum((one) => one.foundWell),
    sum((one) => one.hours),
  ];
  return {
    marked,
    said,
    found,
    foundWell,
    hours,
    missed: marked - found,
    falseAnHour: (said - found) / hours,
    sensitivity: found / marked,
    precision: found / said,
    f1: marked + said === 0 ? NaN : (2 * found) / (marked + said),
    f1Iou: marked + said === 0 ? NaN : (2 * foundWell) / (marked + said),
  };
}
