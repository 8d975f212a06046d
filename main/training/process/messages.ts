import type { ModelDescription } from "../../../preload/contract/model.ts";
import type {
  Adaptation,
  LayerReport,
  Prediction,
  RankedWindow,
  Run,
  RunConfig,
  RunPreview,
  RunProgress,
} from "../../../preload/contract/run.ts";
import type { EngineName, EngineReport } from "../../../preload/contract/engine.ts";
import type { ErrorReport, Outcome } from "../../../preload/contract/errors.ts";
import type { ExportedModel, ImportedFile } from "../model-file/results.ts";

/** What main asks of the trainer process. Runs and models are read there, from its own connection to the library. */
export type TrainerRequest =
  | { readonly name: "models" }
  | { readonly name: "preview"; readonly config: RunConfig }
  | { readonly name: "train"; readonly run: Run; readonly resume: boolean }
  | {
      readonly name: "predict";
      readonly runId: string;
      readonly recordingId: string;
      readonly adaptation: Adaptation;
    }
  | { readonly name: "layers"; readonly runId: string; readonly recordingId: string; readonly timeS: number }
  | { readonly name: "export-model"; readonly runId: string }
  | { readonly name: "test-engine"; readonly engine: EngineName }
  | { readonly name: "import-model"; readonly file: string; readonly bytes: Uint8Array }
  | {
      readonly name: "rank";
      readonly runId: string;
      readonly recordingIds: readonly string[] | undefined;
      readonly limit: number;
    };

export interface TrainerAnswers {
  readonly models: ModelDescription[];
  readonly "export-model": ExportedModel;
  readonly "import-model": ImportedFile;
  readonly "test-engine": EngineReport;
  readonly preview: RunPreview;
  readonly train: { readonly run: Run; readonly model: Uint8Array };
  readonly predict: Prediction;
  readonly layers: LayerReport;
  readonly rank: RankedWindow[];
}
export type RequestName = TrainerRequest["name"];

/** Main to trainer. */
export type ToTrainer =
  | { readonly kind: "open"; readonly libraryPath: string } // first of all
  | { readonly kind: "request"; readonly id: number; readonly request: TrainerRequest }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "handled"; readonly checkpoint: number } // the checkpoint with this number was written, or its run is cancelled
  | { readonly kind: "close" };

/** Trainer to main. */
export type FromTrainer =
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly error: ErrorReport } // the library did not open
  | { readonly kind: "heard"; readonly id: number } // of a cancel: a process that does not say so hears nothing
  | { readonly kind: "progress"; readonly progress: RunProgress }
  | {
      readonly kind: "checkpoint";
      readonly checkpoint: number;
      readonly run: Run;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "answer"; readonly id: number; readonly outcome: Outcome<TrainerAnswers[RequestName]> };
