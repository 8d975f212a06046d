import { add, concat, logSumExp, mul, reshape, slice, sub, sum, zeros } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import {
  countOf,
  type NamedArrays,
  type NamedTensors,
  type ParameterShapes,
} from "../../../compute/parameters.ts";
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
import { CHANNELS } from "./input.ts";

/** Channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input's rate. */
const WIDTHS = [24, 32, 40, 48, 48] as const;
/** Further away than this an input cannot change an output: 340 s, rounded up to whole steps of the lowest rate. */
export const REACH_S = 384;

/** A bottom and an end whose channels are left out at random while learning. */
export const DROPPED_WIDTHS = [WIDTHS[4], WIDTHS[0]] as const;

const netOf = (outputs: number): UNet => ({
  ...{ widths: WIDTHS, channels: CHANNELS, first: { taps: 4, neighbours: 2 }, join: "halve", outputs },
});

export const parameterShapes = (outputs: number): ParameterShapes => uNetShapes(netOf(outputs));

export const parameterCount = (outputs: number): number => countOf(parameterShapes(outputs));

export const initialParameters = (outputs: number, seed: number): NamedArrays =>
  initialUNet(parameterShapes(outputs), seed);

export const dropoutSpecs = (rows: number): readonly TensorSpec[] => droppedSpecs(DROPPED_WIDTHS, rows);

/** x [rows, length, CHANNELS] at 1 Hz, `length` a multiple of 64 -> logits [rows, length, outputs]. */
export function eventLogits(
  params: NamedTensors,
  x: Tensor3D,
  outputs: number,
  dropout: readonly Tensor[] = [],
): Tensor3D {
  const [after, end] = dropout;
  const net = netOf(outputs);
  const layers = layersOf(net, params);
  const h = throughLevels(net, layers, x, {
    isFirstLinear: true,
    bottom: (low) => dropped(layers.mixed("bottom.mix", low, 2), after),
  });
  return linearTwice(layers.convolve("head", dropped(h, end)));
}

/** Linear interpolation to twice the rate, each output a quarter of a step beside its input; held at the ends. */
function linearTwice(h: Tensor3D): Tensor3D {
  const [rows, length, channels] = h.shape;
  const first = slice(h, [0, 0, 0], [rows, 1, channels]);
  const last = slice(h, [0, length - 1, 0], [rows, 1, channels]);
  const before = concat([first, slice(h, [0, 0, 0], [rows, length - 1, channels])], 1);
  const after = concat([slice(h, [0, 1, 0], [rows, length - 1, channels]), last], 1);
  const own = mul(h, 0.75);
  const pair = concat([add(own, mul(before, 0.25)), add(own, mul(after, 0.25))], 2);
  return reshape(pair, [rows, 2 * length, channels]);
}

/**
 * Cross-entropy of softmax([0, logits]), weighted: the logit of "none" is 0, so that one code is a sigmoid.
 * logits, y [rows, length, codes], y one-hot or soft, all zero for none; weight [rows, length].
 */
export function eventLoss(logits: Tensor3D, y: Tensor, weight: Tensor): Scalar {
  const [rows, length, codes] = logits.shape;
  const flat = reshape(logits, [rows * length, codes]) as Tensor2D;
  const none = zeros([rows * length, 1]) as Tensor2D;
  const total = logSumExp(concat([none, flat], 1), 1);
  const own = sum(mul(flat, reshape(y, [rows * length, codes])), 1);
  return sum(mul(sub(total, own), reshape(weight, [rows * length])));
}
