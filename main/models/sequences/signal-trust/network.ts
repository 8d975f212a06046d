import { mul, reshape, softplus, sub, sum } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { Params, TensorSpec } from "../../../compute/tensors.ts";
import {
  dropped,
  droppedSpecs,
  initialUNet,
  layersOf,
  specsOf,
  throughLevels,
  type UNet,
  uNetShapes,
} from "../u-net.ts";
import { CHANNELS, TRUST_HZ } from "./input.ts";

/** Channels at a step of 1, 2, 4, 8, 16 and 32 s. */
const WIDTHS = [24, 32, 40, 48, 48, 48] as const;
const [TOP, BOTTOM] = [WIDTHS[0], WIDTHS[5]];
/** Further away than this an input cannot change an output. */
export const REACH_S = 384;

/** Channels left out at random while learning: before and after the bottom, and at the end. */
export const DROPPED_WIDTHS = [BOTTOM, BOTTOM, TOP] as const;

const START_BIAS = -1.5; // of the logit: most of what is drawn is the fetus

const net: UNet = {
  ...{ widths: WIDTHS, channels: CHANNELS, first: { taps: 2, neighbours: TRUST_HZ }, join: "join" },
  outputs: TRUST_HZ,
};

export const parameterShapes = uNetShapes(net);
export const parameterSpecs = specsOf(parameterShapes);

export const initialParameters = (seed: number): readonly Float32Array[] => {
  const names = [...parameterShapes.keys()];
  return initialUNet(parameterShapes, seed).map((values, i) =>
    names[i] === "head.bias" ? values.fill(START_BIAS) : values,
  );
};

export const dropoutSpecs = (rows: number): readonly TensorSpec[] => droppedSpecs(DROPPED_WIDTHS, rows);

/**
 * Steps of a second to 32 s, four outputs a second.
 * x [rows, samples, CHANNELS] at 4 Hz, `samples` a multiple of 128 -> logits [rows, samples].
 */
export function trustLogits(params: Params, x: Tensor3D, dropout: readonly Tensor[] = []): Tensor2D {
  const [before, after, end] = dropout;
  const layers = layersOf(net, parameterShapes, params);
  const h = throughLevels(net, layers, x, {
    isFirstLinear: false,
    bottom: (low) => dropped(layers.mixed("bottom.mix", dropped(low, before), 2), after),
  });
  return reshape(layers.convolve("head", dropped(h, end)), [x.shape[0], x.shape[1]]);
}

/** Weighted binary cross-entropy. logits, y (1: false signal) and weight [rows, samples]. */
export const trustLoss = (logits: Tensor2D, y: Tensor, weight: Tensor): Scalar =>
  sum(mul(sub(softplus(logits), mul(logits, y)), weight));
