import type { FoundEvent, Series } from "../../preload/contract/finding.ts";
import { stripColours } from "../../preload/strip/colours.ts";
import { FHR_BREAK_BPM, MARK_ALPHA } from "../../preload/strip/lines.ts";
import { fillAlpha, HALO_LEVELS, HALO_PX, haloAlpha, haloLevel } from "../../preload/strip/readings.ts";
import type { TimeSpan } from "./gaps.ts";
import { type PaperGrid, yOf } from "./grid.ts";
import { type Box, corners, type Pen, type Points } from "./pen.ts";
import { factOf, valueAt } from "./reading.ts";
import type { PaperAnnotation, PaperChannel, PaperLabel } from "./report.ts";
import { type Stretch, xOf } from "./sheet.ts";
import { runsOf } from "./traces.ts";

const colours = stripColours.light;
const BAND_ALPHA = 0.18;
const HALO_WIDTH = (HALO_PX * 72) / 96;

/** Indices of a series within the stretch. */
function samplesIn({ sampleRate, startS = 0, value }: Series, { fromS, toS }: Stretch): [number, number] {
  const at = (timeS: number): number => (timeS - startS) * sampleRate;
  return [Math.max(0, Math.ceil(at(fromS) - 1e-9)), Math.min(value.length, Math.floor(at(toS) + 1e-9) + 1)];
}

/** A line with its band, broken where there is no value. */
export function drawBaseline(pen: Pen, grid: PaperGrid, series: Series, stretch: Stretch): void {
  const { value, low, high, observed, sampleRate, startS = 0 } = series;
  const [first, end] = samplesIn(series, stretch);
  const runs = runsOf((i) => observed[i] === 1, value, { first, end, breakStep: Infinity });
  const x = (i: number): number => xOf(stretch, startS + i / sampleRate);
  const step = Math.max(1, Math.round(sampleRate)); // a baseline does not change within a second
  const along = (values: Float32Array, [from, to]: readonly [number, number]): number[] => {
    const points: number[] = [];
    for (let i = from; i < to - 1; i += step) points.push(x(i), yOf(grid, values[i] ?? Number.NaN));
    return [...points, x(to - 1), yOf(grid, values[to - 1] ?? Number.NaN)];
  };
  if (low !== undefined && high !== undefined)
    pen.fill(
      runs.map((run) => [...along(low, run), ...backwards(along(high, run))]),
      colours.accent,
      BAND_ALPHA,
    );
  pen.trace(
    runs.map((run) => along(value, run)),
    { colour: colours.accent, width: 0.8 },
  );
}

function backwards(points: readonly number[]): number[] {
  const turned: number[] = [];
  for (let i = points.length - 2; i >= 0; i -= 2) turned.push(points[i] ?? 0, points[i + 1] ?? 0);
  return turned;
}

const isRise = ({ code }: FoundEvent): boolean => code === "acceleration";

/** The area between a trace and its baseline, as strongly filled as the event is probable, with letter and probability. */
export function drawEvents(
  pen: Pen,
  grid: PaperGrid,
  of: {
    readonly channel: PaperChannel;
    readonly baseline: Series | undefined;
    readonly events: readonly FoundEvent[];
    readonly labelOf: (code: string) => PaperLabel;
  },
  stretch: Stretch,
): void {
  const chips: Chip[] = [];
  for (const event of of.events) {
    const endS = event.onsetS + event.durationS;
    if (event.onsetS >= stretch.toS || endS <= stretch.fromS) continue;
    const colour = isRise(event) ? colours.acceleration : colours.deceleration;
    const shapes = of.baseline === undefined ? [] : fillOf(grid, of.channel, of.baseline, event, stretch);
    pen.fill(shapes, colour, fillAlpha(event.probability));
    const atS = factOf(event, "extremumS") ?? (event.onsetS + endS) / 2;
    if (atS >= stretch.fromS && atS < stretch.toS)
      chips.push(chipOf(pen, grid, { event, atS, letter: of.labelOf(event.code).letter, colour }, stretch));
  }
  drawChips(pen, grid.box, chips);
}

/** Runs of the trace within the event, each closed along the baseline; only on the event's own side of it. */
function fillOf(
  grid: PaperGrid,
  { values, reasons, sampleRate }: PaperChannel,
  baseline: Series,
  event: FoundEvent,
  stretch: Stretch,
): Points[] {
  const first = Math.ceil(Math.max(event.onsetS, stretch.fromS) * sampleRate);
  const end = Math.floor(Math.min(event.onsetS + event.durationS, stretch.toS) * sampleRate) + 1;
  const base = (i: number): number | undefined => valueAt(baseline, i / sampleRate);
  const counts = (i: number): boolean => reasons[i] === 0 && base(i) !== undefined;
  return runsOf(counts, values, { first, end, breakStep: FHR_BREAK_BPM })
    .filter(([from, to]) => to - from > 1)
    .map(([from, to]) => {
      const there: number[] = [];
      const back: number[] = [];
      for (let i = from; i < to; i++) {
        const x = xOf(stretch, i / sampleRate);
        const level = yOf(grid, base(i) ?? 0);
        const y = yOf(grid, values[i] ?? 0);
        there.push(x, isRise(event) ? Math.min(y, level) : Math.max(y, level));
        back.push(x, level);
      }
      return [...there, ...backwards(back)];
    });
}

interface Chip {
  readonly x: number; // of the event's furthest point
  readonly y: number;
  readonly isAbove: boolean;
  readonly letter: string;
  readonly text: string;
  readonly colour: string;
  readonly letterWidth: number;
  readonly width: number;
}

const CHIP_HEIGHT = 8;
const CHIP_AWAY = 4;
const CHIP_LOOK = { size: 6, weight: 600 } as const;

function chipOf(
  pen: Pen,
  grid: PaperGrid,
  {
    event,
    atS,
    letter,
    colour,
  }: { readonly event: FoundEvent; readonly atS: number; readonly letter: string; readonly colour: string },
  stretch: Stretch,
): Chip {
  const text = event.probability === undefined ? "" : event.probability.toFixed(2);
  const letterWidth = Math.max(CHIP_HEIGHT, pen.widthOf(letter, CHIP_LOOK) + 4);
  const middle = (grid.low + grid.high) / 2;
  return {
    ...{ x: xOf(stretch, atS), y: yOf(grid, factOf(event, "extremumBpm") ?? middle), isAbove: isRise(event) },
    ...{ letter, text, colour, letterWidth },
    width: letterWidth + (text === "" ? 0 : 2 + pen.widthOf(text, { size: CHIP_LOOK.size })),
  };
}

/** Each beside its event; one that would lie over another moves further away, with a thin line to its event. */
function drawChips(pen: Pen, { top, height }: Box, chips: readonly Chip[]): void {
  const placed: Box[] = [];
  for (const chip of [...chips].sort((a, b) => a.x - b.x)) {
    const direction = chip.isAbove ? -1 : 1;
    const near = chip.isAbove ? chip.y - CHIP_AWAY - CHIP_HEIGHT : chip.y + CHIP_AWAY;
    const box = { left: chip.x - chip.letterWidth / 2, top: near, width: chip.width, height: CHIP_HEIGHT };
    while (placed.some((other) => isOver(box, other)) && box.top > top && box.top < top + height)
      box.top += direction * (CHIP_HEIGHT + 1);
    box.top = Math.min(top + height - CHIP_HEIGHT - 1, Math.max(top + 1, box.top));
    placed.push(box);
    if (Math.abs(box.top - near) > CHIP_HEIGHT) {
      const from = chip.isAbove ? box.top + CHIP_HEIGHT : box.top;
      pen.trace([[chip.x, from, chip.x, chip.y]], { colour: colours.dim, width: 0.3 });
    }
    pen.fill([corners({ ...box, width: chip.letterWidth })], chip.colour);
    const foot = box.top + CHIP_HEIGHT - 2;
    pen.text(chip.letter, chip.x, foot, { ...CHIP_LOOK, colour: "#ffffff", align: "centre" });
    if (chip.text !== "")
      pen.text(chip.text, box.left + chip.letterWidth + 2, foot, {
        size: CHIP_LOOK.size,
        colour: colours.ink,
      });
  }
}

const isOver = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width + 2 &&
  b.left < a.left + a.width + 2 &&
  a.top < b.top + b.height &&
  b.top < a.top + a.height;

/** A halo along the trace, the stronger the more probable it is that it is not the fetus. */
export function drawFalseSignal(
  pen: Pen,
  grid: PaperGrid,
  { values, reasons, sampleRate }: PaperChannel,
  series: Series,
  stretch: Stretch,
): void {
  const first = Math.max(0, Math.ceil(stretch.fromS * sampleRate));
  const end = Math.min(values.length, Math.floor(stretch.toS * sampleRate) + 1);
  const probability = (i: number): number => valueAt(series, i / sampleRate) ?? 0;
  for (let level = 1; level <= HALO_LEVELS; level += 1) {
    const counts = (i: number): boolean => reasons[i] === 0 && haloLevel(probability(i)) === level;
    const runs = runsOf(counts, values, { first, end, breakStep: FHR_BREAK_BPM }).map((run) => {
      const points: number[] = [];
      for (let i = run[0]; i < run[1]; i++)
        points.push(xOf(stretch, i / sampleRate), yOf(grid, values[i] ?? 0));
      return run[1] - run[0] === 1 ? [...points, (points[0] ?? 0) + 0.3, points[1] ?? 0] : points;
    });
    pen.trace(runs, { colour: colours.falseSignal, width: HALO_WIDTH, alpha: haloAlpha(level) });
  }
}

/** Brackets beneath the contractions, each from its onset to its end. */
export function drawContractions(
  pen: Pen,
  { top, height }: Box,
  events: readonly FoundEvent[],
  stretch: Stretch,
): void {
  const foot = top + height + 5;
  const [left, right] = [xOf(stretch, stretch.fromS), xOf(stretch, stretch.toS)];
  const runs = events
    .map(({ onsetS, durationS }) => [xOf(stretch, onsetS), xOf(stretch, onsetS + durationS)] as const)
    .filter(([from, to]) => to > left && from < right)
    .map(([from, to]): Points => [
      ...(from >= left ? [from, foot - 3.5, from, foot] : [left, foot]),
      ...(to <= right ? [to, foot, to, foot - 3.5] : [right, foot]),
    ]);
  pen.trace(runs, { colour: colours.contraction, width: 1.1 });
}

/** A label of one channel tints what lies beneath its trace. */
export function drawTints(
  pen: Pen,
  box: Box,
  annotations: readonly PaperAnnotation[],
  stretch: Stretch,
): void {
  for (const [colour, spans] of tintsOf(annotations, stretch)) {
    const shapes = (height: number): Points[] =>
      spans.map(({ fromS, toS }) => {
        const left = xOf(stretch, fromS);
        return corners({ ...box, left, width: xOf(stretch, toS) - left, height });
      });
    pen.fill(shapes(box.height), colour, MARK_ALPHA);
    pen.fill(shapes(2), colour);
  }
}

/** Where labels of a colour lie, as spans apart from each other: many over each other must not hide the trace. */
function tintsOf(
  annotations: readonly PaperAnnotation[],
  stretch: Stretch,
): ReadonlyMap<string, readonly TimeSpan[]> {
  const by = new Map<string, { fromS: number; toS: number }[]>();
  for (const { onsetS, durationS, label } of [...annotations].sort((a, b) => a.onsetS - b.onsetS)) {
    const [fromS, toS] = [Math.max(onsetS, stretch.fromS), Math.min(onsetS + durationS, stretch.toS)];
    if (toS <= fromS) continue;
    const spans = by.get(label.colour) ?? [];
    const last = spans.at(-1);
    if (last !== undefined && fromS <= last.toS) last.toS = Math.max(last.toS, toS);
    else spans.push({ fromS, toS });
    by.set(label.colour, spans);
  }
  return by;
}
