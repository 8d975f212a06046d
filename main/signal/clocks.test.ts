import fc from "fast-check";
import { expect, test } from "vitest";
import {
  placeOfSample,
  sampleAtTime,
  shiftOfSample,
  timeOfSample,
} from "../../preload/contract/channel-clock.ts";
import { clocksOf } from "./clocks.ts";

const channel = (position: number, sampleRate = 100, sampleCount = 1000) => ({
  ...{ position, sampleRate, sampleCount },
});
const line = (stream: number, first: number, atS: number, rate: number, session = 0) => ({
  ...{ channel: stream, session, first, atS, rate },
});

test("a recording of one stream, or without clocks, lies in its own time", () => {
  expect(clocksOf([], [channel(0)])).toEqual([]);
  expect(clocksOf([line(0, 0, 0, 100)], [])).toEqual([]);
  expect(clocksOf([line(0, 0, 0, 100.01)], [channel(0)])).toEqual([]);
});

test("a stream that lies within a millisecond of where its nominal rate puts it is not named", () => {
  const lines = [line(0, 0, 0, 100), line(2, 3, 0.0305, 100)];
  expect(clocksOf(lines, [channel(0), channel(1), channel(2)])).toEqual([]);
  expect(clocksOf([line(0, 0, 0, 100), line(2, 3, 0.0315, 100)], [channel(0), channel(2)])).toHaveLength(1);
});

test("the samples of a second stream lie by the clocks of both, and its channels are those up to the next", () => {
  const lines = [line(0, 0, 0, 101), line(1, 0, 0.5, 50), line(3, 0, 0, 200)];
  const channels = [channel(0), channel(1, 50), channel(2, 50), channel(3, 200)];
  const [second, third, ...others] = clocksOf(lines, channels);
  expect(others).toEqual([]);
  expect([second?.channels, third?.channels]).toEqual([[1, 2], [3]]);
  expect(timeOfSample(second?.pieces, 50, 0)).toBeCloseTo(0.505, 9);
  expect(timeOfSample(second?.pieces, 50, 100)).toBeCloseTo(2.5 * 1.01, 9);
  expect(shiftOfSample(third?.pieces, 200, 1000)).toBeCloseTo(0.05, 9);
});

test("where nothing of the first stream came its time is the host's", () => {
  const [clock] = clocksOf([line(1, 0, 0.5, 100)], [channel(0), channel(1)]);
  expect(clock?.pieces).toEqual([{ first: 0, atS: 0.5, rate: 100 }]);
});

test("channels of another rate than their stream's first, such as of one of which nothing came, are left alone", () => {
  const [clock] = clocksOf(
    [line(0, 0, 0, 100), line(1, 0, 1, 50)],
    [channel(0), channel(1, 50), channel(2, 4)],
  );
  expect(clock?.channels).toEqual([1]);
  expect(clocksOf([line(0, 0, 0, 100), line(7, 0, 1, 50)], [channel(0)])).toEqual([]); // of no channel
});

test("each session has its own place, and a line that has no samples yet has one", () => {
  const lines = [
    line(0, 0, 0, 100),
    line(1, 0, 0, 100),
    line(1, 500, 5.25, 100, 1),
    line(1, 1000, 10.25, 100, 1),
  ];
  const [clock] = clocksOf(lines, [channel(0), channel(1)]);
  expect(clock?.pieces.map(({ first, atS }) => [first, atS])).toEqual([
    [0, 0],
    [500, 5.25],
  ]);
  const [early] = clocksOf([line(0, 0, 0, 100), line(1, 1000, 10.25, 100)], [channel(0), channel(1)]);
  expect(early?.pieces).toEqual([{ first: 1000, atS: 10.25, rate: expect.closeTo(100, 6) as number }]);
});

test("where the first stream goes on elsewhere than it was, the other's samples do so from that moment on, and not before", () => {
  const lines = [line(0, 0, 0, 100), line(0, 400, 5, 100, 1), line(1, 0, 0.5, 100)]; // a second less was told than went by
  const [clock] = clocksOf(lines, [channel(0), channel(1)]);
  expect(timeOfSample(clock?.pieces, 100, 0)).toBeCloseTo(0.5, 6);
  expect(timeOfSample(clock?.pieces, 100, 440)).toBeCloseTo(4.9, 3);
  expect(timeOfSample(clock?.pieces, 100, 450)).toBeCloseTo(4, 3);
  expect(timeOfSample(clock?.pieces, 100, 999)).toBeCloseTo(4 + 5.49, 2);
});

test("a device's second stream that begins anew before its first one does loses no sample to where that lies", () => {
  // Values of 4 and of 8 a second: the first of those comes after 250 ms, of these after 125, and each has a whole place.
  for (const heartS of [5.14, 5.2, 5.3, 5.37]) {
    const lines = [
      line(0, 0, 0, 4),
      line(0, Math.round(heartS * 4), heartS, 4, 1),
      line(1, 0, -0.125, 8),
      line(1, 41, heartS - 0.126, 8, 1),
    ];
    const [clock] = clocksOf(lines, [channel(0, 4, 60), channel(1, 8, 120)]);
    const places = Array.from({ length: 79 }, (_, i) => placeOfSample(clock?.pieces, 8, 41 + i));
    expect(places).toEqual(places.map((_, i) => (places[0] ?? NaN) + i));
  }
});

test("between two pieces lies the first sample of the later one, and without pieces all lie at the nominal rate", () => {
  const pieces = [
    { first: 0, atS: 1, rate: 100 },
    { first: 200, atS: 4, rate: 50 },
  ];
  expect(sampleAtTime(pieces, 100, 0.5)).toBe(-50);
  expect(sampleAtTime(pieces, 100, 2)).toBe(100);
  expect(sampleAtTime(pieces, 100, 3.5)).toBe(200);
  expect(sampleAtTime(pieces, 100, 5)).toBe(250);
  expect([timeOfSample(pieces, 100, 199), timeOfSample(pieces, 100, 250)]).toEqual([2.99, 5]);
  expect([sampleAtTime(undefined, 4, 2), timeOfSample([], 4, 8)]).toEqual([8, 2]);
});

test("pieces are few, and keep within half a millisecond of clocks that wander", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -200, max: 200, noNaN: true }), { minLength: 2, maxLength: 40 }),
      fc.array(fc.double({ min: -200, max: 200, noNaN: true }), { minLength: 2, maxLength: 40 }),
      (ours, theirs) => {
        const lines = [ours, theirs].flatMap((ppms, stream) => {
          let atS = 0.1 * stream;
          return ppms.map((ppm, i) => {
            const rate = 100 * (1 + ppm * 1e-6);
            const one = line(stream, 3000 * i, atS, rate);
            atS += 3000 / rate;
            return one;
          });
        });
        const count = 3000 * theirs.length;
        const [clock] = clocksOf(lines, [channel(0, 100, 1e6), channel(1, 100, count)]);
        expect(clock?.pieces.length).toBeLessThanOrEqual(ours.length + theirs.length);
        const [own, other] = [0, 1].map((stream) => lines.filter((one) => one.channel === stream));
        for (let sample = 0; sample < count; sample += 777) {
          const theirLine = other?.findLast(({ first }) => first <= sample);
          const hostS = (theirLine?.atS ?? NaN) + (sample - (theirLine?.first ?? 0)) / (theirLine?.rate ?? 1);
          const ourLine = own?.findLast(({ atS }) => atS <= hostS) ?? own?.[0];
          const truth =
            ((ourLine?.first ?? NaN) + (hostS - (ourLine?.atS ?? 0)) * (ourLine?.rate ?? 1)) / 100;
          expect(Math.abs(timeOfSample(clock?.pieces, 100, sample) - truth)).toBeLessThan(0.51e-3);
        }
      },
    ),
    { numRuns: 50 },
  );
});
