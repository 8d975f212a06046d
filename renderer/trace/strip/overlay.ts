import { sure } from "../../../preload/contract/sure.ts";
import type { TimeRange } from "../../state/selection.ts";
import { rowAt } from "../../state/viewport.ts";
import { toY } from "../tracks/envelope.ts";
import { awaitedOn, type LiveNow } from "./awaited.ts";
import { FanOverlay } from "./fan-overlay.ts";
import type { ShownFan } from "./fan-picture.ts";
import type { StripLayout } from "./layout.ts";
import { rowScale } from "./paper-rows.ts";
import type { View } from "../tracks/track.ts";

/** What lies above the picture and moves with the pointer, in seconds; heights in a row in CSS pixels. */
export interface OverlayState {
  readonly cursorS: number | undefined;
  readonly at: { readonly xPx: number; readonly yPx: number } | undefined; // where the reader is: what is read out is read out here
  readonly isCrosshairShown: boolean;
  readonly isBracketShown: boolean;
  readonly selected: TimeRange | undefined;
  readonly range: TimeRange | undefined;
  readonly pending: (TimeRange & { readonly colour: string; readonly name: string }) | undefined;
  readonly caliper: readonly { readonly timeS: number }[];
  readonly caliperText: string;
  readonly ghost:
    (TimeRange & { readonly colour: string; readonly topPx: number; readonly heightPx: number }) | undefined;
  readonly tooltip: readonly string[];
  readonly live?: LiveNow | undefined;
  readonly fan?: ShownFan | undefined; // what may come from the cursor on
}

const FLIP_PX = 280; // nearer to the left edge, what stands beside now stands at its right
const BRACKET_S = 15;
const BRACKET_BPM = 15;

type Part =
  | "awaited"
  | "now"
  | "selected"
  | "range"
  | "pending"
  | "cursor"
  | "crossV"
  | "crossH"
  | "bracket"
  | "caliperA"
  | "caliperB"
  | "caliperSpan"
  | "ghost"
  | "tooltip";

/** What lies above the picture, on as many rows as it has. */
export class StripOverlay {
  readonly #host: HTMLElement;
  readonly #rows: RowOverlay[] = [];

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  close(): void {
    for (const row of this.#rows.splice(0)) row.close();
  }

  /** The view is that of the whole page. A stretch shows on every row it touches, the reader is on one. */
  update(view: View, layout: StripLayout, state: OverlayState): void {
    while (this.#rows.length > layout.rows) this.#rows.pop()?.close();
    while (this.#rows.length < layout.rows) this.#rows.push(new RowOverlay(this.#host));
    const widthPx = view.scale.width / layout.rows / view.dpr;
    const reader = rowAt({ rows: layout.rows, widthPx }, state.at?.xPx ?? 0);
    for (const [row, overlay] of this.#rows.entries()) {
      const at = state.at && row === reader ? { ...state.at, xPx: state.at.xPx - row * widthPx } : undefined;
      overlay.place(row * layout.height, layout.height);
      overlay.update({ ...view, scale: rowScale(view.scale, layout.rows, row) }, layout, { ...state, at });
    }
  }
}

/**
 * Plain elements above the canvas of a row: moving one repaints a few pixels, where a second canvas would cost a whole
 * layer.
 */
class RowOverlay {
  readonly #root = document.createElement("div");
  readonly #parts = new Map<Part, HTMLElement>();
  readonly #fan: FanOverlay;
  readonly #gone: HTMLElement[] = []; // one a panel of which nothing comes

  constructor(host: HTMLElement) {
    const order: readonly Part[] = [
      "awaited",
      "now",
      "range",
      "pending",
      "selected",
      "caliperSpan",
      "caliperA",
      "caliperB",
      "cursor",
      "crossV",
      "crossH",
      "bracket",
      "ghost",
      "tooltip",
    ];
    for (const part of order) {
      const element = document.createElement("div");
      element.dataset["part"] = part;
      element.hidden = true;
      this.#root.append(element);
      this.#parts.set(part, element);
    }
    this.#fan = new FanOverlay(this.#root); // beneath everything else
    this.#root.dataset["row"] = "";
    host.append(this.#root);
  }

  close(): void {
    this.#root.remove();
  }

  place(topPx: number, heightPx: number): void {
    this.#root.style.top = `${topPx}px`;
    this.#root.style.height = `${heightPx}px`;
  }

  update(view: View, layout: StripLayout, state: OverlayState): void {
    const x = (timeS: number): number => (timeS * view.scale.pxPerS - view.scale.origin) / view.dpr;
    const width = view.scale.width / view.dpr;
    const height = layout.bottom / view.dpr;
    const span = (part: Part, range: TimeRange | undefined): void => {
      const left = range ? Math.max(-4, x(range.fromS)) : 0;
      const right = range ? Math.min(width + 4, x(range.toS)) : 0;
      const isSeen = range !== undefined && right >= 0 && left <= width;
      this.#put(part, isSeen ? { left, top: 0, width: Math.max(1, right - left), height } : undefined);
    };
    const line = (part: Part, timeS: number | undefined): void => {
      const left = timeS === undefined ? -1 : x(timeS);
      this.#put(part, left >= 0 && left <= width ? { left, top: 0, width: 1, height } : undefined);
    };
    this.#fan.update(view, layout, state.fan, state.live?.endS);
    span("selected", state.selected);
    span("range", state.range);
    span("pending", state.pending);
    line("cursor", state.cursorS);
    this.#live(state.live, line, span);
    this.#panelsGone(view, layout, state.live, x);
    this.#part("now").dataset["flipped"] = String(state.live !== undefined && x(state.live.endS) < FLIP_PX);
    this.#caliper(state, line, span);
    this.#crosshair(view, layout, state, { width, height });
    this.#ghost(state, x);
    this.#tooltip(state, { width, height: layout.height });
    if (state.pending) this.#part("pending").style.setProperty("--event", state.pending.colour);
    this.#text("pending", state.pending?.name ?? "");
  }

  /** What was not received, up to now, and where now is. */
  #live(
    live: LiveNow | undefined,
    line: (part: Part, timeS: number | undefined) => void,
    span: (part: Part, range: TimeRange | undefined) => void,
  ): void {
    span("awaited", live?.isAlarm === true ? { fromS: live.endS, toS: live.nowS } : undefined);
    line("now", live?.endS);
    this.#text("now", live?.text ?? "");
    this.#part("now").dataset["alarm"] = String(live?.isAlarm === true);
  }

  #panelsGone(
    { dpr, scale }: View,
    layout: StripLayout,
    live: LiveNow | undefined,
    x: (timeS: number) => number,
  ): void {
    const gone = live === undefined ? [] : awaitedOn(layout.panels, live);
    while (this.#gone.length > gone.length) this.#gone.pop()?.remove();
    while (this.#gone.length < gone.length) {
      const element = document.createElement("div");
      element.dataset["part"] = "awaited";
      this.#part("now").before(element);
      this.#gone.push(element);
    }
    for (const [i, { top, height, fromS, toS }] of gone.entries()) {
      const left = Math.max(-4, x(fromS));
      const right = Math.min(scale.width / dpr + 4, x(toS));
      const element = sure(this.#gone[i]);
      element.hidden = right <= left;
      setBox(element, { left, top: top / dpr, width: Math.max(0, right - left), height: height / dpr });
    }
  }

  #caliper(
    state: OverlayState,
    line: (part: Part, timeS: number | undefined) => void,
    span: (part: Part, range: TimeRange | undefined) => void,
  ): void {
    const [a, b] = state.caliper;
    line("caliperA", a?.timeS);
    line("caliperB", b?.timeS);
    const range = a && b ? { fromS: Math.min(a.timeS, b.timeS), toS: Math.max(a.timeS, b.timeS) } : undefined;
    span("caliperSpan", range);
    this.#text("caliperSpan", range ? state.caliperText : "");
  }

  #crosshair(
    view: View,
    layout: StripLayout,
    state: OverlayState,
    size: { width: number; height: number },
  ): void {
    const hover = state.isCrosshairShown && state.at && state.at.yPx < size.height ? state.at : undefined;
    this.#put("crossV", hover ? { left: hover.xPx, top: 0, width: 1, height: size.height } : undefined);
    const y = (hover?.yPx ?? 0) * view.dpr;
    const panel = hover && layout.panels.find((one) => y >= one.top && y < one.top + one.height);
    this.#put(
      "crossH",
      hover && panel ? { left: 0, top: hover.yPx, width: size.width, height: 1 } : undefined,
    );
    if (!hover || panel?.grid.kind !== "fhr" || !state.isBracketShown) {
      this.#put("bracket", undefined);
      return;
    }
    const { values } = panel.grid;
    const perBpm = (toY(values, values.low) - toY(values, values.low + 1)) / view.dpr;
    const half = (BRACKET_S / 2) * (view.scale.pxPerS / view.dpr);
    this.#put("bracket", {
      left: hover.xPx - half,
      top: hover.yPx - BRACKET_BPM * perBpm,
      width: 2 * half,
      height: 2 * BRACKET_BPM * perBpm,
    });
  }

  #ghost(state: OverlayState, x: (timeS: number) => number): void {
    const { ghost } = state;
    this.#put(
      "ghost",
      ghost
        ? {
            left: x(ghost.fromS),
            top: ghost.topPx,
            width: Math.max(2, x(ghost.toS) - x(ghost.fromS)),
            height: ghost.heightPx,
          }
        : undefined,
    );
    if (ghost) this.#part("ghost").style.setProperty("--event", ghost.colour);
  }

  #tooltip(state: OverlayState, size: { width: number; height: number }): void {
    const { at: hover, tooltip } = state;
    const element = this.#part("tooltip");
    if (!hover || tooltip.length === 0) {
      element.hidden = true;
      return;
    }
    const text = tooltip.join("\n");
    if (element.textContent !== text) element.textContent = text;
    element.hidden = false;
    const isRight = hover.xPx > size.width - 230;
    const isLow = hover.yPx > size.height - 110;
    element.style.transform =
      `translate(${Math.round(hover.xPx + (isRight ? -14 : 14))}px, ${Math.round(hover.yPx + (isLow ? -12 : 16))}px)` +
      ` translate(${isRight ? "-100%" : "0"}, ${isLow ? "-100%" : "0"})`;
  }

  #part(part: Part): HTMLElement {
    return sure(this.#parts.get(part));
  }

  #text(part: Part, text: string): void {
    const element = this.#part(part);
    if (element.dataset["text"] !== text) element.dataset["text"] = text;
  }

  #put(part: Part, box: { left: number; top: number; width: number; height: number } | undefined): void {
    const element = this.#part(part);
    element.hidden = box === undefined;
    if (box) setBox(element, box);
  }
}

function setBox(
  element: HTMLElement,
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): void {
  element.style.transform = `translate(${Math.round(box.left)}px, ${Math.round(box.top)}px)`;
  element.style.width = `${Math.round(box.width)}px`;
  element.style.height = `${Math.round(box.height)}px`;
}
