import type { TypedArray } from "../../../main/compute/runtime.ts";
import { seededRandom } from "../../../main/models/random.ts";
import type { ForkShape } from "../../../main/models/sequences/forks/shape.ts";

/** y_t = ε up to the tenth step, ±0.1 (t − 10) + ε after it; ε of deviation 0.05, the sign drawn once a series. */
export const LENGTH = 30;
export const FORK_AT = 10;
export const AHEAD = 10;
const NOISE = 0.05;
const SLOPE = 0.1;
/** Moments from which the value ten steps later can be seen, counted from 0: t = 1 to 20. */
export const MOMENTS = LENGTH - AHEAD;

export const toyShape: ForkShape = {
  ...{ inputs: 1, hidden: 24, classes: 2, components: 2, horizons: 1, dims: 1, head: 24 },
  ...{ seesInputs: false, squash: "tanh", weights: "path", firstSpread: [0, 0], leastSpread: [-4.6] },
};
export const singleShape: ForkShape = { ...toyShape, classes: 1, components: 1 };

export interface ToySeries {
  readonly rows: number;
  readonly x: Float32Array; // [LENGTH, rows, 1]
  readonly y: Float64Array; // the same
  readonly classes: Uint8Array; // 1: up
}

export function toySeries(rows: number, seed: number): ToySeries {
  const random = seededRandom(seed, 21);
  const classes = Uint8Array.from({ length: rows }, () => random.below(2));
  const y = new Float64Array(LENGTH * rows);
  for (let t = 0; t < LENGTH; t += 1)
    for (let row = 0; row < rows; row += 1) {
      const away = SLOPE * Math.max(0, t + 1 - FORK_AT);
      y[t * rows + row] = (classes[row] === 1 ? away : -away) + NOISE * random.normal();
    }
  return { rows, x: Float32Array.from(y), y, classes };
}

/** Feeds of the loss: every moment is an origin; of the targets each is hidden with `hidden` probability. */
export function toyFeeds(shape: ForkShape, series: ToySeries, { hidden = 0, seed = 0 } = {}): TypedArray[] {
  const { rows, x, y, classes } = series;
  const random = seededRandom(seed, 22);
  const n = MOMENTS * rows;
  const hasClasses = shape.classes > 1;
  const classWeight = 1 / (LENGTH * rows);
  const classTarget = new Float32Array(LENGTH * rows * 2);
  const own = new Float32Array(n * 2);
  const weight = Float32Array.from({ length: n }, () => (random.next() < hidden ? 0 : 1));
  const seen = weight.reduce((a, b) => a + b, 0);
  for (let i = 0; i < LENGTH * rows; i += 1) classTarget[2 * i + (classes[i % rows] ?? 0)] = classWeight;
  for (let i = 0; i < n; i += 1) own[2 * i + (classes[i % rows] ?? 0)] = 1;
  return [
    x,
    ...(hasClasses ? [classTarget] : []),
    Int32Array.from({ length: n }, (_, i) => i),
    ...(hasClasses ? [own] : []),
    // What is hidden could be anything: it must change nothing.
    Float32Array.from({ length: n }, (_, i) => (weight[i] === 1 ? (y[i + AHEAD * rows] ?? 0) : 7)),
    weight.map((one) => one / seen),
  ];
}
