import { rateSpec, trainingStep } from "../../../main/compute/optimiser.ts";
import { inOrder, named, type NamedArrays, specsOf, valuesOf } from "../../../main/compute/parameters.ts";
import { onnxRuntime } from "../../../main/compute/onnx/runtime.ts";
import type { Runtime, TypedArray } from "../../../main/compute/runtime.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { type Network, networkOf } from "../../../main/models/sequences/forks/evaluate.ts";
import {
  classLogDensity,
  classMoments,
  type ClassFuture,
  type Fork,
  logDensityOf,
  sampledPath,
} from "../../../main/models/sequences/forks/mixture.ts";
import { batchSpecs, forkLoss } from "../../../main/models/sequences/forks/network.ts";
import {
  type ForkShape,
  initialParameters,
  parameterShapes,
} from "../../../main/models/sequences/forks/shape.ts";
import { fallingRate, trainForks } from "../../../main/models/sequences/forks/train.ts";
import { calibrationError } from "../../../main/training/judge/calibration-error.ts";
import { atLeast, atMost, type MethodCheck, type Outcome } from "../check.ts";
import {
  AHEAD,
  FORK_AT,
  LENGTH,
  MOMENTS,
  singleShape,
  type ToySeries,
  toyFeeds,
  toySeries,
  toyShape,
} from "./toy.ts";

const [STEPS, ROWS, RATE] = [2000, 64, 1e-2];
const spec = { evidence: "computed", source: "bifurcation-prediction.md §3, §4" } as const;
const goal = { evidence: "derived", source: "bifurcation-prediction.md §4" } as const;

const sizeOf = (rows: number) => ({ time: LENGTH, rows, origins: MOMENTS * rows, unlabelled: 0 });

export async function toyNetwork(runtime: Runtime, shape: ForkShape, hidden = 0): Promise<Network> {
  const parameters = await trainForks(
    {
      ...{ shape, size: sizeOf(ROWS), start: initialParameters(shape, 1) },
      ...{ epochs: 1, stepsPerEpoch: STEPS, rate: fallingRate({ rate: RATE, steps: STEPS, warmup: 20 }) },
      batch: (step) => toyFeeds(shape, toySeries(ROWS, 1000 + step), { hidden, seed: step }),
    },
    { runtime },
  );
  return networkOf(shape, parameters);
}

/** The forks of a series at every moment from which can be looked ahead. */
function forksAlong(network: Network, { rows, x }: ToySeries, row: number): Fork[] {
  let memory = network.start;
  return Array.from({ length: MOMENTS }, (_, t) => {
    const input = [x[t * rows + row] ?? 0];
    memory = network.step(memory, input);
    return network.fork(memory, input);
  });
}

interface Along {
  readonly forks: readonly Fork[];
  readonly c: number;
  readonly target: (t: number) => number;
}
const test = toySeries(2000, 5);
const along = (network: Network): Along[] =>
  Array.from({ length: test.rows }, (_, row) => ({
    forks: forksAlong(network, test, row),
    c: test.classes[row] ?? 0,
    target: (t) => test.y[(t + AHEAD) * test.rows + row] ?? 0,
  }));

const meanOver = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0) / all.length;
const nllAt = (all: readonly Along[], t: number): number =>
  meanOver(all, ({ forks, target }) => -logDensityOf(forks[t] ?? none, 0, [target(t)]));
const none: Fork = { components: 0, horizons: 1, probability: new Float64Array(0), futures: [] };

/** Largest relative error of the recorded gradient against central differences of the loss in float64. */
async function gradientErrorOf(runtime: Runtime): Promise<number> {
  const shape = { ...toyShape, hidden: 4, head: 5 };
  const rows = 3;
  const series = toySeries(rows, 3);
  const feeds = toyFeeds(shape, series, { hidden: 0.5 });
  const start = initialParameters(shape, 2);
  const shapes = parameterShapes(shape);
  const training = trainingStep(forkLoss(shape, sizeOf(rows)), specsOf(shapes), {
    kind: "sgd",
    beta1: 0,
  });
  const compiled = await runtime.compile(training.step, training.state, [
    rateSpec,
    ...batchSpecs(shape, sizeOf(rows)),
  ]);
  await compiled.write(training.initialState(inOrder(shapes, start)));
  await compiled.run([Float32Array.of(1), ...feeds]);
  const after = named(shapes, training.parameters(await compiled.read()));
  await compiled.dispose();
  const random = seededRandom(4);
  let largest = 0;
  for (const [name, { shape: own, values }] of Object.entries(start)) {
    const direction = Float64Array.from(values, () => random.normal());
    const ended = valuesOf(after, name);
    const exact = direction.reduce((sum, d, i) => sum + d * ((values[i] ?? 0) - (ended[i] ?? 0)), 0);
    const moved = (by: number): number => {
      const there = values.map((v, j) => v + by * (direction[j] ?? 0));
      return lossInFull(shape, { ...start, [name]: { shape: own, values: there } }, series, feeds);
    };
    const step = 1e-3;
    const numeric = (moved(step) - moved(-step)) / (2 * step);
    largest = Math.max(largest, Math.abs(numeric - exact) / Math.max(0.01, Math.abs(numeric)));
  }
  return largest;
}

/** The loss by evaluate.ts and mixture.ts, which share no line with the recorded one. */
function lossInFull(
  shape: ForkShape,
  parameters: NamedArrays,
  series: ToySeries,
  feeds: readonly TypedArray[],
): number {
  const network = networkOf(shape, parameters);
  const { rows, x, y, classes } = series;
  const weight = feeds.at(-1);
  let loss = 0;
  for (let row = 0; row < rows; row += 1) {
    let memory = network.start;
    for (let t = 0; t < LENGTH; t += 1) {
      memory = network.step(memory, [x[t * rows + row] ?? 0]);
      const fork = network.fork(memory, []);
      const c = classes[row] ?? 0;
      loss -= Math.log(fork.probability[c] ?? 0) / (LENGTH * rows);
      const future = fork.futures[c];
      if (t < MOMENTS && future !== undefined)
        loss -=
          (weight?.[t * rows + row] ?? 0) *
          classLogDensity(fork, future, 0, [y[(t + AHEAD) * rows + row] ?? 0]);
    }
  }
  return loss;
}

/** |∫ density − 1| by the trapezium rule. */
function integralError(fork: Fork): number {
  const [from, to, step] = [-6, 6, 1e-3];
  let sum = 0;
  for (let v = from; v <= to; v += step) sum += step * Math.exp(logDensityOf(fork, 0, [v]));
  return Math.abs(sum - 1);
}

export const forkCheck: MethodCheck = {
  id: "fork",
  about: "A series that forks at its tenth step, seen ten steps ahead; optimum known",
  run: async () => {
    const runtime = await onnxRuntime({ threads: 1 });
    try {
      const all = along(await toyNetwork(runtime, toyShape));
      const single = along(await toyNetwork(runtime, singleShape));
      const hidden = along(await toyNetwork(runtime, toyShape, 0.5));
      return [
        ...accuracyOf(all, single),
        ...shapeOf(all),
        atMost(
          "rise of the likelihood by half of the targets hidden, nat",
          meanNll(hidden) - meanNll(all),
          0.05,
          goal,
        ),
        atMost("gradient against differences, relative", await gradientErrorOf(runtime), 1e-3, goal, 6),
      ];
    } finally {
      await runtime.dispose();
    }
  },
};

const meanNll = (all: readonly Along[]): number =>
  meanOver(
    Array.from({ length: MOMENTS }, (_, t) => t),
    (t) => nllAt(all, t),
  );

function accuracyOf(all: readonly Along[], single: readonly Along[]): Outcome[] {
  const at = FORK_AT - 1;
  const right = all.map(({ forks, c }) => {
    const p = forks[12]?.probability;
    return Number((p?.[c] ?? 0) > 0.5);
  });
  const early = Array.from({ length: FORK_AT - 1 }, (_, t) => t);
  const confidence = all.flatMap(({ forks, c }) =>
    forks.map(({ probability }) => ({
      p: Math.max(...probability),
      right: Number((probability[c] ?? 0) === Math.max(...probability)),
    })),
  );
  return [
    atMost("NLL of the mixture before the fork, nat (optimum −0.8836)", nllAt(all, at), -0.83, spec),
    atLeast(
      "NLL of one normal before the fork, nat (optimum 1.4202; ours 1.471)",
      nllAt(single, at),
      1.42,
      spec,
    ),
    atLeast("gain over one normal, nat", nllAt(single, at) - nllAt(all, at), 2, goal),
    atMost(
      "|p − 0.5| up to the ninth step",
      meanOver(early, (t) => meanOver(all, ({ forks }) => Math.abs((forks[t]?.probability[0] ?? 0) - 0.5))),
      0.15,
      goal,
    ),
    atLeast(
      "class right at the thirteenth step",
      meanOver(right, (one) => one),
      0.99,
      goal,
    ),
    atMost(
      "ECE of the class, all steps",
      calibrationError(
        confidence.map(({ p }) => p),
        confidence.map((one) => one.right),
      ),
      0.05,
      goal,
    ),
  ];
}

function shapeOf(all: readonly Along[]): Outcome[] {
  const at = FORK_AT - 1;
  const means = (c: number): number =>
    meanOver(all, ({ forks }) => {
      const fork = forks[at] ?? none;
      const future = fork.futures[c];
      return future === undefined ? NaN : (classMoments(fork, future, 0)[0]?.mean ?? NaN);
    });
  const mixed = meanOver(all, ({ forks }) => {
    const { probability, futures } = forks[at] ?? none;
    const centre = (future: ClassFuture): number =>
      classMoments(forks[at] ?? none, future, 0)[0]?.mean ?? NaN;
    return futures.reduce((sum, future, c) => sum + (probability[c] ?? 0) * centre(future), 0);
  });
  const few = all.slice(0, 20).flatMap(({ forks }) => [0, 9, 12, 19].map((t) => forks[t] ?? none));
  return [
    atMost("mean of the class that goes up, from 1", Math.abs(means(1) - 1), 0.1, goal),
    atMost("mean of the class that goes down, from −1", Math.abs(means(0) + 1), 0.1, goal),
    atMost("mean of the mixture, all series, from 0", Math.abs(mixed), 0.15, goal),
    atMost("integral of the density, from 1", Math.max(...few.map(integralError)), 1e-3, goal, 6),
  ];
}

export const forkSamplingCheck: MethodCheck = {
  id: "fork-sampling",
  about: "Paths drawn before the fork end on one of its branches, class and component held",
  run: async () => {
    const runtime = await onnxRuntime({ threads: 1 });
    try {
      const network = await toyNetwork(runtime, toyShape);
      const random = seededRandom(9);
      const ends = along(network)
        .slice(0, 200)
        .map(({ forks }) => Math.abs(sampledPath(forks[FORK_AT - 1] ?? none, random).path[0]?.[0] ?? NaN));
      return [
        atLeast(
          "paths that end on a branch, 1 ± 0.2",
          meanOver(ends, (end) => Number(Math.abs(end - 1) <= 0.2)),
          0.95,
          goal,
        ),
        atMost(
          "paths that end near 0, within 0.4",
          meanOver(ends, (end) => Number(end < 0.4)),
          0,
          goal,
        ),
      ];
    } finally {
      await runtime.dispose();
    }
  },
};
