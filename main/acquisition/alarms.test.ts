import { expect, test } from "vitest";
import type { DeviceState } from "../../preload/contract/acquisition.ts";
import { alarmsOf } from "./alarms.ts";

const device = (change: Partial<DeviceState> = {}): DeviceState => ({
  ...{ protocol: "cyton", port: "COM3", link: "streaming", silentS: 0, attempts: 0, identity: { facts: {} } },
  ...{ received: 0, lost: {}, isLossExact: true, lostShare5s: 0, longestGapS: 0, gaps: 0, skippedBytes: 0 },
  ...change,
});
const well = {
  ...{ devices: [device()], elapsedS: 100, waiting: { memoryBytes: 0, spillBytes: 0 }, leftS: 1e6 },
  writer: { failure: undefined, lostSamples: 0, isHeld: false },
};
const told = (change: Partial<Parameters<typeof alarmsOf>[0]>) =>
  alarmsOf({ ...well, ...change }).map(({ kind, values }) => [kind, values] as const);

test("of what is well nothing is told", () => {
  expect(told({})).toEqual([]);
  expect(told({ leftS: undefined, writer: undefined })).toEqual([]);
});

test("a disk is told from the last hour on, with the whole minutes that are left", () => {
  expect(told({ leftS: 3600 })).toEqual([]);
  expect(told({ leftS: 3599 })).toEqual([["disk-low", { minutes: 59, leftS: 3599 }]]);
});

test("a device tells one thing of its line, the heaviest, and since when", () => {
  const gone = device({ link: "unplugged", silentS: 2.44, attempts: 3, lostShare5s: 0.5 });
  expect(alarmsOf({ ...well, devices: [device(), gone] })).toMatchObject([
    { kind: "unplugged", device: 1, sinceS: 97.56, values: { port: "COM3", seconds: 2.4, attempts: 3 } },
  ]);
  expect(told({ devices: [device({ link: "silent", silentS: 200 })] })).toEqual([
    ["silent", { port: "COM3", seconds: 200 }],
  ]);
  expect(told({ devices: [device({ lostShare5s: 0.01 })] })).toEqual([]);
  expect(told({ devices: [device({ lostShare5s: 0.011 })] })).toEqual([
    ["loss", { port: "COM3", share: 0.011 }],
  ]);
});

test("a device that sends at another rate than it says is told with both, and how far times drift", () => {
  const clock = { ppm: -2000, errorMs: 0.3, isOff: true, rate: 250 };
  expect(told({ devices: [device({ clock })] })).toEqual([
    ["rate-off", { port: "COM3", sends: 249.5, said: 250, driftS: 7.2 }],
  ]);
  expect(told({ devices: [device({ clock: { ...clock, ppm: 40, isOff: false } })] })).toEqual([]);
});

test("what waits longer than a slow commit is told, and what could be kept nowhere in its place", () => {
  expect(told({ waiting: { memoryBytes: 1 << 20, spillBytes: 0 } })).toEqual([]);
  expect(told({ waiting: { memoryBytes: 1 << 20, spillBytes: 1 } })).toEqual([
    ["storage-slow", { bytes: (1 << 20) + 1, reason: "", spillBytes: 1 }],
  ]);
  expect(told({ writer: { failure: "busy", lostSamples: 0, isHeld: false } })).toEqual([
    ["storage-slow", { bytes: 0, reason: "busy", spillBytes: 0 }],
  ]);
  const waiting = { memoryBytes: 900, spillBytes: 50 };
  expect(told({ waiting, leftS: 0, writer: { failure: "full", lostSamples: 0, isHeld: true } })).toEqual([
    ["storage-held", { bytes: 900, reason: "full" }],
  ]);
  expect(told({ writer: { failure: "full", lostSamples: 7, isHeld: true } })).toEqual([
    ["storage-lost", { samples: 7, reason: "full" }],
  ]);
});
