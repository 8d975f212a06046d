import type { Label } from "../../../preload/contract/label-set.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { formatElapsed } from "../../../preload/strip/ticks.ts";
import { boxOf, hitBoxes, type Box, type Hit } from "../strip/hit-test.ts";
import { fixed } from "../../ui/format.ts";
import type { TrackKind } from "./kind.ts";
import { inkOn, withAlpha } from "./palette.ts";
import { byOnset, lowerBound, stackRows } from "./stacking.ts";
import { toTime, toX } from "./time-scale.ts";
import type { View } from "./track.ts";

/** An annotation, or a stretch a person masked, with what is needed to draw it. */
export interface DrawnEvent {
  readonly id: string;
  readonly kind: "annotation" | "mask";
  readonly onsetS: number;
  readonly durationS: number; // 0: a point
  readonly label: Pick<Label, "code" | "letter" | "colour">; // of the version it was made under
  readonly name: string; // in the language on screen
  readonly isOutlined: boolean; // made by a model, not yet accepted by a person
  readonly channel?: { readonly position: number; readonly label: string }; // absent: the whole recording
}

export interface Lane {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly (readonly DrawnEvent[])[]; // in order of onset, without overlap
  readonly read?: readonly { readonly fromS: number; readonly toS: number }[]; // stretches declared read completely
}

export interface PlacedLane extends Lane {
  readonly top: number; // device pixels
  readonly rowHeight: number;
}

/** Rows beyond this are folded into the last one: a lane must not push the strip off the screen. */
export const MAX_ROWS = 6;
const POINT_S = 0; // points may touch: they are told apart by the pointer, not by rows

export function laneOf(id: string, title: string, events: readonly DrawnEvent[]): Lane {
  const sorted = [...events].sort(byOnset);
  const placed = stackRows(sorted, (event) => event.label.code, POINT_S);
  const rows: DrawnEvent[][] = [];
  sorted.forEach((event, i) => (rows[Math.min(sure(placed[i]), MAX_ROWS - 1)] ??= []).push(event));
  return { id, title, rows: rows.length > 0 ? rows : [[]] };
}

const MIN_BOX_PX = 5; // CSS pixels: a short event is still seen

const ROW_PX = 18;

/** A reader's events, or what is masked, in rows without overlap. */
export const annotationKind: TrackKind<Lane, PlacedLane, Hit<DrawnEvent>> = {
  name: "annotation",
  height: ({ rows }) => rows.length * ROW_PX,
  place: (lane, { top, dpr }) => ({ ...lane, top, rowHeight: Math.round(ROW_PX * dpr) }),
  channels: () => [],
  draw(context, view, lane, { from, to }) {
    paintRead(context, view, lane, { from, to });
    lane.rows.forEach((row, r) => {
      for (const event of eventsIn(
        row,
        toTime(view.scale, from - 40 * view.dpr),
        toTime(view.scale, to + 40 * view.dpr),
      )) {
        paintEvent(context, view, event, { top: lane.top + r * lane.rowHeight, height: lane.rowHeight });
      }
    });
  },
  hit: hitLane,
  describe: ({ event: { name, channel, durationS } }) => [
    channel ? `${name} · ${channel.label}` : name,
    ...(durationS === 0 ? [] : [`${formatElapsed(durationS, 0.1)} · ${fixed(durationS, 1)} s`]),
  ],
};

/** A thin line under the lane, with an end where the reading ends. */
function paintRead(
  context: CanvasRenderingContext2D,
  view: View,
  lane: PlacedLane,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const { dpr, scale, palette } = view;
  const line = Math.max(1, Math.round(1.5 * dpr));
  const foot = lane.top + lane.rows.length * lane.rowHeight;
  context.fillStyle = palette.tokens.accent;
  for (const { fromS, toS } of lane.read ?? []) {
    const [left, right] = [fromS, toS].map((time) => Math.round(time * scale.pxPerS) - scale.origin) as [
      number,
      number,
    ];
    if (right < from || left > to) continue;
    context.fillRect(left, foot - line, Math.max(line, right - left), line);
    for (const end of [left, right - line]) context.fillRect(end, foot - 4 * line, line, 4 * line);
  }
}

/** Events of a row that touch [fromS, toS]. Those of a folded row may overlap, so the search starts a little earlier. */
export function eventsIn(row: readonly DrawnEvent[], fromS: number, toS: number): readonly DrawnEvent[] {
  let first = lowerBound(row, fromS, (event) => event.onsetS);
  for (let back = 0; first > 0 && back < 8; back++) first--;
  const found: DrawnEvent[] = [];
  for (let i = first; i < row.length; i++) {
    const event = sure(row[i]);
    if (event.onsetS > toS) break;
    if (event.onsetS + event.durationS >= fromS) found.push(event);
  }
  return found;
}

function paintEvent(
  context: CanvasRenderingContext2D,
  view: View,
  event: DrawnEvent,
  row: { readonly top: number; readonly height: number },
): void {
  const { dpr, palette } = view;
  const colour = palette.ofLabel(event.label.colour);
  const box = boxOf(event, (time) => toX(view.scale, time), MIN_BOX_PX * dpr);
  const gap = Math.round(2 * dpr);
  const top = row.top + gap;
  const height = row.height - 2 * gap;
  const left = Math.round(box.left + view.scale.origin) - view.scale.origin;
  const width = Math.max(Math.round(MIN_BOX_PX * dpr), Math.round(box.right - box.left));
  context.fillStyle = event.isOutlined ? withAlpha(colour, 0.18) : colour;
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1, Math.round(dpr));
  context.beginPath();
  if (event.durationS === 0) {
    const [x, middle, half] = [left + width / 2, top + height / 2, height / 2];
    context.moveTo(x, middle - half);
    context.lineTo(x + half, middle);
    context.lineTo(x, middle + half);
    context.lineTo(x - half, middle);
    context.closePath();
  } else {
    context.roundRect(left, top, width, height, Math.min(3 * dpr, width / 2));
  }
  context.fill();
  if (event.isOutlined) context.stroke();
  paintLetter(context, view, event, {
    left,
    width,
    top,
    height,
    ink: event.isOutlined ? palette.tokens.ink : inkOn(colour),
  });
}

function paintLetter(
  context: CanvasRenderingContext2D,
  view: View,
  event: DrawnEvent,
  box: {
    readonly left: number;
    readonly width: number;
    readonly top: number;
    readonly height: number;
    readonly ink: string;
  },
): void {
  const { dpr } = view;
  context.font = `600 ${11 * dpr}px ${view.palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = box.ink;
  const middle = box.top + box.height / 2 + dpr * 0.5;
  if (event.durationS === 0) {
    context.fillStyle = view.palette.tokens.ink;
    context.textAlign = "left";
    context.fillText(event.label.letter, box.left + box.width / 2 + box.height / 2 + 2 * dpr, middle);
    return;
  }
  const wide = box.width > 100 * dpr ? event.name : event.label.letter;
  const text = context.measureText(wide).width < box.width - 8 * dpr ? wide : event.label.letter;
  if (context.measureText(text).width > box.width - 2 * dpr) return;
  // Very long boxes say it again every 600 pixels, at fixed places.
  const repeats = Math.max(1, Math.floor(box.width / (600 * dpr)));
  for (let i = 0; i < repeats; i++)
    context.fillText(text, box.left + ((i + 0.5) * box.width) / repeats, middle);
}

/** The event under the pointer; x and y in device pixels of the strip. */
export function hitLane(lane: PlacedLane, view: View, x: number, y: number): Hit<DrawnEvent> | undefined {
  const row = lane.rows[Math.floor((y - lane.top) / lane.rowHeight)];
  if (!row) return undefined;
  const slackS = (20 * view.dpr) / view.scale.pxPerS;
  const time = toTime(view.scale, x);
  const boxes: Box<DrawnEvent>[] = eventsIn(row, time - slackS, time + slackS).map((event) =>
    boxOf(event, (t) => toX(view.scale, t) / view.dpr, MIN_BOX_PX),
  );
  return hitBoxes(boxes, x / view.dpr);
}
