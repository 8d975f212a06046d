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
import type { ModelImport } from "../../../preload/contract/model-file.ts";
import type { ExportedModel } from "../model-file/results.ts";

/** What the trainer process answers. One process trains and predicts; its death ends a run, never the application. */
export interface Trainer {
  /** The models there are to choose from. */
  models(): Promise<ModelDescription[]>;
  preview(config: RunConfig): Promise<RunPreview>;
  /** Resolves with the finished run (phase done, failed or cancelled), already saved with its model. */
  train(run: Run, options: { resume: boolean }): Promise<Run>;
  cancel(runId: string): void;
  predict(request: { runId: string; recordingId: string; adaptation: Adaptation }): Promise<Prediction>;
  layers(request: { runId: string; recordingId: string; timeS: number }): Promise<LayerReport>;
  rank(request: {
    runId: string;
    recordingIds?: readonly string[] | undefined;
    limit: number;
  }): Promise<RankedWindow[]>;
  /** The bytes of an `.onnx` file, run once in plain ONNX Runtime and compared. */
  exportModel(runId: string): Promise<ExportedModel>;
  /** Adds what such a file holds to the library as a run, or leaves the library as it was. */
  importModel(request: { file: string; bytes: Uint8Array }): Promise<ModelImport>;
  progress(): RunProgress[];
  onProgress(listener: (progress: RunProgress) => void): () => void;
  dispose(): Promise<void>;
}
