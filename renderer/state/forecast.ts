import type { Forecast, Series } from "../../preload/contract/finding.ts";

/** Shares of what may come that the bands of a fan should hold, the widest first. */
export const fanShares = [0.95, 0.9, 0.8, 0.5] as const;

/** Above this index a fork is pointed at. Measured: two of three forks are found so, one of three points is one. */
export const FORK_INDEX_LEAST = 0.4;

type Quantiles = Forecast["quantiles"];

/** Both ends of a band, a step each. */
export interface Band {
  readonly share: number;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

const quantile = (quantiles: Quantiles, share: number): Float32Array | undefined =>
  quantiles.find((one) => Math.abs(one.share - share) < 1e-3)?.value;

/** The bands whose ends are there, the widest first. */
export const bandsOf = (quantiles: Quantiles, shares: readonly number[] = fanShares): readonly Band[] =>
  shares.flatMap((share) => {
    const low = quantile(quantiles, (1 - share) / 2);
    const high = quantile(quantiles, (1 + share) / 2);
    return low === undefined || high === undefined ? [] : [{ share, low, high }];
  });

/** Where a half of what may come lies above, a step each. */
export const middleOf = ({ quantiles }: Pick<Forecast, "quantiles">): Float32Array | undefined =>
  quantile(quantiles, 0.5);

/** The place in the arrays that speaks of so many seconds ahead; undefined beyond the horizon. */
export function stepAt(
  { stepS, horizonS }: Pick<Forecast, "stepS" | "horizonS">,
  aheadS: number,
): number | undefined {
  const step = Math.round(aheadS / stepS) - 1;
  return step >= 0 && (step + 1) * stepS <= horizonS + stepS / 2 ? step : undefined;
}

/** Where the ways part, where the model says that they do: seconds ahead, and how much. */
export function forkOf({
  forkIndex,
  stepS,
}: Pick<Forecast, "forkIndex" | "stepS">): { readonly aheadS: number; readonly index: number } | undefined {
  const at = forkIndex?.findIndex((index) => index >= FORK_INDEX_LEAST) ?? -1;
  if (forkIndex === undefined || at < 0) return undefined;
  return { aheadS: (at + 1) * stepS, index: Math.max(...forkIndex) };
}

/** The series in which a run says how much the futures part at each moment. */
export const FORK_INDEX = "fork-index";

/** A moment from which the ways part. */
export interface ForkMoment {
  readonly timeS: number;
  readonly index: number;
}

/** Where the index comes to what is pointed at. A value is known at the end of its step: from there a forecast says the same. */
export function forkMoments({
  value,
  observed,
  sampleRate,
  startS = 0,
}: Pick<Series, "value" | "observed" | "sampleRate" | "startS">): readonly ForkMoment[] {
  const isFork = (i: number): boolean => observed[i] === 1 && (value[i] ?? 0) >= FORK_INDEX_LEAST;
  const moments: ForkMoment[] = [];
  value.forEach((index, i) => {
    if (isFork(i) && !isFork(i - 1)) moments.push({ timeS: startS + (i + 1) / sampleRate, index });
  });
  return moments;
}
