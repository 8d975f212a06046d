import { expect, test } from "vitest";
import { CTG_HZ, type Baseline, type Samples } from "../trace.ts";
import { baselineFigures } from "./figures.ts";

const MINUTE = 60 * CTG_HZ;
const still = (minutes: number, bpm: number): Samples => ({
  values: new Float64Array(minutes * MINUTE).fill(bpm),
  observed: new Uint8Array(minutes * MINUTE).fill(1),
});
const line = (fhr: Samples, bpm: number): Baseline => {
  const value = fhr.values.map(() => bpm);
  return { value, low: value, high: value, observed: Uint8Array.from(fhr.observed) };
};
const none = { events: { accelerations: [], decelerations: [] }, minutes: [] };

test("FIGO: the mean of the line over ten minutes, as it is; NICHD: the mean heart rate to 5 bpm", () => {
  const fhr = still(25, 143);
  const figures = baselineFigures(line(fhr, 142.4), fhr, none);
  expect(figures.map(({ fromS, toS }) => [fromS, toS])).toEqual([
    [0, 600],
    [600, 1200],
    [1200, 1500],
  ]);
  expect(figures[0]?.figoBpm).toBeCloseTo(142.4, 9);
  expect(figures.map(({ nichdBpm }) => nichdBpm)).toEqual([145, 145, 145]);
});

test("NICHD: events, marked variability and what differs by more than 25 bpm are left out, and counted", () => {
  const fhr = still(10, 140);
  fhr.values.fill(100, 0, MINUTE);
  fhr.values.fill(170, MINUTE, 2 * MINUTE);
  fhr.observed.fill(0, 2 * MINUTE, 3 * MINUTE);
  const events = { accelerations: [], decelerations: [{ onsetS: 0, endS: 60 }] };
  const minutes = [{ fromS: 180, bandwidthBpm: 26 }];
  const [figure] = baselineFigures(line(fhr, 140), fhr, { events, minutes });
  expect(figure?.leftOut).toEqual({ unobservedS: 60, eventsS: 60, markedS: 60, differsS: 60 });
  expect(figure?.identifiableS).toBe(360);
  expect(figure?.nichdBpm).toBe(140);
});

test("NICHD: less than two minutes left are indeterminate; FIGO: nothing is said of less than half a line", () => {
  const fhr = still(10, 140);
  fhr.observed.fill(0, 2 * MINUTE);
  expect(baselineFigures(line(fhr, 140), fhr, none)[0]).toMatchObject({ figoBpm: undefined, nichdBpm: 140 });
  fhr.observed.fill(0, 2 * MINUTE - 1);
  expect(baselineFigures(line(fhr, 140), fhr, none)[0]?.nichdBpm).toBeUndefined();
});
