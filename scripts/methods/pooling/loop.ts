import { seededRandom, type Random } from "../../../main/models/random.ts";
import { atLeast, atMost, figure, type MethodCheck } from "../check.ts";
import { LENGTH, OUTPUTS, halfMaxHalfMean } from "./meta.ts";

/*
 * Learning a pooling layer across tasks, in float64 and by hand. A task is 20 signals whose pooled values (half maxima,
 * half means) are all raised by a number of the task's own; the ordinary weight is that number, c, 0 at the start of each
 * task. Inner loop: one step of gradient descent on c from one signal, at a rate that is learned too. Outer loop: Adam on
 * the pooling's masks and exponents and on that rate, by the loss of the other 19 signals, through the inner step.
 */
const [SUPPORT, QUERY, TASKS, STEPS, RATE] = [1, 19, 8, 5000, 0.05];
const SLOPE = 5;
const SMALL = 1e-60;

interface Meta {
  readonly masks: Float64Array; // m [outputs x 2]
  readonly exponents: Float64Array; // ρ [outputs]
  readonly rate: Float64Array; // of the inner step [1]
}
const listOf = ({ masks, exponents, rate }: Meta): readonly Float64Array[] => [masks, exponents, rate];
const zerosLike = (meta: Meta): Meta => ({
  masks: new Float64Array(meta.masks.length),
  exponents: new Float64Array(meta.exponents.length),
  rate: new Float64Array(1),
});

interface Task {
  readonly x: Float64Array; // [20 x 60]
  readonly y: Float64Array; // [20 x 30]
}

function taskOf(random: Random): Task {
  const raised = random.next() - 0.5;
  const x = Float64Array.from({ length: (SUPPORT + QUERY) * LENGTH }, () => random.next());
  const y = Array.from({ length: SUPPORT + QUERY }, (_, n) => halfMaxHalfMean(x, n * LENGTH));
  return { x, y: Float64Array.from(y.flat(), (v) => v + raised) };
}

const openness = (m: number): number => 1 / (1 + Math.exp(-SLOPE * m));

/** One pooled value, and what it takes to go back. */
function pooledAt({ masks, exponents }: Meta, x: Float64Array, n: number, q: number) {
  const p = Math.exp(exponents[q] ?? 0);
  const logs = [0, 1].map((i) => Math.log((x[n * LENGTH + 2 * q + i] ?? 0) + SMALL));
  const terms = logs.map((log, i) => Math.log(openness(masks[2 * q + i] ?? 0) + SMALL) + p * log);
  const top = Math.max(...terms);
  const total = terms.reduce((s, t) => s + Math.exp(t - top), 0);
  const u = top + Math.log(total) - Math.log(2);
  const shares = terms.map((t) => Math.exp(t - top) / total);
  return { value: Math.exp(u / p), p, u, logs, shares };
}

/** Adds the slope of pooled value (n, q), times `slope`, to those of its mask and exponent. */
function addSlope(to: Meta, meta: Meta, x: Float64Array, n: number, q: number, slope: number): void {
  const { value, p, u, logs, shares } = pooledAt(meta, x, n, q);
  const along = shares.reduce((s, share, i) => s + share * (logs[i] ?? 0), 0);
  to.exponents[q] = (to.exponents[q] ?? 0) + slope * value * (along - u / p);
  shares.forEach((share, i) => {
    const at = 2 * q + i;
    const own = (share / p) * SLOPE * (1 - openness(meta.masks[at] ?? 0));
    to.masks[at] = (to.masks[at] ?? 0) + slope * value * own;
  });
}

/** The query loss after the inner step; its slopes by everything the outer loop learns are added to `slopes`. */
function queryLoss(meta: Meta, { x, y }: Task, slopes?: Meta): number {
  const rate = meta.rate[0] ?? 0;
  const apart = (n: number, q: number): number => pooledAt(meta, x, n, q).value - (y[n * OUTPUTS + q] ?? 0);
  const places = Array.from({ length: OUTPUTS }, (_, q) => q);
  const inner = (2 / OUTPUTS) * places.reduce((s, q) => s + apart(0, q), 0); // slope of the support loss by c, at 0
  const c = -rate * inner;
  const share = 1 / (QUERY * OUTPUTS);
  let [loss, byC] = [0, 0];
  for (let n = SUPPORT; n < SUPPORT + QUERY; n += 1) {
    for (const q of places) {
      const error = apart(n, q) + c;
      loss += share * error ** 2;
      byC += 2 * share * error;
      if (slopes) addSlope(slopes, meta, x, n, q, 2 * share * error);
    }
  }
  if (slopes) {
    slopes.rate[0] = (slopes.rate[0] ?? 0) - byC * inner;
    // Second order: the support signal's pooled values move c, by the derivative of the inner slope.
    for (const q of places) addSlope(slopes, meta, x, 0, q, (-byC * rate * 2) / OUTPUTS);
  }
  return loss;
}

function adam(
  lists: readonly Float64Array[],
  rate: number,
): (slopes: readonly Float64Array[], step: number) => void {
  const [first, second] = [lists, lists].map((all) => all.map((one) => new Float64Array(one.length)));
  return (slopes, step) => {
    lists.forEach((values, l) => {
      const [m, v] = [first?.[l] ?? values, second?.[l] ?? values];
      values.forEach((value, i) => {
        const slope = slopes[l]?.[i] ?? 0;
        m[i] = 0.9 * (m[i] ?? 0) + 0.1 * slope;
        v[i] = 0.999 * (v[i] ?? 0) + 0.001 * slope ** 2;
        const size = Math.sqrt((v[i] ?? 0) / (1 - 0.999 ** step)) + 1e-8;
        values[i] = value - (rate * (m[i] ?? 0)) / (1 - 0.9 ** step) / size;
      });
    });
  };
}

/** The outer slopes against central differences, farthest apart, of the largest. */
function farthestApart(meta: Meta, random: Random): number {
  const task = taskOf(random);
  const slopes = zerosLike(meta);
  queryLoss(meta, task, slopes);
  const [exact, values] = [listOf(slopes), listOf(meta)];
  const largest = Math.max(...exact.flatMap((one) => Array.from(one, Math.abs)));
  let farthest = 0;
  values.forEach((list, l) =>
    list.forEach((value, i) => {
      const at = (by: number): number => {
        list[i] = value + by;
        const loss = queryLoss(meta, task);
        list[i] = value;
        return loss;
      };
      const numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
      farthest = Math.max(farthest, Math.abs(numeric - (exact[l]?.[i] ?? 0)) / largest);
    }),
  );
  return farthest;
}

export const metaPoolingLoopCheck: MethodCheck = {
  id: "meta-pooling-loop",
  about:
    "Pooling learned across tasks through an inner step (second order, float64): half maxima, half means, 1 support and 19 query signals",
  run: ({ say }) => {
    const random = seededRandom(1, 2);
    const meta: Meta = {
      masks: Float64Array.from({ length: 2 * OUTPUTS }, () => random.next()),
      exponents: new Float64Array(OUTPUTS).fill(2),
      rate: Float64Array.of(0.1),
    };
    const apart = farthestApart(meta, seededRandom(1, 3));
    const lists = listOf(meta);
    const move = adam(lists, RATE);
    for (let step = 1; step <= STEPS; step += 1) {
      const slopes = zerosLike(meta);
      let loss = 0;
      for (let t = 0; t < TASKS; t += 1) loss += queryLoss(meta, taskOf(random), slopes) / TASKS;
      move(listOf(slopes), step);
      if (step % 1000 === 0)
        say(`step ${step}: ${loss.toExponential(2)}, inner rate ${figure(meta.rate[0] ?? 0)}`);
    }
    const judged = seededRandom(1, 4);
    const error =
      Array.from({ length: 100 }, () => queryLoss(meta, taskOf(judged))).reduce((a, b) => a + b, 0) / 100;
    const powers = Array.from(meta.exponents, Math.exp);
    const [maxima, means] = [powers.slice(0, OUTPUTS / 2), powers.slice(OUTPUTS / 2)];
    const derived = { evidence: "derived", source: "pooling.md C3; figures of check 4" } as const;
    return [
      atMost("slopes of the outer loss against finite differences, of the largest", apart, 1e-5, derived, 8),
      atMost("mean squared error on new tasks after one inner step", error, 1e-5, derived, 8),
      atLeast("least exponent of the half that takes maxima", Math.min(...maxima), 50, derived, 1),
      atMost(
        "exponents of the half that takes means, farthest from 1",
        Math.max(...means.map((p) => Math.abs(p - 1))),
        0.05,
        derived,
      ),
      atMost(
        "inner rate, distance from 1/2, which finds c in one step",
        Math.abs((meta.rate[0] ?? 0) - 0.5),
        0.05,
        derived,
      ),
    ];
  },
};
