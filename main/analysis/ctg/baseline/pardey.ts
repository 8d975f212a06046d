import { butterworth } from "../../../signal/iir.ts";
import { zeroPhase } from "../../../signal/zero-phase.ts";
import { spread } from "../bridge.ts";
import { CTG_HZ, type Samples } from "../trace.ts";
import { MINUTE_MS, pulseIntervals, referenceLevel } from "./intervals.ts";

const EPOCHS_A_MINUTE = 16;
const EPOCH = (60 * CTG_HZ) / EPOCHS_A_MINUTE; // samples: 3.75 s
const WINDOW = 1024; // epochs: 64 min
const BLOCK = 32; // epochs: 2 min
const CLIP_MS = 60;
const WIDE_MS = 120;
/** So many blocks one after the other on one side of the reference level, and that side is clipped later. */
const ONE_SIDED = 5;
const LOW_PASS = butterworth({ kind: "low-pass", order: 4, hz: 0.1 }, EPOCHS_A_MINUTE);
const LOOK = {
  smooth: [0.25, 0.5, 0.25],
  mayBe: (fromMode: number, share: number) => fromMode <= 30 || share > 0.05,
} as const;

/**
 * Baseline of Dawes and Redman as Pardey 2002 tells it, after ctg.md §3.2 [V]: pulse intervals clipped around a reference level
 * and low-passed, every 2 min over the 64 min around them (the text leaves open where in its window a block lies [D]).
 */
export function pardeyLevel(fhr: Samples): Float64Array {
  const intervals = pulseIntervals(fhr, EPOCH);
  const count = intervals.values.length;
  const line = new Float64Array(count).fill(NaN);
  const sides: Side[] = [];
  let before = referenceLevel(intervals, LOOK) ?? NaN;
  for (let from = 0; from < count; from += BLOCK) {
    const start = Math.max(0, Math.min(from + BLOCK / 2 - WINDOW / 2, count - WINDOW));
    const window = part(intervals, start, start + WINDOW);
    const level = referenceLevel(window, LOOK) ?? before;
    before = level;
    sides.push(sideOf(part(intervals, from, from + BLOCK), level));
    const recent = sides.slice(-ONE_SIDED);
    const reach = (side: Side): number =>
      recent.length === ONE_SIDED && recent.every((own) => own === side) ? WIDE_MS : CLIP_MS;
    const [low, high] = [level - reach("shorter"), level + reach("longer")];
    const clipped = window.values.map((interval) => Math.min(high, Math.max(low, interval)));
    line.set(zeroPhase(clipped, LOW_PASS).subarray(from - start, from - start + BLOCK), from);
  }
  return spread(
    line.map((interval) => MINUTE_MS / interval),
    EPOCH,
    fhr.values.length,
    (EPOCH - 1) / 2,
  );
}

type Side = "shorter" | "longer" | "both";

const part = ({ values, observed }: Samples, from: number, to: number): Samples => ({
  values: values.subarray(from, to),
  observed: observed.subarray(from, to),
});

/** On which side of a level all observed intervals lie. */
function sideOf({ values, observed }: Samples, level: number): Side {
  const seen = values.filter((_, k) => observed[k] === 1);
  if (seen.length === 0) return "both";
  if (seen.every((interval) => interval > level)) return "longer";
  return seen.every((interval) => interval < level) ? "shorter" : "both";
}
