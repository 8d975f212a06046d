import { useEffect, useRef, useState, type PointerEvent, type ReactNode, type RefObject } from "react";
import { BUCKETS_PER_TILE, type Tile } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import {
  centreOn,
  change,
  endS,
  minPxPerS,
  pageWidthPx,
  startAt,
  withScale,
  type ViewportStore,
} from "../../state/viewport.ts";
import type { Scheme } from "../../ui/tokens.ts";
import type { DrawnEvent } from "../tracks/annotation.ts";
import { Envelope, traceEnvelope } from "../tracks/envelope.ts";
import { paletteOf, type Palette } from "../tracks/palette.ts";
import type { ValueRange } from "../tracks/range.ts";
import { useDevicePixelRatio, useSize, type Size } from "./use-size.ts";
import classes from "./strip.module.css";

export interface OverviewProps {
  readonly viewport: ViewportStore;
  readonly pinned?: ViewportStore | undefined; // another stretch on screen
  readonly durationS: number;
  readonly sampleRate: number; // of the channel drawn
  readonly tiles: readonly Tile[]; // the whole channel, coarse
  readonly range: ValueRange | undefined;
  readonly breakStep: number;
  readonly events: readonly DrawnEvent[];
  readonly scheme: Scheme;
  readonly label: string;
}

const EVENTS_PX = 5;
const EDGE_PX = 6;
const envelope = new Envelope();

/** The whole recording in one line, with its events and the part on screen. Drag the part, or click to go there. */
export function Overview(props: OverviewProps): ReactNode {
  const { viewport, durationS } = props;
  const [host, setHost] = useState<HTMLDivElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const part = useRef<HTMLDivElement>(null);
  const size = useSize(host);
  const dpr = useDevicePixelRatio();
  const { tiles, range, events, scheme, sampleRate, breakStep } = props;

  useEffect(() => {
    if (canvas.current)
      paintOverview(
        canvas.current,
        { tiles, range, events, sampleRate, breakStep, durationS },
        paletteOf(scheme),
        size,
        dpr,
      );
  }, [tiles, range, events, scheme, sampleRate, breakStep, durationS, size, dpr]);

  const pinnedPart = useRef<HTMLDivElement>(null);
  const { pinned } = props;
  useEffect(() => placed(part, viewport, durationS, size.width), [viewport, durationS, size.width]);
  useEffect(
    () => (pinned ? placed(pinnedPart, pinned, durationS, size.width) : undefined),
    [pinned, durationS, size.width],
  );

  const drag = useOverviewDrag(viewport, durationS, size.width);
  return (
    <div
      ref={setHost}
      className={classes["overview"]}
      data-testid="overview"
      role="img"
      aria-label={props.label}
      {...drag}
    >
      <canvas ref={canvas} aria-hidden />
      {pinned && <div ref={pinnedPart} className={classes["window"]} data-pinned />}
      <div ref={part} className={classes["window"]} />
    </div>
  );
}

/** Keeps the frame of a view where that view is; the returned function ends it. */
function placed(
  part: RefObject<HTMLDivElement | null>,
  viewport: ViewportStore,
  durationS: number,
  widthPx: number,
): () => void {
  const place = (): void => {
    if (!part.current || durationS <= 0) return;
    const state = viewport.getState();
    const left = (state.startS / durationS) * widthPx;
    const right = (Math.min(durationS, endS(state)) / durationS) * widthPx;
    part.current.style.transform = `translateX(${left}px)`;
    part.current.style.width = `${Math.max(4, right - left)}px`;
  };
  place();
  return viewport.subscribe(place);
}

type Grip = "start" | "end" | "move";

function useOverviewDrag(viewport: ViewportStore, durationS: number, width: number) {
  const grip = useRef<{ readonly kind: Grip; readonly offsetS: number } | undefined>(undefined);
  const timeAt = (event: PointerEvent<HTMLElement>): number =>
    ((event.clientX - event.currentTarget.getBoundingClientRect().left) / Math.max(1, width)) * durationS;

  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    if (event.button !== 0 || width <= 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const timeS = timeAt(event);
    const state = viewport.getState();
    const edgeS = (EDGE_PX / width) * durationS;
    const end = Math.min(durationS, endS(state));
    const isWide = end - state.startS > 4 * edgeS;
    if (isWide && Math.abs(timeS - state.startS) < edgeS) grip.current = { kind: "start", offsetS: 0 };
    else if (isWide && Math.abs(timeS - end) < edgeS) grip.current = { kind: "end", offsetS: 0 };
    else {
      if (timeS < state.startS || timeS > end) change(viewport, (now) => centreOn(now, timeS));
      grip.current = { kind: "move", offsetS: timeS - viewport.getState().startS };
    }
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    const held = grip.current;
    if (!held) return;
    const timeS = Math.min(durationS, Math.max(0, timeAt(event)));
    change(viewport, (state) => {
      if (held.kind === "move") return startAt(state, timeS - held.offsetS);
      const end = Math.min(durationS, endS(state));
      const from = held.kind === "start" ? Math.min(timeS, end - 0.01) : state.startS;
      const to = held.kind === "end" ? Math.max(timeS, state.startS + 0.01) : end;
      const pxPerS = Math.min(state.maxPxPerS, Math.max(minPxPerS(state), pageWidthPx(state) / (to - from)));
      return startAt(withScale(state, pxPerS), from);
    });
  };
  const release = (): void => {
    grip.current = undefined;
  };
  return { onPointerDown, onPointerMove, onPointerUp: release, onPointerCancel: release };
}

function paintOverview(
  canvas: HTMLCanvasElement,
  what: Pick<OverviewProps, "tiles" | "range" | "events" | "sampleRate" | "breakStep" | "durationS">,
  palette: Palette,
  size: Size,
  dpr: number,
): void {
  canvas.width = Math.max(1, Math.round(size.width * dpr));
  canvas.height = Math.max(1, Math.round(size.height * dpr));
  const context = sure(canvas.getContext("2d", { alpha: false }));
  context.fillStyle = palette.tokens.panel;
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (what.durationS <= 0) return;
  const pxPerS = canvas.width / what.durationS;
  const eventsTop = canvas.height - EVENTS_PX * dpr;
  if (what.range) {
    fill(what.tiles, pxPerS / what.sampleRate, what.breakStep);
    context.strokeStyle = palette.tokens.trace;
    context.lineWidth = Math.max(1, Math.round(dpr));
    context.beginPath();
    traceEnvelope(context, envelope, { top: 3 * dpr, height: eventsTop - 6 * dpr, ...what.range });
    context.stroke();
  }
  for (const event of what.events) {
    context.fillStyle = palette.ofLabel(event.label.colour);
    const left = event.onsetS * pxPerS;
    context.fillRect(left, eventsTop, Math.max(dpr, event.durationS * pxPerS), EVENTS_PX * dpr - dpr);
  }
}

function fill(tiles: readonly Tile[], pxPerSample: number, breakStep: number): void {
  envelope.begin(breakStep);
  for (const tile of tiles) {
    const { samplesPerBucket: size, min, max, reason } = tile;
    for (let i = 0; i < min.length; i++) {
      const bucket = tile.index * BUCKETS_PER_TILE + i;
      // At this scale a partly observed bucket is far narrower than a pixel: joining it hides nothing that could be seen.
      envelope.add(
        bucket,
        (bucket + 0.5) * size * pxPerSample,
        sure(min[i]),
        sure(max[i]),
        reason[i] !== 0 && size * pxPerSample >= 1,
      );
    }
  }
}
