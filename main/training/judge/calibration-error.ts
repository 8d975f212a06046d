import type { z } from "zod";
import type { ReliabilityBin } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";

type Bin = z.infer<typeof ReliabilityBin>;
export const BINS = 15;

/** Fifteen equal-width bins of probability; the last includes 1. Empty bins are left out. */
export function reliabilityBins(confidence: ArrayLike<number>, isRight: ArrayLike<number>): Bin[] {
  const count = new Array<number>(BINS).fill(0);
  const confidenceSum = new Array<number>(BINS).fill(0);
  const rightSum = new Array<number>(BINS).fill(0);
  for (let i = 0; i < confidence.length; i += 1) {
    const p = sure(confidence[i]);
    const bin = Math.min(BINS - 1, Math.floor(p * BINS));
    count[bin] = sure(count[bin]) + 1;
    confidenceSum[bin] = sure(confidenceSum[bin]) + p;
    rightSum[bin] = sure(rightSum[bin]) + sure(isRight[i]);
  }
  return count.flatMap((n, bin) =>
    n === 0
      ? []
      : [
          {
            from: bin / BINS,
            to: (bin + 1) / BINS,
            confidence: sure(confidenceSum[bin]) / n,
            accuracy: sure(rightSum[bin]) / n,
            count: n,
          },
        ],
  );
}

/** Expected calibration error: Σ_b n_b/N |accuracy_b − confidence_b|. */
export function calibrationError(confidence: ArrayLike<number>, isRight: ArrayLike<number>): number {
  if (confidence.length === 0) return 0;
  return reliabilityBins(confidence, isRight).reduce(
    (sum, bin) => sum + (bin.count / confidence.length) * Math.abs(bin.accuracy - bin.confidence),
    0,
  );
}

/** Bins of equal mass: the windows in order of confidence, cut into fifteen parts that differ by one window at most. */
function massBins(
  confidence: ArrayLike<number>,
  isRight: ArrayLike<number>,
): { gap: number; count: number }[] {
  const n = confidence.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => (confidence[a] ?? 0) - (confidence[b] ?? 0),
  );
  return Array.from({ length: BINS }, (_, bin) => {
    const rows = order.subarray(Math.round((bin * n) / BINS), Math.round(((bin + 1) * n) / BINS));
    const gap = rows.reduce((sum, row) => sum + (isRight[row] ?? 0) - (confidence[row] ?? 0), 0);
    return { gap: Math.abs(gap), count: rows.length };
  });
}

/** Adaptive ECE: the same as the ECE over fifteen bins that hold equally many windows (Nguyen and O'Connor 2015). */
export function adaptiveCalibrationError(confidence: ArrayLike<number>, isRight: ArrayLike<number>): number {
  if (confidence.length === 0) return 0;
  return massBins(confidence, isRight).reduce((sum, { gap }) => sum + gap, 0) / confidence.length;
}

/** MCE: the largest |accuracy − confidence| of the equal-width bins, however few windows the bin holds. */
export const maximumCalibrationError = (confidence: ArrayLike<number>, isRight: ArrayLike<number>): number =>
  reliabilityBins(confidence, isRight).reduce(
    (most, bin) => Math.max(most, Math.abs(bin.accuracy - bin.confidence)),
    0,
  );
