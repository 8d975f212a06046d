import { BUCKETS_PER_TILE } from "../../preload/contract/recording.ts";
import type { ViewportStore } from "../state/viewport.ts";
import { bucketSizeFor } from "./levels.ts";
import type { Palette } from "./palette.ts";
import { stripsAround, stripScale, STRIP_PX, visibleStrips } from "./strips.ts";
import { TileCache, needsFor, type LoadTiles, type TileNeed, type TileRequest } from "./tile-cache.ts";
import { timeScale } from "./time-scale.ts";
import { samplesPerPx, type Track, type TraceChannel, type View } from "./track.ts";

export interface EngineOptions {
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

const AHEAD = 2; // strips kept ready on each side
const MOST_FROM_BASE = 4096; // strips: further away, CSS lengths lose whole pixels

/**
 * Draws the strip of paper. One animation frame at most is pending. The picture is a row of canvases; panning moves the
 * row by whole pixels, paints a canvas when a new one comes in, and one a frame ahead of the movement. A tile that
 * arrives repaints its tracks on the canvases it touches.
 */
export class StripEngine {
  readonly tiles: TileCache;
  private readonly options: EngineOptions;
  private readonly row: HTMLElement;
  private readonly stopListening: () => void;
  private readonly strips = new Map<number, Strip>(); // by place along the recording
  private readonly spare: Strip[] = [];
  private picture: Picture | undefined;
  private drawnPxPerS = 0; // scale of what the canvases show
  private base = 0; // strip at the row's left edge
  private lastOrigin = 0;
  private direction: 1 | -1 = 1;
  private frame: number | undefined;
  private release: (() => void) | undefined;
  private wantedKey = "";
  private isClosed = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.row = document.createElement("div");
    this.row.style.cssText = "position:absolute;top:0;left:0;will-change:transform";
    options.host.append(this.row);
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
    this.row.remove();
  }

  /** Brings the picture up to date now. */
  paint(): void {
    const view = this.view();
    if (!view || this.isClosed) return;
    const { scale } = view;
    if (scale.pxPerS !== this.drawnPxPerS) this.forget();
    this.drawnPxPerS = scale.pxPerS;
    if (scale.origin !== this.lastOrigin) this.direction = scale.origin > this.lastOrigin ? 1 : -1;
    this.lastOrigin = scale.origin;

    const visible = visibleStrips(scale);
    if (Math.abs(visible.first - this.base) > MOST_FROM_BASE || this.strips.size === 0)
      this.rebase(visible.first);
    const ahead = stripsAround(visible, AHEAD, this.direction).filter((strip) => this.isInside(view, strip));
    this.recycle(new Set([...ahead, ...range(visible.first, visible.last)]));
    for (let strip = visible.first; strip <= visible.last; strip++) this.bring(view, strip);
    this.row.style.transform = `translateX(${(this.base * STRIP_PX - scale.origin) / view.dpr}px)`;

    const next = ahead.find((strip) => (this.strips.get(strip)?.dirty.size ?? 1) > 0);
    if (next !== undefined) this.bring(view, next);
    this.fetch(view);
    this.options.onFrame?.(view);
    if (ahead.some((strip) => (this.strips.get(strip)?.dirty.size ?? 1) > 0)) this.schedule();
  }

  /** Whether any of the recording lies on a strip; there is nothing to have ready before its start or after its end. */
  private isInside(view: View, strip: number): boolean {
    return strip >= 0 && strip * STRIP_PX < view.durationS * view.scale.pxPerS;
  }

  /** Makes sure that a strip is on the row and shows the picture as it is now. */
  private bring(view: View, place: number): void {
    const tracks = this.picture?.tracks ?? [];
    let strip = this.strips.get(place);
    if (!strip) {
      strip = this.spare.pop() ?? newStrip(this.row);
      this.strips.set(place, strip);
      this.fit(view, strip, place);
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

  private fit(view: View, { canvas }: Strip, place: number): void {
    const height = Math.round((this.picture?.height ?? 0) * view.dpr);
    if (canvas.height !== height || canvas.width !== STRIP_PX) {
      canvas.width = STRIP_PX;
      canvas.height = height;
    }
    canvas.style.width = `${STRIP_PX / view.dpr}px`;
    canvas.style.height = `${height / view.dpr}px`;
    canvas.style.left = `${((place - this.base) * STRIP_PX) / view.dpr}px`;
    canvas.hidden = false;
  }

  private rebase(place: number): void {
    this.forget();
    this.base = place;
  }

  private forget(): void {
    this.recycle(new Set());
  }

  private recycle(kept: ReadonlySet<number>): void {
    for (const [place, strip] of this.strips) {
      if (kept.has(place)) continue;
      this.strips.delete(place);
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
    const pxPerTile = (request.samplesPerBucket * BUCKETS_PER_TILE * view.scale.pxPerS) / channel.sampleRate;
    // A bucket at the edge is joined to its neighbours by a line: those columns are painted again too.
    const reach = 16 * view.dpr + (3 * view.scale.pxPerS * request.samplesPerBucket) / channel.sampleRate;
    const from = request.firstTile * pxPerTile - reach;
    const to = (request.firstTile + request.tileCount) * pxPerTile + reach;
    const touched = picture.tracks.filter((track) => track.channels.includes(channel));
    for (const [place, strip] of this.strips) {
      if ((place + 1) * STRIP_PX <= from || place * STRIP_PX >= to) continue;
      for (const track of touched) strip.dirty.add(track.id);
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

function newStrip(row: HTMLElement): Strip {
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "position:absolute;top:0";
  row.append(canvas);
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
