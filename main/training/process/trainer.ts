import { isMainThread } from "node:worker_threads";
import { openLibrary } from "../../storage/open-library.ts";
import { descriptionOf, models } from "../../models/registry.ts";
import { compareRuns } from "../judge/compare.ts";
import { judgeSweep } from "../judge/sweep.ts";
import { previewRun } from "../data/preview.ts";
import { chooseRuntime } from "../../compute/choose.ts";
import { explainWindow } from "../predict/explain.ts";
import { reportOn } from "../../compute/self-check/self-check.ts";
import { keepQuiet } from "../../compute/onnx/quiet.ts";
import { fitFold, fitRun, pooledFrom } from "../fit/fit-run.ts";
import { serveFit } from "../fit/thread.ts";
import { fitThreads } from "../fit/threads.ts";
import { exportModel, importModel } from "../model-file/transfer.ts";
import { parentPort } from "./port.ts";
import { findInRecording } from "../predict/find.ts";
import { fillRecording, openForecasting } from "../predict/forecast.ts";
import { openLive } from "../predict/live.ts";
import { picturesOfRun } from "../predict/pictures.ts";
import { predictRecording } from "../predict/predict.ts";
import { windowRanking } from "../predict/rank.ts";
import { serveTrainer } from "./serve.ts";

/** Built from feed/worker.ts, beside this one. */
const FEED_FILE = "feed-worker.js";

// The trainer's process: it reads the library, computes, and answers main. It never writes the library itself. Threads of
// it that run this same file each fit one split of a run.
keepQuiet();
if (isMainThread) {
  const threads = {
    fits: fitThreads(new URL(import.meta.url)),
    feedFile: new URL(FEED_FILE, import.meta.url),
  };
  serveTrainer({
    line: parentPort(),
    work: {
      listModels: () => models().map(descriptionOf),
      previewRun,
      fitRun: (run, tools) => fitRun(run, tools, threads),
      fitFold: (run, place, tools) => fitFold(run, place, tools, threads),
      pooledFrom,
      predictRecording,
      findInRecording,
      fillRecording,
      forecasting: openForecasting(),
      openLive,
      explainWindow,
      rankWindows: windowRanking(),
      picturesOfRun,
      compareRuns,
      judgeSweep,
      exportModel,
      importModel,
      testEngine: (name) => reportOn(name),
    },
    openLibrary: (path) => openLibrary(path, { readOnly: true }),
    chooseRuntime,
  });
} else serveFit();
