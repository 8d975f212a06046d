import { expect, test } from "vitest";
import { leadOffCommand } from "./commands.ts";
import { impedanceOhm } from "./impedance.ts";

const CURRENT_A = 6e-9;
const tone = (ohm: number, frequency: number, seconds: number): number[] =>
  Array.from(
    { length: 250 * seconds },
    (_, i) => 0.01 + CURRENT_A * ohm * Math.sin((2 * Math.PI * frequency * i) / 250 + 0.7),
  );

test.each([1, 2, 4])("electrode and series resistor are told apart, in %i s", (seconds) => {
  expect(impedanceOhm(tone(52_200, 31.5, seconds), 250) / 50_000).toBeCloseTo(1, 1);
});

test("muscle activity beside the band does not count in", () => {
  const muscle = tone(400_000, 80, 2);
  const both = tone(52_200, 31.5, 2).map((volts, i) => volts + (muscle[i] ?? 0));
  expect(impedanceOhm(both, 250) / 50_000).toBeCloseTo(1, 1);
});

test("less than the series resistor is nothing, and so are no samples", () => {
  expect(impedanceOhm(tone(1000, 31.5, 2), 250)).toBe(0);
  expect(impedanceOhm([], 250)).toBe(0);
});

test("the test current is switched by channel and input", () => {
  expect([leadOffCommand(4, "P"), leadOffCommand(2, "N"), leadOffCommand(9)]).toEqual([
    "z410Z",
    "z201Z",
    "zQ00Z",
  ]);
});
