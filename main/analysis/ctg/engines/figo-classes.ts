import { untold, type Judged, type Told } from "./engine.ts";

/** Places of the classes of FIGO 2015. */
export const [NORMAL, SUSPICIOUS, PATHOLOGICAL] = [0, 1, 2] as const;

/** Beats a minute; below it variability is reduced. */
export const REDUCED = 5;

/** Our own decision: baseline and variability are those of the last ten minutes. */
export const NOW_MIN = 10;

export const FIGO_CLAUSE = {
  baseline: "FIGO 2015, Table 3: baseline",
  lasting: "FIGO 2015: tachycardia, bradycardia, more than 10 min",
  variability: "FIGO 2015, Table 3: variability",
  decelerations: "FIGO 2015, Table 3: decelerations",
  repetitive: "FIGO 2015: repetitive, with more than 50 % of contractions",
  shallow: "FIGO 2015: late decelerations of 10-15 bpm without accelerations and with reduced variability",
} as const;

/** A feature that makes one class. */
export const certain = (rank: number, reasons: Told): Judged => ({
  ...{ least: rank, most: rank, reasons, missing: untold },
});

/** A feature that cannot be told, and may make any class. */
export const open = (missing: Told): Judged => ({
  ...{ least: NORMAL, most: PATHOLOGICAL, reasons: untold, missing },
});
