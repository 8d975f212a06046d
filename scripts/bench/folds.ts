import { availableParallelism } from "node:os";
import type { BenchRow } from "./training.ts";
import {
  configOf,
  gestureRecording,
  libraryOf,
  runOf,
  toolsFor,
} from "../../main/training/fit/fit.fixtures.ts";
import { fitRun } from "../../main/training/fit/fit-run.ts";
import { fitThreads } from "../../main/training/fit/threads.ts";

const FOLDS = 4;
const ROUNDS = 2;
/** Long enough that starting a thread is a small part of it, as in real runs. */
const EPOCHS = 60;
const people = Array.from({ length: FOLDS }, (_, person) => `p${person}`);
const library = libraryOf(people.map((subject, seed) => gestureRecording(subject, 80 + seed)));
const config = configOf(people, {
  folds: FOLDS,
  testSubjects: [],
  epochs: EPOCHS,
  patience: EPOCHS,
  members: 5,
  layers: 10,
});

/** Seconds of a cross-validation on one core a fold, so many folds side by side. */
async function seconds(lanes: number): Promise<number> {
  const fits = fitThreads(new URL("trainer.js", import.meta.url), () => ({ lanes, threads: 1 }));
  const start = performance.now();
  await fitRun(runOf(config), toolsFor(library), { fits });
  return (performance.now() - start) / 1000;
}

/** Cross-validation by person, folds side by side beside one after the other; the shorter of two rounds each. */
export async function benchFolds(): Promise<BenchRow[]> {
  const cores = Math.min(2, availableParallelism());
  let [together, alone] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    alone = Math.min(alone, await seconds(1));
    together = Math.min(together, await seconds(cores));
  }
  return [
    {
      name: `cross-validation: a model of everybody, then ${FOLDS} folds, ${cores} side by side`,
      value: together,
      unit: "s",
      peer: "one after the other",
      peerValue: alone,
      ratio: alone / together,
    },
  ];
}
