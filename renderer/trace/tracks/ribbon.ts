import type { SeriesSummary } from "../../../preload/contract/finding.ts";
import { fixed } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import { derivedChannel, lineOf, middleOf } from "./curve.ts";
import { Envelope, toY, type ValueScale } from "./envelope.ts";
import type { LegendEntry, ShownFinding, TrackContent, TrackKind } from "./kind.ts";
import { laneScale, paintLane } from "./lane.ts";
import { withAlpha, type Palette } from "./palette.ts";
import { fillEnvelope } from "./signal.ts";
import { toTime } from "./time-scale.ts";
import { readAt, type Reading, type TraceChannel, type View } from "./track.ts";
import { traceWords } from "./words.ts";

/** One part of a whole over time, from zero to one. */
export interface RibbonPart {
  readonly name: string;
  readonly letter: string;
  readonly colour: string | undefined; // absent: one of the palette's, by its place
  readonly channel: TraceChannel;
}

/** Parts that sum to one, the first lowest. */
export interface RibbonContent {
  readonly parts: readonly RibbonPart[];
}

export interface PlacedRibbon extends RibbonContent {
  readonly values: ValueScale; // of 0 to 1
}

type ReadPart = Pick<RibbonPart, "name"> & { readonly value: Reading };

const NOTHING = "none"; // a future in which nothing happens: the others are events that may come
const LANE_PX = 54;
const NAME_PX = 14;
const FILL_ALPHA = 0.26;
const LETTER_EVERY_PX = 96; // at fixed places along the recording, so that neighbouring paints agree
const LETTER_ROOM_PX = 13;

const envelopes: Envelope[] = []; // painting is synchronous: one a part is enough
let floor = new Float32Array(4096); // of the part that is painted, a column each
let whole = new Float32Array(4096);

/** Parts of a whole, stacked, each told apart by its letter too. What cannot be assessed is hatched, never bridged. */
export const ribbonKind: TrackKind<RibbonContent, PlacedRibbon, readonly ReadPart[]> = {
  name: "ribbon",
  height: ({ parts }) => Math.max(LANE_PX, NAME_PX * parts.length + 6), // the name of each has a line of its own
  place: (content, at) => ({ ...content, values: laneScale({ low: 0, high: 1 }, at) }),
  channels: ({ parts }) => parts.map(({ channel }) => channel),
  draw(context, view, { parts, values }, { from, to }) {
    paintLane(context, view, { channels: ribbonKind.channels({ parts }), values }, { from, to });
    const columns = columnsOf(view, parts, from, to);
    if (columns === undefined) return; // tiles of one are not there yet: the lane says so
    floor.fill(0, 0, columns);
    parts.forEach((part, i) => {
      const envelope = envelopes[i];
      if (envelope !== undefined)
        paintPart(
          context,
          view,
          { colour: colourOf(part, i, view.palette), letter: part.letter },
          { envelope, values },
        );
    });
  },
  hit({ parts }, view, x) {
    const timeS = toTime(view.scale, x);
    const read = parts.map(({ name, channel }) => ({ name, value: readAt(view, channel, timeS) }));
    const said = read.filter(({ value }) => value.kind === "value" || value.kind === "gap");
    return said.length === 0 ? undefined : said;
  },
  describe: (found, { language }) => {
    const t = translate(traceWords, language);
    return found
      .map(({ name, value }) => ({ name, share: middleOf(value) }))
      .sort((a, b) => (b.share ?? 0) - (a.share ?? 0))
      .map(({ name, share }) =>
        share === undefined ? t("noValue", { name }) : t("share", { name, value: fixed(share, 2) }),
      );
  },
  legend: ({ parts }, palette) =>
    parts
      .map((part, i): LegendEntry => ({
        letter: part.letter,
        name: part.name,
        colour: colourOf(part, i, palette),
      }))
      .reverse(), // as they lie
  ofFinding: sharesOf,
};

const colourOf = ({ colour }: RibbonPart, i: number, { categorical, tokens }: Palette): string =>
  colour ?? categorical[i % categorical.length] ?? tokens.accent;

/** Shares of one length and rate are parts of the same whole. */
function sharesOf({ summary, labelOf, language }: ShownFinding): readonly TrackContent<RibbonContent>[] {
  if (summary.content.kind !== "curves") return [];
  const wholes = new Map<string, SeriesSummary[]>();
  for (const series of summary.content.series.filter((one) => one.as === "share")) {
    const key = JSON.stringify([series.unit, series.over ?? null, series.sampleRate, series.sampleCount]);
    wholes.set(key, [...(wholes.get(key) ?? []), series]);
  }
  return [...wholes].map(([key, series]) => {
    const looks = series.map(({ name }) => labelOf(name));
    const isToldApart = new Set(looks.map(({ colour }) => colour)).size === looks.length;
    return {
      id: `ribbon ${summary.id} ${key}`,
      title: translate(
        traceWords,
        language,
      )(series.some(({ name }) => name === NOTHING) ? "mayCome" : "regimes"),
      content: {
        parts: series.map((one, i) => {
          const { name, letter, colour } = looks[i] ?? labelOf(one.name);
          const channel = derivedChannel(one, name, one.value);
          return { name, letter, colour: isToldApart ? colour : undefined, channel };
        }),
      },
    };
  });
}

/** Fills an envelope a part and their sum a column; undefined where the parts do not lie in the same columns. */
function columnsOf(view: View, parts: readonly RibbonPart[], from: number, to: number): number | undefined {
  let columns: number | undefined;
  for (const [i, { channel }] of parts.entries()) {
    const envelope = (envelopes[i] ??= new Envelope());
    fillEnvelope(envelope, view, lineOf(channel, ""), from, to);
    if (columns !== undefined && columns !== envelope.count) return undefined;
    columns = envelope.count;
  }
  const count = columns ?? 0;
  if (count > whole.length) [whole, floor] = [new Float32Array(2 * count), new Float32Array(2 * count)];
  whole.fill(0, 0, count);
  for (const envelope of envelopes.slice(0, parts.length))
    for (let i = 0; i < count; i += 1) whole[i] = (whole[i] ?? 0) + shareIn(envelope, i);
  return count;
}

const shareIn = ({ min, max }: Envelope, i: number): number => ((min[i] ?? 0) + (max[i] ?? 0)) / 2;

/** From the floor to what the part adds to it, a run at a time; the floor is raised by it. */
function paintPart(
  context: CanvasRenderingContext2D,
  view: View,
  part: { readonly colour: string; readonly letter: string },
  { envelope, values }: { readonly envelope: Envelope; readonly values: ValueScale },
): void {
  const { count, startsRun, x } = envelope;
  context.fillStyle = withAlpha(part.colour, FILL_ALPHA);
  context.beginPath();
  const letters: (readonly [x: number, y: number])[] = [];
  for (let start = 0; start < count;) {
    let end = start + 1;
    while (end < count && startsRun[end] !== 1) end += 1;
    const isAlone = end === start + 1;
    for (let i = start; i < end; i += 1) {
      const low = floor[i] ?? 0;
      const high = low + shareIn(envelope, i) / Math.max(1e-6, whole[i] ?? 1);
      const [at, bottom, top] = [x[i] ?? 0, toY(values, low), toY(values, high)];
      const before = i === start ? at - 0.5 : (x[i - 1] ?? at);
      if (slotOf(at, view) !== slotOf(before, view) && bottom - top >= LETTER_ROOM_PX * view.dpr)
        letters.push([at, (top + bottom) / 2]);
      if (i === start) context.moveTo(at - (isAlone ? 0.5 : 0), top);
      else context.lineTo(at, top);
      if (isAlone) context.lineTo(at + 0.5, top);
    }
    for (let i = end - 1; i >= start; i -= 1) {
      const y = toY(values, floor[i] ?? 0);
      context.lineTo((x[i] ?? 0) + (isAlone ? 0.5 : 0), y);
      if (isAlone) context.lineTo((x[i] ?? 0) - 0.5, y);
    }
    start = end;
  }
  context.fill();
  for (let i = 0; i < count; i += 1)
    floor[i] = (floor[i] ?? 0) + shareIn(envelope, i) / Math.max(1e-6, whole[i] ?? 1);
  paintLetters(context, view, part, letters);
}

const slotOf = (x: number, { scale, dpr }: View): number =>
  Math.floor((x + scale.origin) / (LETTER_EVERY_PX * dpr));

function paintLetters(
  context: CanvasRenderingContext2D,
  { dpr, palette }: View,
  { letter }: { readonly letter: string },
  places: readonly (readonly [x: number, y: number])[],
): void {
  context.font = `600 ${11 * dpr}px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = palette.tokens.ink;
  for (const [x, y] of places) context.fillText(letter, x, y);
}
