import { cholesky, solveLower, solveUpper } from "../../linear-algebra.ts";
import type { Example } from "./crops.ts";
import { type EventInput, ROWS, rowOf } from "./input.ts";
import { smoothed } from "./rule-events.ts";

/*
 * Multinomial logistic regression on a second's surroundings: the floor that a network must beat, and a guide where few
 * recordings are marked. Convex, so there is one answer.
 */

/** Weights of the features, none's being zero. */
export interface LocalModel {
  readonly mean: Float64Array; // [features]
  readonly scale: Float64Array; // [features], one over the standard deviation
  readonly weights: Float64Array; // [codes, features + 1], the bias last
}

type Row = Float32Array;

/** How many local ones there are. */
export const FEATURES = 31;

/** What lies around each second: means, extremes and slopes of the rows at several widths. [features][seconds] */
export function localFeatures(input: EventInput): readonly Row[] {
  const mean = (row: number, mask: number, widthS: number): Row =>
    smoothed(rowOf(input, row), rowOf(input, mask), widthS).map((value) => (Number.isNaN(value) ? 0 : value));
  const share = (mask: number, widthS: number): Row =>
    smoothed(rowOf(input, mask), new Uint8Array(input.seconds).fill(1), widthS);
  const lagged = (row: Row, byS: number): Row => row.map((_, second) => row[second + byS] ?? 0);
  const slope = (row: Row, byS: number): Row =>
    row.map((_, second) => (row[second + byS] ?? 0) - (row[second - byS] ?? 0));
  const slow = (widthS: number): Row => mean(ROWS.slow, ROWS.fhrMask, widthS);
  const uc = (widthS: number): Row => mean(ROWS.uc, ROWS.ucMask, widthS);
  const [slow5, slow15, slow31, slow61] = [slow(5), slow(15), slow(31), slow(61)];
  const [uc5, uc15, uc31, uc61] = [uc(5), uc(15), uc(31), uc(61)];
  return [
    slow5,
    slow15,
    slow31,
    slow61,
    positive(slow15),
    positive(slow31),
    extreme(slow5, 12, 1),
    extreme(slow5, 12, -1),
    extreme(slow5, 30, 1),
    extreme(slow5, 30, -1),
    mean(ROWS.fast, ROWS.fhrMask, 15),
    mean(ROWS.level, ROWS.fhrMask, 121),
    slope(slow15, 15),
    absolute(slope(slow15, 15)),
    share(ROWS.fhrMask, 5),
    share(ROWS.fhrMask, 61),
    uc5,
    uc15,
    uc31,
    uc61,
    positive(uc15),
    extreme(uc5, 30, 1),
    extreme(uc5, 45, -1),
    mean(ROWS.uc, ROWS.ucMask, 181),
    mean(ROWS.ucLevel, ROWS.ucMask, 15),
    slope(uc15, 25),
    absolute(slope(uc15, 25)),
    lagged(uc15, -40),
    lagged(uc15, 40),
    share(ROWS.ucMask, 5),
    share(ROWS.ucMask, 61),
  ];
}

const positive = (row: Row): Row => row.map((value) => Math.max(0, value));
const absolute = (row: Row): Row => row.map(Math.abs);

/** The highest (sign 1) or lowest (sign -1) value within +-halfS of each second. */
function extreme(row: Row, halfS: number, sign: 1 | -1): Row {
  const out = new Float32Array(row.length);
  const queue = new Int32Array(row.length); // seconds whose values fall, of those in reach
  let [head, tail, next] = [0, 0, 0];
  for (let second = 0; second < row.length; second += 1) {
    for (const end = Math.min(row.length, second + halfS + 1); next < end; next += 1) {
      const value = sign * (row[next] ?? 0);
      while (tail > head && sign * (row[queue[tail - 1] ?? 0] ?? 0) <= value) tail -= 1;
      queue[tail] = next;
      tail += 1;
    }
    while ((queue[head] ?? 0) < second - halfS) head += 1;
    out[second] = row[queue[head] ?? 0] ?? 0;
  }
  return out;
}

/** What lies around each second of a recording: [features][seconds] */
export type LocalFeatures = (input: EventInput) => readonly Row[];

const EVERY = 15; // seconds between those it learns from
const ROUNDS = 8;
const RIDGE = 1;

/** Newton's method on the log likelihood of every fifteenth known second, with a ridge. */
export async function fitLocal(
  examples: readonly Example[],
  codes: number,
  pause: () => Promise<void> = () => Promise.resolve(),
  featuresOf: LocalFeatures = localFeatures,
): Promise<LocalModel> {
  const { rows, y } = await gathered(examples, codes, { pause, featuresOf });
  const n = rows.length;
  const width = rows[0]?.length ?? 0;
  const mean = new Float64Array(width);
  const scale = new Float64Array(width).fill(1);
  for (const row of rows) row.forEach((value, j) => (mean[j] = (mean[j] ?? 0) + value / n));
  const variance = new Float64Array(width);
  for (const row of rows)
    row.forEach((value, j) => (variance[j] = (variance[j] ?? 0) + (value - (mean[j] ?? 0)) ** 2 / n));
  variance.forEach((own, j) => (scale[j] = own > 1e-12 ? 1 / Math.sqrt(own) : 0));
  const x = rows.map((row) => {
    const out = new Float64Array(width + 1).fill(1);
    row.forEach((value, j) => (out[j] = (value - (mean[j] ?? 0)) * (scale[j] ?? 0)));
    return out;
  });
  const weights = new Float64Array(codes * (width + 1));
  for (let round = 0; round < ROUNDS; round += 1) {
    newtonStep(x, y, weights, codes);
    await pause();
  }
  return { mean, scale, weights };
}

async function gathered(
  examples: readonly Example[],
  codes: number,
  { pause, featuresOf }: { readonly pause: () => Promise<void>; readonly featuresOf: LocalFeatures },
) {
  const rows: Float64Array[] = [];
  const y: Float64Array[] = [];
  for (const { input, targets } of examples) {
    const features = featuresOf(input);
    for (let second = 0; second < input.seconds; second += EVERY) {
      if (targets.weight[second] !== 1) continue;
      rows.push(Float64Array.from(features, (row) => row[second] ?? 0));
      y.push(Float64Array.from(targets.y.subarray(second * codes, (second + 1) * codes)));
    }
    await pause();
  }
  return { rows, y };
}

function newtonStep(
  x: readonly Float64Array[],
  y: readonly Float64Array[],
  weights: Float64Array,
  codes: number,
): void {
  const width = weights.length / codes;
  const size = weights.length;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const p = new Float64Array(codes);
  x.forEach((row, i) => {
    probabilitiesInto(p, row, weights);
    const truth = y[i] ?? p;
    for (let c = 0; c < codes; c += 1) {
      const error = (p[c] ?? 0) - (truth[c] ?? 0);
      for (let j = 0; j < width; j += 1)
        gradient[c * width + j] = (gradient[c * width + j] ?? 0) + error * (row[j] ?? 0);
      for (let d = 0; d <= c; d += 1) {
        const curvature = (p[c] ?? 0) * (Number(c === d) - (p[d] ?? 0));
        for (let j = 0; j < width; j += 1) {
          const at = (c * width + j) * size + d * width;
          const own = curvature * (row[j] ?? 0);
          const last = c === d ? j + 1 : width;
          for (let l = 0; l < last; l += 1) hessian[at + l] = (hessian[at + l] ?? 0) + own * (row[l] ?? 0);
        }
      }
    }
  });
  for (let j = 0; j < size; j += 1) {
    gradient[j] = (gradient[j] ?? 0) + RIDGE * (weights[j] ?? 0);
    hessian[j * size + j] = (hessian[j * size + j] ?? 0) + RIDGE;
    for (let l = 0; l < j; l += 1) hessian[l * size + j] = hessian[j * size + l] ?? 0;
  }
  const lower = cholesky(hessian, size);
  const [half, step] = [new Float64Array(size), new Float64Array(size)];
  solveLower(lower, size, gradient, half);
  solveUpper(lower, size, half, step);
  step.forEach((by, j) => (weights[j] = (weights[j] ?? 0) - by));
}

/** softmax([0, weights x]) without the first. */
function probabilitiesInto(p: Float64Array, row: Float64Array, weights: Float64Array): void {
  const width = weights.length / p.length;
  let highest = 0;
  for (let c = 0; c < p.length; c += 1) {
    let z = 0;
    for (let j = 0; j < width; j += 1) z += (weights[c * width + j] ?? 0) * (row[j] ?? 0);
    p[c] = z;
    highest = Math.max(highest, z);
  }
  let total = Math.exp(-highest);
  for (let c = 0; c < p.length; c += 1) total += p[c] = Math.exp((p[c] ?? 0) - highest);
  for (let c = 0; c < p.length; c += 1) p[c] = (p[c] ?? 0) / total;
}

/** Logits of the codes, none's being zero. [seconds, codes] */
export function localLogits(
  { mean, scale, weights }: LocalModel,
  input: EventInput,
  featuresOf: LocalFeatures = localFeatures,
): Float32Array {
  const features = featuresOf(input);
  const width = mean.length;
  const codes = weights.length / (width + 1);
  const out = new Float32Array(input.seconds * codes);
  for (let c = 0; c < codes; c += 1) {
    const own = weights.subarray(c * (width + 1), (c + 1) * (width + 1));
    for (let second = 0; second < input.seconds; second += 1) {
      let z = own[width] ?? 0;
      for (let j = 0; j < width; j += 1)
        z += (own[j] ?? 0) * ((features[j]?.[second] ?? 0) - (mean[j] ?? 0)) * (scale[j] ?? 0);
      out[second * codes + c] = z;
    }
  }
  return out;
}
