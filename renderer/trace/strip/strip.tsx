import {
  Fragment,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type ReactNode,
  type Ref,
  type RefObject,
} from "react";
import { useStore } from "zustand";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import type { Settings } from "../../../preload/contract/settings.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { on, request } from "../../bridge/client.ts";
import { deciding, placeOf, type ReaderStore } from "../../state/reader.ts";
import type { SelectionStore, TimeRange } from "../../state/selection.ts";
import { change, clampStart, type ViewportStore } from "../../state/viewport.ts";
import { percent } from "../../ui/format.ts";
import { holdIdle } from "../../ui/idle.ts";
import type { Scheme } from "../../ui/tokens.ts";
import { useLanguage } from "../../ui/words.ts";
import type { DrawnEvent, Lane } from "../tracks/annotation.ts";
import type { ShownFan } from "./fan-picture.ts";
import { StripPainter } from "./painter.ts";
import { GUTTER_PX, paintGutter } from "./gutter.ts";
import { AXIS_PX, cutLabels } from "../tracks/axis.ts";
import type { LegendEntry, TrackItem } from "../tracks/kind.ts";
import { heightNeeded, layoutStrip, type ShownPrediction, type StripLayout } from "./layout.ts";
import { inkOn, paletteOf } from "../tracks/palette.ts";
import {
  LEAST_PAIR_SHARE,
  paperInSight,
  paperRowsFor,
  pointOnSheet,
  type PaperRows,
  type Room,
} from "./paper-rows.ts";
import { withGain, type ValueRange } from "../tracks/range.ts";
import { StripInput, targetAt, type AnchorPlace, type Target, type Tool } from "./input.ts";
import type { LiveNow } from "./awaited.ts";
import { StripOverlay, type OverlayState } from "./overlay.ts";
import type { LiveTiles } from "../tiles/live-tiles.ts";
import type { Series } from "../tracks/signal.ts";
import { liftedName } from "../../../preload/strip/lines.ts";
import { secondsOfDay } from "../../../preload/strip/ticks.ts";
import { readAt, type Reading, type TraceChannel, type View } from "../tracks/track.ts";
import { useDevicePixelRatio, useSize } from "./use-size.ts";
import classes from "./strip.module.css";

/** What a page may ask of a strip that is on screen. */
export interface StripHandle {
  readonly focus: () => void;
  readonly read: (channel: TraceChannel, timeS: number) => Reading;
  readonly cancelDrag: () => boolean;
  readonly placeOf: (timeS: number | undefined) => { readonly x: number; readonly y: number }; // on the window; the middle without one
  readonly rowsFor: (wanted: Settings["paperRows"]) => number; // of paper, in the room there is
  readonly retry: () => void; // asks again for tiles that failed
}

export interface StripProps {
  readonly recordingId: string; // "": nothing is stored yet
  readonly kind: RecordingKind;
  readonly channels: readonly TraceChannel[]; // shown ones, in order
  readonly startedAt: string | undefined;
  readonly viewport: ViewportStore;
  readonly selection: SelectionStore;
  readonly reader: ReaderStore;
  readonly scheme: Scheme;
  readonly paper: {
    readonly pixelsPerCm: number; // at true size
    readonly paperSpeed: 1 | 2 | 3;
    readonly fhrRange: "50-210" | "30-240";
    readonly rows: Settings["paperRows"];
  };
  readonly ranges: ReadonlyMap<number, ValueRange>; // automatic ones, by channel position
  readonly gains: ReadonlyMap<number, number>; // 1 where absent
  readonly isApart?: boolean; // twins are drawn apart
  readonly lanes: readonly Lane[];
  readonly prediction: ShownPrediction | undefined;
  readonly items: readonly TrackItem[]; // of findings on screen
  readonly fan?: ShownFan | undefined; // what may come from the cursor on
  readonly selectedSpan: TimeRange | undefined;
  readonly pending: { readonly startS: number; readonly colour: string; readonly name: string } | undefined;
  readonly tool: Tool;
  readonly label: string; // names the region for screen readers
  readonly instructions: string;
  readonly unitText: (channel: Pick<TraceChannel, "role" | "unit">) => string;
  readonly describe: (target: Target, readings: readonly ChannelReading[]) => readonly string[];
  readonly caliperText: (points: readonly CaliperReading[]) => string;
  readonly onPickEvent: (event: DrawnEvent) => void;
  readonly onMoveEvent: (event: DrawnEvent, onsetS: number, durationS: number) => void;
  readonly onPickPrediction: (timeS: number) => void;
  readonly onPickFound?: (kind: string, timeS: number) => void; // what a finding says there
  readonly onAnchor?: (place: AnchorPlace) => void;
  readonly isBracketShown?: boolean; // at the pointer; absent: it is
  readonly onMenu: (x: number, y: number) => void;
  readonly onError: (error: unknown) => void;
  readonly offerRows: (share: number) => ReactNode; // where the window is tall, but several rows would be smaller than true
  readonly handle?: Ref<StripHandle>;
  readonly isHalf?: boolean; // one of two beneath each other: its paper fits its half, and lanes scroll
  readonly testId?: string;
  readonly live?: LiveView; // what is recorded while it is looked at
}

/** What comes while the strip is looked at. Nothing of it passes through React: the painter draws it as it comes. */
export interface LiveView {
  readonly tiles: LiveTiles;
  readonly isFiltered: boolean;
  readonly now: () => LiveNow; // at this frame
}
export interface ChannelReading {
  readonly channel: TraceChannel;
  readonly reading: Reading;
}
export interface CaliperReading {
  readonly timeS: number;
  readonly readings: readonly ChannelReading[];
}

/** What is on screen at this moment, for parts that outlive a drawing by React. */
interface Shown {
  readonly props: StripProps;
  readonly layout: StripLayout;
  readonly room: Room;
}

type Host = RefObject<HTMLDivElement | null>;

/** What the parts are made upon. */
interface Hosts {
  readonly regionRef: Host;
  readonly surfaceRef: Host;
  readonly overlayRef: Host;
  readonly axisRef: Host;
}

interface Parts {
  readonly painter: StripPainter;
  readonly axis: StripPainter;
  readonly overlay: StripOverlay;
  readonly input: StripInput;
}

/** The recording on its paper, with everything in time with it: signals, gaps, events, predictions, time. */
export function Strip(props: StripProps): ReactNode {
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const size = useSize(scroller);
  const dpr = useDevicePixelRatio();
  const regionRef = useRef<HTMLDivElement>(null);
  const surfaceRef = useRef<HTMLDivElement>(null);
  const overlayRef = useRef<HTMLDivElement>(null);
  const axisRef = useRef<HTMLDivElement>(null);
  const gutterRef = useRef<HTMLCanvasElement>(null);
  const width = Math.max(0, size.width - GUTTER_PX);
  const room = useRoom(props, width, size.height);
  const { rows, paperShare } = usePaperRows(props, room);
  const layout = useLayoutOfStrip(props, { rows, paperShare, heightPx: size.height }, dpr);
  const shownRef = useRef<Shown>({ props, layout, room });
  useEffect(() => {
    shownRef.current = { props, layout, room };
  });
  const partsRef = useParts(props, { regionRef, surfaceRef, overlayRef, axisRef }, shownRef);
  useMeasuredViewport(props.viewport, { width, rows, paperShare });
  usePainted(props, { partsRef, gutterRef, layout, width, dpr });
  useStripHandle(props, { regionRef, surfaceRef, partsRef, shownRef });

  const instructionsId = useId();
  const sheetHeight = layout.rows * layout.height;
  const isOffered = props.paper.rows === "auto" && !props.isHalf;
  const offeredShare = isOffered ? paperRowsFor("several", room).paperShare : 1;
  return (
    <div
      ref={regionRef}
      className={classes["strip"]}
      {...application}
      data-testid={props.testId ?? "strip"}
      aria-label={props.label}
      aria-describedby={instructionsId}
    >
      <span id={instructionsId} className={classes["quiet"]}>
        {props.instructions}
      </span>
      <div ref={setScroller} className={classes["scroller"]}>
        <Sheet
          props={props}
          layout={layout}
          width={width}
          share={paperShare}
          dpr={dpr}
          gutterRef={gutterRef}
          surfaceRef={surfaceRef}
          overlayRef={overlayRef}
        />
        <Axis props={props} layout={layout} width={width} share={paperShare} axisRef={axisRef} />
      </div>
      {offeredShare < 1 && sheetHeight + AXIS_PX + OFFER_PX < size.height && (
        <div className={classes["offer"]}>{props.offerRows(offeredShare)}</div>
      )}
    </div>
  );
}

/** In how many rows the paper lies, and at which share of its true size. */
function usePaperRows({ live, isHalf = false, paper }: StripProps, room: Room): PaperRows {
  const isLive = live !== undefined;
  return useMemo(
    () =>
      isLive
        ? paperInSight(room)
        : isHalf
          ? paperInSight(room, LEAST_PAIR_SHARE)
          : paperRowsFor(paper.rows, room),
    [paper.rows, room, isLive, isHalf],
  );
}

/** The painters, what lies over them and what listens to the pointer: made once for a recording and its stores. */
function useParts(
  { recordingId, viewport, selection, reader, live }: StripProps,
  { regionRef, surfaceRef, overlayRef, axisRef }: Hosts,
  shownRef: RefObject<Shown>,
): RefObject<Parts | undefined> {
  const partsRef = useRef<Parts | undefined>(undefined);
  const tiles = live?.tiles;
  useEffect(() => {
    const [surface, axisHost, overlayHost] = [surfaceRef.current, axisRef.current, overlayRef.current];
    if (!surface || !axisHost || !overlayHost || !regionRef.current) return;
    const sources = { recordingId, viewport, selection, reader, tiles, shownRef };
    const { painter, axis, overlay, input } = partsOn({ surface, axisHost, overlayHost }, sources);
    partsRef.current = { painter, axis, overlay, input };
    const stops = [
      selection.subscribe(() => painter.schedule()),
      reader.subscribe(() => painter.schedule()),
      ...refreshing(painter, sources),
    ];
    return () => {
      for (const stop of stops) stop();
      input.close();
      painter.close();
      axis.close();
      overlay.close();
      partsRef.current = undefined;
    };
  }, [recordingId, viewport, selection, reader, tiles, regionRef, surfaceRef, overlayRef, axisRef, shownRef]);
  return partsRef;
}

interface Sources extends Pick<StripProps, "recordingId" | "viewport" | "selection" | "reader"> {
  readonly tiles: LiveTiles | undefined; // of what is recorded while it is looked at
  readonly shownRef: RefObject<Shown>;
}

function partsOn(
  {
    surface,
    axisHost,
    overlayHost,
  }: Readonly<Record<"surface" | "axisHost" | "overlayHost", HTMLDivElement>>,
  { recordingId, viewport, selection, reader, tiles, shownRef }: Sources,
): Parts {
  const onError = (error: unknown): void => shownRef.current.props.onError(error);
  const overlay = new StripOverlay(overlayHost);
  const painter: StripPainter = new StripPainter({
    host: surface,
    viewport,
    load: (wanted) =>
      recordingId === "" ? Promise.resolve([]) : request("trace.tiles", { recordingId, ...wanted }),
    onError,
    onFrame: (view) =>
      overlay.update(view, shownRef.current.layout, overlayState(painter, input, shownRef.current)),
    ...(tiles
      ? { live: tiles, isFiltered: () => shownRef.current.props.live?.isFiltered ?? false }
      : { hold: holdIdle }), // what never ends is no reason to wait
  });
  const axis = new StripPainter({
    host: axisHost,
    viewport,
    load: () => Promise.resolve([]), // time needs no tiles
    onError,
    onFrame: (view) => hideCut(axisHost, view),
    ...(tiles ? { live: tiles } : { hold: holdIdle }),
  });
  const input: StripInput = new StripInput({
    surface,
    viewport,
    selection,
    reader,
    look: () => {
      const view = painter.view();
      return view && { view, layout: shownRef.current.layout };
    },
    tool: () => shownRef.current.props.tool,
    onMoved: () => painter.schedule(),
    onPickEvent: (event) => shownRef.current.props.onPickEvent(event),
    onMoveEvent: (event, onsetS, durationS) => shownRef.current.props.onMoveEvent(event, onsetS, durationS),
    onPickPrediction: (timeS) => shownRef.current.props.onPickPrediction(timeS),
    onPickFound: (kind, timeS) => shownRef.current.props.onPickFound?.(kind, timeS),
    onAnchor: (place) => shownRef.current.props.onAnchor?.(place),
    onMenu: (x, y) => shownRef.current.props.onMenu(x, y),
  });
  return { painter, axis, overlay, input };
}

/** Labels of time that an edge cuts are covered, until they are wholly in sight. */
function hideCut(axisHost: HTMLElement, view: View): void {
  const { left, right } = cutLabels(view);
  axisHost.style.setProperty("--cut-left", `${left}px`);
  axisHost.style.setProperty("--cut-right", `${right}px`);
}

/** Tiles are asked for again where the recording changed or grew. Answers what ends that. */
function refreshing(
  painter: StripPainter,
  { recordingId, tiles, shownRef }: Pick<Sources, "recordingId" | "tiles" | "shownRef">,
): readonly (() => void)[] {
  let stored: readonly number[] | undefined = tiles && []; // samples in the library, where more than those are drawn
  return [
    on("recordings.changed", ({ ids }) => ids.includes(recordingId) && painter.refresh()),
    on("recordings.grew", ({ id, sampleCounts }) => {
      if (id !== recordingId) return;
      refreshGrown(painter, shownRef.current.props.channels, { stored, sampleCounts });
      if (tiles) stored = sampleCounts;
    }),
  ];
}

/** How often fonts came: a canvas is written with another until then, in Japanese perhaps with none that has the signs. */
function useFontsLoaded(): number {
  const [times, setTimes] = useState(0);
  useEffect(() => {
    if (!("fonts" in document)) return; // where there is no screen
    const { fonts } = document;
    const loaded = (): void => setTimes((before) => before + 1);
    fonts.addEventListener("loadingdone", loaded);
    return () => fonts.removeEventListener("loadingdone", loaded);
  }, []);
  return times;
}

function useMeasuredViewport(
  viewport: ViewportStore,
  { width, rows, paperShare }: PaperRows & { readonly width: number },
): void {
  useEffect(() => {
    if (width > 0)
      change(viewport, (state) =>
        state.widthPx === width && state.rows === rows && state.paperShare === paperShare
          ? state
          : clampStart({ ...state, widthPx: width, rows, paperShare }),
      );
  }, [viewport, width, rows, paperShare]);
}

/** The picture is drawn anew where what it shows has changed. */
function usePainted(
  { scheme, recordingId, live, selectedSpan, pending, tool, fan, isBracketShown }: StripProps,
  {
    partsRef,
    gutterRef,
    layout,
    width,
    dpr,
  }: Pick<Shown, "layout"> & {
    readonly partsRef: RefObject<Parts | undefined>;
    readonly gutterRef: RefObject<HTMLCanvasElement | null>;
    readonly width: number;
    readonly dpr: number;
  },
): void {
  const fontsLoaded = useFontsLoaded();
  useEffect(() => {
    const palette = paletteOf(scheme);
    const channels = layout.tracks.flatMap((track) => track.channels);
    partsRef.current?.painter.show({ tracks: layout.tracks, channels, palette, dpr, height: layout.height });
    const axisHeight = layout.rows === 1 ? AXIS_PX : 0;
    partsRef.current?.axis.show({ tracks: [layout.axis], channels: [], palette, dpr, height: axisHeight });
    if (gutterRef.current) paintGutter(gutterRef.current, layout, palette, dpr);
  }, [
    layout,
    scheme,
    dpr,
    width,
    recordingId,
    live?.tiles,
    live?.isFiltered,
    partsRef,
    gutterRef,
    fontsLoaded,
  ]);

  // What lies above the picture changed, the picture did not.
  useEffect(
    () => partsRef.current?.painter.schedule(),
    [selectedSpan, pending, tool, fan, isBracketShown, partsRef],
  );
}

function useStripHandle(
  { handle, viewport }: StripProps,
  {
    regionRef,
    surfaceRef,
    partsRef,
    shownRef,
  }: Pick<Hosts, "regionRef" | "surfaceRef"> & {
    readonly partsRef: RefObject<Parts | undefined>;
    readonly shownRef: RefObject<Shown>;
  },
): void {
  useImperativeHandle(
    handle,
    () => ({
      focus: () => regionRef.current?.focus(),
      read: (channel, timeS) => {
        const view = partsRef.current?.painter.view();
        return view ? readAt(view, channel, timeS) : { kind: "loading" };
      },
      placeOf: (timeS) => {
        const bounds = surfaceRef.current?.getBoundingClientRect() ?? new DOMRect();
        const now = viewport.getState();
        const xPx = timeS === undefined ? now.widthPx / 2 : (timeS - now.startS) * now.pxPerS;
        const place = pointOnSheet(now, shownRef.current.layout.height, { xPx, yPx: READ_AT_PX });
        return { x: bounds.left + place.xPx, y: bounds.top + place.yPx };
      },
      rowsFor: (wanted) => paperRowsFor(wanted, shownRef.current.room).rows,
      cancelDrag: () => partsRef.current?.input.cancel() ?? false,
      retry: () => {
        partsRef.current?.painter.tiles.retry();
        partsRef.current?.painter.refresh();
      },
    }),
    [viewport, regionRef, surfaceRef, partsRef, shownRef],
  );
}

interface Drawn {
  readonly props: StripProps;
  readonly layout: StripLayout;
  readonly width: number;
  readonly share: number; // of the paper's true size
}

/** The picture with its rows, what is written in the margin, and what lies over it. */
function Sheet({
  props,
  layout,
  width,
  share,
  dpr,
  gutterRef,
  surfaceRef,
  overlayRef,
}: Drawn &
  Pick<Hosts, "surfaceRef" | "overlayRef"> & {
    readonly dpr: number;
    readonly gutterRef: RefObject<HTMLCanvasElement | null>;
  }): ReactNode {
  const height = layout.rows * layout.height;
  return (
    <div className={classes["sheet"]} style={{ height }}>
      <canvas
        ref={gutterRef}
        className={classes["gutter"]}
        style={{ width: GUTTER_PX, height }}
        aria-hidden
      />
      <div
        ref={surfaceRef}
        className={classes["canvas"]}
        data-testid="strip-canvas"
        aria-hidden
        data-rows={layout.rows}
        style={{ left: GUTTER_PX, width, height }}
      />
      <div ref={overlayRef} className={classes["overlay"]} style={{ left: GUTTER_PX, width }} aria-hidden />
      {Array.from({ length: layout.rows }, (_, row) => (
        <div key={row} className={classes["row"]} style={{ top: row * layout.height }}>
          <Titles
            layout={layout}
            dpr={dpr}
            selection={props.selection}
            unitText={props.unitText}
            scheme={props.scheme}
          />
        </div>
      ))}
      {layout.axisTopPx !== undefined && (
        <Ruler pixelsPerCm={props.paper.pixelsPerCm * share} share={share} top={layout.axisTopPx + 4} />
      )}
    </div>
  );
}

/** Time below the picture, where it lies in one row. */
function Axis({ props, layout, width, share, axisRef }: Drawn & Pick<Hosts, "axisRef">): ReactNode {
  const isOneRow = layout.rows === 1;
  return (
    <div className={classes["axis"]} style={{ height: isOneRow ? AXIS_PX : 0 }} aria-hidden>
      <div ref={axisRef} className={classes["canvas"]} style={{ left: GUTTER_PX, width, height: AXIS_PX }} />
      {props.kind === "ctg" && isOneRow && (
        <Ruler pixelsPerCm={props.paper.pixelsPerCm * share} share={share} top={4} />
      )}
    </div>
  );
}

const OFFER_PX = 60;
const LEAST_LIVE_PX = 26; // of a channel that is recorded: none may hide under an edge

/** A canvas says nothing to a screen reader: the region takes the focus, and the page's keys move its cursor. */
const application = { role: "application", tabIndex: 0 } as const;

/** Names of panels and lanes, at their places. Long names are cut with dots and whole in the tooltip. */
function Titles({
  layout,
  dpr,
  selection,
  unitText,
  scheme,
}: {
  readonly layout: StripLayout;
  readonly dpr: number;
  readonly selection: SelectionStore;
  readonly unitText: StripProps["unitText"];
  readonly scheme: Scheme;
}): ReactNode {
  const language = useLanguage();
  return (
    <>
      {layout.panels.map((panel) => (
        <button
          key={panel.id}
          type="button"
          tabIndex={-1}
          className={classes["title"]}
          title={`${panel.title} (${panel.unit})`}
          style={{ top: panel.top / dpr + 2, left: GUTTER_PX + 6 }}
          onClick={() => selection.setState({ channel: sure(panel.series[0]).channel.position })}
        >
          {panel.series.length === 1 ? panel.title : <Legend series={panel.series} />}{" "}
          <span className={classes["unit"]}>{unitText(sure(panel.series[0]).channel)}</span>
        </button>
      ))}
      {layout.lanes.map((lane) => (
        <span
          key={lane.id}
          className={classes["lane"]}
          title={lane.title}
          style={{
            top: lane.top / dpr,
            height: (lane.rows.length * lane.rowHeight) / dpr,
            width: GUTTER_PX - 6,
          }}
        >
          <span>{lane.title}</span>
        </span>
      ))}
      {layout.ownLanes.map(({ id, kind, title, top, height, legend }) => (
        <Fragment key={id}>
          <span
            className={classes["lane"]}
            title={title}
            style={{ top: top / dpr, height: height / dpr, width: GUTTER_PX - 6 }}
            data-tall={height / dpr >= TALL_LANE_PX}
            data-testid="finding-lane"
            data-kind={kind}
          >
            <span>{title}</span>
          </span>
          <LaneLegend
            entries={legend(paletteOf(scheme), language)}
            style={{ top: top / dpr + 3, left: GUTTER_PX + 6, height: height / dpr - 6 }}
          />
        </Fragment>
      ))}
    </>
  );
}

const TALL_LANE_PX = 30; // its name may take two lines

/** What stands in a lane, beside what is drawn: of parts their letters and names, in the order they lie in. */
function LaneLegend({
  entries,
  style,
}: {
  readonly entries: readonly LegendEntry[];
  readonly style: CSSProperties;
}): ReactNode {
  if (entries.length === 0) return null;
  return (
    <span className={classes["laneLegend"]} style={style} data-testid="lane-legend">
      {entries.map(({ name, letter, colour }) => (
        <span key={name}>
          {letter !== undefined && (
            <b style={{ background: colour, color: inkOn(colour ?? "#000000") }}>{letter}</b>
          )}
          {name}
        </span>
      ))}
    </span>
  );
}

/** Which line is whose, where several share a grid: in colour and in dashes, as they are drawn. */
function Legend({ series }: { readonly series: readonly Series[] }): ReactNode {
  return series.map(({ channel, colour, dash, liftBpm = 0 }) => (
    <span key={channel.position} className={classes["legend"]}>
      <svg width={22} height={8} aria-hidden>
        <line x1={0} x2={22} y1={4} y2={4} stroke={colour} strokeWidth={2} strokeDasharray={dash.join(" ")} />
      </svg>
      {liftedName(channel.label, liftBpm)}
    </span>
  ));
}

const LEAST_RULER_PX = 28; // its length is written upon it

/** A centimetre at the scale of the paper, to be held against a real one; where it is smaller than that, it says so. */
function Ruler({
  pixelsPerCm,
  share,
  top,
}: {
  readonly pixelsPerCm: number;
  readonly share: number;
  readonly top: number;
}): ReactNode {
  const lengthCm = pixelsPerCm > GUTTER_PX - 10 ? 0.5 : share < 1 && pixelsPerCm < LEAST_RULER_PX ? 2 : 1;
  return (
    <span
      className={classes["ruler"]}
      style={{ top, left: 5, width: lengthCm * pixelsPerCm }}
      data-testid="ruler"
      aria-hidden
    >
      {lengthCm < 1 ? `${lengthCm * 10} mm` : `${lengthCm} cm`}
      {share < 1 && <span>{percent(share, 0)}</span>}
    </span>
  );
}

const LANES_OF_HALF = 1; // in sight; others scroll

/** What there is to lay rows of paper in; every other kind of recording has no paper, but panels that stretch. */
function useRoom(props: StripProps, widthPx: number, heightPx: number): Room {
  const { kind, channels, paper, prediction, items, viewport, isHalf = false } = props;
  const laneCount = props.lanes.length;
  const { pixelsPerCm, paperSpeed, fhrRange } = paper;
  // One row, whatever its length, where it grows: not drawn anew by React with every sample.
  const durationS = useStore(viewport, (state) => (props.live ? 0 : state.durationS));
  return useMemo(() => {
    const recordingPx = (durationS * pixelsPerCm * paperSpeed) / 60;
    const input = { kind, channels, pixelsPerCm, fhrRange, prediction, items };
    const needed = heightNeeded(input, laneCount, isHalf ? LANES_OF_HALF : undefined);
    return { widthPx, heightPx, ...needed, recordingPx };
  }, [
    kind,
    channels,
    pixelsPerCm,
    paperSpeed,
    fhrRange,
    prediction,
    items,
    laneCount,
    durationS,
    widthPx,
    heightPx,
    isHalf,
  ]);
}

function useLayoutOfStrip(
  props: StripProps,
  { rows, paperShare, heightPx }: PaperRows & { readonly heightPx: number },
  dpr: number,
): StripLayout {
  const { kind, channels, ranges, gains, paper, lanes, prediction, items, startedAt, scheme } = props;
  const { isApart = false, isHalf = false } = props;
  const isLive = props.live !== undefined;
  return useMemo(() => {
    const scaled = new Map<number, ValueRange>();
    for (const [position, range] of ranges) scaled.set(position, withGain(range, gains.get(position) ?? 1));
    // Contractions stay on their paper scale until a person changes their gain.
    for (const channel of channels) {
      const gain = gains.get(channel.position);
      if (kind !== "ctg" || channel.role !== "uc") continue;
      if (gain === undefined || gain === 1) scaled.delete(channel.position);
      else scaled.set(channel.position, { low: 0, high: 100 / gain });
    }
    return layoutStrip({
      kind,
      channels,
      ranges: scaled,
      ...paper,
      pixelsPerCm: paper.pixelsPerCm * paperShare,
      rows,
      lanes,
      prediction,
      items,
      isApart,
      areRibbonsFirst: isHalf,
      startOfDayS: secondsOfDay(startedAt),
      heightPx: Math.floor(heightPx / rows),
      ...(isLive ? { leastPanelPx: LEAST_LIVE_PX } : {}),
      dpr,
      palette: paletteOf(scheme),
    });
  }, [
    kind,
    channels,
    ranges,
    gains,
    paper,
    lanes,
    prediction,
    items,
    isApart,
    isHalf,
    startedAt,
    scheme,
    rows,
    paperShare,
    heightPx,
    isLive,
    dpr,
  ]);
}

function refreshGrown(
  painter: StripPainter,
  channels: readonly TraceChannel[],
  grown: { readonly stored: readonly number[] | undefined; readonly sampleCounts: readonly number[] },
): void {
  for (const { position, sampleCount } of channels) {
    const count = grown.sampleCounts[position];
    const before = grown.stored ? (grown.stored[position] ?? 0) : sampleCount;
    if (count !== undefined && count > before) painter.refresh({ channel: position, oldSampleCount: before });
  }
}

/** What lies where the reader is. The cursor has no height of its own: it is read at the head of the channel meant. */
function targetOf(
  { props, layout }: { readonly props: StripProps; readonly layout: StripLayout },
  view: View,
): { readonly target: Target; readonly isPointer: boolean } | undefined {
  const { cursorS, channel } = props.selection.getState();
  const reader = props.reader.getState();
  const viewport = props.viewport.getState();
  const who = deciding(reader, viewport, cursorS);
  const placeS = placeOf(reader, viewport, cursorS);
  if (placeS === undefined || who === undefined) return undefined;
  if (who === "pointer" && reader.pointer) {
    const { xPx, yPx } = reader.pointer;
    return { target: targetAt({ view, layout }, xPx, yPx), isPointer: true };
  }
  if (reader.by !== "keys") return undefined; // a cursor left behind by a click needs no words beside it
  const panel =
    layout.panels.find((one) => one.series.some((series) => series.channel.position === channel)) ??
    layout.panels[0];
  const xPx = (placeS * view.scale.pxPerS - view.scale.origin) / view.dpr;
  const yPx = ((panel?.top ?? 0) + READ_AT_PX * view.dpr) / view.dpr;
  return { target: { ...targetAt({ view, layout }, xPx, yPx), timeS: placeS }, isPointer: false };
}
const READ_AT_PX = 24;

function overlayState(
  painter: StripPainter,
  input: StripInput,
  live: { readonly props: StripProps; readonly layout: StripLayout },
): OverlayState {
  const { props, layout } = live;
  const { cursorS, range, caliper } = props.selection.getState();
  const view = painter.view();
  const readings = (timeS: number): ChannelReading[] =>
    view ? props.channels.map((channel) => ({ channel, reading: readAt(view, channel, timeS) })) : [];
  const { ghost } = input;
  const found = view && targetOf(live, view);
  const target = found?.target;
  const placeS = placeOf(props.reader.getState(), props.viewport.getState(), cursorS);
  const { pending } = props;
  const second = caliper.length === 1 && placeS !== undefined ? [placeS] : [];
  const points = [...caliper, ...second].map((timeS) => ({ timeS, readings: readings(timeS) }));
  return {
    cursorS,
    at: target && { xPx: target.xPx, yPx: target.yPx },
    isBracketShown: props.isBracketShown ?? true,
    isCrosshairShown: found?.isPointer === true && target?.event === undefined && ghost === undefined,
    selected: props.selectedSpan,
    range,
    pending:
      pending && placeS !== undefined
        ? {
            fromS: Math.min(pending.startS, placeS),
            toS: Math.max(pending.startS, placeS),
            colour: pending.colour,
            name: pending.name,
          }
        : undefined,
    caliper: points,
    caliperText: points.length === 2 ? props.caliperText(points) : "",
    ghost: ghost && {
      fromS: ghost.fromS,
      toS: ghost.toS,
      colour: paletteOf(props.scheme).ofLabel(ghost.event.label.colour),
      topPx:
        (layout.lanes.find((lane) => lane.id === ghost.lane.id)?.top ?? ghost.lane.top) / (view?.dpr ?? 1) +
        (ghost.row * ghost.lane.rowHeight) / (view?.dpr ?? 1) +
        2,
      heightPx: ghost.lane.rowHeight / (view?.dpr ?? 1) - 4,
    },
    tooltip: target && !ghost ? props.describe(target, readings(target.timeS)) : [],
    live: props.live?.now(),
    fan: props.fan,
  };
}
