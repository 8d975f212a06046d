import { ahead, horizons } from "../ahead.ts";
import { type Dynamics, MEMORY } from "../filter.ts";
import { INPUTS, inputsAt, type Seen } from "./inputs.ts";

/** Horizons a network speaks about, in seconds; between them it is read in proportion to their logarithms. */
export const ANCHORS = [1, 2, 4, 8, 15, 30, 60, 120] as const;
/** Horizons between them at which widths alone are set right too; what is drawn of a forecast has all of them. */
export const BETWEEN = [3, 6, 12, 22, 45, 85] as const;
export const FURTHEST = 120;

/** The first moment to learn from, in seconds from the start of a recording. */
const WARM_S = 120;
const MOST_ROWS = 400_000;

/** A recording as its filter went through it. */
export interface NetRecording {
  readonly seen: Seen;
  readonly part: "train" | "validation";
}

/** What came after moments. */
export interface Came {
  readonly distance: Float32Array; // [n x horizons] from the filter's mean, in its scale; 0 where missing
  readonly weight: Float32Array; // [n x horizons] 1 where something was seen, else 0
}

/** Moments, with what came after them at the anchors. */
export interface NetRows extends Came {
  readonly count: number;
  readonly x: Float32Array; // [n x INPUTS]
}

/** Every moment after which anything was seen; of very many, evenly fewer. */
export function netMoments<S extends Pick<Seen, "observed">>(
  recordings: readonly S[],
  everyS: number,
): readonly { readonly seen: S; readonly t: number }[] {
  const seconds = recordings.reduce((sum, { observed }) => sum + Math.max(0, observed.length - WARM_S), 0);
  const every = everyS * Math.max(1, Math.ceil(seconds / everyS / MOST_ROWS));
  return recordings.flatMap((seen) => momentsOf(seen, every).map((t) => ({ seen, t })));
}

/** A row a moment. */
export function netRows(recordings: readonly Seen[], dynamics: Dynamics, everyS: number): NetRows {
  const moments = netMoments(recordings, everyS);
  const x = new Float32Array(moments.length * INPUTS);
  moments.forEach(({ seen, t }, row) => {
    inputsAt(seen, t, x, row * INPUTS);
  });
  return { count: moments.length, x, ...cameAfter(moments, dynamics, ANCHORS) };
}

/** At any horizons, in seconds. */
export function cameAfter(
  moments: ReturnType<typeof netMoments<Seen>>,
  dynamics: Dynamics,
  wanted: readonly number[],
): Came {
  const table = horizons(dynamics, FURTHEST);
  const array = (): Float32Array => new Float32Array(moments.length * wanted.length);
  const came = { distance: array(), weight: array() };
  moments.forEach(({ seen, t }, row) => {
    wanted.forEach((h, j) => {
      if (seen.observed[t + h] !== 1) return;
      const at = row * wanted.length + j;
      const { mean, variance } = ahead(seen.after, h, table, 0, t * MEMORY);
      came.distance[at] = ((seen.y[t + h] ?? 0) - mean) / Math.sqrt(variance);
      came.weight[at] = 1;
    });
  });
  return came;
}

function momentsOf({ observed }: Pick<Seen, "observed">, every: number): number[] {
  const found: number[] = [];
  for (let t = WARM_S; t < observed.length; t += every)
    if (ANCHORS.some((h) => observed[t + h] === 1)) found.push(t);
  return found;
}

/** Middle and spread of each input, by which all are made alike. */
export interface Standard {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

const LEAST_SPREAD = 1e-6;
const LIMIT = 6; // spreads: further out an input says no more

/** Of rows one after the other. */
export function standardOf(x: Float32Array, width: number): Standard {
  const count = x.length / width;
  const [mean, square] = [new Float64Array(width), new Float64Array(width)];
  for (let at = 0; at < x.length; at += 1) {
    const i = at % width;
    const value = x[at] ?? 0;
    mean[i] = (mean[i] ?? 0) + value / count;
    square[i] = (square[i] ?? 0) + value ** 2 / count;
  }
  const scale = square.map((s, i) => {
    const variance = s - (mean[i] ?? 0) ** 2;
    return variance > LEAST_SPREAD ? Math.sqrt(variance) : 1;
  });
  return { mean, scale };
}

/** In place. */
export function standardise(x: Float32Array, { mean, scale }: Standard): void {
  for (let at = 0; at < x.length; at += 1) {
    const i = at % mean.length;
    const value = ((x[at] ?? 0) - (mean[i] ?? 0)) / (scale[i] ?? 1);
    x[at] = Math.min(LIMIT, Math.max(-LIMIT, value));
  }
}
