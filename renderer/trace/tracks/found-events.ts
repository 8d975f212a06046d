import type { FoundEvent } from "../../../preload/contract/finding.ts";
import { fixed, number } from "../../ui/format.ts";
import { translate } from "../../ui/words.ts";
import { boxOf, hitBoxes } from "../strip/hit-test.ts";
import { hatch } from "./hatch.ts";
import {
  isRuleOf,
  type DrawnLabel,
  type Place,
  type ShownFinding,
  type TrackContent,
  type TrackKind,
} from "./kind.ts";
import { inkOn, withAlpha } from "./palette.ts";
import { isOfProposals } from "./proposals.ts";
import { stackRows } from "./stacking.ts";
import { toTime, toX } from "./time-scale.ts";
import type { View } from "./track.ts";
import { traceWords } from "./words.ts";

/** An event as a model or a rule found it, under its label as it is drawn. */
export interface DrawnFound {
  readonly onsetS: number;
  readonly durationS: number; // 0: a point
  readonly label: DrawnLabel;
  readonly found: FoundEvent;
}

/** A stretch of which nothing is said about some labels. */
export interface DrawnSilence {
  readonly onsetS: number;
  readonly durationS: number;
  readonly names: readonly string[];
}

export interface FoundEventsContent {
  readonly rows: readonly (readonly DrawnFound[])[]; // by onset, without overlap
  readonly silent: readonly DrawnSilence[];
}

export interface PlacedFoundEvents extends FoundEventsContent {
  readonly top: number;
  readonly height: number;
  readonly rowHeight: number;
}

type Found = { readonly event: DrawnFound } | { readonly silentOn: readonly string[] };

const ROW_PX = 16;
const MIN_BOX_PX = 5;
const LEAST_ALPHA = 0.12; // of an event of no probability: still seen

/** Events of a finding, as strongly filled as they are probable; what cannot be assessed is hatched. */
export const foundEventsKind: TrackKind<FoundEventsContent, PlacedFoundEvents, Found> = {
  name: "found-events",
  height: ({ rows }) => rows.length * ROW_PX,
  place: (content, { top, height }: Place) => ({
    ...{ ...content, top, height },
    rowHeight: Math.floor(height / Math.max(1, content.rows.length)),
  }),
  channels: () => [],
  draw(context, view, placed, { from, to }) {
    const [fromS, toS] = [toTime(view.scale, from - 40 * view.dpr), toTime(view.scale, to + 40 * view.dpr)];
    const isSeen = (one: { readonly onsetS: number; readonly durationS: number }): boolean =>
      one.onsetS <= toS && one.onsetS + one.durationS >= fromS;
    for (const silence of placed.silent.filter(isSeen)) paintSilence(context, view, silence, placed);
    placed.rows.forEach((row, r) => {
      const place = { top: placed.top + r * placed.rowHeight, height: placed.rowHeight };
      for (const event of row.filter(isSeen)) paintFound(context, view, event, place);
    });
  },
  hit(placed, view, x, y) {
    const row = placed.rows[Math.floor((y - placed.top) / placed.rowHeight)] ?? [];
    const boxes = row.map((event) => boxOf(event, (timeS) => toX(view.scale, timeS) / view.dpr, MIN_BOX_PX));
    const hit = hitBoxes(boxes, x / view.dpr);
    if (hit !== undefined) return { event: hit.event };
    const timeS = toTime(view.scale, x);
    const silent = placed.silent.filter(
      ({ onsetS, durationS }) => timeS >= onsetS && timeS < onsetS + durationS,
    );
    return silent.length === 0 ? undefined : { silentOn: silent.flatMap(({ names }) => names) };
  },
  describe(hit, { language }) {
    const t = translate(traceWords, language);
    if ("silentOn" in hit) return [t("notAssessable", { names: hit.silentOn.join(", ") })];
    const { label, durationS, found } = hit.event;
    const { probability, low, high, facts, clause, channel } = found;
    const value = probability === undefined ? undefined : fixed(probability, 2);
    return [
      channel === undefined ? label.name : `${label.name} · ${channel}`,
      ...(durationS === 0 ? [] : [t("seconds", { seconds: fixed(durationS, 1) })]),
      ...(value === undefined
        ? []
        : low === undefined || high === undefined
          ? [t("probability", { value })]
          : [t("probabilityBand", { value, low: fixed(low, 2), high: fixed(high, 2) })]),
      ...Object.entries(facts).map(
        ([name, fact]) => `${name}: ${typeof fact === "number" ? number(fact, language) : fact}`,
      ),
      ...(clause === undefined ? [] : [t("clause", { clause })]),
    ];
  },
  ofFinding: eventsOf,
};

function eventsOf({
  summary,
  title,
  content,
  labelOf,
}: ShownFinding): readonly TrackContent<FoundEventsContent>[] {
  // Those of a cardiotocogram by rule are drawn on the trace itself, see event-fills.ts, contractions.ts, proposals.ts.
  if (content?.kind !== "events" || isRuleOf(summary, "ctg/events") || isOfProposals(content)) return [];
  const drawn = content.events
    .map((found): DrawnFound => ({ ...timesOf(found), label: labelOf(found.code), found }))
    .sort((a, b) => a.onsetS - b.onsetS || b.durationS - a.durationS);
  const places = stackRows(drawn, ({ found }) => found.code);
  const rows: DrawnFound[][] = [[]];
  drawn.forEach((event, i) => (rows[places[i] ?? 0] ??= []).push(event));
  const silent = content.notAssessable.map((one) => ({
    ...timesOf(one),
    names: one.codes.map((code) => labelOf(code).name),
  }));
  return [{ id: `found-events ${summary.id}`, title, content: { rows, silent } }];
}

const timesOf = ({ onsetS, durationS }: { readonly onsetS: number; readonly durationS: number }) => ({
  onsetS,
  durationS,
});

function paintSilence(
  context: CanvasRenderingContext2D,
  view: View,
  { onsetS, durationS }: DrawnSilence,
  { top, height }: { readonly top: number; readonly height: number },
): void {
  const { scale } = view;
  const left = Math.round(onsetS * scale.pxPerS) - scale.origin;
  const right = Math.round((onsetS + durationS) * scale.pxPerS) - scale.origin;
  context.fillStyle = hatch(context, "unassessable", view);
  context.fillRect(left, top, Math.max(1, right - left), height);
}

function paintFound(
  context: CanvasRenderingContext2D,
  view: View,
  event: DrawnFound,
  row: { readonly top: number; readonly height: number },
): void {
  const { dpr, palette } = view;
  const { colour, letter } = event.label;
  const box = boxOf(event, (timeS) => toX(view.scale, timeS), MIN_BOX_PX * dpr);
  const gap = Math.round(2 * dpr);
  const line = Math.max(1, Math.round(dpr));
  const left = Math.round(box.left + view.scale.origin) - view.scale.origin;
  const width = Math.max(Math.round(MIN_BOX_PX * dpr), Math.round(box.right - box.left));
  const [top, height] = [row.top + gap, row.height - 2 * gap];
  const probability = event.found.probability ?? 1;
  context.fillStyle = palette.tokens.panel;
  context.fillRect(left, top, width, height);
  context.fillStyle = withAlpha(colour, LEAST_ALPHA + (1 - LEAST_ALPHA) * probability);
  context.fillRect(left, top, width, height);
  context.strokeStyle = colour;
  context.lineWidth = line;
  context.strokeRect(left + line / 2, top + line / 2, width - line, height - line);
  context.font = `600 ${11 * dpr}px ${palette.font}`;
  if (context.measureText(letter).width > width - 2 * dpr) return;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = probability > 0.6 ? inkOn(colour) : palette.tokens.ink;
  context.fillText(letter, left + width / 2, top + height / 2 + dpr * 0.5);
}
