import type { Series } from "../../../preload/contract/finding.ts";
import { HALO_LEVELS, HALO_PX, haloAlpha, haloLevel } from "../../../preload/strip/readings.ts";
import { fixed } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import {
  chipFont,
  chipsBetween,
  chipsKept,
  HEAD_PX,
  paintChip,
  placeChips,
  type ChipWish,
  type PlacedChip,
} from "./chips.ts";
import { derivedChannel, isAlong, lineOf, middleOf } from "./curve.ts";
import { Envelope, toY, type ValueScale } from "./envelope.ts";
import { isRuleOf, type ShownFinding, type TrackContent, type TrackKind } from "./kind.ts";
import { overRate } from "./lane.ts";
import { inkOn, withAlpha } from "./palette.ts";
import { fillEnvelope } from "./signal.ts";
import { toTime } from "./time-scale.ts";
import { readAt, type TraceChannel, type View } from "./track.ts";
import { traceWords } from "./words.ts";

/** A stretch that is rather false than true, with its mean probability. */
export interface FalseStretch {
  readonly fromS: number;
  readonly toS: number;
  readonly probability: number;
}

export interface FalseSignalContent {
  readonly trace: TraceChannel;
  readonly probability: TraceChannel;
  readonly stretches: readonly FalseStretch[];
}

export interface PlacedFalseSignal extends FalseSignalContent {
  readonly content: FalseSignalContent;
  readonly values: ValueScale;
}

const LETTER = "F";
const NEAR_PX = 10;
const RATHER = 0.5;
const SHORTEST_S = 5; // a shorter stretch has its halo only
const JOIN_S = 10; // stretches nearer than this are one

const line = new Envelope(); // painting is synchronous: one of each is enough
const doubt = new Envelope();

/** How probable it is that what is drawn is not the fetus: a halo along the trace, the stronger the more so, and a letter. */
export const falseSignalKind: TrackKind<FalseSignalContent, PlacedFalseSignal, number> = {
  name: "false-signal",
  ...overRate,
  channels: ({ trace, probability }) => [trace, probability],
  draw(context, view, placed, { from, to }) {
    fillEnvelope(line, view, { ...lineOf(placed.trace, ""), breakStep: BREAK_BPM }, from, to);
    fillEnvelope(doubt, view, lineOf(placed.probability, ""), from, to);
    paintHalo(context, view, placed.values);
    const { falseSignal: colour } = view.palette.tokens;
    for (const chip of chipsBetween(chipsOf(context, view, placed), view, from, to))
      paintChip(context, view, chip, { colour, ink: inkOn(colour) });
  },
  hit({ trace, probability, values }, view, x, y) {
    const timeS = toTime(view.scale, x);
    const value = readAt(view, trace, timeS);
    const share = middleOf(readAt(view, probability, timeS));
    if (value.kind !== "value" || share === undefined || haloLevel(share) === 0) return undefined;
    const near = NEAR_PX * view.dpr;
    return y >= toY(values, value.max) - near && y <= toY(values, value.min) + near ? share : undefined;
  },
  describe: (share, { language }) => {
    const t = translate(traceWords, language);
    return [t("falseSignal"), t("probability", { value: fixed(share, 2) })];
  },
  ofFinding: falseSignalOf,
};
const BREAK_BPM = 30; // as the trace itself is broken

function falseSignalOf({
  summary,
  content,
  channels,
  title,
}: ShownFinding): readonly TrackContent<FalseSignalContent>[] {
  if (!isRuleOf(summary, "ctg/false-signal") || summary.content.kind !== "curves") return [];
  return summary.content.series.filter(isAlong).flatMap((series) => {
    const own = channels.find(({ label }) => label === series.over);
    if (own === undefined) return [];
    const whole =
      content?.kind === "curves"
        ? content.series.find(({ name, over }) => name === series.name && over === series.over)
        : undefined;
    return [
      {
        ...{ id: `false-signal ${summary.id} ${series.value}`, title, over: own.label },
        content: {
          trace: own,
          probability: derivedChannel(series, series.name, series.value),
          stretches: whole === undefined ? [] : falseStretches(whole),
        },
      },
    ];
  });
}

/** Stretches in which it is more probable than not, joined over short interruptions. */
export function falseStretches({ value, observed, sampleRate, startS = 0 }: Series): readonly FalseStretch[] {
  const found: { from: number; to: number; sum: number; count: number }[] = [];
  for (let i = 0; i < value.length; i += 1) {
    const share = value[i] ?? 0;
    if (observed[i] !== 1 || share < RATHER) continue;
    const last = found[found.length - 1];
    if (last !== undefined && i - last.to <= JOIN_S * sampleRate) {
      last.to = i + 1;
      last.sum += share;
      last.count += 1;
    } else found.push({ from: i, to: i + 1, sum: share, count: 1 });
  }
  return found
    .filter(({ from, to }) => to - from >= SHORTEST_S * sampleRate)
    .map(({ from, to, sum, count }) => ({
      fromS: startS + from / sampleRate,
      toS: startS + to / sampleRate,
      probability: sum / count,
    }));
}

/** Columns of the trace by how false they are, a path a level. */
function paintHalo(context: CanvasRenderingContext2D, view: View, values: ValueScale): void {
  if (line.count === 0 || doubt.count === 0) return;
  const { falseSignal: colour } = view.palette.tokens;
  context.lineJoin = "round";
  context.lineCap = "butt";
  context.lineWidth = HALO_PX * view.dpr;
  for (let level = 1; level <= HALO_LEVELS; level += 1) {
    context.strokeStyle = withAlpha(colour, haloAlpha(level));
    context.beginPath();
    if (traceLevel(context, level, values)) context.stroke();
  }
}

function traceLevel(context: CanvasRenderingContext2D, level: number, values: ValueScale): boolean {
  let at = 0;
  let isOpen = false;
  let isAny = false;
  for (let i = 0; i < line.count; i += 1) {
    const x = line.x[i] ?? 0;
    while (at + 1 < doubt.count && (doubt.x[at + 1] ?? 0) <= x) at += 1;
    const isOwn = haloLevel(doubt.max[at] ?? 0) === level;
    if (line.startsRun[i] === 1) isOpen = false;
    const [upper, lower] = [toY(values, line.max[i] ?? 0), toY(values, line.min[i] ?? 0)];
    if (isOpen)
      context.lineTo(x, upper); // the column that ends it joins too
    else if (isOwn) context.moveTo(x - 0.5, upper);
    if (isOwn) {
      context.lineTo(x, lower);
      context.lineTo(x + 0.5, lower);
    }
    isOpen = isOwn;
    isAny ||= isOwn;
  }
  return isAny;
}

const keptChips = chipsKept<FalseSignalContent, ChipWish>();

/** Under the panel's name, where hardly a trace runs and chips of decelerations do not lie. */
function chipsOf(
  context: CanvasRenderingContext2D,
  { scale, dpr, palette }: View,
  { content, values }: PlacedFalseSignal,
): readonly PlacedChip[] {
  const key = [scale.pxPerS, dpr, values.top, values.height].join(" ");
  return keptChips.of(content, key, () => {
    context.font = chipFont(dpr, palette.font);
    const top = values.top + HEAD_PX * dpr;
    const wishes = content.stretches.map(({ fromS, toS, probability }): ChipWish => ({
      ...{ x: ((fromS + toS) / 2) * scale.pxPerS, y: top, side: 1 },
      ...{ letter: LETTER, text: fixed(probability, 2) },
    }));
    return placeChips(
      wishes,
      { top, bottom: values.top + values.height },
      { dpr, widthOf: (text) => context.measureText(text).width },
    );
  });
}
