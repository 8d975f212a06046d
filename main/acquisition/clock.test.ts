import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorsMs, simulateLine, usual, type Line } from "./clock.fixtures.ts";
import { createClock, type Clock } from "./clock.ts";
import { uniformFrom } from "../signal/random.ts";

const WARM_S = 60;

/** Times as they are given while it runs, against the true ones. */
function follow(line: Line, indexOf: (index: number, received: number) => number = (index) => index) {
  const { trueS, reads } = simulateLine(line);
  const clock = createClock(line.rate);
  const errors: number[] = [];
  let [received, before, falls] = [0, -Infinity, 0];
  for (const { first, index, arrivedS } of reads) {
    received += index - first + 1;
    const counted = indexOf(index, received);
    clock.arrived(counted, arrivedS);
    const timeS = clock.timeOf(counted);
    if (timeS < before) falls += 1;
    before = timeS;
    const madeS = trueS[index] ?? NaN;
    if (madeS > WARM_S) errors.push(timeS - madeS);
  }
  return { ...errorsMs(errors), falls, clock };
}

describe("times of samples", () => {
  test("are within 2 ms of the true ones behind an adapter that collects for 16 ms, and never fall", () => {
    const { bias, sd, max, falls, clock } = follow(usual);
    expect(sd).toBeLessThan(0.5);
    expect(max).toBeLessThan(2.1);
    expect(bias).toBeLessThan(2.5); // plain least squares over all samples: 9.1
    expect(falls).toBe(0);
    expect(Math.abs(clock.state.ppm - 50)).toBeLessThan(3);
    expect(clock.state.isRateWrong).toBe(false);
    expect(clock.state.jump).toBeUndefined();
  });

  test("are wrong by seconds where losses do not advance the index", () => {
    const { sd, clock } = follow(usual, (_, received) => received - 1);
    expect(sd).toBeGreaterThan(50);
    expect(clock.state.jump?.byMs).toBeGreaterThan(2900); // the 3 s that nothing told of
    expect(clock.state.isRateWrong).toBe(true);
  });

  test.each([
    ["an adapter at 1 ms", { batchS: 0.001 }, 0.2],
    ["a rate that wanders by 5 ppm", { wanderPpm: 5, seconds: 1200, batchS: 0.001 }, 0.5],
    ["480 ppm", { ppm: 480 }, 0.3],
    ["a radio link of bursts", { rate: 1000, batchS: 0, radioS: 0.015, stallShare: 0 }, 0.6],
  ])("follow %s", (_, how, limitMs) => {
    const { p99, falls } = follow({ ...usual, ...how });
    expect(p99).toBeLessThan(limitMs);
    expect(falls).toBe(0);
  });

  test.each([[-20_000], [-4000], [-2500], [2500], [4000], [20_000]])(
    "follow a device that sends at a rate %i ppm off, which is known within half a minute",
    (ppm) => {
      const line = { ...usual, ppm };
      const { trueS, reads } = simulateLine(line);
      const clock = createClock(line.rate);
      for (const { index, arrivedS } of reads) if (arrivedS < 30) clock.arrived(index, arrivedS);
      expect(Math.abs(clock.state.ppm - ppm)).toBeLessThan(60);
      expect(clock.state.isRateWrong).toBe(true);
      expect(Math.abs(clock.timeOf(7000) - (trueS[7000] ?? NaN))).toBeLessThan(5e-3);
      const { p99, falls } = follow(line);
      expect(p99).toBeLessThan(2.1);
      expect(falls).toBe(0);
    },
  );

  test("are not led astray by a host that is held up more and more", () => {
    const clock = createClock(250);
    const uniform = uniformFrom(5);
    let heldS = 0;
    for (let index = 3; index < 250 * 120; index += 4) {
      const madeS = index / 250;
      if (madeS > 40 && madeS < 70 && uniform() < 0.02) heldS += 0.05 * uniform(); // for as long as a queue fills
      if (madeS > 70) heldS = 0;
      clock.arrived(index, madeS + heldS - 0.0005 * Math.log(1 - uniform()));
    }
    expect(Math.abs(clock.state.ppm)).toBeLessThan(20);
    expect(Math.abs(clock.timeOf(29_000) - 116)).toBeLessThan(2e-3);
  });

  test("and indices are each other's inverse", () => {
    const { clock } = follow({ ...usual, seconds: 100 });
    expect(clock.indexAt(clock.timeOf(30_000))).toBeCloseTo(30_000, 6);
  });

  test("stay exact over a day of a monitor that sends once a second", () => {
    const clock = createClock(4);
    for (let s = 1; s <= 86_400; s++) clock.arrived(4 * s - 1, s * (1 - 20e-6) + (s % 7) * 0.003);
    expect(Math.abs(clock.state.ppm - 20)).toBeLessThan(2);
    expect(clock.timeOf(4 * 86_400 - 1) - 86_400 * (1 - 20e-6)).toBeLessThan(0.006);
  });
});

test("whatever arrives, times are numbers and never fall", () => {
  const read = fc.record({
    samples: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(1, 1e6, 1e12)),
    waitS: fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0, 1e5)),
    isNew: fc.integer({ min: 0, max: 20 }).map((n) => n === 0),
  });
  fc.assert(
    fc.property(fc.constantFrom(0.25, 4, 250, 4000), fc.array(read, { maxLength: 300 }), (rate, reads) => {
      const clock = createClock(rate);
      let [index, arrivedS, before] = [-1, 0, -Infinity];
      for (const { samples, waitS, isNew } of reads) {
        if (isNew) clock.restart();
        index += samples;
        arrivedS += waitS;
        clock.arrived(index, arrivedS);
        const timeS = clock.timeOf(index);
        expect(timeS).toBeGreaterThanOrEqual(before);
        before = timeS;
        expect(Number.isFinite(clock.state.ppm) && Number.isFinite(clock.state.errorMs)).toBe(true);
      }
    }),
  );
});

describe("a device that was away", () => {
  /** Reads up to an outage, and those of the second after it, counted anew. */
  function away(line: Line, atS: number, lengthS: number) {
    const { trueS, reads } = simulateLine({ ...line, seconds: atS + lengthS + 120, away: [[atS, lengthS]] });
    const clock = createClock(line.rate);
    const back = reads.findIndex(({ index }) => (trueS[index] ?? 0) > atS + lengthS);
    const [before, after] = [reads.slice(0, back), reads.slice(back)];
    for (const { index, arrivedS } of before) clock.arrived(index, arrivedS);
    const start = after[0]?.first ?? NaN;
    const counted = after.map(({ index, arrivedS }) => ({ index: index - start, arrivedS }));
    const second = counted.filter(({ arrivedS }) => arrivedS < (counted[0]?.arrivedS ?? 0) + 1);
    const got = clock.resumeIndex(second);
    clock.restart();
    return { clock, start, got, counted, trueS };
  }
  const seeds = Array.from({ length: 8 }, (_, i) => i + 1);

  test.each([30, 600])("for %i s goes on at the very sample, once its rate was learnt", (lengthS) => {
    for (const seed of seeds) {
      const { start, got } = away({ ...usual, batchS: 0.001, wanderPpm: 1, seed }, 90 + 7 * seed, lengthS);
      expect(got).toBe(start);
    }
  });

  test.each([30, 600])("for %i s is within a sample where the adapter collects for 16 ms", (lengthS) => {
    for (const seed of seeds) {
      const { start, got } = away({ ...usual, seed }, 300 + 7 * seed, lengthS);
      expect(Math.abs(got - start)).toBeLessThanOrEqual(1);
    }
  });

  test.each([30, 600])("for %i s has times within 2 ms from its first second on", (lengthS) => {
    const errors: number[] = [];
    for (const seed of seeds) {
      const { clock, start, got, counted, trueS } = away({ ...usual, batchS: 0.001, seed }, 120, lengthS);
      for (const { index, arrivedS } of counted) {
        clock.arrived(index + got, arrivedS);
        errors.push(clock.timeOf(index + got) - (trueS[index + start] ?? NaN));
      }
    }
    const { p99 } = errorsMs(errors);
    expect(p99).toBeLessThan(2);
  });

  test("before its rate was learnt goes on at the nominal one", () => {
    const clock = createClock(250);
    expect(clock.resumeIndex([{ index: 3, arrivedS: 5 }])).toBe(0); // nothing came before
    clock.arrived(0, 10);
    expect(clock.resumeIndex([{ index: 4, arrivedS: 20 }])).toBe(2496);
    expect(clock.resumeIndex([{ index: 9, arrivedS: 10 }])).toBe(1); // an index is given once
  });
});

describe("a host that stands still again and again", () => {
  /** Reads of a line of which few come in time: late by up to half a second for seconds on end, in time at least every 5 s. */
  function starved(
    seed: number,
    { rate, everyS, ppm }: { rate: number; everyS: number; ppm: number },
    fromS: number,
  ) {
    const uniform = uniformFrom(seed);
    const reads: { index: number; arrivedS: number; madeS: number }[] = [];
    const endS = fromS + 8 + (uniform() < 0.1 ? 900 : 12) * uniform();
    let [inTimeS, untilS, readS] = [fromS, 0, 0];
    for (let s = fromS + 3 * uniform(); s < endS; s += everyS) {
      const index = Math.round(s * rate);
      const madeS = index / (rate * (1 + ppm * 1e-6));
      if (s > untilS && uniform() < 0.3) untilS = s + 4 * uniform();
      const isLate = s < untilS && s - inTimeS < 5 - 2 * everyS;
      if (!isLate) [inTimeS, untilS] = [s, Math.min(s, untilS)];
      readS = isLate ? Math.max(readS, madeS + 0.01 + 0.5 * uniform()) : madeS;
      reads.push({ index, arrivedS: readS, madeS });
    }
    return reads;
  }

  test("has times within 2 ms all the same, also of a device that was away meanwhile", () => {
    const kinds = fc.constantFrom(
      { rate: 1000, everyS: 0.016 },
      { rate: 250, everyS: 0.004 },
      { rate: 4, everyS: 0.25 },
      { rate: 4, everyS: 1 }, // a message a second
    );
    fc.assert(
      fc.property(fc.nat(), kinds, fc.double({ min: -60, max: 60, noNaN: true }), (seed, kind, ppm) => {
        const clock = createClock(kind.rate);
        for (const fromS of [0, 1000, 2000]) {
          const reads = starved(seed + fromS, { ...kind, ppm }, fromS);
          for (const { index, arrivedS } of reads) clock.arrived(index, arrivedS);
          const worst = reads.reduce(
            (most, { index, madeS }) => Math.max(most, Math.abs(clock.timeOf(index) - madeS)),
            0,
          );
          expect(worst * 1e3).toBeLessThan(2);
          clock.restart();
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("a warning", () => {
  const run = (clock: Clock, fromS: number, toS: number, lateS = 0, ppm = 0): void => {
    for (let s = fromS; s < toS; s += 0.02) {
      const index = Math.floor(s * 250);
      clock.arrived(index, index / 250 / (1 + ppm * 1e-6) + lateS);
    }
  };

  test("tells a rate that is more than 500 ppm off", () => {
    const clock = createClock(250);
    run(clock, 0, 60, 0, 800);
    expect(clock.state).toMatchObject({ isRateWrong: true, isFitted: true });
    expect(clock.state.ppm).toBeCloseTo(800, -1);
  });

  test("tells a jump of more than 50 ms once it lasts, and the times follow", () => {
    const clock = createClock(250);
    run(clock, 0, 60);
    run(clock, 60, 62, 0.3); // the host stalls
    run(clock, 62, 70);
    expect(clock.state.jump).toBeUndefined();
    run(clock, 70, 80, 0.3);
    expect(clock.state.jump?.byMs).toBeCloseTo(300, 0);
    expect(clock.state.jump?.atS).toBeLessThan(77.5);
    expect(clock.timeOf(19_990)).toBeCloseTo(19_990 / 250 + 0.3, 3);
  });
});

test("of the first second the least late read counts, also where each came a little less late than those before", () => {
  const clock = createClock(250);
  const lateMs = (read: number): number => Math.max(0, 30 - 12 * read, 10 - read);
  const told: number[] = [];
  for (let read = 0; read < 40; read += 1) {
    clock.arrived(10 * read, (10 * read) / 250 + lateMs(read) / 1e3);
    told.push(clock.timeOf(0) * 1e3);
  }
  expect(told.slice(10).every((ms) => Math.abs(ms) < 0.1)).toBe(true);
});
