import type { SeriesSummary } from "../../../preload/contract/finding.ts";
import { number } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import { derivedChannel, rangeOf } from "./curve.ts";
import { toY, type ValueScale } from "./envelope.ts";
import type { ShownFinding, TrackContent, TrackKind } from "./kind.ts";
import { laneScale, paintLane } from "./lane.ts";
import { withAlpha } from "./palette.ts";
import { toTime } from "./time-scale.ts";
import { readAt, visitBuckets, type Reading, type TraceChannel, type View } from "./track.ts";
import { traceWords } from "./words.ts";

/** Values from zero upwards; those above `notable` are worth a look. */
export interface BarsContent {
  readonly name: string;
  readonly letter: string;
  readonly unit: string;
  readonly colour: string | undefined; // absent where only what is notable stands out
  readonly channel: TraceChannel;
  readonly notable: number | undefined;
  readonly high: number; // of the lane
}

export interface PlacedBars extends BarsContent {
  readonly values: ValueScale;
}

const LANE_PX = 34;
const PLAIN_ALPHA = 0.5;
const OWN_ALPHA = 0.75; // in the colour of their own label
const DASH_PX = [2, 3] as const;
const ROOM_ABOVE = 1.35; // of the lane beyond what is notable, so that what is can be seen to be

type Found = Pick<BarsContent, "name" | "unit" | "notable"> & { readonly value: Reading };

/** Bars from zero. Those beyond the dotted line are of another tone; they also stand above it. */
export const barsKind: TrackKind<BarsContent, PlacedBars, Found> = {
  name: "bars",
  height: () => LANE_PX,
  place: (content, at) => ({ ...content, values: laneScale({ low: 0, high: content.high }, at) }),
  channels: ({ channel }) => [channel],
  draw(context, view, placed, { from, to }) {
    const { channel, values, notable } = placed;
    paintLane(context, view, { channels: [channel], values }, { from, to });
    paintBars(context, view, placed, { from, to });
    if (notable === undefined) return;
    const { dpr, palette, scale } = view;
    context.strokeStyle = palette.tokens.dim;
    context.lineWidth = Math.max(1, dpr);
    context.setLineDash(DASH_PX.map((px) => px * dpr));
    context.lineDashOffset = scale.origin + from; // dots stay where they are along the recording
    context.beginPath();
    context.moveTo(from, toY(values, notable));
    context.lineTo(to, toY(values, notable));
    context.stroke();
    context.setLineDash([]);
    context.lineDashOffset = 0;
  },
  hit({ name, unit, notable, channel }, view, x) {
    const value = readAt(view, channel, toTime(view.scale, x));
    return value.kind === "value" || value.kind === "gap" ? { name, unit, notable, value } : undefined;
  },
  describe: ({ name, unit, notable, value }, { language }) => {
    const t = translate(traceWords, language);
    const most = value.kind === "value" ? value.max : undefined;
    if (most === undefined) return [t("noValue", { name })];
    return [
      t("value", { name, value: number(most, language, 2), unit }).trim(),
      ...(notable !== undefined && most > notable ? [t("notable")] : []),
    ];
  },
  legend: ({ name, letter, notable, colour }, { tokens }, language) =>
    notable === undefined
      ? [{ name, letter, colour: colour ?? tokens.dim }]
      : [{ name: translate(traceWords, language)("notableLine") }],
  ofFinding: (finding) =>
    finding.summary.content.kind === "curves"
      ? finding.summary.content.series.filter(({ as }) => as === "bars").map((one) => barsOf(finding, one))
      : [],
};

function barsOf(finding: ShownFinding, series: SeriesSummary): TrackContent<BarsContent> {
  const { name, letter, colour } = finding.labelOf(series.name);
  const { unit, notable } = series;
  const high = Math.max(rangeOf(finding, [series]).high, ROOM_ABOVE * (notable ?? 0));
  return {
    id: `bars ${finding.summary.id} ${series.value}`,
    title: notable === undefined && unit !== "" ? unit : name, // its name stands in the lane
    content: {
      ...{ name, letter, unit, notable, colour: notable === undefined ? colour : undefined },
      channel: derivedChannel(series, name, series.value),
      high,
    },
  };
}

/** One bar a bucket, at least a pixel wide; of those that share a column the highest. */
function paintBars(
  context: CanvasRenderingContext2D,
  view: View,
  { channel, values, colour: own, notable = Number.POSITIVE_INFINITY }: PlacedBars,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const { tokens } = view.palette;
  const zero = toY(values, 0);
  const gap = view.dpr; // between bars that have the room
  const [plain, high]: [[number, number, number][], [number, number, number][]] = [[], []];
  visitBuckets(view, channel, from - 1, to + 1, {
    bucket(_index, x, min, max, _reason, half) {
      if (Number.isNaN(min)) return;
      const width = Math.max(Math.max(1, Math.round(view.dpr)), 2 * half - gap);
      (max > notable ? high : plain).push([x - width / 2, toY(values, max), width]);
    },
    missing: () => undefined,
  });
  for (const [bars, colour] of [
    [plain, own === undefined ? withAlpha(tokens.dim, PLAIN_ALPHA) : withAlpha(own, OWN_ALPHA)],
    [high, tokens.unsure],
  ] as const) {
    context.fillStyle = colour;
    for (const [left, top, width] of bars) context.fillRect(left, top, width, zero - top);
  }
}
