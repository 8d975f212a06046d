import { afterEach, expect, test, vi } from "vitest";
import { hostClock } from "../../state/host-clock.ts";
import { momentOf, recordedAt } from "./recorder-clock.ts";

afterEach(() => vi.useRealTimers());

test("a moment lies where the recording was then, however old what the recorder said is, and never before its begin", () => {
  const early = { elapsedS: 2, hostTime: { saidS: 102, zeroS: 100 } };
  const elapsed = { elapsedS: 7 };
  expect(recordedAt(early, 5000), "nothing was heard yet").toBe(2);
  hostClock.heard(101, 1000); // the host is 100 s ahead of the page
  expect(recordedAt(early, 1000)).toBe(1);
  expect(recordedAt(early, 31_000)).toBe(31);
  expect(recordedAt(early, -500)).toBe(0);
  expect(recordedAt(elapsed, 31_000), "nothing is recorded").toBe(7);
});

test("an event tells when it happened, which is never later than now", () => {
  vi.useFakeTimers({ now: 0, toFake: ["performance"] });
  vi.advanceTimersByTime(5000);
  expect(momentOf({ timeStamp: 3500 })).toBe(3500);
  expect(momentOf({ timeStamp: 9e12 })).toBe(5000);
});
