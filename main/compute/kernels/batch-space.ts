import type { BatchToSpaceNDAttrs, SpaceToBatchNDAttrs, TensorInfo } from "@tensorflow/tfjs-core";
import { sure } from "../../../preload/contract/sure.ts";
import { kernel } from "./kernel.ts";
import type { KernelTable } from "./kernel.ts";
import { padded, sliced } from "./shape.ts";

type Amounts = readonly (readonly number[])[];
/** What is added to, or taken from, the two ends of an axis. */
const bothEnds = (amounts: Amounts, axis: number): number =>
  sure(amounts[axis]).reduce((sum, amount) => sum + amount, 0);
const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** [b, s, ...] with every axis s padded and parted into its phases: [b x blocks, s / block, ...]. */
export function partedShape({ shape }: TensorInfo, blocks: readonly number[], paddings: Amounts): number[] {
  const inner = blocks.map((block, axis) => (sure(shape[axis + 1]) + bothEnds(paddings, axis)) / block);
  return [sure(shape[0]) * product(blocks), ...inner, ...shape.slice(blocks.length + 1)];
}

/** The way back: [b, s, ...] to [b / blocks, s x block - crops, ...]. */
export function joinedShape({ shape }: TensorInfo, blocks: readonly number[], crops: Amounts): number[] {
  const inner = blocks.map((block, axis) => sure(shape[axis + 1]) * block - bothEnds(crops, axis));
  return [sure(shape[0]) / product(blocks), ...inner, ...shape.slice(blocks.length + 1)];
}

const upTo = (count: number, first = 0): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

const spaceToBatch = kernel<"x", SpaceToBatchNDAttrs>((trace, { x }, { blockShape, paddings }) => {
  const { graph } = trace;
  const count = blockShape.length;
  const rest = x.shape.slice(count + 1);
  const none = [0, 0] as const;
  const around = [none, ...(paddings as [number, number][]), ...rest.map(() => none)];
  const shape = partedShape(x, blockShape, paddings);
  const phases = blockShape.flatMap((block, axis) => [sure(shape[axis + 1]), block]);
  const split = graph.reshape(padded(trace, trace.nameOf(x), around), [sure(x.shape[0]), ...phases, ...rest]);
  const perm = [
    ...upTo(count).map((axis) => 2 * axis + 2),
    0,
    ...upTo(count).map((axis) => 2 * axis + 1),
    ...upTo(rest.length, 2 * count + 1),
  ];
  return trace.tensor(graph.reshape(graph.transpose(split, perm), shape), shape, x.dtype);
});

const batchToSpace = kernel<"x", BatchToSpaceNDAttrs>((trace, { x }, { blockShape, crops }) => {
  const { graph } = trace;
  const count = blockShape.length;
  const inner = x.shape.slice(1, count + 1);
  const rest = x.shape.slice(count + 1);
  const batch = sure(x.shape[0]) / product(blockShape);
  const split = graph.reshape(trace.nameOf(x), [...blockShape, batch, ...inner, ...rest]);
  const perm = [
    count,
    ...upTo(count).flatMap((axis) => [count + 1 + axis, axis]),
    ...upTo(rest.length, 2 * count + 1),
  ];
  const whole = graph.reshape(graph.transpose(split, perm), [
    batch,
    ...inner.map((size, axis) => size * sure(blockShape[axis])),
    ...rest,
  ]);
  const shape = joinedShape(x, blockShape, crops);
  const spans = blockShape.flatMap((_, axis) => {
    const [begin, end] = crops[axis] as [number, number];
    return begin === 0 && end === 0 ? [] : [{ axis: axis + 1, begin, end: begin + sure(shape[axis + 1]) }];
  });
  return trace.tensor(sliced(trace, whole, spans), shape, x.dtype);
});

export const batchesAndSpaces: KernelTable = {
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
};
