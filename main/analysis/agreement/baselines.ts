import type { BaselineAgreement } from "../../../preload/contract/agreement.ts";
import { estimateOf, resamplingOf } from "./bootstrap.ts";
import { icc21, momentsOf } from "./coefficients.ts";
import { unitsOf } from "./units.ts";

/** Baselines of one recording by who or what drew them: bpm in the middle of each second, NaN where there is none. */
export interface RecordingBaselines {
  readonly durationS: number;
  readonly by: ReadonlyMap<string, Float32Array>;
}

/** ICC(2,1) and mean difference, two by two, over the seconds in which both have a baseline. */
export function baselineAgreement(
  recordings: readonly RecordingBaselines[],
  seed: number,
): BaselineAgreement[] {
  const names = [...new Set(recordings.flatMap(({ by }) => [...by.keys()]))].sort();
  const units = unitsOf(recordings);
  const resampling = resamplingOf(units.all.length, seed);
  return names.flatMap((a, i) =>
    names.slice(i + 1).flatMap((b): BaselineAgreement[] => {
      const ratings = units.all.map((): (readonly number[])[] => []);
      const counted = new Set<number>();
      recordings.forEach(({ by }, recording) => {
        const [one, other] = [by.get(a) ?? new Float32Array(), by.get(b) ?? new Float32Array()];
        for (const [s, x] of one.entries()) {
          const y = other[s] ?? NaN;
          if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
          ratings[units.of(recording, s)]?.push([x, y]);
          counted.add(recording);
        }
      });
      const seconds = ratings.reduce((sum, { length }) => sum + length, 0);
      if (seconds === 0) return [];
      const sums = ratings.map((some) => momentsOf(some, 2));
      return [
        {
          ...{ a, b, seconds, recordings: counted.size },
          icc: estimateOf(sums, (sum) => icc21(sum, 2), resampling),
          difference: estimateOf(sums, ([n = 0, ofA = 0, ofB = 0]) => (ofB - ofA) / n, resampling),
        },
      ];
    }),
  );
}
