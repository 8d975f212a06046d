import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import type { Attribute, GraphNode } from "../graph.ts";
import type { Trace } from "./kernel.ts";
import type { Geometry } from "./spatial.ts";
import { padded } from "./shape.ts";

/*
 * ONNX Runtime's own convolution, over channels in blocks of 8 or 16 that lie together. Its optimiser takes it only
 * where the filter is a constant, which in training it is not; so it is asked for by name. On [64, 1200, 32] with nine taps: 8.9 ms
 * against 15.7 for Conv, and 0.8 for each change of layout, which comes from and goes to channels last for nothing more.
 */
const DOMAIN = "com.microsoft.nchwc";
const CONV = `${DOMAIN}.Conv`;
const TO_BLOCKS = `${DOMAIN}.ReorderInput`;
const FROM_BLOCKS = `${DOMAIN}.ReorderOutput`;

export interface BlockedFilter {
  readonly name: string; // [...window, channels, out]
  readonly channels: number;
  readonly out: number;
}

/** Whether the blocked layout can hold the channels, and is not mostly filled up with zeros. */
export const fitsBlocks = ({ graph }: Trace, channels: number, out: number): boolean =>
  graph.channelBlock !== undefined && channels % graph.channelBlock === 0 && 2 * out >= graph.channelBlock;

/** x [b, ...input, channels] -> [b, ...output, out], as TensorFlow.js lays it out. */
export function convolveBlocked(trace: Trace, x: string, filter: BlockedFilter, at: Geometry): string {
  const { graph } = trace;
  const plane = (extent: readonly number[], fill: number): number[] =>
    extent.length === 1 ? [fill, ...extent] : [...extent];
  const image = graph.reshape(x, [at.batch, ...plane(at.input, 1), filter.channels]);
  const convolved = graph.emit(
    CONV,
    [
      graph.emit(TO_BLOCKS, [image], { channels_last: 1 }),
      filterInBlocks(trace, filter, plane(at.window, 1)),
    ],
    {
      kernel_shape: plane(at.window, 1),
      strides: plane(at.strides, 1),
      dilations: plane(at.dilations, 1),
      pads: [...plane(at.before, 0), ...plane(at.after, 0)],
      group: 1,
    },
  );
  return graph.know(fromBlocks(trace, convolved, filter.out), [at.batch, ...plane(at.output, 1), filter.out]);
}

const fromBlocks = ({ graph }: Trace, name: string, channels: number): string =>
  graph.emit(FROM_BLOCKS, [name], { channels, channels_last: 1 });

const filledUp = (size: number, block: number): number => Math.ceil(size / block) * block;

/** [h, w, in, out] in the order [out / block, in / block, h, w, block of in, block of out]. */
function filterInBlocks(trace: Trace, filter: BlockedFilter, window: readonly number[]): string {
  const { graph } = trace;
  const block = sure(graph.channelBlock);
  const { channels } = filter;
  const out = filledUp(filter.out, block);
  const whole = graph.reshape(filter.name, [...window, channels, filter.out]);
  const spread = padded(trace, whole, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, out - filter.out],
  ]);
  const split = graph.reshape(spread, [...window, channels / block, block, out / block, block]);
  return graph.reshape(graph.transpose(split, [4, 2, 0, 1, 3, 5]), [out, channels, ...window]);
}

/** The blocked convolution behind x, where x is nothing but that. */
function behind(
  { graph }: Trace,
  name: string,
): { readonly convolution: GraphNode; readonly channels: number } | undefined {
  const outer = graph.producerOf(name);
  const reorder = outer?.op === "Reshape" ? graph.producerOf(sure(outer.inputs[0])) : outer;
  if (reorder?.op !== FROM_BLOCKS) return undefined;
  const convolution = graph.producerOf(sure(reorder.inputs[0]));
  if (convolution === undefined || "activation" in convolution.attributes) return undefined;
  return { convolution, channels: reorder.attributes["channels"] as number };
}

function again(
  trace: Trace,
  x: TensorInfo,
  channels: number,
  { inputs, attributes }: { inputs: readonly string[]; attributes: Readonly<Record<string, Attribute>> },
): TensorInfo {
  const { graph } = trace;
  const convolved = graph.emit(CONV, inputs, attributes);
  return trace.tensor(graph.reshape(fromBlocks(trace, convolved, channels), x.shape), x.shape, "float32");
}

/** A number a channel added inside the convolution that x is. */
export function biasIntoBlocked(trace: Trace, x: TensorInfo, bias: string): TensorInfo | undefined {
  const { graph } = trace;
  const found = behind(trace, trace.nameOf(x));
  if (found === undefined || found.convolution.inputs.length !== 2) return undefined;
  const { convolution, channels } = found;
  const extra = filledUp(channels, sure(graph.channelBlock)) - channels;
  const whole = padded(trace, graph.reshape(bias, [channels]), [[0, extra]]);
  return again(trace, x, channels, {
    inputs: [...convolution.inputs, whole],
    attributes: convolution.attributes,
  });
}

/** The part of the convolution that x is above zero, found while it is computed. */
export function reluIntoBlocked(trace: Trace, x: TensorInfo): TensorInfo | undefined {
  const name = trace.nameOf(x);
  const found = behind(trace, name);
  if (found === undefined) return undefined;
  const { inputs, attributes } = found.convolution;
  const result = again(trace, x, found.channels, {
    inputs,
    attributes: { ...attributes, activation: "Relu" },
  });
  trace.graph.remember("Relu", [name], trace.nameOf(result));
  return result;
}
