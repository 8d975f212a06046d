import type { Outcome } from "../../../../preload/contract/errors.ts";
import type { RunConfig } from "../../../../preload/contract/run.ts";
import type { FeatureTable } from "../../../models/fronts/front.ts";
import type { RecordingWindows } from "../dataset.ts";
import type { VariedRequest } from "../variation.ts";

/** What the thread is started with. It opens the library for reading only. */
export interface FeedOrder {
  readonly libraryPath: string;
}

export type FeedRequest =
  /** Inputs and labels of every window of one recording. */
  | {
      readonly kind: "table";
      readonly config: RunConfig;
      readonly front: string;
      readonly recordingId: string;
    }
  /** Inputs of some of its windows, varied as in an epoch. */
  | {
      readonly kind: "varied";
      readonly config: RunConfig;
      readonly front: string;
      readonly request: VariedRequest;
    };

export interface FeedAnswers {
  readonly table: RecordingWindows;
  readonly varied: FeatureTable;
}

export type ToFeed =
  { readonly kind: "ask"; readonly id: number; readonly request: FeedRequest } | { readonly kind: "close" };

export interface FromFeed {
  readonly id: number; // of what was asked
  readonly outcome: Outcome<FeedAnswers[FeedRequest["kind"]]>;
}
