import type { Scored } from "./evaluation.ts";

/** What a model said of each labelled window of people it never saw, in a form that a checkpoint keeps. */
export interface ScoredWindows extends Scored {
  readonly probabilities: Float64Array;
  readonly labels: Int32Array;
}

/** What a model that adapts to the past of a stream said, and when. */
export interface CausalWindows extends ScoredWindows {
  readonly sinceS: Float64Array; // of each window, from the first of its recording
  readonly parts: Uint8Array; // index into causalParts
}

/** The test windows of a split, as the model and those it is compared with judged them. */
export type Tested = { readonly [method in "test" | "lda"]: ScoredWindows } & {
  readonly supervisedOnly?: ScoredWindows; // of a model that learns from unlabelled windows too
  readonly transductive?: ScoredWindows;
  readonly causal?: CausalWindows;
  readonly guided?: CausalWindows; // as if somebody had seen to it that the first minute holds every class
  readonly layers?: LayerProbe; // of a model whose layers each give an answer
};

/** How many of the test windows each layer alone puts right. */
export interface LayerProbe {
  readonly right: readonly number[]; // a layer
  readonly windows: number;
}
