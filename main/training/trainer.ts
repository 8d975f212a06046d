import { openLibrary } from "../storage/open-library.ts";
import { previewRun } from "./dataset.ts";
import { chooseRuntime } from "./engine/choose.ts";
import { explainWindow } from "./explain.ts";
import { fitRun } from "./fit.ts";
import { exportModel, importModel } from "./model-export/transfer.ts";
import { parentPort } from "./port.ts";
import { predictRecording } from "./predict.ts";
import { windowRanking } from "./rank.ts";
import { serve } from "./serve.ts";

// The trainer's process: it reads the library, computes, and answers main. It never writes the library itself.
serve({
  port: parentPort(),
  work: {
    previewRun,
    fitRun,
    predictRecording,
    explainWindow,
    rankWindows: windowRanking(),
    exportModel,
    importModel,
  },
  openLibrary: (path) => openLibrary(path, { readOnly: true }),
  chooseRuntime,
});
