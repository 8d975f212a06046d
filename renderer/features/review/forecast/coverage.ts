import type { ForecastReport } from "../../../../preload/contract/forecast-report.ts";

/** How much of what came lay in a band that should hold `share` of it. */
export interface Held {
  readonly aheadS: number;
  readonly share: number;
  readonly reached: number | undefined; // nothing was observed there
  readonly isWithin: boolean; // two points of the share
}

export const HELD_WITHIN = 0.02;
const MOST_ROWS = 4;

/** Horizons with the bands of each, as far as they were judged; of many horizons some, the last among them. */
export function heldBands(report: Pick<ForecastReport, "horizonsS" | "coverage">): readonly {
  readonly aheadS: number;
  readonly bands: readonly Held[];
}[] {
  const { horizonsS } = report;
  const coverage = [...report.coverage].sort((a, b) => a.share - b.share);
  const step = Math.max(1, Math.ceil(horizonsS.length / MOST_ROWS));
  return horizonsS
    .map((aheadS, h) => ({
      aheadS,
      bands: coverage.map(({ share, reached }): Held => {
        const value = reached[h] ?? undefined;
        const isWithin = value !== undefined && Math.abs(value - share) <= HELD_WITHIN + 1e-9;
        return { aheadS, share, reached: value, isWithin };
      }),
    }))
    .filter((_, h) => (horizonsS.length - 1 - h) % step === 0);
}

/** How many bands there are, how many missed their share, and by how much at most, over every horizon that was judged. */
export function missedBands({ coverage }: Pick<ForecastReport, "coverage">): {
  readonly all: number;
  readonly missed: number;
  readonly most: number;
  readonly sense: "tooWide" | "tooNarrow" | "mixed"; // of those that missed
} {
  const off = coverage.flatMap(({ share, reached }) =>
    reached.flatMap((value) => (value === null ? [] : [value - share])),
  );
  const missed = off.filter((one) => Math.abs(one) > HELD_WITHIN + 1e-9);
  const sense = missed.every((one) => one > 0)
    ? "tooWide"
    : missed.every((one) => one < 0)
      ? "tooNarrow"
      : "mixed";
  return { all: off.length, missed: missed.length, most: Math.max(0, ...off.map(Math.abs)), sense };
}
