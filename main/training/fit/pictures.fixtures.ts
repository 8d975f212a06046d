import { seededRandom, shuffle, type Random } from "../../models/random.ts";
import type { Examples, Rows } from "./toy.fixtures.ts";

/**
 * Small pictures for an identity-initialised network: a random smoothed on-off template a class, moved by up to a pixel,
 * with a gain of 0.5 to 1 and noise of 0.6, clipped to [0, 1].
 */
export interface Pictures {
  readonly side: number;
  readonly classes: number;
  /** The templates differ in the first rows and columns only, and are not moved. */
  readonly patch?: number;
  readonly seed?: number;
}
export interface Drawn extends Examples, Pictures {
  readonly width: number;
}

function templatesOf({ side, classes, patch, seed = 1 }: Pictures): readonly Float32Array[] {
  return Array.from({ length: classes }, (_, c) => {
    const random = seededRandom(seed, 100 + c);
    const rough = Array.from({ length: side * side }, () => random.normal());
    return Float32Array.from(rough, (_v, i) => {
      if (patch !== undefined) return isInPatch(i, side, patch) && (rough[i] as number) > 0 ? 1 : 0;
      let sum = 0;
      for (const down of [-1, 0, 1])
        for (const right of [-1, 0, 1]) sum += rough[moved(i, side, [down, right])] as number;
      return sum > 0 ? 1 : 0;
    });
  });
}

export const isInPatch = (i: number, side: number, patch: number): boolean =>
  Math.floor(i / side) < patch && i % side < patch;

const moved = (i: number, side: number, [down, right]: readonly [number, number]): number =>
  ((Math.floor(i / side) + down + side) % side) * side + ((i + right + side) % side);

export function pictures(of: Pictures, count: number, stream: number): Drawn {
  const { side, classes, patch, seed = 1 } = of;
  const width = side * side;
  const templates = templatesOf(of);
  const random = seededRandom(seed, stream);
  const labels = shuffle(
    Int32Array.from({ length: count }, (_, n) => n % classes),
    random,
  );
  const x = new Float32Array(count * width);
  labels.forEach((label, n) => {
    const template = templates[label] as Float32Array;
    const by = [random.below(3) - 1, random.below(3) - 1] as const;
    const gain = 0.5 + 0.5 * random.next();
    for (let i = 0; i < width; i += 1) {
      const from = patch === undefined ? moved(i, side, by) : i;
      const value = gain * (template[from] as number) + 0.6 * random.normal();
      x[n * width + i] = Math.max(0, Math.min(1, value));
    }
  });
  return { ...of, width, x, labels };
}

const BATCH = 64;

/** One batch after the other, in the same order every epoch. */
export function batchesOf({ x, labels, width, classes }: Drawn): readonly Rows[] {
  return Array.from({ length: Math.floor(labels.length / BATCH) }, (_, b) => ({
    count: BATCH,
    x: x.slice(b * BATCH * width, (b + 1) * BATCH * width),
    y: Float32Array.from({ length: BATCH * classes }, (_v, at) =>
      labels[b * BATCH + Math.floor(at / classes)] === at % classes ? 1 : 0,
    ),
  }));
}

/** Every entry hidden with a probability of 0.3. */
export function hidden<T extends Pick<Rows, "x">>(rows: T, random: Random): T & { observed: Float32Array } {
  const observed = Float32Array.from(rows.x, () => (random.next() < 0.3 ? 0 : 1));
  return { ...rows, observed, x: rows.x.map((v, i) => v * (observed[i] as number)) };
}
