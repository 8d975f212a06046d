import type { WindowRows } from "./model.ts";

export function hasLabel({ y, classes }: Pick<WindowRows, "y" | "classes">, n: number): boolean {
  for (let c = 0; c < classes; c += 1) if ((y[n * classes + c] ?? 0) > 0) return true;
  return false;
}

/** Numbers of the rows that have a label. */
export const labelledOf = (data: WindowRows): number[] =>
  Array.from({ length: data.count }, (_, n) => n).filter((n) => hasLabel(data, n));

/** Rows of those numbers, in their order. */
export function pickedRows(
  { x, observed, y, width, classes }: WindowRows,
  rows: readonly number[],
): WindowRows {
  const out = {
    ...{ count: rows.length, width, classes },
    x: new Float32Array(rows.length * width),
    observed: new Uint8Array(rows.length * width),
    y: new Float32Array(rows.length * classes),
  };
  rows.forEach((n, at) => {
    out.x.set(x.subarray(n * width, (n + 1) * width), at * width);
    out.observed.set(observed.subarray(n * width, (n + 1) * width), at * width);
    out.y.set(y.subarray(n * classes, (n + 1) * classes), at * classes);
  });
  return out;
}
