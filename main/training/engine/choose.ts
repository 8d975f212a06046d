import { engine } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { AppError } from "../../../preload/contract/errors.ts";
import type { EngineFacts, RunConfig } from "../../../preload/contract/run.ts";
import type { z } from "zod";
import type { Params, TensorSpec } from "../../models/estimator.ts";
import { rateSpec, trainingStep } from "../optimiser.ts";
import type { OptimiserOptions } from "../optimiser.ts";
import { distance } from "./op-battery.ts";
import { recordStep } from "./recorder.ts";
import { referenceRuntime } from "./reference.ts";
import { runtimes } from "./registry.ts";
import type { RuntimeEntry } from "./registry.ts";
import { defaultThreads } from "./threads.ts";
import type { Predict, Runtime, TypedArray } from "./runtime.ts";

/** The model about to be trained, at any batch size: what a runtime is tested and timed on. */
export interface Probe {
  readonly loss: (params: Params, feeds: readonly Tensor[]) => Scalar;
  readonly specs: readonly TensorSpec[];
  readonly values: readonly Float32Array[];
  readonly optimiser: OptimiserOptions;
  readonly rows: number; // of the real batches
  readonly feeds: (rows: number) => readonly TensorSpec[];
  readonly batch: (rows: number) => readonly TypedArray[];
}

export type Preference = RunConfig["engine"];
export interface Chosen {
  readonly runtime: Runtime;
  readonly facts: z.infer<typeof EngineFacts>;
}
/** With a probe: tested, timed and explained. Without one, for predictions: opened only. */
export type RuntimeFor = (preference: Preference, probe?: Probe) => Promise<Chosen>;

export interface ChooseOptions {
  readonly threads?: number | undefined;
  readonly candidates?: readonly RuntimeEntry[] | undefined;
  readonly now?: (() => number) | undefined; // milliseconds
}

/** Below this many multiplications a product, threads wait for one another longer than they compute. */
const WORTH_SHARING = 2e6;

/**
 * Decided by the size of the model's products, not by a clock: another number of threads may give other bits, and the
 * same run must come out the same.
 */
export function usefulThreads(probe: Probe | undefined, most = defaultThreads()): number {
  if (most === 1 || probe === undefined) return most;
  const { loss, specs, optimiser, rows, feeds } = probe;
  const training = trainingStep(loss, specs, optimiser);
  return recordStep(training.step, training.state, [rateSpec, ...feeds(rows)]).work >= WORTH_SHARING
    ? most
    : 1;
}

const SELF_TEST_ROWS = 8;
const GRADIENT_TOLERANCE = 1e-4; // relative to a tensor's largest entry; 2e-6 is usual
const TIMING_MS = 300;
const TIMING_STEPS = 40;

/**
 * Opens, tests and times what is installed, and says in one sentence what was taken and why. A runtime that a person
 * named is used or refused, never replaced.
 */
export async function chooseRuntime(
  preference: Preference,
  probe?: Probe,
  options: ChooseOptions = {},
): Promise<Chosen> {
  const { candidates = runtimes, now = () => performance.now() } = options;
  const threads = options.threads ?? usefulThreads(probe);
  if (preference !== "auto")
    return named(
      candidates.find(({ name }) => name === preference),
      preference,
      { threads, probe, now },
    );
  const failures: string[] = [];
  const passed: Tried[] = [];
  for (const entry of candidates.filter(({ lastResort, installed }) => !lastResort && installed())) {
    if (probe === undefined && passed.length > 0) break; // nothing to compare by: the first that opens
    try {
      passed.push(await tried(entry, { threads, probe, now }));
    } catch (error) {
      failures.push(reason(entry, error));
    }
  }
  const [best, ...others] = passed.sort((a, b) => b.stepsPerSecond - a.stepsPerSecond);
  for (const { runtime } of others) await runtime.dispose();
  if (best !== undefined) {
    const rivals = others.map(({ entry, stepsPerSecond }) => `${entry.title} ${pace(stepsPerSecond)}`);
    return chosen(best, [praise(best, rivals.length > 0), ...rivals, ...failures].join("; "));
  }
  const last = await tried(
    candidates.find(({ lastResort }) => lastResort)!,
    { threads, probe, now },
  );
  return chosen(
    last,
    [...failures, `${last.entry.title} is used instead and is many times slower`].join("; "),
  );
}

interface Trial {
  readonly threads: number;
  readonly probe: Probe | undefined;
  readonly now: () => number;
}
interface Tried {
  readonly entry: RuntimeEntry;
  readonly runtime: Runtime;
  readonly error: number; // largest relative error of a gradient
  readonly stepsPerSecond: number;
}

async function named(entry: RuntimeEntry | undefined, preference: Preference, trial: Trial): Promise<Chosen> {
  if (entry === undefined)
    throw new AppError("model/engine-missing", `There is no engine "${preference}" here`, {
      engine: preference,
    });
  return chosen(await tried(entry, trial), `${entry.title} was asked for by name`);
}

async function tried(entry: RuntimeEntry, { threads, probe, now }: Trial): Promise<Tried> {
  const runtime = await entry.open(threads);
  try {
    if (probe === undefined) return { entry, runtime, error: 0, stepsPerSecond: 0 };
    const error = entry.lastResort ? 0 : await selfTest(runtime, probe);
    return { entry, runtime, error, stepsPerSecond: await timed(runtime, probe, now) };
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

/** Loss and gradients of the actual model on a small batch, against the reference. Answers the largest relative error. */
async function selfTest(
  runtime: Runtime,
  { loss, specs, values, rows, feeds, batch }: Probe,
): Promise<number> {
  const few = Math.min(SELF_TEST_ROWS, rows);
  const gradients: Predict = (params, inputs) => {
    const { value, grads } = engine().gradients<Scalar>(
      () => loss(params, inputs),
      [...params],
      undefined,
      true,
    );
    return [
      value,
      ...(grads as (Tensor | null)[]).filter((gradient) => gradient !== null && gradient !== undefined),
    ];
  };
  const [actual, expected] = [await once(runtime), await once(referenceRuntime())];
  async function once(on: Runtime): Promise<readonly TypedArray[]> {
    const compiled = await on.compilePredict(gradients, specs, feeds(few));
    await compiled.write(values);
    const results = await compiled.run(batch(few));
    await compiled.dispose();
    return results;
  }
  const error = Math.max(...expected.map((result, index) => distance(actual[index]!, result)));
  if (error <= GRADIENT_TOLERANCE) return error;
  throw new AppError(
    "model/engine-wrong",
    `its gradients differ from the reference by ${error.toPrecision(2)}, more than ${GRADIENT_TOLERANCE}`,
    {
      error,
      tolerance: GRADIENT_TOLERANCE,
    },
  );
}

/** Steps a second of the actual training step, after two to warm up. */
async function timed(
  runtime: Runtime,
  { loss, specs, values, optimiser, rows, feeds, batch }: Probe,
  now: () => number,
): Promise<number> {
  const training = trainingStep(loss, specs, optimiser);
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feeds(rows)]);
  await compiled.write(training.initialState(values));
  const inputs = [Float32Array.of(1e-4), ...batch(rows)];
  const first = now();
  await compiled.run(inputs);
  const slow = now() - first > TIMING_MS; // the reference on a large model: one step tells enough
  if (!slow) await compiled.run(inputs);
  const start = slow ? first : now();
  let steps = slow ? 1 : 0;
  while (!slow && steps < TIMING_STEPS && now() - start < TIMING_MS) {
    await compiled.run(inputs);
    steps++;
  }
  const elapsed = now() - start;
  await compiled.dispose();
  return (1000 * steps) / Math.max(elapsed, 1e-3);
}

const chosen = ({ runtime, stepsPerSecond }: Tried, because: string): Chosen => ({
  runtime,
  facts: {
    name: runtime.name,
    version: runtime.version,
    threads: runtime.threads,
    stepsPerSecond,
    chosenBecause: `${because.charAt(0).toUpperCase()}${because.slice(1)}.`,
  },
});

const pace = (stepsPerSecond: number): string =>
  `${stepsPerSecond < 10 ? stepsPerSecond.toFixed(1) : Math.round(stepsPerSecond)} steps a second`;
const cores = (threads: number): string => (threads === 1 ? "one core" : `${threads} cores`);

function praise({ entry, runtime, error, stepsPerSecond }: Tried, fastest: boolean): string {
  const opening = `${entry.title} ${runtime.version} on ${cores(runtime.threads)}`;
  if (stepsPerSecond === 0) return opening;
  const rank = fastest ? "the fastest that passed its test" : "passed its test";
  return `${opening} ${rank}: ${pace(stepsPerSecond)}, gradients within ${error.toPrecision(1)} of the reference`;
}

const reason = ({ title }: RuntimeEntry, error: unknown): string =>
  `${title} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
