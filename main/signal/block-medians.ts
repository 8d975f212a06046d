import { pastMedians, runningQuantiles } from "./quantile.ts";
import { averageBins, type Resampled } from "./resample.ts";

/** Of medians that are those of blocks' means, so that they cost little. */
export const BLOCK_S = 5;
/** Blocks on each side: 5 min. */
export const HALF_WIDTH = 60;
const LEAST_OF_BLOCK = 0.25; // observed
const [STEP, FEWEST] = [6, 3]; // blocks

/**
 * A running median of +-5 min, a value a block of 5 s: exact every 30 s, linear between, and where there is too little
 * the nearest. Undefined where there is too little anywhere. Not causal.
 */
export function blockMedians({ values, observed }: Resampled, sampleRate: number): Float32Array | undefined {
  const blocks = averageBins(values, observed, sampleRate, BLOCK_S, LEAST_OF_BLOCK);
  const medians = runningQuantiles(blocks.values, blocks.observed, {
    halfWidth: HALF_WIDTH,
    step: STEP,
    minCount: FEWEST,
    shares: [0.5],
  });
  return medians.find((row) => row.length > 0 && !row.some(Number.isNaN));
}

/** The median of so many blocks before each block, NaN where too few of them were observed. Causal. */
export function pastBlockMedians(
  { values, observed }: Resampled,
  sampleRate: number,
  width: number,
): Float32Array {
  const blocks = averageBins(values, observed, sampleRate, BLOCK_S, LEAST_OF_BLOCK);
  return pastMedians(blocks.values, blocks.observed, { width, minCount: FEWEST });
}
