import type { TypedArray } from "../../../main/compute/runtime.ts";
import { seededRandom, shuffle } from "../../../main/models/random.ts";
import type { ForkShape } from "../../../main/models/sequences/forks/shape.ts";
import { type Digit, MOST, STEP } from "./pens.ts";

export const HORIZONS = 32;
/** Place twice, velocity twice, pen-up, mask, ln(1 + gap). The last two say something only where points are hidden. */
export const INPUTS = 7;
const FORGETS = 0.15; // a point, of the last velocity seen

/** Root mean square, over moments of training digits, of where a coordinate will be from where it is. */
export function scalesOf(digits: readonly Digit[]): Float64Array {
  return Float64Array.from({ length: HORIZONS }, (_, at) => {
    const h = at + 1;
    let [sum, count] = [0, 0];
    for (const { x, y } of digits)
      for (let t = 0; t + h < x.length; t += 1) {
        sum += ((x[t + h] ?? 0) - (x[t] ?? 0)) ** 2 + ((y[t + h] ?? 0) - (y[t] ?? 0)) ** 2;
        count += 2;
      }
    return Math.sqrt(sum / Math.max(1, count));
  });
}

interface Size {
  readonly classes: number;
  readonly components: number;
}
export const penShape = ({ classes, components }: Size): ForkShape => ({
  ...{ inputs: INPUTS, hidden: 64, classes, components, horizons: HORIZONS, dims: 2, head: 192 },
  ...{ seesInputs: false, squash: "relu", weights: "path", firstSpread: [0, 0] },
  leastSpread: new Array<number>(HORIZONS).fill(-4.6),
});

/** Which points of a digit are not seen; the first one always is. */
export function hiddenPoints({ x }: Digit, share: number, random: { next(): number }): Uint8Array {
  return Uint8Array.from(x, (_, t) => (t > 0 && random.next() < share ? 1 : 0));
}

/** Inputs of one row of a batch: x [MOST, rows, INPUTS]. What is hidden changes nothing. */
export function writeInputs(
  out: Float32Array,
  {
    digit,
    hidden,
    row,
    rows,
  }: {
    readonly digit: Digit;
    readonly hidden?: Uint8Array | undefined;
    readonly row: number;
    readonly rows: number;
  },
): void {
  let [px, py, vx, vy, up, gap] = [0, 0, 0, 0, 0, 0];
  digit.x.forEach((x, t) => {
    const y = digit.y[t] ?? 0;
    const isSeen = hidden?.[t] !== 1;
    if (isSeen) {
      const span = (gap + 1) * STEP;
      [vx, vy] = t === 0 ? [0, 0] : [(x - px) / span, (y - py) / span];
      [px, py, up, gap] = [x, y, digit.penUp[t] ?? 0, 0];
    } else gap += 1;
    const kept = Math.exp(-FORGETS * gap);
    const at = (t * rows + row) * INPUTS;
    out.set([2 * px, 2 * py, kept * vx, kept * vy, up, isSeen ? 1 : 0, Math.log1p(gap)], at);
  });
}

export interface Batch {
  readonly labelled: readonly Digit[];
  readonly unlabelled: readonly Digit[];
  readonly origins: number; // a digit
  readonly hidden: number; // share of the points
  readonly marginal: number; // weight of what is not labelled
}

/** Feeds of the loss, origins drawn by `seed`. */
export function penFeeds(shape: ForkShape, scales: Float64Array, batch: Batch, seed: number): TypedArray[] {
  const random = seededRandom(seed, 31);
  const { labelled, unlabelled, origins, marginal } = batch;
  const all = [...labelled, ...unlabelled];
  const rows = all.length;
  const x = new Float32Array(MOST * rows * INPUTS);
  const classTarget = new Float32Array(MOST * rows * shape.classes);
  all.forEach((digit, row) => {
    const hidden = batch.hidden > 0 ? hiddenPoints(digit, batch.hidden, random) : undefined;
    writeInputs(x, { digit, hidden, row, rows });
    if (row >= labelled.length || shape.classes === 1) return;
    const weight = 1 / digit.x.length / labelled.length;
    for (let t = 0; t < digit.x.length; t += 1)
      classTarget[(t * rows + row) * shape.classes + digit.label] = weight;
  });
  const known = originsOf(labelled, { first: 0, rows, origins, scales, random });
  const own = new Float32Array(known.place.length * shape.classes);
  known.label.forEach((label, i) => (own[i * shape.classes + label] = 1));
  const hasClasses = shape.classes > 1;
  const feeds: TypedArray[] = [
    x,
    ...(hasClasses ? [classTarget] : []),
    known.place,
    ...(hasClasses ? [own] : []),
  ];
  feeds.push(
    known.x,
    known.y,
    known.share.map((one) => one / known.place.length),
  );
  if (unlabelled.length === 0) return feeds;
  const rest = originsOf(unlabelled, { first: labelled.length, rows, origins, scales, random });
  const weight = new Float32Array(rest.place.length).fill(marginal / rest.place.length);
  return [...feeds, rest.place, rest.x, rest.y, rest.share, weight];
}

interface OriginOptions {
  readonly first: number; // row
  readonly rows: number;
  readonly origins: number;
  readonly scales: Float64Array;
  readonly random: { below(limit: number): number };
}

function originsOf(digits: readonly Digit[], { first, rows, origins, scales, random }: OriginOptions) {
  const n = digits.length * origins;
  const [x, y, share] = [0, 1, 2].map(() => new Float32Array(n * HORIZONS));
  const [place, label] = [new Int32Array(n), new Uint8Array(n)];
  for (let i = 0; i < n; i += 1) {
    const digit = digits[Math.floor(i / origins)];
    if (digit === undefined || x === undefined || y === undefined || share === undefined) continue;
    const t = random.below(digit.x.length - 1);
    place[i] = t * rows + first + Math.floor(i / origins);
    label[i] = digit.label;
    const seen = Math.min(HORIZONS, digit.x.length - 1 - t);
    for (let h = 0; h < seen; h += 1) {
      x[i * HORIZONS + h] = ((digit.x[t + h + 1] ?? 0) - (digit.x[t] ?? 0)) / (scales[h] ?? 1);
      y[i * HORIZONS + h] = ((digit.y[t + h + 1] ?? 0) - (digit.y[t] ?? 0)) / (scales[h] ?? 1);
      share[i * HORIZONS + h] = 1 / seen;
    }
  }
  const none = new Float32Array(0);
  return { place, label, x: x ?? none, y: y ?? none, share: share ?? none };
}

/** The `index`-th batch of `size` digits: all of them once in an order of its own, again and again. */
export function dealtDigits(digits: readonly Digit[], index: number, size: number, seed: number): Digit[] {
  const out: Digit[] = [];
  const perEpoch = digits.length;
  let at = index * size;
  while (out.length < size) {
    const epoch = Math.floor(at / perEpoch);
    const order = orderOf(perEpoch, seed, epoch);
    const digit = digits[order[at % perEpoch] ?? 0];
    if (digit !== undefined) out.push(digit);
    at += 1;
  }
  return out;
}

const orders = new Map<string, Int32Array>();
function orderOf(count: number, seed: number, epoch: number): Int32Array {
  const key = `${count}/${seed}/${epoch}`;
  const known = orders.get(key);
  if (known !== undefined) return known;
  const order = shuffle(
    Int32Array.from({ length: count }, (_, i) => i),
    seededRandom(seed, 40 + epoch),
  );
  orders.set(key, order);
  return order;
}
