import type { ViewportStore } from "../../state/viewport.ts";
import { bucketSizeFor } from "../tiles/levels.ts";
import type { Palette } from "../tracks/palette.ts";
import { DrawnRow, type Came, type Strip } from "./drawn-row.ts";
import { rowScale } from "./paper-rows.ts";
import { BUCKETS_PER_TILE } from "../../../preload/contract/recording.ts";
import type { LiveTiles } from "../tiles/live-tiles.ts";
import { TileCache, needsFor, type LoadTiles, type TileNeed } from "../tiles/tile-cache.ts";
import { timeScale } from "../tracks/time-scale.ts";
import { sampleAtColumn, samplesPerPx, type Track, type TraceChannel, type View } from "../tracks/track.ts";

export interface PainterOptions {
  readonly host: HTMLElement; // the picture is put into it; it clips
  readonly viewport: ViewportStore;
  readonly load: LoadTiles;
  readonly live?: LiveTiles; // what comes while it is drawn
  readonly isFiltered?: () => boolean; // whether of that the filtered samples are drawn
  readonly onError: (error: unknown) => void;
  readonly onFrame?: (view: View) => void; // after the picture is up to date: move what lies above it
  readonly hold?: () => () => void; // told when a frame is pending; the returned function when it is drawn
  readonly frames?: { readonly request: (run: () => void) => number; readonly cancel: (id: number) => void };
}

const PAPER_AHEAD_S = 1e7; // further than any recording under way

export interface Picture {
  readonly tracks: readonly Track[];
  readonly channels: readonly TraceChannel[];
  readonly palette: Palette;
  readonly dpr: number;
  readonly height: number; // of one row, CSS pixels; 0: nothing is drawn
}

/**
 * Draws the strip of paper, in as many rows as the viewport has. One animation frame at most is pending, and one row at a
 * time paints what can wait, so that a frame of several rows costs what one of a single row does. A tile that arrives
 * repaints its tracks on the canvases it touches.
 */
export class StripPainter {
  readonly tiles: TileCache;
  private readonly options: PainterOptions;
  private readonly stopListening: () => void;
  private readonly spare: Strip[] = [];
  private readonly rows: DrawnRow[] = [];
  private turn = 0; // of the rows, which may paint ahead
  private picture: Picture | undefined;
  private frame: number | undefined;
  private release: (() => void) | undefined;
  private wantedKey = "";
  private isClosed = false;

  constructor(options: PainterOptions) {
    this.options = options;
    this.tiles = new TileCache({
      load: (request, signal) => options.load(request, signal),
      onTiles: ({ channel, firstTile, tileCount, samplesPerBucket }) => {
        const samples = samplesPerBucket * BUCKETS_PER_TILE;
        const [from, to] = [firstTile * samples, (firstTile + tileCount) * samples];
        this.touch(channel, { from, to, samplesPerBucket });
      },
      onError: options.onError,
    });
    const stops = [
      options.viewport.subscribe(() => this.schedule()),
      options.live?.subscribe((grown) => {
        for (const { channel, from, to } of grown) this.touch(channel, { from, to, samplesPerBucket: 1 });
      }),
    ];
    this.stopListening = () => {
      for (const stop of stops) stop?.();
    };
  }

  /** What to draw from now on. Everything is painted anew. */
  show(picture: Picture): void {
    this.picture = picture;
    for (const [row, drawn] of this.rows.entries()) showRow(drawn, picture, row);
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

  /** The whole page, its rows laid end to end: what a place along them is measured against. */
  view(): View | undefined {
    const { widthPx, rows, startS, pxPerS, durationS } = this.options.viewport.getState();
    if (!this.picture || this.picture.height <= 0 || widthPx <= 0) return undefined;
    const { dpr, palette } = this.picture;
    const { live, isFiltered } = this.options;
    return {
      scale: timeScale(startS, pxPerS * dpr, rows * Math.round(widthPx * dpr)),
      dpr,
      palette,
      tiles: live ? live.over(this.tiles, isFiltered?.() ?? false) : this.tiles,
      // Paper lies ready ahead of what comes: canvases need not be painted anew as the recording grows.
      durationS: live ? PAPER_AHEAD_S : durationS,
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
    for (const row of this.rows) row.close();
  }

  /** Brings the picture up to date now. */
  paint(): void {
    const view = this.view();
    if (!view || this.isClosed) return;
    const rows = this.fitRows();
    this.turn = (this.turn + 1) % rows.length;
    const due = rows.map((row, i) =>
      row.paint({ ...view, scale: rowScale(view.scale, rows.length, i) }, i === this.turn),
    );
    this.fetch(view);
    this.options.onFrame?.(view);
    if (due.includes(true)) this.schedule();
  }

  /** As many rows as the viewport has now. */
  private fitRows(): readonly DrawnRow[] {
    const { rows } = this.options.viewport.getState();
    while (this.rows.length > rows) this.rows.pop()?.close();
    while (this.rows.length < rows) {
      const row = new DrawnRow(this.options.host, this.spare);
      if (this.picture) showRow(row, this.picture, this.rows.length);
      this.rows.push(row);
    }
    return this.rows;
  }

  private touch(position: number, came: Came): void {
    const channel = this.picture?.channels.find((one) => one.position === position);
    if (!this.picture || !channel) return;
    // A bucket that grew is painted whole.
    const samplesPerBucket = Math.max(came.samplesPerBucket, this.bucketSize(channel));
    for (const row of this.rows) row.touch({ ...came, samplesPerBucket }, channel, this.picture.dpr);
    this.schedule();
  }

  private bucketSize(channel: TraceChannel): number {
    const { pxPerS } = this.options.viewport.getState();
    return bucketSizeFor(channel.sampleRate / (pxPerS * (this.picture?.dpr ?? 1)));
  }

  /** Asks for the visible tiles first, then for one screen on each side. */
  private fetch(view: View): void {
    const shown = new Set(this.picture?.tracks.flatMap((track) => track.channels));
    const visible: TileNeed[] = [];
    const around: TileNeed[] = [];
    for (const channel of shown) {
      const perPx = samplesPerPx(channel, view.scale);
      const needs = needsFor(channel.position, bucketSizeFor(perPx), {
        fromSample: sampleAtColumn(channel, view.scale, 0),
        toSample: sampleAtColumn(channel, view.scale, view.scale.width),
        sampleCount: channel.sampleCount,
      });
      const { live } = this.options;
      visible.push(live ? live.missing(needs.visible) : needs.visible);
      around.push(live ? live.missing(needs.around) : needs.around);
    }
    const key = around
      .map((need) => `${need.channel}/${need.samplesPerBucket}/${need.first}-${need.last}`)
      .join(" ");
    if (key === this.wantedKey) return;
    this.wantedKey = key;
    this.tiles.want([...visible, ...around]);
  }
}

const showRow = (drawn: DrawnRow, { tracks, height }: Picture, row: number): void =>
  drawn.show({ tracks, heightPx: height }, row * height);
