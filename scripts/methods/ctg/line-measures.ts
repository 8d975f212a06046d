import { CTG_HZ, type Samples } from "../../../main/analysis/ctg/trace.ts";

/** Samples at the end of a record that are not scored (ctg.md §9.1). */
const LAST = 60 * CTG_HZ;
const HALF_MINUTE = 30 * CTG_HZ;

/** Root of the mean squared difference of two lines where the heart rate was observed, without the last minute. */
export function rmsd(a: Float64Array, b: Float64Array, { observed }: Samples): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < observed.length - LAST; i += 1) {
    const difference = (a[i] ?? NaN) - (b[i] ?? NaN);
    if (observed[i] !== 1 || Number.isNaN(difference)) continue;
    sum += difference * difference;
    count += 1;
  }
  return Math.sqrt(sum / count);
}

/**
 * Morphological discordance of two lines, per cent (ctg.md §9.1): the mean of d / (s1 s2 + d), where d = (B1 − B2)² and
 * s = 3 + √(mean of (B − FHR)² over the minute around). It forgives where the heart rate is far from both.
 */
export function madi(a: Float64Array, b: Float64Array, fhr: Samples): number {
  const [near, far] = [distances(a, fhr), distances(b, fhr)];
  let [sum, count] = [0, 0];
  for (let i = 0; i < fhr.values.length - LAST; i += 1) {
    const d = ((a[i] ?? NaN) - (b[i] ?? NaN)) ** 2;
    if (fhr.observed[i] !== 1 || Number.isNaN(d)) continue;
    sum += d / ((near[i] ?? 0) * (far[i] ?? 0) + d);
    count += 1;
  }
  return (100 * sum) / count;
}

function distances(line: Float64Array, { values, observed }: Samples): Float64Array {
  const n = values.length;
  const [squares, counts] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  for (let i = 0; i < n; i += 1) {
    const square = ((line[i] ?? NaN) - (values[i] ?? 0)) ** 2;
    const isCounted = observed[i] === 1 && !Number.isNaN(square);
    squares[i + 1] = (squares[i] ?? 0) + (isCounted ? square : 0);
    counts[i + 1] = (counts[i] ?? 0) + (isCounted ? 1 : 0);
  }
  return values.map((_, i) => {
    const [from, to] = [Math.max(0, i - HALF_MINUTE), Math.min(n, i + HALF_MINUTE + 1)];
    const count = Math.max(1, (counts[to] ?? 0) - (counts[from] ?? 0));
    return 3 + Math.sqrt(((squares[to] ?? 0) - (squares[from] ?? 0)) / count);
  });
}
