import { inOrder, type NamedArrays, specsOf } from "../../../main/compute/parameters.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { seededRandom } from "../../../main/models/random.ts";
import {
  classMoments,
  type Fork,
  forksOf,
  isFork,
  logDensityOf,
} from "../../../main/models/sequences/forks/mixture.ts";
import { forkPredict } from "../../../main/models/sequences/forks/network.ts";
import { type ForkShape, parameterShapes } from "../../../main/models/sequences/forks/shape.ts";
import { hiddenPoints, INPUTS, HORIZONS, writeInputs } from "./pen-network.ts";
import { type Digit, FRACTIONS, MOST, originAt } from "./pens.ts";

/** How well a method saw ahead from one moment of one digit; lengths in sizes of the writer's digits. */
export interface PenScore {
  readonly file: string;
  readonly label: number;
  readonly fraction: number; // seen
  readonly nll: number; // a point, mean over the points that came
  readonly nearestClass: number; // mean distance of the best of the classes' mean paths
  readonly nearestOfTen: number; // of the ten heaviest parts
  readonly mode: number; // of the heaviest part of the heaviest class
  readonly mean: number; // of the mean of everything
  readonly probability: Float64Array; // a class
  readonly isMarked: boolean; // as a fork, at one of the next points
  readonly isMistaken: boolean; // the heaviest class is wrong, and the path of the right one at most half as far off
}

const ROWS = 32;

export interface PenModel {
  readonly shape: ForkShape;
  readonly parameters: NamedArrays;
  readonly scales: Float64Array;
}

/** Scores at the eight fractions of every digit; `hidden`: share of the points that are not seen. */
export async function penScores(
  runtime: Runtime,
  { shape, parameters, scales }: PenModel,
  digits: readonly Digit[],
  hidden = 0,
): Promise<PenScore[]> {
  const places = ROWS * FRACTIONS.length;
  const shapes = parameterShapes(shape);
  const compiled = await runtime.compilePredict(forkPredict(shape), specsOf(shapes), [
    { shape: [MOST, ROWS, INPUTS], dtype: "float32" },
    { shape: [places], dtype: "int32" },
  ]);
  await compiled.write(inOrder(shapes, parameters));
  const random = seededRandom(3, 51);
  const scores: PenScore[] = [];
  for (let from = 0; from < digits.length; from += ROWS) {
    const own = digits.slice(from, from + ROWS);
    const x = new Float32Array(MOST * ROWS * INPUTS);
    const place = new Int32Array(places);
    own.forEach((digit, row) => {
      const gone = hidden > 0 ? hiddenPoints(digit, hidden, random) : undefined;
      writeInputs(x, { digit, hidden: gone, row, rows: ROWS });
      FRACTIONS.forEach(
        (fraction, f) => (place[row * FRACTIONS.length + f] = originAt(digit, fraction) * ROWS + row),
      );
    });
    const forks = forksOf(shape, await compiled.run([x, place]));
    own.forEach((digit, row) => {
      FRACTIONS.forEach((fraction, f) => {
        const fork = forks[row * FRACTIONS.length + f];
        if (fork !== undefined) scores.push(scoreOf(fork, digit, fraction, scales));
      });
    });
  }
  await compiled.dispose();
  return scores;
}

/** A path as two rows of coordinates. */
type Path = readonly [ArrayLike<number>, ArrayLike<number>];

/** Where the pen went from `t` on. */
export function pathFrom({ x, y }: Digit, t: number): Path {
  const length = Math.min(HORIZONS, x.length - 1 - t);
  const of = (values: Float64Array) =>
    Float64Array.from({ length }, (_, h) => (values[t + h + 1] ?? 0) - (values[t] ?? 0));
  return [of(x), of(y)];
}

/** Mean distance over the points that came. */
export function apartFrom([x, y]: Path, [px, py]: Path): number {
  let sum = 0;
  for (let h = 0; h < x.length; h += 1)
    sum += Math.hypot((px[h] ?? 0) - (x[h] ?? 0), (py[h] ?? 0) - (y[h] ?? 0));
  return sum / x.length;
}

const MARKED_WITHIN = 16; // points

function isMistaken(probability: Float64Array, label: number, apart: readonly number[]): boolean {
  const heaviest = probability.indexOf(Math.max(...probability));
  return heaviest !== label && (apart[label] ?? Infinity) <= 0.5 * (apart[heaviest] ?? 0);
}

function scoreOf(fork: Fork, digit: Digit, fraction: number, scales: Float64Array): PenScore {
  const true_ = pathFrom(digit, originAt(digit, fraction));
  const length = true_[0].length;
  let nll = 0;
  for (let h = 0; h < length; h += 1) {
    const scale = scales[h] ?? 1;
    nll +=
      2 * Math.log(scale) - logDensityOf(fork, h, [(true_[0][h] ?? 0) / scale, (true_[1][h] ?? 0) / scale]);
  }
  const scaled = (of: (h: number, dim: 0 | 1) => number): Path => {
    const row = (dim: 0 | 1) => Float64Array.from({ length }, (_, h) => of(h, dim) * (scales[h] ?? 1));
    return [row(0), row(1)];
  };
  const classPaths = fork.futures.map((future) => {
    const moments = Array.from({ length }, (_, h) => classMoments(fork, future, h));
    return scaled((h, dim) => moments[h]?.[dim]?.mean ?? 0);
  });
  const parts = fork.futures
    .flatMap((future, c) =>
      Array.from({ length: fork.components }, (_, k) => ({
        c,
        weight: (fork.probability[c] ?? 0) * (future.share[k * fork.horizons] ?? 0),
        path: () => scaled((h, dim) => future.means[dim]?.[k * fork.horizons + h] ?? 0),
      })),
    )
    .sort((a, b) => b.weight - a.weight);
  const heaviest = fork.probability.indexOf(Math.max(...fork.probability));
  const mode = parts.find(({ c }) => c === heaviest)?.path();
  const mean = [new Float64Array(length), new Float64Array(length)] as const;
  classPaths.forEach((path, c) => {
    for (const dim of [0, 1] as const)
      for (let h = 0; h < length; h += 1) {
        const row = mean[dim];
        row[h] = (row[h] ?? 0) + (fork.probability[c] ?? 0) * (path[dim][h] ?? 0);
      }
  });
  return {
    ...{ file: digit.file, label: digit.label, fraction, nll: nll / length },
    nearestClass: Math.min(...classPaths.map((path) => apartFrom(true_, path))),
    nearestOfTen: Math.min(...parts.slice(0, 10).map(({ path }) => apartFrom(true_, path()))),
    mode: mode === undefined ? NaN : apartFrom(true_, mode),
    mean: apartFrom(true_, mean),
    probability: fork.probability,
    isMarked: Array.from({ length: Math.min(length, MARKED_WITHIN) }, (_, h) => isFork(fork, h)).some(
      (is) => is,
    ),
    isMistaken: isMistaken(
      fork.probability,
      digit.label,
      classPaths.map((path) => apartFrom(true_, path)),
    ),
  };
}
