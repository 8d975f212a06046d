import type { SeriesSummary } from "../../../preload/contract/finding.ts";
import { number } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import {
  lineOf,
  middleOf,
  paintBand,
  rangeOf,
  readSeries,
  seriesOf,
  type CurveSeries,
  type ReadSeries,
} from "./curve.ts";
import { Envelope, traceEnvelope, type ValueScale } from "./envelope.ts";
import { hatch } from "./hatch.ts";
import type { ShownFinding, TrackContent, TrackKind } from "./kind.ts";
import { laneScale } from "./lane.ts";
import type { ValueRange } from "./range.ts";
import { fillEnvelope } from "./signal.ts";
import { toTime } from "./time-scale.ts";
import type { View } from "./track.ts";
import { traceWords } from "./words.ts";

/** A gap that was filled, in seconds: [fromS, toS). */
export interface FilledGap {
  readonly fromS: number;
  readonly toS: number;
}

/** What was put in where samples are missing. It is never part of the recording. */
export interface FilledContent {
  readonly series: CurveSeries;
  readonly unit: string;
  readonly gaps: readonly FilledGap[]; // by time; none while the content is not read
  readonly range: ValueRange; // of a lane of its own
}

export interface PlacedFilled extends FilledContent {
  readonly values: ValueScale;
}

interface Found {
  readonly read: ReadSeries;
  readonly gap: FilledGap | undefined;
}

const LANE_PX = 44;
const LINE_PX = 1.5;
const DASH_PX = [4, 3] as const;
const CHIP_PX = { height: 14, pad: 5, font: 11, foot: 6, apart: 3 } as const;

const LEAST_TOLD_S = 1; // a shorter gap has its length beside the pointer only

const line = new Envelope(); // painting is synchronous

/** Violet, dashed, with its band, over a gap that stays hatched; its length stands at the foot. Never joined to the trace. */
export const filledKind: TrackKind<FilledContent, PlacedFilled, Found> = {
  name: "filled",
  height: () => LANE_PX,
  place: (content, at) => ({ ...content, values: at.values ?? laneScale(content.range, at) }),
  channels: ({ series }) => [series.low, series.high, series.value].flatMap((one) => one ?? []),
  draw(context, view, placed, span) {
    const { unsure: colour } = view.palette.tokens;
    const series = { ...placed.series, colour };
    paintGaps(context, view, placed, span);
    paintBand(context, view, series, placed.values, span);
    fillEnvelope(line, view, lineOf(series.value, colour), span.from, span.to);
    context.strokeStyle = colour;
    context.lineWidth = LINE_PX * view.dpr;
    context.lineJoin = "bevel";
    context.setLineDash(DASH_PX.map((px) => px * view.dpr));
    context.beginPath();
    traceEnvelope(context, line, placed.values);
    context.stroke();
    context.setLineDash([]);
    paintLengths(context, view, placed, span);
  },
  hit({ series, unit, gaps }, view, x) {
    const timeS = toTime(view.scale, x);
    const read = readSeries(view, series, unit, timeS);
    if (read.value.kind !== "value") return undefined;
    return { read, gap: gaps.find(({ fromS, toS }) => timeS >= fromS && timeS < toS) };
  },
  describe: ({ read, gap }, { language }) => {
    const t = translate(traceWords, language);
    const [value, low, high] = [read.value, read.low, read.high].map((one) => one && middleOf(one));
    const show = (one: number): string => number(one, language, 0);
    const facts = { name: t("filled"), value: value === undefined ? "–" : show(value), unit: read.unit };
    return [
      low === undefined || high === undefined
        ? t("value", facts)
        : t("valueBand", { ...facts, low: show(low), high: show(high) }),
      ...(gap === undefined ? [] : [t("filledGap", { seconds: lengthText(gap) })]),
    ];
  },
  ofFinding: filledOf,
};

const lengthText = ({ fromS, toS }: FilledGap): string => {
  const seconds = toS - fromS;
  return seconds < 9.95 ? String(Math.round(seconds * 10) / 10) : String(Math.round(seconds));
};

function filledOf(finding: ShownFinding): readonly TrackContent<FilledContent>[] {
  const { summary, content, title, channels } = finding;
  if (summary.content.kind !== "curves") return [];
  return summary.content.series
    .filter(({ as }) => as === "filled")
    .map((series) => {
      const over = channels.find(({ label, unit }) => label === series.over && unit === series.unit)?.label;
      return {
        id: `filled ${summary.id} ${series.value}`,
        title,
        ...(over === undefined ? {} : { over }),
        content: {
          series: seriesOf(finding, series),
          unit: series.unit,
          gaps: gapsIn(content, series),
          range: rangeOf(finding, [series]),
        },
      };
    });
}

/** Runs of filled values, from the arrays of the finding where they are read. */
function gapsIn(
  content: ShownFinding["content"],
  { name, over, sampleRate }: SeriesSummary,
): readonly FilledGap[] {
  if (content?.kind !== "curves") return [];
  const series = content.series.find(
    (one) => one.as === "filled" && one.name === name && one.over === over && one.sampleRate === sampleRate,
  );
  return series === undefined ? [] : gapsOf(series.observed, sampleRate, series.startS ?? 0);
}

export function gapsOf(filled: Uint8Array, sampleRate: number, startS = 0): readonly FilledGap[] {
  const gaps: FilledGap[] = [];
  for (let i = filled.indexOf(1); i >= 0; i = filled.indexOf(1, i)) {
    const after = filled.indexOf(0, i);
    const end = after < 0 ? filled.length : after;
    gaps.push({ fromS: startS + i / sampleRate, toS: startS + end / sampleRate });
    i = end;
  }
  return gaps;
}

type Span = { readonly from: number; readonly to: number };

/** A filled gap stays a gap: its hatch is drawn beneath, also where another channel of the panel hides it. */
function paintGaps(
  context: CanvasRenderingContext2D,
  view: View,
  { gaps, values }: PlacedFilled,
  { from, to }: Span,
): void {
  const { scale } = view;
  const [fromS, toS] = [toTime(scale, from - 1), toTime(scale, to + 1)];
  context.fillStyle = hatch(context, "gap", view);
  for (const gap of gaps) {
    if (gap.toS < fromS || gap.fromS > toS) continue;
    const left = Math.floor(gap.fromS * scale.pxPerS - scale.origin);
    const right = Math.ceil(gap.toS * scale.pxPerS - scale.origin);
    context.fillRect(left, values.top, Math.max(1, right - left), values.height);
  }
}

/**
 * Lengths in seconds at the foot, the longer of two that would lie upon each other. All of them are looked at in every
 * paint, at absolute places, so that neighbouring paints agree.
 */
function paintLengths(
  context: CanvasRenderingContext2D,
  view: View,
  { gaps, values }: PlacedFilled,
  { from, to }: Span,
): void {
  const { dpr, palette, scale } = view;
  context.font = `600 ${CHIP_PX.font * dpr}px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const height = CHIP_PX.height * dpr;
  const top = values.top + values.height - height - CHIP_PX.foot * dpr;
  const hairline = Math.max(1, Math.round(dpr));
  for (const { middle, width, text } of lengthsAt(
    gaps,
    scale.pxPerS,
    (one) => context.measureText(one).width,
    dpr,
  )) {
    const left = Math.round(middle - width / 2) - scale.origin;
    if (left > to || left + width < from) continue;
    context.fillStyle = palette.tokens.panel;
    context.fillRect(left, top, width, height);
    context.strokeStyle = palette.tokens.unsure;
    context.lineWidth = hairline;
    context.strokeRect(left + hairline / 2, top + hairline / 2, width - hairline, height - hairline);
    context.fillStyle = palette.tokens.ink;
    context.fillText(text, left + width / 2, top + height / 2 + dpr * 0.5);
  }
}

interface LengthChip {
  readonly middle: number; // device pixels from the recording's start
  readonly width: number;
  readonly seconds: number;
  readonly text: string;
}

export function lengthsAt(
  gaps: readonly FilledGap[],
  pxPerS: number,
  widthOf: (text: string) => number,
  dpr: number,
): readonly LengthChip[] {
  const chips: LengthChip[] = [];
  for (const gap of gaps.filter(({ fromS, toS }) => toS - fromS >= LEAST_TOLD_S)) {
    const text = `${lengthText(gap)} s`;
    const width = Math.ceil(widthOf(text) + 2 * CHIP_PX.pad * dpr);
    const chip = { middle: ((gap.fromS + gap.toS) / 2) * pxPerS, width, seconds: gap.toS - gap.fromS, text };
    const last = chips[chips.length - 1];
    const isFree =
      last === undefined || last.middle + last.width / 2 + CHIP_PX.apart * dpr <= chip.middle - width / 2;
    if (isFree) chips.push(chip);
    else if (chip.seconds > last.seconds) chips[chips.length - 1] = chip;
  }
  return chips;
}
