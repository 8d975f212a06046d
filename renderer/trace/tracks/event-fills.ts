import type { FoundEvent, SeriesSummary } from "../../../preload/contract/finding.ts";
import { fillAlpha } from "../../../preload/strip/readings.ts";
import { fixed } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import {
  chipFont,
  chipsBetween,
  chipsKept,
  paintChip,
  HEAD_PX,
  placeChips,
  type ChipWish,
  type PlacedChip,
} from "./chips.ts";
import { derivedChannel, lineOf } from "./curve.ts";
import { Envelope, toY, type ValueScale } from "./envelope.ts";
import { isRuleOf, type DrawnLabel, type ShownFinding, type TrackContent, type TrackKind } from "./kind.ts";
import { overRate } from "./lane.ts";
import { inkOn, withAlpha, type Palette } from "./palette.ts";
import { fillEnvelope } from "./signal.ts";
import { earlier, touching, type Interval } from "./stacking.ts";
import { toTime } from "./time-scale.ts";
import type { TraceChannel, View } from "./track.ts";
import { traceWords } from "./words.ts";

/** An acceleration or a deceleration, with the point where it is furthest from the baseline. */
export interface DrawnFill extends Interval {
  readonly isRise: boolean;
  readonly atS: number; // of that point
  readonly bpm: number | undefined;
  readonly label: DrawnLabel;
  readonly found: FoundEvent;
}

export interface FillsContent {
  readonly trace: TraceChannel;
  readonly baseline: TraceChannel | undefined;
  readonly events: readonly DrawnFill[]; // by onset
}

export interface PlacedFills extends FillsContent {
  readonly content: FillsContent;
  readonly values: ValueScale;
}

interface Wish extends ChipWish {
  readonly event: DrawnFill;
}

const NEAR_PX = 8;

const trace = new Envelope(); // painting is synchronous: one of each is enough
const level = new Envelope();

/** The area between the trace and its baseline, as strongly filled as the event is probable; gaps in the trace stay open. */
export const eventFillsKind: TrackKind<FillsContent, PlacedFills, DrawnFill> = {
  name: "event-fills",
  ...overRate,
  channels: ({ trace: own, baseline }) => (baseline === undefined ? [own] : [own, baseline]),
  draw(context, view, placed, { from, to }) {
    const [fromS, toS] = [toTime(view.scale, from), toTime(view.scale, to)];
    for (const event of touching(placed.events, fromS, toS))
      paintFill(context, view, placed, event, { from, to });
    for (const chip of chipsBetween(chipsOf(context, view, placed), view, from, to)) {
      const colour = colourOf(chip.wish.event, view.palette);
      paintChip(context, view, chip, { colour, ink: inkOn(colour) });
    }
  },
  hit(placed, view, x, y) {
    const timeS = toTime(view.scale, x);
    const chip = chipsBetween(keptChips.kept(placed.content), view, x, x).find((one) => {
      const left = one.left - view.scale.origin;
      return x >= left && x < left + one.width && y >= one.top && y < one.top + one.height;
    });
    if (chip !== undefined) return chip.wish.event;
    return touching(placed.events, timeS, timeS).find((event) =>
      isWithin(placed, event, y, NEAR_PX * view.dpr),
    );
  },
  describe({ label, durationS, found }, { language }) {
    const t = translate(traceWords, language);
    const depth = found.facts["depthBpm"];
    return [
      label.name,
      typeof depth === "number"
        ? t("lengthAndDepth", { seconds: fixed(durationS, 0), depth: fixed(depth, 0) })
        : t("seconds", { seconds: fixed(durationS, 0) }),
      ...(found.probability === undefined ? [] : [t("probability", { value: fixed(found.probability, 2) })]),
      ...(found.clause === undefined ? [] : [t("clause", { clause: found.clause })]),
    ];
  },
  ofFinding: fillsOf,
};

const isRise = (code: string): boolean => code === "acceleration";
const isHeartRateEvent = (code: string): boolean => isRise(code) || code.endsWith("deceleration");

function fillsOf(finding: ShownFinding): readonly TrackContent<FillsContent>[] {
  const { summary, content, channels, title, labelOf } = finding;
  if (!isRuleOf(summary, "ctg/events") || content?.kind !== "events") return [];
  const series = baselineOf(finding);
  // Of twins the one that was read, which need not be the first.
  const over = series?.over ?? content.events.find(({ code }) => isHeartRateEvent(code))?.channel;
  const own = channels.find(({ role, label }) => role === "fhr" && (over === undefined || label === over));
  if (own === undefined) return [];
  const events = content.events
    .filter(({ code }) => isHeartRateEvent(code))
    .map((found): DrawnFill => {
      const { extremumS, extremumBpm } = found.facts;
      return {
        ...{ onsetS: found.onsetS, durationS: found.durationS, isRise: isRise(found.code) },
        atS: typeof extremumS === "number" ? extremumS : found.onsetS + found.durationS / 2,
        bpm: typeof extremumBpm === "number" ? extremumBpm : undefined,
        ...{ label: labelOf(found.code), found },
      };
    })
    .sort(earlier);
  const baseline = series && derivedChannel(series, series.name, series.value);
  return [
    {
      ...{ id: `event-fills ${summary.id} ${series?.value ?? ""}`, title, over: own.label },
      content: { trace: own, baseline, events },
    },
  ];
}

/** How probable it is that the event is what its letter says: that it is one at all, and of this type by FIGO. */
export function letterProbability({ code, probability, facts }: FoundEvent): number | undefined {
  const type = /^(\w+)-deceleration$/.exec(code)?.[1] ?? "unknown";
  const share = code.endsWith("deceleration") ? facts[`figo-${type}`] : 1;
  return probability === undefined || typeof share !== "number" ? probability : probability * share;
}

/** Of the reading that the events are of. */
function baselineOf({ beside }: ShownFinding): SeriesSummary | undefined {
  const content = beside.find((one) => isRuleOf(one, "ctg/baseline"))?.content;
  return content?.kind === "curves" ? content.series.find(({ name }) => name === "baseline") : undefined;
}

const colourOf = (event: DrawnFill, { tokens }: Palette): string =>
  event.isRise ? tokens.acceleration : tokens.deceleration;

function isWithin(
  { values }: PlacedFills,
  { bpm, isRise: isUp, found }: DrawnFill,
  y: number,
  near: number,
): boolean {
  if (bpm === undefined) return false;
  const depth = found.facts["depthBpm"];
  const base = typeof depth === "number" ? bpm + (isUp ? -depth : depth) : bpm;
  const [upper, lower] = [toY(values, Math.max(bpm, base)), toY(values, Math.min(bpm, base))];
  return y >= upper - near && y <= lower + near;
}

/** Along the trace, run by run, and back along the baseline; only on the event's own side of it. */
function paintFill(
  context: CanvasRenderingContext2D,
  view: View,
  { trace: own, baseline, values }: PlacedFills,
  event: DrawnFill,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (baseline === undefined) return;
  const { scale } = view;
  const at = (timeS: number): number => timeS * scale.pxPerS - scale.origin;
  const [first, last] = [at(event.onsetS), at(event.onsetS + event.durationS)];
  const span = [Math.max(from, Math.floor(first)), Math.min(to, Math.ceil(last))] as const;
  fillEnvelope(trace, view, lineOf(own, ""), ...span);
  fillEnvelope(level, view, lineOf(baseline, ""), ...span);
  if (level.count === 0) return;
  context.fillStyle = withAlpha(colourOf(event, view.palette), fillAlpha(event.found.probability));
  context.beginPath();
  for (let start = 0; start < trace.count;) {
    let end = start + 1;
    while (end < trace.count && trace.startsRun[end] !== 1) end += 1;
    traceFill(context, { start, end, first, last, isRise: event.isRise }, values);
    start = end;
  }
  context.fill();
}

function traceFill(
  context: CanvasRenderingContext2D,
  run: {
    readonly start: number;
    readonly end: number;
    readonly first: number;
    readonly last: number;
    readonly isRise: boolean;
  },
  values: ValueScale,
): void {
  const back: (readonly [x: number, y: number])[] = [];
  let at = 0;
  for (let i = run.start; i < run.end; i += 1) {
    const x = trace.x[i] ?? 0;
    if (x < run.first - 0.5 || x > run.last + 0.5) continue;
    while (at + 1 < level.count && (level.x[at + 1] ?? 0) <= x) at += 1;
    const base = toY(values, ((level.min[at] ?? 0) + (level.max[at] ?? 0)) / 2);
    const y = toY(values, ((trace.min[i] ?? 0) + (trace.max[i] ?? 0)) / 2);
    const edge = run.isRise ? Math.min(y, base) : Math.max(y, base);
    if (back.length === 0) context.moveTo(x - 0.5, edge);
    context.lineTo(x, edge);
    back.push([x, base]);
  }
  const last = back[back.length - 1];
  if (last === undefined) return;
  context.lineTo(last[0] + 0.5, last[1]);
  for (const [x, y] of back.reverse()) context.lineTo(x, y);
  context.closePath();
}

const keptChips = chipsKept<FillsContent, Wish>();

function chipsOf(
  context: CanvasRenderingContext2D,
  { scale, dpr, palette }: View,
  { content, values }: PlacedFills,
): readonly PlacedChip<Wish>[] {
  const key = [scale.pxPerS, dpr, values.top, values.height, values.low, values.high].join(" ");
  return keptChips.of(content, key, () => {
    context.font = chipFont(dpr, palette.font);
    const wishes = content.events.map((event): Wish => {
      const probability = letterProbability(event.found);
      return {
        x: event.atS * scale.pxPerS,
        y: toY(values, event.bpm ?? (values.low + values.high) / 2),
        ...{ side: event.isRise ? -1 : 1, letter: event.label.letter, event },
        text: probability === undefined ? "" : fixed(probability, 2),
      };
    });
    return placeChips(
      [...wishes].sort((a, b) => a.x - b.x),
      { top: values.top + HEAD_PX * dpr, bottom: values.top + values.height - dpr },
      { dpr, widthOf: (text) => context.measureText(text).width },
    );
  });
}
