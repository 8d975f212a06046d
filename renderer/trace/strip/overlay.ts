import type { TimeRange } from "../../state/selection.ts";
import { toY } from "../tracks/envelope.ts";
import type { StripLayout } from "./layout.ts";
import type { View } from "../tracks/track.ts";

/** What lies above the picture and moves with the pointer, in seconds; rows in CSS pixels. */
export interface OverlayState {
  readonly cursorS: number | undefined;
  readonly at: { readonly xPx: number; readonly yPx: number } | undefined; // where the reader is: what is read out is read out here
  readonly isCrosshairShown: boolean;
  readonly selected: TimeRange | undefined;
  readonly range: TimeRange | undefined;
  readonly pending: (TimeRange & { readonly colour: string; readonly name: string }) | undefined;
  readonly caliper: readonly { readonly timeS: number }[];
  readonly caliperText: string;
  readonly ghost:
    (TimeRange & { readonly colour: string; readonly topPx: number; readonly heightPx: number }) | undefined;
  readonly tooltip: readonly string[];
}

const BRACKET_S = 15;
const BRACKET_BPM = 15;

type Part =
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

/** Plain elements above the canvas: moving one repaints a few pixels, where a second canvas would cost a whole layer. */
export class StripOverlay {
  private readonly parts = new Map<Part, HTMLElement>();

  constructor(host: HTMLElement) {
    const order: readonly Part[] = [
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
      host.append(element);
      this.parts.set(part, element);
    }
  }

  close(): void {
    for (const element of this.parts.values()) element.remove();
  }

  update(view: View, layout: StripLayout, state: OverlayState): void {
    const x = (timeS: number): number => (timeS * view.scale.pxPerS - view.scale.origin) / view.dpr;
    const width = view.scale.width / view.dpr;
    const height = layout.bottom / view.dpr;
    const span = (part: Part, range: TimeRange | undefined): void => {
      const left = range ? Math.max(-4, x(range.fromS)) : 0;
      const right = range ? Math.min(width + 4, x(range.toS)) : 0;
      const isSeen = range !== undefined && right >= 0 && left <= width;
      this.place(part, isSeen ? { left, top: 0, width: Math.max(1, right - left), height } : undefined);
    };
    const line = (part: Part, timeS: number | undefined): void => {
      const left = timeS === undefined ? -1 : x(timeS);
      this.place(part, left >= 0 && left <= width ? { left, top: 0, width: 1, height } : undefined);
    };
    span("selected", state.selected);
    span("range", state.range);
    span("pending", state.pending);
    line("cursor", state.cursorS);
    this.caliper(state, line, span);
    this.crosshair(view, layout, state, { width, height });
    this.ghost(state, x);
    this.tooltip(state, { width, height: layout.height });
    if (state.pending) this.part("pending").style.setProperty("--event", state.pending.colour);
    this.text("pending", state.pending?.name ?? "");
  }

  private caliper(
    state: OverlayState,
    line: (part: Part, timeS: number | undefined) => void,
    span: (part: Part, range: TimeRange | undefined) => void,
  ): void {
    const [a, b] = state.caliper;
    line("caliperA", a?.timeS);
    line("caliperB", b?.timeS);
    const range = a && b ? { fromS: Math.min(a.timeS, b.timeS), toS: Math.max(a.timeS, b.timeS) } : undefined;
    span("caliperSpan", range);
    this.text("caliperSpan", range ? state.caliperText : "");
  }

  private crosshair(
    view: View,
    layout: StripLayout,
    state: OverlayState,
    size: { width: number; height: number },
  ): void {
    const hover = state.isCrosshairShown && state.at && state.at.yPx < size.height ? state.at : undefined;
    this.place("crossV", hover ? { left: hover.xPx, top: 0, width: 1, height: size.height } : undefined);
    const y = (hover?.yPx ?? 0) * view.dpr;
    const panel = hover && layout.panels.find((one) => y >= one.top && y < one.top + one.height);
    this.place(
      "crossH",
      hover && panel ? { left: 0, top: hover.yPx, width: size.width, height: 1 } : undefined,
    );
    if (!hover || panel?.grid.kind !== "fhr") {
      this.place("bracket", undefined);
      return;
    }
    const { values } = panel.grid;
    const perBpm = (toY(values, values.low) - toY(values, values.low + 1)) / view.dpr;
    const half = (BRACKET_S / 2) * (view.scale.pxPerS / view.dpr);
    this.place("bracket", {
      left: hover.xPx - half,
      top: hover.yPx - BRACKET_BPM * perBpm,
      width: 2 * half,
      height: 2 * BRACKET_BPM * perBpm,
    });
  }

  private ghost(state: OverlayState, x: (timeS: number) => number): void {
    const { ghost } = state;
    this.place(
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
    if (ghost) this.part("ghost").style.setProperty("--event", ghost.colour);
  }

  private tooltip(state: OverlayState, size: { width: number; height: number }): void {
    const { at: hover, tooltip } = state;
    const element = this.part("tooltip");
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

  private part(part: Part): HTMLElement {
    return this.parts.get(part)!;
  }

  private text(part: Part, text: string): void {
    const element = this.part(part);
    if (element.dataset["text"] !== text) element.dataset["text"] = text;
  }

  private place(
    part: Part,
    box: { left: number; top: number; width: number; height: number } | undefined,
  ): void {
    const element = this.part(part);
    element.hidden = box === undefined;
    if (!box) return;
    element.style.transform = `translate(${Math.round(box.left)}px, ${Math.round(box.top)}px)`;
    element.style.width = `${Math.round(box.width)}px`;
    element.style.height = `${Math.round(box.height)}px`;
  }
}
