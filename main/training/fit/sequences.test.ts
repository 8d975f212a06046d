import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { madeUpAbout } from "../../../preload/contract/method.fixtures.ts";
import type { Content } from "../../../preload/contract/finding.ts";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { RunConfig, type Run } from "../../../preload/contract/run.ts";
import ctgEvents from "../../../resources/label-sets/ctg-events.json" with { type: "json" };
import type { SequenceModel } from "../../models/model.ts";
import { runtimes } from "../../compute/registry.ts";
import { registered } from "../../models/registry.ts";
import { madeUp } from "../../models/sequences/event-net/recordings.fixtures.ts";
import { memoryLibrary, type MemoryRecording } from "../data/memory-library.ts";
import { previewRun } from "../data/preview.ts";
import { findInRecording } from "../predict/find.ts";
import type { Library } from "../../storage/api.ts";
import { changed, type RunChange } from "../../../preload/contract/run.fixtures.ts";
import { checkpointAt, runOf, toolsFor } from "./fit.fixtures.ts";
import { fitRun } from "./fit-run.ts";

const SECONDS = 900;

/** A made-up cardiotocogram of a person, without contractions in its first five minutes where `hidesUc`. */
function recordingOf(seed: number, { hidesUc = false, isRead = true } = {}): MemoryRecording {
  const { source, labels } = madeUp(seed, SECONDS);
  return {
    id: `rec-${seed}`,
    kind: "ctg",
    subject: `p${seed}`,
    labelSet: "ctg-events",
    channels: source.channels.map(({ label, role, sampleRate, sampleCount }, channel) => ({
      ...{ label, role, sampleRate, unit: "" },
      values: source.read(channel, 0, sampleCount).values,
      reasons: Uint8Array.from({ length: sampleCount }, (_, i) =>
        Number(hidesUc && role === "uc" && i < 300 * sampleRate),
      ),
    })),
    annotations: labels.events.map(({ code, ...span }) => ({ label: code, ...span })),
    readings: isRead ? [{ onsetS: 0, durationS: SECONDS }] : [],
  };
}

const recordings = [
  ...[1, 2, 3, 4].map((seed) => recordingOf(seed)),
  recordingOf(5, { hidesUc: true }),
  recordingOf(6, { isRead: false }),
];
const library = memoryLibrary(recordings, [LabelSet.parse(ctgEvents)]) as Library;
const configOf = (model: object): RunConfig =>
  RunConfig.parse({
    name: "events",
    data: {
      recordingIds: recordings.map(({ id }) => id),
      labelSet: "ctg-events",
      labels: ["acceleration", "deceleration", "contraction"],
      background: "read-completely",
      channels: ["fhr", "uc"],
      windows: { windowS: 120, strideS: 10 },
    },
    split: { testSubjects: ["p5"], validationSubjects: ["p4"] },
    model,
  });

/** Says a heart rate above its training mean plus a margin: what a newcomer would write, and nothing else. */
const Learned = z.object({ level: z.number(), rounds: z.number() });
const above: SequenceModel<{ readonly margin: number }, z.infer<typeof Learned>> = {
  kind: "above-mean",
  name: { en: "Above the mean", ja: "平均より上" },
  sentence: { en: "A heart rate above its mean.", ja: "平均より高い心拍数。" },
  over: "sequences",
  labels: "needed",
  config: z.strictObject({ kind: z.literal("above-mean"), margin: z.number().default(12) }),
  kinds: ["ctg"],
  usualFor: [],
  can: [],
  about: madeUpAbout,
  file: Learned,
  learning: {
    kind: "rounds",
    mostRounds: 40,
    begin: () => ({ level: 0, rounds: 0 }),
    round: ({ level, rounds }, _config, { sequences }) => {
      const means = sequences.map(({ source }) => {
        const { values } = source.read(0, 0, 4 * SECONDS);
        return values.reduce((a, b) => a + b, 0) / values.length;
      });
      const mean = means.reduce((a, b) => a + b, 0) / means.length;
      const learned = { level: level + (mean - level) / 2, rounds: rounds + 1 };
      return Promise.resolve({ learned, score: -Math.abs(mean - level), isSettled: learned.rounds >= 30 });
    },
  },
  open: ({ level }) =>
    Promise.resolve({
      judge: (source) => {
        const { values, observed } = source.read(0, 0, 4 * SECONDS);
        const value = Float32Array.from({ length: SECONDS }, (_, s) =>
          Number((values[4 * s + 2] ?? 0) > level + 12),
        );
        const events: { onsetS: number; durationS: number; code: string; facts: Record<string, string> }[] =
          [];
        for (let s = 0; s < SECONDS; s += 1) {
          if (value[s] !== 1) continue;
          const last = events.at(-1);
          if (last && s - (last.onsetS + last.durationS) < 5) last.durationS = s + 1 - last.onsetS;
          else events.push({ onsetS: s, durationS: 1, code: "acceleration", facts: {} });
        }
        const said: Content[] = [
          {
            kind: "curves",
            series: [
              {
                name: "acceleration",
                unit: "probability",
                sampleRate: 1,
                value: value.map((is) => (is === 1 ? 0.9 : 0.1)),
                observed: Uint8Array.from({ length: SECONDS }, (_, s) => observed[4 * s] ?? 0),
              },
            ],
            forecasts: [],
          },
          {
            kind: "events",
            labelSet: "",
            events: events.filter(({ durationS }) => durationS > 10),
            notAssessable: [],
          },
        ];
        return Promise.resolve(said);
      },
      dispose: () => Promise.resolve(),
    }),
};

let takeOut: () => void = () => undefined;
afterEach(() => {
  takeOut();
  takeOut = () => undefined;
});

const eventsOf = (content: readonly Content[]) =>
  content.flatMap((one) => (one.kind === "events" ? one.events : []));

describe("a model that follows whole recordings in rounds", () => {
  test("trains, is judged, saved, read and says curves and events without any other file knowing it", async () => {
    takeOut = registered(above);
    const config = configOf({ kind: "above-mean" });
    const preview = await previewRun(config, library);
    expect(preview.problems).toEqual([]);
    expect(preview.model).toEqual({ kind: "above-mean", margin: 12 });
    const { run, model } = await fitRun(runOf(config), toolsFor(library));
    const acceleration = run.events?.labels.find(({ code }) => code === "acceleration");
    expect(acceleration?.events?.found).toBeGreaterThan(0);
    expect(acceleration?.seconds?.auroc).toBeGreaterThan(0.7);
    expect(acceleration).not.toHaveProperty("floor"); // it names nothing to be compared with
    const content = await findInRecording({ run, model, recordingId: "rec-5" }, toolsFor(library));
    expect(eventsOf(content).length).toBeGreaterThan(0);
    expect(content.find((one) => one.kind === "events")).toMatchObject({ labelSet: "ctg-events" });
  });

  test("goes on from its last whole round to the same bits", async () => {
    takeOut = registered(above);
    const run = runOf(configOf({ kind: "above-mean" }));
    const whole = await fitRun(run, toolsFor(library));
    let rounds = 0;
    const cancel = new AbortController();
    let checkpoint: Uint8Array | undefined;
    const broken = fitRun(run, {
      ...toolsFor(library),
      signal: cancel.signal,
      onProgress: ({ phase }) => {
        if (phase === "training" && (rounds += 1) === 12) cancel.abort();
      },
      onCheckpoint: (_run: Run, bytes: Uint8Array) => Promise.resolve(void (checkpoint = bytes)),
    });
    await expect(broken).rejects.toMatchObject({ code: "cancelled/by-user" });
    expect(checkpoint).toBeDefined();
    const resumed = await fitRun(run, toolsFor(library, { resume: checkpoint }));
    expect(resumed.model).toEqual(whole.model);
    expect(resumed.run.events).toEqual(whole.run.events);
  });
});

describe("the event networks", () => {
  const config = configOf({ kind: "event-net", members: 1, length: 0.1 });
  const trained = fitRun(runOf(config), toolsFor(library));

  test("find events of a person they never saw, by group, and say what cannot be assessed", async () => {
    const { run, model } = await trained;
    expect(run.events).toMatchObject({ recordings: 1, subjects: ["p5"], validation: ["p4"] });
    expect(run.events?.labels.map(({ code, group }) => [code, group])).toEqual([
      ["acceleration", "heart-rate-events"],
      ["deceleration", "heart-rate-events"],
      ["contraction", "contractions"],
    ]);
    for (const { seconds, floor } of run.events?.labels ?? []) {
      expect(seconds?.auroc ?? 0.9).toBeGreaterThan(0.7);
      // The logistic regression beside it: the same seconds, the difference recording by recording.
      expect(floor?.seconds?.seconds).toBe(seconds?.seconds);
      expect(floor?.seconds?.auroc ?? 0.9).toBeGreaterThan(0.7);
      const difference = (seconds?.auroc ?? 0) - (floor?.seconds?.auroc ?? 0); // there is one recording
      expect(floor?.auroc).toMatchObject({ groups: seconds?.auroc === null ? 0 : 1, verdict: "too-few" });
      expect(floor?.auroc.difference).toBeCloseTo(seconds?.auroc === null ? 0 : difference, 10);
    }
    const content = await findInRecording({ run, model, recordingId: "rec-5" }, toolsFor(library));
    const said = content.find((one) => one.kind === "events");
    expect(said?.kind === "events" && said.notAssessable[0]).toEqual({
      onsetS: 0,
      durationS: 300,
      codes: ["contraction"],
    });
    expect(eventsOf(content).some(({ code, onsetS }) => code === "contraction" && onsetS < 250)).toBe(false);
  }, 120_000);

  test("a checkpoint leads to the same bits", async () => {
    const { model } = await trained;
    const run = runOf(config);
    const checkpoint = await checkpointAt(
      (hooks) => fitRun(run, { ...toolsFor(library), ...hooks }),
      ["training", 0],
    );
    expect(checkpoint).toBeDefined();
    expect((await fitRun(run, toolsFor(library, { resume: checkpoint }))).model).toEqual(model);
    const moved = LabelSet.parse({
      ...ctgEvents,
      labels: ctgEvents.labels.map((label) =>
        label.code === "deceleration" ? { ...label, group: "baseline-state" } : label,
      ),
    });
    const regrouped = memoryLibrary(recordings, [moved]) as Library;
    await expect(fitRun(run, toolsFor(regrouped, { resume: checkpoint }))).rejects.toMatchObject({
      code: "model/data-changed",
    });
  }, 120_000);

  test("leave training people out in turn where nobody is named for validation", async () => {
    const model = { kind: "event-net", members: 2, length: 0.02 };
    const named = configOf(model);
    const unnamedOf = (own: object): RunConfig => changed(configOf(own), { validationSubjects: [] });
    const unnamed = unnamedOf(model);
    const preview = await previewRun(unnamed, library);
    expect(preview).toMatchObject({ problems: [], inTurn: true });
    expect(preview.subjects.map(({ part }) => part)).toEqual([
      ...Array.from({ length: 4 }, () => "train"),
      ...["test", "train"],
    ]);
    expect(await previewRun(named, library)).not.toHaveProperty("inTurn");
    const { run } = await fitRun(runOf(unnamed), toolsFor(library));
    // Each of those that were read by the one of two networks that did not learn from them.
    const validation = ["p1", "p2", "p3", "p4"];
    expect(run.events).toMatchObject({ inTurn: true, subjects: ["p5"], validation });
    const alone = await previewRun(unnamedOf({ ...model, members: 1 }), library);
    expect(alone).not.toHaveProperty("inTurn");
    expect(alone.subjects.filter(({ part }) => part === "validation")).toHaveLength(1);
  }, 120_000);

  test("never go back in their progress", async () => {
    const told: number[] = [];
    const short = configOf({ kind: "event-net", members: 1, length: 0.02 });
    await fitRun(runOf(short), { ...toolsFor(library), onProgress: ({ done }) => void told.push(done) });
    expect(told).toEqual([...told].sort((a, b) => a - b));
  }, 120_000);

  test("hear a cancel between the recordings that they read", async () => {
    const cancel = new AbortController();
    setImmediate(() => cancel.abort());
    const tools = { ...toolsFor(library), signal: cancel.signal };
    const runtimeFor = vi.fn(tools.runtimeFor);
    await expect(fitRun(runOf(config), { ...tools, runtimeFor })).rejects.toMatchObject({
      code: "cancelled/by-user",
    });
    expect(runtimeFor).not.toHaveBeenCalled();
  });

  test("tell recordings that nobody read from those whose labels are put aside", async () => {
    const { advice, windows } = await previewRun(
      { ...config, data: { ...config.data, labelledShare: 0.01 } },
      library,
    );
    expect(windows.unlabelled).toBe(2);
    expect(advice.map(({ code, values }) => [code, values["count"]])).toEqual([["RECORDINGS_NOT_READ", 1]]);
  });

  test("cannot start on an engine that is not here", async () => {
    const absent = runtimes.find(({ installed }) => !installed());
    if (absent === undefined) return;
    const { problems } = await previewRun({ ...config, engine: absent.name }, library);
    expect(problems.map(({ code }) => code)).toEqual(["ENGINE_ABSENT"]);
  });

  test("cannot learn where nobody declared to have read anything, and says so before", async () => {
    const unread = { ...library, listReadings: () => [] };
    const { problems } = await previewRun(config, unread);
    expect(problems.map(({ code }) => code)).toContain("EVENTS_NOT_READ");
    await expect(fitRun(runOf(config), toolsFor(unread))).rejects.toMatchObject({
      code: "model/too-few-labels",
    });
  });

  test("refuse before the fit more groups, or labels of one, than they learn at once", async () => {
    const more = Array.from({ length: 33 }, (_, i) => `more-${i}`);
    const [label] = ctgEvents.labels;
    const setOf = (groupOf: (code: string) => string) =>
      LabelSet.parse({
        ...ctgEvents,
        groups: [
          ...ctgEvents.groups,
          ...more
            .filter((code) => groupOf(code) === code)
            .map((code) => ({ code, name: { en: code, ja: code } })),
        ],
        labels: [
          ...ctgEvents.labels,
          ...more.map((code) => ({ ...label, code, key: undefined, group: groupOf(code) })),
        ],
      });
    const wide = changed(config, { labels: ["deceleration", ...more] });
    const problems = async (set: LabelSet) =>
      (await previewRun(wide, memoryLibrary(recordings, [set]))).problems.map(({ message }) => message);
    expect(await problems(setOf(() => "heart-rate-events"))).toContain(
      "34 labels of the group heart-rate-events are chosen; this model learns at most 32 of one group.",
    );
    expect(await problems(setOf((code) => code))).toContain(
      "The chosen labels stand in 34 groups of their set; this model learns at most 32 at once.",
    );
  });

  test("say before what they could not learn, calibrate or be judged by", async () => {
    const codes = async (change: RunChange): Promise<string[]> =>
      (await previewRun(changed(config, change), library)).problems.map(({ code }) => code);
    expect(await codes({})).toEqual([]);
    expect(await codes({ labels: ["contraction"], channels: ["fhr"] })).toEqual(["GROUP_CHANNEL_MISSING"]);
    expect(await codes({ labels: ["acceleration", "tachycardia"] })).toEqual(["NO_EVENT_OF_LABEL"]);
    expect(await codes({ labels: ["acceleration", "note"] })).toContain("LABEL_IS_MOMENT");
    expect(await codes({ validationSubjects: [] })).toEqual([]); // one of the labelled takes the place, also of a single network
    expect(await codes({ validationSubjects: ["p6"] })).toEqual(["VALIDATION_NOT_READ"]);
    expect(await codes({ testSubjects: ["p6"] })).toEqual(["TEST_NOT_READ"]);
  });
});
