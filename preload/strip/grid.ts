import type { PaperSpeed } from "./scale.ts";
import { ticksBetween } from "./ticks.ts";

export type GridKind = "fhr" | "uc" | "plain";

export interface Line {
  readonly step: number;
  readonly weight: 0 | 1 | 2 | 3; // faint, clear, strong, strongest
}

interface ValueSpan {
  readonly low: number;
  readonly high: number;
}

/** Vertical lines of the paper, weakest first; steps in seconds. The faint ones are half a centimetre apart. */
export const paperTimeLines = (paperSpeed: PaperSpeed): readonly Line[] => [
  { step: 30 / paperSpeed, weight: 0 },
  { step: 60, weight: 1 },
  { step: 300, weight: 2 },
  { step: 600, weight: 3 },
];

/** Heart rates between these lie on a tint, and its edges are the strongest lines. */
export const fhrBand = { low: 110, high: 160 } as const;

/** Horizontal lines as value and weight, weakest first. */
export function valueLines(grid: {
  readonly kind: GridKind;
  readonly values: ValueSpan;
  readonly bpmPerCm: 20 | 30; // fhr: which lines are strong
}): readonly { value: number; weight: Line["weight"] }[] {
  const { low, high } = grid.values;
  const lines: { value: number; weight: Line["weight"] }[] = [];
  const every = (step: number, weight: Line["weight"]): void => {
    for (const value of ticksBetween(low, high, step)) lines.push({ value, weight });
  };
  switch (grid.kind) {
    case "fhr":
      every(5, 0);
      every(10, 1);
      every(grid.bpmPerCm, 2);
      for (const value of [fhrBand.low, fhrBand.high]) lines.push({ value, weight: 3 });
      break;
    case "uc":
      every(10, 0);
      every(20, 1);
      break;
    case "plain":
      if (low < 0 && high > 0) lines.push({ value: 0, weight: 1 });
      break;
  }
  return lines;
}

/** How lines of each weight are drawn: `width` in hairlines. */
export const lineLooks = [
  { colour: "gridMinor", valueAlpha: 0.45, timeAlpha: 0.6, width: 1 },
  { colour: "gridMinor", valueAlpha: 1, timeAlpha: 1, width: 1 },
  { colour: "gridMajor", valueAlpha: 1, timeAlpha: 1, width: 1 },
  { colour: "gridMajor", valueAlpha: 1, timeAlpha: 1, width: 1.5 },
] as const;

/** The values beside a grid, at its edge, are so far apart. */
export const edgeStep = (kind: "fhr" | "uc", bpmPerCm: 20 | 30): number => (kind === "fhr" ? bpmPerCm : 20);

/** Inside the grid they are repeated so often, so that any page and any screenful has numbers. */
export const INNER_NUMBERS_S = 600;

/** The values that are repeated inside. */
export function innerNumbers(kind: "fhr" | "uc", values: ValueSpan, bpmPerCm: 20 | 30): readonly number[] {
  const strong = edgeStep(kind, bpmPerCm);
  return ticksBetween(values.low + 1, values.high - strong / 2, strong * (kind === "fhr" ? 2 : 1));
}
