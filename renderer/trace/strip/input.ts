import { tell, type ReaderStore } from "../../state/reader.ts";
import { change, panBy, zoomAbout, type ViewportStore } from "../../state/viewport.ts";
import { rangeOf, type SelectionStore, type TimeRange } from "../../state/selection.ts";
import { annotationKind, type DrawnEvent, type PlacedLane } from "../tracks/annotation.ts";
import { toValue } from "../tracks/envelope.ts";
import { dragged, type Grip } from "./hit-test.ts";
import type { PlacedTrack } from "../tracks/kind.ts";
import type { SignalPanel } from "../tracks/signal.ts";
import type { StripLayout } from "./layout.ts";
import { pointOnRow } from "./paper-rows.ts";
import { predictionKind } from "../tracks/prediction.ts";
import { toTime } from "../tracks/time-scale.ts";
import type { View } from "../tracks/track.ts";

export type Tool = "pan" | "range" | "caliper" | "anchor";

/** What lies under the pointer. */
export interface Target {
  readonly timeS: number;
  readonly xPx: number; // along the rows
  readonly yPx: number; // from the top of the row
  readonly panel: SignalPanel | undefined;
  readonly lane: PlacedLane | undefined;
  readonly event: DrawnEvent | undefined;
  readonly grip: Grip;
  readonly prediction: "curves" | "heat" | undefined;
  readonly found: ReturnType<PlacedTrack["at"]>; // of a finding, or of an event
  readonly foundKind: string | undefined; // of the finding's track, where a click on it is meant for it
}

/** Where a point of the baseline is to be, or to go. */
export interface AnchorPlace {
  readonly what: "set" | "take";
  readonly timeS: number;
  readonly value: number; // on the scale of the panel
  readonly withinS: number; // what a few pixels are
}

export interface Ghost extends TimeRange {
  readonly event: DrawnEvent;
  readonly lane: PlacedLane;
  readonly row: number;
}

export interface StripInputOptions {
  readonly surface: HTMLElement;
  readonly viewport: ViewportStore;
  readonly selection: SelectionStore;
  readonly reader: ReaderStore;
  readonly look: () => { readonly view: View; readonly layout: StripLayout } | undefined;
  readonly tool: () => Tool;
  readonly onMoved: () => void; // the pointer moved, or the ghost changed
  readonly onPickEvent: (event: DrawnEvent) => void;
  readonly onMoveEvent: (event: DrawnEvent, onsetS: number, durationS: number) => void;
  readonly onPickPrediction: (timeS: number) => void;
  readonly onPickFound?: ((kind: string, timeS: number) => void) | undefined; // a finding's track was clicked
  readonly onAnchor?: ((place: AnchorPlace) => void) | undefined; // with the tool for it
  readonly onMenu: (x: number, y: number) => void; // CSS pixels of the window
}

type Drag =
  | { readonly kind: "pan"; lastX: number; readonly target: Target }
  | { readonly kind: "range"; readonly fromS: number }
  | { readonly kind: "caliper"; readonly fromS: number }
  | {
      readonly kind: "event";
      readonly target: Target;
      readonly event: DrawnEvent;
      readonly lane: PlacedLane;
    };

const DRAG_THRESHOLD_PX = 3;
const WHEEL_LINE_PX = 16;
const ZOOM_PER_PX = 0.0022;
const ANCHOR_REACH_PX = 12;

/** Pointer and wheel on the strip. Keys are bindings of the page; the reader's store remembers where the pointer is. */
export class StripInput {
  ghost: Ghost | undefined;
  private readonly options: StripInputOptions;
  private readonly listening = new AbortController();
  private drag: Drag | undefined;
  private down: { readonly x: number; readonly y: number } | undefined;
  private hasMoved = false;

  constructor(options: StripInputOptions) {
    this.options = options;
    const { surface } = options;
    const { signal } = this.listening;
    surface.addEventListener("wheel", (event) => this.wheel(event), { passive: false, signal });
    surface.addEventListener("pointerdown", (event) => this.press(event), { signal });
    surface.addEventListener("pointermove", (event) => this.move(event), { signal });
    surface.addEventListener("pointerup", (event) => this.lift(event), { signal });
    surface.addEventListener("contextmenu", (event) => this.menu(event), { signal });
    surface.addEventListener("pointercancel", () => this.cancel(), { signal });
    surface.addEventListener("pointerleave", () => this.leave(), { signal });
  }

  close(): void {
    this.listening.abort();
    tell(this.options.reader, { kind: "pointer-left" }); // a page that goes away takes the pointer without a word
  }

  /** Ends a drag without effect; true if there was one. */
  cancel(): boolean {
    const wasDragging = this.drag !== undefined;
    this.drag = undefined;
    this.ghost = undefined;
    this.down = undefined;
    this.options.onMoved();
    return wasDragging;
  }

  private targetAt(event: MouseEvent): Target | undefined {
    const seen = this.options.look();
    if (!seen) return undefined;
    const bounds = this.options.surface.getBoundingClientRect();
    const onSheet = { xPx: event.clientX - bounds.left, yPx: event.clientY - bounds.top };
    const { xPx, yPx } = pointOnRow(this.options.viewport.getState(), seen.layout.height, onSheet);
    return targetAt(seen, xPx, yPx);
  }

  private wheel(event: WheelEvent): void {
    if (event.altKey) return; // the page scrolls
    const target = this.targetAt(event);
    if (!target) return;
    event.preventDefault();
    const unit =
      event.deltaMode === WheelEvent.DOM_DELTA_LINE
        ? WHEEL_LINE_PX
        : event.deltaMode === WheelEvent.DOM_DELTA_PAGE
          ? 400
          : 1;
    if (event.ctrlKey || event.metaKey) {
      const factor = Math.exp(-event.deltaY * unit * ZOOM_PER_PX);
      change(this.options.viewport, (viewport) => zoomAbout(viewport, factor, target.xPx));
    } else {
      const delta = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
      change(this.options.viewport, (viewport) => panBy(viewport, delta * unit));
    }
    tell(this.options.reader, { kind: "pointer-moved", xPx: target.xPx, yPx: target.yPx });
    tell(this.options.reader, { kind: "wheel-turned" });
    this.options.onMoved();
  }

  private press(event: PointerEvent): void {
    const target = this.targetAt(event);
    if (!target || (event.button !== 0 && event.button !== 1)) return;
    if (event.button === 1) event.preventDefault();
    tell(this.options.reader, { kind: "pointer-pressed", xPx: target.xPx, yPx: target.yPx });
    this.options.surface.setPointerCapture(event.pointerId);
    this.down = { x: event.clientX, y: event.clientY };
    this.hasMoved = false;
    this.drag = this.begin(event, target);
  }

  private begin(event: PointerEvent, target: Target): Drag {
    if (event.button === 1) return { kind: "pan", lastX: event.clientX, target };
    if (target.event && target.lane) return { kind: "event", target, event: target.event, lane: target.lane };
    const tool = this.options.tool();
    if (tool === "caliper") return { kind: "caliper", fromS: target.timeS };
    if (tool === "range" || event.shiftKey || target.lane) return { kind: "range", fromS: target.timeS };
    return { kind: "pan", lastX: event.clientX, target };
  }

  private move(event: PointerEvent): void {
    const target = this.reshape(event);
    if (target) tell(this.options.reader, { kind: "pointer-moved", xPx: target.xPx, yPx: target.yPx });
    if (!this.drag || !this.down || !target) return;
    this.hasMoved ||=
      Math.hypot(event.clientX - this.down.x, event.clientY - this.down.y) >= DRAG_THRESHOLD_PX;
    if (!this.hasMoved) return;
    const { viewport, selection } = this.options;
    const { drag } = this;
    const timeS = this.insideRecording(target.timeS);
    switch (drag.kind) {
      case "pan": {
        const dx = event.clientX - drag.lastX;
        drag.lastX = event.clientX;
        change(viewport, (state) => panBy(state, -dx));
        break;
      }
      case "range":
        selection.setState({ range: rangeOf(this.insideRecording(drag.fromS), timeS) });
        break;
      case "caliper":
        selection.setState({ caliper: [this.insideRecording(drag.fromS), timeS] });
        break;
      case "event":
        if (drag.event.kind === "annotation") this.ghost = this.ghostOf(drag, target.timeS);
        break;
    }
    this.options.onMoved();
  }

  private lift(event: PointerEvent): void {
    const { drag } = this;
    const ghost = this.ghost;
    this.drag = undefined;
    this.down = undefined;
    this.ghost = undefined;
    if (drag) {
      if (!this.hasMoved) this.click(drag, event);
      else if (drag.kind === "event" && ghost) {
        this.options.onMoveEvent(drag.event, ghost.fromS, ghost.toS - ghost.fromS);
      }
    }
    this.options.onMoved();
  }

  private click(drag: Drag, event: PointerEvent): void {
    const target = this.targetAt(event);
    const { selection } = this.options;
    if (target && drag.kind === "pan" && this.anchor("set", target)) return;
    if (drag.kind === "event") this.options.onPickEvent(drag.event);
    else if (drag.kind === "caliper") {
      selection.setState(({ caliper }) => ({
        caliper: caliper.length === 1 ? [...caliper, drag.fromS] : [drag.fromS],
      }));
    } else if (target?.prediction === "curves") this.options.onPickPrediction(target.timeS);
    else if (target) {
      const channel = target.panel?.series[0]?.channel.position;
      selection.setState({
        cursorS: this.insideRecording(target.timeS),
        selected: { kind: "time" },
        range: undefined,
        ...(channel === undefined ? {} : { channel }),
      });
      if (this.picks(target)) this.options.onPickFound?.(target.foundKind, target.timeS);
    }
  }

  /** With the tool for points of the baseline, on a panel of heart rates: true where there is one. */
  private anchor(what: AnchorPlace["what"], { timeS, yPx, panel }: Target): boolean {
    const seen = this.options.look();
    if (this.options.tool() !== "anchor" || panel?.grid.kind !== "fhr" || !seen) return false;
    const { view } = seen;
    const value = toValue(panel.grid.values, yPx * view.dpr);
    const withinS = (ANCHOR_REACH_PX * view.dpr) / view.scale.pxPerS;
    this.options.onAnchor?.({ what, timeS: this.insideRecording(timeS), value, withinS });
    return true;
  }

  /** The menu speaks of what lies under the pointer: an event is chosen, else the cursor comes there. */
  private menu(event: MouseEvent): void {
    event.preventDefault();
    // The menu key makes this event too; the page has heard the key already.
    if (event instanceof PointerEvent && event.pointerType === "") return;
    const target = this.targetAt(event);
    if (!target || this.anchor("take", target)) return;
    tell(this.options.reader, { kind: "pointer-pressed", xPx: target.xPx, yPx: target.yPx });
    const { selection } = this.options;
    const { range } = selection.getState();
    const timeS = this.insideRecording(target.timeS);
    if (target.event) this.options.onPickEvent(target.event);
    else if (range && timeS >= range.fromS && timeS <= range.toS) selection.setState({ cursorS: timeS });
    else selection.setState({ cursorS: timeS, selected: { kind: "time" }, range: undefined });
    this.options.onMenu(event.clientX, event.clientY);
  }

  private leave(): void {
    if (this.drag) return;
    tell(this.options.reader, { kind: "pointer-left" });
    this.options.onMoved();
  }

  /** What lies under the pointer now; the pointer takes the shape of what can be done with it. */
  private reshape(event: PointerEvent | WheelEvent): Target | undefined {
    const target = this.targetAt(event);
    this.options.surface.style.cursor = this.cursorShape(target);
    this.options.onMoved();
    return target;
  }

  private cursorShape(target: Target | undefined): string {
    if (this.drag?.kind === "pan") return "grabbing";
    if (target?.event?.kind === "annotation") return target.grip === "middle" ? "pointer" : "ew-resize";
    if (target?.prediction === "curves" || (target && this.picks(target))) return "pointer";
    return "crosshair";
  }

  /** Only the hand asks what was found: whoever chooses stretches with another tool means time. */
  private picks(target: Target): target is Target & { readonly foundKind: string } {
    return this.options.tool() === "pan" && target.foundKind !== undefined;
  }

  private insideRecording(timeS: number): number {
    return Math.min(Math.max(0, timeS), this.options.viewport.getState().durationS);
  }

  private ghostOf(drag: Drag & { kind: "event" }, timeS: number): Ghost {
    const { event, lane, target } = drag;
    const seen = this.options.look();
    const grip = event.durationS === 0 ? "middle" : target.grip;
    const onePx = seen ? seen.view.dpr / seen.view.scale.pxPerS : 0.1;
    const moved = dragged(event, grip, timeS - target.timeS, {
      durationS: this.options.viewport.getState().durationS,
      shortestS: Math.max(1e-3, onePx),
    });
    const row = lane.rows.findIndex((one) => one.includes(event));
    return { fromS: moved.onsetS, toS: moved.onsetS + moved.durationS, event, lane, row: Math.max(0, row) };
  }
}

/** What lies at a place along the rows, so far beneath the top of its row. The view is that of the whole page. */
export function targetAt(
  seen: { readonly view: View; readonly layout: StripLayout },
  xPx: number,
  yPx: number,
): Target {
  const { view, layout } = seen;
  const x = xPx * view.dpr;
  const y = yPx * view.dpr;
  const within = (top: number, height: number): boolean => y >= top && y < top + height;
  const lane = layout.lanes.find((one) => within(one.top, one.rows.length * one.rowHeight));
  const hit = lane && annotationKind.hit(lane, view, x, y);
  const { prediction } = layout;
  const found = hit ? undefined : foundAt(layout.items, view, x, y);
  return {
    timeS: toTime(view.scale, x),
    xPx,
    yPx,
    panel: layout.panels.find((one) => within(one.top, one.height)),
    lane,
    event: hit?.event,
    grip: hit?.grip ?? "middle",
    prediction: prediction && predictionKind.hit(prediction, view, x, y),
    found: hit ? (telling) => annotationKind.describe(hit, telling) : found?.said,
    foundKind: found?.item.isPicked === true ? found.item.kind : undefined,
  };
}

/** Of the first of those that have something there. */
function foundAt(
  items: readonly PlacedTrack[],
  view: View,
  x: number,
  y: number,
): { readonly item: PlacedTrack; readonly said: Target["found"] } | undefined {
  for (const item of items) {
    const said = item.at(view, x, y);
    if (said !== undefined) return { item, said };
  }
  return undefined;
}
