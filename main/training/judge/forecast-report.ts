import type { z } from "zod";
import type { ForecastReport } from "../../../preload/contract/forecast-report.ts";
import type { PairedComparison } from "../../../preload/contract/paired.ts";
import { seededRandom } from "../../models/random.ts";
import { scoreSeconds } from "../../models/sequences/event-net/score.ts";
import type { ForecastPlan, ForecastScores, HorizonScores, MethodScores } from "./forecast-scores.ts";
import { FEWEST_PAIRS, pairedOverGroups } from "./paired.ts";

type Report = z.infer<typeof ForecastReport>;

const SHARES = [0.5, 0.8, 0.9, 0.95] as const;
/** Shares missing in the minute before, from one to below the next; the last includes all. */
const MISSING = [0, 0.1, 0.3, 1] as const;
const PIT_BINS = 20;
/** A recording's own coverage counts from so many moments on. */
const FEWEST_MOMENTS = 30;
const TENTH = 0.1;
const DRAWS = 2000;
const STREAM = 307;

/** How forecasts of recordings of people never trained on came true, beside simple methods on the same moments. */
export function forecastReport(
  scored: readonly ForecastScores[],
  plan: ForecastPlan,
  { floors, validation }: { readonly floors: readonly string[]; readonly validation: readonly string[] },
): Report {
  const at = plan.horizonsS.map((_, h) =>
    scored.flatMap(({ id, horizons }) => {
      const scores = horizons[h];
      return scores === undefined ? [] : [{ id, scores }];
    }),
  );
  return {
    recordings: scored.length,
    subjects: [...new Set(scored.map(({ subject }) => subject))].sort(),
    validation: [...new Set(validation)].sort(),
    unit: plan.unit,
    horizonsS: [...plan.horizonsS],
    samples: at.map((all) => all.reduce((sum, { scores }) => sum + scores.pit.length, 0)),
    own: scoresOf(at, ({ own }) => own),
    floors: floors.map((name, f) => floorReport(name, at, ({ floors: all }) => all[f])),
    coverage: SHARES.map((share) => coverageOf(share, at)),
    pit: at.map(pitHistogram),
    branches: branchesOf(scored),
  };
}

interface Row {
  readonly id: string;
  readonly scores: HorizonScores;
}
/** A horizon: its recordings. */
type Rows = readonly (readonly Row[])[];
type MethodOf = (scores: HorizonScores) => MethodScores | undefined;

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function scoresOf(at: Rows, method: MethodOf): Report["own"] {
  const per = (which: keyof MethodScores): (number | null)[] =>
    at.map((rows) => orNull(mean(rows.flatMap(({ scores }) => method(scores)?.[which] ?? []))));
  return { nll: per("nll"), crps: per("crps") };
}

function floorReport(name: string, at: Rows, method: MethodOf): Report["floors"][number] {
  const paired = (which: keyof MethodScores): (PairedComparison | null)[] =>
    at.map((rows) => {
      const means = (of: MethodOf): Map<string, number> =>
        new Map(rows.map(({ id, scores }) => [id, mean(of(scores)?.[which] ?? [])]));
      const pair = pairedOverGroups(
        means(({ own }) => own),
        means(method),
      );
      return pair.groups === 0 ? null : lowerIsBetter(pair);
    });
  return { name, scores: scoresOf(at, method), nll: paired("nll"), crps: paired("crps") };
}

/** Of scores of which less is better, the same difference told the other way round. */
const lowerIsBetter = ({ better, worse, verdict, ...pair }: PairedComparison): PairedComparison => ({
  ...pair,
  better: worse,
  worse: better,
  verdict: verdict === "better" ? "worse" : verdict === "worse" ? "better" : verdict,
});

/** The middle band that should hold a share. */
const holds =
  (share: number) =>
  (pit: number): boolean =>
    Math.abs(pit - 0.5) <= share / 2;

const shareOf = (values: readonly number[], is: (value: number) => boolean): number =>
  values.filter(is).length / values.length;

function coverageOf(share: number, at: Rows): Report["coverage"][number] {
  const isHeld = holds(share);
  return {
    share,
    reached: at.map((rows) =>
      orNull(
        shareOf(
          rows.flatMap(({ scores }) => scores.pit),
          isHeld,
        ),
      ),
    ),
    perRecording: at.map((rows) =>
      tenths(
        rows.map(({ scores }) => scores.pit),
        isHeld,
      ),
    ),
    byMissing: MISSING.slice(0, -1).map((from, i) => {
      const to = MISSING[i + 1] ?? 1;
      const inside = at.map((rows) =>
        rows.flatMap(({ scores: { pit, missing } }) =>
          pit.filter((_, m) => isWithin(missing[m] ?? 1, from, to)),
        ),
      );
      return {
        ...{ from, to },
        samples: inside.map((one) => one.length),
        reached: inside.map((one) => orNull(shareOf(one, isHeld))),
      };
    }),
  };
}

const isWithin = (share: number, from: number, to: number): boolean =>
  share >= from && (share < to || (to === 1 && share <= 1));

/** Below which a tenth of the recordings lies, and above which. */
function tenths(
  recordings: readonly (readonly number[])[],
  isHeld: (pit: number) => boolean,
): { low: number; high: number } | null {
  const shares = recordings
    .filter((pit) => pit.length >= FEWEST_MOMENTS)
    .map((pit) => shareOf(pit, isHeld))
    .sort((a, b) => a - b);
  if (shares.length < FEWEST_PAIRS) return null;
  const quantile = (at: number): number => {
    const place = at * (shares.length - 1);
    const [low, high] = [shares[Math.floor(place)] ?? 0, shares[Math.ceil(place)] ?? 0];
    return low + (place - Math.floor(place)) * (high - low);
  };
  return { low: quantile(TENTH), high: quantile(1 - TENTH) };
}

function pitHistogram(rows: readonly Row[]): number[] {
  const counts = new Array<number>(PIT_BINS).fill(0);
  const all = rows.flatMap(({ scores }) => scores.pit);
  for (const pit of all) {
    const bin = Math.min(PIT_BINS - 1, Math.max(0, Math.floor(pit * PIT_BINS)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => count / Math.max(1, all.length));
}

interface Judged {
  readonly probability: readonly number[];
  readonly came: readonly number[];
}

function branchesOf(scored: readonly ForecastScores[]): Report["branches"] {
  const codes = new Set(scored.flatMap(({ branches }) => [...branches.keys()]));
  return [...codes].sort().map((code) => {
    const own = scored.flatMap(({ branches }) => branches.get(code) ?? []);
    const { auroc, ece, share } = branchScores(own);
    return {
      ...{ code, share },
      auroc: orNull(auroc),
      ece: orNull(ece),
      aurocInterval: Number.isFinite(auroc) ? aurocInterval(own) : null,
    };
  });
}

function branchScores(recordings: readonly Judged[]): { auroc: number; ece: number; share: number } {
  const { auroc, ece, prevalence } = scoreSeconds(
    Float32Array.from(recordings.flatMap(({ probability }) => probability)),
    Uint8Array.from(recordings.flatMap(({ came }) => came)),
  );
  return { auroc, ece, share: prevalence };
}

/** 95 % percentile bootstrap over recordings. The pairs that two recordings put in order are counted once, not in every draw. */
function aurocInterval(recordings: readonly Judged[]): { low: number; high: number } | null {
  const n = recordings.length;
  if (n < FEWEST_PAIRS) return null;
  const sides = recordings.map(({ probability, came }) => ({
    positive: Float64Array.from(probability.filter((_, i) => came[i] === 1)).sort(),
    negative: Float64Array.from(probability.filter((_, i) => came[i] !== 1)).sort(),
  }));
  const inOrder = sides.map(({ positive }) => sides.map(({ negative }) => pairsInOrder(positive, negative)));
  const random = seededRandom(0, STREAM);
  const draws = Array.from({ length: DRAWS }, () => {
    const drawn = Array.from({ length: n }, () => random.below(n));
    let [pairs, positives, negatives] = [0, 0, 0];
    for (const i of drawn) {
      positives += sides[i]?.positive.length ?? 0;
      negatives += sides[i]?.negative.length ?? 0;
      for (const j of drawn) pairs += inOrder[i]?.[j] ?? 0;
    }
    return pairs / (positives * negatives);
  })
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (draws.length < DRAWS / 2) return null;
  const at = (share: number): number => draws[Math.round(share * (draws.length - 1))] ?? Number.NaN;
  return { low: at(0.025), high: at(0.975) };
}

/** Pairs of which the positive is above the negative, ties counted half; both ascending. */
function pairsInOrder(positive: Float64Array, negative: Float64Array): number {
  let [pairs, below, notAbove] = [0, 0, 0];
  for (const one of positive) {
    while (below < negative.length && (negative[below] ?? 0) < one) below += 1;
    while (notAbove < negative.length && (negative[notAbove] ?? 0) <= one) notAbove += 1;
    pairs += (below + notAbove) / 2;
  }
  return pairs;
}
