import { mhrBeside } from "../../../main/analysis/ctg/false-signal.ts";
import {
  featureNames,
  featuresOf,
  type LocalSignal,
  WITHOUT_MHR,
} from "../../../main/analysis/ctg/false-signal-features.ts";
import { cholesky, solveLower, solveUpper } from "../../../main/models/linear-algebra.ts";
import { targetsOf } from "../../../main/models/sequences/signal-trust/targets.ts";
import type { TrustRecord } from "./fhrma.ts";

const EVERY = 8; // samples between those that are looked at: neighbours say the same
const [RIDGE, ROUNDS] = [10, 12];

export const localSignal = ({ input }: Pick<TrustRecord, "input">): LocalSignal => ({
  fhr: { values: Float64Array.from(input.fhr.values), observed: input.fhr.observed },
  mhr: input.mhr.observed.includes(1)
    ? { values: Float64Array.from(input.mhr.values), observed: input.mhr.observed }
    : undefined,
  isScalp: input.isScalp,
});

/** Samples to learn from: features row by row, and what they are. */
interface Rows {
  readonly width: number;
  readonly x: number[];
  readonly y: number[];
}

/**
 * Marked samples: those with a maternal heart rate beside them, and those without. To these the former are added as they
 * look with the maternal heart rate taken away: on a tenth of the training files that raised the AUC without one from .889
 * to .922.
 */
function rowsOf(records: readonly TrustRecord[]): { readonly withMhr: Rows; readonly withoutMhr: Rows } {
  const empty = (width: number): Rows => ({ width, x: [], y: [] });
  const rows = { withMhr: empty(featureNames.length), withoutMhr: empty(WITHOUT_MHR) };
  for (const record of records) {
    const signal = localSignal(record);
    const [feature, alone] = [featuresOf(signal), featuresOf({ ...signal, mhr: undefined })];
    const beside = mhrBeside(record.input.mhr.observed);
    const { y, known } = targetsOf(record.input, record.marks);
    const add = (to: Rows, at: number, of: typeof feature): void => {
      const out = new Float64Array(to.width);
      of(at, to === rows.withMhr, out);
      to.x.push(...out);
      to.y.push(y[at] ?? 0);
    };
    for (const at of known.filter((_, k) => k % EVERY === 0)) {
      if (beside[at] === 1) add(rows.withMhr, at, feature);
      add(rows.withoutMhr, at, beside[at] === 1 ? alone : feature);
    }
  }
  return rows;
}

/** Logistic regression by Newton's method. */
function regression({ width, x, y }: Rows): Float64Array {
  let weights = new Float64Array(width);
  for (let round = 0; round < ROUNDS; round += 1) {
    const slope = weights.map((own) => -RIDGE * own);
    const curve = new Float64Array(width * width);
    for (let a = 0; a < width; a += 1) curve[a * width + a] = RIDGE;
    for (let row = 0; row < y.length; row += 1) {
      const at = row * width;
      let z = 0;
      for (let a = 0; a < width; a += 1) z += (x[at + a] ?? 0) * (weights[a] ?? 0);
      const p = 1 / (1 + Math.exp(-z));
      for (let a = 0; a < width; a += 1) {
        const value = x[at + a] ?? 0;
        slope[a] = (slope[a] ?? 0) + value * ((y[row] ?? 0) - p);
        for (let b = 0; b <= a; b += 1)
          curve[a * width + b] = (curve[a * width + b] ?? 0) + p * (1 - p) * value * (x[at + b] ?? 0);
      }
    }
    const lower = cholesky(curve, width);
    const [half, step] = [new Float64Array(width), new Float64Array(width)];
    solveLower(lower, width, slope, half);
    solveUpper(lower, width, half, step);
    weights = weights.map((own, a) => own + (step[a] ?? 0));
  }
  return weights;
}

/** The numbers of main/analysis/ctg/false-signal-weights.ts, out of the files that teach. */
export function fitLocal(
  records: readonly TrustRecord[],
): Record<keyof ReturnType<typeof rowsOf>, readonly number[]> {
  const { withMhr, withoutMhr } = rowsOf(records);
  const rounded = (weights: Float64Array): number[] =>
    Array.from(weights, (one) => Number(one.toPrecision(4)));
  return { withMhr: rounded(regression(withMhr)), withoutMhr: rounded(regression(withoutMhr)) };
}
