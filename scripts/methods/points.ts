import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Points with their classes. */
export interface Points {
  readonly x: Float64Array; // [n x d]
  readonly labels: Int32Array; // [n]
  readonly width: number;
}

export function readPoints(file: string): Points {
  const rows = readFileSync(file, "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(",").map(Number));
  const width = (rows[0]?.length ?? 1) - 1;
  return {
    x: Float64Array.from(rows.flatMap((row) => row.slice(0, width))),
    labels: Int32Array.from(rows, (row) => row[width] ?? 0),
    width,
  };
}

export const rowsOf = ({ x, labels, width }: Points, rows: readonly number[]): Points => ({
  x: Float64Array.from(rows.flatMap((n) => [...x.subarray(n * width, (n + 1) * width)])),
  labels: Int32Array.from(rows, (n) => labels[n] ?? 0),
  width,
});

/** Both by the means and standard deviations of the first. */
export function standardised(train: Points, test: Points): readonly [Points, Points] {
  const { width } = train;
  const of = Array.from({ length: width }, (_, i) => {
    const column = train.x.filter((_value, at) => at % width === i);
    const mean = column.reduce((sum, v) => sum + v, 0) / column.length;
    const variance = column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length;
    return { mean, sd: Math.sqrt(variance) || 1 };
  });
  const scaled = (points: Points): Points => ({
    ...points,
    x: points.x.map((v, at) => (v - (of[at % width]?.mean ?? 0)) / (of[at % width]?.sd ?? 1)),
  });
  return [scaled(train), scaled(test)];
}

/** One-hot labels: [n x c]. */
export const targetOf = ({ labels }: Points, classes: number): Float64Array =>
  Float64Array.from({ length: labels.length * classes }, (_, at) =>
    labels[Math.floor(at / classes)] === at % classes ? 1 : 0,
  );

export const splitsOfBanana = (folder: string): readonly (readonly number[])[] =>
  readFileSync(join(folder, "train_rows.csv"), "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(",").slice(1).map(Number));
