import { type Run, type RunProgress, settingsSeen } from "../../../preload/contract/run.ts";
import type { Library } from "../../storage/api.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { frontOf, readUnsplit, splitDataset, type Dataset } from "../data/dataset.ts";
import { fitSplit, stretches, type FittedSplit, type Report, type SplitTools } from "./fit.ts";
import type { Tested } from "../judge/scored.ts";
import { fitFolds, fitOneOf, type FittedRun, placesOf } from "./folds.ts";
import { Feed } from "../data/feed/feed.ts";
import type { FitElsewhere } from "./threads.ts";
import { packModel } from "../model-file/model-file.ts";
import { modelOf } from "../../models/registry.ts";
import { fitSequences } from "./sequences.ts";
import { reportsOf } from "../judge/reports.ts";
import { readVaried, type OpenVaried } from "../data/variation.ts";
import type { FitTools } from "../work.ts";

/** What may run beside the trainer's own thread. */
export interface Threads {
  readonly fits?: FitElsewhere;
  readonly feedFile?: URL; // the built feed/worker.ts
}

/** Trains a run from its configuration to its test report. Same configuration, data and seed: same numbers on a CPU. */
export async function fitRun(
  started: Run,
  tools: FitTools,
  threads: Threads = {},
): Promise<{ readonly run: Run; readonly model: Uint8Array }> {
  const { config } = started;
  const report = reporter(started, tools.onProgress);
  report("reading", 0);
  if (modelOf(config.model.kind).over === "sequences") return fitSequences(started, { ...tools, report });
  const dataset = await read(started, threads.feedFile, { ...tools, report });
  const fit = config.split.folds === undefined ? fitOnce : fitFolds;
  const { run, model, metrics } = await fit(started, dataset, {
    ...tools,
    report,
    openVaried: openVaried(started, threads.feedFile, tools.library),
    elsewhere: threads.fits,
  });
  return {
    run: { ...run, metrics, phase: "done", finishedAt: new Date().toISOString() },
    model: packModel(model),
  };
}

/** One fit of a cross-validation by itself, as bytes: see fitOneOf. */
export async function fitFold(
  started: Run,
  { index, whole }: { readonly index: number; readonly whole: Uint8Array | undefined },
  tools: FitTools,
  threads: Threads = {},
): Promise<{ readonly fitted: Uint8Array; readonly of: number }> {
  const report = reporter(started, tools.onProgress);
  report("reading", 0);
  const dataset = await read(started, threads.feedFile, { ...tools, report });
  const place = { index, whole: whole && fittedFrom(whole) };
  const { fitted, of } = await fitOneOf(started, place, dataset, {
    ...tools,
    report,
    openVaried: openVaried(started, threads.feedFile, tools.library),
    elsewhere: undefined,
  });
  return { fitted: pack(fitted), of };
}

/** The checkpoint from which a run goes on by pooling what was fitted by itself. */
export const pooledFrom = (fits: readonly Uint8Array[]): Uint8Array => placesOf(fits.map(fittedFrom));

const fittedFrom = (bytes: Uint8Array): FittedSplit => unpack(bytes) as FittedSplit;

/** The run's windows, read in a thread where there is one: this one stays free to hear a cancel. */
async function read(
  { config }: Run,
  feedFile: URL | undefined,
  { library, signal, report }: FitTools & { readonly report: Report },
): Promise<Dataset> {
  const hooks = {
    signal,
    onProgress: (done: number) => report("reading", stretches.reading[1] * done),
  };
  if (feedFile === undefined) return readUnsplit(config, library, hooks);
  const feed = new Feed(feedFile, library.info().path, signal);
  try {
    return await readUnsplit(config, library, {
      ...hooks,
      read: (front, id) => feed.table(config, front, id),
    });
  } finally {
    await feed.close();
  }
}

/** Reads varied windows of the run's recordings, likewise; each split that is fitted has a thread of its own. */
function openVaried({ config }: Run, feedFile: URL | undefined, library: Library): OpenVaried {
  const front = frontOf(config, library);
  return (signal) => {
    if (feedFile === undefined)
      return {
        read: (request) => readVaried(config, library, front, request, signal),
        close: () => Promise.resolve(),
      };
    const feed = new Feed(feedFile, library.info().path, signal);
    return {
      read: (request) => feed.varied(config, front.name, request),
      close: () => feed.close(),
    };
  };
}

function reporter({ id, config }: Run, tell: FitTools["onProgress"]): Report {
  let last: RunProgress = {
    runId: id,
    phase: "reading",
    done: 0,
    epoch: 0,
    epochs: settingsSeen(config).epochs ?? 0,
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
  tools: FitTools & Pick<SplitTools, "report" | "openVaried">,
): Promise<FittedRun> {
  const split = splitDataset(dataset, started.config);
  const fitted = await fitSplit(started, split, { ...tools, isTested: true });
  const { run, model, facts, tested } = fitted as FittedSplit & { readonly tested: Tested };
  return { run, model, metrics: { ...reportsOf(tested), ...facts } };
}
