import { useCallback, type ReactNode } from "react";
import type { Channel } from "../../../preload/contract/recording.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { useCanvas } from "../../ui/canvas.ts";
import { number } from "../../ui/format.ts";
import { useTokens } from "../../ui/scheme.ts";
import { fontFamily } from "../../ui/tokens.ts";
import { hatch } from "./heat.tsx";

/** One channel over the window: lowest and highest sample of each pixel; unobserved stretches are hatched, never joined. */
export function ChannelStrip({
  recordingId,
  channel,
  fromS,
  lengthS,
  height,
}: {
  readonly recordingId: string;
  readonly channel: Channel;
  readonly fromS: number;
  readonly lengthS: number;
  readonly height: number;
}): ReactNode {
  const tokens = useTokens();
  const first = Math.max(0, Math.ceil(fromS * channel.sampleRate - 1e-9));
  const count = Math.max(1, Math.min(channel.sampleCount - first, Math.round(lengthS * channel.sampleRate)));
  const samples = useRequest(
    "trace.samples",
    { recordingId, channel: channel.position, first, count },
    { keepPrevious: true },
  ).data;
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, high: number) => {
      if (!samples) return;
      const { values, reasons } = samples;
      const xOf = (i: number) =>
        ((i + samples.first - fromS * channel.sampleRate) / (lengthS * channel.sampleRate)) * width;
      const [low, top] = rangeOf(values, reasons);
      const span = top - low || 1;
      const yOf = (value: number) => 2 + (1 - (value - low) / span) * (high - 4);
      context.strokeStyle = channel.role === "uc" ? tokens.traceUc : tokens.trace;
      context.lineWidth = 1.1;
      context.lineJoin = "round";
      context.beginPath();
      let isDown = false;
      for (let i = 0; i < values.length; i++) {
        if (reasons[i] !== 0) {
          isDown = false;
          continue;
        }
        const x = xOf(i);
        const y = yOf(values[i] ?? 0);
        if (isDown) context.lineTo(x, y);
        else context.moveTo(x, y);
        isDown = true;
      }
      context.stroke();
      for (const [from, to] of gapsOf(reasons))
        hatch(context, xOf(from), 0, Math.max(1, xOf(to) - xOf(from)), high, tokens.gap);
      if (high >= LEAST_FOR_NUMBERS) {
        context.font = `11px ${fontFamily}`;
        context.fillStyle = tokens.dim;
        context.textBaseline = "top";
        context.fillText(formatValue(top), 3, 1);
        context.textBaseline = "bottom";
        context.fillText(formatValue(low), 3, high - 1);
      }
    },
    [samples, channel, fromS, lengthS, tokens],
  );
  const canvas = useCanvas(draw);
  return <canvas ref={canvas} style={{ height }} aria-hidden />;
}

const LEAST_FOR_NUMBERS = 40; // pixels: below, the highest and the lowest value would touch
const formatValue = (value: number): string => number(value, "en", Math.abs(value) < 10 ? 2 : 0);

function rangeOf(values: Float32Array, reasons: Uint8Array): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (reasons[i] !== 0) continue;
    low = Math.min(low, values[i] ?? 0);
    high = Math.max(high, values[i] ?? 0);
  }
  return low <= high ? [low, high] : [0, 1];
}

/** Runs of unobserved samples: [first, one past the last]. */
export function gapsOf(reasons: Uint8Array): (readonly [number, number])[] {
  const gaps: (readonly [number, number])[] = [];
  let first = -1;
  for (let i = 0; i <= reasons.length; i++) {
    const isGap = i < reasons.length && reasons[i] !== 0;
    if (isGap && first < 0) first = i;
    else if (!isGap && first >= 0) {
      gaps.push([first, i]);
      first = -1;
    }
  }
  return gaps;
}
