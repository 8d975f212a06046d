import { sortedQuantile } from "../../main/signal/quantile.ts";
import type { Verdict } from "./judge.ts";

interface Counted {
  readonly runs: number;
  readonly failed: number;
  readonly timeErrorMsP99: number | null; // null: nothing was measured
  readonly promptTimeErrorMsP99: number | null; // of lines that neither gather nor delay
  readonly showMsP95: number | null;
  readonly resumeMsP95: number | null;
}

export interface Summary extends Counted {
  readonly success: number; // share of the runs
  readonly lostSamples: number;
  readonly unmarkedGaps: number;
  readonly samples: number;
  readonly damagedTaken: number;
  readonly untoldGaps: number;
  readonly notDone: Readonly<Record<string, number>>; // faults that this machine does not allow, and of how many runs
  readonly perProtocol: Readonly<Record<string, Counted>>;
  readonly perFault: Readonly<Record<string, Counted>>;
  readonly failing: readonly { readonly seed: number; readonly problems: readonly string[] }[];
}

function quantile(values: readonly number[], share: number): number | null {
  const found = sortedQuantile(
    values.toSorted((a, b) => a - b),
    values.length,
    share,
  );
  return Number.isNaN(found) ? null : Math.round(found * 100) / 100;
}

function counted(verdicts: readonly Verdict[], fault?: string): Counted {
  const ms = (of: readonly { readonly fault: string; readonly ms: number }[]): number[] =>
    of.filter((one) => fault === undefined || one.fault === fault).map((one) => one.ms);
  return {
    runs: verdicts.length,
    failed: verdicts.filter(({ problems }) => problems.length > 0).length,
    timeErrorMsP99: quantile(
      verdicts.flatMap((one) => one.timeErrorsMs),
      0.99,
    ),
    promptTimeErrorMsP99: quantile(
      verdicts.filter(({ isPrompt }) => isPrompt).flatMap((one) => one.timeErrorsMs),
      0.99,
    ),
    showMsP95: quantile(
      verdicts.flatMap(({ shows }) => ms(shows)),
      0.95,
    ),
    resumeMsP95: quantile(
      verdicts.flatMap(({ resumes }) => ms(resumes)),
      0.95,
    ),
  };
}

export function summaryOf(verdicts: readonly Verdict[]): Summary {
  const sum = (of: (one: Verdict) => number): number => verdicts.reduce((total, one) => total + of(one), 0);
  const by = (names: (one: Verdict) => readonly string[], isFault: boolean): Record<string, Counted> =>
    Object.fromEntries(
      [...new Set(verdicts.flatMap(names))].toSorted().map((name) => [
        name,
        counted(
          verdicts.filter((one) => names(one).includes(name)),
          isFault ? name : undefined,
        ),
      ]),
    );
  const all = counted(verdicts);
  const missed = [...new Set(verdicts.flatMap(({ notDone }) => notDone))];
  return {
    ...all,
    success: verdicts.length === 0 ? 0 : 1 - all.failed / verdicts.length,
    lostSamples: sum((one) => one.lostSamples),
    unmarkedGaps: sum((one) => one.unmarkedGaps),
    samples: sum((one) => one.samples),
    damagedTaken: sum((one) => one.damagedTaken),
    untoldGaps: sum((one) => one.untoldGaps),
    notDone: Object.fromEntries(
      missed.map((kind) => [kind, sum((one) => (one.notDone.includes(kind) ? 1 : 0))]),
    ),
    perProtocol: by(({ protocol }) => [protocol], false),
    perFault: by(({ faults }) => faults, true),
    failing: verdicts
      .filter(({ problems }) => problems.length > 0)
      .map(({ seed, problems }) => ({ seed, problems })),
  };
}
