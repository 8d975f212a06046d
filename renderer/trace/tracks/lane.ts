import type { ValueScale } from "./envelope.ts";
import { hatch } from "./hatch.ts";
import type { Place } from "./kind.ts";
import { intersect, maskColumns } from "./mask.ts";
import type { ValueRange } from "./range.ts";
import type { TraceChannel, View } from "./track.ts";

const PAD_PX = 2;

/** The scale of values in a lane of its own. */
export function laneScale({ low, high }: ValueRange, { top, height, dpr }: Place): ValueScale {
  const pad = Math.round(PAD_PX * dpr);
  return { top: top + pad, height: height - 2 * pad, low, high };
}

const OWN_PX = 44;

/** What kinds have in common that are drawn over a heart rate, or in a lane of their own where it is hidden. */
export const overRate = {
  isPicked: true,
  height: () => OWN_PX,
  place: <Content>(content: Content, at: Place) => ({
    ...{ ...content, content },
    values: at.values ?? laneScale({ low: 50, high: 210 }, at),
  }),
} as const;

/** Edges of a lane, its hatch where none of the channels says anything, and another where tiles are not there yet. */
export function paintLane(
  context: CanvasRenderingContext2D,
  view: View,
  { channels, values }: { readonly channels: readonly TraceChannel[]; readonly values: ValueScale },
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const hairline = Math.max(1, Math.round(view.dpr));
  context.fillStyle = view.palette.tokens.line;
  for (const y of [values.top, values.top + values.height - hairline])
    context.fillRect(from, y, to - from, hairline);
  const [first, ...others] = channels.map((channel) => maskColumns(view, channel, from, to));
  if (first === undefined) return;
  const fill = (kind: "unassessable" | "loading", runs: typeof first.gaps): void => {
    if (runs.length === 0) return;
    context.fillStyle = hatch(context, kind, view);
    for (const [left, right] of runs) {
      const x = Math.floor(left);
      context.fillRect(x, values.top, Math.max(1, Math.ceil(right) - x), values.height);
    }
  };
  fill(
    "unassessable",
    others.reduce((gaps, next) => intersect(gaps, next.gaps), first.gaps),
  );
  fill("loading", first.missing);
}
