import type { Run, RunProgress } from "../../preload/contract/run.ts";
import { readUnsplit, splitDataset, type Dataset } from "./dataset.ts";
import { fitSplit, stretches, type FittedSplit, type Report, type Tested } from "./fit.ts";
import { fitFolds, type FittedRun } from "./fit-folds.ts";
import type { FitElsewhere } from "./fit-threads.ts";
import { packModel } from "./model-file.ts";
import { reportsOf } from "./reports.ts";
import type { FitTools } from "./work.ts";

/** Trains a run from its configuration to its test report. Same configuration, data and seed: same numbers on a CPU. */
export async function fitRun(
  started: Run,
  tools: FitTools,
  elsewhere?: FitElsewhere,
): Promise<{ readonly run: Run; readonly model: Uint8Array }> {
  const { config } = started;
  const report = reporter(started, tools.onProgress);
  report("reading", 0);
  const dataset = await readUnsplit(config, tools.library, {
    signal: tools.signal,
    onProgress: (done) => report("reading", stretches.reading[1] * done),
  });
  const fit = config.folds === undefined ? fitOnce : fitFolds;
  const { run, model, metrics } = await fit(started, dataset, { ...tools, report, elsewhere });
  return {
    run: { ...run, metrics, phase: "done", finishedAt: new Date().toISOString() },
    model: packModel(model),
  };
}

function reporter({ id, config }: Run, tell: FitTools["onProgress"]): Report {
  let last: RunProgress = {
    runId: id,
    phase: "reading",
    done: 0,
    epoch: 0,
    epochs: config.epochs,
    stepsPerSecond: 0,
    curve: [],
  };
  return (phase, done, more = {}) => {
    last = { ...last, ...more, phase, done: Math.min(1, done) };
    tell(last);
  };
}

async function fitOnce(
  started: Run,
  dataset: Dataset,
  tools: FitTools & { readonly report: Report },
): Promise<FittedRun> {
  const split = splitDataset(dataset, started.config);
  const fitted = await fitSplit(started, split, { ...tools, isTested: true });
  const { run, model, facts, tested } = fitted as FittedSplit & { readonly tested: Tested };
  return { run, model, metrics: { ...reportsOf(tested), ...facts } };
}
