import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfTest } from "../self-check/self-check.ts";
import type { Runtime } from "../runtime.ts";
import { loadAddon } from "./addon.ts";
import { skipWithout } from "./testing.ts";
import { tensorflowRuntime } from "./runtime.ts";

// A process has one setting for good: XLA is tried in a file, and so a process, of its own.
describe.skipIf(skipWithout("XLA"))("libtensorflow with its compiler", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await tensorflowRuntime({ threads: 1, xla: true });
  });
  afterAll(() => runtime.dispose());

  test("says so in its name", () => expect(runtime.name).toMatch(/^libtensorflow (cpu|cuda) xla x1$/));

  test("gives the reference's gradients", { timeout: 120_000 }, async () => {
    const { largestError, tolerance } = await selfTest(runtime);
    expect(largestError).toBeLessThan(tolerance);
    expect(largestError).toBeGreaterThan(0); // it computed, and not as the reference does
  });

  test("cannot be switched off in the same process", () =>
    expect(() => loadAddon({ threads: 1, xla: false })).toThrow("with 1 thread and XLA"));
});
