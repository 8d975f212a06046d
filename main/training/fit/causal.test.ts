import { beforeAll, describe, expect, test } from "vitest";
import { RunMetrics, type Adaptation, type Prediction, type Run } from "../../../preload/contract/run.ts";
import { packModel, unpackModel } from "../model-file/model-file.ts";
import { predictRecording } from "../predict/predict.ts";
import { fitRun } from "./fit-run.ts";
import { configOf, gestureRecording, libraryOf, runOf, toolsFor } from "./fit.fixtures.ts";

const people = ["p1", "p2", "p3", "p4", "p5"];
const recordings = people.map((subject, i) => gestureRecording(subject, 10 + i));
const library = libraryOf(recordings);
const config = configOf(people, { adaptation: "causal" });

let fitted: { readonly run: Run; readonly model: Uint8Array };

beforeAll(async () => {
  fitted = await fitRun(runOf(config), toolsFor(library));
});

const predict = (
  adaptation: Adaptation,
  changed: (value: number, sample: number) => number = (value) => value,
  model = fitted.model,
): Promise<Prediction> => {
  const own = gestureRecording("p5", 14);
  const channels = own.channels.map((channel) => ({ ...channel, values: channel.values.map(changed) }));
  return predictRecording(
    { run: fitted.run, model, recordingId: "rec-p5", adaptation },
    toolsFor(libraryOf([{ ...own, channels }])),
  );
};

describe("a run that adapts to the past of a stream", () => {
  test("tells how it did on people it never saw, by how long it had heard them", () => {
    const { causal, test: plain } = RunMetrics.parse(fitted.run.metrics);
    expect(causal?.test.windows).toBe(plain.windows);
    expect(causal?.test.accuracy).toBeGreaterThan(0.85);
    expect(causal?.after.map(({ fromS }) => fromS)).toEqual([0, 10]); // a recording of 18 s
    expect(causal?.after.reduce((sum, { windows }) => sum + windows, 0)).toBe(plain.windows);
    expect(Object.values(causal?.parts ?? {}).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  });

  test("leaves the network that knows nothing of a person as it is without", async () => {
    const plain = await fitRun(runOf(configOf(people)), toolsFor(library));
    expect(fitted.run.metrics?.test).toEqual(plain.run.metrics?.test);
    const [own, other] = [unpackModel(fitted.model), unpackModel(plain.model)];
    expect(own.members).toEqual(other.members);
    expect(other.causal).toBeUndefined();
  });

  test("gives the same numbers for the same seed", async () => {
    const again = await fitRun(runOf(config), toolsFor(library));
    expect(unpackModel(again.model)).toEqual(unpackModel(fitted.model));
  });
});

test("a run that is stopped in its second network goes on from there to the same bits", async () => {
  const cancel = new AbortController();
  let checkpoint: Uint8Array | undefined;
  let [before, networks] = [0, 1];
  const stopped = fitRun(
    runOf(config),
    toolsFor(library, {
      signal: cancel.signal,
      onProgress: ({ phase, epoch }) => {
        if (phase !== "training") return;
        if (epoch < before) networks += 1;
        before = epoch;
        if (networks === 2 && epoch >= 2) cancel.abort();
      },
      onCheckpoint: (_run, bytes) => Promise.resolve(void (checkpoint = bytes)),
    }),
  );
  await expect(stopped).rejects.toMatchObject({ code: "cancelled/by-user" });
  const again = await fitRun(runOf(config), toolsFor(library, { resume: checkpoint }));
  expect(unpackModel(again.model)).toEqual(unpackModel(fitted.model));
  expect(again.run.metrics).toEqual(fitted.run.metrics);
});

describe("a prediction from the past of the stream", () => {
  test("is what it was, whatever comes later", async () => {
    const cutS = 9;
    const before = await predict("causal");
    const after = await predict("causal", (value, sample) => (sample < cutS * 100 ? value : 40 - 3 * value));
    const untouched = [...before.onsetS.keys()].filter(
      (n) => (before.onsetS[n] ?? 0) + before.windowS <= cutS,
    );
    expect(untouched.length).toBeGreaterThan(10);
    for (const n of untouched)
      expect(after.probabilities.slice(3 * n, 3 * n + 3)).toEqual(
        before.probabilities.slice(3 * n, 3 * n + 3),
      );
    expect(after.probabilities).not.toEqual(before.probabilities);
  });

  test("says which part answered each window", async () => {
    const { part, onsetS, adaptation } = await predict("causal-guided");
    expect(adaptation).toBe("causal-guided");
    expect(part).toHaveLength(onsetS.length);
    expect([part?.[0], part?.[1]]).toEqual([0, 2]);
    expect((await predict("none")).part).toBeUndefined();
  });

  test("is refused, with the reason, by a model that was trained without", async () => {
    const { causal, ...older } = unpackModel(fitted.model);
    expect(causal).toBeDefined();
    const bytes = packModel(older);
    await expect(predict("causal", undefined, bytes)).rejects.toMatchObject({
      code: "model/no-causal-adaptation",
    });
    expect((await predict("none", undefined, bytes)).probabilities).toEqual(
      (await predict("none")).probabilities,
    );
  });

  test("is refused where a member of its network is cut short", () => {
    const model = unpackModel(fitted.model);
    const { causal } = model;
    const [whole = {}, ...members] = causal?.members ?? [];
    const first = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== "layer2.weights"));
    const short = causal && { causal: { ...causal, members: [first, ...members] } };
    expect(() => unpackModel(packModel({ ...model, ...short }))).toThrow(
      "do not fit its network: member 1: The parameter layer2.weights is missing",
    );
  });
});
