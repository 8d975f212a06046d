import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { ChannelHeader } from "../../../../preload/contract/recording.ts";

/**
 * A front as TensorFlow.js ops of fixed shapes, so that it can be recorded into a model file. It computes what the
 * front's `extract` computes for one window; fronts/graph/graph.test.ts holds the two against each other.
 */
export interface FrontGraph {
  readonly front: string;
  /** Signal the front needs around the window; absent: the window's own samples are all it looks at. */
  readonly context?: SignalContext;
  /** Samples of a channel that go in. Throws model/cannot-export for a rate the graph has no exact form for. */
  samples(windowS: number, sampleRate: number): number;
  features(channels: readonly GraphChannel[], place: Place): GraphFeatures;
}

/** The stretch of signal begins `beforeS` or up to `beforeS + stepS` ahead of the window, at a multiple of stepS. */
export interface SignalContext {
  readonly beforeS: number;
  readonly stepS: number;
  lengthS(windowS: number): number;
}

/** One channel's samples, [1, samples]: physical values, 0 where unobserved, and the mask. */
export interface GraphChannel {
  readonly facts: ChannelHeader;
  readonly values: Tensor2D;
  readonly observed: Tensor2D;
}

/** Where the window lies in the signal, and where the recording ends, in seconds from the signal's first sample; [1, 1]. */
export interface Place {
  readonly windowS: number;
  readonly onsetS: Tensor2D | undefined; // for a front with context
  readonly endS: Tensor2D | undefined;
}

/** Inputs of the network before standardisation, [1, width]; x is 0 where unobserved. */
export interface GraphFeatures {
  readonly x: Tensor2D;
  readonly observed: Tensor2D;
}
