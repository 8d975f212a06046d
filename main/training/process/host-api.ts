import type { ModelDescription } from "../../../preload/contract/model.ts";
import type { Run, RunConfig, PackedPreview, RunProgress } from "../../../preload/contract/run.ts";
import type { ExportedModel, ImportedFile } from "../model-file/results.ts";
import type { CountWatch, Trained } from "../work.ts";
import type { TrainerCalls } from "./messages.ts";

/** A run to be trained, or to go on from its last checkpoint. Plain data. */
export interface TrainOrder {
  readonly run: Run;
  readonly resume: boolean;
  /** Fits of a cross-validation that were done by themselves, all of them: they are pooled. */
  readonly fits?: readonly Uint8Array[];
}

/** One fit of a cross-validation: 0 learns from everybody, the others each leave a fold out and need what came of it. */
export type FoldOrder = TrainerCalls["fold"]["ask"];

/** What is told while a run is trained, and when it is no longer wanted. */
export interface TrainWatch {
  readonly signal: AbortSignal;
  /** At most four a second, and every change of phase. */
  readonly onProgress: (progress: RunProgress) => void;
  /** Resolves once it is written: the fit waits, and ends with the reason where it rejects. */
  readonly onCheckpoint: (run: Run, bytes: Uint8Array) => Promise<void>;
}

type Answer<N extends keyof TrainerCalls> = Promise<TrainerCalls[N]["answer"]>;

/**
 * What the trainer process answers. It writes nothing: what comes of it is saved by who asked. One process trains and
 * predicts; its death fails what was asked of it, never the application.
 */
export interface Trainer {
  /** Starts the process where it does not run: whoever asks something next waits the less for it. */
  begin(): Promise<void>;
  /** The models there are to choose from. */
  models(): Promise<ModelDescription[]>;
  preview(config: RunConfig, watch?: CountWatch): Promise<PackedPreview>;
  /** What came of it, plain data and the bytes of the model. Rejects as cancelled once the signal says so, as died where the process did, else with the fit's own reason. */
  train(order: TrainOrder, watch: TrainWatch): Promise<Trained>;
  /** Where it stands is told as a training's is. */
  fold(order: FoldOrder, watch: TrainWatch): Answer<"fold">;
  predict(request: TrainerCalls["predict"]["ask"]): Answer<"predict">;
  /** Of a model that follows whole recordings. */
  find(request: TrainerCalls["find"]["ask"]): Answer<"find">;
  /** What its model puts where samples of a recording are missing. */
  fill(request: TrainerCalls["fill"]["ask"]): Answer<"fill">;
  /** What may come, seen from a moment of a recording; null where too little is known. */
  forecast(request: TrainerCalls["forecast"]["ask"]): Answer<"forecast">;
  layers(request: TrainerCalls["layers"]["ask"]): Answer<"layers">;
  rank(request: TrainerCalls["rank"]["ask"]): Answer<"rank">;
  /** What a run's model learned, as pages draw it. */
  pictures(runId: string): Answer<"pictures">;
  /** Stored runs of one split side by side. Rejects with what keeps them apart. */
  compare(runIds: readonly string[]): Answer<"compare">;
  /** Configurations of a sweep beside the first. Rejects with what keeps them apart. */
  sweep(configurations: TrainerCalls["sweep"]["ask"]["configurations"]): Answer<"sweep">;
  /** The bytes of an `.onnx` file, run once in plain ONNX Runtime and compared. */
  exportModel(runId: string): Promise<ExportedModel>;
  /** What such a file holds, as a run with its model. */
  importModel(request: TrainerCalls["importModel"]["ask"]): Promise<ImportedFile>;
  dispose(): Promise<void>;
}
