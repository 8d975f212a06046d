import {
  activeOf,
  effectiveWeights,
  posteriorOf,
  type Components,
  type Design,
} from "../../../main/models/sdgm/components.ts";
import { begun, learn, type Learned } from "../../../main/models/sdgm/learn.ts";
import { kernelDictionary, monomialCount, monomialsOf } from "../../../main/models/sdgm/monomials.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { targetOf, type Points } from "../points.ts";

export interface SdgmTask {
  readonly form: "diagonal" | "quadratic" | "kernel";
  readonly classes: number;
  readonly each: number;
  readonly steps: number;
}

/** Centres of a kernel are all training points, as published. */
export function designOf(points: Points, train: Points, { form, classes }: SdgmTask): Design {
  const { x, labels, width } = points;
  const rows = labels.length;
  const own = form === "diagonal" ? "diagonal" : "quadratic";
  const monomials = monomialCount(own, width);
  const phi = new Float64Array(rows * monomials);
  for (let n = 0; n < rows; n += 1) monomialsOf(own, x, { at: n * width, width }, phi, n * monomials);
  const dictionary = form === "kernel" ? kernelDictionary(train.x, train.labels.length, width) : undefined;
  return {
    ...{ rows, classes, monomials, phi, target: targetOf(points, classes), dictionary },
    atoms: dictionary ? dictionary.length / monomials : monomials,
  };
}

export interface Start {
  readonly seed: number;
  readonly learned: Learned;
}

/** Start after start; each from clusters of its own. */
export async function starts(train: Points, task: SdgmTask, seeds: number): Promise<readonly Start[]> {
  const design = designOf(train, train, task);
  const found: Start[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const start = begun(design, train.x, { each: task.each, random: seededRandom(seed) });
    found.push({
      seed,
      learned: await learn(design, start, { steps: task.steps, pause: () => Promise.resolve() }),
    });
  }
  return found;
}

export const best = (all: readonly Start[], by: "penalised" | "evidence"): Start =>
  all.reduce((one, other) => (other.learned[by] > one.learned[by] ? other : one));

export interface Measured {
  readonly error: number; // percent
  readonly nll: number;
  readonly weights: number;
  readonly components: number;
}

export function measured(components: Components, train: Points, test: Points, task: SdgmTask): Measured {
  const design = designOf(test, train, task);
  const { logClass } = posteriorOf(design, components, effectiveWeights(components, design));
  let [wrong, nll] = [0, 0];
  test.labels.forEach((label, n) => {
    const row = logClass.subarray(n * task.classes, (n + 1) * task.classes);
    nll -= row[label] ?? 0;
    if (row.indexOf(Math.max(...row)) !== label) wrong += 1;
  });
  const count = test.labels.length;
  return {
    error: (100 * wrong) / count,
    nll: nll / count,
    weights: activeOf(components).length,
    components: components.classOf.length,
  };
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
export const sdOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1),
  );
};
