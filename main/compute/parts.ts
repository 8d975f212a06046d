import { add, addN, reshape, slice } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { sure } from "../../preload/contract/sure.ts";
import { sizeOf } from "./feeds.ts";
import type { LossAndGradient, Step, StepParts } from "./runtime.ts";

/**
 * Rows part, part + count, part + 2 count, … of a tensor along an axis whose extent is a multiple of count. Dealt out in
 * turn, since batches hold their labelled rows first.
 */
export function everyNth(
  x: Tensor,
  { axis, part, count }: { readonly axis: number; readonly part: number; readonly count: number },
): Tensor {
  const rows = sizeOf(x.shape.slice(0, axis + 1)) / count;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const dealt = slice(reshape(x, [rows, count * inner]), [0, part * inner], [rows, inner]);
  return reshape(
    dealt,
    x.shape.map((extent, index) => (index === axis ? extent / count : extent)),
  );
}

/** The largest number of equal parts, `most` at most. */
export function evenParts(rows: number, most: number): number {
  for (let count = most; count > 1; count -= 1) if (rows % count === 0) return count;
  return 1;
}

/** The parts one after the other as a step. What runs independent operators side by side finds them in it. */
export const together =
  ({ parts, finish }: StepParts): Step =>
  (state, feeds) =>
    finish(state, feeds, sumOf(parts.map((part) => part(sure(state[0]), feeds))));

/** Loss and gradient of several parts. */
export function sumOf(made: readonly LossAndGradient[]): LossAndGradient {
  const loss = made.map((one) => one.loss).reduce((total, one) => add<Scalar>(total, one));
  return { loss, gradient: addN(made.map((one) => one.gradient)) };
}

/** In order, as evenly as it goes, in `count` groups at most. */
export function dealt<T>(all: readonly T[], count: number): readonly (readonly T[])[] {
  const groups = Math.min(count, all.length);
  const ends = Array.from({ length: groups + 1 }, (_, group) => Math.ceil((group * all.length) / groups));
  return ends.slice(1).map((end, group) => all.slice(ends[group], end));
}
