import type { ErrorReport, Outcome } from "../../../preload/contract/errors.ts";
import type { RunConfig } from "../../../preload/contract/run.ts";
import type { RecordingWindows } from "../dataset.ts";
import type { FeedBatch, FeedOptions, FeedShape } from "./batches.ts";

/** What the thread is started with. It opens the library for reading only. */
export interface FeedOrder {
  readonly libraryPath: string;
}

export type ToFeed =
  /** Inputs of every window of one recording. */
  | {
      readonly kind: "table";
      readonly id: number;
      readonly config: RunConfig;
      readonly front: string;
      readonly recordingId: string;
    }
  /** Once, before the first epoch: which windows of samples there are. */
  | {
      readonly kind: "index";
      readonly config: RunConfig;
      readonly options: Omit<FeedOptions, "config">;
    }
  /** Batches of an epoch, as many ahead as `taken` allows; ends the epoch under way. */
  | { readonly kind: "epoch"; readonly request: number; readonly epoch: number; readonly ahead: number }
  | { readonly kind: "taken" }
  | { readonly kind: "close" };

export type FromFeed =
  | { readonly kind: "table"; readonly id: number; readonly outcome: Outcome<RecordingWindows> }
  | { readonly kind: "indexed"; readonly shape: FeedShape }
  | { readonly kind: "batch"; readonly request: number; readonly batch: FeedBatch }
  | { readonly kind: "end"; readonly request: number }
  | { readonly kind: "failed"; readonly error: ErrorReport };
