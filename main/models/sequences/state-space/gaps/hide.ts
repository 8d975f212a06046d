import { sortedQuantile } from "../../../../signal/quantile.ts";
import type { Random } from "../../../random.ts";

/** A stretch of a recording: [from, to) in seconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const BURST = { hiddenS: 12, shownS: 108 }; // on average: a tenth is hidden
const PIECE = { leastS: 10, mostS: 30 }; // hidden inside a stretch
/** What counts as a dip: this far below the middle of ten minutes, over its edges, and at its deepest. */
const DIP = { edge: 5, depth: 15, leastS: 15 };
const MIDDLE_S = 300;

/** A tenth of the time in bursts of twelve seconds on average, wherever they fall: of the mask that is left, 0 where hidden. */
export function hiddenBursts(observed: Uint8Array, random: Random): Uint8Array {
  const left = observed.slice();
  const lasting = (mean: number): number => Math.ceil(Math.log(1 - random.next()) / Math.log(1 - 1 / mean));
  for (let t = lasting(BURST.shownS); t < left.length; t += lasting(BURST.shownS)) {
    const to = t + lasting(BURST.hiddenS);
    left.fill(0, t, to);
    t = to;
  }
  return left;
}

/** 10 to 30 seconds inside each stretch. */
export function hiddenInside(
  observed: Uint8Array,
  stretches: readonly Stretch[],
  random: Random,
): Uint8Array {
  const left = observed.slice();
  for (const { from, to } of stretches) {
    const length = PIECE.leastS + random.below(PIECE.mostS - PIECE.leastS + 1);
    const room = to - from - length;
    if (room < 0) continue;
    const start = from + random.below(room + 1);
    left.fill(0, start, start + length);
  }
  return left;
}

/** Stretches in which the rate lies well below its middle of ten minutes: a rule that needs no reader. Gaps end nothing. */
export function dipsOf(y: Float64Array, observed: Uint8Array): Stretch[] {
  const dips: Stretch[] = [];
  let [from, to, deepest, middle] = [-1, -1, 0, Number.NaN];
  for (let t = 0; t <= y.length; t += 1) {
    if (t % 15 === 0) middle = middleAround(y, observed, t);
    if (t < y.length && observed[t] !== 1) continue;
    const below = t < y.length ? middle - (y[t] ?? 0) : -Infinity;
    if (below > DIP.edge) {
      if (from < 0) [from, deepest] = [t, 0];
      [to, deepest] = [t + 1, Math.max(deepest, below)];
      continue;
    }
    if (from >= 0 && deepest > DIP.depth && to - from >= DIP.leastS) dips.push({ from, to });
    from = -1;
  }
  return dips;
}

function middleAround(y: Float64Array, observed: Uint8Array, t: number): number {
  const values: number[] = [];
  for (let i = Math.max(0, t - MIDDLE_S); i < Math.min(y.length, t + MIDDLE_S); i += 2)
    if (observed[i] === 1) values.push(y[i] ?? 0);
  return sortedQuantile(
    values.sort((a, b) => a - b),
    values.length,
    0.5,
  );
}
