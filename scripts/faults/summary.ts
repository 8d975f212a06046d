import { sortedQuantile } from "../../main/signal/quantile.ts";
import type { Verdict } from "./judge.ts";
import type { Lateness } from "./lateness.ts";

interface Counted {
  readonly runs: number;
  readonly failed: number;
  readonly timeErrorMsP99: number | null; // null: nothing was measured
  readonly lineTimeErrorMsP99: number | null; // with what the line held up: an adapter that gathers, a link, this machine
  readonly showMsP95: number | null;
  readonly resumeMsP95: number | null;
}

interface Missed {
  readonly goal: string;
  readonly limit: string;
  readonly measured: number;
}

/** Single outages (of times: runs, by their p99) against what is wanted of all together. */
interface Beyond {
  readonly of: number;
  readonly count: number;
  readonly mostMs: number | null; // null: nothing was measured
  readonly seeds: readonly number[]; // with one that is over it
}

/** A run with how late this machine was in it. */
interface Beside {
  readonly seed: number;
  readonly protocol: string;
  readonly lateness: Lateness;
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
  readonly missed: readonly Missed[]; // goals
  readonly beyond: Readonly<Record<MsGoal, Beyond>>; // single outages and runs, which fail by none of it
  readonly excusedSamples: number; // not there, and never read by the recorder: under way when the line broke
  readonly lateness: { readonly p95: Lateness; readonly most: Lateness }; // of this machine, over the runs
  readonly worstTimes: readonly (Beside & { readonly timeErrorMsP99: number | null })[];
  readonly failing: readonly (Beside & { readonly problems: readonly string[] })[];
}

const WORST = 10;
/** What is wanted of all runs together: more success than this, less time than that. */
const SUCCESS = 0.999;
const msGoals = { timeErrorMsP99: 2, showMsP95: 1500, resumeMsP95: 3000 } as const;
type MsGoal = keyof typeof msGoals;

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
    lineTimeErrorMsP99: quantile(
      verdicts.flatMap((one) => one.lineErrorsMs),
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
  const notDone = [...new Set(verdicts.flatMap((one) => one.notDone))];
  const wanted = {
    success: verdicts.length === 0 ? 0 : 1 - all.failed / verdicts.length,
    lostSamples: sum((one) => one.lostSamples),
    unmarkedGaps: sum((one) => one.unmarkedGaps),
  };
  return {
    ...all,
    ...wanted,
    missed: missedOf({ ...all, ...wanted }),
    beyond: {
      timeErrorMsP99: beyondOf(verdicts, "timeErrorMsP99", (one) =>
        present(quantile(one.timeErrorsMs, 0.99)),
      ),
      showMsP95: beyondOf(verdicts, "showMsP95", ({ shows }) => shows.map(({ ms }) => ms)),
      resumeMsP95: beyondOf(verdicts, "resumeMsP95", ({ resumes }) => resumes.map(({ ms }) => ms)),
    },
    excusedSamples: sum((one) => one.excusedSamples),
    samples: sum((one) => one.samples),
    damagedTaken: sum((one) => one.damagedTaken),
    untoldGaps: sum((one) => one.untoldGaps),
    notDone: Object.fromEntries(
      notDone.map((kind) => [kind, sum((one) => (one.notDone.includes(kind) ? 1 : 0))]),
    ),
    perProtocol: by(({ protocol }) => [protocol], false),
    perFault: by(({ faults }) => faults, true),
    failing: verdicts
      .filter(({ problems }) => problems.length > 0)
      .map((one) => ({ ...beside(one), problems: one.problems })),
    lateness: { p95: latenessAt(verdicts, 0.95), most: latenessAt(verdicts, 1) },
    worstTimes: worstOf(verdicts),
  };
}

const beside = ({ seed, protocol, lateness }: Verdict): Beside => ({ seed, protocol, lateness });

function missedOf(found: Pick<Summary, "success" | "lostSamples" | "unmarkedGaps" | MsGoal>): Missed[] {
  const missed: Missed[] = [];
  const { success, lostSamples, unmarkedGaps } = found;
  if (success <= SUCCESS) missed.push({ goal: "success", limit: `> ${SUCCESS}`, measured: success });
  for (const [goal, measured] of Object.entries({ lostSamples, unmarkedGaps }))
    if (measured > 0) missed.push({ goal, limit: "0", measured });
  for (const goal of ["timeErrorMsP99", "showMsP95", "resumeMsP95"] as const) {
    const measured = found[goal];
    if (measured !== null && measured >= msGoals[goal])
      missed.push({ goal, limit: `< ${msGoals[goal]} ms`, measured });
  }
  return missed;
}

const present = (value: number | null): number[] => (value === null ? [] : [value]);

function beyondOf(
  verdicts: readonly Verdict[],
  goal: MsGoal,
  msOf: (one: Verdict) => readonly number[],
): Beyond {
  const each = verdicts.flatMap((one) => msOf(one).map((ms) => ({ seed: one.seed, ms })));
  const over = each.filter(({ ms }) => ms >= msGoals[goal]);
  return {
    of: each.length,
    count: over.length,
    mostMs: each.length === 0 ? null : Math.round(Math.max(...each.map(({ ms }) => ms)) * 100) / 100,
    seeds: [...new Set(over.map(({ seed }) => seed))],
  };
}

function latenessAt(verdicts: readonly Verdict[], share: number): Lateness {
  const of = (key: keyof Lateness): number =>
    quantile(
      verdicts.map(({ lateness }) => lateness[key]),
      share,
    ) ?? 0;
  return {
    ...{ beginningMs: of("beginningMs"), loopMs: of("loopMs") },
    ...{ deviceMsP99: of("deviceMsP99"), deviceMs: of("deviceMs") },
    ...{ readerMsP99: of("readerMsP99"), readerMs: of("readerMs") },
  };
}

const worstOf = (verdicts: readonly Verdict[]): Summary["worstTimes"] =>
  verdicts
    .map((one) => ({ ...beside(one), timeErrorMsP99: quantile(one.timeErrorsMs, 0.99) }))
    .filter(({ timeErrorMsP99 }) => timeErrorMsP99 !== null)
    .toSorted((a, b) => (b.timeErrorMsP99 ?? 0) - (a.timeErrorMsP99 ?? 0))
    .slice(0, WORST);
