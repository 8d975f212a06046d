import { logSumExp, softmaxRows } from "../../../main/models/linear-algebra.ts";
import { HORIZONS } from "./pen-network.ts";
import { apartFrom, pathFrom, type PenScore } from "./pen-scores.ts";
import { type Digit, FRACTIONS, originAt } from "./pens.ts";

const CLASSES = 10;

interface Neighbours {
  readonly digit: Digit;
  readonly fraction: number;
  readonly distance: Float64Array; // mean square, a class
  readonly paths: readonly (readonly [Float64Array, Float64Array])[];
}

/** The nearest training digit of each class by the points seen so far; a neighbour that has ended stays where it is. */
function neighboursOf(train: readonly Digit[], digit: Digit, fraction: number): Neighbours {
  const t = originAt(digit, fraction);
  const distance = new Float64Array(CLASSES).fill(Infinity);
  const nearest: (Digit | undefined)[] = new Array<undefined>(CLASSES).fill(undefined);
  for (const other of train) {
    if (other.x.length < t + 2) continue;
    const limit = (distance[other.label] ?? Infinity) * (t + 1);
    let sum = 0;
    for (let i = 0; i <= t && sum < limit; i += 1)
      sum += ((other.x[i] ?? 0) - (digit.x[i] ?? 0)) ** 2 + ((other.y[i] ?? 0) - (digit.y[i] ?? 0)) ** 2;
    if (sum >= limit) continue;
    distance[other.label] = sum / (t + 1);
    nearest[other.label] = other;
  }
  const paths = nearest.map((other): readonly [Float64Array, Float64Array] => {
    const held = (row: ArrayLike<number>) =>
      Float64Array.from({ length: HORIZONS }, (_, h) => row[Math.min(h, row.length - 1)] ?? 0);
    const [x, y] = other === undefined ? [[0], [0]] : pathFrom(other, t);
    return [held(x), held(y)];
  });
  return { digit, fraction, distance, paths };
}

/** One training digit a class and its path, with a width a horizon and a sharpness of the class chosen on validation. */
export function neighbourScores(
  train: readonly Digit[],
  validation: readonly Digit[],
  test: readonly Digit[],
): PenScore[] {
  const found = (digits: readonly Digit[]): Neighbours[] =>
    digits.flatMap((digit) => FRACTIONS.map((fraction) => neighboursOf(train, digit, fraction)));
  const known = found(validation);
  const widths = widthsOf(known);
  const sharpness = [1, 3, 10, 30, 100, 300]
    .map((own) => ({
      own,
      loss: known.reduce((sum, one) => sum - Math.log((classesOf(one, own)[one.digit.label] ?? 0) + 1e-9), 0),
    }))
    .sort((a, b) => a.loss - b.loss)[0]?.own;
  return found(test).map((one) => scoreOf(one, widths, sharpness ?? 1));
}

const classesOf = ({ distance }: Neighbours, sharpness: number): Float64Array =>
  softmaxRows(
    distance.map((own) => (own === Infinity ? -1e3 : -sharpness * own)),
    distance.length,
  );

function widthsOf(known: readonly Neighbours[]): Float64Array {
  const [sum, count] = [new Float64Array(HORIZONS), new Float64Array(HORIZONS)];
  for (const { digit, fraction, paths } of known) {
    const [x, y] = pathFrom(digit, originAt(digit, fraction));
    const [px, py] = paths[digit.label] ?? [x, y];
    for (let h = 0; h < x.length; h += 1) {
      sum[h] = (sum[h] ?? 0) + ((px[h] ?? 0) - (x[h] ?? 0)) ** 2 + ((py[h] ?? 0) - (y[h] ?? 0)) ** 2;
      count[h] = (count[h] ?? 0) + 2;
    }
  }
  return sum.map((own, h) => Math.sqrt(own / Math.max(1, count[h] ?? 0)));
}

function scoreOf(one: Neighbours, widths: Float64Array, sharpness: number): PenScore {
  const { digit, fraction, paths } = one;
  const path = pathFrom(digit, originAt(digit, fraction));
  const [x, y] = path;
  const probability = classesOf(one, sharpness);
  let nll = 0;
  for (let h = 0; h < x.length; h += 1) {
    const width = widths[h] ?? 1;
    const each = paths.map(([px, py], c) => {
      const square = ((px[h] ?? 0) - (x[h] ?? 0)) ** 2 + ((py[h] ?? 0) - (y[h] ?? 0)) ** 2;
      return (
        Math.log(probability[c] ?? 0) - Math.log(2 * Math.PI * width * width) - square / (2 * width * width)
      );
    });
    nll -= logSumExp(each, 0, each.length);
  }
  const each = paths.map((own) => apartFrom(path, own));
  const heaviest = probability.indexOf(Math.max(...probability));
  return {
    ...{ file: digit.file, label: digit.label, fraction, nll: nll / x.length, probability },
    ...{
      nearestClass: Math.min(...each),
      nearestOfTen: Math.min(...each),
      mode: each[heaviest] ?? NaN,
      mean: NaN,
      isMarked: false,
      isMistaken: false,
    },
  };
}
