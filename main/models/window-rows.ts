import type { WindowRows } from "./model.ts";

export function hasLabel({ y, classes }: Pick<WindowRows, "y" | "classes">, n: number): boolean {
  for (let c = 0; c < classes; c += 1) if ((y[n * classes + c] ?? 0) > 0) return true;
  return false;
}

/** Numbers of the rows that have a label. */
export const labelledOf = (data: WindowRows): number[] =>
  Array.from({ length: data.count }, (_, n) => n).filter((n) => hasLabel(data, n));

interface Inputs {
  readonly count: number;
  readonly x: Float32Array; // [n x width]
  readonly observed: Uint8Array; // [n x width]
}

/** What the windows of those numbers hold, in their order. */
export function pickedInputs(
  { x, observed, width }: Omit<Inputs, "count"> & { readonly width: number },
  rows: ArrayLike<number>,
): Inputs {
  const count = rows.length;
  const out = { count, x: new Float32Array(count * width), observed: new Uint8Array(count * width) };
  for (let at = 0; at < count; at += 1) {
    const n = rows[at] ?? 0;
    out.x.set(x.subarray(n * width, (n + 1) * width), at * width);
    out.observed.set(observed.subarray(n * width, (n + 1) * width), at * width);
  }
  return out;
}

/** Rows of those numbers, in their order. */
export function pickedRows(data: WindowRows, rows: readonly number[]): WindowRows {
  const { y, width, classes } = data;
  const own = new Float32Array(rows.length * classes);
  rows.forEach((n, at) => own.set(y.subarray(n * classes, (n + 1) * classes), at * classes));
  return { ...{ width, classes, y: own }, ...pickedInputs(data, rows) };
}
