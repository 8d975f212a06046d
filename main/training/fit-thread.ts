import { parentPort, workerData } from "node:worker_threads";
import { reportOf } from "../../preload/contract/errors.ts";
import { chooseFront } from "../models/fronts/registry.ts";
import { chooseRuntime } from "./engine/choose.ts";
import { fitSplit } from "./fit.ts";
import type { FitOrder, FromFit, ToFit } from "./fit-threads.ts";

/** Fits the split this thread was started for, and says so. */
export function serveFit(): void {
  const { run, dataset, isTested, resume } = workerData as FitOrder;
  const stop = new AbortController();
  const waiting = new Map<number, () => void>();
  let checkpoints = 0;
  const send = (message: FromFit): void => parentPort?.postMessage(message);
  parentPort?.on("message", (message: ToFit) => {
    if (message.kind === "cancel") stop.abort();
    else {
      waiting.get(message.checkpoint)?.();
      waiting.delete(message.checkpoint);
    }
  });
  fitSplit(
    run,
    { ...dataset, front: chooseFront(dataset.front, []) },
    {
      isTested,
      resume,
      signal: stop.signal,
      runtimeFor: (preference) => chooseRuntime(preference, undefined, { threads: run.engine?.threads }),
      report: (phase, done, more) => send({ kind: "progress", phase, done, more }),
      onCheckpoint: (at, bytes) =>
        new Promise((resolve) => {
          checkpoints += 1;
          const checkpoint = checkpoints;
          waiting.set(checkpoint, resolve);
          send({ kind: "checkpoint", checkpoint, run: at, bytes });
        }),
    },
  ).then(
    (fitted) => send({ kind: "fitted", fitted }),
    (error: unknown) => send({ kind: "failed", error: reportOf(error) }),
  );
}
