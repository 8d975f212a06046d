import { beforeEach, expect, test } from "vitest";
import { HostClock } from "./host-clock.ts";

const APART_S = 5000.25; // the host's seconds, less the page's

let clock: HostClock;
beforeEach(() => {
  clock = new HostClock();
});

/** A state that is said at a moment of the page (seconds), and is heard so many seconds later. */
const hear = (atS: number, delayS: number): void => clock.heard(atS + APART_S, (atS + delayS) * 1000);
const wrongMs = (atS: number): number => ((clock.at(atS * 1000) ?? NaN) - atS - APART_S) * 1000;

test("of states that are heard more or less late the one that was heard soonest tells the host's time", () => {
  expect(clock.at(1000)).toBeUndefined();
  hear(1, 0.04);
  expect(wrongMs(1)).toBeCloseTo(-40, 6);
  hear(1.25, 0.002);
  for (let atS = 1.5; atS < 60; atS += 0.25) hear(atS, 0.1 + 0.03 * Math.sin(atS)); // a page that is busy
  expect(wrongMs(60)).toBeCloseTo(-2, 6);
});

test("a page that stands still hears of many states at once, and knows the host's time as before", () => {
  hear(1, 0.002);
  for (let atS = 1.25; atS < 121; atS += 0.25) hear(atS, 121.2 - atS);
  expect(wrongMs(121.2)).toBeCloseTo(-2, 6);
});

test("where only one of the two clocks counted a sleep of the computer, that is made up for within two seconds", () => {
  hear(1, 0.002);
  for (let n = 0; n < 7; n += 1) hear(601 + n / 4, 600.002); // the page counted ten minutes more
  expect(wrongMs(700)).toBeCloseTo(-2, 6);
  hear(602.75, 600.004);
  expect(wrongMs(700)).toBeCloseTo(-600_002, 3);
  hear(612, -1200); // or the host did
  expect(wrongMs(700)).toBeCloseTo(1_200_000, 3);
});
