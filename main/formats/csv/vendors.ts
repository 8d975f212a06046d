import { measureOf, rateOf } from "./header-rows.ts";

/** What a program's own header says about a column, beyond its name. */
export interface ColumnFacts {
  readonly label?: string;
  readonly unit?: string;
  readonly sampleRate?: number;
  readonly points?: number; // rows that are samples; what follows in the column is padding
  readonly isLeftOut?: boolean; // not a signal, whatever its cells look like
}

export interface VendorTable {
  readonly source: "emgworks" | "discover" | undefined;
  readonly columns: ReadonlyMap<number, ColumnFacts>;
}

export interface HeaderText {
  readonly rows: readonly (readonly string[])[]; // above the values
  readonly names: readonly string[]; // of the columns
  readonly namesRow: number | undefined;
  readonly ratesRow: number | undefined;
  readonly separator: string;
}

/**
 * Headers of Delsys programs. The layouts come from public programs that read such files (2020 to 2026), and were not
 * checked against files of the vendor's own; what they leave open is decided by the time columns, never by the header.
 */
export function vendorTable(header: HeaderText): VendorTable {
  if (isDiscover(header)) return discover(header);
  const signals = emgWorksLines(header);
  if (signals.length > 0) return emgWorks(header, signals);
  return { source: undefined, columns: ratesByColumn(header) };
}

/** Rates stated in a row of their own, or within a name: `EMG 1 (2148.1481 Hz)`. */
function ratesByColumn({ rows, names, ratesRow }: HeaderText): Map<number, ColumnFacts> {
  const found = new Map<number, ColumnFacts>();
  for (const [index, name] of names.entries()) {
    const stated = rateOf((ratesRow === undefined ? undefined : rows[ratesRow]?.[index]) ?? "");
    const inName = bracketedRate(name);
    const sampleRate = stated ?? inName?.rate;
    if (sampleRate !== undefined)
      found.set(index, { sampleRate, ...(inName === undefined ? {} : { label: inName.rest }) });
  }
  return found;
}

/** A rate in brackets at a name's end, and the name without it. */
function bracketedRate(name: string): { readonly rate: number; readonly rest: string } | undefined {
  const text = name.trim();
  const open = Math.max(text.lastIndexOf("("), text.lastIndexOf("["));
  if (open <= 0 || !")]".includes(text.at(-1) ?? "x")) return undefined;
  const rate = rateOf(text.slice(open + 1, -1));
  return rate === undefined ? undefined : { rate, rest: text.slice(0, open).trim() };
}

interface EmgWorksSignal {
  readonly label: string;
  readonly sampleRate: number | undefined;
  readonly points: number | undefined;
  readonly unit: string;
}

/**
 * EMGworks may write a line a signal above the names, `Label: Avanti sensor 1: EMG 1 Sampling frequency: 1925.93 Number
 * of points: 19260 start: 0 Unit: V Domain Unit: s`, then pairs of columns, `X[s]` and the signal, each with its own
 * rate. Columns of slower signals are padded below their last point (inferred: with empty cells or zeros).
 */
function emgWorksLines({ rows, namesRow, separator }: HeaderText): EmgWorksSignal[] {
  return rows.slice(0, namesRow ?? rows.length).flatMap((row) => {
    const line = row.join(separator).trim();
    if (!line.startsWith("Label:")) return [];
    const field = fieldsOf(line, [
      "Label:",
      "Sampling frequency:",
      "Number of points:",
      "start:",
      "Unit:",
      "Domain",
    ]);
    const [label = "", rate = "", points = "", , unit = ""] = field;
    const [sampleRate, count] = [numberAt(rate), numberAt(points)];
    return [{ label, sampleRate, points: Number.isInteger(count) ? count : undefined, unit }];
  });
}

/** What stands between marks that follow each other in a line; a mark that is not there leaves "". */
function fieldsOf(line: string, marks: readonly string[]): string[] {
  const at: number[] = [];
  let from = 0;
  for (const mark of marks) {
    const found = line.indexOf(mark, from);
    at.push(found);
    if (found >= 0) from = found + mark.length;
  }
  return marks.map((mark, i) => {
    const start = at[i] ?? -1;
    if (start < 0) return "";
    const end = at.slice(i + 1).find((one) => one >= 0) ?? line.length;
    return line.slice(start + mark.length, end).trim();
  });
}

function numberAt(text: string): number | undefined {
  const value = Number((text.split(" ", 1)[0] ?? "").replace(",", ".")); // 1925,93 where Windows writes so
  return text !== "" && value > 0 && Number.isFinite(value) ? value : undefined;
}

function emgWorks({ names }: HeaderText, signals: readonly EmgWorksSignal[]): VendorTable {
  const columns = new Map<number, ColumnFacts>();
  const left = [...signals];
  for (const [index, name] of names.entries()) {
    const at = left.findIndex(({ label }) => label !== "" && name.trim().startsWith(label));
    const [signal] = at < 0 ? [] : left.splice(at, 1);
    if (signal === undefined) continue;
    columns.set(index, {
      label: signal.label,
      ...(signal.unit === "" ? {} : { unit: signal.unit }),
      ...(signal.sampleRate === undefined ? {} : { sampleRate: signal.sampleRate }),
      ...(signal.points === undefined ? {} : { points: signal.points }),
    });
  }
  return { source: "emgworks", columns };
}

const isDiscover = ({ rows }: HeaderText): boolean =>
  rows.slice(0, 3).some((row) => row.some((cell) => cell.includes("Trigno Discover")));

/**
 * Trigno Discover 1.4 to 2.1: Application, Date/Time, Collection Length; sensors, each name once before its columns;
 * sensor modes; channels, `EMG 1 Time Series (s)` before `EMG 1 (mV)`, or the latter alone; rates (since 1.5); periods
 * (2.1). Slower columns end early. To the right a list of events may follow, whose columns have no channel name.
 */
function discover(header: HeaderText): VendorTable {
  const { rows, names, namesRow = rows.length } = header;
  const modes = rows.findIndex((row) => row.some((cell) => cell.trim().startsWith("sensor mode")));
  const sensors = rows[modes > 0 ? modes - 1 : 3] ?? [];
  const rates = ratesByColumn(header);
  const columns = new Map<number, ColumnFacts>();
  const named = rows[namesRow] ?? names;
  let sensor = "";
  for (const index of names.keys()) {
    const name = (named[index] ?? "").trim();
    sensor = (sensors[index] ?? "").trim() || sensor;
    if (name === "") {
      columns.set(index, { isLeftOut: true });
      continue;
    }
    const facts = rates.get(index);
    const label = facts?.label ?? name;
    columns.set(index, {
      ...facts,
      label: sensor === "" || sensors === named ? label : `${sensor}: ${label}`,
    });
  }
  return { source: "discover", columns };
}

/** `1000 Hz` or `1000` as a rate. */
export const statedRate = (text: string): number | undefined =>
  measureOf(text) === undefined ? numberAt(text.trim()) : (rateOf(firstWords(text)) ?? undefined);

const firstWords = (text: string): string => text.trim().split(" ").slice(0, 2).join(" ");
