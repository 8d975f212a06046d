import { AppError, reportOf } from "../../preload/contract/errors.ts";
import type { EngineFacts, EngineTrial, RunConfig } from "../../preload/contract/run.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { TensorSpec } from "./tensors.ts";
import { rateSpec, trainingStep } from "./optimiser.ts";
import type { Loss } from "./loss.ts";
import type { OptimiserOptions } from "./optimiser.ts";
import { recordStep } from "./recorder.ts";
import { runtimes } from "./registry.ts";
import type { RuntimeEntry } from "./registry.ts";
import { defaultThreads, sharingOf } from "./threads.ts";
import { runEach } from "./runtime.ts";
import type { Runtime, TypedArray } from "./runtime.ts";
import { gradientError } from "./self-check/self-check.ts";

/** The model about to be trained, at any batch size: what a runtime is tested and timed on. */
export interface Probe {
  readonly loss: Loss;
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
  readonly facts: EngineFacts;
}
/** With a probe: tested, timed and explained. Without one, for predictions: opened only. */
export type RuntimeFor = (
  preference: Preference,
  probe?: Probe,
  options?: Pick<ChooseOptions, "threads">,
) => Promise<Chosen>;

export interface ChooseOptions {
  readonly threads?: number | undefined;
  readonly candidates?: readonly RuntimeEntry[] | undefined;
  readonly now?: (() => number) | undefined; // milliseconds
}

/** One where several would not share the step. */
export function usefulThreads(probe: Probe | undefined, most = defaultThreads()): number {
  if (most === 1 || probe === undefined) return most;
  const { loss, specs, optimiser, rows, feeds } = probe;
  const { step, state } = trainingStep(loss, specs, optimiser);
  const graph = recordStep(step, state, [rateSpec, ...feeds(rows)]);
  const [apart, parts] = [step.apart?.(most), step.inParts?.(most)];
  const sharing = sharingOf(graph, { threads: most, first: sure(state[0]), apart, parts });
  switch (sharing) {
    case "alone":
      return 1;
    case "models":
      return sure(apart).steps.length;
    case "parts":
      return sure(parts).parts.length;
    case "products":
      return most;
  }
}

const SELF_TEST_ROWS = 8;
const TIMING_MS = 300;
const TIMING_STEPS = 40;

/**
 * Opens, tests and times what is installed, and says in one sentence what was taken and why. A runtime that a person
 * named, or that the first part of a run was trained on, is used or refused, never replaced.
 */
export async function chooseRuntime(
  preference: Preference,
  probe?: Probe,
  options: ChooseOptions = {},
): Promise<Chosen> {
  const { candidates = runtimes, now = () => performance.now() } = options;
  const trial: Trial = { threads: options.threads ?? usefulThreads(probe), probe, now };
  if (preference !== "auto") return named(preference, candidates, trial);
  const [passed, failed]: [Tried[], Failed[]] = [[], []];
  for (const entry of candidates.filter(isAutomatic)) {
    if (probe === undefined && passed.length > 0) break; // nothing to compare by: the first that opens
    try {
      passed.push(await tried(entry, trial));
    } catch (error) {
      failed.push({ entry, error });
    }
  }
  const [best, ...others] = passed.sort((a, b) => b.stepsPerSecond - a.stepsPerSecond);
  for (const { runtime } of others) await runtime.dispose();
  const trials = [...others.map(trialOf), ...failed.map(failedTrial)];
  if (best !== undefined) {
    const rivals = others.map(({ entry, stepsPerSecond }) => `${entry.title} ${pace(stepsPerSecond)}`);
    return chosen(best, {
      reason: probe === undefined ? "first" : others.length > 0 ? "fastest" : "only",
      because: [praise(best, others.length > 0), ...rivals, ...failed.map(excuse)],
      trials,
    });
  }
  const last = await tried(sure(candidates.find(({ lastResort }) => lastResort)), trial);
  return chosen(last, {
    reason: "last-resort",
    because: [...failed.map(excuse), `${last.entry.title} is used instead and is many times slower`],
    trials,
  });
}

const isAutomatic = ({ lastResort, byNameOnly, installed }: RuntimeEntry): boolean =>
  !lastResort && byNameOnly !== true && installed();

interface Trial {
  readonly threads: number;
  readonly probe: Probe | undefined;
  readonly now: () => number;
}
interface Tried {
  readonly entry: RuntimeEntry;
  readonly runtime: Runtime;
  readonly largestError: number | undefined; // of a gradient, relative; undefined where none was compared
  readonly stepsPerSecond: number;
}
interface Failed {
  readonly entry: RuntimeEntry;
  readonly error: unknown;
}

async function named(
  preference: Preference,
  candidates: readonly RuntimeEntry[],
  trial: Trial,
): Promise<Chosen> {
  const entry = candidates.find(({ name }) => name === preference);
  if (entry === undefined)
    throw new AppError("model/engine-missing", `There is no engine "${preference}" here`, {
      engine: preference,
    });
  return chosen(await tried(entry, trial), {
    reason: "named",
    because: [`${entry.title} was asked for by name`],
    trials: [],
  });
}

async function tried(entry: RuntimeEntry, { threads, probe, now }: Trial): Promise<Tried> {
  const runtime = await entry.open(threads);
  try {
    if (probe === undefined) return { entry, runtime, largestError: undefined, stepsPerSecond: 0 };
    const { rows, feeds, batch } = probe;
    const few = Math.min(SELF_TEST_ROWS, rows);
    const tested = { ...probe, feedSpecs: feeds(few), feeds: batch(few) };
    const largestError = entry.lastResort ? undefined : await gradientError(runtime, tested);
    return {
      entry,
      runtime,
      largestError,
      stepsPerSecond: await timed(runtime, probe, { now, firstCounts: entry.lastResort }),
    };
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

/**
 * Steps a second of the actual training step. The first call may prepare the whole graph and does not count, except op
 * by op, where nothing is prepared and one step of a large model tells enough.
 */
async function timed(
  runtime: Runtime,
  { loss, specs, values, optimiser, rows, feeds, batch }: Probe,
  { now, firstCounts }: { readonly now: () => number; readonly firstCounts: boolean },
): Promise<number> {
  const training = trainingStep(loss, specs, optimiser);
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feeds(rows)]);
  try {
    await compiled.write(training.initialState(values));
    const inputs = [Float32Array.of(1e-4), ...batch(rows)];
    const group = Array.from({ length: compiled.stepsPerCall ?? 1 }, () => inputs);
    let start = now();
    let steps = (await runEach(compiled, group)).length;
    if (!firstCounts) [start, steps] = [now(), 0];
    while (steps === 0 || (steps < TIMING_STEPS && now() - start < TIMING_MS))
      steps += (await runEach(compiled, group)).length;
    return (1000 * steps) / Math.max(now() - start, 1e-3);
  } finally {
    await compiled.dispose();
  }
}

interface Choice {
  readonly reason: NonNullable<EngineFacts["reason"]>;
  readonly because: readonly string[];
  readonly trials: readonly EngineTrial[]; // of the others
}

const chosen = (best: Tried, { reason, because, trials }: Choice): Chosen => {
  const { entry, runtime, stepsPerSecond } = best;
  const sentence = because.join("; ");
  return {
    runtime,
    facts: {
      name: runtime.name,
      version: runtime.version,
      threads: runtime.threads,
      stepsPerSecond,
      chosenBecause: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`,
      engine: entry.name,
      device: runtime.device,
      reason,
      trials: [trialOf(best), ...trials],
    },
  };
};

const trialOf = ({ entry, runtime, largestError, stepsPerSecond }: Tried): EngineTrial => ({
  engine: entry.name,
  version: runtime.version,
  device: runtime.device,
  threads: runtime.threads,
  stepsPerSecond,
  ...(largestError === undefined ? {} : { largestError }),
});

const failedTrial = ({ entry, error }: Failed): EngineTrial => ({
  engine: entry.name,
  error: reportOf(error),
});

const pace = (stepsPerSecond: number): string =>
  `${stepsPerSecond < 10 ? stepsPerSecond.toFixed(1) : Math.round(stepsPerSecond)} steps a second`;
const cores = (threads: number): string => (threads === 1 ? "one core" : `${threads} cores`);

function praise({ entry, runtime, largestError, stepsPerSecond }: Tried, fastest: boolean): string {
  const opening = `${entry.title} ${runtime.version} on ${cores(runtime.threads)}`;
  if (largestError === undefined) return opening;
  const rank = fastest ? "the fastest that passed its test" : "passed its test";
  return `${opening} ${rank}: ${pace(stepsPerSecond)}, gradients within ${largestError.toPrecision(1)} of the reference`;
}

const excuse = ({ entry: { title }, error }: Failed): string =>
  `${title} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
