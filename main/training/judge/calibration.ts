import { sure } from "../../../preload/contract/sure.ts";
import { minimise } from "../../models/convex/minimise.ts";
import { softmaxRows } from "../../models/linear-algebra.ts";

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
    for (let i = 0; i < mean.length; i += 1) mean[i] = sure(mean[i]) + sure(p[i]) / members.length;
  }
  return mean;
}

/** Mean over people of the mean Brier score of their windows: nobody decides the temperature by being long. */
function subjectBrier(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  subjects: readonly string[],
  classes: number,
): number {
  const sums = new Map<string, { score: number; count: number }>();
  for (let i = 0; i < labels.length; i += 1) {
    const subject = subjects[i] as string;
    const sum = sums.get(subject) ?? { score: 0, count: 0 };
    for (let c = 0; c < classes; c += 1) {
      sum.score += (sure(probabilities[i * classes + c]) - (labels[i] === c ? 1 : 0)) ** 2;
    }
    sum.count += 1;
    sums.set(subject, sum);
  }
  let total = 0;
  for (const { score, count } of sums.values()) total += score / count;
  return sums.size === 0 ? 0 : total / sums.size;
}

export interface CalibrationSet {
  readonly members: MemberLogits;
  readonly labels: ArrayLike<number>;
  readonly subjects: readonly string[];
  readonly classes: number;
}

/**
 * The temperature, between 0.2 and 5, with the lowest Brier score on people the parameters never saw; 1 where there are
 * none. The Brier score is proper as the NLL is, but bounded: under the NLL one person whom the model gets wrong
 * altogether (a bracelet worn mirrored) decides for all. Bracelet, five folds: ECE on test people 0.058 against 0.079 by
 * NLL (split 0), at the same test NLL.
 */
export function fitTemperature(set: CalibrationSet): number {
  if (set.labels.length === 0) return 1;
  const score = (logTemperature: number): number =>
    subjectBrier(
      ensembleProbabilities(set.members, set.classes, Math.exp(logTemperature)),
      set.labels,
      set.subjects,
      set.classes,
    );
  return Math.exp(minimise(score, Math.log(0.2), Math.log(5), 1e-3));
}
