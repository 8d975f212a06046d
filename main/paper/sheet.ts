import { type FhrRange, PAGE_STRIP_CM, paperHeightCm, type PaperSpeed } from "../../preload/strip/scale.ts";
import { type Box, CM } from "./pen.ts";

/** A4, lying. */
export const PAGE = { width: 29.7 * CM, height: 21 * CM } as const;

export const LEFT = (PAGE.width - PAGE_STRIP_CM * CM) / 2;
export const RIGHT = LEFT + PAGE_STRIP_CM * CM;

const HEAD_CM = 2.6; // of the page, above the grids
const BETWEEN_CM = 0.25;
const BRACKETS_CM = 0.35; // beneath the contractions
const AXIS_CM = 0.8;
const FOOT_CM = 1.55;

/** Where things lie on a page of the strip. Points, as all lengths on paper. */
export interface Sheet {
  readonly rates: Box;
  readonly contractions: Box;
  readonly axisTop: number;
  readonly lanesTop: number;
  readonly lanesBottom: number;
}

export function sheetOf(fhrRange: FhrRange): Sheet {
  const grid = (topCm: number, kind: "fhr" | "uc"): Box => ({
    ...{ left: LEFT, top: topCm * CM, width: PAGE_STRIP_CM * CM },
    height: paperHeightCm(kind, fhrRange) * CM,
  });
  const rates = grid(HEAD_CM, "fhr");
  const contractions = grid(HEAD_CM + paperHeightCm("fhr", fhrRange) + BETWEEN_CM, "uc");
  const axisTop = contractions.top + contractions.height + BRACKETS_CM * CM;
  return {
    ...{ rates, contractions, axisTop },
    lanesTop: axisTop + AXIS_CM * CM,
    lanesBottom: PAGE.height - FOOT_CM * CM,
  };
}

/** A stretch of the recording on one page: [fromS, toS) of it is drawn. */
export interface Stretch {
  readonly startS: number; // at the left edge
  readonly fromS: number;
  readonly toS: number;
  readonly speed: PaperSpeed;
}

export const xOf = ({ startS, speed }: Stretch, timeS: number): number =>
  LEFT + ((timeS - startS) / 60) * speed * CM;

/** Pages of a span, each as long as the strip is wide; the first begins at a whole minute. */
export function stretchesOf(span: { fromS: number; toS: number }, speed: PaperSpeed): readonly Stretch[] {
  const pageS = (PAGE_STRIP_CM / speed) * 60;
  const first = Math.floor(span.fromS / 60) * 60;
  const count = Math.max(1, Math.ceil((span.toS - first) / pageS - 1e-9));
  return Array.from({ length: count }, (_, i) => {
    const startS = first + i * pageS;
    return { startS, fromS: Math.max(span.fromS, startS), toS: Math.min(span.toS, startS + pageS), speed };
  });
}
