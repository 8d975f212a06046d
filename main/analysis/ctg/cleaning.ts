import { FlatRuns } from "../../signal/flat.ts";
import { spansOf, type Span } from "./runs.ts";
import { CTG_HZ, type Samples } from "./trace.ts";

/** Why a stretch of heart rate may not be the fetus's (ctg.md §1.2). */
export type ProposalCode =
  "out-of-range" | "frozen" | "short-run" | "island" | "maternal" | "halved" | "doubled";

/** Samples that a rule would leave out. It says so; nothing is taken from the recording, and a person may overrule it. */
export interface Proposal {
  readonly first: number; // sample
  readonly count: number;
  readonly code: ProposalCode;
  readonly probability: number | undefined; // that they are false; undefined: nobody measured it
  readonly rule: string;
  readonly version: string;
}

/** Analysed, not displayed (ctg.md §1.1). */
export const RANGE_BPM = { low: 50, high: 220 } as const;
const LEAST_RUN_S = 5;
const ISLAND_S = 30;
const ISLAND_BPM = 25;

/**
 * A heart rate that keeps one value for so long is a monitor that repeats the last one it had [own]. In 1,147 h of fetal heart
 * rate (386 records of ctg-ctu-uhb, 774 of ctg-fhrma-fs, 108 of ctg-fhrma-ma, steps of 0.25 bpm) none that lived kept one for
 * more than 19.5 s; rounded to whole beats for no more than 30.75 s, to every second one for 86 s [M]. One did not live: the
 * last 200 s of ctg-fhrma-ma's train06. No expert marked one, so that how likely such a stretch is false was not measured.
 */
const FROZEN_S = 120;
/** Of a channel that says fewer than one a second so many values: a few that are alike say little. */
const LEAST_FROZEN = 120;

/**
 * How likely what the rules take out is false: its share among the samples that experts marked at all, in the Doppler records of
 * ctg-fhrma-fs for training (4,577, 39,413 and 18,867 of them) [M]. Of a scalp electrode's short runs and islands less is false:
 * 0.22 and 0.05.
 */
const PROBABILITY = { range: 0.89, shortRun: 0.42, island: 0.57 } as const;

/**
 * What the reference procedure leaves out, step by step: range, short runs, islands (ctg.md §2 steps 2–4 [V]); and what does
 * not move at all. `sourceHz`: of the channel, before it was put on the grid.
 */
export function cleaningProposals(fhr: Samples, sourceHz: number = CTG_HZ): readonly Proposal[] {
  const { values } = fhr;
  const observed = Uint8Array.from(fhr.observed);
  const propose = (spans: readonly Span[], code: ProposalCode, probability?: number): Proposal[] =>
    spans.map(({ from, to }) => {
      observed.fill(0, from, to);
      return { first: from, count: to - from, code, probability, rule: "ctg/cleaning", version: "2" };
    });
  const outside = observed.map((is, i) => {
    const value = values[i] ?? 0;
    return is === 1 && !(value >= RANGE_BPM.low && value <= RANGE_BPM.high) ? 1 : 0;
  });
  const range = propose(spansOf(outside), "out-of-range", PROBABILITY.range);
  const frozen = propose(frozenSpans({ values, observed }, sourceHz), "frozen");
  const short = spansOf(observed).filter(({ from, to }) => to - from < LEAST_RUN_S * CTG_HZ);
  const runs = propose(short, "short-run", PROBABILITY.shortRun);
  const islands = propose(islandsOf(values, spansOf(observed)), "island", PROBABILITY.island);
  return [...range, ...frozen, ...runs, ...islands].sort((a, b) => a.first - b.first);
}

/** Where one value stays for so long. What is missing between neither ends it nor counts. */
function frozenSpans({ values, observed }: Samples, sourceHz: number): Span[] {
  const least = Math.max(FROZEN_S, LEAST_FROZEN / sourceHz);
  const flat = new FlatRuns(Math.ceil(least * CTG_HZ));
  flat.push(
    values,
    observed.map((is) => 1 - is),
    0,
  );
  return flat.done().flatMap(({ first, count }) =>
    spansOf(observed.subarray(first, first + count)).map(({ from, to }) => ({
      from: first + from,
      to: first + to,
    })),
  );
}

/** Short runs that hang more than 25 bpm above, or below, both what came before and what comes after. */
function islandsOf(values: Float64Array, runs: readonly Span[]): Span[] {
  const islands: Span[] = [];
  let before: Span | undefined;
  runs.forEach((run, index) => {
    const after = runs[index + 1];
    const rise = before && (values[run.from] ?? 0) - (values[before.to - 1] ?? 0);
    const fall = after && (values[run.to - 1] ?? 0) - (values[after.from] ?? 0);
    const isShort = run.to - run.from < ISLAND_S * CTG_HZ;
    if (isShort && rise !== undefined && fall !== undefined && hangs(rise, fall)) islands.push(run);
    else before = run;
  });
  return islands;
}

const hangs = (rise: number, fall: number): boolean =>
  Math.min(Math.abs(rise), Math.abs(fall)) > ISLAND_BPM && Math.sign(rise) === Math.sign(fall);

/** The heart rate without what is proposed, for analysis; what is displayed stays. */
export function without({ values, observed }: Samples, proposals: readonly Proposal[]): Samples {
  const left = Uint8Array.from(observed);
  for (const { first, count } of proposals) left.fill(0, first, first + count);
  return { values, observed: left };
}
