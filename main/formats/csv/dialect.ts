import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { repairOf, type Repair } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { checkChannelCount } from "../bounds.ts";
import { guessRole, guessTogether } from "../channel-role.ts";
import type { ByteSource } from "../format.ts";
import {
  axisOf,
  chosenAxes,
  oneTime,
  severalAxes,
  timeIndices,
  type Axis,
  type Candidates,
  type SignalColumn,
  type TimeColumn,
} from "./axes.ts";
import {
  contentOf,
  isCounterNamed,
  isLabelNamed,
  isTimeNamed,
  splitUnit,
  unitOf,
  type TableColumn,
} from "./columns.ts";
import { decodeBytes, detectEncoding, plainBytes, plainEncoding, type TableEncoding } from "./encoding.ts";
import { findHeaderRows, type HeaderRows } from "./header-rows.ts";
import { lateCells } from "./late-columns.ts";
import { parseText } from "./numbers.ts";
import { preambleLines, readPreamble, withoutMark, type Preamble, type PreambleSignal } from "./preamble.ts";
import { RowSplitter } from "./rows.ts";
import { dateOrderOf, parseMoment, type DateOrder } from "./times.ts";
import { vendorTable } from "./vendors.ts";

export type Separator = NonNullable<TableOptions["separator"]>;
export type Decimal = NonNullable<TableOptions["decimal"]>;

export interface Dialect {
  readonly encoding: TableEncoding;
  readonly separator: Separator;
  readonly decimal: Decimal;
  readonly dateOrder: DateOrder | undefined;
  readonly headerRows: number;
  readonly namesRow: number | undefined;
  readonly columns: readonly TableColumn[];
  readonly axes: readonly Axis[]; // at least one; several where columns have times or rates of their own
  readonly signals: readonly SignalColumn[]; // of all axes, in the order of the channels
  readonly labelColumns: readonly TableColumn[];
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
  const head = await headOf(source, options);
  const { rows, separator, encoding, comments, isAll } = head;
  const decimal = options.decimal ?? detectDecimal(rows, separator);
  const isMissing = missingTest(options.missing ?? [], decimal);
  const dateOrder = options.dateOrder ?? dateOrderOf(rows.flat());
  const order = dateOrder === "unclear" ? undefined : dateOrder;
  const isValue = (cell: string): boolean =>
    !Number.isNaN(parseText(cell, decimal)) || parseMoment(cell.trim(), order ?? "dmy") !== undefined;
  const header = findHeaderRows(rows, { isValue, isMissing }, options);
  const body = rows.slice(header.count);
  const preamble = readPreamble([
    ...comments.map(withoutMark),
    ...preambleLines(rows.slice(0, header.names ?? 0)),
  ]);
  const names = columnNames(rows, header, { preamble, comments, separator });
  const vendor = vendorTable({
    rows: rows.slice(0, header.count),
    names,
    namesRow: header.names,
    ratesRow: header.rates,
    separator,
  });
  const units = header.units === undefined ? undefined : rows[header.units];
  const cells = { decimal, order, isMissing };
  const contents = names.map((_, index) => contentOf(index, body, cells));
  const empty = contents.flatMap((content, index) => (content === "empty" ? [index] : []));
  if (!isAll && empty.length > 0) {
    const late = await lateCells(source, { separator, encoding, headerRows: header.count, isMissing }, empty);
    for (const index of empty) contents[index] = contentOf(index, late, cells);
  }
  const columns = names.map((name, index): TableColumn => {
    const facts = vendor.columns.get(index);
    const split = splitUnit(facts?.label ?? name);
    const unit = facts?.unit ?? (unitOf(units?.[index]) || split.unit);
    const label = unitOf(units?.[index]) === "" ? split.label : (facts?.label ?? name);
    return {
      index,
      name,
      label: label.trim() || `ch${index + 1}`,
      unit,
      content: sure(contents[index]),
      sampleRate: facts?.sampleRate,
      points: facts?.points,
      isLeftOut: facts?.isLeftOut ?? false,
    };
  });
  const { orphan, ...placed } = placeColumns({
    columns,
    body,
    decimal,
    preamble,
    options,
    file: source.name,
  });
  const problems = problemsOf(source.name, { body, header, ...placed, orphan, dateOrder });
  return {
    encoding,
    separator,
    decimal,
    dateOrder: order,
    headerRows: header.count,
    namesRow: header.names,
    columns,
    ...placed,
    preamble,
    problems,
    rows,
  };
}

interface Placing {
  readonly columns: readonly TableColumn[];
  readonly body: readonly (readonly string[])[];
  readonly decimal: Decimal;
  readonly preamble: Preamble;
  readonly options: TableOptions;
  readonly file: string;
}

/** Which columns are signals, events and times, and which times belong to which. */
function placeColumns({ columns, body, decimal, preamble, options, file }: Placing): Placed {
  const one = oneTime(columns, body, decimal, options);
  const wantedLabels = options.labelColumns ?? (options.columns === undefined ? undefined : []);
  const labelColumns =
    wantedLabels === undefined
      ? columns.filter((c) => isLabelNamed(c) && !timeIndices({ time: one }).includes(c.index)).slice(0, 1)
      : wantedLabels.flatMap((index) => columns[index] ?? []);
  const signals =
    options.columns?.map(({ index, label, unit, role }) => ({
      index,
      label: label.trim() || `ch${index + 1}`,
      unit,
      role,
    })) ?? guessSignals(columns, one, labelColumns, preamble);
  checkChannelCount(signals.length, { file });
  const found: Candidates = { columns, signals, labelColumns, givenRate: options.sampleRate };
  const isFree = options.timeColumn === undefined && preamble.source === "plain";
  const several =
    (options.columns === undefined ? undefined : chosenAxes(found, options.columns, options.timeColumn)) ??
    (isFree ? severalAxes(found) : undefined);
  const single = axisOf(found, one, () => true);
  const whole = [{ ...single, statedRate: single.statedRate ?? preamble.sampleRate }];
  return { axes: several?.axes ?? whole, signals, labelColumns, orphan: several?.orphan?.label };
}

interface Placed extends Pick<Dialect, "axes" | "signals" | "labelColumns"> {
  readonly orphan: string | undefined; // a column with no time to its left, where others have one
}

interface Found extends Pick<Dialect, "axes" | "signals"> {
  readonly body: readonly (readonly string[])[];
  readonly header: HeaderRows;
  readonly orphan: string | undefined;
  readonly dateOrder: DateOrder | "unclear" | undefined;
}

/** What keeps the table from being read until a person says more. */
function problemsOf(file: string, { body, header, axes, signals, orphan, dateOrder }: Found): Repair[] {
  const place = { file };
  if (body.length === 0)
    return [repairOf("CSV_NO_ROWS", "warning", { file, headerRows: header.count }, place)];
  if (signals.length === 0) return [repairOf("CSV_NO_COLUMNS", "warning", { file }, place)];
  if (orphan !== undefined)
    return [repairOf("CSV_UNCLEAR_TIMES", "warning", { file, column: orphan }, place)];
  const needsDate = axes.some(({ time }) => time.kind === "none" || time.kind === "moments");
  return needsDate && dateOrder === "unclear" ? [repairOf("CSV_DATE_ORDER", "warning", { file }, place)] : [];
}

interface Head {
  readonly encoding: TableEncoding;
  readonly separator: Separator;
  readonly rows: readonly (readonly string[])[];
  readonly comments: readonly string[];
  readonly isAll: boolean; // the table has no further rows
}

async function headOf(source: ByteSource, options: TableOptions): Promise<Head> {
  const head = await source.read(0, HEAD_BYTES);
  const encoding = options.encoding ?? detectEncoding(head);
  const plain = await firstBytes(source, encoding);
  const text = decodeBytes(plain, plainEncoding(encoding));
  const isWhole = plain.length < HEAD_BYTES && source.size <= HEAD_BYTES;
  const lines = text.split(/\r\n|\n|\r/);
  if (!isWhole) lines.pop(); // may be cut
  const comments = lines.filter(isComment).map((line) => line.trim());
  const body = lines.filter((line) => line.trim() !== "" && !isComment(line)).slice(0, HEAD_ROWS);
  const separator = options.separator ?? detectSeparator(body);
  const rows = splitHead(plain, { separator, encoding, isWhole, file: source.name });
  return { encoding, separator, comments, rows, isAll: isWhole && rows.length < HEAD_ROWS };
}

/** Lines that begin with # or %, blanks aside. */
export function isComment(line: string): boolean {
  const first = line.trimStart().charAt(0);
  return first === "#" || first === "%";
}

async function firstBytes(source: ByteSource, encoding: TableEncoding): Promise<Uint8Array> {
  for await (const chunk of plainBytes(source, encoding)) return chunk.subarray(0, HEAD_BYTES);
  return new Uint8Array(0);
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

interface NameSources {
  readonly preamble: Preamble;
  readonly comments: readonly string[];
  readonly separator: Separator;
}

function columnNames(
  rows: readonly (readonly string[])[],
  header: HeaderRows,
  sources: NameSources,
): string[] {
  const width =
    rows.slice(header.count).reduce((most, row) => Math.max(most, row.length), 0) || (rows[0]?.length ?? 0);
  const names =
    (header.names === undefined ? undefined : rows[header.names]) ?? namesFromComments(sources, width);
  return Array.from({ length: Math.max(width, names.length) }, (_, i) => names[i]?.trim() ?? "");
}

function namesFromComments({ preamble, comments, separator }: NameSources, width: number): readonly string[] {
  // OpenSignals ends its rows with a tab, OpenBCI has columns its header does not count: names may be fewer.
  if (preamble.columnNames !== undefined && preamble.columnNames.length <= width) return preamble.columnNames;
  const last = withoutMark(comments.at(-1) ?? "").split(separator === " " ? /[ \t]+/ : separator);
  return last.length === width && width > 1 ? last : [];
}

function guessSignals(
  columns: readonly TableColumn[],
  time: TimeColumn,
  labelColumns: readonly TableColumn[],
  preamble: Preamble,
): SignalColumn[] {
  const numeric = columns.filter(
    (c) =>
      c.content === "numbers" &&
      !c.isLeftOut &&
      !timeIndices({ time }).includes(c.index) &&
      !labelColumns.includes(c) &&
      !isTimeNamed(c) &&
      !(time.kind !== "none" && isCounterNamed(c)),
  );
  const wanted: readonly (PreambleSignal | undefined)[] =
    preamble.signalColumns?.(numeric.map((c) => c.name)) ??
    numeric.map((c) => ({ name: c.name, unit: c.unit }));
  const signals = numeric.flatMap((c, i) => {
    const signal = wanted[i];
    if (signal === undefined) return [];
    const unit = signal.unit ?? c.unit;
    return [{ index: c.index, label: c.label, unit, role: signal.role ?? guessRole(c.label, unit) }];
  });
  return [...guessTogether(signals)];
}
