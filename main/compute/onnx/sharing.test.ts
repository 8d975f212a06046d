import { readdirSync } from "node:fs";
import { matMul, mean, mul, square, sub } from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lossOfModels } from "../loss.ts";
import { rateSpec, trainingStep } from "../optimiser.ts";
import type { Loss } from "../loss.ts";
import type { OptimiserOptions } from "../optimiser.ts";
import { copyOf } from "../feeds.ts";
import { distance } from "../self-check/op-battery.ts";
import { evenParts } from "../parts.ts";
import { onnxDialect, recordPredict, recordStep } from "../recorder.ts";
import { referenceRuntime } from "../self-check/reference.ts";
import { runEach } from "../runtime.ts";
import type { Runtime, TypedArray } from "../runtime.ts";
import { seeded } from "../seeded.ts";
import { sharingOf } from "../threads.ts";
import type { Sharing } from "../threads.ts";
import { cnn, lstm, mlp } from "../self-check/workloads.ts";
import type { Workload } from "../self-check/workloads.ts";
import { onnxBytes } from "./graph.ts";
import { Lane, openLanes } from "./lane.ts";
import { onnxRuntime } from "./runtime.ts";

const STEPS = 11;

/** Losses and the state at the end, in calls as large as the runtime takes. */
async function run(
  runtime: Runtime,
  { loss, specs, values, feedSpecs, feeds }: Omit<Workload, "name">,
  options: Omit<OptimiserOptions, "kind"> = {},
): Promise<{ losses: number[]; state: readonly TypedArray[] }> {
  const training = trainingStep(loss, specs, { kind: "adam", ...options });
  const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feedSpecs]);
  await compiled.write(training.initialState(values));
  const losses: number[] = [];
  const random = seeded(7);
  while (losses.length < STEPS) {
    const count = Math.min(compiled.stepsPerCall ?? 1, STEPS - losses.length);
    const batches = Array.from({ length: count }, () => [
      Float32Array.of(1e-2),
      ...feeds.map((feed) => feed.map((value) => value * (1 + 0.1 * random.uniform()))),
    ]);
    losses.push(...(await runEach(compiled, batches)));
  }
  const state = copyOf(await compiled.read());
  await compiled.dispose();
  return { losses, state };
}

/** Three linear models, each on a batch of its own, and one target that all share. */
function models(): Omit<Workload, "name"> {
  const random = seeded(5);
  const [rows, width] = [6, 4];
  const one: Loss = ([w], [x, y]) => mean(square(sub(matMul(x as Tensor2D, w as Tensor2D), y!)));
  return {
    specs: Array.from({ length: 3 }, () => ({ shape: [width, 1], dtype: "float32" as const })),
    values: Array.from({ length: 3 }, () => random.normals(width)),
    feedSpecs: [
      ...Array.from({ length: 3 }, () => ({ shape: [rows, width], dtype: "float32" as const })),
      { shape: [rows, 1], dtype: "float32" },
    ],
    feeds: [...Array.from({ length: 3 }, () => random.normals(rows * width)), random.normals(rows)],
    loss: lossOfModels([0, 1, 2].map((model) => ({ loss: one, parameters: 1, feeds: [model, 3] }))),
  };
}

async function opened<T>(
  options: Parameters<typeof onnxRuntime>[0],
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const runtime = await onnxRuntime(options);
  try {
    return await work(runtime);
  } finally {
    await runtime.dispose();
  }
}

describe("several models", () => {
  const decay = [{ rate: 0.1 }, undefined, { rate: 0.3, towards: Float32Array.of(1, 2, 3, 4) }];

  test.each([
    [2, 1],
    [2, 4],
    [3, 4],
    [8, 4],
  ])("on %i threads, %i steps a call, end in the bits of one thread", async (threads, stepsPerCall) => {
    const alone = await opened({ threads: 1, stepsPerCall: 1 }, (runtime) =>
      run(runtime, models(), { decay, averaging: 0.9 }),
    );
    const shared = await opened({ threads, stepsPerCall, sharing: "models" }, (runtime) =>
      run(runtime, models(), { decay, averaging: 0.9 }),
    );
    expect(shared.state).toEqual(alone.state);
    expect(distance(shared.losses, alone.losses)).toBeLessThan(1e-6); // added in another order
    expect(alone.losses.at(-1)).toBeLessThan(alone.losses[0]!);
  });

  test("go on from a state in the middle of training, and give it back as it was written", async () => {
    const { loss, specs, values, feedSpecs, feeds } = models();
    const training = trainingStep(loss, specs, { kind: "adam", averaging: 0.9 });
    const inputs = [Float32Array.of(1e-2), ...feeds];
    const on = (options: Parameters<typeof onnxRuntime>[0], state: readonly TypedArray[], steps: number) =>
      opened(options, async (runtime) => {
        const compiled = await runtime.compile(training.step, training.state, [rateSpec, ...feedSpecs]);
        await compiled.write(state);
        const written = copyOf(await compiled.read());
        for (let step = 0; step < steps; step++) await compiled.run(inputs);
        return { written, state: copyOf(await compiled.read()) };
      });
    const half = await on({ threads: 1 }, training.initialState(values), 5);
    const [alone, shared] = [
      await on({ threads: 1 }, half.state, 5),
      await on({ threads: 3, sharing: "models" }, half.state, 5),
    ];
    expect(shared.written).toEqual(half.state);
    expect(shared.state).toEqual(alone.state);
  });

  test.runIf(process.platform === "linux")("leave no thread behind when the runtime goes", async () => {
    const threads = (): number => readdirSync("/proc/self/task").length;
    const before = threads();
    const { loss, specs, feedSpecs } = models();
    const training = trainingStep(loss, specs, { kind: "adam" });
    const runtime = await onnxRuntime({ threads: 3, sharing: "models" });
    await runtime.compile(training.step, training.state, [rateSpec, ...feedSpecs]);
    expect(threads()).toBeGreaterThan(before);
    await runtime.dispose();
    await expect.poll(threads).toBeLessThanOrEqual(before);
  });

  test("stay one where the length of the whole gradient matters", () => {
    const { loss, specs } = models();
    expect(trainingStep(loss, specs, { kind: "adam" }).step.apart?.(2)?.steps).toHaveLength(2);
    expect(trainingStep(loss, specs, { kind: "adam", clipNorm: 1 }).step.apart).toBeUndefined();
  });

  test("are part of a step that the reference computes in one piece", async () => {
    const expected = await run(referenceRuntime(), models(), { decay });
    const shared = await opened({ threads: 3, sharing: "models" }, (runtime) =>
      run(runtime, models(), { decay }),
    );
    expect(distance(shared.losses, expected.losses)).toBeLessThan(1e-5);
    expect(distance(shared.state[0]!, expected.state[0]!)).toBeLessThan(1e-5);
  });
});

const parted = [
  mlp({ rows: 12, width: 16 }),
  cnn({ rows: 4, time: 30, channels: 6 }),
  lstm({ rows: 6, time: 7, hidden: 8 }),
];

describe.each(parted.map((workload) => [workload.name, workload] as const))(
  "parts of the %s",
  (_, workload) => {
    test("on two threads come to the step of one, and to the same bits twice", async () => {
      const alone = await opened({ threads: 1, stepsPerCall: 1 }, (runtime) =>
        run(runtime, workload, { clipNorm: 0.5 }),
      );
      const share = () =>
        opened({ threads: 2, sharing: "parts" }, (runtime) => run(runtime, workload, { clipNorm: 0.5 }));
      const [first, second] = [await share(), await share()];
      expect(first).toEqual(second);
      expect(distance(first.losses, alone.losses)).toBeLessThan(1e-5);
      expect(first.losses).not.toEqual(alone.losses); // it is another sum
    });

    test("leave no row out", async () => {
      const { specs, values, feedSpecs, feeds, loss } = workload;
      const whole = referenceRuntime();
      const lossOf = async (one: Loss): Promise<number> => {
        const predict = await whole.compilePredict((params, given) => [one(params, given)], specs, feedSpecs);
        await predict.write(values);
        return (await predict.run(feeds))[0]![0]!;
      };
      const parts = loss.inParts!(2);
      expect(parts).toHaveLength(2);
      const sum = (await Promise.all(parts.map(lossOf))).reduce((total, part) => total + part, 0);
      expect(Math.abs(sum - (await lossOf(loss)))).toBeLessThan(1e-5);
    });
  },
);

describe("how threads share a step", () => {
  const sharing = ({ loss, specs, feedSpecs }: Omit<Workload, "name">, threads: number): Sharing => {
    const { step, state } = trainingStep(loss, specs, { kind: "adam" });
    return sharingOf(recordStep(step, state, [rateSpec, ...feedSpecs]), {
      threads,
      first: state[0]!,
      apart: step.apart?.(threads),
      parts: step.inParts?.(threads),
    });
  };

  test("deals rows out evenly among as many as it can", () => {
    expect([evenParts(256, 7), evenParts(86, 3), evenParts(43, 7), evenParts(9, 3)]).toEqual([4, 2, 1, 3]);
  });

  test("follows from its size", () => {
    expect(sharing(lstm(), 1)).toBe("alone");
    expect(sharing(lstm({ rows: 16, time: 64, hidden: 128 }), 2)).toBe("parts"); // few numbers, much work
    expect(sharing(mlp(), 2)).toBe("products"); // its gradient is too long to hand over
    expect(sharing(mlp({ rows: 16, width: 16 }), 2)).toBe("alone");
    expect(sharing(models(), 2)).toBe("alone");
  });
});

describe("a thread with a graph of its own", () => {
  const spec = { shape: [2], dtype: "float32" } as const;
  const graph = recordPredict((_, [x]) => [mul(x!, 1e-10)], [], [spec], onnxDialect);
  const work = {
    bytes: onnxBytes(graph, "times"),
    inputs: [{ ...spec, name: "feed0" }],
    outputs: [{ ...spec, name: "output0" }],
  };
  let lane: Lane;
  beforeAll(async () => {
    await (await onnxRuntime({ threads: 1 })).dispose(); // the process's first session
    lane = await Lane.open(work);
  });
  afterAll(() => lane.close());

  test("computes what it is given, turn by turn", async () => {
    for (let turn = 1; turn <= 100; turn++) {
      lane.inputs.get("feed0")!.set([turn, -turn]);
      lane.begin();
      await lane.ended();
      const [first, second] = lane.outputs.get("output0") as Float32Array;
      expect(first).toBeCloseTo(turn * 1e-10, 15);
      expect(second).toBe(-first!);
    }
  });

  test("waits as long as nothing is asked", async () => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // it has fallen asleep by then
    lane.inputs.get("feed0")!.set([3, 4]);
    lane.begin();
    await lane.ended();
    expect(lane.outputs.get("output0")![1]).toBeCloseTo(4e-10, 15);
  });

  test.runIf(process.platform === "linux")(
    "takes numbers too small for a full mantissa for zero",
    async () => {
      lane.inputs.get("feed0")!.set([1e-30, 1]);
      lane.begin();
      await lane.ended();
      expect(lane.outputs.get("output0")![0]).toBe(0); // 1e-40 otherwise
    },
  );

  test("says what is wrong with its model", async () => {
    await expect(Lane.open({ ...work, bytes: work.bytes.slice(0, 20) })).rejects.toMatchObject({
      code: "model/engine-failed",
    });
  });

  test.runIf(process.platform === "linux")("takes those beside it along when one cannot open", async () => {
    const threads = (): number => readdirSync("/proc/self/task").length;
    const before = threads();
    const broken = { ...work, bytes: work.bytes.slice(0, 20) };
    await expect(openLanes([work, broken, work])).rejects.toMatchObject({ code: "model/engine-failed" });
    await expect.poll(threads).toBeLessThanOrEqual(before);
  });

  test("says that it failed, in the middle of training too", async () => {
    const wrong = await Lane.open({ ...work, inputs: [{ ...spec, shape: [3], name: "feed0" }] });
    wrong.begin();
    await expect(wrong.ended()).rejects.toThrow(/thread of its own: .*Got: 3 Expected: 2/s);
    await wrong.close();
  });

  test("says that it ended", async () => {
    const ended = await Lane.open(work);
    await ended.close();
    ended.begin();
    await expect(ended.ended()).rejects.toThrow("its thread ended");
  });
});
