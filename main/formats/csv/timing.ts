import { AppError, type ErrorDetail } from "../../../preload/contract/errors.ts";
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
import type { Axis } from "./axes.ts";
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
const PREFIX_TIMES = 200_000; // of all axes: a table of 160 signals is previewed as fast as one of ten
const LEAST_ROWS = 2000;
const PREFIX_BYTES = 4 * 1024 * 1024;
/** A value logged on change is taken to last no longer than this; after it the channel is not observed. */
const LONGEST_HOLD_S = 1;

/** An axis of a table, and the times of its first rows. */
export interface TimedAxis {
  readonly axis: Axis;
  readonly prefix: readonly number[];
}

/**
 * Decides how the rows of an axis lie in time. Throws data/no-rate, data/irregular-time or data/rate-conflict where only
 * a person can know.
 */
export function chooseTiming(
  file: string,
  dialect: Dialect,
  { axis, prefix }: TimedAxis,
  repair: ReportRepair,
): Timing {
  const given = axis.givenRate ?? axis.statedRate;
  const base = {
    secondsPerUnit: 1,
    gapReason: maskReasons.notRecorded,
    holds: false,
    skipsFirstRow: dialect.preamble.source === "openbci",
    holdSamples: () => 0,
    irregular: (repeats: number, line: number) =>
      irregular(file, `${repeats} rows go back in time or repeat one, the first in line ${line}`),
  };
  const rate = (): number => {
    if (given !== undefined) return given;
    const of = dialect.axes.length > 1 ? `, for the column ${axis.signals[0]?.label ?? ""}` : "";
    throw new AppError(
      "data/no-rate",
      `${file} has no column of times, or one that tells no rate${of}; its sample rate in Hz must be given`,
      { file, allowed: "above 0 Hz" },
    );
  };
  const rowByRow = (sampleRate: number): Timing => ({
    ...base,
    gapReason: maskReasons.missingInSource,
    sampleRate,
    clock: countingClock,
    finalRate: () => sampleRate,
  });
  if (axis.time.kind === "none") return rowByRow(rate());
  if (axis.time.kind === "counter") {
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
    axis.time.kind === "moments"
      ? 1
      : (axis.time.secondsPerUnit ?? guessUnit(prefix, raw, given, dialect, file, repair));
  const steps = raw && scaled(raw, secondsPerUnit);
  if (steps === undefined) return rowByRow(rate()); // one row, or one same time in every row
  if (!steps.isRegular && given === undefined) {
    const [shortest, longest] = [shown(steps.shortest), shown(steps.longest)];
    throw irregular(file, `its times go on in steps of ${shortest} to ${longest} s`, { shortest, longest });
  }
  const measured = (): Timing => {
    const clock = (sampleRate?: number): Clock =>
      followingClock(sampleRate === undefined ? steps : { ...steps, period: 1 / sampleRate });
    const grain = 4 * Number.EPSILON * Math.abs((prefix[0] ?? 0) * secondsPerUnit); // seconds since 1970 have no more digits
    const errorOver = (seconds: number): number => 1e-9 + (2 * (steps.jitter + grain)) / seconds;
    // A nominal rate in a header is not always that of the times, which is what a sample's time comes from.
    const meant = (rate: number, error: number): number =>
      axis.statedRate !== undefined && Math.abs(axis.statedRate / rate - 1) <= error
        ? axis.statedRate
        : nominalRate(rate, error);
    const finalRate = (n: number, s: number): number =>
      n > 0 && s > 0 ? meant(n / s, errorOver(s)) : 1 / steps.period;
    return {
      ...base,
      secondsPerUnit,
      sampleRate: meant(1 / steps.period, errorOver(steps.period * prefix.length)),
      clock,
      finalRate,
    };
  };
  if (given === undefined) return measured();
  const apart = Math.abs(1 / steps.period / given - 1);
  if (steps.isRegular && apart > 0.02) {
    const goes = Number((1 / steps.period).toPrecision(4));
    if (axis.givenRate === undefined) throw rateConflict(file, axis, goes, given);
    repair(repairOf("CSV_RATE_CONFLICT", "warning", { file, measured: goes, given }, { file }));
    return rowByRow(given);
  }
  if (steps.isRegular && axis.givenRate === undefined) return measured();
  if (steps.isRegular)
    return {
      ...base,
      secondsPerUnit,
      sampleRate: given,
      clock: () => followingClock({ ...steps, period: 1 / given }),
      finalRate: () => given,
    };
  if (axis.givenRate === undefined) return rowByRow(given); // the file's own header says the rate; its stamps come in bursts
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

const rateConflict = (file: string, axis: Axis, measured: number, stated: number): AppError =>
  new AppError(
    "data/rate-conflict",
    `${file}: the header says ${stated} Hz, the times of ${axis.signals[0]?.label ?? "its columns"} go on at about ${measured} Hz; give the sample rate that is right`,
    { file, measured, stated, allowed: "one rate" },
  );

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
  jitter: steps.jitter * unit,
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

/** Times of the first rows, an array an axis; rows below the end of an axis' columns have none. */
export async function timedAxes(source: ByteSource, dialect: Dialect): Promise<readonly TimedAxis[]> {
  const all = dialect.axes.map((axis) => ({
    axis,
    read: timeReader(dialect, axis, { secondsPerUnit: 1 }, source.name),
    prefix: [] as number[],
  }));
  const isAlone = all.length === 1;
  const most = Math.min(PREFIX_ROWS, Math.max(LEAST_ROWS, Math.floor(PREFIX_TIMES / all.length)));
  let rows = 0;
  const take = (row: Row): void => {
    if (row.isCut || rows >= most) return;
    rows++;
    for (const { axis, read, prefix } of all) if (isAlone || hasTime(row, axis)) prefix.push(read(row));
  };
  if (dialect.axes.some(({ time }) => time.kind !== "none")) {
    for await (const used of walkRows(source, dialect, take)) {
      if (rows >= most || used > PREFIX_BYTES) break;
    }
  }
  return all.map(({ axis, prefix }) => ({
    axis,
    prefix: isAlone ? prefix : withoutPadding(prefix.slice(0, axis.points)),
  }));
}

/** Zeros at the end of times that had gone on: cells below the last sample of a slower signal. */
function withoutPadding(times: readonly number[]): readonly number[] {
  const last = times.findLastIndex((time) => time !== 0);
  return last < 0 ? times : times.slice(0, last + 1);
}

/** Has the row a cell of time for the axis? Columns of slower signals are empty below their end. */
export const hasTime = (row: Row, { time }: Axis): boolean =>
  time.kind !== "none" &&
  time.index < row.count &&
  (row.starts[time.index] ?? 0) < (row.ends[time.index] ?? 0);

/** Reads the time of rows, in seconds (counts for a counter). Clocks that pass midnight go on. */
export interface TimeReader {
  (row: Row): number;
  /** What the first row says about when the recording began. */
  origin(): Origin;
}

export interface Origin {
  readonly first: number; // NaN before the first row
  readonly startedAt: string | undefined;
  readonly facts: Readonly<Record<string, string>>;
}

export function timeReader(
  dialect: Dialect,
  { time }: Pick<Axis, "time">,
  { secondsPerUnit }: { readonly secondsPerUnit: number },
  file: string,
): TimeReader {
  const decimal = dialect.decimal.charCodeAt(0);
  let [days, before, first] = [0, -Infinity, NaN];
  let isCalendar = false;
  let [zone, lastZone] = ["", ""];
  const bad = (row: Row, text: string): AppError =>
    badCell(file, row.line, dialect, time.kind === "none" ? 0 : time.index, text);
  const textAt = (row: Row, index: number): string =>
    index < row.count
      ? cellText(row.bytes, row.starts[index] ?? 0, row.ends[index] ?? 0, dialect.encoding)
      : "";
  const read = (row: Row): number => {
    if (time.kind === "none") return 0;
    const [start, end] = [row.starts[time.index] ?? 0, row.ends[time.index] ?? 0];
    if (time.kind !== "moments") {
      const value = time.index < row.count ? parseNumber(row.bytes, start, end, decimal) : NaN;
      if (!Number.isFinite(value)) throw bad(row, textAt(row, time.index));
      return value * secondsPerUnit;
    }
    const clock = textAt(row, time.index);
    const text = time.dayIndex === undefined ? clock : `${textAt(row, time.dayIndex)} ${clock}`;
    const moment = parseMoment(text, dialect.dateOrder);
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
      first,
      startedAt:
        isCalendar && Number.isFinite(first) && Math.abs(first) < 8e12 ? isoOf(first) + zone : undefined,
      facts: isTold() ? {} : { "first time": String(Number(first.toPrecision(12))) },
    }),
  });
}
