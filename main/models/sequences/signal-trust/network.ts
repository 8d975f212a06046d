import { mul, reshape, softplus, sub, sum } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { type NamedArrays, type NamedTensors, valuesOf } from "../../../compute/parameters.ts";
import type { TensorSpec } from "../../../compute/tensors.ts";
import {
  dropped,
  droppedSpecs,
  initialUNet,
  layersOf,
  throughLevels,
  type UNet,
  uNetShapes,
} from "../u-net.ts";
import { CHANNELS, TRUST_HZ } from "./input.ts";

/** Channels at a step of 1, 2, 4, 8, 16 and 32 s. */
const WIDTHS = [24, 32, 40, 48, 48, 48] as const;
const [TOP, BOTTOM] = [WIDTHS[0], WIDTHS[5]];
/** Further away than this an input cannot change an output; by the past alone it looks twice as far back. */
export const reachS = (pastOnly: boolean): number => (pastOnly ? 768 : 384);

/** Channels left out at random while learning: before and after the bottom, and at the end. */
export const DROPPED_WIDTHS = [BOTTOM, BOTTOM, TOP] as const;

/** Samples to which a stretch that is judged must begin, and how many it must have a multiple of: a step of 32 s. */
export const STEP = 128;

const START_BIAS = -1.5; // of the logit: most of what is drawn is the fetus

const net: UNet = {
  ...{ widths: WIDTHS, channels: CHANNELS, first: { taps: 2, neighbours: TRUST_HZ }, join: "join" },
  outputs: TRUST_HZ,
};

export const parameterShapes = uNetShapes(net);

export function initialParameters(seed: number): NamedArrays {
  const own = initialUNet(parameterShapes, seed);
  valuesOf(own, "head.bias").fill(START_BIAS);
  return own;
}

export const dropoutSpecs = (rows: number): readonly TensorSpec[] => droppedSpecs(DROPPED_WIDTHS, rows);

/** How a network is run. */
interface Passage {
  readonly pastOnly: boolean; // a second is judged by nothing after it; with the same parameters
  readonly dropout?: readonly Tensor[];
}

/**
 * Steps of a second to 32 s, four outputs a second.
 * x [rows, samples, CHANNELS] at 4 Hz, `samples` a multiple of 128 -> logits [rows, samples].
 */
export function trustLogits(
  params: NamedTensors,
  x: Tensor3D,
  { pastOnly, dropout = [] }: Passage,
): Tensor2D {
  const [before, after, end] = dropout;
  const own: UNet = { ...net, pastOnly };
  const layers = layersOf(own, params);
  const h = throughLevels(own, layers, x, {
    isFirstLinear: false,
    bottom: (low) => dropped(layers.mixed("bottom.mix", dropped(low, before), 2), after),
  });
  return reshape(layers.convolve("head", dropped(h, end)), [x.shape[0], x.shape[1]]);
}

/** Weighted binary cross-entropy. logits, y (1: false signal) and weight [rows, samples]. */
export const trustLoss = (logits: Tensor2D, y: Tensor, weight: Tensor): Scalar =>
  sum(mul(sub(softplus(logits), mul(logits, y)), weight));
