import fc from "fast-check";
import { expect, test } from "vitest";
import { SessionSetup } from "../../../preload/contract/acquisition.ts";
import { fakeDevices } from "../../fake/recorder-devices.ts";
import { ctgEvents, emgGestures } from "../../fake/study.ts";
import { setupProblemText } from "./said-problem.ts";
import {
  anotherDevice,
  deviceOn,
  draftFrom,
  emptyDraft,
  gesturesIn,
  guidedLasts,
  guidedNumbers,
  problemsOf,
  setupOf,
  type Draft,
} from "./setup-draft.ts";
import { fieldProblem, fieldsOf, readList } from "./setup-form.ts";

const sets = [ctgEvents, emgGestures];
const monitor = deviceOn(fakeDevices, "series50", "/dev/ttyUSB0");
const good: Draft = { ...emptyDraft, subject: "S-1", devices: [monitor] };
const codes = (draft: Draft) => problemsOf(draft, fakeDevices, { sets }).map(({ code }) => code);

test("an empty set-up says what is missing, a whole one nothing", () => {
  expect(codes(emptyDraft)).toEqual(["no-subject", "no-device"]);
  expect(codes(good)).toEqual([]);
});

test("each thing in the way is named in a sentence that says what to do, in both languages", () => {
  const wrong: Draft = {
    ...good,
    kind: "emg",
    way: "guided",
    labelSet: "emg-gestures",
    devices: [
      monitor,
      deviceOn(fakeDevices, "series50", "/dev/ttyUSB0"),
      { ...deviceOn(fakeDevices, "series50", ""), setup: { uterine: "belt" } },
    ],
  };
  const problems = problemsOf(wrong, fakeDevices, { sets });
  expect(problems.map(({ code }) => code)).toEqual([
    "same-port",
    "no-port",
    "setting",
    "other-kind",
    "no-gesture",
  ]);
  expect(problems.map((problem) => setupProblemText(problem, "en"))).toEqual([
    "Devices 1 and 2 share /dev/ttyUSB0. Give each a port of its own.",
    "Device 3 has no port. Choose one, or type where it is.",
    "Device 3, Uterine activity: “belt” is not offered. Choose one of the list.",
    "Philips/HP Series 50 sends CTG. Set what is recorded to CTG, or choose another device.",
    "No gesture is ticked. Tick at least one.",
  ]);
  for (const problem of problems) {
    expect(setupProblemText(problem, "ja")).toMatch(/[ぁ-ん]/);
    expect(setupProblemText(problem, "ja")).toMatch(/。$/);
  }
});

test("what is too long, and numbers of a course that it cannot have, are told before it starts", () => {
  const wrong: Draft = {
    ...{ ...good, subject: "S".repeat(201), note: "n".repeat(10_001) },
    ...{ kind: "emg", labelSet: "emg-gestures", way: "guided" },
    devices: [deviceOn(fakeDevices, "cyton", "/dev/ttyUSB1")],
    guided: {
      ...{ ...emptyDraft.guided, gestures: ["hand-open"] },
      ...{ repetitions: 2.5, holdS: 0, changeS: Number.NaN, restS: 601 },
    },
  };
  const problems = problemsOf(wrong, fakeDevices, { sets });
  expect(problems.map((problem) => setupProblemText(problem, "en"))).toEqual([
    "Subject code is too long. 200 characters fit.",
    "Note is too long. 10000 characters fit.",
    "Course, Repetitions: A whole number is needed.",
    "Course, Hold (s): From 0.5 to 600.",
    "Course, Change (s): A number is needed.",
    "Course, Rest before (s): From 0 to 600.",
  ]);
  for (const [key, { least, most }] of Object.entries(guidedNumbers))
    for (const [value, isFit] of [
      [least, true],
      [most, true],
      [least - 0.5, false],
      [most + 1, false],
    ] as const) {
      const draft = { ...wrong, ...{ subject: "S", note: "" }, guided: { ...usual, [key]: value } };
      expect(SessionSetup.safeParse(setupOf(draft, fakeDevices)).success, `${key} ${value}`).toBe(isFit);
      expect(problemsOf(draft, fakeDevices, { sets }).length === 0, `${key} ${value}`).toBe(isFit);
    }
});
const usual = { ...emptyDraft.guided, gestures: ["hand-open"] };

test("keys and a model that a template names and the library no longer has are told before it starts", () => {
  const gone: Draft = { ...good, labelSet: "ward-marks", runId: "run-1" };
  const found = problemsOf(gone, fakeDevices, { sets, runs: [{ id: "run-2" }] });
  expect(found.map((one) => setupProblemText(one, "en"))).toEqual([
    "The chosen keys for marks are no longer in the library. Choose others, or none.",
    "The chosen live model is no longer in the library. Choose another, or none.",
  ]);
  const none: Draft = { ...gone, labelSet: "" };
  expect(problemsOf(none, fakeDevices, { sets, runs: [{ id: "run-1" }] })).toEqual([]);
  expect(problemsOf(none, fakeDevices, { sets, runs: undefined })).toEqual([]); // not known yet
});

test("a set-up that is fit to start is one that the contract takes, and a template gives it back without its subject", () => {
  const guided: Draft = {
    ...{ ...good, kind: "emg", labelSet: "emg-gestures", way: "guided" },
    devices: [{ ...deviceOn(fakeDevices, "cyton", "/dev/ttyUSB1"), setup: { gain: 12 }, sites: ["forearm"] }],
    guided: { ...emptyDraft.guided, gestures: ["hand-open"], isShuffled: true },
  };
  for (const draft of [good, guided]) {
    const setup = SessionSetup.parse(setupOf(draft, fakeDevices));
    expect(setup).toEqual(setupOf(draft, fakeDevices));
    const again = draftFrom(setup, { subject: "S-2", note: "34 weeks" });
    expect(setupOf(again, fakeDevices)).toEqual({
      ...setup,
      ...{ subject: "S-2", note: "34 weeks" },
      ...(setup.guided ? { guided: { ...setup.guided, seed: expect.any(Number) as number } } : {}),
    });
  }
  expect(guidedLasts(guided.guided)).toBe(5 + 3 * 6 + 3 * 8);
});

test("a course asks for what can be held of its own set, and for nothing that another set left behind", () => {
  const intervals = emgGestures.labels.map(({ code }) => code);
  expect(gesturesIn(emgGestures, ["acceleration"])).toEqual(intervals);
  expect(gesturesIn(emgGestures, ["hand-open", "hand-close"])).toEqual(["hand-close", "hand-open"]);
  expect(gesturesIn(ctgEvents)).not.toContain("note"); // a moment
  expect(gesturesIn(undefined, ["hand-open"])).toEqual([]);
});

test("a device is offered as it was last set up, on the port that it has now", () => {
  const remembered = [
    {
      portId: "0403:6015:DM01N8KH",
      choice: { protocol: "cyton" as const, port: "COM9", setup: { gain: 6 }, sites: ["flexor"] },
    },
  ].map((one) => ({ ...one, choice: { ...one.choice, line: undefined } }));
  const list = { ...fakeDevices, remembered };
  expect(anotherDevice(list, { ...emptyDraft, kind: "emg" })).toMatchObject({
    ...{ protocol: "cyton", port: "/dev/ttyUSB1", setup: { gain: 6 }, sites: ["flexor"] },
  });
  expect(anotherDevice(list, emptyDraft)).toMatchObject({ protocol: "series50", port: "/dev/ttyUSB0" });
});

test("the form of a protocol is drawn from its schema: names, kinds, bounds; what cannot be drawn is left out", () => {
  const fields = fieldsOf({
    properties: {
      gain: { anyOf: [{ const: 1 }, { const: 24 }], asked: { name: { en: "Gain", ja: "ゲイン" } } },
      rate: { type: "integer", minimum: 1, maximum: 1000 },
      off: { type: "array", items: { type: "integer", minimum: 1, maximum: 16 }, maxItems: 3 },
      isOn: { type: "boolean" },
      deep: { type: "object" },
      belt: {
        enum: ["a", "b"],
        asked: { name: { en: "B", ja: "B" }, choices: { a: { en: "Belt", ja: "ベルト" } } },
      },
    },
  });
  expect(fields.map(({ key, shape }) => [key, shape.kind])).toEqual([
    ["gain", "choice"],
    ["rate", "number"],
    ["off", "list"],
    ["isOn", "switch"],
    ["belt", "choice"],
  ]);
  expect(fields.at(-1)?.shape).toMatchObject({ names: { a: { en: "Belt", ja: "ベルト" } } });
  const [gain, rate, off] = fields.map(({ shape }) => shape);
  expect(gain && fieldProblem(gain, 12)).toEqual({ kind: "not-offered", value: "12" });
  expect(rate && fieldProblem(rate, 2000)).toEqual({ kind: "range", least: 1, most: 1000 });
  expect(rate && fieldProblem(rate, 1.5)).toEqual({ kind: "whole" });
  expect(off && fieldProblem(off, [1, 17])).toMatchObject({ kind: "range" });
  expect(off && fieldProblem(off, [1, 2, 3, 4])).toEqual({ kind: "too-many", most: 3 });
  expect(fieldsOf(undefined)).toEqual([]);
});

test("a list is read back as it was written, whatever parts it", () => {
  const separator = fc.constantFrom(", ", " ", "、", ",");
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 16 })), separator, (numbers, between) => {
      const of = { kind: "number", least: 1, most: 16, isWhole: true } as const;
      expect(readList(numbers.join(between), of)).toEqual(numbers);
    }),
  );
});
