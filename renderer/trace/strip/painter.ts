import { BUCKETS_PER_TILE } from "../../../preload/contract/recording.ts";
import type { ViewportStore } from "../../state/viewport.ts";
import { bucketSizeFor } from "../tiles/levels.ts";
import type { Palette } from "../tracks/palette.ts";
import { scaleOf, stripsAround, stripScale, STRIP_PX, visibleStrips } from "./canvases.ts";
import { TileCache, needsFor, type LoadTiles, type TileNeed, type TileRequest } from "../tiles/tile-cache.ts";
import { timeScale } from "../tracks/time-scale.ts";
import { samplesPerPx, type Track, type TraceChannel, type View } from "../tracks/track.ts";

export interface PainterOptions {
  readonly host: HTMLElement; // the picture is put into it; it clips
  readonly viewport: ViewportStore;
  readonly load: LoadTiles;
  readonly onError: (error: unknown) => void;
  readonly onFrame?: (view: View) => void; // after the picture is up to date: move what lies above it
  readonly hold?: () => () => void; // told when a frame is pending; the returned function when it is drawn
  readonly frames?: { readonly request: (run: () => void) => number; readonly cancel: (id: number) => void };
}

export interface Picture {
  readonly tracks: readonly Track[];
  readonly channels: readonly TraceChannel[];
  readonly palette: Palette;
  readonly dpr: number;
  readonly height: number; // CSS pixels
}

/** A canvas and what it shows. */
interface Strip {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly dirty: Set<string>; // tracks to paint again
}

/** Strips of one scale, side by side. While the scale changes, the row on screen is stretched to it. */
interface Row {
  readonly element: HTMLElement;
  readonly strips: Map<number, Strip>; // by place along the recording
  pxPerS: number; // of what the canvases show
  base: number; // strip at the row's left edge
}

const AHEAD = 2; // strips kept ready on each side
const MOST_FROM_BASE = 4096; // strips: further away, CSS lengths lose whole pixels
const STRIPS_A_FRAME = 2; // painted for the next scale while the one before is stretched
const MOST_STRETCH = 4; // a jump beyond this is painted at once

/**
 * Draws the strip of paper. One animation frame at most is pending. The picture is a row of canvases; panning moves the
 * row by whole pixels, paints a canvas when a new one comes in, and one a frame ahead of the movement. A tile that
 * arrives repaints its tracks on the canvases it touches. Zooming would have all of it painted in every frame: instead
 * the row is stretched, and the next one, at the scale of the moment, is painted beneath it over a few frames.
 */
export class StripPainter {
  readonly tiles: TileCache;
  private readonly options: PainterOptions;
  private readonly stopListening: () => void;
  private readonly spare: Strip[] = [];
  private shown: Row;
  private next: Row | undefined; // being painted, at a newer scale
  private picture: Picture | undefined;
  private lastOrigin = 0;
  private direction: 1 | -1 = 1;
  private frame: number | undefined;
  private release: (() => void) | undefined;
  private wantedKey = "";
  private isClosed = false;

  constructor(options: PainterOptions) {
    this.options = options;
    this.shown = newRow(options.host, 0);
    this.tiles = new TileCache({
      load: (request, signal) => options.load(request, signal),
      onTiles: (request) => this.touch(request),
      onError: options.onError,
    });
    this.stopListening = options.viewport.subscribe(() => this.schedule());
  }

  /** What to draw from now on. Everything is painted anew. */
  show(picture: Picture): void {
    this.picture = picture;
    this.forget();
    this.wantedKey = "";
    this.schedule();
  }

  /** The recording changed on the other side: what is drawn stays until the new tiles arrive. */
  refresh(grown?: { readonly channel: number; readonly oldSampleCount: number }): void {
    if (grown) this.tiles.refreshFrom(grown.channel, grown.oldSampleCount);
    else this.tiles.refreshAll();
    this.wantedKey = "";
    this.schedule();
  }

  /** What a pointer position is measured against. */
  view(): View | undefined {
    const { widthPx, startS, pxPerS, durationS } = this.options.viewport.getState();
    if (!this.picture || widthPx <= 0) return undefined;
    const { dpr, palette } = this.picture;
    return {
      scale: timeScale(startS, pxPerS * dpr, Math.round(widthPx * dpr)),
      dpr,
      palette,
      tiles: this.tiles,
      durationS,
    };
  }

  schedule(): void {
    if (this.frame !== undefined || this.isClosed) return;
    this.release ??= this.options.hold?.();
    const request = this.options.frames?.request ?? ((run: () => void) => requestAnimationFrame(run));
    this.frame = request(() => {
      this.frame = undefined;
      this.paint();
      if (this.frame !== undefined) return; // strips ahead are still to be painted
      this.release?.();
      this.release = undefined;
    });
  }

  close(): void {
    this.isClosed = true;
    this.stopListening();
    if (this.frame !== undefined) (this.options.frames?.cancel ?? cancelAnimationFrame)(this.frame);
    this.release?.();
    this.tiles.close();
    this.shown.element.remove();
    this.next?.element.remove();
  }

  /** Brings the picture up to date now. */
  paint(): void {
    const view = this.view();
    if (!view || this.isClosed) return;
    const { scale } = view;
    if (scale.origin !== this.lastOrigin) this.direction = scale.origin > this.lastOrigin ? 1 : -1;
    this.lastOrigin = scale.origin;
    const isBehind =
      this.shown.pxPerS !== scale.pxPerS && this.canStretch(view) ? this.zoom(view) : this.pan(view);
    this.fetch(view);
    this.options.onFrame?.(view);
    if (isBehind) this.schedule();
  }

  /** The scale is that of the row: what is missing on screen is painted, and one strip ahead. True while more is due. */
  private pan(view: View): boolean {
    const { scale } = view;
    const { shown } = this;
    this.drop();
    if (shown.pxPerS !== scale.pxPerS) this.recycle(shown, new Set());
    shown.pxPerS = scale.pxPerS;
    const visible = visibleStrips(scale);
    if (Math.abs(visible.first - shown.base) > MOST_FROM_BASE || shown.strips.size === 0) {
      this.recycle(shown, new Set());
      shown.base = visible.first;
    }
    const ahead = stripsAround(visible, AHEAD, this.direction).filter((strip) => isInside(view, strip));
    this.recycle(shown, new Set([...ahead, ...range(visible.first, visible.last)]));
    for (let strip = visible.first; strip <= visible.last; strip++) this.bring(view, shown, strip);
    place(shown, view);
    const isDue = (strip: number): boolean => (shown.strips.get(strip)?.dirty.size ?? 1) > 0;
    const next = ahead.find(isDue);
    if (next !== undefined) this.bring(view, shown, next);
    return ahead.some(isDue);
  }

  /** The scale is a newer one: the row is stretched while the next is painted, some strips a frame. True: more is due. */
  private zoom(view: View): boolean {
    if (!this.next) {
      this.next = newRow(this.options.host, view.scale.pxPerS);
      this.options.host.prepend(this.next.element); // beneath the one on screen
    }
    const { next } = this;
    const own = { ...view, scale: scaleOf(view.scale, next.pxPerS) };
    const visible = visibleStrips(own.scale);
    if (next.strips.size === 0) next.base = visible.first;
    const wanted = range(visible.first - 1, visible.last + 1).filter((strip) => isInside(own, strip));
    const isThere = isCovered(this.shown, view);
    const isDue = (strip: number): boolean => (next.strips.get(strip)?.dirty.size ?? 1) > 0;
    const due = wanted.filter(isDue);
    for (const strip of isThere ? due.slice(0, STRIPS_A_FRAME) : due) this.bring(own, next, strip);
    if (!wanted.some(isDue)) {
      this.recycle(next, new Set(wanted));
      this.recycle(this.shown, new Set());
      this.shown.element.remove();
      this.shown = next;
      this.next = undefined;
    }
    place(this.shown, view);
    if (this.next) place(this.next, view);
    return true;
  }

  private canStretch({ scale }: View): boolean {
    const { pxPerS, strips } = this.shown;
    const ratio = scale.pxPerS / pxPerS;
    return strips.size > 0 && ratio < MOST_STRETCH && ratio > 1 / MOST_STRETCH;
  }

  /** Makes sure that a strip is on the row and shows the picture as it is now. */
  private bring(view: View, row: Row, place: number): void {
    const tracks = this.picture?.tracks ?? [];
    let strip = row.strips.get(place);
    if (!strip) {
      strip = this.spare.pop() ?? newStrip();
      row.strips.set(place, strip);
      this.fit(view, strip, place - row.base);
      if (strip.canvas.parentElement !== row.element) row.element.append(strip.canvas);
      const all = tracks.map((track) => track.id);
      for (const id of all) strip.dirty.add(id);
      strip.context.fillStyle = view.palette.tokens.panel;
      strip.context.fillRect(0, 0, STRIP_PX, strip.canvas.height);
    }
    if (strip.dirty.size === 0) return;
    const stripView: View = { ...view, scale: stripScale(view.scale, place) };
    for (const track of tracks) if (strip.dirty.has(track.id)) paintTrack(strip.context, stripView, track);
    strip.dirty.clear();
  }

  private fit(view: View, { canvas }: Strip, at: number): void {
    const height = Math.round((this.picture?.height ?? 0) * view.dpr);
    if (canvas.height !== height || canvas.width !== STRIP_PX) {
      canvas.width = STRIP_PX;
      canvas.height = height;
    }
    canvas.style.width = `${STRIP_PX / view.dpr}px`;
    canvas.style.height = `${height / view.dpr}px`;
    canvas.style.left = `${(at * STRIP_PX) / view.dpr}px`;
    canvas.hidden = false;
  }

  private forget(): void {
    this.drop();
    this.recycle(this.shown, new Set());
  }

  private drop(): void {
    if (!this.next) return;
    this.recycle(this.next, new Set());
    this.next.element.remove();
    this.next = undefined;
  }

  private recycle(row: Row, kept: ReadonlySet<number>): void {
    for (const [place, strip] of row.strips) {
      if (kept.has(place)) continue;
      row.strips.delete(place);
      strip.dirty.clear();
      strip.canvas.hidden = true;
      this.spare.push(strip);
    }
  }

  private touch(request: TileRequest): void {
    const { picture } = this;
    const channel = picture?.channels.find((one) => one.position === request.channel);
    const view = this.view();
    if (!picture || !channel || !view) return;
    const touched = picture.tracks.filter((track) => track.channels.includes(channel));
    for (const row of this.next ? [this.shown, this.next] : [this.shown]) {
      const pxPerSample = row.pxPerS / channel.sampleRate;
      const pxPerTile = request.samplesPerBucket * BUCKETS_PER_TILE * pxPerSample;
      // A bucket at the edge is joined to its neighbours by a line: those columns are painted again too.
      const reach = 16 * view.dpr + 3 * pxPerSample * request.samplesPerBucket;
      const from = request.firstTile * pxPerTile - reach;
      const to = (request.firstTile + request.tileCount) * pxPerTile + reach;
      for (const [place, strip] of row.strips) {
        if ((place + 1) * STRIP_PX <= from || place * STRIP_PX >= to) continue;
        for (const track of touched) strip.dirty.add(track.id);
      }
    }
    this.schedule();
  }

  /** Asks for the visible tiles first, then for one screen on each side. */
  private fetch(view: View): void {
    const shown = new Set(this.picture?.tracks.flatMap((track) => track.channels));
    const visible: TileNeed[] = [];
    const around: TileNeed[] = [];
    for (const channel of shown) {
      const perPx = samplesPerPx(channel, view.scale);
      const needs = needsFor(channel.position, bucketSizeFor(perPx), {
        fromSample: view.scale.origin * perPx,
        toSample: (view.scale.origin + view.scale.width) * perPx,
        sampleCount: channel.sampleCount,
      });
      visible.push(needs.visible);
      around.push(needs.around);
    }
    const key = around
      .map((need) => `${need.channel}/${need.samplesPerBucket}/${need.first}-${need.last}`)
      .join(" ");
    if (key === this.wantedKey) return;
    this.wantedKey = key;
    this.tiles.want([...visible, ...around]);
  }
}

function newRow(host: HTMLElement, pxPerS: number): Row {
  const element = document.createElement("div");
  element.style.cssText = "position:absolute;top:0;left:0;transform-origin:0 0;will-change:transform";
  host.append(element);
  return { element, strips: new Map(), pxPerS, base: 0 };
}

/** Puts the row where the view has it, stretched where its scale is another. */
function place({ element, pxPerS, base }: Row, { scale, dpr }: View): void {
  const stretch = scale.pxPerS / pxPerS;
  const left = (base * STRIP_PX * stretch - scale.origin) / dpr;
  element.style.transform = `translateX(${left}px)${stretch === 1 ? "" : ` scaleX(${stretch})`}`;
}

/** Whether the row's strips, stretched, fill the screen as far as the recording does. */
function isCovered({ strips, pxPerS }: Row, view: View): boolean {
  const own = { ...view, scale: scaleOf(view.scale, pxPerS) };
  const { first, last } = visibleStrips(own.scale);
  return range(first, last).every((strip) => strips.has(strip) || !isInside(own, strip));
}

/** Whether any of the recording lies on a strip; there is nothing to have ready before its start or after its end. */
const isInside = ({ scale, durationS }: View, strip: number): boolean =>
  strip >= 0 && strip * STRIP_PX < durationS * scale.pxPerS;

function newStrip(): Strip {
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "position:absolute;top:0";
  return { canvas, context: canvas.getContext("2d", { alpha: false })!, dirty: new Set() };
}

function paintTrack(context: CanvasRenderingContext2D, view: View, track: Track): void {
  context.save();
  context.beginPath();
  context.rect(0, track.top, STRIP_PX, track.height);
  context.clip();
  context.fillStyle = view.palette.tokens.panel;
  context.fillRect(0, track.top, STRIP_PX, track.height);
  track.paint(context, view, 0, STRIP_PX);
  context.restore();
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
