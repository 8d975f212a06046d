import { expect, test } from "vitest";
import { ForecastReport } from "../../../preload/contract/forecast-report.ts";
import type { SignalSource } from "../../models/fronts/front.ts";
import type { Forecaster, Future, Marked } from "../../models/model.ts";
import { seededRandom } from "../../models/random.ts";
import { normal, walkForecaster, WALK_SD } from "../data/walk.fixtures.ts";
import { forecastReport } from "./forecast-report.ts";
import { planOf, scoreForecasts, type ForecastScores, type Scored } from "./forecast-scores.ts";

const SECONDS = 1200;
const signal = new AbortController().signal;

interface Walk extends Scored {
  readonly seconds: readonly (number | undefined)[];
}

/** A random walk at 4 Hz with the same value all through a second, lost where `isLost`. */
function walkOf(seed: number, isLost: (s: number) => boolean = () => false, marks?: Marked): Walk {
  const random = seededRandom(seed, 0);
  let level = 140;
  const whole = Float32Array.from({ length: SECONDS }, () => (level += WALK_SD * random.normal()));
  const header = { label: "FHR", role: "fhr", unit: "bpm", sampleRate: 4 } as const;
  const source: SignalSource = {
    channels: [{ ...header, sampleType: "float32", gain: 1, offset: 0, sampleCount: 4 * SECONDS }],
    durationS: SECONDS,
    read: (_, first, count) => {
      const second = (i: number): number => Math.floor((first + i) / 4);
      const length = Math.max(0, Math.min(count, 4 * SECONDS - first));
      return {
        values: Float32Array.from({ length }, (_v, i) => whole[second(i)] ?? 0),
        observed: Uint8Array.from({ length }, (_v, i) => Number(!isLost(second(i)))),
      };
    },
  };
  const seconds = Array.from(whole, (value, s) => (isLost(s) ? undefined : value));
  return { id: `r${seed}`, subject: `p${seed >> 1}`, source, marks, seconds };
}

async function reportOf(walks: readonly Walk[], sds: readonly number[]) {
  const [first] = walks;
  const plan = first && planOf(walkForecaster(first.seconds, WALK_SD), SECONDS);
  if (plan === undefined) throw new Error("a walk can be looked ahead");
  const scored: ForecastScores[] = [];
  for (const walk of walks) {
    const [own, ...floors] = sds.map((sd) => walkForecaster(walk.seconds, sd));
    if (own) scored.push(await scoreForecasts(walk, [own, ...floors], plan, signal));
  }
  const [, ...floors] = sds.map((sd) => `sd ${sd}`);
  return ForecastReport.parse(forecastReport(scored, plan, { floors, validation: ["v"] }));
}

test("a forecaster that knows the truth scores what it must, holds its bands, and a wider one is shown to be worse", async () => {
  const walks = Array.from({ length: 12 }, (_, i) => walkOf(i + 1));
  const report = await reportOf(walks, [WALK_SD, 3 * WALK_SD]);
  expect(report).toMatchObject({
    recordings: 12,
    unit: "bpm",
    horizonsS: [1, 15, 30, 60],
    validation: ["v"],
  });
  expect(report.subjects).toHaveLength(7);
  expect(report.samples).toEqual([1, 15, 30, 60].map((h) => 12 * (239 - Math.ceil(h / 5) + 1)));
  // By hand: one normal a moment, from the last second before it.
  const byHand = walks.flatMap(({ seconds }) =>
    Array.from({ length: 237 }, (_, i) => {
      const t = 5 * (i + 1);
      return -normal(seconds[t - 1] ?? 0, WALK_SD * Math.sqrt(15)).logDensity(seconds[t + 14] ?? 0);
    }),
  );
  expect(report.own.nll[1]).toBeCloseTo(byHand.reduce((a, b) => a + b, 0) / byHand.length, 9);
  for (const [h, aheadS] of report.horizonsS.entries()) {
    const sd = WALK_SD * Math.sqrt(aheadS);
    expect(Math.abs((report.own.nll[h] ?? 9) - (0.5 + Math.log(sd * Math.sqrt(2 * Math.PI))))).toBeLessThan(
      0.2,
    );
    expect((report.own.crps[h] ?? 0) / (sd / Math.sqrt(Math.PI))).toBeCloseTo(1, 0);
    const [floor] = report.floors;
    // A scale three times too wide costs ln 3 − (1 − 1/9) / 2 nat.
    expect(Math.abs((floor?.nll[h]?.difference ?? 0) + 0.654)).toBeLessThan(0.15);
    expect(floor?.nll[h]).toMatchObject({ verdict: "better", groups: 12, better: 12 });
    expect(floor?.crps[h]?.verdict).toBe("better");
    expect(report.pit[h]?.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  }
  for (const { share, reached, perRecording } of report.coverage) {
    expect(Math.abs((reached[0] ?? 0) - share)).toBeLessThan(0.02);
    expect(perRecording[0]?.low).toBeLessThan(share + 0.01);
    expect(perRecording[0]?.high).toBeGreaterThan(share - 0.01);
  }
});

test("too narrow a band is seen to be so, and bands are told apart by what was missing before", async () => {
  const isLost = (s: number): boolean => s % 100 >= 60; // 40 s of every 100
  const walks = Array.from({ length: 6 }, (_, i) => walkOf(i + 1, isLost));
  const { coverage, samples } = await reportOf(walks, [WALK_SD / 3]);
  const ninety = coverage.find(({ share }) => share === 0.9);
  expect(ninety?.reached[0]).toBeLessThan(0.5);
  expect(ninety?.byMissing.map(({ from, to }) => [from, to])).toEqual([
    [0, 0.1],
    [0.1, 0.3],
    [0.3, 1],
  ]);
  for (const [h, total] of samples.entries())
    expect(ninety?.byMissing.reduce((sum, one) => sum + (one.samples[h] ?? 0), 0)).toBe(total);
  expect(ninety?.byMissing[2]?.samples[0]).toBeGreaterThan(0);
  const { samples: few, own, coverage: none } = await reportOf([walkOf(1, (s) => s >= 30)], [WALK_SD]);
  expect([few.at(-1), own.nll.at(-1), none[0]?.reached.at(-1)]).toEqual([0, null, null]); // nothing observed so far ahead
});

test("a branch is judged by which event begins first within the horizon, where people read all of it", async () => {
  const marks: Marked = {
    read: [{ onsetS: 0, durationS: 600 }],
    events: Array.from({ length: 10 }, (_, i) => ({
      code: i % 2 === 0 ? "deceleration" : "acceleration",
      onsetS: 100 * i + 50.5,
      durationS: 20,
    })),
    unclear: [],
  };
  const isComing = (t: number, code: string): boolean => {
    const next = marks.events.find(({ onsetS }) => onsetS > t && onsetS <= t + 60);
    return next?.code === code;
  };
  const branchy = (seconds: Walk["seconds"]): Forecaster => {
    const plain = walkForecaster(seconds, WALK_SD);
    return {
      ...plain,
      at: (timeS): Future | undefined => {
        const future = plain.at(timeS);
        const branch = (code: string, probability: number) => ({
          ...{ code, probability, value: new Float32Array(60), quantiles: [] },
        });
        const knows = isComing(timeS, "deceleration") ? 0.9 : 0.1;
        const branches = [branch("none", 0.5), branch("deceleration", knows), branch("acceleration", 0.25)];
        return future && { ...future, forecast: { ...future.forecast, branches } };
      },
    };
  };
  const scored: ForecastScores[] = [];
  const plan = planOf(branchy(walkOf(1).seconds), SECONDS);
  if (plan === undefined) throw new Error("it can be looked ahead");
  for (let seed = 1; seed <= 6; seed += 1) {
    const walk = walkOf(seed, () => false, marks);
    scored.push(await scoreForecasts(walk, [branchy(walk.seconds)], plan, signal));
  }
  const { branches } = forecastReport(scored, plan, { floors: [], validation: [] });
  expect(branches.map(({ code }) => code)).toEqual(["acceleration", "deceleration", "none"]);
  const of = (code: string) => branches.find((one) => one.code === code);
  const moments = Array.from({ length: 108 }, (_, i) => 5 * (i + 1)); // 60 s that were read lie after each
  const share = moments.filter((t) => isComing(t, "deceleration")).length / moments.length;
  expect(of("deceleration")?.share).toBeCloseTo(share, 9);
  expect(of("deceleration")).toMatchObject({ auroc: 1, aurocInterval: { low: 1, high: 1 } });
  expect(of("deceleration")?.ece).toBeCloseTo(0.1, 5);
  expect(of("acceleration")).toMatchObject({ auroc: 0.5, aurocInterval: { low: 0.5, high: 0.5 } });
});
