import { wordIn } from "../../preload/contract/label-set.ts";
import type { Verdict, Verdicts } from "../../preload/contract/verdict.ts";
import { classLook, isEngine, shortEngineNames } from "../../preload/strip/classes.ts";
import { stripColours } from "../../preload/strip/colours.ts";
import { minuteText } from "../../preload/strip/readings.ts";
import { hatch } from "./gaps.ts";
import { type Box, CM, corners, type Pen } from "./pen.ts";
import type { PaperAnnotation } from "./report.ts";
import { LEFT, type Stretch, xOf } from "./sheet.ts";
import type { Say } from "./words.ts";

const colours = stripColours.light;
export const LANE = 0.42 * CM;
const LANE_GAP = 1.2;
const LOOK = { size: 6.5, colour: colours.ink } as const;
const AGAIN = 8 * CM; // a long stretch says its class again

interface Shown {
  readonly letter: string;
  readonly colour: string;
}

/** A class as it stands in a ribbon. */
export function shownClass({ scheme }: Verdicts, code: string): Shown {
  const { letter, colour } = classLook(scheme, code);
  return { letter: letter ?? code, colour: colours[colour] };
}

export const schemeName = (scheme: string, language: "en" | "ja"): string =>
  isEngine(scheme) ? wordIn(shortEngineNames[scheme], language) : scheme;

/** The name of a lane, at the left edge of the page. */
function nameLane(pen: Pen, name: string, top: number): void {
  const size = Math.min(6, (6 * (LEFT - 12)) / pen.widthOf(name, { size: 6 }));
  pen.text(name, LEFT - 3, top + LANE - 3.6, { size, colour: colours.dim, align: "right" });
}

const boxOf = (
  { onsetS, durationS }: Pick<Verdict, "onsetS" | "durationS">,
  top: number,
  stretch: Stretch,
): Box => {
  const left = xOf(stretch, Math.max(onsetS, stretch.fromS));
  const right = xOf(stretch, Math.min(onsetS + durationS, stretch.toS));
  return { left, top, width: Math.max(0, right - left), height: LANE - LANE_GAP };
};

/** The class of every minute by one scheme. What cannot be assessed is hatched, never coloured. */
export function drawClasses(
  pen: Pen,
  verdicts: Verdicts,
  name: string,
  top: number,
  stretch: Stretch,
  say: Say,
): void {
  nameLane(pen, name, top);
  for (const run of classRuns(verdicts.verdicts)) {
    const box = boxOf(run, top, stretch);
    if (box.width <= 0) continue;
    const shown = run.code === null ? undefined : shownClass(verdicts, run.code);
    if (shown === undefined) hatch(pen, box, "\\");
    else pen.fill([corners(box)], shown.colour);
    const text = shown?.letter ?? say("notAssessable");
    const width = pen.widthOf(text, LOOK);
    for (let x = box.left + 3; x + width < box.left + box.width; x += AGAIN) {
      if (shown === undefined) pen.fill([corners({ ...box, left: x - 1.5, width: width + 3 })], "#ffffff");
      pen.text(text, x, top + LANE - 4, { ...LOOK, weight: shown === undefined ? 400 : 600 });
    }
  }
}

/** Neighbouring stretches of one class as one. */
export function classRuns(
  verdicts: readonly Verdict[],
): (Pick<Verdict, "onsetS" | "durationS" | "code"> & { readonly last: Verdict })[] {
  const runs: { onsetS: number; durationS: number; code: string | null; last: Verdict }[] = [];
  for (const verdict of verdicts) {
    const { onsetS, durationS, code } = verdict;
    const before = runs[runs.length - 1];
    if (before?.code === code && Math.abs(before.onsetS + before.durationS - onsetS) < 1e-6) {
      before.durationS += durationS;
      before.last = verdict;
    } else runs.push({ onsetS, durationS, code, last: verdict });
  }
  return runs;
}

/** The variability of every minute as a number, with an arrow where it is reduced or increased. */
export function drawMinutes(pen: Pen, verdicts: Verdicts, name: string, top: number, stretch: Stretch): void {
  nameLane(pen, name, top);
  for (const verdict of verdicts.verdicts) {
    const box = boxOf(verdict, top, stretch);
    if (box.width <= 0) continue;
    if (verdict.code === null || verdict.value === undefined) {
      hatch(pen, box, "\\");
      continue;
    }
    pen.fill([corners({ ...box, width: box.width - 0.5 })], shownClass(verdicts, verdict.code).colour);
    const text = minuteText(verdict);
    if (pen.widthOf(text, LOOK) < box.width)
      pen.text(text, box.left + box.width / 2, top + LANE - 4, { ...LOOK, align: "centre" });
  }
}

/** What people labelled, in rows without overlap; what has no room any more goes over the last row. */
export function drawLabels(
  pen: Pen,
  annotations: readonly PaperAnnotation[],
  name: string,
  lanes: { readonly top: number; readonly bottom: number },
  stretch: Stretch,
): void {
  const most = Math.max(1, Math.floor((lanes.bottom - lanes.top) / LANE));
  const ends: number[] = [];
  nameLane(pen, name, lanes.top);
  const here = annotations.filter(
    ({ onsetS, durationS }) => onsetS < stretch.toS && onsetS + durationS >= stretch.fromS,
  );
  for (const annotation of [...here].sort((a, b) => a.onsetS - b.onsetS)) {
    const free = ends.findIndex((end) => end <= annotation.onsetS);
    const row = Math.min(most - 1, free < 0 ? ends.length : free);
    ends[row] = annotation.onsetS + Math.max(annotation.durationS, 8);
    drawLabel(pen, annotation, lanes.top + row * LANE, stretch);
  }
}

function drawLabel(pen: Pen, annotation: PaperAnnotation, top: number, stretch: Stretch): void {
  const { label, durationS } = annotation;
  const box = boxOf(annotation, top, stretch);
  const middle = top + box.height / 2;
  if (durationS === 0) {
    const half = box.height / 2;
    const diamond = [
      box.left,
      middle - half,
      box.left + half,
      middle,
      box.left,
      middle + half,
      box.left - half,
      middle,
    ];
    pen.fill([diamond], label.colour);
    pen.text(label.letter, box.left + half + 1.5, top + LANE - 4, LOOK);
    return;
  }
  const width = Math.max(1.5, box.width);
  pen.fill([corners({ ...box, width })], label.colour, 0.3);
  pen.trace([[...corners({ ...box, width }), box.left, box.top]], { colour: label.colour, width: 0.6 });
  const text = [label.name, label.letter].find((one) => pen.widthOf(one, LOOK) < width - 3);
  if (text !== undefined) pen.text(text, box.left + width / 2, top + LANE - 4, { ...LOOK, align: "centre" });
}
