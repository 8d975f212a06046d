import { AppError, type ErrorDetail } from "../../../preload/contract/errors.ts";
import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { repairOf } from "../../../preload/contract/recording.ts";
import type { ReportRepair } from "../../signal/block.ts";
import type { ByteSource } from "../format.ts";
import {
  counterClock,
  followingClock,
  gridClock,
  measureCounter,
  measureSteps,
  nominalRate,
  type Clock,
  type Steps,
} from "./clock.ts";
import { cellText, type Dialect } from "./dialect.ts";
import { parseNumber } from "./numbers.ts";
import type { Row } from "./rows.ts";
import { isoOf, parseMoment } from "./times.ts";
import { badCell, walkRows } from "./walk.ts";

/** How a table's rows become samples. */
export interface Timing {
  readonly sampleRate: number | undefined; // as far as known before the whole table was read
  readonly secondsPerUnit: number;
  readonly gapReason: number;
  readonly holds: boolean; // rows are values that last until the next row
  readonly skipsFirstRow: boolean; // OpenBCI v5 begins with a row of zeros
  clock(sampleRate?: number): Clock;
  finalRate(steadySteps: number, steadyTime: number): number;
  holdSamples(sampleRate: number): number;
  irregular(repeats: number, line: number): AppError;
}

const PREFIX_ROWS = 20_000;
const PREFIX_BYTES = 4 * 1024 * 1024;
/** A value logged on change is taken to last no longer than this; after it the channel is not observed. */
const LONGEST_HOLD_S = 1;

/** Decides how rows lie in time. Throws data/no-rate or data/irregular-time where only a person can know. */
export async function chooseTiming(
  source: ByteSource,
  dialect: Dialect,
  options: TableOptions,
  repair: ReportRepair,
): Promise<Timing> {
  const given = dialect.sampleRate;
  const base = {
    secondsPerUnit: 1,
    gapReason: maskReasons.notRecorded,
    holds: false,
    skipsFirstRow: dialect.preamble.source === "openbci",
    holdSamples: () => 0,
    irregular: (repeats: number, line: number) =>
      irregular(source.name, `${repeats} rows go back in time or repeat one, the first in line ${line}`),
  };
  const rate = (): number => {
    if (given !== undefined) return given;
    throw new AppError(
      "data/no-rate",
      `${source.name} has no column of times, or one that tells no rate; its sample rate in Hz must be given`,
      { file: source.name, allowed: "above 0 Hz" },
    );
  };
  const rowByRow = (sampleRate: number): Timing => ({
    ...base,
    sampleRate,
    clock: countingClock,
    finalRate: () => sampleRate,
  });
  if (dialect.time.kind === "none") return rowByRow(rate());
  const prefix = await prefixTimes(source, dialect);
  if (dialect.time.kind === "counter") {
    const sampleRate = rate();
    const counting = measureCounter(prefix.slice(base.skipsFirstRow ? 1 : 0));
    return {
      ...base,
      sampleRate,
      gapReason: maskReasons.droppedPacket,
      clock: () => counterClock(counting),
      finalRate: () => sampleRate,
    };
  }
  const raw = measureSteps(prefix);
  const secondsPerUnit =
    dialect.time.kind === "moments"
      ? 1
      : (dialect.time.secondsPerUnit ?? guessUnit(prefix, raw, given, dialect, source.name, repair));
  const steps = raw && scaled(raw, secondsPerUnit);
  if (steps === undefined) return rowByRow(rate()); // one row, or one same time in every row
  if (!steps.isRegular && given === undefined) {
    const [shortest, longest] = [shown(steps.shortest), shown(steps.longest)];
    throw irregular(source.name, `its times go on in steps of ${shortest} to ${longest} s`, {
      shortest,
      longest,
    });
  }
  if (given === undefined) {
    const clock = (sampleRate?: number): Clock =>
      followingClock(sampleRate === undefined ? steps : { ...steps, period: 1 / sampleRate });
    const finalRate = (n: number, s: number): number =>
      n > 0 && s > 0 ? nominalRate(n / s, (2 * steps.tolerance) / s) : 1 / steps.period;
    return {
      ...base,
      secondsPerUnit,
      sampleRate: nominalRate(1 / steps.period, (2 * steps.tolerance) / (steps.period * prefix.length)),
      clock,
      finalRate,
    };
  }
  if (steps.isRegular && Math.abs(1 / steps.period / given - 1) > 0.02) {
    repair(
      repairOf(
        "CSV_RATE_CONFLICT",
        "warning",
        { file: source.name, measured: Number((1 / steps.period).toPrecision(4)), given },
        { file: source.name },
      ),
    );
    return rowByRow(given);
  }
  if (steps.isRegular)
    return {
      ...base,
      secondsPerUnit,
      sampleRate: given,
      clock: () => followingClock({ ...steps, period: 1 / given }),
      finalRate: () => given,
    };
  if (options.sampleRate === undefined) return rowByRow(given); // the file's own header says the rate; its stamps come in bursts
  return {
    ...base,
    secondsPerUnit,
    sampleRate: given,
    holds: true,
    clock: () => gridClock(given, 0.6 / given),
    finalRate: () => given,
    holdSamples: (sampleRate) => Math.max(10, Math.round(LONGEST_HOLD_S * sampleRate)),
  };
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));

const irregular = (file: string, what: string, detail: ErrorDetail = {}): AppError =>
  new AppError(
    "data/irregular-time",
    `${file}: ${what}; give a sample rate to place the rows on an even grid, or choose "no time column"`,
    { file, allowed: "even steps", ...detail },
  );

function countingClock(): Clock {
  let at = -1;
  return { place: () => ++at };
}

const scaled = (steps: Steps, unit: number): Steps => ({
  ...steps,
  period: steps.period * unit,
  tolerance: steps.tolerance * unit,
  shortest: steps.shortest * unit,
  longest: steps.longest * unit,
});

/** What a time column without a unit counts: what fits the given rate, else milliseconds for whole numbers (seconds for CTG), else seconds. */
function guessUnit(
  prefix: readonly number[],
  steps: Steps | undefined,
  given: number | undefined,
  dialect: Dialect,
  file: string,
  repair: ReportRepair,
): number {
  if (steps === undefined) return 1;
  if (given !== undefined) {
    const fits = [1, 1e-3, 1e-6, 1 / given].find((unit) => Math.abs(steps.period * unit * given - 1) < 0.25);
    if (fits !== undefined) return fits;
  }
  if (!prefix.every(Number.isInteger)) return 1;
  const isCtg = dialect.signals.some((s) => s.role === "fhr" || s.role === "uc");
  const unit = isCtg || (prefix[0] ?? 0) > 1e8 ? ((prefix[0] ?? 0) > 1e11 ? 1e-3 : 1) : 1e-3;
  repair(repairOf(unit === 1 ? "CSV_TIME_SECONDS" : "CSV_TIME_MILLISECONDS", "warning", { file }, { file }));
  return unit;
}

async function prefixTimes(source: ByteSource, dialect: Dialect): Promise<number[]> {
  const read = timeReader(dialect, { secondsPerUnit: 1 }, source.name);
  const times: number[] = [];
  const take = (row: Row): void => {
    if (times.length < PREFIX_ROWS && !row.isCut) times.push(read(row));
  };
  for await (const used of walkRows(source, dialect, take)) {
    if (times.length >= PREFIX_ROWS || used > PREFIX_BYTES) break;
  }
  return times;
}

/** Reads the time of rows, in seconds (counts for a counter). Clocks that pass midnight go on. */
export interface TimeReader {
  (row: Row): number;
  /** What the first row says about when the recording began. */
  origin(): { readonly startedAt: string | undefined; readonly facts: Readonly<Record<string, string>> };
}

export function timeReader(
  dialect: Dialect,
  { secondsPerUnit }: { readonly secondsPerUnit: number },
  file: string,
): TimeReader {
  const { time } = dialect;
  const decimal = dialect.decimal.charCodeAt(0);
  let [days, before, first] = [0, -Infinity, NaN];
  let isCalendar = false;
  let [zone, lastZone] = ["", ""];
  const bad = (row: Row, text: string): AppError =>
    badCell(file, row.line, dialect, time.kind === "none" ? 0 : time.index, text);
  const read = (row: Row): number => {
    if (time.kind === "none") return 0;
    const [start, end] = [row.starts[time.index] ?? 0, row.ends[time.index] ?? 0];
    const isThere = time.index < row.count;
    if (time.kind !== "moments") {
      const value = isThere ? parseNumber(row.bytes, start, end, decimal) : NaN;
      if (!Number.isFinite(value))
        throw bad(row, isThere ? cellText(row.bytes, start, end, dialect.encoding) : "");
      return value * secondsPerUnit;
    }
    const text = isThere ? cellText(row.bytes, start, end, dialect.encoding) : "";
    const moment = parseMoment(text);
    if (moment === undefined) throw bad(row, text);
    isCalendar = moment.kind === "calendar";
    lastZone = moment.zone;
    if (!isCalendar && moment.s + days < before - 43_200) days += 86_400;
    before = moment.s + days;
    return before;
  };
  const reader = (row: Row): number => {
    const value = read(row);
    if (Number.isNaN(first)) [first, zone] = [value, lastZone];
    return value;
  };
  const isTold = (): boolean => time.kind === "none" || isCalendar || first === 0 || Number.isNaN(first);
  return Object.assign(reader, {
    origin: () => ({
      startedAt:
        isCalendar && Number.isFinite(first) && Math.abs(first) < 8e12 ? isoOf(first) + zone : undefined,
      facts: isTold() ? {} : { "first time": String(Number(first.toPrecision(12))) },
    }),
  });
}
