import type { Series } from "../../../preload/contract/finding.ts";
import { cleaningProposals, type Proposal, type ProposalCode, without } from "./cleaning.ts";
import { falseSignal } from "./false-signal.ts";
import { countingProposals, maternalProposals } from "./proposals.ts";
import { type Span, spansOf } from "./runs.ts";
import { CTG_HZ, type CtgTrace, type Samples } from "./trace.ts";

/** How likely the heart rate is not the fetus's, a value a sample, and what of it is analysed. */
export interface SignalTrust {
  readonly probability: Float32Array; // that it is not
  readonly band: { readonly low: Float32Array; readonly high: Float32Array } | undefined; // of a run
  readonly observed: Uint8Array; // 1: it can be told
  readonly isByRun: boolean;
  readonly proposals: readonly Proposal[]; // of rules, with their reasons; in order of time
  readonly left: Samples; // the heart rate that is analysed
  readonly leftOut: LeftOut;
}

/** 1 where a heart rate is left out because it does not move at all, or lies outside what is analysed. */
export interface LeftOut {
  readonly frozen: Uint8Array;
  readonly outside: Uint8Array;
}

/** What is known of a heart rate beside its samples. */
interface Beside {
  readonly run: Series | undefined; // that says how likely it is false
  readonly isScalp: boolean;
  readonly sourceHz: number; // of the channel, before it was put on the grid
  readonly trusted: readonly Trusted[];
}

/** What a person says is the fetus's, in seconds. */
export interface Trusted {
  readonly onsetS: number;
  readonly durationS: number;
}

/** From here on it is more likely something else. */
const FALSE = 0.5;

/**
 * Judged by a run where one is chosen (`run`: its series), else, and where it cannot tell, by local features. Left out
 * of the analysis is what the reference procedure leaves out, what does not move, and what is judged false by a run or
 * beside a maternal heart rate. Without one a fall of the fetus's own looks much like the mother's rate: it is shown as
 * doubtful and stays in [own]. What a person says is the fetus's stays in, whatever a rule or a run proposes there.
 */
export function trustOf(
  { fhr, mhr, count }: CtgTrace,
  { run: said, isScalp, sourceHz, trusted }: Beside,
): SignalTrust {
  const run = said && onGrid(said, count);
  const isTrusted = painted(count, trusted);
  const cleaning = untrusted(cleaningProposals(fhr, sourceHz), isTrusted);
  const clean = without(fhr, cleaning);
  const doubts = untrusted(
    [...(mhr === undefined ? [] : maternalProposals(clean, mhr)), ...countingProposals(clean)],
    isTrusted,
  );
  const takenBy = (code: ProposalCode): Uint8Array =>
    painted(
      count,
      cleaning
        .filter((one) => one.code === code)
        .map((one) => timesOf({ from: one.first, to: one.first + one.count })),
    );
  const local = falseSignal({ fhr: clean, mhr, isScalp });
  const isRunSure = (i: number): boolean => run?.observed[i] === 1;
  const probability = Float32Array.from({ length: count }, (_, i) =>
    isRunSure(i) ? (run?.value[i] ?? 0) : (local.probability[i] ?? 0),
  );
  const observed = Uint8Array.from({ length: count }, (_, i) =>
    fhr.observed[i] === 1 && (isRunSure(i) || local.isKnown[i] === 1) ? 1 : 0,
  );
  const left = clean.observed.map((is, i) => {
    const isJudged = observed[i] === 1 && isTrusted[i] !== 1 && (isRunSure(i) || local.hasMhr[i] === 1);
    return is === 1 && isJudged && (probability[i] ?? 0) >= FALSE ? 0 : is;
  });
  return {
    ...{ probability, observed, isByRun: run !== undefined, band: run && bandOf(probability, run) },
    proposals: [...cleaning, ...doubts].sort((a, b) => a.first - b.first),
    left: { values: fhr.values, observed: left },
    leftOut: { frozen: takenBy("frozen"), outside: takenBy("out-of-range") },
  };
}

/** Ones within the stretches. */
function painted(count: number, stretches: readonly Trusted[]): Uint8Array {
  const flags = new Uint8Array(count);
  const at = (timeS: number): number => Math.max(0, Math.round(timeS * CTG_HZ));
  for (const { onsetS, durationS } of stretches) flags.fill(1, at(onsetS), at(onsetS + durationS));
  return flags;
}

/** What is proposed of the rest. */
const untrusted = (proposals: readonly Proposal[], isTrusted: Uint8Array): readonly Proposal[] =>
  proposals.flatMap((one) =>
    spansOf(isTrusted.subarray(one.first, one.first + one.count).map((is) => 1 - is)).map(
      ({ from, to }): Proposal => ({ ...one, first: one.first + from, count: to - from }),
    ),
  );

type OnGrid = Pick<Series, "value" | "low" | "high" | "observed">;

/** Each value stands until the next. */
function onGrid({ value, low, high, observed, sampleRate }: Series, count: number): OnGrid {
  const from = (i: number): number => Math.floor((i / CTG_HZ) * sampleRate + 1e-9);
  const spread = (of: Float32Array): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => of[from(i)] ?? 0);
  return {
    value: spread(value),
    ...(low === undefined ? {} : { low: spread(low) }),
    ...(high === undefined ? {} : { high: spread(high) }),
    observed: Uint8Array.from({ length: count }, (_, i) => observed[from(i)] ?? 0),
  };
}

/** Undefined for a run of one network. */
function bandOf(probability: Float32Array, { low, high, observed }: OnGrid): SignalTrust["band"] {
  if (low === undefined || high === undefined) return undefined;
  const end = (of: Float32Array): Float32Array =>
    probability.map((own, i) => (observed[i] === 1 ? (of[i] ?? own) : own));
  return { low: end(low), high: end(high) };
}

/** Stretches that are judged false, in order of time. */
export const falseSpans = ({ probability, observed }: SignalTrust): Span[] =>
  spansOf(observed.map((is, i) => (is === 1 && (probability[i] ?? 0) >= FALSE ? 1 : 0)));

/** Seconds of a span of samples. */
export const timesOf = ({ from, to }: Span): { readonly onsetS: number; readonly durationS: number } => ({
  onsetS: from / CTG_HZ,
  durationS: (to - from) / CTG_HZ,
});
