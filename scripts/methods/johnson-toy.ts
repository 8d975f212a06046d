import { posteriors } from "../../main/models/distributions/gaussian-classes.ts";
import {
  bentEach,
  johnsonLogJoints,
  type JohnsonClasses,
} from "../../main/models/distributions/johnson-classes.ts";
import { softmaxRows } from "../../main/models/linear-algebra.ts";
import type { WindowRows } from "../../main/models/model.ts";
import { seededRandom, type Random } from "../../main/models/random.ts";
import { configured, windowModelOf } from "../../main/models/registry.ts";
import { untilSettled } from "../../main/training/fit/rounds.ts";

/** Rows that know their class. */
export interface Labelled extends WindowRows {
  readonly labels: Int32Array;
}

interface ToyClass {
  readonly gamma: readonly [number, number];
  readonly delta: readonly [number, number];
  readonly xi: readonly [number, number];
  readonly lambda: readonly [number, number];
  readonly correlation: number;
}

/** johnson-su.md §3: two inputs, two classes, skewed and heavy-tailed. */
const toyClasses: readonly [ToyClass, ToyClass] = [
  { gamma: [-1.2, -0.8], delta: [1, 1.2], xi: [0, 0], lambda: [0.5, 0.5], correlation: 0.5 },
  { gamma: [1, -1], delta: [1, 1], xi: [2, 0.5], lambda: [0.5, 0.6], correlation: -0.4 },
];

/** The distribution itself, in the form that a fit has: y = (z − γ) / δ. */
export function toyTruth(): JohnsonClasses {
  const each = (of: (one: ToyClass) => readonly number[]): Float64Array =>
    Float64Array.from(toyClasses.flatMap(of));
  return {
    bends: {
      ...{ width: 2, views: 2, isSu: new Uint8Array(4).fill(1) },
      ...{ xi: each(({ xi }) => xi), lambda: each(({ lambda }) => lambda) },
    },
    normals: {
      ...{ width: 2, classes: 2 },
      means: each(({ gamma, delta }) => [-gamma[0] / delta[0], -gamma[1] / delta[1]]),
      covariances: each(({ delta: [a, b], correlation }) => [
        1 / a ** 2,
        correlation / (a * b),
        correlation / (a * b),
        1 / b ** 2,
      ]),
      logPrior: Float64Array.of(Math.log(0.5), Math.log(0.5)),
    },
  };
}

function toyPoint(c: 0 | 1, random: Random): readonly [number, number] {
  const { gamma, delta, xi, lambda, correlation } = toyClasses[c];
  const first = random.normal();
  const second = correlation * first + Math.sqrt(1 - correlation ** 2) * random.normal();
  return [
    xi[0] + lambda[0] * Math.sinh((first - gamma[0]) / delta[0]),
    xi[1] + lambda[1] * Math.sinh((second - gamma[1]) / delta[1]),
  ];
}

export const toyRows = (each: number, seed: number): Labelled => drawnRows(each, seed, toyPoint);

/** So many points of each of two classes. */
export function drawnRows(
  each: number,
  seed: number,
  point: (c: 0 | 1, random: Random) => readonly [number, number],
): Labelled {
  const random = seededRandom(seed);
  const count = 2 * each;
  const labels = Int32Array.from({ length: count }, (_, n) => n % 2);
  return {
    ...{ count, width: 2, classes: 2, labels, observed: new Uint8Array(2 * count).fill(1) },
    x: Float32Array.from([...labels].flatMap((c) => [...point(c === 0 ? 0 : 1, random)])),
    y: Float32Array.from({ length: 2 * count }, (_, at) => (labels[at >> 1] === at % 2 ? 1 : 0)),
  };
}

/** The same rows without one input. */
export const hidden = (rows: Labelled, input: number): Labelled => ({
  ...rows,
  x: rows.x.map((v, at) => (at % 2 === input ? 0 : v)),
  observed: rows.observed.map((v, at) => (at % 2 === input ? 0 : v)),
});

/** Probabilities under the distribution that the points were drawn from. */
export const truth = (rows: WindowRows): Float64Array => {
  const { bends, normals } = toyTruth();
  return posteriors(johnsonLogJoints(normals, bentEach(bends, rows), rows), 2).probabilities;
};

/** A registered model that learns in rounds, trained on rows: what it says of others. */
export async function learnt(
  given: { readonly kind: string } & Readonly<Record<string, unknown>>,
  rows: WindowRows,
): Promise<(of: WindowRows) => Float64Array> {
  const { settings } = configured(given);
  const model = windowModelOf(given.kind);
  if (model.learning.kind !== "rounds" || !("score" in model))
    throw new Error(`${given.kind} learns by descent`);
  const start: unknown = model.learning.begin(settings, rows, 0);
  const begun = { learned: start, rounds: 0 };
  const learned: unknown = await untilSettled(model.learning, settings, rows, begun, {
    signal: new AbortController().signal,
    onRound: () => undefined,
    onCheckpoint: () => Promise.resolve(),
  });
  return (of) => softmaxRows(model.score(learned, of).logits, of.classes);
}

export interface Reached {
  readonly error: number; // %
  readonly nll: number;
}

export function reached(probabilities: Float64Array, { labels, classes: k }: Labelled): Reached {
  let [wrong, nll] = [0, 0];
  labels.forEach((label, n) => {
    const own = probabilities.subarray(n * k, (n + 1) * k);
    if (own.indexOf(Math.max(...own)) !== label) wrong += 1;
    nll -= Math.log(Math.max(own[label] ?? 0, 1e-300));
  });
  return { error: (100 * wrong) / labels.length, nll: nll / labels.length };
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
