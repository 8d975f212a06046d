import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, bundleFolder } from "../bundle.fixtures.ts";
import { onnxRuntime } from "../onnx/runtime.ts";
import { referenceRuntime } from "./reference.ts";
import { small, trained } from "./workloads.shared.ts";
import { mlp } from "./workloads.ts";

describe.each(small.map((workload) => [workload.name, workload] as const))(
  "%s on ONNX Runtime",
  (_, workload) => {
    test("has the reference's first 20 losses", async () => {
      const runtime = await onnxRuntime({ threads: 1 });
      const [actual, expected] = [
        (await trained(runtime, workload, { steps: 20 })).losses,
        (await trained(referenceRuntime(), workload, { steps: 20 })).losses,
      ];
      await runtime.dispose();
      expect(expected.at(-1)).toBeLessThan(expected[0]!);
      actual.forEach((loss, step) =>
        expect(Math.abs(loss - expected[step]!)).toBeLessThan(2e-5 * Math.abs(expected[step]!)),
      );
    });

    // Other counts of threads may give other bits: on the LSTM at full size they do.
    test.each([1, 2])("with %i threads gives the same bits twice", async (threads) => {
      const runs: (readonly number[])[] = [];
      for (let run = 0; run < 2; run++) {
        const runtime = await onnxRuntime({ threads });
        runs.push((await trained(runtime, workload, { steps: 20 })).losses);
        await runtime.dispose();
      }
      expect(runs[0]).toEqual(runs[1]);
    });
  },
);

test("10,000 steps take no more memory than the first quarter of them", { timeout: 120_000 }, async () => {
  const runtime = await onnxRuntime({ threads: 1 });
  const sizes: number[] = [];
  const inspect = (step: number): void => {
    if (step % 2500 === 2499) sizes.push(process.memoryUsage().rss);
  };
  await trained(runtime, mlp({ rows: 8, width: 32 }), { steps: 10_000, inspect });
  await runtime.dispose();
  expect(sizes).toHaveLength(4);
  expect(sizes[3]! - sizes[0]!).toBeLessThan(64 * 2 ** 20); // a state lost a step would be 400 MB
});

describe("in processes of their own", { timeout: 120_000 }, () => {
  const outDir = bundleFolder("workloads-test");
  beforeAll(() => bundle({ steps: join(import.meta.dirname, "workloads.fixtures.ts") }, outDir));
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  test.each([1, 2])("the same steps on %i threads give the same bits", (threads) => {
    const run = (): string =>
      execFileSync(process.execPath, [join(outDir, "steps.js"), String(threads)], { encoding: "utf8" });
    const [first, second] = [run(), run()];
    expect(JSON.parse(first)).toHaveLength(small.length);
    expect(new Set(JSON.parse(first) as string[]).size).toBe(small.length);
    expect(first).toBe(second);
  });
});

test("sixty sessions, disposed of, leave their memory", async () => {
  const runtime = await onnxRuntime({ threads: 1 });
  const sizes: number[] = [];
  for (let session = 0; session < 60; session++) {
    await trained(runtime, small[0]!, { steps: 1 });
    if (session % 20 === 19) sizes.push(process.memoryUsage().rss);
  }
  await runtime.dispose();
  expect(sizes[2]! - sizes[0]!).toBeLessThan(48 * 2 ** 20);
});
