import { sure } from "../../../preload/contract/sure.ts";
import { hatch } from "./hatch.ts";
import type { ValueScale } from "./envelope.ts";
import { visitBuckets, type TraceChannel, type View } from "./track.ts";

/** Columns [from, to) without any observed sample, or not loaded yet, or only partly observed. */
export interface MaskColumns {
  readonly gaps: readonly (readonly [from: number, to: number])[];
  readonly missing: readonly (readonly [from: number, to: number])[];
  readonly partial: readonly (readonly [from: number, to: number])[];
}

/** Stretches that several channels of one panel share: a gap is hatched only where nothing at all is drawn. */
export function intersect(a: MaskColumns["gaps"], b: MaskColumns["gaps"]): MaskColumns["gaps"] {
  const both: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [[fromA, toA], [fromB, toB]] = [sure(a[i]), sure(b[j])];
    const [from, to] = [Math.max(fromA, fromB), Math.min(toA, toB)];
    if (from < to) both.push([from, to]);
    if (toA < toB) i++;
    else j++;
  }
  return both;
}

export function maskColumns(view: View, channel: TraceChannel, from: number, to: number): MaskColumns {
  const gaps: [number, number][] = [];
  const missing: [number, number][] = [];
  const partial: [number, number][] = [];
  const extend = (runs: [number, number][], left: number, right: number): void => {
    const last = runs[runs.length - 1];
    if (last && left <= last[1] + 0.01) last[1] = right;
    else runs.push([left, right]);
  };
  visitBuckets(view, channel, from - 1, to + 1, {
    bucket(_index, x, min, _max, reason, half) {
      if (Number.isNaN(min)) extend(gaps, x - half, x + half);
      else if (reason !== 0) extend(partial, x - half, x + half);
    },
    missing: (left, right) => extend(missing, left, right),
  });
  return { gaps, missing, partial };
}

/** Hatches a panel where nothing was observed, and in another way where nothing has been loaded. */
export function paintMask(
  context: CanvasRenderingContext2D,
  view: View,
  panel: { readonly channels: readonly TraceChannel[]; readonly values: ValueScale },
  span: { readonly from: number; readonly to: number },
): void {
  const { values } = panel;
  const columns = panel.channels.map((channel) => maskColumns(view, channel, span.from, span.to));
  const [first, ...others] = columns;
  if (!first) return;
  const shared = others.reduce((gaps, next) => intersect(gaps, next.gaps), first.gaps);
  const fill = (runs: MaskColumns["gaps"]): void => {
    for (const [left, right] of runs) {
      // Whole pixels on both sides, at least one wide: a short gap must not vanish between columns.
      const x = Math.floor(left);
      context.fillRect(x, values.top, Math.max(1, Math.ceil(right) - x), values.height);
    }
  };
  if (shared.length > 0) {
    context.fillStyle = hatch(context, "gap", view);
    fill(shared);
  }
  if (columns.some((one) => one.missing.length > 0)) {
    context.fillStyle = hatch(context, "loading", view);
    fill(first.missing);
  }
  // A line along the foot says where samples are missing that are too short, at this zoom, for a hatch.
  context.fillStyle = view.palette.tokens.dim;
  const tick = Math.max(2, Math.round(2 * view.dpr));
  for (const { gaps, partial } of columns) {
    for (const [left, right] of [...partial, ...gaps]) {
      const x = Math.floor(left);
      context.fillRect(x, values.top + values.height - tick, Math.max(1, Math.ceil(right) - x), tick);
    }
  }
}
