import { sharedChannels } from "../../../preload/contract/match-channels.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppError, errorFrom, unwrap } from "../../../preload/contract/errors.ts";
import { RunConfig, unpacked } from "../../../preload/contract/run.ts";
import { fakeKinds } from "../../fake/model-kinds.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { changeDraft, changeSetting, chooseModel, setDraft, shownDraft, useTrain } from "./draft-store.ts";
import { settingProblems } from "./model-settings.ts";
import {
  channelOptions,
  configOf,
  countsOfParts,
  draftOfKind,
  emptyDraft,
  firstDraft,
  inStep,
  labelsAtFirst,
  lackingChannels,
  presetOf,
  presets,
  splitForMe,
  classGroups,
  toggled,
  usualLabels,
  type Draft,
  withGroup,
  withModel,
  withRecordings,
} from "./draft.ts";

const api = createFakeApi(3);
const recordings = unwrap(await api.request("recordings.page", {})).rows;
const labelSets = unwrap(await api.request("labelSets.list", {}));
const models = unwrap(await api.request("models.list", {}));
const stock = { labelSets, models };
const named = { name: "a", ...stock };
const draft = firstDraft(recordings, stock);

test("the first draft takes the kind with most labels, whole, and can start", async () => {
  expect(draft.kind).toBe("emg");
  expect(draft.recordingIds).toHaveLength(10);
  expect(draft.channels).toHaveLength(8);
  const config = configOf(draft, named);
  expect(RunConfig.safeParse(config).success).toBe(true);
  const preview = unwrap(await api.request("runs.preview", config!));
  expect(preview.problems).toEqual([]);
});

test("a recording put into the bin is not trained on, and a person renamed keeps no part under the old name", () => {
  expect(inStep(draft, recordings, stock)).toBe(draft);
  const [first, ...others] = recordings.filter((one) => draft.recordingIds.includes(one.id));
  const left = inStep(draft, others, stock);
  expect(left.recordingIds).toEqual(others.map(({ id }) => id));
  const renamed = inStep(draft, [{ ...first!, subject: "New" }, ...others], stock);
  expect(renamed.recordingIds).toHaveLength(draft.recordingIds.length);
  const people = (parts: object) => Object.keys(parts).sort();
  expect(people(renamed.parts)).toEqual(
    [...new Set(["New", ...others.map(({ subject }) => subject)])].sort(),
  );
  expect(inStep(draft, [], stock).recordingIds).toEqual([]);
});

test("a recording that turned out to be of another kind, and a class its set no longer has, are not sent", () => {
  const moved = recordings.map((one) =>
    one.id === draft.recordingIds[0] ? { ...one, kind: "other" as const } : one,
  );
  expect(inStep(draft, moved, stock).recordingIds).toEqual(draft.recordingIds.slice(1));
  const fewer = labelSets.map((set) =>
    set.id === draft.labelSet
      ? { ...set, labels: set.labels.filter(({ code }) => code !== draft.labels[0]) }
      : set,
  );
  expect(inStep(draft, recordings, { ...stock, labelSets: fewer }).labels).toEqual(draft.labels.slice(1));
});

test("for CTG the classes are the two that exclude each other, and unmarked windows count as none", () => {
  const ctg = draftOfKind("ctg", recordings, stock);
  expect(ctg.labels).toEqual(["acceleration", "deceleration"]);
  expect(ctg.background).toBe("read-completely");
  expect(ctg.channels).toEqual(["FHR", "UC"]);
  expect(presetOf(ctg)?.id).toBe("ctg-120");
  expect(usualLabels(labelSets.find((one) => one.kind === "emg")).labels).toHaveLength(7);
});

test("one recording without a heart rate leaves the others theirs, and is named", () => {
  const [first, ...others] = recordings.filter(({ kind }) => kind === "ctg");
  const unsaid = {
    ...first!,
    channels: first!.channels.map((one) =>
      one.role === "fhr" ? { ...one, label: "HR", role: "other" as const } : one,
    ),
  };
  for (const mixed of [
    [unsaid, ...others],
    [...others, unsaid],
  ]) {
    const ctg = draftOfKind("ctg", mixed, stock);
    expect(ctg.channels).toEqual(["FHR", "UC"]);
    expect(lackingChannels("ctg", mixed)).toEqual([{ channel: "FHR", recordings: [unsaid] }]);
  }
  expect(draftOfKind("ctg", [unsaid], stock).channels).toEqual(["UC"]);
});

test("classes come from one group; one that left it is not sent, and a group that is gone gives way to another", () => {
  const ctg = draftOfKind("ctg", recordings, stock);
  const set = labelSets.find((one) => one.id === ctg.labelSet)!;
  expect(classGroups(set).map(({ group }) => group.code)).toEqual([
    ...["heart-rate-events", "contractions", "baseline-state", "signal-quality"], // not the notes, which are points
  ]);
  expect(usualLabels(set, "baseline-state")).toEqual({
    labelGroup: "baseline-state",
    labels: ["tachycardia", "bradycardia"],
  });
  const mixed = { ...ctg, labels: [...ctg.labels, "contraction"] };
  expect(inStep(mixed, recordings, stock)).toBe(mixed);
  expect(configOf(mixed, named)?.data.labels).toEqual(ctg.labels);
  expect(inStep({ ...mixed, labelGroup: "gone" }, recordings, stock)).toEqual(mixed);
});

test("labels of other groups stay chosen while a model of windows asks for one of them", () => {
  const whole = { ...fakeKinds[1]!, kind: "whole", over: "sequences" as const };
  const all = { labelSets, models: [...models, whole] };
  const set = labelSets.find(({ kind }) => kind === "ctg");
  const events = { ...draftOfKind("ctg", recordings, stock), model: { kind: "whole" } };
  const chosen = toggled(events.labels, "contraction", set);
  const sent = (one: Draft) => configOf(inStep(one, recordings, all), { name: "a", ...all })?.data.labels;
  expect(sent({ ...events, labels: chosen })).toEqual(["acceleration", "deceleration", "contraction"]);
  const windows = inStep(withModel({ ...events, labels: chosen }, "lda"), recordings, all);
  expect(sent(windows)).toEqual(["acceleration", "deceleration"]);
  const contractions = { ...windows, ...withGroup(windows.labels, "contractions", set) };
  expect(sent(contractions)).toEqual(["contraction"]);
  const states = { ...windows, ...withGroup(windows.labels, "baseline-state", set) };
  expect(sent(states)).toEqual(["tachycardia", "bradycardia"]);
  expect(sent(withModel(contractions, "whole"))).toEqual(chosen);
  expect(labelsAtFirst(set, true)).toEqual({ labelGroup: "heart-rate-events", labels: chosen });
  expect(labelsAtFirst(set, false).labels).toEqual(["acceleration", "deceleration"]);
});

test("nobody is in two parts, everybody is in one, and each part has somebody from three people on", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 3, maxLength: 40 }),
      fc.nat(1000),
      (subjects, seed) => {
        const split = splitForMe(subjects, seed);
        expect(new Set(Object.keys(split))).toEqual(new Set(subjects));
        for (const part of ["train", "test"]) expect(Object.values(split)).toContain(part);
      },
    ),
  );
});

test("nobody without labels is tested on", () => {
  const people = Array.from({ length: 12 }, (_, i) => `P${i}`);
  const labelled = people.slice(0, 4);
  for (let seed = 0; seed < 50; seed++) {
    const tested = Object.entries(splitForMe(people, seed, labelled)).filter(([, part]) => part === "test");
    expect(tested.length).toBe(1);
    for (const [subject] of tested) expect(labelled).toContain(subject);
  }
});

test("the same people and seed give the same split in whatever order they are listed", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 20 }),
      fc.nat(1000),
      (subjects, seed) => {
        expect(splitForMe([...subjects].reverse(), seed)).toEqual(splitForMe(subjects, seed));
      },
    ),
  );
  const people = Array.from({ length: 12 }, (_, i) => `P${i}`);
  expect(splitForMe(people, 1)).not.toEqual(splitForMe(people, 2));
});

test("a model that needs no labels is asked for without any, and everybody may be tested on", () => {
  const free = { ...fakeKinds[1]!, kind: "free", over: "sequences" as const };
  const config = (labels: "needed" | "used" | "unused", change: Partial<Draft> = {}) =>
    configOf(
      { ...draftOfKind("ctg", recordings, stock), model: { kind: "free" }, ...change },
      { name: "a", labelSets, models: [...models, { ...free, labels }] },
    );
  expect(config("unused")?.data.labels).toEqual([]);
  expect(config("used")?.data.labels).toEqual(["acceleration", "deceleration"]);
  expect(RunConfig.safeParse(config("used", { labels: [], labelSet: "" })).success).toBe(true);
  expect(config("needed", { labels: [] })).toBeUndefined();
  const unmarked = recordings.map((one) => ({ ...one, annotationCount: 0 }));
  expect(Object.values(draftOfKind("ctg", unmarked, stock).parts)).toContain("test");
});

test("people who stay keep their part when recordings change", () => {
  const fewer = withRecordings(draft, draft.recordingIds.slice(0, 4), recordings);
  for (const [subject, part] of Object.entries(fewer.parts)) expect(part).toBe(draft.parts[subject]);
  expect(Object.keys(fewer.parts)).toHaveLength(4);
  expect(withRecordings(fewer, [], recordings).channels).toEqual(draft.channels);
});

test("a chosen channel that some recordings lack stays chosen, and is said", () => {
  const ctg = draftOfKind("ctg", recordings, stock);
  const [first, ...others] = recordings.filter((one) => ctg.recordingIds.includes(one.id));
  const deaf = { ...first!, channels: first!.channels.filter(({ role }) => role !== "fhr") };
  const renamed = others.map((one) => ({
    ...one,
    channels: one.channels.map((channel) =>
      channel.role === "fhr" ? { ...channel, label: "心拍数" } : channel,
    ),
  }));
  const library = [deaf, ...renamed];
  const kept = withRecordings(ctg, ctg.recordingIds, library);
  expect(kept.channels).toEqual(["FHR", "UC"]);
  const optionOf = (of: Draft) =>
    channelOptions(of, [...library, first!]).map(({ label, isChosen, isShared }) => [
      label,
      isChosen,
      isShared,
    ]);
  expect(optionOf(kept)).toEqual([
    ["FHR", true, false],
    ["UC", true, true],
  ]);
  const without = withRecordings(
    kept,
    renamed.map(({ id }) => id),
    library,
  );
  expect(optionOf(without)).toContainEqual(["UC", true, true]);
  expect(channelOptions({ ...without, channels: ["心拍数"] }, library)).toContainEqual({
    label: "UC",
    isChosen: false,
    isShared: true,
  });
});

test("each kind has a draft of its own: nothing is carried over, and turning back finds it as it was", () => {
  setDraft(draft);
  changeDraft({ name: "few labels", labelledShare: 0.1, seed: 7 });
  setDraft(draftOfKind("ctg", recordings, stock));
  expect(shownDraft(useTrain.getState())).toMatchObject({ kind: "ctg", name: "", labelledShare: 1, seed: 0 });
  const { emg } = useTrain.getState().drafts;
  expect(emg).toMatchObject({
    kind: "emg",
    name: "few labels",
    labelledShare: 0.1,
    channels: draft.channels,
  });
});

test("a draft without recordings, classes, channels or a sensible window asks for nothing", () => {
  expect(configOf(emptyDraft, named)).toBeUndefined();
  expect(configOf({ ...draft, labels: [] }, named)).toBeUndefined();
  expect(configOf({ ...draft, channels: [] }, named)).toBeUndefined();
  expect(configOf({ ...draft, windowS: 0 }, named)).toBeUndefined();
});

test("a draft is named after its data unless a person names it", () => {
  expect(configOf({ ...draft, name: "  mine " }, named)?.name).toBe("mine");
  expect(configOf(draft, named)?.name).toBe("a");
});

test("a draft begins with the model that is usual for its recordings and asks for nothing that the model has by itself", () => {
  expect(configOf(draft, named)?.model).toEqual({
    kind: "identity-coupled",
    adaptation: "transductive-balanced", // usual of bracelets, not of the model
  });
  expect(configOf(draftOfKind("ctg", recordings, stock), named)?.model).toEqual({ kind: "identity-coupled" });
  expect(configOf({ ...draft, model: { kind: "oracle" } }, named)).toBeUndefined();
});

test("another model asks for its own settings, and turning back finds the first as it was left", () => {
  setDraft(draft);
  changeSetting("epochs", 3);
  changeSetting("adaptation", "none");
  chooseModel("lda");
  changeSetting("members", 2);
  const sent = () => configOf(shownDraft(useTrain.getState()) ?? emptyDraft, named)?.model;
  expect(sent()).toEqual({ kind: "lda", members: 2 });
  chooseModel("identity-coupled");
  expect(sent()).toEqual({ kind: "identity-coupled", adaptation: "none", epochs: 3 });
  changeSetting("epochs", undefined);
  expect(sent()).toEqual({ kind: "identity-coupled", adaptation: "none" });
  expect(withModel(withModel(draft, "lda"), draft.model.kind).model).toEqual(draft.model);
});

test("what main finds wrong with a setting is told of its field, and of a group as one", async () => {
  const bad = configOf({ ...draft, model: { ...draft.model, epochs: 1000 } }, named)!;
  const outcome = await api.request("runs.preview", bad);
  expect(outcome.ok).toBe(false);
  const error = outcome.ok ? null : errorFrom(outcome.error);
  expect([...settingProblems(error)]).toEqual([["epochs", "Must be 1 to 500"]]);
  const inner = new AppError("model/bad-config", "", {
    kind: "a",
    problems: 1,
    "model.variation.shiftS": "Too big",
  });
  expect([...settingProblems(inner)]).toEqual([["variation", "Too big"]]);
  expect(settingProblems(new AppError("data/bad-config", "", { "model.epochs": "no" })).size).toBe(0);
});

test("channels on offer are those every recording has", () => {
  expect(sharedChannels([])).toEqual([]);
  expect(sharedChannels(recordings)).toEqual([]); // CTG and EMG share none
});

test("presets are told apart by their lengths", () => {
  for (const one of presets) expect(presetOf(one)).toBe(one);
  expect(presetOf({ windowS: 7, strideS: 1, centreS: undefined })).toBeUndefined();
});

test("every part of the split says how many people and windows it holds, and none is counted twice", async () => {
  const preview = unpacked(unwrap(await api.request("runs.preview", configOf(draft, named)!)));
  const counts = countsOfParts(preview);
  expect(counts.test.people + counts.validation.people + counts.train.people).toBe(preview.subjects.length);
  for (const what of ["labelled", "unlabelled", "unassessable"] as const)
    expect(counts.train[what] + counts.validation[what] + counts.test[what]).toBe(
      preview.subjects.reduce((sum, one) => sum + one[what], 0),
    );
  expect(counts.test.people).toBeGreaterThan(0);
  expect(counts.test.labelled).toBeGreaterThan(0);
});

test("a cross-validation names nobody for testing: everybody with labels is, in one fold", async () => {
  const crossed = { ...draft, folds: 4 };
  const config = configOf(crossed, named)!;
  expect(RunConfig.parse(config)).toMatchObject({
    split: { folds: 4, testSubjects: [], validationSubjects: [] },
  });
  const preview = unpacked(unwrap(await api.request("runs.preview", config)));
  expect(preview.problems).toEqual([]);
  const labelled = preview.subjects.filter((one) => one.labelled > 0);
  expect(new Set(labelled.map(({ fold }) => fold))).toEqual(new Set([0, 1, 2, 3]));
  expect(configOf(draft, named)?.split).not.toHaveProperty("folds");
});
