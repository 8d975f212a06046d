import { beforeAll, describe, expect, test } from "vitest";
import { configured } from "../../models/registry.ts";
import { changed, type RunChange } from "../../../preload/contract/run.fixtures.ts";
import type { Variation } from "../../../preload/contract/run.ts";
import { ctgDeviation } from "../../models/fronts/ctg-deviation.ts";
import type { FeatureTable } from "../../models/fronts/front.ts";
import { emgAmplitude } from "../../models/fronts/emg-amplitude.ts";
import { windowMean } from "../../models/fronts/window-mean.ts";
import { readRecording } from "./dataset.ts";
import type { MemoryRecording } from "./memory-library.ts";
import { checkpointAt, configOf, gestureRecording, libraryOf, runOf, toolsFor } from "../fit/fit.fixtures.ts";
import { fitRun } from "../fit/fit-run.ts";
import { unpackModel } from "../model-file/model-file.ts";
import { previewRun } from "./preview.ts";
import { readVaried, variedInputs, type Taught, type VariedRequest } from "./variation.ts";
import type { FitTools } from "../work.ts";

const people = ["p1", "p2", "p3", "p4", "p5"];
const library = libraryOf(people.map((subject, i) => gestureRecording(subject, 10 + i)));
const variation = { shiftS: 0.1, gainSd: 0.2, lossesPerMinute: 10, lossS: 0.4 };
const nothing = { shiftS: 0, gainSd: 0, lossesPerMinute: 0, lossS: 0 };
const fit = (change: RunChange = {}, tools: Partial<FitTools> = {}, from = library) =>
  fitRun(runOf(configOf(people, change)), toolsFor(from, tools));

describe("the inputs of an epoch", () => {
  const WIDTH = 2;
  const taught: Taught = {
    windows: {
      count: 3,
      width: WIDTH,
      classes: 1,
      x: Float32Array.of(1, 2, 3, 4, 5, 6),
      observed: new Uint8Array(6).fill(1),
      y: new Float32Array(3),
      group: new Int32Array(3),
      person: new Int32Array(3),
    },
    origins: [
      { recordingId: "a", rows: Int32Array.of(0, 2), order: undefined },
      { recordingId: "b", rows: Int32Array.of(3), order: Int32Array.of(1, 0) },
    ],
  };
  const standardisation = { mean: Float32Array.of(10, 10), scale: Float32Array.of(0.5, 0.5) };

  /** What was asked for, in order, and the inputs of three epochs. */
  function inputsOf(tableOf: (request: VariedRequest) => FeatureTable | Promise<FeatureTable>, epochs = 3) {
    const asked: string[] = [];
    const inputs = variedInputs({
      taught,
      dataset: { onsetS: Float64Array.of(0, 0.1, 0.2, 0.1 + 0.2) },
      standardisation,
      strideS: 0.1,
      epochs,
      signal: new AbortController().signal,
      reader: {
        read: async (request) => {
          asked.push(`${request.recordingId} ${request.epoch} ${[...request.windows].join("+")}`);
          return Promise.resolve(tableOf(request));
        },
        close: () => Promise.resolve(),
      },
    });
    return { asked, inputs };
  }
  const full = ({ windows, epoch }: VariedRequest): FeatureTable => ({
    x: Float32Array.from({ length: windows.length * WIDTH }, (_, i) => 10 + 2 * epoch + 4 * (i % WIDTH)),
    observed: new Uint8Array(windows.length * WIDTH).fill(1),
  });

  test("are those recorded at first, then read ahead by one, standardised and turned", async () => {
    const { asked, inputs } = inputsOf(full);
    expect(await inputs.at(0)).toBe(taught.windows);
    expect(asked).toEqual(["a 1 0+2", "b 1 3"]); // before they are asked for
    expect([...(await inputs.at(1)).x]).toEqual([1, 3, 1, 3, 3, 1]);
    expect(asked.slice(2)).toEqual(["a 2 0+2", "b 2 3"]);
    expect([...(await inputs.at(2)).x]).toEqual([2, 4, 2, 4, 4, 2]);
    expect(asked).toHaveLength(4); // there is no fourth epoch
  });

  test("are the same where training goes on from a later epoch", async () => {
    const first = inputsOf(full).inputs;
    await first.at(0);
    await first.at(1);
    const { asked, inputs } = inputsOf(full);
    expect(await inputs.at(2)).toEqual(await first.at(2));
    expect(asked).toEqual(["a 2 0+2", "b 2 3"]);
  });

  test("show a window of which nothing is left as it was recorded", async () => {
    const { inputs } = inputsOf((request) => {
      const table = full(request);
      table.observed.fill(0, 0, 1);
      if (request.recordingId === "b") table.observed.fill(0);
      return table;
    });
    const found = await inputs.at(1);
    expect([...found.x]).toEqual([0, 3, 1, 3, 5, 6]);
    expect([...found.observed]).toEqual([0, 1, 1, 1, 1, 1]);
  });

  test("fail when asked for, not before, and are read no further once stopped", async () => {
    const failing = inputsOf(() => Promise.reject(new Error("gone"))).inputs;
    await failing.at(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(failing.at(1)).rejects.toThrow("gone");
    const { inputs } = inputsOf(full);
    await inputs.at(0);
    inputs.stop();
    await expect(inputs.at(1)).rejects.toMatchObject({ code: "cancelled/by-user" });
  });
});

describe("windows with varied samples", () => {
  /** A heart rate that rises and falls and a toco, an hour of them. */
  const ctg: MemoryRecording = {
    ...gestureRecording("c", 1),
    kind: "ctg",
    channels: (["fhr", "uc"] as const).map((role) => ({
      label: role.toUpperCase(),
      role,
      unit: role === "fhr" ? "bpm" : "",
      sampleRate: 4,
      values: Float32Array.from(
        { length: 4 * 3600 },
        (_, i) => (role === "fhr" ? 140 : 30) + 9 * Math.sin(i / 60),
      ),
    })),
  };
  const strong = { ...nothing, gainSd: 1 };

  test.each([
    [ctgDeviation, ctg, { windowS: 120, strideS: 60, channels: ["FHR", "UC"] }],
    [windowMean, gestureRecording("c", 1), {}],
  ])("are never scaled by the front $name", async (front, recording, change) => {
    const config = configOf(["c"], { ...change, variation: strong });
    const from = libraryOf([recording]);
    const { table, grid } = await readRecording({ config }, from, front, "rec-c");
    const request = {
      recordingId: "rec-c",
      epoch: 1,
      windows: Int32Array.from({ length: grid.count }, (_, n) => n),
    };
    expect(await readVaried(config, from, front, request)).toEqual(table);
    const moved = changed(config, {
      variation: { ...strong, shiftS: 5, lossesPerMinute: 5, lossS: 30 },
    });
    expect(await readVaried(moved, from, front, request)).not.toEqual(table);
  });

  test("of an electromyogram are, each electrode by a factor of its own", async () => {
    const config = configOf(["c"], { variation: strong });
    const from = libraryOf([gestureRecording("c", 1)]);
    const { table } = await readRecording({ config }, from, emgAmplitude, "rec-c");
    const found = await readVaried(config, from, emgAmplitude, {
      recordingId: "rec-c",
      epoch: 1,
      windows: Int32Array.of(8, 9),
    });
    const gains = [8, 9].map((window, i) =>
      Array.from(
        { length: 4 },
        (_, e) => (found.x[i * 8 + e] as number) - (table.x[window * 8 + e] as number),
      ),
    );
    gains[0]!.forEach((gain, e) => expect(gains[1]![e]).toBeCloseTo(gain, 1)); // logarithms, above the floor
    expect(new Set(gains[0]!.map((gain) => gain.toFixed(1))).size).toBeGreaterThan(2);
  });
});

describe("a run that varies its samples", { timeout: 60_000 }, () => {
  let fitted: Awaited<ReturnType<typeof fit>>;
  beforeAll(async () => {
    fitted = await fit({ variation });
  });

  test("by nothing ends as one that does not", async () => {
    const plain = await fit();
    const found = await fit({ variation: nothing });
    expect(unpackModel(found.model)).toEqual(unpackModel(plain.model));
    expect(found.run.metrics).toEqual(plain.run.metrics);
    expect(unpackModel(fitted.model).members).not.toEqual(unpackModel(plain.model).members);
  });

  test("standardises, orients and compares by what was recorded, and trains the twin alike", async () => {
    const [plain, found] = [await fit(), fitted];
    const kept = (model: Uint8Array) => {
      const { standardisation, template } = unpackModel(model);
      return { standardisation, template };
    };
    expect(kept(found.model)).toEqual(kept(plain.model));
    expect(found.run.metrics?.lda).toEqual(plain.run.metrics?.lda);
    expect(found.run.metrics?.supervisedOnly).not.toEqual(plain.run.metrics?.supervisedOnly);
    expect(found.run.metrics?.test.accuracy).toBeGreaterThan(0.85);
  });

  test("is the same again with the same seed, and sees the first epoch as recorded", async () => {
    const again = await fit({ variation });
    expect(unpackModel(again.model)).toEqual(unpackModel(fitted.model));
    expect(again.run.metrics).toEqual(fitted.run.metrics);
    const plain = await fit();
    expect(fitted.run.curve[0]).toEqual(plain.run.curve[0]);
    expect(fitted.run.curve[1]).not.toEqual(plain.run.curve[1]);
  });

  test.each([
    ["training", 2],
    ["training", 4],
    ["supervised-only", 3],
  ] as const)("stopped while %s, epoch %i, ends as if it had never stopped", async (when, from) => {
    const checkpoint = await checkpointAt((tools) => fit({ variation }, tools), [when, from]);
    expect(checkpoint).toBeDefined();
    const resumed = await fit({ variation }, { resume: checkpoint });
    expect(unpackModel(resumed.model)).toEqual(unpackModel(fitted.model));
    expect(resumed.run.metrics).toEqual(fitted.run.metrics);
    expect(resumed.run.curve).toEqual(fitted.run.curve);
  });

  test("cancelled while it waits for samples leaves a checkpoint to go on from", async () => {
    const stoppedAt = async (tools: Partial<FitTools>, cancel: AbortController, from = library) => {
      const checkpoints: Uint8Array[] = [];
      const onCheckpoint: FitTools["onCheckpoint"] = (_run, bytes) =>
        Promise.resolve(void checkpoints.push(bytes));
      const stopped = fit({ variation }, { ...tools, signal: cancel.signal, onCheckpoint }, from);
      await expect(stopped).rejects.toMatchObject({ code: "cancelled/by-user" });
      expect(checkpoints).not.toEqual([]);
      return checkpoints.at(-1) as Uint8Array;
    };
    const first = new AbortController();
    const resume = await stoppedAt({ onProgress: ({ epoch }) => epoch >= 3 && first.abort() }, first);
    const second = new AbortController();
    let reads = 0;
    const counted = {
      ...library,
      samples: (...place: Parameters<typeof library.samples>) => {
        reads += 1;
        if (reads === people.length * 4 + 6) second.abort(); // all channels as recorded, then the second person's
        return library.samples(...place);
      },
    };
    const resumed = await fit({ variation }, { resume: await stoppedAt({ resume }, second, counted) });
    expect(unpackModel(resumed.model)).toEqual(unpackModel(fitted.model));
    expect(resumed.run.curve).toEqual(fitted.run.curve);
  });

  test("in folds varies each as a run of its own would", async () => {
    const crossed = { variation, folds: 3, testSubjects: [], epochs: 3 };
    const { run } = await fit(crossed);
    const [fold] = run.metrics?.folds ?? [];
    const alone = await fit({ variation, epochs: 3, testSubjects: fold?.subjects ?? [] });
    const report = alone.run.metrics?.test;
    expect(fold).toMatchObject({ accuracy: report?.accuracy, nll: report?.nll, ece: report?.ece });
  });

  test("never learns from its test people, however their samples are varied", async () => {
    const odd = gestureRecording("p5", 999);
    const again = await fit(
      { variation },
      {},
      libraryOf([...people.slice(0, 4).map((subject, i) => gestureRecording(subject, 10 + i)), odd]),
    );
    expect(unpackModel(again.model)).toEqual(unpackModel(fitted.model));
  });
});

describe("a configuration", () => {
  const settingsWith = (variation: object) =>
    configured({ ...configOf(people).model, variation }).settings as { readonly variation: Variation };

  test("need not speak of variation; what it leaves out is 0; each number has its bounds", () => {
    expect(configOf(people).model).not.toHaveProperty("variation");
    expect(settingsWith({}).variation).toEqual(nothing);
    for (const wrong of [
      { shiftS: -0.1 },
      { shiftS: 61 },
      { gainSd: 1.5 },
      { lossesPerMinute: 100 },
      { lossS: 90 },
      { shift: 1 },
    ]) {
      expect(() => settingsWith(wrong)).toThrow(/model\.variation/);
    }
  });

  test("cannot scale signals whose amplitude has a meaning, nor move windows off their labels", async () => {
    const codes = async (change: RunChange): Promise<string[]> =>
      (await previewRun(configOf(people, change), library)).problems.map(({ code }) => code);
    expect(await codes({ variation })).toEqual([]);
    expect(await codes({ variation, front: "window-mean" })).toEqual(["VARIATION_GAIN"]);
    expect(await codes({ variation: { ...variation, shiftS: 0.26 } })).toEqual(["VARIATION_SHIFT"]);
  });
});
