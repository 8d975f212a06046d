import type { JudgedWindow, LiveOrder } from "../../preload/contract/acquisition.ts";
import type { Comparison } from "../../preload/contract/comparison.ts";
import type { RunCounted } from "../../preload/contract/estimate.ts";
import type { Content, Curves, Forecast } from "../../preload/contract/finding.ts";
import type { Picture } from "../../preload/contract/method.ts";
import type { ModelDescription } from "../../preload/contract/model.ts";
import type {
  Adaptation,
  LayerReport,
  Prediction,
  RankedWindow,
  Run,
  RunConfig,
  RunPreview,
  RunProgress,
} from "../../preload/contract/run.ts";
import type { EngineName, EngineReport } from "../../preload/contract/engine.ts";
import type { SweepConfiguration, SweepReport } from "../../preload/contract/sweep.ts";
import type { Library } from "../storage/api.ts";
import type { RuntimeFor } from "../compute/choose.ts";
import type { Heard } from "../signal/piece.ts";
import type { ExportedModel, ImportedFile, ImportRequest } from "./model-file/results.ts";

/** A recording under way, judged window by window as predictions judge it once it is stored. */
export interface LiveStream {
  /** What was told of the recording's streams, in its order, in bits of any size. */
  hear(heard: readonly Heard[]): void;
  /** Rejects with why a window could not be judged. */
  readonly failed: Promise<never>;
  /** Resolves once every window that is complete by now has been judged. */
  settled(): Promise<void>;
  dispose(): Promise<void>;
}

/** Looks ahead from moments of a recording. What it opens for the first question it keeps for the next. */
export interface Forecasting {
  /** Null where too little is known. `trained` is asked for where nothing of this run is kept. */
  at(
    request: { readonly runId: string; readonly recordingId: string; readonly atS: number },
    tools: Tools,
    trained: () => Trained,
  ): Promise<Forecast | null>;
  /** Gives its memory back; the next question opens again. */
  close(): Promise<void>;
}

/** What is told while recordings are counted, at most four times a second, and when it is no longer wanted. */
export interface CountWatch {
  readonly signal: AbortSignal;
  readonly onCounted: (counted: RunCounted) => void;
}

/** What the trainer process can do, as functions of a library it may only read. Main saves what they return. */
export interface TrainingWork {
  previewRun(config: RunConfig, library: Library, watch: CountWatch): RunPreview | Promise<RunPreview>;
  fitRun(run: Run, tools: FitTools): Promise<{ readonly run: Run; readonly model: Uint8Array }>;
  /** One fit of a cross-validation by itself; `whole`: what came of the first, where this is another. */
  fitFold(
    run: Run,
    place: { readonly index: number; readonly whole: Uint8Array | undefined },
    tools: FitTools,
  ): Promise<{ readonly fitted: Uint8Array; readonly of: number }>;
  /** The checkpoint from which a run goes on by pooling such fits. */
  pooledFrom(fits: readonly Uint8Array[]): Uint8Array;
  predictRecording(
    request: Trained & { readonly recordingId: string; readonly adaptation: Adaptation },
    tools: Tools,
  ): Promise<Prediction>;
  findInRecording(
    request: Trained & { readonly recordingId: string },
    tools: Tools,
  ): Promise<readonly Content[]>;
  /** What its model puts where samples are missing: series that are `filled`. */
  fillRecording(request: Trained & { readonly recordingId: string }, tools: Tools): Promise<Curves>;
  readonly forecasting: Forecasting;
  explainWindow(
    request: Trained & { readonly recordingId: string; readonly timeS: number },
    tools: Tools,
  ): Promise<LayerReport>;
  rankWindows(
    request: Trained & { readonly recordingIds: readonly string[] | undefined; readonly limit: number },
    tools: Tools,
  ): Promise<RankedWindow[]>;
  openLive(
    request: Trained & LiveOrder,
    tools: Pick<Tools, "library" | "runtimeFor">,
    tell: (judged: readonly JudgedWindow[]) => void,
  ): Promise<LiveStream>;
  picturesOfRun(request: Trained): Picture[];
  compareRuns(runs: readonly Run[]): Comparison;
  judgeSweep(configurations: readonly SweepConfiguration[], runOf: (id: string) => Run): SweepReport;
  exportModel(request: Trained, tools: Tools): Promise<ExportedModel>;
  importModel(request: ImportRequest): ImportedFile;
  /** The models there are, as pages and the command line tell of them; needs no library. */
  listModels(): ModelDescription[];
  /** Opens and tests an engine; needs no library. */
  testEngine(name: EngineName): Promise<EngineReport>;
}

export interface Trained {
  readonly run: Run;
  readonly model: Uint8Array;
}

export interface Tools {
  readonly library: Library;
  readonly runtimeFor: RuntimeFor;
  readonly signal: AbortSignal;
}

export interface FitTools extends Tools {
  readonly onProgress: (progress: RunProgress) => void; // as often as it likes: thinned to four a second on the way
  /** The run as it stands and what is needed to go on: saved before it resolves. */
  readonly onCheckpoint: (run: Run, checkpoint: Uint8Array) => Promise<void>;
  readonly resume: Uint8Array | undefined; // the last checkpoint
}
