import fc from "fast-check";
import { expect, test } from "vitest";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { Piece } from "../signal/piece.ts";
import { createClock } from "./clock.ts";
import { StreamTrack } from "./stream-track.ts";

const RATE = 100;
const trackOf = (): StreamTrack => new StreamTrack({ channel: 0, width: 2, rate: RATE }, createClock(RATE));

/** Samples whose values are the device's index, and its negative. */
const samplesFrom = (first: number, count: number) => ({
  kind: "samples" as const,
  ...{ stream: 0, first, count },
  values: Int32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 1 : -1) * (first + (i >> 1))),
});

/** Value and reason of each sample of the first channel, all pieces one after another without a hole. */
function laid(pieces: readonly Piece[]): (number | { reason: number })[] {
  const all: (number | { reason: number })[] = [];
  for (const piece of pieces) {
    expect(piece.first).toBe(all.length);
    for (let i = 0; i < piece.count; i += 1)
      all.push(
        piece.kind === "gap" || piece.reasons[2 * i] !== 0
          ? { reason: piece.kind === "gap" ? piece.reason : (piece.reasons[2 * i] ?? 0) }
          : (piece.values[2 * i] ?? NaN),
      );
  }
  return all;
}

test("before the recording nothing is kept, and its first sample is the one that was made as it began", () => {
  const track = trackOf();
  for (let i = 0; i < 50; i += 1)
    expect(track.samples(samplesFrom(10 * i, 10), 7 + (10 * i + 9) / RATE)).toMatchObject([
      { index: undefined },
    ]);
  track.begin(7 + 495 / RATE);
  expect(track.samples(samplesFrom(490, 10), 7 + 499 / RATE)).toMatchObject([{ index: 0 }]);
  track.samples(samplesFrom(500, 10), 7 + 509 / RATE);
  const values = laid(track.flush().pieces).filter((one) => typeof one === "number");
  expect(values).toEqual(Array.from({ length: 15 }, (_, i) => 495 + i));
});

test("what was lost, what was silent and an outage are gaps of their own reasons, and as long as they were", () => {
  const track = trackOf();
  track.begin(0);
  track.samples(samplesFrom(0, 100), 0.99);
  track.samples(samplesFrom(100, 200), 2.99);
  track.lost({ kind: "lost", stream: 0, first: 300, count: 7, reason: "checksum" }, 3);
  track.samples(samplesFrom(307, 93), 3.99);
  track.silent(6, maskReasons.stalled);
  track.silent(7, maskReasons.linkDown);
  track.restart(maskReasons.linkDown);
  expect(track.samples(samplesFrom(0, 10), 10.099)).toEqual([]); // one read does not tell where it lies
  track.samples(samplesFrom(10, 90), 10.99);
  track.samples(samplesFrom(100, 20), 11.19);
  const all = laid(track.flush().pieces);
  expect(all).toHaveLength(1120);
  expect(all.slice(300, 307)).toEqual(Array(7).fill({ reason: maskReasons.damagedPacket }));
  expect(all.slice(400, 600)).toEqual(Array(200).fill({ reason: maskReasons.stalled }));
  expect(all.slice(600, 1000)).toEqual(Array(400).fill({ reason: maskReasons.linkDown }));
  expect(all.slice(1000)).toEqual(Array.from({ length: 120 }, (_, i) => i));
});

test("what is told of a recording ends with its last sample or gap, whatever the time", () => {
  const track = trackOf();
  track.begin(0);
  expect(track.toldS).toBe(0);
  track.samples(samplesFrom(0, 100), 0.99);
  expect(track.toldS).toBeCloseTo(0.99, 6); // of the next nobody knows
  track.silent(3, maskReasons.linkDown);
  expect(track.toldS).toBeCloseTo(2.99, 6);
  track.restart(maskReasons.linkDown);
  track.samples(samplesFrom(0, 10), 4.09); // waits for its place
  expect(track.toldS).toBeCloseTo(2.99, 6);
  const fit = { channel: 0, session: 0, first: 100, atS: 2, rate: RATE / 2, errorMs: 1 };
  track.begin(0, { next: 200, fit });
  expect(track.toldS).toBeCloseTo(3.98, 6); // of one that goes on, by the clock of before
});

test("while nothing has come to one that goes on, its silence and what happens lie where its clock of before says", () => {
  const track = trackOf();
  expect(track.recordedS(5)).toBe(0); // nothing is recorded
  const fit = { channel: 0, session: 0, first: 100, atS: 1.5, rate: 0.99 * RATE, errorMs: 1 };
  track.begin(10, { next: 700, fit });
  expect(track.recordedS(21.5)).toBeCloseTo((100 + 10 * 99) / RATE, 9);
  track.silent(21.5, maskReasons.linkDown);
  expect(track.next).toBe(1090); // 1150 by the host's seconds: what is made at 22 s would follow too late
  track.restart(maskReasons.linkDown);
  track.samples(samplesFrom(0, 100), 22.003 + 99 / 99);
  expect(track.placedS(0)).toBeUndefined(); // one read does not tell where it lies
  track.samples(samplesFrom(100, 100), 22.003 + 199 / 99);
  expect(track.placedS(200)).toBe(Math.round(100 + 10.503 * 99) / RATE + 2); // what was made at 22.003 s lies there
});

test("of the first reads of one that goes on the least late one tells where they lie", () => {
  const track = trackOf();
  const fit = { channel: 0, session: 0, first: 0, atS: 0, rate: RATE, errorMs: 1 };
  track.begin(10, { next: 700, fit });
  track.restart(maskReasons.linkDown);
  const lateS = [0.4, 0.21, 0.002, 0.3, 0.1]; // a machine that is busy, as it is while a process begins
  const placed = Array.from({ length: 30 }, (_, i) =>
    track.samples(samplesFrom(10 * i, 10), 20 + (10 * i + 9) / RATE + (lateS[i % 5] ?? 0)),
  );
  expect(placed.slice(0, 9).flat()).toEqual([]);
  expect(placed.flat().map(({ index }) => index)).toEqual(
    Array.from({ length: 30 }, (_, i) => 1000 + 10 * i),
  );
  const all = laid([{ kind: "gap", channel: 0, first: 0, count: 700, reason: 1 }, ...track.flush().pieces]);
  expect(all.slice(700, 1000)).toEqual(Array(300).fill({ reason: maskReasons.linkDown }));
  expect(all.slice(1000)).toEqual(Array.from({ length: 300 }, (_, i) => i));
});

test("a moment of a recording lies at the sample that is made then, whatever the host's clock says", () => {
  const track = trackOf();
  const [paceS, beganS] = [1.001 / RATE, 7];
  track.begin(beganS);
  expect(track.recordedS(8)).toBe(1); // nothing has come that tells
  for (let i = 0; i < 300; i += 1) track.samples(samplesFrom(10 * i, 10), beganS + (10 * i + 9) * paceS);
  expect(track.placedS(2000)).toBeCloseTo(20, 9);
  expect(track.recordedS(beganS + 2000 * paceS)).toBeCloseTo(20, 2);
  expect(track.madeS(2000)).toBeCloseTo(beganS + 2000 * paceS, 2);
  track.restart(maskReasons.linkDown);
  expect([track.placedS(1), track.madeS(1)]).toEqual([undefined, undefined]); // where it stands is not known
  expect(track.recordedS(beganS + 4000 * paceS)).toBeCloseTo(40, 1); // by the clock of before
});

test("a monitor that sends four samples a second at once is never told beyond what has come", () => {
  const track = new StreamTrack({ channel: 0, width: 1, rate: 4 }, createClock(4));
  track.begin(0);
  for (let arrivedS = 1; arrivedS < 10; arrivedS += 1) {
    const frame = { ...{ kind: "samples" as const, stream: 0, count: 4 }, values: new Int32Array(4) };
    track.samples({ ...frame, first: 4 * (arrivedS - 1) }, arrivedS);
    expect(track.toldS).toBeLessThan(arrivedS + 1e-6);
  }
});

test("an outage taken for longer than it was leaves nothing out", () => {
  const track = trackOf();
  track.begin(0);
  track.samples(samplesFrom(0, 100), 0.99);
  track.silent(3, maskReasons.stalled);
  track.lost({ kind: "lost", stream: 0, first: 100, count: 50, reason: "counter-gap" }, 3);
  track.samples(samplesFrom(150, 100), 3.2);
  const all = laid(track.flush().pieces);
  expect(all.filter((one) => typeof one === "number")).toEqual([
    ...Array.from({ length: 100 }, (_, i) => i),
    ...Array.from({ length: 100 }, (_, i) => 150 + i),
  ]);
});

test("however samples, losses, silence and outages follow each other, every sample is there once, in order, without a hole", () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant("samples" as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant("lost" as const), count: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ kind: fc.constant("silent" as const), seconds: fc.double({ min: 0, max: 5, noNaN: true }) }),
    fc.record({ kind: fc.constant("restart" as const), seconds: fc.double({ min: 0, max: 5, noNaN: true }) }),
    fc.record({ kind: fc.constant("flush" as const) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const track = trackOf();
      const pieces: Piece[] = [];
      let [at, nowS, sent] = [0, 0, 0];
      track.begin(0);
      for (const one of events) {
        switch (one.kind) {
          case "samples":
            nowS += one.count / RATE;
            track.samples(samplesFrom(at, one.count), nowS);
            at += one.count;
            sent += one.count;
            break;
          case "lost":
            nowS += one.count / RATE;
            track.lost({ kind: "lost", stream: 0, first: at, count: one.count, reason: "counter-gap" }, nowS);
            at += one.count;
            break;
          case "silent":
            nowS += one.seconds;
            track.silent(nowS - 1, maskReasons.stalled);
            break;
          case "restart":
            nowS += one.seconds;
            track.restart(maskReasons.linkDown);
            at = 0;
            break;
          case "flush":
            pieces.push(...track.flush().pieces);
        }
      }
      track.settle();
      pieces.push(...track.flush().pieces);
      const kept = laid(pieces).filter((one) => typeof one === "number");
      expect(kept.length).toBeLessThanOrEqual(sent);
      expect(kept.length).toBeGreaterThanOrEqual(sent - 1); // of those before the recording began none
      expect(track.next).toBe(pieces.reduce((sum, { count }) => sum + count, 0));
    }),
  );
});
