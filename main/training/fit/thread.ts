import { parentLine } from "../../calls/lines.ts";
import { serve } from "../../calls/serve.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { chooseRuntime } from "../../compute/choose.ts";
import { fitSplit } from "./fit.ts";
import type { FitCalls } from "./threads.ts";

/** Fits the split this thread is asked for. */
export const serveFit = (): void =>
  serve<FitCalls>(parentLine(), {
    fit: ({ run, dataset, isTested, resume }, { signal, tell, ask }) =>
      fitSplit(
        run,
        { ...dataset, front: chooseFront(dataset.front, []) },
        {
          isTested,
          resume,
          signal,
          openVaried: () => ({
            read: (request) => ask("varied", request),
            close: () => Promise.resolve(),
          }),
          runtimeFor: (preference) => chooseRuntime(preference, undefined, { threads: run.engine?.threads }),
          report: (...progress) => tell("progress", progress),
          onCheckpoint: (at, bytes) => ask("checkpoint", { run: at, bytes }),
        },
      ),
  });
