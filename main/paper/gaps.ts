import { sure } from "../../preload/contract/sure.ts";
import { stripColours } from "../../preload/strip/colours.ts";
import { type Box, CM, type Pen, type Points } from "./pen.ts";
import type { PaperChannel } from "./report.ts";
import { type Stretch, xOf } from "./sheet.ts";

export interface TimeSpan {
  readonly fromS: number;
  readonly toS: number;
}

const HATCH_EVERY = 6; // points; 8 pixels of the screen
const LEAST_HATCH = 0.06 * CM;
const LEAST_TICK = 0.01 * CM; // a short gap must not vanish

/** Where a channel has no observed sample, within the stretch. A sample owns half a step on each side. */
export function gapsIn({ reasons, sampleRate }: PaperChannel, { fromS, toS }: TimeSpan): TimeSpan[] {
  const gaps: TimeSpan[] = [];
  const first = Math.max(0, Math.round(fromS * sampleRate));
  const end = Math.min(reasons.length, Math.round(toS * sampleRate));
  for (let i = first; i < end; i++) {
    if (reasons[i] === 0) continue;
    const start = i;
    while (i < end && reasons[i] !== 0) i++;
    gaps.push({ fromS: (start - 0.5) / sampleRate, toS: (i - 0.5) / sampleRate });
  }
  if (end / sampleRate < toS) gaps.push({ fromS: Math.max(fromS, end / sampleRate), toS });
  return gaps;
}

/** What two lists of spans, each in order of time, have in common. */
export function shared(a: readonly TimeSpan[], b: readonly TimeSpan[]): TimeSpan[] {
  const both: TimeSpan[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [one, other] = [sure(a[i]), sure(b[j])];
    const fromS = Math.max(one.fromS, other.fromS);
    const toS = Math.min(one.toS, other.toS);
    if (fromS < toS) both.push({ fromS, toS });
    if (one.toS < other.toS) i++;
    else j++;
  }
  return both;
}

/** Strokes in one direction over a box, at fixed places of the page, so that boxes that touch join. */
export function hatch(pen: Pen, box: Box, direction: "/" | "\\" = "/"): void {
  const { left, top, width, height } = box;
  const lines: Points[] = [];
  const lean = direction === "/" ? height : -height;
  const first = Math.floor((left - Math.abs(lean)) / HATCH_EVERY) * HATCH_EVERY;
  for (let x = first; x < left + width + Math.abs(lean); x += HATCH_EVERY)
    lines.push([x, top + height, x + lean, top]);
  pen.within(box, () => pen.trace(lines, { colour: stripColours.light.lineStrong, width: 0.4 }));
}

/** Hatches a grid where nothing at all is observed; a line along its foot says where any channel lacks samples. */
export function drawGaps(pen: Pen, box: Box, channels: readonly PaperChannel[], stretch: Stretch): void {
  const gaps = channels.map((channel) => gapsIn(channel, stretch));
  const [first, ...others] = gaps;
  if (first === undefined) return;
  for (const gap of others.reduce(shared, first)) {
    const left = Math.max(xOf(stretch, gap.fromS), xOf(stretch, stretch.fromS));
    const width = Math.min(xOf(stretch, gap.toS), xOf(stretch, stretch.toS)) - left;
    if (width >= LEAST_HATCH) hatch(pen, { ...box, left, width });
  }
  const foot = box.top + box.height - 0.7;
  const ticks = gaps.flat().map(({ fromS, toS }): Points => {
    const left = Math.max(xOf(stretch, fromS), xOf(stretch, stretch.fromS));
    const right = Math.min(xOf(stretch, toS), xOf(stretch, stretch.toS));
    return [left, foot, Math.max(left + LEAST_TICK, right), foot];
  });
  pen.trace(ticks, { colour: stripColours.light.dim, width: 1.4 });
}
