import { describe, expect, test } from "vitest";
import type { SignalSource } from "../../fronts/front.ts";
import { bridged, CHANNELS, eventInput, ROWS, rowOf } from "./input.ts";
import { traces } from "./recordings.fixtures.ts";

const bridges = { bridgeFhrS: 0, bridgeUcS: 30 };
const rate = (s: number): number => 140 + 20 * Math.sin(s / 90);
const activity = (s: number): number => 20 + 15 * Math.sin(s / 40);

const rowsOf = (source: SignalSource): Float32Array => eventInput(source, bridges).x;

describe("the seven rows", () => {
  test("are the same at any sample rate, up to what happens within a second", () => {
    const at = (fhrHz: number, ucHz: number): Float32Array =>
      rowsOf(
        traces(1200, [
          { role: "fhr", hz: fhrHz, at: rate },
          { role: "uc", hz: ucHz, at: activity },
        ]),
      );
    const plain = at(4, 4);
    for (const other of [at(1, 2), at(2, 0.5), at(3.9, 8)]) {
      expect(other).toHaveLength(plain.length);
      let largest = 0;
      plain.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - (other[i] ?? NaN)))));
      expect(largest).toBeLessThan(0.06);
    }
  });

  test("are 0 with their mask where a channel is missing altogether", () => {
    const input = eventInput(traces(900, [{ role: "fhr", hz: 4, at: rate }]), bridges);
    for (const row of [ROWS.uc, ROWS.ucLevel, ROWS.ucMask])
      expect(rowOf(input, row).every((v) => v === 0)).toBe(true);
    expect(rowOf(input, ROWS.fhrMask).every((v) => v === 1)).toBe(true);
    const only = eventInput(traces(900, [{ role: "uc", hz: 1, at: activity }]), bridges);
    expect(only.fhr.observed.every((is) => is === 0)).toBe(true);
  });

  test("do not depend on what lies behind the mask", () => {
    const hidden = (s: number): boolean => (s > 200 && s < 260) || (s > 500 && s < 512);
    const of = (junk: number): Float32Array =>
      rowsOf(
        traces(1000, [
          { role: "fhr", hz: 4, at: (s) => (hidden(s) ? junk : rate(s)), isHidden: hidden },
          { role: "uc", hz: 4, at: (s) => (hidden(s) ? junk : activity(s)), isHidden: hidden },
        ]),
      );
    expect(of(171)).toEqual(of(Number.NaN));
  });
});

test("only gaps up to the limit are bridged, in a straight line, and what was measured stays as it was", () => {
  const values = Float32Array.of(1, 0, 0, 4, 0, 0, 0, 8, 0);
  const observed = Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0);
  const filled = bridged({ values, observed }, 2);
  expect([...filled.values]).toEqual([1, 2, 3, 4, 0, 0, 0, 8, 0]);
  expect([...filled.observed]).toEqual([1, 1, 1, 1, 0, 0, 0, 1, 0]);
  expect([...observed]).toEqual([1, 0, 0, 1, 0, 0, 0, 1, 0]);
});

test("a bridged gap of the contractions is there for the network and stays unobserved", () => {
  const isHidden = (s: number): boolean => s >= 300 && s < 320;
  const input = eventInput(traces(900, [{ role: "uc", hz: 4, at: activity, isHidden }]), bridges);
  expect(input.x[310 * CHANNELS + ROWS.ucMask]).toBe(1);
  expect(input.uc.observed[310]).toBe(0);
});
