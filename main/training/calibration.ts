import { softmaxRows } from "../models/linear-algebra.ts";

/** Logits of every member for the same windows, row-major [n x k] each. */
export type MemberLogits = readonly ArrayLike<number>[];

/** Mean over members of softmax(logits / temperature). [n x k] */
export function ensembleProbabilities(
  members: MemberLogits,
  classes: number,
  temperature: number,
): Float64Array {
  const first = members[0];
  const mean = new Float64Array(first?.length ?? 0);
  for (const logits of members) {
    const p = softmaxRows(logits, classes, temperature);
    for (let i = 0; i < mean.length; i += 1)
      mean[i] = (mean[i] as number) + (p[i] as number) / members.length;
  }
  return mean;
}

/** Where a one-dimensional function with one valley is lowest on [low, high] (golden section). */
export function minimise(f: (x: number) => number, low: number, high: number, tolerance = 1e-4): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let a = low;
  let b = high;
  let left = b - ratio * (b - a);
  let right = a + ratio * (b - a);
  let atLeft = f(left);
  let atRight = f(right);
  while (b - a > tolerance) {
    if (atLeft <= atRight) {
      b = right;
      right = left;
      atRight = atLeft;
      left = b - ratio * (b - a);
      atLeft = f(left);
    } else {
      a = left;
      left = right;
      atLeft = atRight;
      right = a + ratio * (b - a);
      atRight = f(right);
    }
  }
  return (a + b) / 2;
}

/** Mean over people of the mean NLL of their windows: nobody decides the temperature by being long. */
function subjectNll(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  subjects: readonly string[],
  classes: number,
): number {
  const sums = new Map<string, { nll: number; count: number }>();
  for (let i = 0; i < labels.length; i += 1) {
    const p = Math.max(1e-12, probabilities[i * classes + (labels[i] as number)] as number);
    const subject = subjects[i] as string;
    const sum = sums.get(subject) ?? { nll: 0, count: 0 };
    sum.nll -= Math.log(p);
    sum.count += 1;
    sums.set(subject, sum);
  }
  let total = 0;
  for (const { nll, count } of sums.values()) total += nll / count;
  return sums.size === 0 ? 0 : total / sums.size;
}

export interface CalibrationSet {
  readonly members: MemberLogits;
  readonly labels: ArrayLike<number>;
  readonly subjects: readonly string[];
  readonly classes: number;
}

/** The temperature, between 0.2 and 5, with the lowest NLL on people the parameters never saw. 1 where there are none. */
export function fitTemperature(set: CalibrationSet): number {
  if (set.labels.length === 0) return 1;
  const nll = (logTemperature: number): number =>
    subjectNll(
      ensembleProbabilities(set.members, set.classes, Math.exp(logTemperature)),
      set.labels,
      set.subjects,
      set.classes,
    );
  return Math.exp(minimise(nll, Math.log(0.2), Math.log(5), 1e-3));
}
