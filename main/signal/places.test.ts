import fc from "fast-check";
import { expect, test } from "vitest";
import { type ClockPiece, placeOfSample, placesOf } from "../../preload/contract/channel-clock.ts";
import { inPlaces } from "../../preload/contract/in-places.ts";
import type { Heard } from "./piece.ts";
import { heardInPlaces, layOut, movedBy, samplesFor } from "./places.ts";

const RATE = 100;
const clocked = (clock: readonly ClockPiece[], sampleCount = 1000) => ({
  ...{ clock, sampleRate: RATE, sampleCount },
});
/** Sample at each place of a span; undefined where there is none. */
function laid(channel: ReturnType<typeof clocked>, first: number, count: number): (number | undefined)[] {
  const samples = samplesFor(channel, { first, count });
  const places = Array.from({ length: count }, (): number | undefined => undefined);
  layOut(channel, samples, { first, count }, (place, sample) => (places[place] = samples.first + sample));
  return places;
}

test("of a device that is slow places stay empty, of one that is fast samples have none, and both are counted", () => {
  const slow = clocked([{ first: 0, atS: 0, rate: RATE / 1.01 }], 201);
  expect(placesOf(slow.clock, slow)).toBe(203);
  const places = laid(slow, 0, 203);
  expect(places.flatMap((sample, i) => (sample === undefined ? [i] : []))).toEqual([50, 151]);
  expect([places[0], places[49], places[51], places[202]]).toEqual([0, 49, 50, 200]);
  expect(movedBy(slow)).toEqual({
    ...{ fromS: 0, toS: expect.closeTo(0.02, 9) as number, leftOut: 0, empty: 2 },
  });
  const fast = clocked([{ first: 0, atS: 0.5, rate: RATE * 1.01 }], 204);
  const places2 = laid(fast, 0, 300);
  expect(places2.slice(0, 50)).toEqual(Array(50).fill(undefined));
  const there = places2.filter((sample) => sample !== undefined);
  expect(there).toHaveLength(204 - 2);
  expect(movedBy(fast)).toMatchObject({ fromS: 0.5, leftOut: 2, empty: 50 });
});

test("pieces that hold no sample count for nothing, and a channel without samples has no places", () => {
  const pieces = [
    { first: 10, atS: 0.1, rate: RATE },
    { first: 20, atS: 0.3, rate: RATE },
    { first: 900, atS: 10, rate: RATE },
  ];
  expect(movedBy(clocked(pieces, 30))).toMatchObject({ fromS: 0, leftOut: 0, empty: 10 });
  expect(movedBy(clocked(pieces, 30)).toS).toBeCloseTo(0.1, 9);
  expect([placesOf(pieces, clocked(pieces, 0)), placesOf(undefined, clocked([], 7))]).toEqual([0, 7]);
  expect(placesOf([{ first: 0, atS: -1, rate: RATE }], clocked([], 7))).toBe(0); // all before the begin
  expect(placeOfSample(undefined, RATE, 3)).toBe(3);
  expect(movedBy(clocked(pieces, 0))).toMatchObject({ leftOut: 0, empty: 0 });
});

test("however it is cut, each place has the same sample, and every sample in order one place at most", () => {
  const piece = fc.record({
    samples: fc.integer({ min: 1, max: 200 }),
    ppm: fc.double({ min: -20_000, max: 20_000, noNaN: true }),
    pauseS: fc.double({ min: 0, max: 0.2, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 97 }),
      (given, cut) => {
        const clock: ClockPiece[] = [];
        let [first, atS] = [0, 0];
        for (const { samples, ppm, pauseS } of given) {
          const rate = RATE * (1 + ppm * 1e-6);
          clock.push({ first, atS: atS + pauseS, rate });
          first += samples;
          atS += pauseS + samples / rate;
        }
        const channel = clocked(clock, first);
        const places = placesOf(clock, channel);
        const whole = laid(channel, 0, places);
        const parts = Array.from({ length: Math.ceil(places / cut) }, (_, i) =>
          laid(channel, i * cut, Math.min(cut, places - i * cut)),
        ).flat();
        expect(parts).toEqual(whole);
        const there = whole.flatMap((sample) => sample ?? []);
        expect(there).toEqual([...new Set(there)].sort((a, b) => a - b));
        const { leftOut, empty } = movedBy(channel);
        expect([first - there.length, places - there.length]).toEqual([leftOut, empty]);
      },
    ),
  );
});

test("what is heard of a channel has the places that are read of it later", () => {
  const clock = [{ first: 0, atS: 0.02, rate: RATE * 1.05 }]; // of 21 samples one falls on the place of another
  const heard = (first: number, count: number): Heard => ({
    ...{ width: 2, arrivedS: 7 },
    piece: {
      ...{ kind: "samples", channel: 4, first, count },
      values: Float64Array.from({ length: 2 * count }, (_, i) => first + (i >> 1)),
      reasons: new Uint8Array(2 * count),
    },
  });
  const placed = new Map<number, number>();
  for (const { piece, width, arrivedS } of [heard(0, 15), heard(15, 30)].flatMap((one) =>
    heardInPlaces(one, { clock, sampleRate: RATE }),
  )) {
    expect([piece.channel, width, arrivedS]).toEqual([4, 2, 7]);
    if (piece.kind === "samples")
      for (let i = 0; i < piece.count; i += 1) placed.set(piece.first + i, piece.values[2 * i] ?? NaN);
  }
  const channel = clocked(clock, 45);
  const read = laid(channel, 0, placesOf(clock, channel));
  expect([...placed]).toEqual(
    read.flatMap((sample, place) => (sample === undefined ? [] : [[place, sample]])),
  );
  const slow = [{ first: 0, atS: 0, rate: RATE / 1.05 }];
  const parts = heardInPlaces(heard(0, 30), { clock: slow, sampleRate: RATE });
  expect(parts.map(({ piece }) => [piece.first, piece.count])).toEqual([
    [0, 10],
    [11, 20],
  ]);
  const gap = { kind: "gap", channel: 4, first: 20, count: 200, reason: 3 } as const;
  const told = heardInPlaces(
    { piece: gap, width: 2, arrivedS: undefined },
    { clock: slow, sampleRate: RATE },
  );
  expect(told.map(({ piece }) => [piece.first, piece.count])).toEqual([[21, 210]]);
  const short = heardInPlaces(
    { piece: { ...gap, first: 10, count: 1 }, width: 2, arrivedS: undefined },
    { clock: [{ first: 0, atS: 0, rate: RATE * 2.5 }], sampleRate: RATE },
  );
  expect(short).toEqual([]);
});

test("a recording is told in places where a channel has a clock of its own, and else as it is", () => {
  const channel = (position: number) => ({
    ...({ position, label: "", unit: "", role: "emg", sampleType: "int16", gain: 1, offset: 0 } as const),
    ...{ sampleRate: RATE, sampleCount: 204, observedCount: 203 },
  });
  const plain = { channels: [channel(0), channel(1)] };
  expect(inPlaces(plain)).toBe(plain);
  const clocks = [{ channels: [1], pieces: [{ first: 0, atS: 0, rate: RATE * 1.01 }] }];
  expect(inPlaces({ ...plain, clocks }).channels).toMatchObject([
    { sampleCount: 204, observedCount: 203 },
    { sampleCount: 202, observedCount: 202 },
  ]);
});
