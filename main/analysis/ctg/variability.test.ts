import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hidden, later, levelOf, traceOf } from "./ctg.fixtures.ts";
import { minutesOf } from "./variability.ts";

const none = { accelerations: [], decelerations: [] };
/** A triangle of one minute's length between its extremes. */
const swing = (bpm: number) => (s: number) => 140 + bpm * (Math.abs(((s / 20) % 2) - 1) - 0.5);

describe("bandwidth of a minute", () => {
  test("is the greatest less the least heart rate", () => {
    const minutes = minutesOf(traceOf(600, swing(12)), levelOf(600, 140), none);
    expect(minutes).toHaveLength(10);
    for (const { bandwidthBpm, support } of minutes) {
      expect(bandwidthBpm).toBeCloseTo(12, 0);
      expect(support).toBe(1);
    }
  });

  test("leaves a single wild sample out, and what lies within events", () => {
    const { fhr, ...rest } = traceOf(60, swing(12));
    fhr.values[100] = 200;
    expect(minutesOf({ fhr, ...rest }, levelOf(60, 140), none)[0]?.bandwidthBpm).toBeCloseTo(12, 0);
    const dip = traceOf(60, (s) => swing(6)(s) - (s < 25 ? 40 : 0));
    const inside = { ...none, decelerations: [{ onsetS: 0, endS: 25 }] };
    expect(minutesOf(dip, levelOf(60, 140), none)[0]?.bandwidthBpm).toBeGreaterThan(40);
    expect(minutesOf(dip, levelOf(60, 140), inside)[0]?.bandwidthBpm).toBeCloseTo(6, 0);
  });

  test("cannot be told below 30 s of baseline", () => {
    const trace = traceOf(60, swing(12));
    const of = (untilS: number) =>
      minutesOf({ ...trace, fhr: hidden(trace.fhr, 0, untilS) }, levelOf(60, 140), none)[0];
    expect(of(29)?.bandwidthBpm).toBeDefined();
    expect(of(31)).toMatchObject({ bandwidthBpm: undefined, stvMs: undefined, abnormalStvShare: undefined });
  });
});

describe("short and long-term variation", () => {
  test("of intervals that alternate each epoch is their difference", () => {
    const trace = traceOf(600, (s) => 60_000 / (428 + (Math.floor(s / 3.75) % 2 === 0 ? 3 : -3)));
    const [minute] = minutesOf(trace, levelOf(600, 60_000 / 428), none);
    expect(minute?.stvMs).toBeCloseTo(6, 6);
    expect(minute?.rangeMs).toBeCloseTo(6, 1);
  });

  test("differences below 1 bpm to the next sample are abnormal, a flat minute's span too", () => {
    const [flat] = minutesOf(
      traceOf(60, () => 140),
      levelOf(60, 140),
      none,
    );
    expect(flat).toMatchObject({ abnormalStvShare: 1, abnormalLtvShare: 1, bandwidthBpm: 0 });
    const [lively] = minutesOf(
      traceOf(120, (s) => 140 + 3 * ((4 * s) % 2)),
      levelOf(120, 140),
      none,
    );
    expect(lively).toMatchObject({ abnormalStvShare: 0, abnormalLtvShare: 1 });
  });
});

test("what lies behind the mask changes nothing; whole minutes before shift the minutes", () => {
  const trace = traceOf(300, (s) => swing(12)(s) + Math.sin(s));
  const fhr = hidden(trace.fhr, 100, 117);
  const known = minutesOf({ ...trace, fhr }, levelOf(300, 140), none);
  fc.assert(
    fc.property(fc.double(), fc.integer({ min: 1, max: 5 }), (junk, lead) => {
      expect(minutesOf({ ...trace, fhr: hidden(fhr, 100, 117, junk) }, levelOf(300, 140), none)).toEqual(
        known,
      );
      const moved = later(fhr, lead);
      const again = minutesOf(
        { ...trace, count: moved.values.length, fhr: moved },
        levelOf(300 + 60 * lead, 140),
        none,
      );
      expect(again.slice(lead).map((one) => ({ ...one, fromS: one.fromS - 60 * lead }))).toEqual(known);
    }),
    { numRuns: 20 },
  );
});
