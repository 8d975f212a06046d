import { cholesky, solveLower, solveUpper } from "../../../main/models/linear-algebra.ts";

const RIDGE = 1; // of features in their own standard deviations
const ROUNDS = 30;

/** What a logistic regression is fitted to. */
export interface Lesson {
  readonly features: readonly number[];
  readonly isOne: boolean;
}

/** Newton's method with a ridge: the constant first, then a weight a feature. */
export function fitLogistic(lessons: readonly Lesson[]): number[] {
  const width = lessons[0]?.features.length ?? 0;
  const { mean, scale } = spreadOf(lessons, width);
  const n = width + 1;
  const rows = lessons.map(({ features }) => [
    1,
    ...features.map((value, j) => (value - (mean[j] ?? 0)) * (scale[j] ?? 0)),
  ]);
  const weights = new Float64Array(n);
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = weights.map((weight, j) => (j === 0 ? 0 : -RIDGE * weight));
    const curvature = new Float64Array(n * n);
    for (let j = 0; j < n; j += 1) curvature[j * n + j] = j === 0 ? 1e-9 : RIDGE;
    rows.forEach((row, i) => {
      const p = 1 / (1 + Math.exp(-row.reduce((sum, value, j) => sum + value * (weights[j] ?? 0), 0)));
      const rest = Number(lessons[i]?.isOne) - p;
      row.forEach((value, j) => {
        gradient[j] = (gradient[j] ?? 0) + rest * value;
        const own = p * (1 - p) * value;
        row.forEach((other, k) => (curvature[j * n + k] = (curvature[j * n + k] ?? 0) + own * other));
      });
    });
    const lower = cholesky(curvature, n);
    const [half, step] = [new Float64Array(n), new Float64Array(n)];
    solveLower(lower, n, gradient, half);
    solveUpper(lower, n, half, step);
    step.forEach((by, j) => (weights[j] = (weights[j] ?? 0) + by));
    if (Math.max(...step.map(Math.abs)) < 1e-7) break;
  }
  const own = Array.from({ length: width }, (_, j) => (weights[j + 1] ?? 0) * (scale[j] ?? 0));
  return [own.reduce((sum, weight, j) => sum - weight * (mean[j] ?? 0), weights[0] ?? 0), ...own];
}

function spreadOf(lessons: readonly Lesson[], width: number) {
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (const { features } of lessons)
    features.forEach((value, j) => (mean[j] = (mean[j] ?? 0) + value / lessons.length));
  for (const { features } of lessons)
    features.forEach(
      (value, j) => (scale[j] = (scale[j] ?? 0) + (value - (mean[j] ?? 0)) ** 2 / lessons.length),
    );
  return { mean, scale: scale.map((variance) => (variance > 1e-12 ? 1 / Math.sqrt(variance) : 0)) };
}

export const logisticOf = (weights: readonly number[], features: readonly number[]): number =>
  1 /
  (1 + Math.exp(-features.reduce((sum, value, i) => sum + value * (weights[i + 1] ?? 0), weights[0] ?? 0)));
