import type { Forecast } from "../../../preload/contract/finding.ts";
import { bandsOf, forkOf, middleOf, type Band } from "../../state/forecast.ts";
import { Envelope, toY, traceEnvelope, type ValueScale } from "../tracks/envelope.ts";
import { paintGrid } from "../tracks/grid.ts";
import { hatch } from "../tracks/hatch.ts";
import { maskColumns, paintMask } from "../tracks/mask.ts";
import { withAlpha } from "../tracks/palette.ts";
import { fillEnvelope, type SignalPanel } from "../tracks/signal.ts";
import { toX } from "../tracks/time-scale.ts";
import type { TraceChannel, View } from "../tracks/track.ts";

/** One way that what comes may take, as it is drawn. */
export interface FanBranch {
  readonly name: string;
  readonly letter: string;
  readonly colour: string;
  readonly probability: number;
  readonly share: string; // the probability in words
  readonly interval: string; // of the probability; empty where there is none
  readonly value: Float32Array;
  readonly quantiles: Forecast["quantiles"];
}

/** What is taken for granted of another channel. */
export interface FanAssumption {
  readonly channel: TraceChannel;
  readonly untilS: number; // after the origin
  readonly value: Float32Array;
  readonly text: string;
}

/** What may come, as it is drawn over the channel it speaks of. */
export interface ShownFan {
  readonly forecast: Forecast;
  readonly channel: TraceChannel;
  readonly branches: readonly FanBranch[]; // most probable first; none where they are hidden or there is one way only
  readonly areNamed: boolean; // the ways, at their ends; else they are beside the trace
  readonly forkText: string | undefined; // where the ways part
  readonly assumed: readonly FanAssumption[];
  readonly isCameShown: boolean; // what was recorded after the origin
}

const TINTS: Readonly<Record<number, number>> = { 0.95: 0.1, 0.9: 0.12, 0.8: 0.16, 0.5: 0.22 };
const TOGETHER = 0.55; // of the tints, beneath those of each way
const BRANCH_SHARES = [0.8, 0.5] as const;
const CAME_DASH_PX = [1.5, 2.5] as const;
const ASSUMED_DASH_PX = [5, 4] as const;
const TICK_ROOM_PX = 40;
const TICK_STEPS_S = [0.1, 0.5, 1, 5, 15, 30, 60, 120];
const FORK_Y_PX = 24;

const line = new Envelope(); // painting is synchronous

export const widestBranchPx = (probability: number): number => 1 + 2.5 * probability;

/** The fan over its panel, with the paper beneath it: what was recorded after the origin is seen only if it is asked for. */
export function paintFan(
  context: CanvasRenderingContext2D,
  view: View,
  panel: SignalPanel,
  fan: ShownFan,
): void {
  const { forecast, branches } = fan;
  const { values } = panel.grid;
  const { palette } = view;
  paintPaper(context, view, panel, fan);
  const at = { view, values, forecast };
  const parted = branches.length > 1;
  const [tone, strength] = parted ? [palette.tokens.dim, TOGETHER] : [palette.tokens.accent, 1];
  for (const band of bandsOf(forecast.quantiles))
    paintBand(context, at, band, withAlpha(tone, (TINTS[band.share] ?? 0.1) * strength));
  if (parted) paintBranches(context, at, branches);
  else {
    const middle = middleOf(forecast);
    if (middle) paintLine(context, at, middle, { colour: palette.tokens.accent, widthPx: 2 });
  }
  paintTicks(context, at);
  if (fan.forkText !== undefined) paintFork(context, at);
  if (fan.isCameShown) paintCame(context, view, panel);
}

/** What is assumed of a channel from the origin on, over its panel. */
export function paintAssumed(
  context: CanvasRenderingContext2D,
  view: View,
  panel: SignalPanel,
  fan: ShownFan,
  { channel, untilS, value }: FanAssumption,
): void {
  const { forecast } = fan;
  paintPaper(context, view, panel, fan);
  context.fillStyle = hatch(context, "unassessable", view);
  context.fillRect(0, panel.top, view.scale.width, panel.height);
  const colour = panel.series.find((one) => one.channel.position === channel.position)?.colour;
  const steps = Math.min(value.length, Math.max(0, Math.round(untilS / forecast.stepS)));
  context.setLineDash(ASSUMED_DASH_PX.map((px) => px * view.dpr));
  paintLine(context, { view, values: panel.grid.values, forecast }, value.subarray(0, steps), {
    ...{ colour: colour ?? view.palette.tokens.ink, widthPx: 1.5 },
  });
  context.setLineDash([]);
  if (fan.isCameShown) paintCame(context, view, panel);
}

/** Whether all that the panel shows there is known; else it is drawn again when more is. */
export const isComplete = (view: View, panel: SignalPanel): boolean =>
  panel.series.every(({ channel }) => maskColumns(view, channel, 0, view.scale.width).missing.length === 0);

/** With the gaps of what came, where that is shown: the fan lies upon their hatch. */
function paintPaper(
  context: CanvasRenderingContext2D,
  view: View,
  panel: SignalPanel,
  { isCameShown }: ShownFan,
): void {
  const { width } = view.scale;
  context.fillStyle = view.palette.tokens.panel;
  context.fillRect(0, panel.top, width, panel.height);
  paintGrid(context, view, panel.grid, 0, width);
  if (!isCameShown) return;
  const channels = panel.series.map(({ channel }) => channel);
  paintMask(context, view, { channels, values: panel.grid.values }, { from: 0, to: width });
}

interface At {
  readonly view: View;
  readonly values: ValueScale;
  readonly forecast: Forecast;
}

const xOf = ({ view, forecast }: At, step: number): number =>
  toX(view.scale, forecast.fromS + (step + 1) * forecast.stepS);

function paintBand(context: CanvasRenderingContext2D, at: At, { low, high }: Band, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  for (let i = 0; i < high.length; i += 1) context.lineTo(xOf(at, i), toY(at.values, high[i] ?? 0));
  for (let i = low.length - 1; i >= 0; i -= 1) context.lineTo(xOf(at, i), toY(at.values, low[i] ?? 0));
  context.closePath();
  context.fill();
}

function paintLine(
  context: CanvasRenderingContext2D,
  at: At,
  value: Float32Array,
  { colour, widthPx }: { readonly colour: string; readonly widthPx: number },
): void {
  context.strokeStyle = colour;
  context.lineWidth = widthPx * at.view.dpr;
  context.lineJoin = "round";
  context.beginPath();
  value.forEach((one, i) => context.lineTo(xOf(at, i), toY(at.values, one)));
  context.stroke();
}

/** The most probable lies on top and is widest; its bands are the strongest. */
function paintBranches(context: CanvasRenderingContext2D, at: At, branches: readonly FanBranch[]): void {
  for (const branch of [...branches].reverse()) {
    const strength = 0.35 + 0.65 * branch.probability;
    for (const band of bandsOf(branch.quantiles, BRANCH_SHARES))
      paintBand(context, at, band, withAlpha(branch.colour, (TINTS[band.share] ?? 0.1) * strength));
    paintLine(context, at, branch.value, {
      colour: branch.colour,
      widthPx: widestBranchPx(branch.probability),
    });
  }
}

/** Seconds ahead, along the head. */
function paintTicks(context: CanvasRenderingContext2D, at: At): void {
  const { dpr, palette, scale } = at.view;
  const { forecast, values } = at;
  const stepS = TICK_STEPS_S.find((one) => one * scale.pxPerS >= TICK_ROOM_PX * dpr);
  if (stepS === undefined) return;
  context.font = `${11 * dpr}px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "top";
  context.fillStyle = palette.tokens.dim;
  const lastS = forecast.horizonS - (TICK_ROOM_PX / 3) * (dpr / scale.pxPerS);
  for (let k = 1; k * stepS <= lastS; k += 1) {
    const x = toX(scale, forecast.fromS + k * stepS);
    if (x > -TICK_ROOM_PX * dpr && x < scale.width + TICK_ROOM_PX * dpr)
      context.fillText(`+${Math.round(k * stepS * 10) / 10} s`, x, values.top + 3 * dpr);
  }
}

/** A dotted line down from where the ways part; the diamond at its head stands beside the canvases, with its words. */
function paintFork(context: CanvasRenderingContext2D, { view, values, forecast }: At): void {
  const fork = forkOf(forecast);
  if (fork === undefined) return;
  const { dpr, palette, scale } = view;
  const x = toX(scale, forecast.fromS + fork.aheadS);
  context.strokeStyle = palette.tokens.ink;
  context.lineWidth = Math.max(1, dpr);
  context.setLineDash([dpr, 2 * dpr]);
  context.beginPath();
  context.moveTo(x, values.top + FORK_Y_PX * dpr);
  context.lineTo(x, values.top + values.height);
  context.stroke();
  context.setLineDash([]);
}

/** What was recorded there, dotted. */
function paintCame(context: CanvasRenderingContext2D, view: View, panel: SignalPanel): void {
  const { width } = view.scale;
  context.setLineDash(CAME_DASH_PX.map((px) => px * view.dpr));
  context.lineWidth = Math.max(1, 1.25 * view.dpr);
  for (const series of panel.series) {
    fillEnvelope(line, view, series, 0, width);
    context.strokeStyle = series.colour;
    context.beginPath();
    traceEnvelope(context, line, panel.grid.values);
    context.stroke();
  }
  context.setLineDash([]);
}
