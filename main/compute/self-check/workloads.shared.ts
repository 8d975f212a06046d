import { rateSpec, trainingStep } from "../optimiser.ts";
import type { OptimiserOptions } from "../optimiser.ts";
import type { Runtime, TypedArray } from "../runtime.ts";
import { cnn, lstm, mlp } from "./workloads.ts";
import type { Workload } from "./workloads.ts";

/** The three workloads, small enough for the reference. */
export const small: readonly Workload[] = [
  mlp({ rows: 32, width: 32 }),
  cnn({ rows: 4, time: 30, channels: 6 }),
  lstm({ rows: 5, time: 7, hidden: 8 }),
];

interface Trained {
  readonly losses: readonly number[];
  readonly state: readonly TypedArray[];
}

interface Training {
  readonly steps: number;
  readonly rate?: number;
  readonly kind?: OptimiserOptions["kind"];
  readonly inspect?: (step: number) => void;
}

export async function trained(
  runtime: Runtime,
  { specs, values, feedSpecs, feeds, loss }: Omit<Workload, "name">,
  { steps, rate = 1e-3, kind = "adam", inspect }: Training,
): Promise<Trained> {
  const training = trainingStep(loss, specs, { kind });
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feedSpecs]);
  await compiled.write(training.initialState(values));
  const seen: number[] = [];
  for (let step = 0; step < steps; step++) {
    seen.push(await compiled.run([Float32Array.of(rate), ...feeds]));
    inspect?.(step);
  }
  const state = await compiled.read();
  await compiled.dispose();
  return { losses: seen, state };
}
