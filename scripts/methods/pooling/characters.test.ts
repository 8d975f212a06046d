import { expect, test } from "vitest";
import { rateSpec, trainingStep } from "../../../main/compute/optimiser.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { withRuntime } from "../identity/networks.ts";
import { outerLoop, startingValues, type Pooling } from "./characters-network.ts";
import { PIXELS, TASK, turned, WAYS } from "./tasks.ts";

test("a quarter of a turn takes the last column to the first row; four give the image back", () => {
  const image = Float32Array.from({ length: PIXELS }, (_, at) => at);
  const side = Math.sqrt(PIXELS);
  const once = turned(image, 1);
  expect([...once.subarray(0, side)]).toEqual(
    Array.from({ length: side }, (_, row) => row * side + side - 1),
  );
  expect(turned(image, 4)).toEqual(image);
});

/** Of each parameter: length of its slope, and how the loss changes along it. */
async function slopesOf(runtime: Runtime, by: Pooling): Promise<{ length: number; along: number }[]> {
  const loop = outerLoop(by, { tasks: 1 });
  const training = trainingStep(loop.loss, loop.specs, { kind: "sgd", beta1: 0 });
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...loop.feeds]);
  const random = seededRandom(5);
  const x = Float32Array.from({ length: TASK * PIXELS }, () => random.next());
  const y = Float32Array.from({ length: TASK * WAYS }, (_, at) =>
    Number(at % WAYS === Math.floor(at / WAYS) % WAYS),
  );
  const start = startingValues(by, 1);
  const stepFrom = async (values: readonly Float32Array[], rate: number): Promise<number> => {
    await compiled.write(training.initialState(values));
    return compiled.run([Float32Array.of(rate), x, y]);
  };
  await stepFrom(start, 1);
  const after = training.parameters(await compiled.read());
  const found: { length: number; along: number }[] = [];
  for (const [at, values] of start.entries()) {
    const own = values.map((value, i) => value - (after[at]?.[i] ?? 0));
    const length = Math.sqrt(own.reduce((sum, one) => sum + one * one, 0));
    const lossAt = (far: number): Promise<number> => {
      const moved = values.map((value, i) => value + (far * (own[i] ?? 0)) / length);
      return stepFrom(start.with(at, moved), 0);
    };
    const far = 3e-4 / (1 + length); // short, for the slope jumps where a unit begins to be active
    found.push({ length, along: ((await lossAt(far)) - (await lossAt(-far))) / (2 * far) });
  }
  await compiled.dispose();
  return found;
}

// Through the inner step: without its second derivatives these slopes would be others.
test.each<Pooling>(["learned", "mean"])(
  "slopes of the outer loop are those of the loss: %s pooling",
  async (by) => {
    const slopes = await withRuntime((runtime) => slopesOf(runtime, by));
    for (const { length, along } of slopes) {
      expect(length).toBeGreaterThan(0);
      expect(along / length).toBeGreaterThan(0.97);
      expect(along / length).toBeLessThan(1.03);
    }
  },
);
