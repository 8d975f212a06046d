import { toY } from "../tracks/envelope.ts";
import type { Palette } from "../tracks/palette.ts";
import { inkOn } from "../tracks/palette.ts";
import type { SignalPanel } from "../tracks/signal.ts";
import type { View } from "../tracks/track.ts";
import { isComplete, paintAssumed, paintFan, type FanBranch, type ShownFan } from "./fan-picture.ts";
import { bandsOf, forkOf } from "../../state/forecast.ts";
import type { StripLayout } from "./layout.ts";

const PIECE_PX = 2048; // a wide fan is drawn in pieces, and only those near the screen
const NAME_PX = 20; // the row's own name stands above it, wherever the fan begins
const CHIP = { width: 148, height: 34, apart: 4 } as const; // CSS pixels, as in the style sheet

interface Shown {
  readonly fan: ShownFan;
  readonly layout: StripLayout;
  readonly palette: Palette;
  readonly pxPerS: number;
  readonly dpr: number;
  readonly isCrowded: boolean;
  readonly pieces: Pieces;
  readonly isComplete: boolean;
}

interface Pieces {
  readonly first: number; // inclusive, as the last
  readonly last: number;
}

/**
 * The fan on one row of paper. It is drawn when it changes, and whenever the scale does; panning only moves it. Chips and
 * words are elements beside the canvases.
 */
export class FanOverlay {
  readonly #root = document.createElement("div");
  readonly #picture = document.createElement("div");
  readonly #chips = document.createElement("div");
  #shown: Shown | undefined;

  constructor(host: HTMLElement) {
    this.#root.dataset["fan"] = "";
    this.#root.hidden = true;
    this.#root.append(this.#picture, this.#chips);
    host.prepend(this.#root);
  }

  /** The view is that of the row. What has come since the fan was made, up to `cameS`, lies above it. */
  update(view: View, layout: StripLayout, fan: ShownFan | undefined, cameS?: number): void {
    if (fan === undefined && this.#root.hidden) return; // as with every move of the pointer where nothing is looked ahead
    const { dpr, palette, scale } = view;
    const panel = fan && panelOf(layout, fan.channel.position);
    const origin = fan ? Math.round(fan.forecast.fromS * scale.pxPerS) : 0;
    const width = fan ? Math.round(fan.forecast.horizonS * scale.pxPerS) : 0;
    const left = origin - scale.origin;
    const isSeen = panel !== undefined && left < scale.width && left + width + CHIP.width * dpr > 0;
    this.#root.hidden = !isSeen;
    if (!isSeen || fan === undefined) return;
    this.#root.style.transform = `translateX(${left / dpr}px)`;
    this.#root.style.clipPath = cameS === undefined ? "" : clipOf((cameS * scale.pxPerS - origin) / dpr);
    const besidePx = width / dpr + CHIP.apart;
    const lastPx = (scale.width - left) / dpr - CHIP.width - CHIP.apart;
    const isCrowded = besidePx > lastPx;
    this.#chips.style.transform = `translateX(${Math.min(besidePx, lastPx)}px)`;
    this.#chips.hidden = layout.rows > 1 && left + width > scale.width; // it ends on the next row
    const own: View = { ...view, scale: { pxPerS: scale.pxPerS, origin, width } };
    const pieces = piecesIn({ left, width }, scale.width);
    const next = { fan, layout, palette, dpr, isCrowded, pieces, pxPerS: scale.pxPerS };
    if (this.#shown && isSame(this.#shown, next) && this.#shown.isComplete) return;
    this.#shown = { ...next, isComplete: !fan.isCameShown || isComplete(own, panel) };
    this.#draw(own, next, panel);
  }

  #draw(view: View, { fan, layout, isCrowded, pieces }: Omit<Shown, "isComplete">, panel: SignalPanel): void {
    this.#picture.replaceChildren(
      ...picturesOf(view, panel, pieces, (context, own) => paintFan(context, own, panel, fan)),
      ...fan.assumed.flatMap((one) => {
        const under = panelOf(layout, one.channel.position);
        return under === undefined
          ? []
          : [
              ...picturesOf(view, under, pieces, (context, own) =>
                paintAssumed(context, own, under, fan, one),
              ),
              words("assumed", one.text, { left: 4, top: under.top / view.dpr + NAME_PX }),
            ];
      }),
      ...forkWords(view, panel, fan),
    );
    this.#chips.replaceChildren(...chips(fan, { view, panel, isCrowded }));
  }
}

/** A root without a size of its own shows everything to the right of a place. */
const clipOf = (leftPx: number): string => `inset(-9999px -9999px -9999px ${Math.max(0, leftPx)}px)`;

const isSame = (a: Omit<Shown, "isComplete">, b: Omit<Shown, "isComplete">): boolean =>
  a.fan === b.fan &&
  a.layout === b.layout &&
  a.palette === b.palette &&
  a.pxPerS === b.pxPerS &&
  a.dpr === b.dpr &&
  a.isCrowded === b.isCrowded &&
  a.pieces.first === b.pieces.first &&
  a.pieces.last === b.pieces.last;

/** Those that a screen so wide shows, with one more on each side. */
export function piecesIn(fan: { readonly left: number; readonly width: number }, screen: number): Pieces {
  const last = Math.max(0, Math.ceil(fan.width / PIECE_PX) - 1);
  const within = (piece: number): number => Math.min(last, Math.max(0, piece));
  return {
    first: within(Math.floor(-fan.left / PIECE_PX) - 1),
    last: within(Math.floor((screen - fan.left) / PIECE_PX) + 1),
  };
}

const panelOf = ({ panels }: StripLayout, position: number): SignalPanel | undefined =>
  panels.find(({ series }) => series.some(({ channel }) => channel.position === position));

function picturesOf(
  view: View,
  panel: SignalPanel,
  { first, last }: Pieces,
  paint: (context: CanvasRenderingContext2D, view: View) => void,
): readonly HTMLElement[] {
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const offset = (first + i) * PIECE_PX;
    const width = Math.max(1, Math.min(PIECE_PX, view.scale.width - offset));
    const { pxPerS, origin } = view.scale;
    return pictureOf({ ...view, scale: { pxPerS, origin: origin + offset, width } }, panel, offset, paint);
  });
}

function pictureOf(
  view: View,
  panel: SignalPanel,
  offset: number,
  paint: (context: CanvasRenderingContext2D, view: View) => void,
): HTMLElement {
  const { dpr, scale } = view;
  const canvas = document.createElement("canvas");
  canvas.width = scale.width;
  canvas.height = Math.max(1, panel.height);
  const [left, top] = [offset / dpr, panel.top / dpr];
  canvas.style.cssText = `left:${left}px;top:${top}px;width:${scale.width / dpr}px;height:${panel.height / dpr}px`;
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) return canvas;
  context.translate(0, -panel.top);
  paint(context, view);
  return canvas;
}

function words(
  kind: "assumed" | "fork",
  text: string,
  place: { readonly left: number; readonly top: number },
): HTMLElement {
  const element = document.createElement("span");
  element.dataset["words"] = kind;
  element.textContent = text;
  element.style.left = `${place.left}px`;
  element.style.top = `${place.top}px`;
  return element;
}

function forkWords(
  { scale, dpr }: View,
  panel: SignalPanel,
  { forecast, forkText }: ShownFan,
): readonly HTMLElement[] {
  const fork = forkOf(forecast);
  if (forkText === undefined || fork === undefined) return [];
  return [
    words("fork", forkText, { left: (fork.aheadS * scale.pxPerS) / dpr + 9, top: panel.top / dpr + 16 }),
  ];
}

/**
 * Beside the ends of the ways, in the order they end in, none upon another. Where there is no room beside the fan they
 * stand over it, at its head or its foot, whichever it leaves free.
 */
function chips(
  { branches, areNamed, forecast }: ShownFan,
  {
    view,
    panel,
    isCrowded,
  }: {
    readonly view: View;
    readonly panel: SignalPanel;
    readonly isCrowded: boolean;
  },
): readonly HTMLElement[] {
  if (!areNamed || branches.length < 2) return [];
  const { values } = panel.grid;
  const y = (value: number): number => toY(values, value) / view.dpr;
  const limits = {
    low: values.top / view.dpr + 18,
    high: (values.top + values.height) / view.dpr - CHIP.height - 2,
  };
  const ends = branches.map(
    (branch) => y(branch.value[branch.value.length - 1] ?? values.low) - CHIP.height / 2,
  );
  const { top, foot } = reachOf(forecast, branches);
  const isFootFree = limits.high - y(foot) >= y(top) - limits.low;
  const free = isFootFree
    ? { ...limits, low: limits.high - (branches.length - 1) * (CHIP.height + CHIP.apart) }
    : { ...limits, high: limits.low };
  const tops = apart(ends, isCrowded ? free : limits);
  return branches.map((branch, i) => chipOf(branch, tops[i] ?? 0));
}

/** The outermost values of a fan's widest band and of its ways. */
function reachOf(
  { quantiles }: ShownFan["forecast"],
  branches: readonly FanBranch[],
): { readonly top: number; readonly foot: number } {
  const [widest] = bandsOf(quantiles);
  const all = [...branches.map(({ value }) => value), ...(widest ? [widest.low, widest.high] : [])];
  const reduce = (of: (a: number, b: number) => number, from: number): number =>
    all.reduce((far, value) => value.reduce((a, b) => of(a, b), far), from);
  return {
    top: reduce(Math.max, Number.NEGATIVE_INFINITY),
    foot: reduce(Math.min, Number.POSITIVE_INFINITY),
  };
}

/** Places as near to the wanted ones as they can be, within the limits as far as there is room. */
export function apart(
  wanted: readonly number[],
  { low, high }: { readonly low: number; readonly high: number },
): readonly number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  const step = CHIP.height + CHIP.apart;
  let next = low;
  for (const one of order) next = (one.y = Math.max(next, one.y)) + step;
  let last = Math.max(high, low + (order.length - 1) * step);
  for (const one of [...order].reverse()) last = (one.y = Math.min(last, one.y)) - step;
  const tops = new Array<number>(wanted.length).fill(low);
  for (const { y, i } of order) tops[i] = y;
  return tops;
}

function chipOf(branch: FanBranch, top: number): HTMLElement {
  const chip = document.createElement("span");
  chip.dataset["branch"] = branch.name;
  chip.style.cssText = `top:${top}px;--event:${branch.colour}`;
  const letter = document.createElement("b");
  letter.textContent = branch.letter;
  letter.style.color = inkOn(branch.colour);
  const texts = (["name", "share", "interval"] as const).map((what) => {
    const text = document.createElement("span");
    text.dataset["text"] = what;
    text.textContent = branch[what];
    return text;
  });
  chip.append(letter, ...texts);
  return chip;
}
