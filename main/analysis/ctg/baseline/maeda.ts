import { bridge, wholeMeans } from "../bridge.ts";
import { CTG_HZ, type Samples } from "../trace.ts";

const EPOCH = 2 * CTG_HZ; // samples
const BLOCK = 150; // epochs: 5 min
const BIN_BPM = 10;

/**
 * Baseline by blocks, Maeda 2012, as in ctg.md §3.2 [V]: in each 5 min of 2 s means the mean of the fullest 10-bpm bin. What
 * the text leaves open is as in the outputs stored with ctg-fhrma-ma [M]: a bin holds its upper end, its mean is that over the
 * whole recording, and what is left of a block at the end keeps the level before.
 */
export function maedaLevel(fhr: Samples): Float64Array {
  const means = wholeMeans(bridge(fhr), EPOCH);
  const bins = means.map((v) => Math.ceil(v / BIN_BPM) - 1);
  const meanOf = binMeans(means, bins);
  const level = new Float64Array(fhr.values.length);
  const blocks = Math.max(1, Math.floor(means.length / BLOCK));
  for (let block = 0; block < blocks; block += 1) {
    const fullest = mode(bins.subarray(block * BLOCK, (block + 1) * BLOCK));
    level.fill(meanOf.get(fullest) ?? 0, block * BLOCK * EPOCH);
  }
  return level;
}

function binMeans(means: Float64Array, bins: Float64Array): ReadonlyMap<number, number> {
  const sums = new Map<number, readonly [number, number]>();
  means.forEach((v, k) => {
    const bin = bins[k] ?? 0;
    const [sum, count] = sums.get(bin) ?? [0, 0];
    sums.set(bin, [sum + v, count + 1]);
  });
  return new Map([...sums].map(([bin, [sum, count]]) => [bin, sum / count]));
}

/** The value that occurs most often, the least of several. */
function mode(values: Float64Array): number {
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  const most = Math.max(...times.values());
  return Math.min(...[...times].filter(([, count]) => count === most).map(([value]) => value));
}
