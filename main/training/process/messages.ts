import type { JudgedWindow, LiveOrder } from "../../../preload/contract/acquisition.ts";
import type { Comparison } from "../../../preload/contract/comparison.ts";
import type { RunCounted } from "../../../preload/contract/estimate.ts";
import type { Content, Curves, Forecast } from "../../../preload/contract/finding.ts";
import type { Picture } from "../../../preload/contract/method.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import type {
  Adaptation,
  LayerReport,
  Prediction,
  RankedWindow,
  Run,
  RunConfig,
  PackedPreview,
  RunProgress,
} from "../../../preload/contract/run.ts";
import type { EngineName, EngineReport } from "../../../preload/contract/engine.ts";
import type { SweepConfiguration, SweepReport } from "../../../preload/contract/sweep.ts";
import type { Heard } from "../../signal/piece.ts";
import type { ExportedModel, ImportedFile, ImportRequest } from "../model-file/results.ts";
import type { Trained } from "../work.ts";

/** What main asks of the trainer process. Runs and models are read there, from its own connection to the library. */
export interface TrainerCalls {
  /** Told first of all; `givesWay`: to all that records. A library that does not open answers everything that needs it with the reason. */
  open: { ask: { readonly libraryPath: string; readonly givesWay: boolean }; answer: undefined };
  /** Ends the process. */
  close: { ask: undefined; answer: undefined };
  /** Needs no library. */
  models: { ask: undefined; answer: ModelDescription[] };
  preview: {
    ask: RunConfig;
    answer: PackedPreview;
    back: { counted: { ask: RunCounted; answer: undefined } };
  };
  train: {
    ask: { readonly run: Run; readonly resume: boolean; readonly fits?: readonly Uint8Array[] }; // fits: of a cross-validation, all done by themselves
    answer: Trained;
    back: {
      progress: { ask: RunProgress; answer: undefined };
      /** Answered once it is written: only then does the fit go on. */
      checkpoint: { ask: { readonly run: Run; readonly bytes: Uint8Array }; answer: undefined };
    };
  };
  /** One fit of a cross-validation. */
  fold: {
    ask: {
      readonly run: Run;
      readonly index: number;
      readonly whole: Uint8Array | undefined; // what came of the first, where this is another
      readonly resume: Uint8Array | undefined;
    };
    answer: { readonly fitted: Uint8Array; readonly of: number };
    back: {
      progress: { ask: RunProgress; answer: undefined };
      checkpoint: { ask: { readonly run: Run; readonly bytes: Uint8Array }; answer: undefined };
    };
  };
  predict: {
    ask: { readonly runId: string; readonly recordingId: string; readonly adaptation: Adaptation };
    answer: Prediction;
  };
  /** What a model that follows whole recordings says of one. */
  find: {
    ask: { readonly runId: string; readonly recordingId: string };
    answer: readonly Content[];
  };
  fill: { ask: { readonly runId: string; readonly recordingId: string }; answer: Curves };
  /** What it opens it keeps until another run or recording is asked about, something is trained, or nobody asks any more. */
  forecast: {
    ask: { readonly runId: string; readonly recordingId: string; readonly atS: number };
    answer: Forecast | null;
  };
  layers: {
    ask: { readonly runId: string; readonly recordingId: string; readonly timeS: number };
    answer: LayerReport;
  };
  /** What its model learned, as pages draw it. */
  pictures: { ask: { readonly runId: string }; answer: Picture[] };
  /** Stored runs of one split side by side. */
  compare: { ask: { readonly runIds: readonly string[] }; answer: Comparison };
  /** Configurations of a sweep side by side; of each run what is stored. */
  sweep: { ask: { readonly configurations: readonly SweepConfiguration[] }; answer: SweepReport };
  rank: {
    ask: {
      readonly runId: string;
      readonly recordingIds?: readonly string[] | undefined;
      readonly limit: number;
    };
    answer: RankedWindow[];
  };
  /** Answered when it is cancelled and everything heard before has been judged. One at a time. */
  live: {
    ask: LiveOrder;
    answer: undefined;
    back: {
      /** From now on it hears. */
      ready: { ask: undefined; answer: undefined };
      judged: { ask: readonly JudgedWindow[]; answer: undefined };
    };
  };
  /** Told, what came of the recording that `live` judges. */
  hear: { ask: readonly Heard[]; answer: undefined };
  exportModel: { ask: { readonly runId: string }; answer: ExportedModel };
  importModel: { ask: Pick<ImportRequest, "file" | "bytes">; answer: ImportedFile };
  /** Needs no library. */
  testEngine: { ask: { readonly engine: EngineName }; answer: EngineReport };
}
