import { NAME_MAX } from "../../../preload/contract/recording.ts";
import { bareUnit } from "./header-rows.ts";
import { parseText } from "./numbers.ts";
import { parseMoment, secondsIn, type DateOrder } from "./times.ts";

/** What a column of the table holds. */
export interface TableColumn {
  readonly index: number;
  readonly name: string; // as the header row has it
  readonly label: string;
  readonly unit: string;
  readonly content: "numbers" | "text" | "moments" | "days" | "empty"; // days: dates without a time
  readonly sampleRate: number | undefined; // as the header states it
  readonly points: number | undefined; // as the header states it: what follows is padding
  readonly isLeftOut: boolean; // the header says that it is no signal
}

// eslint-disable-next-line no-control-regex -- these are what is taken out
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A text of a file as a preview may show it: control characters as blanks, cut where it is long. */
export function shownText(text: string, most = NAME_MAX): string {
  const clean = text
    .slice(0, 4 * most)
    .replace(controls, " ")
    .trim();
  return clean.length <= most ? clean : `${clean.slice(0, most - 1)}…`;
}

/** `name (unit)` or `name [unit]`, also with full-width brackets. */
export function splitUnit(name: string): { readonly label: string; readonly unit: string } {
  const text = name.trim();
  const isBracketed = ")]）］".includes(text.at(-1) ?? "x");
  const open = Math.max(...["(", "[", "（", "［"].map((mark) => text.lastIndexOf(mark)));
  const label = text.slice(0, Math.max(0, open)).trim();
  const inside = text.slice(open + 1, -1);
  if (!isBracketed || label === "" || [")", "]", "）", "］"].some((mark) => inside.includes(mark)))
    return { label: name, unit: "" };
  return { label, unit: inside.trim() };
}

export interface ContentOptions {
  readonly decimal: "." | ",";
  readonly order: DateOrder | undefined;
  readonly isMissing: (cell: string) => boolean;
}

/** What the cells below a name are, by the first rows. */
export function contentOf(
  index: number,
  body: readonly (readonly string[])[],
  { decimal, order, isMissing }: ContentOptions,
): TableColumn["content"] {
  let [numbers, moments, days, words] = [0, 0, 0, 0];
  for (const row of body) {
    const cell = row[index] ?? "";
    if (isMissing(cell)) continue;
    if (!Number.isNaN(parseText(cell, decimal))) numbers++;
    else {
      const moment = parseMoment(cell.trim(), order);
      if (moment === undefined) words++;
      else if (moment.isDay) days++;
      else moments++;
    }
  }
  const all = numbers + moments + days + words;
  if (all === 0) return "empty";
  if ((moments + days) * 2 > all) return days > moments ? "days" : "moments";
  return numbers * 2 > all ? "numbers" : "text";
}

const timeNames = new Set(
  (
    "time t timestamp timestamps elapsed elapsed_time elapsed-time date date_time date-time datetime clock sec secs second " +
    "seconds msec msecs ms s 時間 時刻 日時 経過時間 秒 タイムスタンプ"
  ).split(" "),
);
const counterNames = new Set(
  (
    "sample samples sample_index sampleindex sample_number samplenumber sample_no sample_no. index nseq seq sequence frame row n no no. 番号 サンプル " +
    "サンプル番号"
  ).split(" "),
);
const labelNames = new Set("class label gesture annotation activity movement ラベル 動作 クラス".split(" "));

const folded = (name: string): string => name.trim().toLowerCase().replaceAll(" ", "_");

/** `time_ms`, `t (s)`, `Time [ms]`: the name without its unit, and seconds per unit. */
export function timeUnit(column: TableColumn): {
  readonly base: string;
  readonly seconds: number | undefined;
} {
  if (column.unit === "" && isNumbered(folded(column.name))) return { base: "X", seconds: 1 };
  const at = Math.max(column.label.lastIndexOf("_"), column.label.lastIndexOf(" "));
  const suffix = at < 0 ? undefined : secondsIn(column.label.slice(at + 1));
  const base = suffix === undefined ? column.label : column.label.slice(0, at);
  if (column.unit !== "") return { base, seconds: secondsIn(column.unit) };
  if (suffix !== undefined) return { base, seconds: suffix };
  const isWord = column.label === "時間" || column.label === "時刻"; // an hour, and also "time"
  return { base: column.label, seconds: isWord ? undefined : secondsIn(column.label) };
}

/**
 * Times of the columns to its right: a time by its name, `X[s]` (EMGworks; `X[s].1` and `X[s]_1` after pandas and
 * MATLAB wrote it again), `EMG 1 Time Series (s)` (Trigno Discover).
 */
export function isTimeNamed(column: TableColumn): boolean {
  if (column.content !== "numbers" && column.content !== "moments") return false;
  const { base, seconds } = timeUnit(column);
  const name = folded(base);
  return timeNames.has(name) || name.endsWith("time_series") || (seconds !== undefined && name === "x");
}

function isNumbered(name: string): boolean {
  if (!name.startsWith("x[s]") || name.length > 10) return false;
  const rest = name.slice(4);
  return (
    rest === "" || ((rest.startsWith(".") || rest.startsWith("_")) && Number.isInteger(Number(rest.slice(1))))
  );
}

export const isCounterNamed = (column: TableColumn): boolean => counterNames.has(folded(column.label));

export const isLabelNamed = (column: TableColumn): boolean =>
  labelNames.has(folded(column.label)) && (column.content === "numbers" || column.content === "text");

export const unitOf = (cell: string | undefined): string => bareUnit(cell ?? "");
