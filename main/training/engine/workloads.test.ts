import { describe, expect, test } from "vitest";
import { rateSpec, trainingStep } from "../optimiser.ts";
import { onnxRuntime } from "./onnx/runtime.ts";
import { referenceRuntime } from "./reference.ts";
import type { Runtime } from "./runtime.ts";
import { cnn, lstm, mlp } from "./workloads.ts";
import type { Workload } from "./workloads.ts";

/** The three workloads, small enough for the reference. */
const small: readonly Workload[] = [
  mlp({ rows: 32, width: 32 }),
  cnn({ rows: 4, time: 30, channels: 6 }),
  lstm({ rows: 5, time: 7, hidden: 8 }),
];

async function losses(
  runtime: Runtime,
  { specs, values, feedSpecs, feeds, loss }: Workload,
  steps: number,
  inspect?: (step: number) => void,
): Promise<number[]> {
  const training = trainingStep(loss, specs, { kind: "adam" });
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feedSpecs]);
  await compiled.write(training.initialState(values));
  const seen: number[] = [];
  for (let step = 0; step < steps; step++) {
    seen.push(await compiled.run([Float32Array.of(1e-3), ...feeds]));
    inspect?.(step);
  }
  await compiled.dispose();
  return seen;
}

describe.each(small.map((workload) => [workload.name, workload] as const))(
  "%s on ONNX Runtime",
  (_, workload) => {
    test("has the reference's first 20 losses", async () => {
      const runtime = await onnxRuntime({ threads: 1 });
      const [actual, expected] = [
        await losses(runtime, workload, 20),
        await losses(referenceRuntime(), workload, 20),
      ];
      await runtime.dispose();
      expect(expected.at(-1)).toBeLessThan(expected[0]!);
      actual.forEach((loss, step) =>
        expect(Math.abs(loss - expected[step]!)).toBeLessThan(2e-5 * Math.abs(expected[step]!)),
      );
    });

    // Other counts of threads may give other bits: on the LSTM at full size they do.
    test.each([1, 2])("with %i threads gives the same bits twice", async (threads) => {
      const runs: number[][] = [];
      for (let run = 0; run < 2; run++) {
        const runtime = await onnxRuntime({ threads });
        runs.push(await losses(runtime, workload, 20));
        await runtime.dispose();
      }
      expect(runs[0]).toEqual(runs[1]);
    });
  },
);

test("2,000 steps take no more memory than the first hundreds", async () => {
  const runtime = await onnxRuntime({ threads: 1 });
  const sizes: number[] = [];
  await losses(runtime, mlp({ rows: 8, width: 64 }), 2000, (step) => {
    if (step % 500 === 499) sizes.push(process.memoryUsage().rss);
  });
  await runtime.dispose();
  expect(sizes).toHaveLength(4);
  expect(sizes[3]! - sizes[0]!).toBeLessThan(64 * 2 ** 20); // a state lost a step would be 230 MB
});

test("sixty sessions, disposed of, leave their memory", async () => {
  const runtime = await onnxRuntime({ threads: 1 });
  const sizes: number[] = [];
  for (let session = 0; session < 60; session++) {
    await losses(runtime, small[0]!, 1);
    if (session % 20 === 19) sizes.push(process.memoryUsage().rss);
  }
  await runtime.dispose();
  expect(sizes[2]! - sizes[0]!).toBeLessThan(48 * 2 ** 20);
});
