import type { RecordingKind } from "../../../preload/contract/recording.ts";
import type { Prediction } from "../../../preload/contract/run.ts";
import { annotationTrack, type Lane, type PlacedLane } from "../tracks/annotation.ts";
import { axisTrack } from "../tracks/axis.ts";
import type { ValueScale } from "../tracks/envelope.ts";
import type { Grid } from "../tracks/grid.ts";
import type { Palette } from "../tracks/palette.ts";
import { predictionTrack, type PredictionLane } from "../tracks/prediction.ts";
import { FHR_BREAK_BPM, signalTrack, type Series, type SignalPanel } from "../tracks/signal.ts";
import type { Track, TraceChannel } from "../tracks/track.ts";

export interface ShownPrediction {
  readonly prediction: Prediction;
  readonly colours: readonly string[];
}

export interface LayoutInput {
  readonly kind: RecordingKind;
  readonly channels: readonly TraceChannel[]; // shown ones, in order
  readonly ranges: ReadonlyMap<number, { readonly low: number; readonly high: number }>; // channel position; absent: not known yet
  readonly pixelsPerCm: number;
  readonly paperSpeed: 1 | 2 | 3;
  readonly fhrRange: "50-210" | "30-240";
  readonly lanes: readonly Lane[];
  readonly prediction: ShownPrediction | undefined;
  readonly startOfDayS: number | undefined;
  readonly rows: number; // of paper beneath each other
  readonly heightPx: number; // CSS pixels there are for a row
  readonly dpr: number;
  readonly palette: Palette;
}

export interface PlacedPanel extends SignalPanel {
  readonly title: string; // channel labels
  readonly unit: string;
}

/** One row of the sheet: every row is laid out alike, and shows another stretch of time. */
export interface StripLayout {
  readonly rows: number;
  readonly tracks: readonly Track[];
  readonly panels: readonly PlacedPanel[];
  readonly lanes: readonly PlacedLane[];
  readonly prediction: PredictionLane | undefined;
  readonly bottom: number; // of the lowest row; device pixels, as every top and height here
  readonly height: number; // of a row with what parts it from the next, CSS pixels
  readonly axis: Track; // of one row, on a sheet of its own that never scrolls away; of several, each has its own
  readonly axisTopPx: number | undefined; // in a row, where each has its own; CSS pixels
}

const TOP_PX = 4;
const GAP_PX = 8;
const LANE_GAP_PX = 4;
const USUAL_LANES = 2; // a reader's and that of masks
const BETWEEN_ROWS_PX = 6;
const MOST_BETWEEN_ROWS_PX = 24; // more
const ROW_PX = 18;
const CURVES_PX = 60;
const MOST_CURVES_PX = 150; // where a tall window has room to spare
const LEAST_CURVES_PX = 36; // where the paper leaves no more, so that the time axis stays in sight
const HEAT_PX = 14;
export const AXIS_PX = 34;
const UC_CM = 4; // 0-100 at 25 units a centimetre
const MIN_PANEL_PX = 44;
const MAX_PANEL_PX = 170;
const MOST_PANEL_PX = 480; // of few channels in a tall window

/** CSS pixels that a row needs: its grids, and what comes with them. Labels that overlap may take more lanes, and scroll. */
export function heightNeeded(
  input: Pick<LayoutInput, "kind" | "channels" | "pixelsPerCm" | "fhrRange" | "prediction">,
): { readonly paperPx: number; readonly besidePx: number } {
  const groups = groupChannels(input.kind, input.channels);
  const heights = groups.map((group) => (group.kind === "plain" ? 0 : paperHeight(group.kind, input)));
  const plainCount = groups.filter((group) => group.kind === "plain").length;
  return {
    paperPx: heights.reduce((sum, height) => sum + height, 0),
    besidePx:
      TOP_PX +
      groups.length * GAP_PX +
      plainCount * MIN_PANEL_PX +
      USUAL_LANES * (ROW_PX + LANE_GAP_PX) +
      (input.prediction ? LEAST_CURVES_PX + HEAT_PX + GAP_PX : 0) +
      AXIS_PX +
      BETWEEN_ROWS_PX,
  };
}

/** FHR and UC at the scale of the paper; other channels share the height that remains. */
export function layoutStrip(input: LayoutInput): StripLayout {
  const { dpr, rows } = input;
  const heightPx = input.heightPx - (rows > 1 ? BETWEEN_ROWS_PX : 0);
  const device = (px: number): number => Math.round(px * dpr);
  const groups = groupChannels(input.kind, input.channels);
  const plainCount = groups.filter((group) => group.kind === "plain").length;
  const paperPx = groups.reduce(
    (sum, group) => sum + (group.kind === "plain" ? 0 : paperHeight(group.kind, input) + GAP_PX),
    0,
  );
  const lanePx = input.lanes.reduce((sum, lane) => sum + lane.rows.length * ROW_PX + LANE_GAP_PX, 0);
  const least = paperPx + lanePx + AXIS_PX + GAP_PX;
  const plainLeastPx = plainCount * (MIN_PANEL_PX + GAP_PX);
  const roomPx = Math.floor(heightPx - least - plainLeastPx - HEAT_PX - GAP_PX);
  const mostCurvesPx = plainCount === 0 ? MOST_CURVES_PX : CURVES_PX;
  const curvesPx = Math.min(mostCurvesPx, Math.max(LEAST_CURVES_PX, roomPx));
  const predictionPx = input.prediction ? curvesPx + HEAT_PX + GAP_PX : 0;
  const fixed = least + predictionPx;
  const share = plainCount === 0 ? 0 : (heightPx - fixed) / plainCount - GAP_PX;
  const most = plainCount * MAX_PANEL_PX < heightPx ? MOST_PANEL_PX : MAX_PANEL_PX;
  const plainPx = Math.min(most, Math.max(MIN_PANEL_PX, Math.floor(share)));

  let y = TOP_PX;
  const panels = groups.map((group) => {
    const heightPx = group.kind === "plain" ? plainPx : paperHeight(group.kind, input);
    const panel = placePanel(group, { top: device(y), height: device(heightPx) }, input);
    y += heightPx + GAP_PX;
    return panel;
  });
  const lanes = input.lanes.map((lane) => {
    const placed: PlacedLane = { ...lane, top: device(y), rowHeight: device(ROW_PX) };
    y += lane.rows.length * ROW_PX + LANE_GAP_PX;
    return placed;
  });
  let prediction: PredictionLane | undefined;
  if (input.prediction) {
    prediction = {
      ...input.prediction,
      top: device(y + 2),
      curveHeight: device(curvesPx),
      heatHeight: device(HEAT_PX),
    };
    y += predictionPx;
  }
  const tracks = [
    ...panels.map(signalTrack),
    ...lanes.map(annotationTrack),
    ...(prediction ? [predictionTrack(prediction)] : []),
  ];
  const { startOfDayS } = input;
  const bottom = device(y);
  const axis = axisTrack({ top: rows > 1 ? bottom : 0, height: device(AXIS_PX), startOfDayS });
  if (rows === 1)
    return { rows, tracks, panels, lanes, prediction, bottom, height: y, axis, axisTopPx: undefined };
  // What is left over parts the rows, up to a limit.
  const leftPx = Math.min(MOST_BETWEEN_ROWS_PX, Math.max(0, heightPx - y - AXIS_PX));
  const height = y + AXIS_PX + BETWEEN_ROWS_PX + leftPx;
  return { rows, tracks: [...tracks, axis], panels, lanes, prediction, bottom, height, axis, axisTopPx: y };
}

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

const fhrScale = (range: LayoutInput["fhrRange"]) =>
  range === "50-210"
    ? ({ low: 50, high: 210, bpmPerCm: 20 } as const)
    : ({ low: 30, high: 240, bpmPerCm: 30 } as const);

function paperHeight(kind: "fhr" | "uc", input: Pick<LayoutInput, "pixelsPerCm" | "fhrRange">): number {
  if (kind === "uc") return Math.round(UC_CM * input.pixelsPerCm);
  const { low, high, bpmPerCm } = fhrScale(input.fhrRange);
  return Math.round(((high - low) / bpmPerCm) * input.pixelsPerCm);
}

function placePanel(group: Group, place: { top: number; height: number }, input: LayoutInput): PlacedPanel {
  const first = group.channels[0]!;
  const positions: (number | undefined)[] = group.channels.map((channel) => channel.position);
  const range = rangeOf(group, input);
  const values: ValueScale = { ...place, ...range };
  const grid: Grid = {
    kind: group.kind,
    values,
    paperSpeed: input.paperSpeed,
    bpmPerCm: group.kind === "fhr" ? fhrScale(input.fhrRange).bpmPerCm : 20,
  };
  return {
    id: `panel ${group.channels.map((channel) => channel.position).join("+")}`,
    ...place,
    grid,
    series: seriesOf(group, input.palette),
    isMarkedWhenClipped: true,
    marks: input.lanes
      .flatMap((lane) => lane.rows.flat())
      .filter((event) => event.kind === "annotation" && positions.includes(event.channel?.position)),
    title: group.channels.map((channel) => channel.label).join(" · "),
    unit: first.unit,
  };
}

function rangeOf(group: Group, input: LayoutInput): { low: number; high: number } {
  if (group.kind === "fhr") {
    const { low, high } = fhrScale(input.fhrRange);
    return { low, high };
  }
  const known = input.ranges.get(group.channels[0]!.position);
  if (group.kind === "uc") return known ?? { low: 0, high: 100 };
  return known ?? { low: -1, high: 1 };
}

function seriesOf(group: Group, palette: Palette): readonly Series[] {
  const { tokens } = palette;
  let fetal = 0;
  return group.channels.map((channel) => {
    if (group.kind === "uc")
      return { channel, colour: tokens.traceUc, width: 1.25, dash: [], breakStep: Infinity };
    if (group.kind === "plain")
      return { channel, colour: tokens.trace, width: 1, dash: [], breakStep: Infinity };
    if (channel.role === "mhr") {
      return { channel, colour: palette.categorical[4]!, width: 1, dash: [4, 2], breakStep: FHR_BREAK_BPM };
    }
    // The second and third fetus differ in colour and in line style, so that print in grey still tells them apart.
    const styles = [
      { colour: tokens.trace, dash: [] },
      { colour: palette.categorical[1]!, dash: [6, 2] },
      { colour: palette.categorical[3]!, dash: [2, 2] },
    ] as const;
    const style = styles[Math.min(fetal++, 2)]!;
    return { channel, colour: style.colour, width: 1.25, dash: style.dash, breakStep: FHR_BREAK_BPM };
  });
}
