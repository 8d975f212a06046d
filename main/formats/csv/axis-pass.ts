import { AppError } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { Axis } from "./axes.ts";
import type { Clock } from "./clock.ts";
import { CellReader } from "./cells.ts";
import type { Dialect } from "./dialect.ts";
import { parseNumber } from "./numbers.ts";
import type { Row } from "./rows.ts";
import { hasTime, timeReader, type TimeReader, type Timing } from "./timing.ts";
import { checkPlace } from "./walk.ts";

export interface PassOptions {
  readonly file: string;
  readonly dialect: Dialect;
  readonly axis: Axis;
  readonly timing: Timing;
  readonly missing: readonly string[];
  readonly sampleRate?: number; // once it is known
}

/** What `take` says of a row that is not a sample of its own: at or before the one above, or none of the axis' at all. */
export const REPEAT = -1;
export const NONE = -2;

/** One walk along one time axis of a table: reads the row's cells and says which sample they are. */
export class AxisPass {
  readonly cells: CellReader;
  readonly time: TimeReader;
  padding = 0; // rows of zeros below the last sample
  rows = 0;
  now = -Infinity; // the time of the last sample
  private readonly options: PassOptions;
  private readonly clock: Clock;
  private readonly mayEnd: boolean;
  private isZeroMissing: boolean;
  private last = -1;
  private skipped = 0; // rows without a cell since the last sample, where rows count the samples

  constructor(options: PassOptions) {
    const { file, dialect, axis, timing, missing, sampleRate } = options;
    this.options = options;
    this.cells = new CellReader(file, dialect, axis.signals, missing);
    this.time = timeReader(dialect, axis, timing, file);
    this.clock = timing.clock(sampleRate);
    this.mayEnd = dialect.axes.length > 1;
    this.isZeroMissing = timing.skipsFirstRow;
  }

  /** Reads the row's cells and says which sample they are, or why they are none. Called once a row: nothing is made anew. */
  take(row: Row): number {
    const { dialect, axis, file } = this.options;
    if (row.isCut && isCutRow(row, dialect, axis)) return NONE;
    if (this.isZeroMissing && this.last < 0 && isAllZero(row, dialect)) {
      this.isZeroMissing = false;
      return NONE;
    }
    if (this.mayEnd && this.isBeyond(row)) return NONE;
    this.cells.read(row);
    this.rows++;
    const now = this.time(row);
    for (; this.skipped > 0; this.skipped--) this.clock.place(now);
    const at = this.clock.place(now);
    if (at === undefined) return REPEAT;
    checkPlace(at, file, row);
    this.last = at;
    this.now = now;
    return at;
  }

  /** Below the last sample of a slower signal: no cells, or zeros (times do not go back to 0 by themselves). */
  private isBeyond(row: Row): boolean {
    const { axis } = this.options;
    if (axis.points !== undefined && this.rows >= axis.points) return true;
    const isTimeless = axis.time.kind === "none";
    if ((isTimeless || !hasTime(row, axis)) && this.cells.isBlank(row)) {
      if (isTimeless) this.skipped++;
      return true;
    }
    if (this.last > 0 && this.isPadding(row)) {
      this.padding++;
      return true;
    }
    if (this.padding > 0) throw this.backAgain(row);
    return false;
  }

  private isPadding(row: Row): boolean {
    const { axis, dialect } = this.options;
    if (axis.time.kind !== "numbers" || this.now <= 0) return false;
    const decimal = dialect.decimal.charCodeAt(0);
    const isZero = (index: number): boolean =>
      index >= row.count ||
      row.starts[index] === row.ends[index] ||
      parseNumber(row.bytes, sure(row.starts[index]), sure(row.ends[index]), decimal) === 0;
    return isZero(axis.time.index) && axis.signals.every(({ index }) => isZero(index));
  }

  private backAgain(row: Row): AppError {
    const { file, axis, timing } = this.options;
    const { code, message, detail } = timing.irregular(1, row.line);
    return new AppError(code, message, { ...detail, file, column: axis.signals[0]?.label ?? "" });
  }
}

/** The last row of a file that was cut while being written. */
export const isCutRow = (row: Row, dialect: Dialect, { signals }: Axis): boolean =>
  row.isCut && row.count < dialect.columns.length && row.count <= Math.max(0, ...signals.map((s) => s.index));

const isAllZero = (row: Row, dialect: Dialect): boolean => {
  for (let i = 0; i < row.count; i++)
    if (parseNumber(row.bytes, row.starts[i] ?? 0, row.ends[i] ?? 0, dialect.decimal.charCodeAt(0)) !== 0)
      return false;
  return true;
};
