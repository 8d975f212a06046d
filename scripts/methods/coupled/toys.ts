import type { WindowRows, WindowScores } from "../../../main/models/model.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { configured, windowModelOf } from "../../../main/models/registry.ts";
import { softmaxRows } from "../../../main/models/linear-algebra.ts";
import { untilSettled, type AfterRounds } from "../../../main/training/fit/rounds.ts";
import { calibrationError } from "../../../main/training/judge/calibration-error.ts";
import { negativeLogLikelihood, topOf } from "../../../main/training/judge/evaluation.ts";

/** Points of two classes in turn, and what to judge by. */
export interface Toy {
  readonly labelled: readonly (readonly number[])[];
  readonly unlabelled: readonly (readonly number[])[];
  readonly judged: readonly (readonly number[])[];
}

/** Labels of the first points are known: those of even number are of the first class. */
export function toyRows({ labelled, unlabelled }: Pick<Toy, "labelled" | "unlabelled">): WindowRows {
  const x = Float32Array.from([...labelled, ...unlabelled].flat());
  const y = new Float32Array(2 * (labelled.length + unlabelled.length));
  labelled.forEach((_, n) => (y[2 * n + (n % 2)] = 1));
  const width = labelled[0]?.length ?? 0;
  return { count: x.length / width, width, classes: 2, x, y, observed: new Uint8Array(x.length).fill(1) };
}

export interface ToyVerdict {
  readonly accuracy: number; // %
  readonly nll: number;
  readonly ece: number;
  readonly confidence: number; // mean
}

export function verdictOf(probabilities: Float64Array): ToyVerdict {
  const labels = Int32Array.from({ length: probabilities.length / 2 }, (_, n) => n % 2);
  const { confidence, isRight } = topOf(probabilities, labels, 2);
  return {
    accuracy: (100 * isRight.reduce((a, b) => a + b, 0)) / labels.length,
    nll: negativeLogLikelihood(probabilities, labels, 2),
    ece: calibrationError(confidence, isRight),
    confidence: mean([...confidence]),
  };
}

/** What a model that learns in rounds makes of rows; settings as a run would give them. */
export async function learnedInRounds(
  settings: { readonly kind: string } & Readonly<Record<string, unknown>>,
  rows: WindowRows,
  seed = 0,
): Promise<unknown> {
  const { learning } = windowModelOf(settings.kind);
  if (learning.kind !== "rounds") throw new Error(`${settings.kind} does not learn in rounds`);
  const own = configured(settings).settings;
  const begun: AfterRounds<unknown> = { learned: learning.begin(own, rows, seed), rounds: 0 };
  return untilSettled(learning, own, rows, begun, {
    signal: new AbortController().signal,
    onRound: () => undefined,
    onCheckpoint: () => Promise.resolve(),
  });
}

/** Probabilities of points by a model that learned in rounds; inputs of `hidden` are not seen. */
export function judgedBy(
  kind: string,
  learned: unknown,
  points: Toy["judged"],
  hidden: readonly number[] = [],
): Float64Array {
  const model = windowModelOf(kind);
  if (!("score" in model)) throw new Error(`${kind} does not learn in rounds`);
  const width = points[0]?.length ?? 0;
  const x = Float32Array.from(points.flat());
  const observed = Uint8Array.from(x, (_, at) => (hidden.includes(at % width) ? 0 : 1));
  const { logits }: WindowScores = model.score(learned, { count: points.length, x, observed });
  return softmaxRows(logits, 2);
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
export const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));

/**
 * Hayashi and Uchida's toy (MIRU 2020): N((−2, 0), I) against N((2, 0), I), five labels a class from opposite corners, 200
 * points without; the Bayes rule has 97.7 %.
 */
export function biasedToy(seed: number): Toy {
  const random = seededRandom(seed, 41);
  const draw = (n: number): number[] => [(n % 2 === 0 ? -2 : 2) + random.normal(), random.normal()];
  const corner = (n: number): number[] => {
    for (;;) {
      const point = draw(n);
      const [, second = 0] = point;
      if (n % 2 === 0 ? second > 1 : second < -1) return point;
    }
  };
  const points = (count: number, of = draw): number[][] => Array.from({ length: count }, (_, n) => of(n));
  return { labelled: points(10, corner), unlabelled: points(200), judged: points(4000) };
}

/** A density that is wrong: the second class is two clusters, at 1.1 and at 6; the first lies at −1.1. Deviations 0.6 and 1. */
export function clusteredToy(seed: number, labelsOfClass: number): Toy {
  const random = seededRandom(seed, 42);
  const centre = (n: number): number => (n % 2 === 0 ? -1.1 : random.next() < 0.5 ? 1.1 : 6);
  const points = (count: number): number[][] =>
    Array.from({ length: count }, (_, n) => [centre(n) + 0.6 * random.normal(), random.normal()]);
  return { labelled: points(2 * labelsOfClass), unlabelled: points(300), judged: points(4000) };
}
