import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { repairOf, type ChannelRole, type Repair } from "../../../preload/contract/recording.ts";
import { guessRole } from "../channel-role.ts";
import type { ByteSource } from "../format.ts";
import { decodeBytes, detectEncoding, plainBytes, plainEncoding, type TableEncoding } from "./encoding.ts";
import { parseText } from "./numbers.ts";
import { readPreamble, type Preamble, type PreambleSignal } from "./preamble.ts";
import { RowSplitter } from "./rows.ts";
import { parseMoment, secondsIn } from "./times.ts";

export type Separator = NonNullable<TableOptions["separator"]>;
export type Decimal = NonNullable<TableOptions["decimal"]>;

/** What a column of the table holds. */
export interface TableColumn {
  readonly index: number;
  readonly name: string; // as the header row has it
  readonly label: string;
  readonly unit: string;
  readonly content: "numbers" | "text" | "moments" | "empty";
}

/** How the table tells time: a column in seconds (or counts), or none. */
export type TimeColumn =
  | { readonly kind: "none" }
  | { readonly kind: "moments"; readonly index: number }
  | { readonly kind: "numbers"; readonly index: number; readonly secondsPerUnit: number | undefined } // undefined: not said
  | { readonly kind: "counter"; readonly index: number };

export interface SignalColumn {
  readonly index: number;
  readonly label: string;
  readonly unit: string;
  readonly role: ChannelRole;
}

export interface Dialect {
  readonly encoding: TableEncoding;
  readonly separator: Separator;
  readonly decimal: Decimal;
  readonly headerRows: number;
  readonly columns: readonly TableColumn[];
  readonly time: TimeColumn;
  readonly signals: readonly SignalColumn[];
  readonly labelColumn: TableColumn | undefined; // numbers or words whose runs are events
  readonly sampleRate: number | undefined; // from the options, else from the preamble
  readonly preamble: Preamble;
  readonly rows: readonly (readonly string[])[]; // the first rows, headers included
  readonly problems: readonly Repair[];
}

const HEAD_BYTES = 256 * 1024;
const HEAD_ROWS = 500;

const defaultMissing = new Set([
  "",
  "nan",
  "na",
  "n/a",
  "null",
  "none",
  "-",
  "--",
  "---",
  ".",
  "?",
  "#n/a",
  "欠測",
]);

/** Is this cell one that means "not observed"? Case does not matter; extra tokens also match as numbers (-999 and -999.0). */
export function missingTest(extra: readonly string[], decimal: Decimal): (text: string) => boolean {
  const words = new Set(extra.map((token) => token.trim().toLowerCase()));
  const numbers = new Set(
    extra.map((token) => parseText(token, decimal)).filter((value) => !Number.isNaN(value)),
  );
  return (text) => {
    const folded = text.trim().toLowerCase();
    return (
      defaultMissing.has(folded) ||
      words.has(folded) ||
      (numbers.size > 0 && numbers.has(parseText(text, decimal)))
    );
  };
}

/** Looks at the first quarter of a mebibyte and decides how the table is to be read; options override what is detected. */
export async function detectDialect(source: ByteSource, options: TableOptions): Promise<Dialect> {
  const head = await source.read(0, HEAD_BYTES);
  const encoding = options.encoding ?? detectEncoding(head);
  const plain = await firstBytes(source, encoding);
  const text = decodeBytes(plain, plainEncoding(encoding));
  const comments = text
    .split(/\r\n|\n|\r/)
    .filter((line) => /^\s*[#%]/.test(line))
    .map((line) => line.trim());
  const preamble = readPreamble(comments);
  const isWhole = plain.length < HEAD_BYTES && source.size <= HEAD_BYTES;
  const lines = bodyLines(text, isWhole);
  const separator = options.separator ?? detectSeparator(lines);
  const rows = splitHead(plain, { separator, encoding, isWhole, file: source.name });
  const decimal = options.decimal ?? detectDecimal(rows, separator);
  const isMissing = missingTest(options.missing ?? [], decimal);
  const isValue = (cell: string): boolean =>
    !Number.isNaN(parseText(cell, decimal)) || parseMoment(cell.trim()) !== undefined;
  const headerRows = options.headerRows ?? countHeaderRows(rows, isValue, isMissing);
  const names = columnNames(rows, headerRows, preamble, comments, separator);
  const body = rows.slice(headerRows);
  const columns = names.map(({ name, unit }, index) =>
    describe(index, name, unit, body, { decimal, isMissing }),
  );
  const time =
    options.timeColumn === null
      ? ({ kind: "none" } as const)
      : timeColumn(columns, body, decimal, options.timeColumn);
  const labelColumn =
    options.columns === undefined ? columns.find((c) => isLabelColumn(c) && !isTime(time, c)) : undefined;
  const signals = options.columns ?? guessSignals(columns, time, labelColumn, preamble);
  const problems: Repair[] = [];
  if (body.length === 0)
    problems.push(
      repairOf("CSV_NO_ROWS", "warning", { file: source.name, headerRows }, { file: source.name }),
    );
  else if (signals.length === 0)
    problems.push(repairOf("CSV_NO_COLUMNS", "warning", { file: source.name }, { file: source.name }));
  return {
    encoding,
    separator,
    decimal,
    headerRows,
    columns,
    time,
    signals,
    labelColumn,
    preamble,
    problems,
    sampleRate: options.sampleRate ?? preamble.sampleRate,
    rows,
  };
}

async function firstBytes(source: ByteSource, encoding: TableEncoding): Promise<Uint8Array> {
  for await (const chunk of plainBytes(source, encoding)) return chunk.subarray(0, HEAD_BYTES);
  return new Uint8Array(0);
}

/** Lines that are neither blank nor comments; the last one may be cut and is left out. */
function bodyLines(text: string, isWhole: boolean): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (!isWhole) lines.pop();
  return lines.filter((line) => line.trim() !== "" && !/^\s*[#%]/.test(line)).slice(0, HEAD_ROWS);
}

/** The separator that cuts most lines into one same number (above 1) of cells; tab and semicolon before comma before blank. */
function detectSeparator(lines: readonly string[]): Separator {
  let best: { separator: Separator; share: number } = { separator: ",", share: 0 };
  for (const separator of ["\t", ";", ",", " "] as const) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const cells =
        separator === " "
          ? line.trim().split(/[ \t]+/).length
          : line.replace(/"[^"]*"/g, "").split(separator).length;
      counts.set(cells, (counts.get(cells) ?? 0) + 1);
    }
    let share = 0;
    for (const [cells, times] of counts) if (cells > 1) share = Math.max(share, times / lines.length);
    if (share > best.share + 0.2) best = { separator, share };
  }
  return best.separator;
}

interface HeadOptions {
  readonly separator: Separator;
  readonly encoding: TableEncoding;
  readonly isWhole: boolean;
  readonly file: string;
}

function splitHead(plain: Uint8Array, { separator, encoding, isWhole, file }: HeadOptions): string[][] {
  const rows: string[][] = [];
  const splitter = new RowSplitter(separator, file);
  const take = (row: { bytes: Uint8Array; starts: number[]; ends: number[]; count: number }): void => {
    if (rows.length >= HEAD_ROWS) return;
    rows.push(
      Array.from({ length: row.count }, (_, i) =>
        cellText(row.bytes, row.starts[i] ?? 0, row.ends[i] ?? 0, encoding),
      ),
    );
  };
  splitter.push(plain, take);
  if (isWhole) splitter.end(take);
  return rows;
}

/** A cell as text, doubled quotes undone. */
export const cellText = (bytes: Uint8Array, start: number, end: number, encoding: TableEncoding): string =>
  start === end ? "" : decodeBytes(bytes.subarray(start, end), plainEncoding(encoding)).replace(/""/g, '"');

function detectDecimal(rows: readonly (readonly string[])[], separator: Separator): Decimal {
  if (separator === ",") return ".";
  let [commas, dots] = [0, 0];
  for (const row of rows) {
    for (const cell of row) {
      if (/^[-+]?\d*,\d+([eE][-+]?\d+)?$/.test(cell)) commas++;
      else if (/^[-+]?\d*\.\d+([eE][-+]?\d+)?$/.test(cell)) dots++;
    }
  }
  return commas > dots ? "," : ".";
}

/** Leading rows without a single value: names, units. Rows that are only missing values are data. */
function countHeaderRows(
  rows: readonly (readonly string[])[],
  isValue: (cell: string) => boolean,
  isMissing: (cell: string) => boolean,
): number {
  const first = rows.findIndex((row) => row.some(isValue) || row.every(isMissing));
  return Math.min(first < 0 ? rows.length : first, 50);
}

interface Name {
  readonly name: string;
  readonly unit: string | undefined;
}

function columnNames(
  rows: readonly (readonly string[])[],
  headerRows: number,
  preamble: Preamble,
  comments: readonly string[],
  separator: Separator,
): Name[] {
  const width =
    rows.slice(headerRows).reduce((most, row) => Math.max(most, row.length), 0) || (rows[0]?.length ?? 0);
  const headers = rows.slice(0, headerRows);
  const at = headers.findIndex(
    (row) =>
      row.length >= Math.min(width, 2) && row.filter((cell) => cell.trim() !== "").length * 2 >= row.length,
  );
  const names = headers[at] ?? namesFromComments(preamble, comments, separator, width);
  const next = headers[at + 1];
  const units =
    at >= 0 && next !== undefined && next.every((cell) => cell.trim().length <= 12) ? next : undefined;
  return Array.from({ length: Math.max(width, names.length) }, (_, i) => ({
    name: names[i]?.trim() ?? "",
    unit: units?.[i]?.trim().replace(/^[[(]|[\])]$/g, ""),
  }));
}

function namesFromComments(
  preamble: Preamble,
  comments: readonly string[],
  separator: Separator,
  width: number,
): readonly string[] {
  // OpenSignals ends its rows with a tab, OpenBCI has columns its header does not count: names may be fewer.
  if (preamble.columnNames !== undefined && preamble.columnNames.length <= width) return preamble.columnNames;
  const last =
    comments
      .at(-1)
      ?.replace(/^[#%]+\s*/, "")
      .split(separator === " " ? /[ \t]+/ : separator) ?? [];
  return last.length === width && width > 1 ? last : [];
}

/** `name (unit)` or `name [unit]`, also with full-width brackets. */
export function splitUnit(name: string): { readonly label: string; readonly unit: string } {
  const part = /^(.*?)\s*[([（［]([^()[\]（）［］]*)[)\]）］]\s*$/.exec(name);
  return part && part[1] !== ""
    ? { label: (part[1] ?? "").trim(), unit: (part[2] ?? "").trim() }
    : { label: name, unit: "" };
}

interface ContentOptions {
  readonly decimal: Decimal;
  readonly isMissing: (cell: string) => boolean;
}

function describe(
  index: number,
  name: string,
  unit: string | undefined,
  body: readonly (readonly string[])[],
  { decimal, isMissing }: ContentOptions,
): TableColumn {
  const split = unit === undefined || unit === "" ? splitUnit(name) : { label: name, unit };
  let [numbers, moments, words] = [0, 0, 0];
  for (const row of body) {
    const cell = row[index] ?? "";
    if (isMissing(cell)) continue;
    if (!Number.isNaN(parseText(cell, decimal))) numbers++;
    else if (parseMoment(cell.trim()) !== undefined) moments++;
    else words++;
  }
  const all = numbers + moments + words;
  const content =
    all === 0 ? "empty" : moments * 2 > all ? "moments" : numbers * 2 > all ? "numbers" : "text";
  return {
    index,
    name,
    label: split.label === "" ? `ch${index + 1}` : split.label,
    unit: split.unit,
    content,
  };
}

const timeName =
  /^(time|t|timestamps?|elapsed( time)?|date[ _]?time|datetime|clock|secs?|seconds?|msecs?|ms|s|時間|時刻|日時|経過時間|秒|タイムスタンプ)$/i;
const counterName =
  /^(sample[ _]?(index|number|no\.?)?|samples?|index|nseq|seq|sequence|frame|row|n|no\.?|番号|サンプル(番号)?)$/i;
const labelName = /^(class|label|gesture|annotation|activity|movement|ラベル|動作|クラス)$/i;

const isLabelColumn = (column: TableColumn): boolean =>
  labelName.test(column.label) && column.content !== "moments" && column.content !== "empty";
const isTime = (time: TimeColumn, column: TableColumn): boolean =>
  time.kind !== "none" && time.index === column.index;

/** `time_ms`, `t (s)`, `Time [ms]`: the name without its unit, and seconds per unit. */
function timeUnit(column: TableColumn): { readonly base: string; readonly seconds: number | undefined } {
  if (column.unit !== "") return { base: column.label, seconds: secondsIn(column.unit) };
  const suffix = /^(.*)[_ ]([^_ ]+)$/.exec(column.label);
  const seconds = secondsIn(suffix?.[2] ?? "");
  if (suffix && seconds !== undefined) return { base: suffix[1] ?? "", seconds };
  return {
    base: column.label,
    seconds: /^(時間|時刻)$/.test(column.label) ? undefined : secondsIn(column.label),
  };
}

function timeColumn(
  columns: readonly TableColumn[],
  body: readonly (readonly string[])[],
  decimal: Decimal,
  wanted: number | undefined,
): TimeColumn {
  const chosen = wanted === undefined ? undefined : columns[wanted];
  if (chosen !== undefined) return asTime(chosen, timeUnit(chosen).seconds);
  const named = columns.find(
    (c) => (c.content === "numbers" || c.content === "moments") && timeName.test(timeUnit(c).base),
  );
  const counter = columns.find(
    (c) => c.content === "numbers" && counterName.test(c.label) && columns.length > 1,
  );
  // A counter of lost packets says more than a clock whose stamps come in bursts (OpenBCI).
  if (counter !== undefined && (named === undefined || /timestamp/i.test(named.label)))
    return { kind: "counter", index: counter.index };
  if (named !== undefined) return asTime(named, timeUnit(named).seconds);
  const moments = columns.find((c) => c.content === "moments");
  if (moments !== undefined) return { kind: "moments", index: moments.index };
  return unnamedTime(columns, body, decimal);
}

const asTime = (column: TableColumn, secondsPerUnit: number | undefined): TimeColumn =>
  column.content === "moments"
    ? { kind: "moments", index: column.index }
    : counterName.test(column.label)
      ? { kind: "counter", index: column.index }
      : { kind: "numbers", index: column.index, secondsPerUnit };

/** A first column without a name that rises by one same step: seconds, or a counter when the step is 1. */
function unnamedTime(
  columns: readonly TableColumn[],
  body: readonly (readonly string[])[],
  decimal: Decimal,
): TimeColumn {
  const first = columns[0];
  if (
    first === undefined ||
    first.name !== "" ||
    first.content !== "numbers" ||
    columns.length < 2 ||
    body.length < 20
  )
    return { kind: "none" };
  const values = body.map((row) => parseText(row[0] ?? "", decimal));
  const step = (values[1] ?? NaN) - (values[0] ?? NaN);
  const isEven =
    step > 0 &&
    values.every(
      (v, i) => i === 0 || Math.abs(v - (values[i - 1] as number) - step) < 1e-6 * Math.max(1, Math.abs(v)),
    );
  if (!isEven) return { kind: "none" };
  return step === 1 ? { kind: "counter", index: 0 } : { kind: "numbers", index: 0, secondsPerUnit: 1 };
}

function guessSignals(
  columns: readonly TableColumn[],
  time: TimeColumn,
  labelColumn: TableColumn | undefined,
  preamble: Preamble,
): SignalColumn[] {
  const numeric = columns.filter(
    (c) =>
      c.content === "numbers" &&
      !isTime(time, c) &&
      c !== labelColumn &&
      !(time.kind !== "none" && (timeName.test(timeUnit(c).base) || counterName.test(c.label))),
  );
  const wanted: readonly (PreambleSignal | undefined)[] =
    preamble.signalColumns?.(numeric.map((c) => c.name)) ??
    numeric.map((c) => ({ name: c.name, unit: c.unit }));
  return numeric.flatMap((c, i) => {
    const signal = wanted[i];
    if (signal === undefined) return [];
    const unit = signal.unit ?? c.unit;
    return [{ index: c.index, label: c.label, unit, role: signal.role ?? guessRole(c.label, unit) }];
  });
}
