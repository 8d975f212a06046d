import { BUCKETS_PER_TILE } from "../../preload/contract/recording.ts";
import type { ViewportStore } from "../state/viewport.ts";
import { bucketSizeFor } from "./levels.ts";
import type { Palette } from "./palette.ts";
import { TileCache, needsFor, type LoadTiles, type TileNeed, type TileRequest } from "./tile-cache.ts";
import { shiftBetween, timeScale, type TimeScale } from "./time-scale.ts";
import { samplesPerPx, type Track, type TraceChannel, type View } from "./track.ts";

export interface EngineOptions {
  readonly canvas: HTMLCanvasElement;
  readonly viewport: ViewportStore;
  readonly load: LoadTiles;
  readonly onError: (error: unknown) => void;
  readonly onFrame?: (view: View) => void; // after the picture is up to date: move what lies above it
  readonly onTiles?: (request: TileRequest, tiles: TileCache) => void;
  readonly hold?: () => () => void; // told when a frame is pending; the returned function when it is drawn
  readonly frames?: { readonly request: (run: () => void) => number; readonly cancel: (id: number) => void };
}

interface Columns {
  from: number; // absolute device pixels, from the recording's start
  to: number;
}

/**
 * Draws the strip into one canvas. One animation frame at most is pending; a pan shifts the picture by whole pixels
 * and paints only the columns that came in; a tile that arrives repaints only its own columns of its own tracks.
 */
export class StripEngine {
  readonly tiles: TileCache;
  private readonly options: EngineOptions;
  private readonly context: CanvasRenderingContext2D;
  private readonly stopListening: () => void;
  private tracks: readonly Track[] = [];
  private channels: readonly TraceChannel[] = [];
  private palette: Palette | undefined;
  private dpr = 1;
  private height = 0; // CSS pixels
  private drawn: TimeScale | undefined; // what the canvas shows
  private readonly dirty = new Map<string, Columns>();
  private frame: number | undefined;
  private wantedKey = "";
  private release: (() => void) | undefined;
  private isClosed = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.context = options.canvas.getContext("2d", { alpha: false })!;
    this.tiles = new TileCache({
      load: (request, signal) => options.load(request, signal),
      onTiles: (request) => {
        this.touch(request);
        options.onTiles?.(request, this.tiles);
      },
      onError: options.onError,
    });
    this.stopListening = options.viewport.subscribe(() => this.schedule());
  }

  /** What to draw from now on. Everything is painted anew. */
  show(picture: {
    readonly tracks: readonly Track[];
    readonly channels: readonly TraceChannel[];
    readonly palette: Palette;
    readonly dpr: number;
    readonly height: number;
  }): void {
    this.tracks = picture.tracks;
    this.channels = picture.channels;
    this.palette = picture.palette;
    this.dpr = picture.dpr;
    this.height = picture.height;
    this.drawn = undefined;
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
    if (!this.palette) return undefined;
    const { startS, pxPerS, widthPx, durationS } = this.options.viewport.getState();
    if (widthPx <= 0) return undefined;
    return {
      scale: timeScale(startS, pxPerS * this.dpr, Math.round(widthPx * this.dpr)),
      dpr: this.dpr,
      palette: this.palette,
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
  }

  /** Brings the picture up to date now. */
  paint(): void {
    const view = this.view();
    if (!view || this.isClosed) return;
    this.fit(view);
    const shift = this.drawn && shiftBetween(this.drawn, view.scale);
    if (shift === undefined) this.paintColumns(view, this.tracks, 0, view.scale.width, true);
    else if (shift !== 0) this.pan(view, shift);
    this.drawn = view.scale;
    this.paintDirty(view, shift === undefined);
    this.fetch(view);
    this.options.onFrame?.(view);
  }

  private fit(view: View): void {
    const { canvas } = this.options;
    const height = Math.round(this.height * this.dpr);
    if (canvas.width === view.scale.width && canvas.height === height) return;
    canvas.width = view.scale.width;
    canvas.height = height;
    this.drawn = undefined;
  }

  private pan(view: View, shift: number): void {
    const { context } = this;
    const { width } = view.scale;
    context.globalCompositeOperation = "copy";
    context.drawImage(this.options.canvas, shift, 0);
    context.globalCompositeOperation = "source-over";
    if (shift > 0) this.paintColumns(view, this.tracks, 0, shift, true);
    else this.paintColumns(view, this.tracks, width + shift, width, true);
  }

  private paintDirty(view: View, isAllPainted: boolean): void {
    if (!isAllPainted) {
      for (const track of this.tracks) {
        const columns = this.dirty.get(track.id);
        if (!columns) continue;
        const from = Math.max(0, Math.floor(columns.from - view.scale.origin));
        const to = Math.min(view.scale.width, Math.ceil(columns.to - view.scale.origin));
        if (from < to) this.paintColumns(view, [track], from, to, false);
      }
    }
    this.dirty.clear();
  }

  private paintColumns(
    view: View,
    tracks: readonly Track[],
    from: number,
    to: number,
    isFullHeight: boolean,
  ): void {
    const { context } = this;
    context.fillStyle = view.palette.tokens.panel;
    if (isFullHeight) context.fillRect(from, 0, to - from, this.options.canvas.height);
    for (const track of tracks) {
      context.save();
      context.beginPath();
      context.rect(from, track.top, to - from, track.height);
      context.clip();
      if (!isFullHeight) {
        context.fillStyle = view.palette.tokens.panel;
        context.fillRect(from, track.top, to - from, track.height);
      }
      track.paint(context, view, from, to);
      context.restore();
    }
  }

  private touch(request: TileRequest): void {
    const channel = this.channels.find((one) => one.position === request.channel);
    const view = this.view();
    if (!channel || !view) return;
    const pxPerTile = (request.samplesPerBucket * BUCKETS_PER_TILE * view.scale.pxPerS) / channel.sampleRate;
    const from = request.firstTile * pxPerTile - 16;
    const to = (request.firstTile + request.tileCount) * pxPerTile + 16;
    for (const track of this.tracks) {
      if (!track.channels.includes(channel)) continue;
      const known = this.dirty.get(track.id);
      this.dirty.set(
        track.id,
        known ? { from: Math.min(known.from, from), to: Math.max(known.to, to) } : { from, to },
      );
    }
    this.schedule();
  }

  /** Asks for the visible tiles first, then for one screen on each side. */
  private fetch(view: View): void {
    const shown = new Set(this.tracks.flatMap((track) => track.channels));
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
    if (key !== this.wantedKey) {
      this.wantedKey = key;
      this.tiles.want([...visible, ...around]);
    }
  }
}
