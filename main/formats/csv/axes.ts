import type { TableOptions } from "../../../preload/contract/exchange.ts";
import type { ChannelRole } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { isCounterNamed, isTimeNamed, timeUnit, type TableColumn } from "./columns.ts";
import { parseText } from "./numbers.ts";

/** How columns tell time: a column in seconds (or counts), dates and times, or none. */
export type TimeColumn =
  | { readonly kind: "none" }
  | { readonly kind: "moments"; readonly index: number; readonly dayIndex: number | undefined } // the day in a column of its own
  | { readonly kind: "numbers"; readonly index: number; readonly secondsPerUnit: number | undefined } // undefined: not said
  | { readonly kind: "counter"; readonly index: number };

export interface SignalColumn {
  readonly index: number;
  readonly label: string;
  readonly unit: string;
  readonly role: ChannelRole;
}

/** Columns that share their times: a table has one such group, or one a time column. */
export interface Axis {
  readonly time: TimeColumn;
  readonly signals: readonly SignalColumn[];
  readonly labelColumns: readonly TableColumn[]; // numbers or words whose runs are events
  readonly givenRate: number | undefined; // by a person
  readonly statedRate: number | undefined; // by the file's own header
  readonly points: number | undefined; // rows that are samples, as the header states; the rest is padding
}

/** The columns that are an axis' time. */
export const timeIndices = ({ time }: Pick<Axis, "time">): readonly number[] =>
  time.kind === "none"
    ? []
    : time.kind === "moments" && time.dayIndex !== undefined
      ? [time.index, time.dayIndex]
      : [time.index];

/** A column a person or a rule chose as time. */
export function asTime(column: TableColumn, day: TableColumn | undefined): TimeColumn {
  if (column.content === "moments" || column.content === "days")
    return { kind: "moments", index: column.index, dayIndex: day === column ? undefined : day?.index };
  return isCounterNamed(column)
    ? { kind: "counter", index: column.index }
    : { kind: "numbers", index: column.index, secondsPerUnit: timeUnit(column).seconds };
}

/** The one time column of a table, by name and content. */
export function oneTime(
  columns: readonly TableColumn[],
  body: readonly (readonly string[])[],
  decimal: "." | ",",
  options: Pick<TableOptions, "timeColumn" | "dateColumn">,
): TimeColumn {
  if (options.timeColumn === null) return { kind: "none" };
  const day =
    options.dateColumn === undefined
      ? columns.find((c) => c.content === "days")
      : columns.find((c) => c.index === options.dateColumn);
  const chosen = options.timeColumn === undefined ? undefined : columns[options.timeColumn];
  if (chosen !== undefined) return asTime(chosen, day);
  const clock =
    columns.find((c) => c.content === "moments" && isTimeNamed(c)) ??
    columns.find((c) => c.content === "moments");
  if (day !== undefined && clock !== undefined) return asTime(clock, day);
  const named = columns.find(isTimeNamed);
  const counter = columns.find((c) => c.content === "numbers" && isCounterNamed(c) && columns.length > 1);
  // A counter of lost packets says more than a clock whose stamps come in bursts (OpenBCI).
  if (counter !== undefined && (named === undefined || named.label.toLowerCase().includes("timestamp")))
    return { kind: "counter", index: counter.index };
  if (named !== undefined) return asTime(named, day);
  if (clock !== undefined) return asTime(clock, undefined);
  return day !== undefined ? asTime(day, undefined) : unnamedTime(columns, body, decimal);
}

/** A first column without a name that rises by one same step: seconds, or a counter when the step is 1. */
function unnamedTime(
  columns: readonly TableColumn[],
  body: readonly (readonly string[])[],
  decimal: "." | ",",
): TimeColumn {
  const first = columns[0];
  if (first?.name !== "" || first.content !== "numbers" || columns.length < 2 || body.length < 20)
    return { kind: "none" };
  const values = body.map((row) => parseText(row[0] ?? "", decimal));
  const step = (values[1] ?? NaN) - (values[0] ?? NaN);
  const isEven =
    step > 0 &&
    values.every(
      (v, i) => i === 0 || Math.abs(v - sure(values[i - 1]) - step) < 1e-6 * Math.max(1, Math.abs(v)),
    );
  if (!isEven) return { kind: "none" };
  return step === 1 ? { kind: "counter", index: 0 } : { kind: "numbers", index: 0, secondsPerUnit: 1 };
}

/** Columns that hold signals, and what each becomes. */
export interface Candidates {
  readonly columns: readonly TableColumn[];
  readonly signals: readonly SignalColumn[];
  readonly labelColumns: readonly TableColumn[];
  readonly givenRate: number | undefined;
}

/** The groups of a table's columns, and a column of which nothing says to which it belongs. */
export interface Grouping {
  readonly axes: readonly Axis[];
  readonly orphan: SignalColumn | undefined;
}

/**
 * The time columns of a table where several have signals of their own: each column belongs to the nearest time column
 * to its left. Where a header states several rates and there is no time column at all, the rates make the groups.
 * Undefined where one time speaks for the whole table.
 */
export function severalAxes(found: Candidates): Grouping | undefined {
  const { columns, signals } = found;
  const times = columns.filter((c) => !c.isLeftOut && isTimeNamed(c));
  const ofTime = (index: number): TableColumn | undefined => times.findLast((time) => time.index < index);
  const used = new Set(signals.map(({ index }) => ofTime(index)));
  if (used.size < 2) {
    const axes = times.length === 0 ? byStatedRate(found) : undefined;
    return axes === undefined ? undefined : { axes, orphan: undefined };
  }
  const orphan = signals.find(({ index }) => ofTime(index) === undefined);
  const axes = [...times.filter((time) => used.has(time)), ...(orphan === undefined ? [] : [undefined])].map(
    (time) =>
      axisOf(
        found,
        time === undefined ? { kind: "none" } : asTime(time, undefined),
        (index) => ofTime(index) === time,
      ),
  );
  return { axes, orphan };
}

function byStatedRate(found: Candidates): readonly Axis[] | undefined {
  const rateOf = (index: number): number | undefined => found.columns[index]?.sampleRate;
  const rates = [...new Set(found.signals.map(({ index }) => rateOf(index)))];
  if (rates.length < 2 && rates[0] === undefined) return undefined;
  return rates.map((rate) => axisOf(found, { kind: "none" }, (index) => rateOf(index) === rate));
}

/**
 * The groups a person confirmed: columns that name their time column, or have none. A rate they name counts where the
 * file states none itself: the same choices are used for further files.
 */
export function chosenAxes(
  found: Candidates,
  wanted: NonNullable<TableOptions["columns"]>,
  whole: number | null | undefined,
): Grouping | undefined {
  if (wanted.every(({ timeColumn, sampleRate }) => timeColumn === undefined && sampleRate === undefined))
    return undefined;
  const orphan = wanted.find(
    ({ timeColumn, sampleRate }) =>
      timeColumn === undefined && sampleRate === undefined && (whole === undefined || whole === null),
  );
  const groups = new Map<
    string,
    { time: TableColumn | undefined; rate: number | undefined; members: Set<number> }
  >();
  for (const { index, timeColumn = whole, sampleRate } of wanted) {
    const time = timeColumn === undefined || timeColumn === null ? undefined : found.columns[timeColumn];
    const rate = time === undefined ? (found.columns[index]?.sampleRate ?? sampleRate) : undefined;
    const key = `${time?.index ?? "-"} ${rate ?? "-"}`;
    const group = groups.get(key) ?? { time, rate, members: new Set() };
    group.members.add(index);
    groups.set(key, group);
  }
  const axes = [...groups.values()].map(({ time, rate, members }): Axis => {
    const axis = axisOf(
      found,
      time === undefined ? { kind: "none" } : asTime(time, undefined),
      (index) => members.has(index) || (time !== undefined && isBeside(found, index, time)),
    );
    return { ...axis, statedRate: axis.statedRate ?? rate };
  });
  return { axes, orphan: found.signals.find(({ index }) => index === orphan?.index) };
}

/** Is a column of events the time column's own, as the nearest to its left? */
const isBeside = (found: Candidates, index: number, time: TableColumn): boolean =>
  found.labelColumns.some((label) => label.index === index) &&
  found.columns.findLast((c) => isTimeNamed(c) && c.index < index) === time;

export function axisOf(found: Candidates, time: TimeColumn, isOf: (index: number) => boolean): Axis {
  const signals = found.signals.filter(({ index }) => isOf(index));
  const facts = signals.flatMap(({ index }) => found.columns[index] ?? []);
  const rates = new Set(facts.flatMap(({ sampleRate }) => sampleRate ?? []));
  const points = facts.map((c) => c.points);
  return {
    time,
    signals,
    labelColumns: found.labelColumns.filter(({ index }) => isOf(index)),
    givenRate: found.givenRate,
    statedRate: rates.size === 1 ? [...rates][0] : undefined,
    points: points.includes(undefined) ? undefined : Math.max(...points.flatMap((n) => n ?? [])),
  };
}
