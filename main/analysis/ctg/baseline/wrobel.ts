import { bridge, spread, wholeMeans } from "../bridge.ts";
import { RANGE_BPM } from "../cleaning.ts";
import { CTG_HZ, type Samples } from "../trace.ts";

const EPOCH = 2.5 * CTG_HZ; // samples
const REACH = 160; // epochs on each side: 6.7 min
const K_SQUARED = 0.25;

/**
 * Baseline by a running sample myriad, Wróbel 2013, as in ctg.md §3.2 [V]: of 2.5 s means x the whole number m with the least
 * Σ log(K² + (x − m)²) over 160 of them on each side, cut at the edges.
 */
export function wrobelLevel(fhr: Samples): Float64Array {
  const means = wholeMeans(bridge(fhr), EPOCH);
  const count = means.length;
  const least = new Float64Array(count).fill(Infinity);
  const best = new Float64Array(count);
  const upTo = new Float64Array(count + 1);
  for (let m: number = RANGE_BPM.low; m <= RANGE_BPM.high; m += 1) {
    for (let k = 0; k < count; k += 1)
      upTo[k + 1] = (upTo[k] ?? 0) + Math.log(K_SQUARED + ((means[k] ?? 0) - m) ** 2);
    for (let k = 0; k < count; k += 1) {
      const cost = (upTo[Math.min(count, k + REACH + 1)] ?? 0) - (upTo[Math.max(0, k - REACH)] ?? 0);
      if (cost >= (least[k] ?? 0)) continue;
      least[k] = cost;
      best[k] = m;
    }
  }
  return spread(best, EPOCH, fhr.values.length, (EPOCH - 1) / 2);
}
