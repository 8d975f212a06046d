import type { WindowClasses } from "../../../preload/contract/finding.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { hatch } from "./hatch.ts";
import { withAlpha } from "./palette.ts";
import type { ShownFinding, TrackContent, TrackKind } from "./kind.ts";
import { BACKGROUND } from "./prediction-names.ts";
import { toTime } from "./time-scale.ts";
import type { View } from "./track.ts";
import { centreOf, isUnsure, stretchesWhere, strideOf, unlikeTraining, type Stretch } from "./uncertain.ts";

/** What a run predicted, or a rule said, of windows. */
export interface PredictionContent {
  readonly prediction: Omit<WindowClasses, "kind">;
  readonly colours: readonly string[]; // one a class, as drawn in this scheme
}

export interface PredictionLane extends PredictionContent {
  readonly top: number; // device pixels
  readonly curveHeight: number;
  readonly heatHeight: number;
}

/** One class: a number a column. */
interface Curve {
  readonly value: number[];
  readonly low: number[];
  readonly high: number[];
}

interface Columns {
  readonly x: number[];
  readonly curves: readonly Curve[]; // one a class
  readonly isBroken: boolean[]; // not joined to the column before
  readonly isAssessable: boolean[];
  readonly epistemic: number[];
}

/** First window whose centre is at or after a time. */
function firstWindowAt(prediction: PredictionContent["prediction"], timeS: number): number {
  let low = 0;
  let high = prediction.onsetS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (centreOf(prediction, middle) < timeS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Windows of the columns [from, to) and one beyond on each side. Windows that share a column are merged: the mean of
 * the probabilities, the outermost of the intervals, the largest uncertainty. Unassessable windows break the curves.
 */
export function predictionColumns(
  prediction: PredictionContent["prediction"],
  view: Pick<View, "scale">,
  from: number,
  to: number,
): Columns {
  const k = prediction.classes.length;
  const stride = strideOf(prediction);
  const columns: Columns = {
    x: [],
    curves: prediction.classes.map(() => ({ value: [], low: [], high: [] })),
    isBroken: [],
    isAssessable: [],
    epistemic: [],
  };
  const margin = stride * 1.5;
  const first = firstWindowAt(prediction, toTime(view.scale, from) - margin);
  const endS = toTime(view.scale, to) + margin;
  let column = Number.NaN;
  let merged = 0;
  for (let i = first; i < prediction.onsetS.length && centreOf(prediction, i) <= endS; i++) {
    const x = centreOf(prediction, i) * view.scale.pxPerS - view.scale.origin;
    const isAssessable = prediction.assessable[i] === 1;
    const at = columns.x.length - 1;
    const isGap = i > 0 && sure(prediction.onsetS[i]) - sure(prediction.onsetS[i - 1]) > margin;
    if (Math.floor(x) === column && isAssessable && columns.isAssessable[at] === true && !isGap) {
      merged++;
      columns.epistemic[at] = Math.max(sure(columns.epistemic[at]), sure(prediction.epistemic[i]));
      for (const [c, { value, low, high }] of columns.curves.entries()) {
        const before = sure(value[at]);
        value[at] = before + (sure(prediction.probabilities[i * k + c]) - before) / merged;
        low[at] = Math.min(sure(low[at]), sure(prediction.low[i * k + c]));
        high[at] = Math.max(sure(high[at]), sure(prediction.high[i * k + c]));
      }
      continue;
    }
    column = Math.floor(x);
    merged = 1;
    columns.x.push(x);
    columns.isAssessable.push(isAssessable);
    columns.isBroken.push(at < 0 || isGap || !isAssessable || columns.isAssessable[at] !== true);
    columns.epistemic.push(sure(prediction.epistemic[i]));
    for (const [c, { value, low, high }] of columns.curves.entries()) {
      value.push(sure(prediction.probabilities[i * k + c]));
      low.push(sure(prediction.low[i * k + c]));
      high.push(sure(prediction.high[i * k + c]));
    }
  }
  return columns;
}

const HEAT_PX = 14;

interface Marks {
  readonly unsure: readonly Stretch[];
  readonly unlike: readonly Stretch[];
  readonly declined: readonly Stretch[];
}
const marksKnown = new WeakMap<PredictionContent["prediction"], Marks>();

/** Worked out once: it looks at every window. */
function marksOf(prediction: PredictionContent["prediction"]): Marks {
  const known = marksKnown.get(prediction) ?? {
    unsure: stretchesWhere(prediction, (i) => isUnsure(prediction, i)),
    unlike: stretchesWhere(prediction, (i) => unlikeTraining(prediction, i)),
    declined: stretchesWhere(prediction, (i) => prediction.assessable[i] !== 1),
  };
  marksKnown.set(prediction, known);
  return known;
}

/** Probabilities of classes over time with their bands, and beneath how unsure the model is of itself. */
export const predictionKind: TrackKind<PredictionContent, PredictionLane, "curves" | "heat"> = {
  name: "prediction",
  height: (_content, { curvesPx }) => curvesPx + HEAT_PX,
  place: (content, { top, height, dpr }) => {
    const heatHeight = Math.round(HEAT_PX * dpr);
    return { ...content, top, heatHeight, curveHeight: height - heatHeight };
  },
  channels: () => [],
  draw(context, view, lane, { from, to }) {
    const { prediction } = lane;
    const { unsure, unlike, declined } = marksOf(prediction);
    const columns = predictionColumns(prediction, view, from, to);
    paintFrame(context, view, lane, from, to);
    paintStretches(context, view, declined, { from, to }, (left, width) => {
      context.fillStyle = hatch(context, "unassessable", view);
      context.fillRect(left, lane.top, width, lane.curveHeight);
    });
    for (let c = 0; c < prediction.classes.length; c += 1) paintCurve(context, view, lane, columns, c);
    paintHeat(context, view, lane, columns);
    paintMarks(context, view, lane, { unsure, unlike, from, to });
  },
  hit: ({ top, curveHeight, heatHeight }, _view, _x, y) =>
    y < top || y >= top + curveHeight + heatHeight ? undefined : y < top + curveHeight ? "curves" : "heat",
  describe: () => [], // classes are worded by the page, which knows their names
  ofFinding: windowsOf,
};

/** Of rules; what a run predicted is chosen, and shown, one at a time. */
function windowsOf({
  summary,
  title,
  content,
  labelOf,
}: ShownFinding): readonly TrackContent<PredictionContent>[] {
  if (content?.kind !== "window-classes") return [];
  const colours = content.classes.map((code) => labelOf(code).colour);
  return [{ id: `prediction ${summary.id}`, title, content: { prediction: content, colours } }];
}

function paintFrame(
  context: CanvasRenderingContext2D,
  view: View,
  lane: PredictionLane,
  from: number,
  to: number,
): void {
  context.fillStyle = view.palette.tokens.line;
  const hairline = Math.max(1, Math.round(view.dpr));
  for (const y of [
    lane.top,
    lane.top + Math.round(lane.curveHeight / 2),
    lane.top + lane.curveHeight - hairline,
  ]) {
    context.globalAlpha = y === lane.top + Math.round(lane.curveHeight / 2) ? 0.5 : 1;
    context.fillRect(from, y, to - from, hairline);
  }
  context.globalAlpha = 1;
}

function paintCurve(
  context: CanvasRenderingContext2D,
  view: View,
  lane: PredictionLane,
  columns: Columns,
  c: number,
): void {
  const isBackground = lane.prediction.classes[c] === BACKGROUND;
  if (isBackground) return; // what the others leave over
  const colour = sure(lane.colours[c]);
  const pad = 2 * view.dpr;
  const y = (p: number): number => lane.top + pad + (1 - p) * (lane.curveHeight - 2 * pad);
  const { x, isBroken, isAssessable } = columns;
  const { value, low, high } = sure(columns.curves[c]);
  const point = (curve: readonly number[], i: number, byPx = 0): [number, number] => [
    sure(x[i]) + byPx,
    y(sure(curve[i])),
  ];
  for (let start = 0; start < x.length;) {
    let end = start + 1;
    while (end < x.length && isBroken[end] !== true) end++;
    if (isAssessable[start] === true) {
      context.beginPath();
      for (let i = start; i < end; i++) context.lineTo(...point(high, i));
      for (let i = end - 1; i >= start; i--) context.lineTo(...point(low, i));
      context.closePath();
      context.fillStyle = withAlpha(colour, 0.22);
      context.fill();
      context.beginPath();
      if (end - start === 1) context.moveTo(...point(value, start, -2 * view.dpr));
      for (let i = start; i < end; i++) context.lineTo(...point(value, i));
      if (end - start === 1) context.lineTo(...point(value, start, 2 * view.dpr));
      context.strokeStyle = colour;
      context.lineWidth = 1.5 * view.dpr;
      context.stroke();
    }
    start = end;
  }
}

/** Model uncertainty from none to half of the most there can be (ln k nats), as the strength of one hue. */
export const heatOf = (epistemic: number, classCount: number): number =>
  Number.isNaN(epistemic)
    ? 0
    : Math.min(1, Math.max(0, epistemic) / (0.5 * Math.log(Math.max(2, classCount))));

function paintHeat(
  context: CanvasRenderingContext2D,
  view: View,
  lane: PredictionLane,
  columns: Columns,
): void {
  const top = lane.top + lane.curveHeight + Math.round(3 * view.dpr);
  const height = lane.heatHeight - Math.round(4 * view.dpr);
  const half = (strideOf(lane.prediction) * view.scale.pxPerS) / 2;
  const { origin } = view.scale;
  const colour = view.palette.tokens.unsure;
  columns.x.forEach((x, i) => {
    if (columns.isAssessable[i] !== true) return;
    const left = Math.round(x + origin - half) - origin;
    const right = Math.max(left + 1, Math.round(x + origin + half) - origin);
    context.fillStyle = withAlpha(
      colour,
      0.04 + 0.9 * heatOf(sure(columns.epistemic[i]), lane.prediction.classes.length),
    );
    context.fillRect(left, top, right - left, height);
  });
}

function paintStretches(
  context: CanvasRenderingContext2D,
  view: View,
  stretches: readonly Stretch[],
  span: { readonly from: number; readonly to: number },
  paint: (left: number, width: number) => void,
): void {
  const { scale } = view;
  const fromS = toTime(scale, span.from - 20 * view.dpr);
  const toS = toTime(scale, span.to + 20 * view.dpr);
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sure(stretches[middle]).toS < fromS) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < stretches.length; i++) {
    const stretch = sure(stretches[i]);
    if (stretch.fromS > toS) break;
    const left = Math.round(stretch.fromS * scale.pxPerS) - scale.origin;
    const right = Math.round(stretch.toS * scale.pxPerS) - scale.origin;
    paint(left, Math.max(Math.round(2 * view.dpr), right - left));
  }
}

/** Unsure stretches get a bar above the curves and a question mark; windows unlike the training data a row of crosses. */
function paintMarks(
  context: CanvasRenderingContext2D,
  view: View,
  lane: PredictionLane,
  marks: {
    readonly unsure: readonly Stretch[];
    readonly unlike: readonly Stretch[];
    readonly from: number;
    readonly to: number;
  },
): void {
  const { dpr, palette } = view;
  paintStretches(context, view, marks.unsure, marks, (left, width) => {
    context.fillStyle = palette.tokens.unsure;
    context.fillRect(left, lane.top, width, Math.round(3 * dpr));
    if (width < 10 * dpr) return;
    context.font = `600 ${11 * dpr}px ${palette.font}`;
    context.textAlign = "left";
    context.textBaseline = "top";
    context.fillText("?", left + 2 * dpr, lane.top + 4 * dpr);
  });
  const top = lane.top + lane.curveHeight + Math.round(3 * dpr);
  const height = lane.heatHeight - Math.round(4 * dpr);
  paintStretches(context, view, marks.unlike, marks, (left, width) => {
    context.strokeStyle = palette.tokens.ink;
    context.lineWidth = Math.max(1, dpr);
    context.beginPath();
    const size = Math.min(3 * dpr, height / 2 - 1);
    const step = 8 * dpr;
    const { origin } = view.scale;
    const firstSlot = Math.ceil((left + origin) / step);
    const lastSlot = Math.max(firstSlot, Math.floor((left + width + origin) / step));
    for (let slot = firstSlot; slot <= lastSlot; slot++) {
      const x = slot * step - origin;
      const y = top + height / 2;
      context.moveTo(x - size, y - size);
      context.lineTo(x + size, y + size);
      context.moveTo(x + size, y - size);
      context.lineTo(x - size, y + size);
    }
    context.stroke();
  });
}
