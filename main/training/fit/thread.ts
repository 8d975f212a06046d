import { parentPort, workerData } from "node:worker_threads";
import { reportOf, unwrap, type Outcome } from "../../../preload/contract/errors.ts";
import type { FeatureTable } from "../../models/fronts/front.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { chooseRuntime } from "../../compute/choose.ts";
import { fitSplit } from "./fit.ts";
import type { FitOrder, FromFit, ToFit } from "./threads.ts";
import type { VariedRequest } from "../data/variation.ts";

/** Fits the split this thread was started for, and says so. */
export function serveFit(): void {
  const { run, dataset, isTested, resume } = workerData as FitOrder;
  const stop = new AbortController();
  const waiting = new Map<number, () => void>();
  const reading = new Map<number, (outcome: Outcome<FeatureTable>) => void>();
  let checkpoints = 0;
  let reads = 0;
  const send = (message: FromFit): void => parentPort?.postMessage(message);
  parentPort?.on("message", (message: ToFit) => {
    switch (message.kind) {
      case "cancel":
        stop.abort();
        return;
      case "handled":
        waiting.get(message.checkpoint)?.();
        waiting.delete(message.checkpoint);
        return;
      case "varied":
        reading.get(message.id)?.(message.outcome);
        reading.delete(message.id);
    }
  });
  const read = async (request: VariedRequest): Promise<FeatureTable> => {
    reads += 1;
    const id = reads;
    const outcome = new Promise<Outcome<FeatureTable>>((resolve) => reading.set(id, resolve));
    send({ kind: "varied", id, request });
    return unwrap(await outcome);
  };
  fitSplit(
    run,
    { ...dataset, front: chooseFront(dataset.front, []) },
    {
      isTested,
      resume,
      signal: stop.signal,
      openVaried: () => ({ read, close: () => Promise.resolve() }),
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
