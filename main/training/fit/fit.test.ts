import { beforeAll, describe, expect, test } from "vitest";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import { RunMetrics, type Prediction, type Run, type RunProgress } from "../../../preload/contract/run.ts";
import { windowOnsetS } from "../../signal/window.ts";
import type { RuntimeFor } from "../../compute/choose.ts";
import type { Library } from "../../storage/api.ts";
import { onnxRuntime } from "../../compute/onnx/runtime.ts";
import { explainWindow, traceLayers } from "../predict/explain.ts";
import { heldOutLogits } from "./ensemble.ts";
import { fitRun } from "./fit-run.ts";
import { heldOut, prepare } from "./prepare.ts";
import {
  checkpointAt,
  configOf,
  oneCore,
  gestureRecording,
  GESTURES,
  libraryOf,
  runOf,
  toolsFor,
  type Spoil,
} from "./fit.fixtures.ts";
import { readDataset } from "../data/dataset.ts";
import type { MemoryChannel, MemoryRecording } from "../data/memory-library.ts";
import { unpackModel } from "../model-file/model-file.ts";
import { ensembleProbabilities } from "../judge/calibration.ts";
import { negativeLogLikelihood } from "../judge/evaluation.ts";
import { predictRecording, readWindows } from "../predict/predict.ts";
import { voicesOf } from "../predict/voices.ts";
import { windowRanking } from "../predict/rank.ts";

const people = ["p1", "p2", "p3", "p4", "p5"];
const recordings = people.map((subject, i) => gestureRecording(subject, 10 + i));
const library = libraryOf(recordings);
const config = configOf(people);

interface Fitted {
  readonly run: Run;
  readonly model: Uint8Array;
}
let fitted: Fitted;
const progress: RunProgress[] = [];

beforeAll(async () => {
  fitted = await fitRun(runOf(config), toolsFor(library, { onProgress: (one) => progress.push(one) }));
});

const predict = (spoil: Spoil = {}, trained = fitted): Promise<Prediction> =>
  predictRecording(
    { ...trained, recordingId: "rec-p5", adaptation: "none" },
    toolsFor(libraryOf([gestureRecording("p5", 14, spoil)])),
  );

/** Of windows that were labelled by hand, each judged by the member that left its person out. */
async function nllByHand(of: Library, { model }: Fitted, temperature: number): Promise<number> {
  const prepared = prepare(await readDataset(config, of), config, true);
  const { x, observed, ...byHand } = heldOut(prepared);
  const { layout, classes } = prepared.dataset;
  const runtime = await onnxRuntime({ threads: 1, sharing: "models" });
  const voices = await voicesOf(unpackModel(model), layout.width, () => Promise.resolve(runtime));
  const { logits } = await voices.score(x, observed);
  const said = heldOutLogits(logits, { ...byHand, x, observed }, classes.length);
  await voices.dispose();
  return negativeLogLikelihood(
    ensembleProbabilities(said, classes.length, temperature),
    byHand.labels,
    classes.length,
  );
}

describe("a run", () => {
  test("learns gestures of a person it never saw, and reports every number", () => {
    const metrics = RunMetrics.parse(fitted.run.metrics);
    expect(fitted.run.phase).toBe("done");
    expect(metrics.test.subjects).toBe(1);
    expect(metrics.test.perSubject.map(({ subject }) => subject)).toEqual(["p5"]);
    for (const report of [metrics.test, metrics.lda, metrics.supervisedOnly!]) {
      expect(report.windows).toBe(metrics.test.windows);
      expect(report.accuracy).toBeGreaterThan(0.85);
      expect(report.nll).toBeLessThan(Math.log(3));
    }
    expect(metrics.distanceFromIdentity).toHaveLength(3);
    expect(Math.max(...metrics.distanceFromIdentity)).toBeLessThan(0.5);
    expect(metrics.layerAccuracy).toHaveLength(3);
    expect(metrics.layerAccuracy?.at(-1)).toBeCloseTo(metrics.test.accuracy, 10); // the last layer's answer is the model's
  });

  test("calibrates on training people only, each by the member that left them out", () => {
    const { calibration } = RunMetrics.parse(fitted.run.metrics);
    expect(calibration.subjects).toEqual(["p1", "p2", "p3", "p4"]);
    expect(calibration.windows).toBeGreaterThan(0);
    expect(calibration.estimated).toBe(0);
  });

  test("a window or two without a label, as between two gestures, are not estimated and judge nobody", async () => {
    const between = recordings.map((one) => ({
      ...one,
      annotations: one.annotations.map((annotation, at) =>
        at === 3 ? { ...annotation, durationS: annotation.durationS - 0.5 } : annotation,
      ),
    }));
    const { run } = await fitRun(runOf(config), toolsFor(libraryOf(between)));
    const { calibration } = RunMetrics.parse(run.metrics);
    expect(calibration.estimated).toBe(0);
    expect(calibration.windows).toBeLessThan(RunMetrics.parse(fitted.run.metrics).calibration.windows);
  });

  test("where labels are missing, calibrates on estimates of people who have some, never of those without any", async () => {
    const some = recordings.map((one, i) => {
      if (i === 0) return { ...one, annotations: [] };
      return i === 4 ? one : { ...one, annotations: one.annotations.slice(0, 3) };
    });
    const own = await fitRun(runOf(config), toolsFor(libraryOf(some)));
    const { calibration, test: report } = RunMetrics.parse(own.run.metrics);
    const whole = RunMetrics.parse(fitted.run.metrics);
    expect(calibration.subjects).toEqual(["p2", "p3", "p4"]);
    expect(calibration.windows).toBeGreaterThan(2 * (calibration.windows - calibration.estimated));
    expect(calibration.estimated).toBeGreaterThan(0);
    expect(report.windows).toBe(whole.test.windows); // test people are judged by labels given by hand alone
    expect(calibration.nll).toBeCloseTo(await nllByHand(libraryOf(some), own, calibration.temperature), 6); // so is a sweep's choice
  });

  test("calibrates on the few people who have labels, however many have none", async () => {
    const many = Array.from({ length: 13 }, (_, i) => `q${String(i).padStart(2, "0")}`);
    const labelled = ["q03", "q08", "q12"];
    const mostlyBare = libraryOf(
      many.map((subject, i) => {
        const one = { ...gestureRecording(subject, 40 + i), kind: "other" as const };
        return labelled.includes(subject) ? one : { ...one, annotations: [] };
      }),
    );
    const { run } = await fitRun(runOf(configOf(many, { epochs: 1 })), toolsFor(mostlyBare));
    expect(run.metrics?.calibration).toMatchObject({ subjects: ["q03", "q08"], windows: 142 });
  });

  test("says how far it is, never backwards, up to its end", () => {
    const done = progress.map((one) => one.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(1);
    expect(new Set(progress.map(({ phase }) => phase))).toEqual(
      new Set(["reading", "engine", "training", "supervised-only", "calibrating", "evaluating"]),
    );
    expect(fitted.run.curve.length).toBeGreaterThan(0);
  });

  test("is the same again with the same seed, and another with another", async () => {
    const again = await fitRun(runOf(config), toolsFor(library));
    expect(unpackModel(again.model)).toEqual(unpackModel(fitted.model));
    expect(again.run.metrics).toEqual(fitted.run.metrics);
    const other = await fitRun(runOf(configOf(people, { seed: 1 })), toolsFor(library));
    expect(unpackModel(other.model).members).not.toEqual(unpackModel(fitted.model).members);
  });

  test("never learns from its test people: other samples and labels of theirs leave the model as it is", async () => {
    const changed = gestureRecording("p5", 999);
    const odd = {
      ...changed,
      channels: changed.channels.map((channel) => ({
        ...channel,
        values: channel.values.map((v) => 50 * v + 7),
      })),
      annotations: changed.annotations.map((one) => ({ ...one, label: "fist" })),
    };
    const again = await fitRun(runOf(config), toolsFor(libraryOf([...recordings.slice(0, 4), odd])));
    expect(unpackModel(again.model)).toEqual(unpackModel(fitted.model));
    expect(again.run.metrics?.calibration).toEqual(fitted.run.metrics?.calibration);
    expect(again.run.metrics?.test).not.toEqual(fitted.run.metrics?.test);
  });

  test("has nothing to compare with that learned from test people either", async () => {
    const two = configOf([...people, "p6"], {
      testSubjects: ["p5", "p6"],
      adaptation: "transductive-balanced",
    });
    const reportsOn = async (other: MemoryRecording) => {
      const { run } = await fitRun(runOf(two), toolsFor(libraryOf([...recordings, other])));
      const { test, lda, supervisedOnly, transductive } = RunMetrics.parse(run.metrics);
      return [test, lda, supervisedOnly, transductive].map((report) =>
        report?.perSubject.find(({ subject }) => subject === "p5"),
      );
    };
    const usual = gestureRecording("p6", 15);
    const odd = { ...usual, annotations: usual.annotations.map((one) => ({ ...one, label: "fist" })) };
    const reports = await reportsOn(usual);
    expect(reports.every((report) => report !== undefined)).toBe(true);
    expect(await reportsOn(odd)).toEqual(reports);
  });

  test("compares with a supervised twin that learns from labelled windows alone", async () => {
    const bare = (subject: string, seed: number, lateBy: number): MemoryRecording => {
      const own = gestureRecording(subject, seed);
      const late = ({ values }: MemoryChannel) => values.map((_, i) => values.at(i - lateBy) as number);
      return {
        ...own,
        annotations: [],
        channels: own.channels.map((channel) => ({ ...channel, values: late(channel) })),
      };
    };
    const [u1, u2] = [bare("u1", 70, 0), bare("u2", 71, 200)];
    // Half of the electrodes exchanged: every input keeps its values, but no window is what it was.
    const mixed = (one: MemoryRecording, other: MemoryRecording): MemoryRecording => ({
      ...one,
      channels: one.channels.map((channel, c) => (c < 2 ? (other.channels[c] as MemoryChannel) : channel)),
    });
    const fitWith = (...unlabelled: readonly MemoryRecording[]) =>
      fitRun(runOf(configOf(["u1", "u2", ...people])), toolsFor(libraryOf([...unlabelled, ...recordings])));
    const [plain, other] = [await fitWith(u1, u2), await fitWith(mixed(u1, u2), mixed(u2, u1))];
    expect(other.run.metrics?.supervisedOnly).toEqual(plain.run.metrics?.supervisedOnly);
    expect(unpackModel(other.model).members).not.toEqual(unpackModel(plain.model).members);
  });

  test("is refused with a sentence where a class has nothing to teach it", async () => {
    const without = recordings.map((one) => ({
      ...one,
      annotations: one.annotations.filter(({ label }) => label !== "point"),
    }));
    await expect(fitRun(runOf(config), toolsFor(libraryOf(without)))).rejects.toMatchObject({
      code: "model/too-few-labels",
      message: expect.stringContaining("0 windows labelled point") as string,
    });
  });

  test.each([
    ["training", 2],
    ["supervised-only", 2],
    ["calibrating", 0],
  ] as const)("stopped while %s ends as if it had never stopped", async (when, from) => {
    const checkpoint = await checkpointAt(
      (tools) => fitRun(runOf(config), toolsFor(library, tools)),
      [when, from],
    );
    expect(checkpoint?.length).toBeGreaterThan(1000);
    const resumed = await fitRun(runOf(config), toolsFor(library, { resume: checkpoint }));
    expect(unpackModel(resumed.model)).toEqual(unpackModel(fitted.model));
    expect(resumed.run.metrics).toEqual(fitted.run.metrics);
    expect(resumed.run.curve).toEqual(fitted.run.curve);
  });

  test("comes to the same model with its members on threads of their own, also stopped and taken up again", async () => {
    const onThreads: RuntimeFor = async (...given) => {
      const { facts, runtime } = await oneCore(...given);
      await runtime.dispose();
      return { facts, runtime: await onnxRuntime({ threads: 2, sharing: "models" }) };
    };
    const checkpoint = await checkpointAt(
      (tools) => fitRun(runOf(config), toolsFor(library, { ...tools, runtimeFor: onThreads })),
      ["training", 2],
    );
    expect(checkpoint).toBeDefined();
    const resumed = await fitRun(
      runOf(config),
      toolsFor(library, { runtimeFor: onThreads, resume: checkpoint }),
    );
    expect(unpackModel(resumed.model)).toEqual(unpackModel(fitted.model));
    expect(resumed.run.metrics).toEqual(fitted.run.metrics);
  });

  test("stops at once where it was cancelled before it began", async () => {
    const tools = toolsFor(library, { signal: AbortSignal.abort() });
    await expect(fitRun(runOf(config), tools)).rejects.toMatchObject({ code: "cancelled/by-user" });
  });
});

describe("a prediction", () => {
  test("gives each window probabilities within their band, and finds the gesture", async () => {
    const found = await predict();
    const n = found.onsetS.length;
    expect(found.classes).toEqual([...GESTURES]);
    expect(found.assessable.every((is) => is === 1)).toBe(true);
    let right = 0;
    for (let window = 0; window < n; window += 1) {
      const row = [...found.probabilities.subarray(3 * window, 3 * window + 3)];
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      row.forEach((p, c) => {
        expect(found.low[3 * window + c]).toBeLessThanOrEqual(p + 1e-6);
        expect(found.high[3 * window + c]).toBeGreaterThanOrEqual(p - 1e-6);
      });
      expect(found.epistemic[window]).toBeGreaterThanOrEqual(0);
      const gesture = Math.floor(((found.onsetS[window] as number) + 0.25) / 2) % 3;
      right += row.indexOf(Math.max(...row)) === gesture ? 1 : 0;
    }
    expect(right / n).toBeGreaterThan(0.8); // windows between two gestures among them
  });

  test("cannot be changed by what lies in unobserved samples", async () => {
    const reasons = (channel: number, i: number): number => ((i >> 5) % 4 === channel ? 1 : 0);
    const plain = await predict({ reasons });
    const spoiled = await predict({ reasons, hidden: (i) => (i % 2 === 0 ? Number.NaN : 1e9) });
    expect({ ...spoiled, createdAt: "" }).toEqual({ ...plain, createdAt: "" });
    expect(plain.probabilities).not.toEqual((await predict()).probabilities);
  });

  test("says NaN, not a guess, of windows that are observed too little", async () => {
    const found = await predict({ reasons: (_channel, i) => (i >= 400 && i < 600 ? 1 : 0) });
    found.onsetS.forEach((onsetS, n) => {
      const inside = Math.max(0, Math.min(onsetS + 0.5, 6) - Math.max(onsetS, 4));
      const isAssessable = 1 - inside / 0.5 >= 0.5;
      expect(found.assessable[n]).toBe(isAssessable ? 1 : 0);
      const all = [
        ...found.probabilities.subarray(3 * n, 3 * n + 3),
        found.epistemic[n],
        found.typicality[n],
      ];
      for (const value of all) expect(Number.isNaN(value)).toBe(!isAssessable);
    });
    expect(found.assessable.some((is) => is === 0)).toBe(true);
  });

  test("calls signals unlike the training data untypical", async () => {
    const usual = await predict();
    const odd = gestureRecording("p5", 14);
    const [first, ...rest] = odd.channels;
    const loud = { ...first!, values: first!.values.map((v, i) => (i % 2 === 0 ? 5000 : -5000) + v) };
    const unusual = await predictRecording(
      { ...fitted, recordingId: "rec-p5", adaptation: "none" },
      toolsFor(libraryOf([{ ...odd, channels: [loud, ...rest] }])),
    );
    const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(usual.typicality)).toBeGreaterThan(0.3);
    expect(mean(unusual.typicality)).toBeLessThan(0.1);
  });

  test("with the person's own unlabelled recording finds the gestures too", async () => {
    const found = await predictRecording(
      { ...fitted, recordingId: "rec-p5", adaptation: "transductive-balanced" },
      toolsFor(library),
    );
    expect(found.adaptation).toBe("transductive-balanced");
    const right = [...found.onsetS].filter((onsetS, n) => {
      const row = [...found.probabilities.subarray(3 * n, 3 * n + 3)];
      return row.indexOf(Math.max(...row)) === Math.floor((onsetS + 0.25) / 2) % 3;
    });
    expect(right.length / found.onsetS.length).toBeGreaterThan(0.8);
  });
});

describe("an explanation", () => {
  test("has evidence and biases that add up to the difference of the logits", async () => {
    const tools = toolsFor(library);
    const { model, rows } = await readWindows(fitted, "rec-p5", tools);
    const d = model.standardisation.mean.length;
    for (let n = 0; n < rows.count; n += 7) {
      const x = rows.x.subarray(n * d, (n + 1) * d);
      const trace = traceLayers(model, x, rows.observed.subarray(n * d, (n + 1) * d));
      const inputs = (trace.evidence[0] as Float64Array).length / 3;
      trace.logits.forEach((logit, c) => {
        let total = 0;
        trace.bias.forEach((bias) => (total += bias[c] as number));
        trace.evidence.forEach((evidence) => {
          for (let i = 0; i < inputs; i += 1) total += evidence[c * inputs + i] as number;
        });
        expect(Math.abs(total - logit)).toBeLessThan(1e-9);
      });
    }
  });

  test("counts a missing electrode with its mask, and with the biases adds up to the lead of the first class", async () => {
    const lacking: Spoil = { reasons: (channel) => (channel === 1 ? 3 : 0) };
    // Two people without the electrode in training: elsewhere nothing is learned of its mask, and it says nothing.
    const studied = people.map((subject, i) => gestureRecording(subject, 10 + i, i < 2 ? lacking : {}));
    const learned = await fitRun(runOf(config), toolsFor(libraryOf(studied)));
    const tools = toolsFor(libraryOf([gestureRecording("p5", 14, lacking)]));
    const report = await explainWindow({ ...learned, recordingId: "rec-p5", timeS: 3 }, tools);
    const columns = report.columnOnsetS.length;
    const focus = [...report.columnOnsetS].indexOf(report.onsetS);
    const at = (values: Float32Array, row: number): number => values[row * columns + focus] as number;
    const { model, rows, kept, windows } = await readWindows(learned, "rec-p5", tools);
    const d = model.standardisation.mean.length;
    const n = kept.findIndex((window) => windowOnsetS(windows.grid, window) === report.onsetS);
    const part = (of: Float32Array | Uint8Array) => of.subarray(n * d, (n + 1) * d);
    const { bias } = traceLayers(model, part(rows.x), part(rows.observed));
    let lead = 0;
    report.layers.forEach(({ relevance }, l) => {
      report.rows.forEach((_, row) => (lead += at(relevance, row)));
      lead += (bias[l]?.[report.leading] as number) - (bias[l]?.[report.runnerUp] as number);
    });
    expect(lead).toBeCloseTo(report.evidenceSum, 4);
    expect(report.isIntegrated).toBe(true); // the prediction may say otherwise
    report.rows.forEach((name, row) => {
      const isGone = name.startsWith("EMG2 ");
      expect(Number.isNaN(at(report.input, row)), name).toBe(isGone);
      if (isGone) expect(at(report.layers[0]?.relevance as Float32Array, row), name).not.toBe(0);
    });
  });

  test("sees in the last layer what the prediction says", async () => {
    const report = await explainWindow({ ...fitted, recordingId: "rec-p5", timeS: 3 }, toolsFor(library));
    const prediction = await predict();
    const n = [...prediction.onsetS].findIndex((onsetS) => Math.abs(onsetS - report.onsetS) < 1e-9);
    expect(n).toBeGreaterThanOrEqual(0);
    expect(report.classes[report.leading]).toBe("fist");
    report.probabilities.forEach((p, c) =>
      expect(p).toBeCloseTo(prediction.probabilities[3 * n + c] as number, 4),
    );
    expect(report.evidenceSum).toBeGreaterThan(0);
    expect(report.isIntegrated).toBe(false);
    expect(report.layers).toHaveLength(3);
    expect(report.decidedAt).toBeGreaterThanOrEqual(1);
    expect(report.decidedAt).toBeLessThanOrEqual(3);
  });
});

describe("what to label next", () => {
  test("lists unlabelled windows apart in time, the most uncertain one first", async () => {
    const halfLabelled = {
      ...gestureRecording("p5", 14),
      annotations: recordings[4]!.annotations.slice(0, 4),
    };
    const found = await windowRanking()(
      { ...fitted, recordingIds: ["rec-p5"], limit: 6 },
      toolsFor(libraryOf([halfLabelled])),
    );
    expect(found.length).toBeGreaterThan(2);
    expect(found.length).toBeLessThanOrEqual(6);
    const doubts = found.map(({ epistemic }) => epistemic);
    expect(doubts[0]).toBe(Math.max(...doubts));
    const onsets = found.map(({ onsetS }) => onsetS).sort((a, b) => a - b);
    onsets.forEach((onsetS, i) => {
      expect(onsetS + 0.5).toBeGreaterThan(8); // the first 8 s are labelled
      if (i > 0) expect(onsetS - (onsets[i - 1] as number)).toBeGreaterThanOrEqual(0.5);
    });
  });

  test("asks of each recording once, then again; after a label made since first of the others", async () => {
    const open = people.slice(0, 3).map((subject, i) => ({
      ...gestureRecording(subject, 30 + i),
      annotations: [] as { label: string; onsetS: number; durationS: number }[],
    }));
    const request = { ...fitted, recordingIds: open.map(({ id }) => id), limit: 6 };
    const before = await windowRanking()(request, toolsFor(libraryOf(open)));
    const ids = before.map(({ recordingId }) => recordingId);
    expect(new Set(ids.slice(0, 3)).size).toBe(3);
    expect(new Set(ids.slice(3)).size).toBe(3);
    const [first] = before;
    const answered = open.find(({ id }) => id === first!.recordingId)!;
    answered.annotations.push({ label: "fist", onsetS: first!.onsetS, durationS: 0.5 });
    const earlier = { ...fitted.run, finishedAt: "2025-01-01T00:00:00Z" };
    const after = await windowRanking()({ ...request, run: earlier }, toolsFor(libraryOf(open)));
    expect(after.slice(0, 2).map(({ recordingId }) => recordingId)).toEqual(ids.slice(1, 3));
    for (const { recordingId, onsetS } of after)
      if (recordingId === answered.id) expect(Math.abs(onsetS - first!.onsetS)).toBeGreaterThanOrEqual(0.5);
  });

  test("asks of the recordings that are still there", async () => {
    const gone = { ...fitted.run.config, recordingIds: ["purged", "rec-p5"] };
    const library = libraryOf([{ ...gestureRecording("p5", 14), annotations: [] }]);
    const found = await windowRanking()(
      { ...fitted, run: { ...fitted.run, config: gone }, recordingIds: undefined, limit: 3 },
      toolsFor({ ...library, listRecordings: () => [library.getRecording("rec-p5")] }),
    );
    expect(found.map(({ recordingId }) => recordingId)).toEqual(["rec-p5", "rec-p5", "rec-p5"]);
  });

  test("leaves out windows that are observed too little to be assessed", async () => {
    const hidden = {
      ...gestureRecording("p5", 14, { reasons: (_c, i) => (i < 900 ? 1 : 0) }),
      annotations: [],
    };
    const found = await windowRanking()(
      { ...fitted, recordingIds: ["rec-p5"], limit: 200 },
      toolsFor(libraryOf([hidden])),
    );
    expect(found.length).toBeGreaterThan(10);
    for (const { onsetS } of found) expect(onsetS + 0.25).toBeGreaterThanOrEqual(9);
  });

  test("is there at once after a label: nothing is predicted again, and the labelled window is gone", async () => {
    type Marks = Pick<Annotation, "label" | "onsetS" | "durationS">[];
    const unlabelled = { ...gestureRecording("p5", 14), annotations: [] as Marks };
    const library = libraryOf([unlabelled]);
    const rank = windowRanking();
    const request = { ...fitted, recordingIds: ["rec-p5"], limit: 200 };
    const before = await rank(request, toolsFor(library));
    const [first] = before;
    unlabelled.annotations.push({ ...recordings[4]!.annotations[0]!, onsetS: first!.onsetS, durationS: 0.5 });
    const noEngine = {
      ...toolsFor(library),
      runtimeFor: () => Promise.reject(new Error("asked for an engine")),
    };
    const after = await rank(request, noEngine);
    expect(after.map(({ onsetS }) => onsetS)).not.toContain(first!.onsetS);
    expect(after.length).toBeLessThan(before.length);
    for (const { typicality } of before) expect(typicality).toBeLessThanOrEqual(1);
  });
});
