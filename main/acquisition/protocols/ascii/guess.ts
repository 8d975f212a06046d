import { numbersOf, separators, type Separator } from "./fields.ts";
import type { counterTurns } from "./setup.ts";
import { type ColumnRole } from "./setup.ts";

export interface ColumnGuess {
  readonly separator: Separator;
  readonly columns: readonly ColumnRole[];
  readonly counter: keyof typeof counterTurns;
}

/**
 * What columns of lines as they came may be: one that goes up by 1 is the counter, one that goes up by a larger step that
 * hardly changes is time. undefined: no separator gives most lines the same number of numbers.
 */
export function guessColumns(lines: readonly string[]): ColumnGuess | undefined {
  let best: { readonly separator: Separator; readonly rows: readonly (readonly number[])[] } | undefined;
  for (const separator of separators) {
    const rows = usualRows(lines, separator);
    if (rows.length > (best?.rows.length ?? Math.max(1, lines.length / 2))) best = { separator, rows };
  }
  if (best === undefined) return undefined;
  const { separator, rows } = best;
  const series = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? NaN));
  const columns: ColumnRole[] = series.map(roleOf);
  const counting = series[columns.indexOf("counter")] ?? [];
  return { separator, columns, counter: turnOf(counting) };
}

/** Rows of numbers that have the commonest length. */
function usualRows(lines: readonly string[], separator: Separator): readonly (readonly number[])[] {
  const rows = lines
    .map((line) => numbersOf(line, separator))
    .filter((row): row is number[] => !row.includes(undefined));
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return rows.filter(({ length }) => counts.get(length) === most);
}

function roleOf(values: readonly number[]): ColumnRole {
  const steps = values.slice(1).map((value, i) => value - (values[i] ?? NaN));
  const ups = steps.filter((step) => step > 0).sort((a, b) => a - b);
  if (steps.length < 4 || ups.length < 0.9 * steps.length) return "value";
  const median = ups[Math.floor(ups.length / 2)] ?? 0;
  const like = (step: number): boolean => Math.abs(step - median) <= 0.2 * median;
  if (ups.filter(like).length < 0.9 * ups.length) return "value";
  return median === 1 && values.every((value) => Number.isInteger(value)) ? "counter" : "time";
}

/** By the largest value that came before a fall, else by the largest value. */
function turnOf(values: readonly number[]): keyof typeof counterTurns {
  const before = values.filter((value, i) => (values[i + 1] ?? value) < value);
  const largest = Math.max(0, ...(before.length > 0 ? before : values));
  if (largest > 0xffff) return "32 bit";
  return before.length > 0 && largest < 256 ? "8 bit" : "16 bit";
}
