import type { RecordingKind } from "../../../preload/contract/recording.ts";
import type { Prediction } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import {
  FHR_BREAK_BPM,
  liftedScale,
  liftsOf,
  rateLines,
  type TraceLine,
  ucLine,
} from "../../../preload/strip/lines.ts";
import {
  type FhrRange,
  fhrScales,
  paperHeightCm,
  type PaperSpeed,
  ucRange,
} from "../../../preload/strip/scale.ts";
import { annotationKind, type Lane, type PlacedLane } from "../tracks/annotation.ts";
import { AXIS_PX, axisKind } from "../tracks/axis.ts";
import { type PlacedTrack, type Room, type TrackItem, trackOf, withOver } from "../tracks/kind.ts";
import type { Palette } from "../tracks/palette.ts";
import { predictionKind, type PredictionLane } from "../tracks/prediction.ts";
import type { Room as PaperRoom } from "./paper-rows.ts";
import { type PanelContent, type Series, signalKind, type SignalPanel } from "../tracks/signal.ts";
import type { TraceChannel } from "../tracks/track.ts";

export interface ShownPrediction {
  readonly prediction: Prediction;
  readonly colours: readonly string[];
}

export interface LayoutInput {
  readonly kind: RecordingKind;
  readonly channels: readonly TraceChannel[]; // shown ones, in order
  readonly ranges: ReadonlyMap<number, { readonly low: number; readonly high: number }>; // channel position; absent: not known yet
  readonly pixelsPerCm: number;
  readonly paperSpeed: PaperSpeed;
  readonly fhrRange: FhrRange;
  readonly isApart?: boolean; // twins are drawn apart
  readonly lanes: readonly Lane[];
  readonly prediction: ShownPrediction | undefined;
  readonly items?: readonly TrackItem[]; // of findings, whatever their kind
  readonly areRibbonsFirst?: boolean; // two readings are compared: what readers labelled lies beneath them
  readonly startOfDayS: number | undefined;
  readonly rows: number; // of paper beneath each other
  readonly heightPx: number; // CSS pixels there are for a row
  readonly leastPanelPx?: number; // of a panel without a paper scale; smaller where all have to be in sight
  readonly dpr: number;
  readonly palette: Palette;
}

/** One row of the sheet: every row is laid out alike, and shows another stretch of time. */
export interface StripLayout {
  readonly rows: number;
  readonly tracks: readonly PlacedTrack[];
  readonly panels: readonly SignalPanel[];
  readonly lanes: readonly PlacedLane[];
  readonly prediction: PredictionLane | undefined;
  readonly items: readonly PlacedTrack[]; // of findings, those with a lane of their own and those over a panel
  readonly ownLanes: readonly PlacedTrack[]; // of these, the ones with a lane of their own
  readonly bottom: number; // of the lowest row; device pixels, as every top and height here
  readonly height: number; // of a row with what parts it from the next, CSS pixels
  readonly axis: PlacedTrack; // of one row, on a sheet of its own that never scrolls away; of several, each has its own
  readonly axisTopPx: number | undefined; // in a row, where each has its own; CSS pixels
}

const TOP_PX = 4;
const GAP_PX = 8;
const LANE_GAP_PX = 4;
const RIBBON_GAP_PX = 1;
const USUAL_LANES = 2; // a reader's and that of masks
const BETWEEN_ROWS_PX = 6;
const MOST_BETWEEN_ROWS_PX = 24; // more
const USUAL_ROW_PX = 18;
const CURVES_PX = 60;
const MOST_CURVES_PX = 150; // where a tall window has room to spare
const LEAST_CURVES_PX = 36; // where the paper leaves no more, so that the time axis stays in sight
const MIN_PANEL_PX = 44;
const MAX_PANEL_PX = 170;
const MOST_PANEL_PX = 480; // of few channels in a tall window

/**
 * CSS pixels that a row needs: its grids, what comes with them, and what more lanes than usual and labels that overlap take
 * besides. That is told by how many lanes there are, not by what lies in them: the scale of a paper must not change under
 * the hand that labels on it.
 */
export function heightNeeded(
  input: Pick<LayoutInput, "kind" | "channels" | "pixelsPerCm" | "fhrRange" | "prediction" | "items">,
  laneCount: number,
  usualLanes = USUAL_LANES,
): Pick<PaperRoom, "paperPx" | "besidePx" | "furtherPx"> {
  const groups = groupChannels(input.kind, input.channels);
  const heights = groups.map((group) => (group.kind === "plain" ? 0 : paperHeight(group.kind, input)));
  const plainCount = groups.filter((group) => group.kind === "plain").length;
  const lanePx = USUAL_ROW_PX + LANE_GAP_PX;
  return {
    paperPx: heights.reduce((sum, height) => sum + height, 0),
    besidePx:
      TOP_PX +
      groups.length * GAP_PX +
      plainCount * MIN_PANEL_PX +
      usualLanes * lanePx +
      (input.prediction ? predictionKind.height(input.prediction, leastRoom) + GAP_PX : 0) +
      itemsHeight(ownLanesOf(input), leastRoom) +
      AXIS_PX +
      BETWEEN_ROWS_PX,
    furtherPx: Math.max(0, laneCount - usualLanes) * lanePx + USUAL_ROW_PX,
  };
}

const leastRoom: Room = { plainPx: MIN_PANEL_PX, curvesPx: LEAST_CURVES_PX };

/** What is not drawn over a channel on screen. */
const ownLanesOf = ({ items, channels }: Pick<LayoutInput, "items" | "channels">): readonly TrackItem[] =>
  (items ?? []).filter(({ over }) => !channels.some(({ label }) => label === over));

const lanesHeight = (lanes: readonly Lane[]): number =>
  lanes.reduce((sum, lane) => sum + annotationKind.height(lane, leastRoom) + LANE_GAP_PX, 0);

const itemsHeight = (items: readonly TrackItem[], room: Room): number =>
  items.reduce((sum, item) => sum + item.heightPx(room) + gapUnder(item), 0) +
  (items.some(({ isRibbon }) => isRibbon === true) ? LANE_GAP_PX : 0);

const isOfMasks = ({ rows }: Lane): boolean => rows[0]?.[0]?.kind === "mask";

const gapUnder = ({ isRibbon }: TrackItem): number => (isRibbon === true ? RIBBON_GAP_PX : LANE_GAP_PX);

/** FHR and UC at the scale of the paper; other channels share the height that remains. */
export function layoutStrip(input: LayoutInput): StripLayout {
  const { dpr, rows } = input;
  const heightPx = input.heightPx - (rows > 1 ? BETWEEN_ROWS_PX : 0);
  const device = (px: number): number => Math.round(px * dpr);
  const own = ownLanesOf(input);
  const contents = groupChannels(input.kind, input.channels).map((group) => panelOf(group, input));
  const room = roomOf(contents, own, input, heightPx);

  let y = TOP_PX;
  /** The next place from above, so high. */
  const take = (px: number, gapPx: number) => {
    const at = { top: device(y), height: device(px), dpr };
    y += px + gapPx;
    return at;
  };
  const panels = contents.map((content) =>
    signalKind.place(content, take(signalKind.height(content, room), GAP_PX)),
  );
  const placeItem = (item: TrackItem): PlacedTrack => item.place(take(item.heightPx(room), gapUnder(item)));
  const placeLane = (lane: Lane): PlacedLane =>
    annotationKind.place(lane, take(annotationKind.height(lane, room), LANE_GAP_PX));
  const placeRibbons = (): readonly PlacedTrack[] => {
    const placed = own.filter(({ isRibbon }) => isRibbon === true).map(placeItem);
    if (placed.length > 0) y += LANE_GAP_PX;
    return placed;
  };
  // Of lanes that have to scroll those that are worked in lie first.
  const first = input.areRibbonsFirst === true ? placeRibbons() : undefined;
  const readers = input.lanes.filter((lane) => !isOfMasks(lane)).map(placeLane);
  const ribbons = first ?? placeRibbons();
  const lanes = [...readers, ...input.lanes.filter(isOfMasks).map(placeLane)];
  let prediction: PredictionLane | undefined;
  if (input.prediction) {
    const at = take(predictionKind.height(input.prediction, room), GAP_PX);
    prediction = predictionKind.place(input.prediction, { ...at, top: at.top + device(2) });
  }
  const ownLanes = [...ribbons, ...own.filter(({ isRibbon }) => isRibbon !== true).map(placeItem)];
  const over = panels.map((panel) => overPanel(panel, input));
  const tracks = [
    ...panels.map((panel, i) => withOver(panelTrack(panel), over[i] ?? [])),
    ...lanes.map(laneTrack),
    ...(prediction ? [predictionTrack(prediction)] : []),
    ...ownLanes,
  ];
  const { startOfDayS } = input;
  const bottom = device(y);
  const axisAt = { top: rows > 1 ? bottom : 0, height: device(AXIS_PX), dpr };
  const axis = trackOf(axisKind, axisKind.place({ startOfDayS }, axisAt), {
    ...{ ...axisAt, id: "axis", title: "", channels: [] },
  });
  const placed = {
    rows,
    panels,
    lanes,
    prediction,
    bottom,
    axis,
    ownLanes,
    items: [...over.flat(), ...ownLanes],
  };
  if (rows === 1) return { ...placed, tracks, height: y, axisTopPx: undefined };
  // What is left over parts the rows, up to a limit.
  const leftPx = Math.min(MOST_BETWEEN_ROWS_PX, Math.max(0, heightPx - y - AXIS_PX));
  const height = y + AXIS_PX + BETWEEN_ROWS_PX + leftPx;
  return { ...placed, tracks: [...tracks, axis], height, axisTopPx: y };
}

/** What panels without a paper scale, and curves, may take of the height there is. */
function roomOf(
  panels: readonly PanelContent[],
  own: readonly TrackItem[],
  input: Pick<LayoutInput, "lanes" | "prediction" | "leastPanelPx">,
  heightPx: number,
): Room {
  const leastPx = input.leastPanelPx ?? MIN_PANEL_PX;
  const plainCount = panels.filter(({ paperPx }) => paperPx === undefined).length;
  const paperPx = panels.reduce(
    (sum, panel) => sum + (panel.paperPx === undefined ? 0 : panel.paperPx + GAP_PX),
    0,
  );
  const least = paperPx + lanesHeight(input.lanes) + itemsHeight(own, leastRoom) + AXIS_PX + GAP_PX;
  const heatPx = input.prediction ? predictionKind.height(input.prediction, { plainPx: 0, curvesPx: 0 }) : 0;
  const plainLeastPx = plainCount * (leastPx + GAP_PX);
  const roomPx = Math.floor(heightPx - least - plainLeastPx - heatPx - GAP_PX);
  const mostCurvesPx = plainCount === 0 ? MOST_CURVES_PX : CURVES_PX;
  const curvesPx = Math.min(mostCurvesPx, Math.max(LEAST_CURVES_PX, roomPx));
  const fixed = least + (input.prediction ? curvesPx + heatPx + GAP_PX : 0);
  const share = plainCount === 0 ? 0 : (heightPx - fixed) / plainCount - GAP_PX;
  const most = plainCount * MAX_PANEL_PX < heightPx ? MOST_PANEL_PX : MAX_PANEL_PX;
  return { curvesPx, plainPx: Math.min(most, Math.max(leastPx, Math.floor(share))) };
}

const panelTrack = (panel: SignalPanel): PlacedTrack =>
  trackOf(signalKind, panel, {
    ...{ id: panel.id, title: panel.title, top: panel.top, height: panel.height },
    channels: signalKind.channels(panel),
  });

const laneTrack = (lane: PlacedLane): PlacedTrack =>
  trackOf(annotationKind, lane, {
    ...{ id: lane.id, title: lane.title, top: lane.top, channels: [] },
    height: lane.rows.length * lane.rowHeight,
  });

const predictionTrack = (lane: PredictionLane): PlacedTrack =>
  trackOf(predictionKind, lane, {
    ...{ id: "prediction", title: "", top: lane.top, channels: [] },
    height: lane.curveHeight + lane.heatHeight,
  });

/** The items that are drawn over a channel of this panel. */
const overPanel = (panel: SignalPanel, { items, dpr }: LayoutInput): readonly PlacedTrack[] =>
  (items ?? []).flatMap((item) => {
    const series = panel.series.find(({ channel }) => channel.label === item.over);
    if (series === undefined) return [];
    const values = liftedScale(panel.grid.values, series.liftBpm ?? 0);
    return [item.place({ top: panel.top, height: panel.height, dpr, values })];
  });

interface Group {
  readonly kind: "fhr" | "uc" | "plain";
  readonly channels: readonly TraceChannel[];
}

/** In a CTG all heart rates share one grid, then come contractions; every other channel has a panel of its own. */
export function groupChannels(kind: RecordingKind, channels: readonly TraceChannel[]): readonly Group[] {
  if (kind !== "ctg") return channels.map((channel) => ({ kind: "plain", channels: [channel] }));
  const rates = channels.filter((channel) => channel.role === "fhr" || channel.role === "mhr");
  const uc = channels.filter((channel) => channel.role === "uc");
  const others = channels.filter((channel) => !rates.includes(channel) && !uc.includes(channel));
  return [
    ...(rates.length > 0 ? [{ kind: "fhr" as const, channels: rates }] : []),
    ...uc.map((channel) => ({ kind: "uc" as const, channels: [channel] })),
    ...others.map((channel) => ({ kind: "plain" as const, channels: [channel] })),
  ];
}

const paperHeight = (
  kind: "fhr" | "uc",
  { fhrRange, pixelsPerCm }: Pick<LayoutInput, "pixelsPerCm" | "fhrRange">,
): number => Math.round(paperHeightCm(kind, fhrRange) * pixelsPerCm);

function panelOf(group: Group, input: LayoutInput): PanelContent {
  const positions: (number | undefined)[] = group.channels.map((channel) => channel.position);
  return {
    id: `panel ${group.channels.map((channel) => channel.position).join("+")}`,
    title: group.channels.map((channel) => channel.label).join(" · "),
    unit: group.channels[0]?.unit ?? "",
    kind: group.kind,
    range: rangeOf(group, input),
    paperPx: group.kind === "plain" ? undefined : paperHeight(group.kind, input),
    paperSpeed: input.paperSpeed,
    bpmPerCm: group.kind === "fhr" ? fhrScales[input.fhrRange].bpmPerCm : 20,
    series: seriesOf(group, input),
    isMarkedWhenClipped: true,
    marks: input.lanes
      .flatMap((lane) => lane.rows.flat())
      .filter((event) => event.kind === "annotation" && positions.includes(event.channel?.position)),
  };
}

function rangeOf(group: Group, input: LayoutInput): { low: number; high: number } {
  if (group.kind === "fhr") {
    const { low, high } = fhrScales[input.fhrRange];
    return { low, high };
  }
  const known = input.ranges.get(sure(group.channels[0]).position);
  if (group.kind === "uc") return known ?? ucRange;
  return known ?? { low: -1, high: 1 };
}

function seriesOf(
  group: Group,
  { palette, isApart = false }: Pick<LayoutInput, "palette" | "isApart">,
): readonly Series[] {
  const { tokens } = palette;
  const lifts = liftsOf(group.channels, isApart);
  const breakStep = group.kind === "fhr" ? FHR_BREAK_BPM : Infinity;
  const lines = group.kind === "fhr" ? rateLines(group.channels, palette) : [];
  const other: TraceLine =
    group.kind === "uc" ? ucLine(palette) : { colour: tokens.trace, width: 1, dash: [] };
  return group.channels.map((channel, i) => ({
    ...{ channel, ...(lines[i] ?? other), breakStep },
    liftBpm: lifts[i] ?? 0,
  }));
}
