import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findContractions } from "../contractions.ts";
import { hidden, later, levelOf, toco, traceOf } from "../ctg.fixtures.ts";
import { isLikely, type Contraction, type CtgTrace } from "../trace.ts";
import { findEvents } from "./find.ts";
import { likeliestType } from "./types.ts";

/** Down by `depth` in `outS`, there until `stayS` later, back in `backS`, on a level of 140. */
const dip =
  (at: { onsetS: number; outS: number; stayS: number; backS: number; depth?: number }) =>
  (s: number): number => {
    const t = s - at.onsetS;
    const [low, back] = [at.outS + at.stayS, at.outS + at.stayS + at.backS];
    const share = t < 0 || t > back ? 0 : t < at.outS ? t / at.outS : t < low ? 1 : (back - t) / at.backS;
    return 140 - (at.depth ?? 30) * share;
  };

const found = (trace: CtgTrace, contractions: readonly Contraction[] = findContractions(trace), sd = 1) =>
  findEvents(trace, levelOf(trace.count / 4, 140, sd), { contractions });

const SECONDS = 900;
const abrupt = dip({ onsetS: 400, outS: 8, stayS: 20, backS: 8 });
const gradual = (onsetS: number) => dip({ onsetS, outS: 45, stayS: 4, backS: 45 });

describe("a deceleration", () => {
  test("has its onset, nadir, end, depth, area and lost beats", () => {
    const { decelerations, accelerations } = found(traceOf(SECONDS, abrupt));
    expect(accelerations).toEqual([]);
    expect(decelerations).toHaveLength(1);
    const [one] = decelerations;
    expect(Math.abs((one?.onsetS ?? 0) - 401)).toBeLessThan(1.5);
    expect(Math.abs((one?.endS ?? 0) - 435)).toBeLessThan(1.5);
    expect(one?.depthBpm).toBeCloseTo(30, 0);
    expect(one?.extremumBpm).toBeCloseTo(110, 0);
    expect(Math.abs((one?.areaBpmS ?? 0) - 840)).toBeLessThan(10);
    expect(one?.lostBeats).toBeCloseTo((one?.areaBpmS ?? 0) / 60, 9);
    expect(one).toMatchObject({ support: 1, below80S: 0, overshootBpm: 0, by: "rule" });
    expect(one?.probability).toBeGreaterThan(0.99);
  });

  test("near 15 bpm or 15 s is doubtful, the more so the less the baseline is known", () => {
    const chance = (depth: number, sd = 1): number =>
      found(traceOf(SECONDS, dip({ onsetS: 400, outS: 8, stayS: 30, backS: 8, depth })), [], sd)
        .decelerations[0]?.probability ?? 0;
    expect(chance(11)).toBeLessThan(0.1);
    expect(chance(15)).toBeCloseTo(0.5, 1);
    expect(chance(20)).toBeGreaterThan(0.95);
    expect(chance(20, 6)).toBeLessThan(0.9);
    const brief = found(traceOf(SECONDS, dip({ onsetS: 400, outS: 1, stayS: 9, backS: 1 }))).decelerations[0];
    expect(brief?.probability).toBeLessThan(0.3);
  });

  test("is prolonged by its length first, at FIGO's 3 min and at the others' 2", () => {
    const types = (stayS: number) =>
      found(traceOf(SECONDS, dip({ onsetS: 300, outS: 10, stayS, backS: 10 }))).decelerations[0]?.types;
    expect(types(140)?.nichd.prolonged).toBeGreaterThan(0.99);
    expect(types(140)?.figo.prolonged).toBeLessThan(0.01);
    expect(types(240)?.figo.prolonged).toBeGreaterThan(0.99);
    expect(types(60)?.nichd.prolonged).toBeLessThan(0.01);
  });

  test("of 10 min and more is a change of the baseline by NICHD and JSOG", () => {
    const [one] = found(traceOf(1500, dip({ onsetS: 300, outS: 10, stayS: 640, backS: 10 }))).decelerations;
    expect(one?.meets.nichd).toBeLessThan(0.01);
    expect(one?.meets.figo).toBeGreaterThan(0.99);
  });

  test("falling for 25 to 35 s shows both kinds", () => {
    for (const outS of [28, 31, 34]) {
      const { types } = found(traceOf(SECONDS, dip({ onsetS: 400, outS: outS / 0.87, stayS: 5, backS: 10 })))
        .decelerations[0] ?? { types: undefined };
      expect(types?.nichd.variable).toBeGreaterThan(0.05);
      expect(types?.nichd.variable).toBeLessThan(0.95);
      expect(types?.nichd.unknown).toBeCloseTo(1 - (types?.nichd.variable ?? 0), 2);
    }
  });

  test("is early with the contraction and late after it; abrupt it is variable", () => {
    const typed = (fhr: (s: number) => number) => {
      const { types, contraction } = found(traceOf(SECONDS, fhr, toco([450]))).decelerations[0] ?? {};
      return types && { figo: likeliestType(types.figo), nichd: likeliestType(types.nichd), contraction };
    };
    expect(typed(gradual(405))).toMatchObject({ figo: "early", nichd: "early" });
    expect(typed(gradual(450))).toMatchObject({ figo: "late", nichd: "late" });
    expect(typed(abrupt)).toMatchObject({ figo: "variable", nichd: "variable" });
  });

  test("ctg.md 8.5 no. 9: without contractions to be seen it is never early or late", () => {
    const uc = toco([450]);
    fc.assert(
      fc.property(
        fc.integer({ min: 330, max: 500 }),
        fc.integer({ min: 4, max: 60 }),
        fc.boolean(),
        (onsetS, outS, isFlat) => {
          const seen = traceOf(SECONDS, dip({ onsetS, outS, stayS: 10, backS: 30 }), uc);
          const contractions = findContractions(seen);
          const blind = {
            ...seen,
            uc: isFlat && seen.uc !== undefined ? hidden(seen.uc, 0, SECONDS) : undefined,
          };
          for (const one of found(blind, contractions).decelerations) {
            expect(one.isContractionKnown).toBe(false);
            for (const types of Object.values(one.types)) expect(types.early + types.late).toBe(0);
          }
          for (const { types } of found(seen, contractions).decelerations)
            for (const own of Object.values(types))
              expect(Object.values(own).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("keeps its ends over a short gap, and is not assessed where half of it is lost", () => {
    const over = (fromS: number, toS: number, fhr = abrupt) => {
      const trace = traceOf(SECONDS, fhr);
      return found({ ...trace, fhr: hidden(trace.fhr, fromS, toS, 180) }).decelerations;
    };
    const brief = dip({ onsetS: 400, outS: 4, stayS: 18, backS: 4 });
    expect(over(410, 420)).toHaveLength(1);
    expect(over(410, 420)[0]?.support).toBeCloseTo(24 / 34, 1);
    expect(over(405, 419, brief)).toEqual([]);
    expect(over(380, 440)).toEqual([]);
  });

  test("with an acceleration right behind it has an overshoot", () => {
    const fhr = (s: number): number =>
      s > 440 && s < 470 ? 140 + 18 * Math.sin((Math.PI * (s - 440)) / 30) : abrupt(s);
    const { decelerations, accelerations } = found(traceOf(SECONDS, fhr));
    expect(decelerations[0]?.overshootBpm).toBeCloseTo(18, 0);
    expect(accelerations[0]?.probability).toBeGreaterThan(0.9);
  });
});

describe("an acceleration", () => {
  const rise = (depth: number, outS: number) => (s: number) =>
    280 - dip({ onsetS: 400, outS, stayS: 10, backS: 10, depth })(s);

  test("counts from 10 bpm before 32 weeks, from 15 after", () => {
    const trace = traceOf(SECONDS, rise(13, 8));
    const chance = (gestationDays: number): number =>
      findEvents(trace, levelOf(SECONDS, 140), { contractions: [], gestationDays }).accelerations[0]
        ?.probability ?? 0;
    expect(chance(30 * 7)).toBeGreaterThan(0.9);
    expect(chance(36 * 7)).toBeLessThan(0.2);
  });

  test("rising slowly is one by FIGO, and none by NICHD", () => {
    const [one] = found(traceOf(SECONDS, rise(25, 55))).accelerations;
    expect(one?.meets.figo).toBeGreaterThan(0.9);
    expect(one?.meets.nichd).toBeLessThan(0.1);
  });
});

test("what lies behind the mask changes nothing; whole minutes before shift every event", () => {
  const { fhr, uc, ...trace } = traceOf(
    1200,
    (s) => Math.min(abrupt(s), gradual(700)(s)) + 3 * Math.sin(s / 3),
    toco([450, 720]),
  );
  if (uc === undefined) throw new Error("no contractions");
  const masked = hidden(fhr, 412, 420);
  const known = found({ ...trace, fhr: masked, uc });
  expect(known.decelerations.filter(isLikely)).toHaveLength(2);
  fc.assert(
    fc.property(fc.double(), fc.integer({ min: 1, max: 9 }), (junk, lead) => {
      expect(found({ ...trace, uc, fhr: hidden(masked, 412, 420, junk) })).toEqual(known);
      const moved = {
        ...trace,
        fhr: later(masked, lead),
        uc: later(uc, lead),
        count: trace.count + 240 * lead,
      };
      const again = found(moved).decelerations;
      expect(again.map(({ onsetS, endS }) => [onsetS - 60 * lead, endS - 60 * lead])).toEqual(
        known.decelerations.map(({ onsetS, endS }) => [onsetS, endS]),
      );
      again.forEach((one, i) => {
        expect(one.types.nichd.late).toBeCloseTo(known.decelerations[i]?.types.nichd.late ?? 0, 6);
      });
    }),
    { numRuns: 10 },
  );
});
