import { sure } from "../../../preload/contract/sure.ts";
import { scaleOf, stripsAround, stripScale, STRIP_PX, visibleStrips } from "./canvases.ts";
import { columnsOf, type Track, type TraceChannel, type View } from "../tracks/track.ts";

/** A canvas and what it shows. */
export interface Strip {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly dirty: Set<string>; // tracks to paint again
}

/** Strips of one scale, side by side. While the scale changes, the band on screen is stretched to it. */
interface Band {
  readonly element: HTMLElement;
  readonly strips: Map<number, Strip>; // by place along the recording
  pxPerS: number; // of what the canvases show
  base: number; // strip at the band's left edge
}

const AHEAD = 2; // strips kept ready on each side
const MOST_FROM_BASE = 4096; // strips: further away, CSS lengths lose whole pixels
const STRIPS_A_FRAME = 2; // painted for the next scale while the one before is stretched
const MOST_STRETCH = 4; // a jump beyond this is painted at once

/** Samples [from, to) of a channel, in buckets of this size. */
export interface Came {
  readonly from: number;
  readonly to: number;
  readonly samplesPerBucket: number;
}

/** How a row of paper is drawn. */
export interface RowPicture {
  readonly tracks: readonly Track[];
  readonly heightPx: number; // CSS pixels
}

/**
 * One row of paper: canvases side by side. Panning moves them by whole pixels, paints a canvas when a new one comes in,
 * and one a frame ahead of the movement. Zooming would have all of them painted in every frame: instead the band is
 * stretched, and the next one, at the scale of the moment, is painted out of sight over a few frames.
 */
export class DrawnRow {
  readonly #element = document.createElement("div");
  readonly #spare: Strip[]; // shared by all rows
  #shown: Band;
  #next: Band | undefined; // being painted, at a newer scale
  #picture: RowPicture = { tracks: [], heightPx: 0 };
  #lastOrigin = 0;
  #direction: 1 | -1 = 1;

  constructor(host: HTMLElement, spare: Strip[]) {
    this.#spare = spare;
    this.#element.style.cssText = "position:absolute;left:0;width:100%;overflow:hidden";
    host.append(this.#element);
    this.#shown = newBand(this.#element, 0);
  }

  /** What to draw from now on, and how far from the top of the sheet. Everything is painted anew. */
  show(picture: RowPicture, topPx: number): void {
    this.#picture = picture;
    this.#element.style.top = `${topPx}px`;
    this.#element.style.height = `${picture.heightPx}px`;
    this.#drop();
    this.#recycle(this.#shown, new Set());
  }

  /** Gives its canvases back and goes away. */
  close(): void {
    this.#drop();
    this.#recycle(this.#shown, new Set());
    this.#element.remove();
  }

  /**
   * Brings the row up to date. What the screen lacks is painted at once; what can wait, only when it is this row's
   * turn. True while more is due.
   */
  paint(view: View, isTurn: boolean): boolean {
    const { scale } = view;
    if (scale.origin !== this.#lastOrigin) this.#direction = scale.origin > this.#lastOrigin ? 1 : -1;
    this.#lastOrigin = scale.origin;
    return this.#shown.pxPerS !== scale.pxPerS && this.#canStretch(view)
      ? this.#zoom(view, isTurn)
      : this.#pan(view, isTurn);
  }

  /** Samples of a channel came, or buckets of them: its tracks are painted again on the canvases they touch. */
  touch(came: Came, channel: TraceChannel, dpr: number): void {
    const touched = this.#picture.tracks.filter((track) => track.channels.includes(channel));
    for (const band of this.#next ? [this.#shown, this.#next] : [this.#shown]) {
      const pxPerSample = band.pxPerS / channel.sampleRate;
      // A bucket at the edge is joined to its neighbours by a line: those columns are painted again too.
      const reach = 16 * dpr + 3 * pxPerSample * came.samplesPerBucket;
      const columns = columnsOf(channel, band.pxPerS, came);
      const [from, to] = [columns.from - reach, columns.to + reach];
      for (const [place, strip] of band.strips) {
        if ((place + 1) * STRIP_PX <= from || place * STRIP_PX >= to) continue;
        for (const track of touched) strip.dirty.add(track.id);
      }
    }
  }

  /** The scale is that of the band: what is missing on screen is painted, and one strip ahead. True while more is due. */
  #pan(view: View, isTurn: boolean): boolean {
    const { scale } = view;
    const shown = this.#shown;
    this.#drop();
    if (shown.pxPerS !== scale.pxPerS) this.#recycle(shown, new Set());
    shown.pxPerS = scale.pxPerS;
    const visible = visibleStrips(scale);
    if (Math.abs(visible.first - shown.base) > MOST_FROM_BASE || shown.strips.size === 0) {
      this.#recycle(shown, new Set());
      shown.base = visible.first;
    }
    const ahead = stripsAround(visible, AHEAD, this.#direction).filter((strip) => isInside(view, strip));
    this.#recycle(shown, new Set([...ahead, ...range(visible.first, visible.last)]));
    for (let strip = visible.first; strip <= visible.last; strip++) this.#bring(view, shown, strip);
    place(shown, view);
    const isDue = (strip: number): boolean => (shown.strips.get(strip)?.dirty.size ?? 1) > 0;
    const next = isTurn ? ahead.find(isDue) : undefined;
    if (next !== undefined) this.#bring(view, shown, next);
    return ahead.some(isDue);
  }

  /** The scale is a newer one: the band is stretched while the next is painted, some strips a frame. True: more is due. */
  #zoom(view: View, isTurn: boolean): boolean {
    if (!this.#next) {
      this.#next = newBand(this.#element, view.scale.pxPerS);
      // The one on screen hides it, or it is painted whole at once: shown before, its canvases would be sent and scaled in
      // every frame for nothing (without a GPU the frame's p95 doubled, Electron 33).
      this.#next.element.style.visibility = "hidden";
    }
    const next = this.#next;
    const own = { ...view, scale: scaleOf(view.scale, next.pxPerS) };
    const visible = visibleStrips(own.scale);
    if (next.strips.size === 0) next.base = visible.first;
    const wanted = range(visible.first - 1, visible.last + 1).filter((strip) => isInside(own, strip));
    const isThere = isCovered(this.#shown, view);
    const isDue = (strip: number): boolean => (next.strips.get(strip)?.dirty.size ?? 1) > 0;
    const due = wanted.filter(isDue);
    const now = isThere ? due.slice(0, isTurn ? STRIPS_A_FRAME : 0) : due;
    for (const strip of now) this.#bring(own, next, strip);
    if (!wanted.some(isDue)) {
      this.#recycle(next, new Set(wanted));
      this.#recycle(this.#shown, new Set());
      this.#shown.element.remove();
      next.element.style.visibility = "";
      this.#shown = next;
      this.#next = undefined;
    }
    place(this.#shown, view);
    if (this.#next) place(this.#next, view);
    return true;
  }

  #canStretch({ scale }: View): boolean {
    const { pxPerS, strips } = this.#shown;
    const ratio = scale.pxPerS / pxPerS;
    return strips.size > 0 && ratio < MOST_STRETCH && ratio > 1 / MOST_STRETCH;
  }

  /** Makes sure that a strip is on the band and shows the picture as it is now. */
  #bring(view: View, band: Band, place: number): void {
    const { tracks } = this.#picture;
    let strip = band.strips.get(place);
    if (!strip) {
      strip = this.#spare.pop() ?? newStrip();
      band.strips.set(place, strip);
      this.#fit(view, strip, place - band.base);
      if (strip.canvas.parentElement !== band.element) band.element.append(strip.canvas);
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

  #fit(view: View, { canvas }: Strip, at: number): void {
    const height = Math.round(this.#picture.heightPx * view.dpr);
    if (canvas.height !== height || canvas.width !== STRIP_PX) {
      canvas.width = STRIP_PX;
      canvas.height = height;
    }
    canvas.style.width = `${STRIP_PX / view.dpr}px`;
    canvas.style.height = `${height / view.dpr}px`;
    canvas.style.left = `${(at * STRIP_PX) / view.dpr}px`;
    canvas.hidden = false;
  }

  #drop(): void {
    if (!this.#next) return;
    this.#recycle(this.#next, new Set());
    this.#next.element.remove();
    this.#next = undefined;
  }

  #recycle(band: Band, kept: ReadonlySet<number>): void {
    for (const [place, strip] of band.strips) {
      if (kept.has(place)) continue;
      band.strips.delete(place);
      strip.dirty.clear();
      strip.canvas.hidden = true;
      this.#spare.push(strip);
    }
  }
}

function newBand(host: HTMLElement, pxPerS: number): Band {
  const element = document.createElement("div");
  element.style.cssText = "position:absolute;top:0;left:0;transform-origin:0 0;will-change:transform";
  host.append(element);
  return { element, strips: new Map(), pxPerS, base: 0 };
}

/** Puts the band where the view has it, stretched where its scale is another. */
function place({ element, pxPerS, base }: Band, { scale, dpr }: View): void {
  const stretch = scale.pxPerS / pxPerS;
  const left = (base * STRIP_PX * stretch - scale.origin) / dpr;
  element.style.transform = `translateX(${left}px)${stretch === 1 ? "" : ` scaleX(${stretch})`}`;
}

/** Whether the band's strips, stretched, fill the screen as far as the recording does. */
function isCovered({ strips, pxPerS }: Band, view: View): boolean {
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
  return { canvas, context: sure(canvas.getContext("2d", { alpha: false })), dirty: new Set() };
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
