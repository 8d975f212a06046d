import { z } from "zod";
import { rateSpec, trainingStep } from "../../../main/compute/optimiser.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { figure, type CheckTools, type MethodCheck, type Outcome } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";
import {
  CHANNELS,
  HIDDEN,
  INNER_RATE,
  outerLoop,
  poolingOf,
  startingValues,
  type Pooling,
} from "./characters-network.ts";
import { NEW, QUERY, SIDE, SUPPORT, TASK, taskSource, type TaskSource, WAYS } from "./tasks.ts";

/*
 * The character part of Otsuzuki, Song, Uchida and Hayashi (ICDAR 2021), smaller, on digits instead of Omniglot: a
 * network of one convolution, a pooling of 2 x 2 and two dense layers learns five classes from five images each by one
 * step of gradient descent. An outer loop (Adam, second order) learns what those steps start from and their rates, a
 * layer each. First it learns the pooling too; then the pooling stays as it is, all else is learned from scratch, and
 * classes are judged that nothing was learned from. Beside it the same with poolings that are not learned.
 *
 * That the start is learned is our reading of a paper whose tables are not at hand ("the other layers are retrained").
 */
const POOLINGS: readonly Pooling[] = ["learned", "maximum", "mean"];
const TASKS = 4; // a step
const STEPS = 500;
const RATE = 5e-3;
const SEEDS = 3;
const JUDGED = 60; // calls of as many tasks as go into one

interface Run {
  readonly by: Pooling;
  readonly seed: number;
  readonly say: CheckTools["say"];
}

/** What the outer loop comes to; with a `pooling` that is held, all else. */
async function learned(
  runtime: Runtime,
  source: TaskSource,
  { by, seed, say }: Run,
  pooling?: readonly Float32Array[],
): Promise<Float32Array[]> {
  const loop = outerLoop(by, { tasks: TASKS, isHeld: pooling !== undefined });
  const training = trainingStep(loop.loss, loop.specs, { kind: "adam" });
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...loop.feeds]);
  await compiled.write(training.initialState(startingValues(by, seed).slice(0, loop.specs.length)));
  const random = seededRandom(seed, 3);
  let sum = 0;
  for (let step = 1; step <= STEPS; step += 1) {
    const batch = source.batch(random, "known", TASKS);
    sum += await compiled.run([Float32Array.of(RATE), ...batch, ...(pooling ?? [])]);
    if (step % 100 === 0) {
      say(`seed ${seed}, ${by}${pooling ? ", held" : ""}, step ${step}: ${figure(sum / 100)}`);
      sum = 0;
    }
  }
  const found = training.parameters(await compiled.read());
  await compiled.dispose();
  return found;
}

/** Accuracy on each of the tasks of new classes, the same ones whatever pools. */
async function judged(
  runtime: Runtime,
  source: TaskSource,
  { by, seed }: Run,
  params: readonly Float32Array[],
): Promise<number[]> {
  const { predict, predictSpecs, feeds } = outerLoop(by, { tasks: TASKS });
  const compiled = await runtime.compilePredict(predict, predictSpecs, feeds);
  await compiled.write(params);
  const random = seededRandom(seed, 4);
  const shares: number[] = [];
  for (let call = 0; call < JUDGED; call += 1) {
    const batch = source.batch(random, NEW, TASKS);
    const [logits = []] = await compiled.run(batch);
    for (let task = 0; task < TASKS; task += 1) shares.push(rightOf(logits, batch[1], task));
  }
  await compiled.dispose();
  return shares;
}

/** Share of a task's query images that are taken for what they are. */
function rightOf(logits: ArrayLike<number>, labels: Float32Array, task: number): number {
  let right = 0;
  for (let i = 0; i < QUERY; i += 1) {
    const at = (task * QUERY + i) * WAYS;
    const own = Array.from({ length: WAYS }, (_, way) => logits[at + way] ?? 0);
    const chosen = own.indexOf(Math.max(...own));
    right += labels[(task * TASK + SUPPORT + i) * WAYS + chosen] ?? 0;
  }
  return right / QUERY;
}

const Cell = z.object({
  accuracies: z.array(z.number()), // of each task
  exponents: z.array(z.number()), // of the learned pooling
  open: z.array(z.number()), // its masks' weights
});
type Cell = z.infer<typeof Cell>;

async function measured(source: TaskSource, run: Run): Promise<Cell> {
  return withRuntime(async (runtime) => {
    const pooling = poolingOf(run.by === "learned" ? await learned(runtime, source, run) : []);
    const found = await learned(runtime, source, run, pooling);
    const accuracies = await judged(runtime, source, run, [...found, ...pooling]);
    const [masks = [], exponents = []] = pooling;
    return {
      accuracies,
      exponents: Array.from(exponents, (rho) => Math.exp(rho)),
      open: Array.from(masks, (m) => 1 / (1 + Math.exp(-5 * m))),
    };
  });
}

const TABLE = "meta-pooling characters";
const from = {
  evidence: "inferred",
  source: "pooling.md C3 (tables of the publication not obtained)",
} as const;

async function outcomes(tools: CheckTools): Promise<Outcome[]> {
  const source = taskSource(tools.data());
  const made = { CHANNELS, HIDDEN, TASKS, STEPS, RATE, INNER_RATE, JUDGED, SIDE, SUPPORT, QUERY };
  const found = new Map<Pooling, Cell[]>();
  for (const by of POOLINGS) {
    for (let part = 0; part < SEEDS; part += 1) {
      const run = { by, seed: part + 1, say: tools.say };
      const cell = await tools.cells.of({ table: TABLE, method: `${by} pooling`, part, made }, Cell, () =>
        measured(source, run),
      );
      if (cell) found.set(by, [...(found.get(by) ?? []), cell]);
    }
  }
  return POOLINGS.flatMap((by) => toldOf(by, found));
}

function toldOf(by: Pooling, found: ReadonlyMap<Pooling, readonly Cell[]>): Outcome[] {
  const own = found.get(by) ?? [];
  const what = `${by} pooling: accuracy on new classes after one step, %`;
  if (own.length === 0)
    return [{ ...{ what, value: "not measured", expected: "no goal", pass: null }, ...from }];
  const all = own.flatMap(({ accuracies }) => accuracies);
  const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const isWhole = own.length === SEEDS ? true : null;
  const each = own.map(({ accuracies }) => figure(100 * average(accuracies), 1)).join(", ");
  const whole: Outcome = {
    ...{ what, value: `${figure(100 * average(all), 1)} (by seed ${each}; ${all.length} tasks)` },
    ...{ expected: "no goal", pass: isWhole },
    ...from,
  };
  if (by === "learned") return [whole, shapeOf(own, isWhole)];
  return [whole, gainOver(by, found, isWhole)];
}

/** What was learned: how near the maximum or the mean, and how much of its kernels is left. */
function shapeOf(cells: readonly Cell[], pass: boolean | null): Outcome {
  const quantile = (values: readonly number[], share: number): number =>
    [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;
  const [exponents, open] = [cells.flatMap((one) => one.exponents), cells.flatMap((one) => one.open)];
  const kept = open.filter((v) => v > 0.5).length / open.length;
  const told = [0.1, 0.5, 0.9].map((share) => figure(quantile(exponents, share), 1)).join(", ");
  return {
    what: "exponents learned: lower tenth, median, upper tenth (54.6 at the start); samples of kernels kept",
    value: `${told}; ${figure(100 * kept, 0)} %`,
    ...{ expected: "no goal", pass },
    ...from,
  };
}

function gainOver(by: Pooling, found: ReadonlyMap<Pooling, readonly Cell[]>, pass: boolean | null): Outcome {
  const scores = (of: Pooling): Map<string, number> =>
    new Map(
      (found.get(of) ?? []).flatMap(({ accuracies }, seed) =>
        accuracies.map((value, task) => [`${seed} ${task}`, 100 * value]),
      ),
    );
  const { difference, interval } = pairedOverGroups(scores("learned"), scores(by));
  const ends = interval ? ` [${figure(interval.low, 1)}, ${figure(interval.high, 1)}]` : "";
  return {
    what: `learned less ${by} pooling, points, paired over tasks`,
    value: `${figure(difference, 1)}${ends}`,
    expected: by === "maximum" ? "interval above 0" : "no goal",
    pass: pass === null || by !== "maximum" ? pass : (interval?.low ?? 0) > 0,
    ...from,
  };
}

export const metaPoolingCharactersCheck: MethodCheck = {
  id: "meta-pooling-characters",
  about: `Pooling learned across tasks of five digits, each turned by a multiple of 90°, from five images a class by one step (second order, float32); then all else anew with the pooling held, judged on digits nothing was learned from. Digits of MNIST at ${SIDE} x ${SIDE} instead of Omniglot; ${CHANNELS} channels for 64, ${TASKS} tasks a step for 32, ${STEPS} outer steps for 10,000`,
  isInPieces: true,
  run: outcomes,
};
