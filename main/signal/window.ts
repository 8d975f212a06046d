/** Windows of equal length at equal strides from the recording's start; the last one ends inside the recording. */
export interface WindowGrid {
  readonly windowS: number;
  readonly strideS: number;
  readonly count: number;
  readonly first?: number; // of the recording's windows the one that is counted as 0 here; 0 unless given
}

export interface Interval {
  readonly onsetS: number;
  readonly durationS: number;
}

// A recording of 60.0 s cut in windows of 0.1 s must not lose its last window to a rounding error.
const SLACK_S = 1e-9;

export function windowGrid(durationS: number, windowS: number, strideS: number): WindowGrid {
  const room = durationS - windowS + SLACK_S;
  return { windowS, strideS, count: room < 0 ? 0 : Math.floor(room / strideS + SLACK_S) + 1 };
}

export const windowOnsetS = ({ first = 0, strideS }: WindowGrid, index: number): number =>
  (first + index) * strideS;

/** Seconds of [fromS, toS) that the union of the intervals from the `first` on covers. `intervals` sorted by onset. */
export function coveredS(intervals: readonly Interval[], fromS: number, toS: number, first = 0): number {
  let total = 0;
  let reached = fromS;
  for (let i = first; i < intervals.length; i += 1) {
    const { onsetS, durationS } = intervals[i] as Interval;
    if (onsetS >= toS) break;
    const end = Math.min(onsetS + durationS, toS);
    const start = Math.max(onsetS, reached);
    if (end > start) {
      total += end - start;
      reached = end;
    }
  }
  return total;
}

/** First sample at or after `timeS`, and so the exclusive end of what lies before it. */
export const sampleAt = (timeS: number, sampleRate: number): number => Math.ceil(timeS * sampleRate - 1e-6);

/** Exclusive end of the samples that anything looks at for a window. */
export const windowEnd = (grid: WindowGrid, index: number, sampleRate: number): number => {
  const onsetS = windowOnsetS(grid, index);
  return Math.max(
    sampleAt(onsetS + grid.windowS, sampleRate),
    sampleAt(onsetS, sampleRate) + Math.round(grid.windowS * sampleRate),
  );
};
