import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { watchLoop } from "./vitals.ts";

const quiet = { note: () => undefined, error: () => undefined };

test.runIf(process.platform === "linux")(
  "work of main's own is told apart from a loop that had to wait for the machine",
  async () => {
    const { vitals, stop } = watchLoop(quiet);
    try {
      await pause(30);
      vitals.reset();
      await pause(30); // the sampler starts anew
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120); // held up, computing nothing
      await pause(30);
      expect(vitals.maxBlockMs()).toBeGreaterThan(80);
      expect(vitals.maxOwnMs()).toBeLessThan(60);

      const before = process.cpuUsage();
      while (process.cpuUsage(before).user < 150_000); // microseconds
      await pause(30);
      expect(vitals.maxOwnMs()).toBeGreaterThan(90);
      vitals.reset();
      expect(vitals.maxOwnMs()).toBeLessThan(90);
    } finally {
      stop();
    }
  },
);
