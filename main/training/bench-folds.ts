import { availableParallelism } from "node:os";
import { chooseRuntime } from "./engine/choose.ts";
import type { BenchRow } from "./engine/bench.ts";
import { configOf, gestureRecording, libraryOf, runOf, toolsFor } from "./fit.fixtures.ts";
import { fitRun } from "./fit-run.ts";
import { fitThreads } from "./fit-threads.ts";

const FOLDS = 6;
const ROUNDS = 3;
const people = Array.from({ length: FOLDS }, (_, person) => `p${person}`);
const library = libraryOf(people.map((subject, seed) => gestureRecording(subject, 80 + seed)));
const config = configOf(people, { folds: FOLDS, testSubjects: [], epochs: 8, members: 5, layers: 10 });

/** Seconds of a cross-validation, its models on so many threads each and so many folds side by side. */
async function seconds(threads: number, lanes: number): Promise<number> {
  const fits = fitThreads(new URL("trainer.js", import.meta.url), () => lanes);
  const start = performance.now();
  await fitRun(
    runOf(config),
    toolsFor(library, { runtimeFor: () => chooseRuntime("onnxruntime", undefined, { threads }) }),
    { fits },
  );
  return (performance.now() - start) / 1000;
}

/** Cross-validation by person with the cores shared out in two ways, beside one fold after the other on one core; shortest of three. */
export async function benchFolds(): Promise<BenchRow[]> {
  const cores = Math.min(2, availableParallelism());
  const best = { alone: Infinity, lanes: Infinity, models: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    best.alone = Math.min(best.alone, await seconds(1, 1));
    best.lanes = Math.min(best.lanes, await seconds(1, cores));
    best.models = Math.min(best.models, await seconds(cores, 1));
  }
  const row = (name: string, value: number): BenchRow => ({
    name: `cross-validation, ${FOLDS} folds: ${name}`,
    value,
    unit: "s",
    peer: "one fold after the other, one core",
    peerValue: best.alone,
    ratio: best.alone / value,
  });
  return [
    row(`${cores} folds side by side`, best.lanes),
    row(`one after the other, models of the ensemble on ${cores} cores`, best.models),
  ];
}
