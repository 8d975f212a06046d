import { AppError } from "../../../preload/contract/errors.ts";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { repairOf } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ReportRepair } from "../../signal/block.ts";
import { checkSampleRate } from "../bounds.ts";
import type { ByteSource } from "../format.ts";
import { RepairBook } from "../repair-book.ts";
import type { Axis } from "./axes.ts";
import { AxisPass, isCutRow, NONE, REPEAT } from "./axis-pass.ts";
import { ColumnSurvey } from "./cells.ts";
import type { Dialect } from "./dialect.ts";
import type { Row } from "./rows.ts";
import { chooseTiming, timedAxes, type Origin, type Timing } from "./timing.ts";
import { scanRows } from "./walk.ts";

/** What is known of an axis once every row was looked at. */
export interface SurveyedAxis {
  readonly axis: Axis;
  readonly timing: Timing;
  readonly sampleRate: number;
  readonly shift: number; // samples between the recording's start and the axis' first
  readonly columns: readonly ColumnSurvey[];
  readonly origin: Origin;
}

/** Rates nearer than this are one rate: the rest is the rounding of the stamps. */
const SAME_RATE = 1e-5;

/** First pass: every cell is looked at, so that types are exact and a bad cell is told before anything is stored. */
export async function surveyTable(
  source: ByteSource,
  dialect: Dialect,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<readonly SurveyedAxis[]> {
  const file = source.name;
  const timed = await timedAxes(source, dialect);
  const parts = timed.map((one) => {
    const timing = chooseTiming(file, dialect, one, repair);
    const missing = options.table?.missing ?? [];
    return new AxisSurvey(one.axis, timing, new AxisPass({ file, dialect, axis: one.axis, timing, missing }));
  });
  const lines = new Lines();
  await scanRows(source, dialect, (row) => {
    if (row.isCut && dialect.axes.every((axis) => isCutRow(row, dialect, axis))) lines.cut = row.line;
    if (row.count > dialect.columns.length) lines.extra ??= row.line;
    for (const part of parts) part.see(row);
  });
  if (parts.every(({ pass }) => pass.rows === 0))
    throw new AppError("data/no-rows", `${file} has no complete row of values`, {
      file,
      headerRows: dialect.headerRows,
    });
  for (const part of parts) part.refuseRepeats();
  report(repair, file, parts, lines);
  const axes = placed(file, parts);
  tellEnds(
    repair,
    file,
    axes.map(({ shift, sampleRate }, i) => (shift + (parts[i]?.sampleCount ?? 0)) / sampleRate),
  );
  return axes;
}

class Lines {
  cut: number | undefined;
  extra: number | undefined;
}

class AxisSurvey {
  readonly columns: readonly ColumnSurvey[];
  repeats = 0;
  firstRepeat = 0;
  readonly axis: Axis;
  readonly timing: Timing;
  readonly pass: AxisPass;
  private last = -1;
  private lastTime = NaN;
  private steadySteps = 0;
  private steadyTime = 0;

  constructor(axis: Axis, timing: Timing, pass: AxisPass) {
    this.axis = axis;
    this.timing = timing;
    this.pass = pass;
    this.columns = axis.signals.map(() => new ColumnSurvey());
  }

  see(row: Row): void {
    const at = this.pass.take(row);
    if (at === NONE) return;
    const { values, reasons } = this.pass.cells;
    for (let i = 0; i < this.columns.length; i++)
      if (reasons[i] === 0) (this.columns[i] as ColumnSurvey).see(sure(values[i]));
    if (at === REPEAT) {
      if (this.repeats++ === 0) this.firstRepeat = row.line;
      return;
    }
    const { now } = this.pass;
    if (at === this.last + 1 && this.last >= 0) {
      this.steadySteps++;
      this.steadyTime += now - this.lastTime;
    }
    this.last = at;
    this.lastTime = now;
  }

  refuseRepeats(): void {
    if (!this.timing.holds && this.repeats > Math.max(5, this.pass.rows * 0.001))
      throw this.timing.irregular(this.repeats, this.firstRepeat);
  }

  get sampleRate(): number {
    return this.timing.finalRate(this.steadySteps, this.steadyTime);
  }

  get sampleCount(): number {
    return this.last + 1;
  }
}

/** Rates made one where they are one, and every axis put where its first time says. */
function placed(file: string, parts: readonly AxisSurvey[]): SurveyedAxis[] {
  const rates: number[] = [];
  const firsts = parts.map(({ pass }) => pass.time.origin().first);
  const start = Math.min(...firsts.filter((first, i) => isClocked(parts[i]) && Number.isFinite(first)));
  refuseApart(file, parts);
  return parts.map((part, i) => {
    const own = part.sampleRate;
    const sampleRate = rates.find((rate) => Math.abs(rate / own - 1) < SAME_RATE) ?? own;
    if (!rates.includes(sampleRate)) rates.push(sampleRate);
    checkSampleRate(sampleRate, { file, channel: part.axis.signals[0]?.label });
    const first = firsts[i] ?? NaN;
    const shift = isClocked(part) && Number.isFinite(first) ? Math.round((first - start) * sampleRate) : 0;
    return {
      axis: part.axis,
      timing: part.timing,
      sampleRate,
      shift,
      columns: part.columns,
      origin: part.pass.time.origin(),
    };
  });
}

const isClocked = (part: AxisSurvey | undefined): boolean =>
  part !== undefined && (part.axis.time.kind === "numbers" || part.axis.time.kind === "moments");

/** Times of one recording count from one moment: a clock beside seconds, or starts a day apart, are not of one. */
function refuseApart(file: string, parts: readonly AxisSurvey[]): void {
  const clocked = parts.filter((part) => isClocked(part) && part.pass.rows > 0);
  const [one] = clocked;
  if (one === undefined) return;
  const of = (part: AxisSurvey): string => part.axis.signals[0]?.label ?? "";
  for (const other of clocked) {
    const apart = Math.abs(other.pass.time.origin().first - one.pass.time.origin().first);
    if (other.axis.time.kind === one.axis.time.kind && apart <= 86_400) continue;
    const message = `${file}: the times of ${of(one)} and of ${of(other)} do not count from one moment; import them apart, one time column each`;
    throw new AppError("data/unclear-times", message, {
      file,
      column: of(other),
      allowed: "starts within a day",
    });
  }
}

/** Signals of one recording end together; where they do not by this much, a person should know. */
const ENDS_APART_S = 2;
const ENDS_APART_SHARE = 0.05;

function report(repair: ReportRepair, file: string, parts: readonly AxisSurvey[], lines: Lines): void {
  const book = new RepairBook(file, repair);
  for (const { repeats, firstRepeat, timing } of parts) {
    if (repeats === 0) continue;
    const code = timing.holds ? "CSV_REPEATED_TIME_HELD" : "CSV_REPEATED_TIME";
    book.note(code, "warning", { file, rows: repeats, line: firstRepeat }, firstRepeat);
  }
  if (lines.cut !== undefined) book.note("CSV_CUT_ROW", "warning", { file, line: lines.cut }, lines.cut);
  if (lines.extra !== undefined)
    book.note("CSV_EXTRA_CELLS", "warning", { file, line: lines.extra }, lines.extra);
  const short = parts.find(({ pass }) => pass.cells.shortRows > 0)?.pass.cells;
  if (short !== undefined) {
    const { shortRows: rows, firstShortLine: line } = short;
    book.note("CSV_SHORT_ROW", "warning", { file, rows, line }, line);
  }
  const padded = parts.filter(({ pass }) => pass.padding > 0);
  if (padded.length > 0) {
    const columns = padded.flatMap(({ axis }) => axis.signals.map(({ label }) => label));
    repair(repairOf("CSV_PADDING", "info", { file, columns: listed(columns) }, { file }));
  }
}

function tellEnds(repair: ReportRepair, file: string, ends: readonly number[]): void {
  const [shortest, longest] = [Math.min(...ends), Math.max(...ends)];
  if (longest - shortest <= Math.max(ENDS_APART_S, ENDS_APART_SHARE * longest)) return;
  const values = { file, shortest: Number(shortest.toPrecision(4)), longest: Number(longest.toPrecision(4)) };
  repair(repairOf("CSV_ENDS_APART", "warning", values, { file }));
}

/** The first of many names. */
export const listed = (names: readonly string[]): string =>
  names.length <= 8 ? names.join(", ") : `${names.slice(0, 8).join(", ")}, …`;
