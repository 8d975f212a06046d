import type { Content, FindingSummary } from "../../../preload/contract/finding.ts";
import type { Reason } from "../../../preload/contract/verdict.ts";
import type { Language } from "../../ui/words.ts";
import type { ValueScale } from "./envelope.ts";
import type { Palette } from "./palette.ts";
import type { ValueRange } from "./range.ts";
import type { TraceChannel, Track, View } from "./track.ts";

/** What a row has to share out among its tracks, in CSS pixels. */
export interface Room {
  readonly plainPx: number; // of a panel that has no paper scale
  readonly curvesPx: number; // of a prediction's curves
}

/** Where a track lies in a row, in device pixels. */
export interface Place {
  readonly top: number;
  readonly height: number;
  readonly dpr: number;
  readonly values?: ValueScale; // of the panel it is drawn over; absent: it has a lane of its own
}

/** Who is told what was found: kinds word it themselves. */
export interface Telling {
  readonly language: Language;
}

/** A label as it is drawn: in the colours and the language on screen. */
export interface DrawnLabel {
  readonly name: string;
  readonly letter: string;
  readonly colour: string;
}

/** A finding on screen, with what kinds need to draw it. */
export interface ShownFinding {
  readonly summary: FindingSummary;
  readonly title: string; // what said it
  readonly content: Content | undefined; // of events and windows, once read; curves have tiles instead
  readonly channels: readonly TraceChannel[]; // that were recorded
  readonly beside: readonly FindingSummary[]; // the others that are drawn
  readonly rangeOf: (position: number) => ValueRange | undefined; // of a derived channel
  readonly labelOf: (code: string) => DrawnLabel;
  readonly reasonText: (reason: Reason) => string;
  readonly language: Language;
}

/** Whether it is what this rule says. */
export const isRuleOf = ({ origin }: Pick<FindingSummary, "origin">, rule: string): boolean =>
  origin.kind === "rule" && origin.rule === rule;

/** What a lane says of itself at its left edge: of a part its letter in its colour, or a line of words. */
export interface LegendEntry {
  readonly name: string;
  readonly letter?: string;
  readonly colour?: string;
}

export interface TrackContent<Content> {
  readonly id: string;
  readonly title: string;
  readonly over?: string; // label of the channel it is drawn over; where that is not shown it has a lane of its own
  readonly content: Content;
}

/**
 * A kind of track: one file, and one line of the registry. `Placed` is the content with its place, in device pixels;
 * `Found` is what lies under the pointer. Kinds draw at absolute positions only, as every track does.
 */
export interface TrackKind<Content, Placed, Found> {
  readonly name: string;
  /** Of its lane, in CSS pixels. */
  height(content: Content, room: Room): number;
  readonly isRibbon?: boolean; // lies close under others like it, beneath the lanes of readers and above all others
  readonly isPicked?: boolean; // a click on it asks for more about it
  place(content: Content, at: Place): Placed;
  /** Whose tiles it shows. */
  channels(content: Content): readonly TraceChannel[];
  draw(
    context: CanvasRenderingContext2D,
    view: View,
    placed: Placed,
    span: { readonly from: number; readonly to: number },
  ): void;
  hit(placed: Placed, view: View, x: number, y: number): Found | undefined;
  /** The lines beside the pointer. */
  describe(found: Found, telling: Telling): readonly string[];
  /** What stands in the lane beside what is drawn, from above. */
  legend?(content: Content, palette: Palette, language: Language): readonly LegendEntry[];
  /** What it draws of a finding. Absent: the strip itself gives it its content. */
  ofFinding?(finding: ShownFinding): readonly TrackContent<Content>[];
}

export interface PlacedTrack extends Track {
  readonly kind: string;
  readonly isPicked?: boolean;
  readonly title: string;
  readonly legend: (palette: Palette, language: Language) => readonly LegendEntry[];
  /** What lies there, to be worded; undefined where nothing does. */
  at(view: View, x: number, y: number): ((telling: Telling) => readonly string[]) | undefined;
}

/** Something to be drawn, of whatever kind: the strip places it without knowing which. */
export interface TrackItem {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly over?: string;
  readonly channels: readonly TraceChannel[];
  readonly isRibbon?: boolean;
  heightPx(room: Room): number;
  place(at: Place): PlacedTrack;
}

const noLegend = (): readonly LegendEntry[] => [];

/** A placed content as a track. */
export const trackOf = <Content, Placed, Found>(
  kind: TrackKind<Content, Placed, Found>,
  placed: Placed,
  at: Pick<Place, "top" | "height"> &
    Pick<PlacedTrack, "id" | "title" | "channels"> & { readonly legend?: PlacedTrack["legend"] },
): PlacedTrack => ({
  ...{ kind: kind.name, id: at.id, title: at.title, channels: at.channels, top: at.top, height: at.height },
  ...(kind.isPicked === true ? { isPicked: true } : {}),
  legend: at.legend ?? noLegend,
  paint: (context, view, from, to) => kind.draw(context, view, placed, { from, to }),
  at: (view, x, y) => {
    if (y < at.top || y >= at.top + at.height) return undefined;
    const found = kind.hit(placed, view, x, y);
    return found === undefined ? undefined : (telling) => kind.describe(found, telling);
  },
});

export function itemOf<Content, Placed, Found>(
  kind: TrackKind<Content, Placed, Found>,
  { id, title, over, content }: TrackContent<Content>,
): TrackItem {
  const channels = kind.channels(content);
  return {
    ...{ id, title, channels, kind: kind.name },
    ...(over === undefined ? {} : { over }),
    ...(kind.isRibbon === true ? { isRibbon: true } : {}),
    heightPx: (room) => kind.height(content, room),
    place: (at) =>
      trackOf(kind, kind.place(content, at), {
        ...{ id, title, channels, top: at.top, height: at.height },
        legend: (palette, language) => kind.legend?.(content, palette, language) ?? [],
      }),
  };
}

/** A track with others drawn over it. */
export const withOver = (track: PlacedTrack, over: readonly PlacedTrack[]): PlacedTrack =>
  over.length === 0
    ? track
    : {
        ...track,
        id: [track, ...over].map(({ id }) => id).join(" "),
        channels: [track, ...over].flatMap(({ channels }) => channels),
        paint: (context, view, from, to) => {
          for (const one of [track, ...over]) one.paint(context, view, from, to);
        },
      };
