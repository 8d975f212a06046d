import { categorical, stripColours } from "../../preload/strip/colours.ts";
import {
  APART_AGAIN_CM,
  apartLineBpm,
  FHR_BREAK_BPM,
  HIDDEN_ALPHA,
  liftedName,
  liftedScale,
  liftsOf,
  rateLines,
  type TraceLine,
  ucLine,
} from "../../preload/strip/lines.ts";
import { type PaperGrid, yOf } from "./grid.ts";
import { CM, type Pen, type Points } from "./pen.ts";
import type { ReportOptions } from "../../preload/contract/report.ts";
import type { PaperChannel } from "./report.ts";
import { type Stretch, xOf } from "./sheet.ts";

const colours = { tokens: stripColours.light, categorical: categorical.light };
const POINTS_PER_PX = 72 / 96;
const PRINTED_WIDTH = 0.6; // of that on screen: ink is sharper than pixels
const ARROW_EVERY = 0.2 * CM;
const DOT = 0.6; // of a sample that stands alone

export interface DrawnTrace {
  readonly channel: PaperChannel;
  readonly line: TraceLine;
  readonly breakStep: number; // neighbours further apart are not joined
  readonly liftBpm: number; // drawn so much higher than it is
}

/** Heart rates first, as they share one grid, then contractions. */
export function tracesOf(
  channels: readonly PaperChannel[],
  { isApart = false }: Pick<ReportOptions, "isApart">,
): {
  readonly rates: readonly DrawnTrace[];
  readonly contractions: readonly DrawnTrace[];
} {
  const rates = channels.filter(({ role }) => role === "fhr" || role === "mhr");
  const lines = rateLines(rates, colours);
  const lifts = liftsOf(rates, isApart);
  const solid = ucLine(colours);
  return {
    rates: rates.map((channel, i) => ({
      ...{ channel, line: lines[i] ?? solid, breakStep: FHR_BREAK_BPM },
      liftBpm: lifts[i] ?? 0,
    })),
    contractions: channels
      .filter(({ role }) => role === "uc")
      .map((channel) => ({ channel, line: solid, breakStep: Infinity, liftBpm: 0 })),
  };
}

/** A heart rate of zero is how sources write none: nothing lies beneath the mask there. */
const isHidden = ({ role, values, reasons }: PaperChannel, i: number): boolean => {
  const value = values[i] ?? Number.NaN;
  return reasons[i] !== 0 && Number.isFinite(value) && (role === "uc" || value > 0);
};

/**
 * Runs of samples that a line may join, as indices [first, end): a run ends where a sample does not count, and where the
 * next one differs by more than the step.
 */
export function runsOf(
  counts: (i: number) => boolean,
  values: Float32Array,
  { first, end, breakStep }: { readonly first: number; readonly end: number; readonly breakStep: number },
): (readonly [number, number])[] {
  const runs: (readonly [number, number])[] = [];
  let start: number | undefined;
  for (let i = first; i <= end; i++) {
    const isIn = i < end && counts(i);
    const isJump =
      start !== undefined && isIn && Math.abs((values[i] ?? 0) - (values[i - 1] ?? 0)) > breakStep;
    if (start !== undefined && (!isIn || isJump)) {
      runs.push([start, i]);
      start = undefined;
    }
    if (isIn) start ??= i;
  }
  return runs;
}

const rangeOf = ({ reasons, sampleRate }: PaperChannel, { fromS, toS }: Stretch) => ({
  first: Math.max(0, Math.ceil(fromS * sampleRate - 1e-9)),
  end: Math.min(reasons.length, Math.floor(toS * sampleRate + 1e-9) + 1), // the sample at the edge is on both pages
});

export function drawTrace(pen: Pen, own: PaperGrid, trace: DrawnTrace, stretch: Stretch): void {
  const { channel, line, breakStep, liftBpm } = trace;
  const grid = liftedScale(own, liftBpm);
  if (liftBpm !== 0) drawLifted(pen, grid, trace, stretch);
  const range = { ...rangeOf(channel, stretch), breakStep };
  const stroke = {
    ...{ colour: line.colour, width: line.width * POINTS_PER_PX * PRINTED_WIDTH },
    dash: line.dash.map((px) => px * POINTS_PER_PX),
  };
  const lines = (counts: (i: number) => boolean): Points[] =>
    runsOf(counts, channel.values, range).map((run) => pointsOf(channel, run, grid, stretch));
  const beneath = lines((i) => isHidden(channel, i));
  if (beneath.length > 0) pen.trace(beneath, { ...stroke, alpha: HIDDEN_ALPHA });
  pen.trace(
    lines((i) => channel.reasons[i] === 0),
    stroke,
  );
  drawBeyond(pen, grid, trace, stretch);
}

/** Of what is drawn apart: its own line of one value, dotted, saying whose and which it is again and again. */
function drawLifted(
  pen: Pen,
  grid: PaperGrid,
  { channel, line, liftBpm }: DrawnTrace,
  stretch: Stretch,
): void {
  const bpm = apartLineBpm(liftBpm);
  const y = yOf(grid, bpm);
  const [left, right] = [xOf(stretch, stretch.fromS), xOf(stretch, stretch.toS)];
  pen.trace([[left, y, right, y]], { colour: line.colour, width: 0.5, dash: [0.6, 2] });
  const text = `${liftedName(channel.label, liftBpm)}: ${bpm}`;
  const look = { size: 6.5, colour: line.colour };
  const last = right - pen.widthOf(text, look);
  for (let x = left + (APART_AGAIN_CM / 2) * CM; x < last; x += APART_AGAIN_CM * CM)
    pen.text(text, x, y - 2, look);
}

function pointsOf(
  { values, sampleRate }: PaperChannel,
  [first, end]: readonly [number, number],
  grid: PaperGrid,
  stretch: Stretch,
): Points {
  const points: number[] = [];
  for (let i = first; i < end; i++)
    points.push(xOf(stretch, i / sampleRate), yOf(grid, values[i] ?? Number.NaN));
  const [x = 0, y = 0] = points;
  return end - first === 1 ? [x - DOT / 2, y, x + DOT / 2, y] : points;
}

/** A small arrow at the edge beyond which a value lies. */
function drawBeyond(
  pen: Pen,
  grid: PaperGrid,
  { channel, line }: Pick<DrawnTrace, "channel" | "line">,
  stretch: Stretch,
): void {
  const { values, reasons, sampleRate } = channel;
  const { first, end } = rangeOf(channel, stretch);
  const arrows = new Map<string, Points>();
  for (let i = first; i < end; i++) {
    const value = values[i] ?? 0;
    if (reasons[i] !== 0 || (value >= grid.low && value <= grid.high)) continue;
    const slot = Math.floor(xOf(stretch, i / sampleRate) / ARROW_EVERY);
    const isAbove = value > grid.high;
    const tip = isAbove ? grid.box.top : grid.box.top + grid.box.height;
    const foot = tip + (isAbove ? 4 : -4);
    const x = (slot + 0.5) * ARROW_EVERY;
    arrows.set(`${slot} ${isAbove}`, [x - 2.2, foot, x, tip, x + 2.2, foot]);
  }
  pen.fill([...arrows.values()], line.colour);
}
