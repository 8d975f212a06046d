import type { RunConfig } from "../../../../preload/contract/run.ts";
import type { FeatureTable } from "../../../models/fronts/front.ts";
import type { RecordingWindows } from "../dataset.ts";
import type { VariedRequest } from "../variation.ts";

/** What the thread is started with. It opens the library for reading only. */
export interface FeedOrder {
  readonly libraryPath: string;
}

interface Asked {
  readonly config: RunConfig;
  readonly front: string;
}

/** What the thread that reads the library answers. */
export interface FeedCalls {
  /** Inputs and labels of every window of one recording. */
  table: { ask: Asked & { readonly recordingId: string }; answer: RecordingWindows };
  /** Inputs of some of its windows, varied as in an epoch. */
  varied: { ask: Asked & { readonly request: VariedRequest }; answer: FeatureTable };
  /** Ends the thread. */
  close: { ask: undefined; answer: undefined };
}
