import { maskReasons } from "../../../preload/contract/mask.ts";
import type { SampleType } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { SignalColumn } from "./axes.ts";
import { cellText, missingTest, type Dialect } from "./dialect.ts";
import { parseNumber } from "./numbers.ts";
import type { Row } from "./rows.ts";
import { badCell } from "./walk.ts";

/** The smallest type that holds a column's values exactly. */
export class ColumnSurvey {
  private min = 0;
  private max = 0;
  private isWhole = true;
  private isSingle = true;

  see(value: number): void {
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.isWhole && !Number.isInteger(value)) this.isWhole = false;
    if (this.isSingle && Math.fround(value) !== value) this.isSingle = false;
  }

  type(): SampleType {
    if (this.isWhole) {
      if (this.min >= -128 && this.max <= 127) return "int8";
      if (this.min >= 0 && this.max <= 255) return "uint8";
      if (this.min >= -32768 && this.max <= 32767) return "int16";
      if (this.min >= -(2 ** 31) && this.max < 2 ** 31) return "int32";
    }
    return this.isSingle ? "float32" : "float64";
  }
}

const rateUnits = new Set(["bpm", "/min", "1/min", "min-1", ""]);
const infinite = new Set(["inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"]);

/** Reads the signal cells of rows: numbers, missing cells, and errors that say where they are. */
export class CellReader {
  readonly values: Float64Array;
  readonly reasons: Uint8Array;
  shortRows = 0;
  firstShortLine = 0;
  private readonly file: string;
  private readonly indices: readonly number[];
  private readonly dialect: Dialect;
  private readonly decimal: number;
  private readonly zeroIsMissing: readonly boolean[];
  private readonly isMissing: (text: string) => boolean;

  constructor(file: string, dialect: Dialect, signals: readonly SignalColumn[], missing: readonly string[]) {
    this.file = file;
    this.dialect = dialect;
    this.indices = signals.map(({ index }) => index);
    this.decimal = dialect.decimal.charCodeAt(0);
    this.values = new Float64Array(signals.length);
    this.reasons = new Uint8Array(signals.length);
    // A heart rate of 0 is how monitors write "no signal"; nothing else is taken for missing unasked.
    this.zeroIsMissing = signals.map(
      (s) => (s.role === "fhr" || s.role === "mhr") && rateUnits.has(s.unit.toLowerCase()),
    );
    this.isMissing = missingTest(missing, dialect.decimal);
    this.extra = missing.length > 0;
  }
  private readonly extra: boolean;

  read(row: Row): void {
    let isShort = false;
    for (let i = 0; i < this.values.length; i++) {
      const index = sure(this.indices[i]);
      this.values[i] = 0;
      this.reasons[i] = maskReasons.missingInSource;
      if (index >= row.count) {
        isShort = true;
        continue;
      }
      const [start, end] = [sure(row.starts[index]), sure(row.ends[index])];
      if (start === end) continue;
      const value = parseNumber(row.bytes, start, end, this.decimal);
      if (Number.isNaN(value) || (this.extra && this.isMissing(this.text(row, index)))) {
        this.readOther(row, index, i);
      } else if (value === Infinity || value === -Infinity)
        this.reasons[i] = maskReasons.outOfRange; // 1e999
      else if (value !== 0 || this.zeroIsMissing[i] !== true) {
        this.values[i] = value;
        this.reasons[i] = 0;
      }
    }
    if (isShort && this.shortRows++ === 0) this.firstShortLine = row.line;
  }

  /** Does the row hold nothing for these columns? */
  isBlank(row: Row): boolean {
    return this.indices.every((index) => {
      if (index >= row.count) return true;
      const [start, end] = [sure(row.starts[index]), sure(row.ends[index])];
      return start === end || (end - start < 8 && this.isMissing(this.text(row, index)));
    });
  }

  text(row: Row, index: number): string {
    return cellText(row.bytes, row.starts[index] ?? 0, row.ends[index] ?? 0, this.dialect.encoding);
  }

  private readOther(row: Row, index: number, position: number): void {
    const text = this.text(row, index);
    if (this.isMissing(text)) return;
    if (infinite.has(text.toLowerCase())) this.reasons[position] = maskReasons.outOfRange;
    else throw badCell(this.file, row.line, this.dialect, index, text);
  }
}
