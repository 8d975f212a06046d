import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { changed, type RunChange } from "../../../preload/contract/run.fixtures.ts";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import type { RunConfig } from "../../../preload/contract/run.ts";
import { coveredS, windowGrid } from "../../signal/window.ts";
import {
  fitStandardisation,
  keepLabels,
  labelWindows,
  type Marks,
  readDataset,
  standardise,
  UNLABELLED,
} from "./dataset.ts";
import { previewRun } from "./preview.ts";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import ctgEvents from "../../../resources/label-sets/ctg-events.json" with { type: "json" };
import { configOf, ctgRecording, gestureRecording, GESTURES, libraryOf } from "../fit/fit.fixtures.ts";

const people = ["p1", "p2", "p3", "p4"];
const recordings = people.map((subject, i) => gestureRecording(subject, 20 + i));
const library = libraryOf(recordings);

const interval = (
  label: string,
  onsetS: number,
  durationS: number,
  change: Partial<Annotation> = {},
): Annotation => ({
  id: `${label}-${onsetS}`,
  recordingId: "rec",
  label,
  onsetS,
  durationS,
  labelSet: "gestures",
  labelSetVersion: 1,
  author: "somebody",
  source: "person",
  note: "",
  createdAt: "2026-01-01T00:00:00Z",
  changedAt: "2026-01-01T00:00:00Z",
  ...change,
});

const labelsOf = (
  config: RunConfig,
  annotations: readonly Annotation[],
  durationS: number,
  read: Marks["read"] = [],
  apart: ReadonlySet<string> = new Set(),
): number[] => {
  const grid = windowGrid(durationS, config.data.windows.windowS, config.data.windows.strideS);
  return [...labelWindows(config, { annotations, read, apart }, grid).label];
};

describe("the label of a window", () => {
  const config = configOf(people, { windowS: 1, strideS: 1 });

  test("is the one that covers most of it, if it covers half", () => {
    const found = labelsOf(
      config,
      [interval("fist", 0.5, 1), interval("point", 1.5, 0.4), interval("rest", 3, 2)],
      5,
    );
    // 0.5 s of fist; 0.5 s of fist against 0.4 s of point; nothing; rest; rest
    expect(found).toEqual([1, 1, UNLABELLED, 0, 0]);
  });

  test("is neither a label nor none where readers differ", () => {
    const background = configOf(people, { windowS: 1, strideS: 1, background: "read-completely" });
    const grid = windowGrid(6, 1, 1);
    const whole = [{ onsetS: 0, durationS: 6 }];
    const unclear = [{ onsetS: 3.5, durationS: 1 }];
    const marks = { annotations: [interval("rest", 1, 1)], read: whole, unclear };
    expect([...labelWindows(background, marks, grid).label]).toEqual([0, 1, 0, UNLABELLED, UNLABELLED, 0]);
  });

  test("is judged on the central part alone where one is given", () => {
    const centred = configOf(people, { windowS: 1, strideS: 1, centreS: 0.2 });
    expect(labelsOf(centred, [interval("fist", 0.4, 0.2)], 2)).toEqual([1, UNLABELLED]);
    expect(labelsOf(config, [interval("fist", 0.4, 0.2)], 2)).toEqual([UNLABELLED, UNLABELLED]);
  });

  test("is the background only where somebody declared the recording read completely", () => {
    const background = configOf(people, { windowS: 1, strideS: 1, background: "read-completely" });
    const mark = interval("rest", 1, 1);
    const U = UNLABELLED;
    expect(labelsOf(background, [mark], 6)).toEqual([U, 1, U, U, U, U]);
    expect(labelsOf(background, [mark], 6, [{ onsetS: 0, durationS: 6 }])).toEqual([0, 1, 0, 0, 0, 0]);
    expect(labelsOf(background, [], 3, [{ onsetS: 0, durationS: 3 }])).toEqual([0, 0, 0]);
    const parts = [
      { onsetS: 0, durationS: 3.5 }, // two people's stretches meet within a window
      { onsetS: 3, durationS: 1 },
      { onsetS: 4.5, durationS: 2 },
    ];
    expect(labelsOf(background, [mark], 6, parts)).toEqual([0, 1, 0, 0, U, 0]);
    expect(labelsOf(configOf(people, { windowS: 1, strideS: 1 }), [mark], 2, parts)).toEqual([U, 0]);
  });

  test("is not the background where a reader marked something else of the same channels", () => {
    const background = configOf(people, { windowS: 1, strideS: 1, background: "read-completely" });
    const whole = [{ onsetS: 0, durationS: 6 }];
    const marks = [interval("rest", 1, 1), interval("cramp", 3.5, 1), interval("talking", 5, 1)];
    const U = UNLABELLED;
    expect(labelsOf(background, marks, 6, whole)).toEqual([0, 1, 0, U, U, U]);
    expect(labelsOf(background, marks, 6, whole, new Set(["talking"]))).toEqual([0, 1, 0, U, U, 0]);
  });

  test("by the rule of version 0.1 was the background wherever a recording had a mark: kept for runs that go on", () => {
    const background = configOf(people, { windowS: 1, strideS: 1, background: "annotated-recordings" });
    expect(labelsOf(background, [], 3)).toEqual(new Array(3).fill(UNLABELLED));
    expect(labelsOf(background, [interval("rest", 1, 1)], 3)).toEqual([0, 1, 0]);
  });

  test("agrees with measuring every annotation against every window", () => {
    const some = fc.array(
      fc.record({
        label: fc.constantFrom(...GESTURES),
        onset: fc.integer({ min: 0, max: 40 }),
        duration: fc.integer({ min: 1, max: 20 }),
      }),
      { maxLength: 8 },
    );
    const fine = configOf(people, { windowS: 1, strideS: 0.25 });
    fc.assert(
      fc.property(some, (given) => {
        const annotations = given.map(({ label, onset, duration }) =>
          interval(label, onset / 4, duration / 4),
        );
        const found = labelsOf(fine, annotations, 15);
        found.forEach((label, n) => {
          const shares = GESTURES.map((code) => {
            const own = annotations.filter((one) => one.label === code).sort((a, b) => a.onsetS - b.onsetS);
            return coveredS(own, n * 0.25, n * 0.25 + 1);
          });
          const most = Math.max(...shares);
          expect(label).toBe(most >= 0.5 ? shares.indexOf(most) : UNLABELLED);
        });
      }),
    );
  });
});

describe("a dataset", () => {
  test("holds the assessable windows of each recording in a row, the same numbers as its preview", async () => {
    const spoiled = gestureRecording("p2", 21, { reasons: (_channel, i) => (i < 300 ? 1 : 0) });
    const partly = libraryOf([recordings[0]!, spoiled, recordings[2]!, recordings[3]!]);
    const config = configOf(people);
    const dataset = await readDataset(config, partly);
    const preview = await previewRun(config, partly);
    expect(preview.problems).toEqual([]);
    expect(dataset.recordings.map(({ part }) => part)).toEqual(["train", "train", "train", "test"]);
    expect(dataset.recordings.map(({ unassessable }) => unassessable)).toEqual([0, 11, 0, 0]); // onsets to 2.5 s
    expect(preview.windows.unassessable).toBe(11);
    expect(preview.windows.labelled + preview.windows.unlabelled).toBe(dataset.count);
    expect(preview.perClass.reduce((a, b) => a + b, 0)).toBe(preview.windows.labelled);
    dataset.recordings.forEach(({ from, to }, index) => {
      for (let n = from; n < to; n += 1) expect(dataset.recording[n]).toBe(index);
    });
    expect(dataset.onsetS[dataset.recordings[1]!.from]).toBe(2.75);
  });

  test("keeps a share of the training labels, whole annotations at a time, and every test label", async () => {
    const all = await readDataset(configOf(people), library);
    const config = configOf(people, { labelledShare: 1 / 3 });
    const few = await readDataset(config, library);
    const segments = (of: typeof all, part: string): Set<number> =>
      new Set([...of.segment].filter((s, n) => s >= 0 && of.recordings[of.recording[n]!]!.part === part));
    expect(segments(few, "test")).toEqual(segments(all, "test"));
    expect(segments(all, "train").size).toBe(27);
    expect(segments(few, "train").size).toBe(9);
    for (let n = 0; n < few.count; n += 1) {
      if (few.label[n] !== UNLABELLED) expect(few.label[n]).toBe(all.label[n]);
      const isTaught = segments(few, "train").has(all.segment[n] as number);
      const isTraining = all.recordings[all.recording[n]!]!.part === "train";
      if (isTraining && isTaught) expect(few.label[n]).toBe(all.label[n]); // none of its windows is lost
    }
    expect(keepLabels(all, config)).toEqual(keepLabels(all, config));
    expect(keepLabels(all, { ...config, seed: 5 }).label).not.toEqual(keepLabels(all, config).label);
  });

  test("is scaled by its training people alone", async () => {
    const dataset = await readDataset(configOf(people), library);
    const scale = fitStandardisation(dataset);
    const test = dataset.recordings.find(({ part }) => part === "test")!;
    const width = dataset.layout.width;
    const moved = { ...dataset, x: dataset.x.map((v, at) => (at >= test.from * width ? v + 100 : v)) };
    expect(fitStandardisation(moved)).toEqual(scale);
    const x = standardise(dataset.x, dataset.observed, scale).subarray(0, test.from * width);
    const variance = x.reduce((sum, v) => sum + v * v, 0) / x.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.4, 4);
    const hidden = standardise(Float32Array.of(5, Number.NaN), Uint8Array.of(1, 0), {
      mean: Float32Array.of(1, 1),
      scale: Float32Array.of(2, 2),
    });
    expect([...hidden]).toEqual([8, 0]);
  });

  test("hears a channel that counts in billionths beside one that counts in billions, and not the rounding of one that stands still", async () => {
    const sizes = [1e9, 1e-9, 1, 0];
    const sized = recordings.map((one) => ({
      ...one,
      kind: "other" as const,
      channels: one.channels.map((channel, c) => ({
        ...{ ...channel, role: "other" as const, unit: "" },
        values: channel.values.map((v) => (sizes[c] === 0 ? 1e6 + 1e-3 * v : v * (sizes[c] ?? 1))),
      })),
    }));
    const dataset = await readDataset(configOf(people), libraryOf(sized));
    const x = standardise(dataset.x, dataset.observed, fitStandardisation(dataset));
    const { width, columns } = dataset.layout;
    const moved = sizes.map((_, row) => {
      const own = [...x.keys()].filter((at) => Math.floor((at % width) / columns) === row);
      return Math.sqrt(own.reduce((sum, at) => sum + (x[at] ?? NaN) ** 2, 0) / own.length);
    });
    for (const one of moved.slice(0, 3)) expect(one).toBeCloseTo(0.4, 1);
    expect(moved[3]).toBeLessThan(1e-3);
  });

  test("is assessable by the channels that go on where another has ended long before", async () => {
    const [minutes, rate] = [60, 400];
    const values = new Float32Array(minutes * 60 * rate);
    const half = values.slice(0, values.length / 2);
    const reasons = Uint8Array.from(half, (_, i) => (i < rate ? 1 : 0));
    const long = {
      ...gestureRecording("p1", 1),
      channels: [
        { label: "EMG1", role: "emg" as const, unit: "uV", sampleRate: rate, values },
        { label: "EMG2", role: "emg" as const, unit: "uV", sampleRate: rate, values: half, reasons },
      ],
    };
    const config = configOf(["p1"], { channels: ["EMG1", "EMG2"], windowS: 1, strideS: 1, minObserved: 0.5 });
    const { windows } = await previewRun(config, libraryOf([long]));
    expect(windows).toMatchObject({ unassessable: 0, unlabelled: minutes * 60 - windows.labelled });
  });

  test("has no window where the heart rate that its labels speak about is missing, however well the contractions are seen", async () => {
    const minutes = 30;
    const isLost = (s: number): boolean => s >= 600 && s < 900;
    const ctg = (labels: string[], change: RunChange = {}) => {
      const config = configOf(["p1"], {
        ...{
          labelSet: "ctg-events",
          labels,
          channels: ["FHR", "UC"],
          windowS: 120,
          strideS: 30,
          centreS: 30,
        },
        ...change,
      });
      const one = ctgRecording("p1", minutes, (role, s) => (role === "fhr" && isLost(s) ? 1 : 0));
      return { config, library: libraryOf([one], [LabelSet.parse(ctgEvents)]) };
    };
    const onsets = async ({ config, library }: ReturnType<typeof ctg>): Promise<number[]> => [
      ...(await readDataset(config, library)).onsetS,
    ];
    const all = Array.from({ length: (minutes * 60 - 120) / 30 + 1 }, (_, n) => 30 * n);
    // Half of the 120 s and of the 30 s in their middle.
    const seen = all.filter((onset) => onset + 60 <= 600 || onset + 60 >= 900);
    const rate = ctg(["acceleration", "deceleration"]);
    expect(await onsets(rate)).toEqual(seen);
    expect(await onsets(ctg(["contraction"]))).toEqual(all);
    expect(await onsets(ctg(["acceleration", "contraction"]))).toEqual(seen);
    expect(await onsets(ctg(["something-of-our-own"]))).toEqual(seen);
    const { windows, advice } = await previewRun(rate.config, rate.library);
    expect(windows.unassessable).toBe(all.length - seen.length);
    expect(advice).toMatchObject([
      { code: "WINDOWS_UNOBSERVED", values: { channel: "FHR", count: all.length - seen.length } },
    ]);
  });

  test("finds a heart rate by what it measures, whatever a hospital calls it, and says so", async () => {
    const as = (subject: string, names: readonly string[]) => {
      const one = ctgRecording(subject, 15);
      return { ...one, channels: one.channels.map((channel, i) => ({ ...channel, label: names[i]! })) };
    };
    const twins = as("p3", ["FHR1", "UC"]);
    const second = { ...twins.channels[0]!, label: "FHR2", values: twins.channels[0]!.values.map(() => 80) };
    const mixed = [
      ctgRecording("p1", 15),
      as("p2", ["心拍数", "子宮収縮"]),
      { ...twins, channels: [second, ...twins.channels] },
      ctgRecording("p4", 15),
    ];
    const ctg = {
      ...{ labelSet: "ctg-events", labels: ["acceleration", "contraction"], channels: ["FHR", "UC"] },
      ...{ windowS: 60, strideS: 30 },
    };
    const labels = ctgEvents.labels.map((label) => ({ ...label, group: undefined }));
    const ofOneGroup = LabelSet.parse({ ...ctgEvents, groups: [], labels });
    const config = configOf(people, ctg);
    const named = libraryOf(mixed, [ofOneGroup]);
    const { advice, problems } = await previewRun(config, named);
    expect(problems).toEqual([]);
    expect(advice.map(({ message }) => message)).toEqual([
      "心拍数 is taken for FHR in rec-p2 (1 in all).",
      "子宮収縮 is taken for UC in rec-p2 (1 in all).",
      "FHR2 is taken for FHR in rec-p3 (1 in all), which also have FHR1.",
    ]);
    const { recordings: rows, x, layout } = await readDataset(config, named);
    const partOf = (i: number) => x.subarray(rows[i]!.from * layout.width, rows[i]!.to * layout.width);
    expect(partOf(1)).toEqual(partOf(0)); // the same signal under another name
    expect(partOf(2)).not.toEqual(partOf(0));
    const chosen = await readDataset(
      configOf(people, { ...ctg, channels: ["FHR1", "UC"] }),
      libraryOf([...mixed.slice(2), mixed[0]!, mixed[1]!], [ofOneGroup]),
    );
    expect(chosen.x).toEqual(
      (
        await readDataset(
          configOf(people, ctg),
          libraryOf(
            people.map((p) => ctgRecording(p, 15)),
            [ofOneGroup],
          ),
        )
      ).x,
    );
  });

  test("is refused where a recording lacks a channel, and the preview says which", async () => {
    const config = configOf(people, { channels: ["EMG1", "EMG9"] });
    await expect(readDataset(config, library)).rejects.toMatchObject({ code: "model/wrong-channels" });
    const { problems } = await previewRun(config, library);
    expect(problems).toMatchObject([
      {
        code: "CHANNEL_MISSING",
        message: "No channel EMG9 in rec-p1, rec-p2, rec-p3, … (4 in all).",
        values: { channel: "EMG9", count: 4, recordingIds: "rec-p1 rec-p2 rec-p3 rec-p4" },
      },
    ]);
  });

  test("is refused where a channel is chosen twice, and not for want of it", async () => {
    const { problems } = await previewRun(configOf(people, { channels: ["EMG1", "EMG2", "EMG1"] }), library);
    expect(problems.map(({ message }) => message)).toEqual(["The channel EMG1 is chosen twice."]);
  });

  test("is refused where rows of a recording are damaged, and the preview says which", async () => {
    const damagedMask = (): typeof library => {
      const seen = new Set<string>(); // a library finds damage as it reads
      return {
        ...library,
        listMasks: (id) => {
          seen.add(id);
          return library.listMasks(id);
        },
        getRecording: (id) => ({
          ...library.getRecording(id),
          ...(seen.has(id) && id === "rec-p2" ? { fault: "1 of its masks cannot be read" } : {}),
        }),
      };
    };
    const refused = readDataset(configOf(people), damagedMask());
    await expect(refused).rejects.toMatchObject({ code: "storage/corrupt", detail: { recording: "rec-p2" } });
    const { problems, windows } = await previewRun(configOf(people), damagedMask());
    expect(problems).toMatchObject([{ code: "RECORDING_DAMAGED", values: { recordingIds: "rec-p2" } }]);
    expect(windows.labelled).toBeLessThan((await previewRun(configOf(people), library)).windows.labelled);
  });

  test("stops being read when it is cancelled", async () => {
    const reading = readDataset(configOf(people), library, { signal: AbortSignal.abort() });
    await expect(reading).rejects.toMatchObject({ code: "cancelled/by-user" });
  });
});

describe("a run with a background", () => {
  const set = LabelSet.parse(ctgEvents);
  const some = (readings?: readonly { onsetS: number; durationS: number }[]) =>
    libraryOf(
      ["p1", "p2", "p3"].map((subject) => ({
        ...ctgRecording(subject, 30),
        ...(readings ? { readings } : {}),
      })),
      [set],
    );
  const config = configOf(["p1", "p2", "p3"], {
    ...{ labelSet: "ctg-events", labels: ["acceleration"], channels: ["FHR", "UC"] },
    ...{ windowS: 60, strideS: 30, centreS: 30, background: "read-completely" },
  });

  test("is told how many windows stay unlabelled because nobody declared their recordings read", async () => {
    const { windows, perClass, problems, advice } = await previewRun(config, some());
    expect(perClass).toEqual([0, windows.labelled]);
    expect(problems.map(({ code }) => code)).toContain("TOO_FEW_WINDOWS");
    expect(advice).toMatchObject([
      {
        code: "NOT_READ_COMPLETELY",
        values: { count: windows.unlabelled, recordings: "rec-p1, rec-p2, rec-p3", total: 3 },
      },
    ]);
  });

  test("takes what was read and carries no mark for none", async () => {
    const whole = await previewRun(config, some([{ onsetS: 0, durationS: 1800 }]));
    expect(whole).toMatchObject({ windows: { unlabelled: 0 }, problems: [], advice: [] });
    const half = await previewRun(config, some([{ onsetS: 0, durationS: 900 }]));
    expect(half.perClass[1]).toBe(whole.perClass[1]);
    expect(half.perClass[0]! + half.windows.unlabelled).toBe(whole.perClass[0]!);
    expect(half.windows.unlabelled).toBeGreaterThan(0);
  });

  test("counts no reading for a label that its version of the set did not have", async () => {
    const before = { ...set, labels: set.labels.filter(({ code }) => code !== "acceleration") };
    const recordings = ["p1", "p2", "p3"].map((subject) => ({
      ...ctgRecording(subject, 30),
      readings: [{ onsetS: 0, durationS: 1800 }],
    }));
    const older = { ...libraryOf(recordings, [set]), getLabelSet: () => before };
    expect((await previewRun(config, older)).perClass[0]).toBe(0);
  });

  test("learns one group: labels of several may hold at once, and a window gets one class", async () => {
    const codes = async (...labels: string[]) =>
      (await previewRun(changed(config, { labels }), some())).problems.filter(
        ({ code }) => code === "LABEL_GROUPS",
      );
    expect(await codes("contraction", "acceleration", "deceleration")).toMatchObject([
      { values: { count: 2, groups: "heart-rate-events, contractions" } },
    ]);
    expect(await codes("acceleration", "deceleration")).toEqual([]);
  });

  test("by the rule of version 0.1 does not start anew", async () => {
    const { problems } = await previewRun(changed(config, { background: "annotated-recordings" }), some());
    expect(problems.map(({ code }) => code)).toContain("BACKGROUND_OUTDATED");
  });
});

test("a preview names what a run could not do", async () => {
  const problems = async (change: RunChange): Promise<string> =>
    (await previewRun(configOf(people, change), library)).problems.map(({ message }) => message).join(" ");
  expect(await problems({ labels: ["rest"] })).toMatch(/One class only/);
  expect(await problems({ labels: ["rest", "rest"] })).toMatch(/chosen twice/);
  expect(await problems({ labels: ["rest", "wave"] })).toMatch(/0 windows labelled wave; at least 2/);
  expect(await problems({ centreS: 2 })).toMatch(/judged centre of 2 s is longer than the window of 0.5 s/);
  expect(await problems({ windowS: 60 })).toMatch(/shorter than the window of 60 s/);
  vi.stubEnv("KODO_CACHE", "/nothing/is/installed/here");
  expect(await problems({ engine: "libtensorflow" })).toMatch(
    /libtensorflow was asked for and is not installed/,
  );
  expect(await problems({ engine: "onnxruntime" })).not.toMatch(/engine/);
  vi.unstubAllEnvs();
});

test("one person with labels to train on leaves nobody to calibrate on, unless somebody is named for it", async () => {
  const unlabelled = ["p2", "p3"];
  const partly = libraryOf(
    recordings.map((one) => (unlabelled.includes(one.subject) ? { ...one, annotations: [] } : one)),
  );
  const problems = async (change: RunChange = {}): Promise<string> =>
    (await previewRun(configOf(people, change), partly)).problems.map(({ message }) => message).join(" ");
  expect(await problems()).toMatch(/No validation subject: .* two people with labels/);
  expect(await problems({ testSubjects: ["p2"] })).toMatch(/No labelled window of a test subject/);
  expect(await problems({ testSubjects: ["p1"], validationSubjects: ["p4"] })).toMatch(
    /0 windows labelled rest/,
  );
  const few = libraryOf(recordings.map((one) => (one.subject === "p3" ? { ...one, annotations: [] } : one)));
  expect((await previewRun(configOf(people), few)).problems).toEqual([]);
});
