import { describe, expect, test } from "vitest";
import { CONSENSUS, DECISIONS_SET } from "../../../preload/contract/agreement.ts";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import ctgEvents from "../../../resources/label-sets/ctg-events.json" with { type: "json" };
import { ctgRecording } from "../fit/fit.fixtures.ts";
import { memoryLibrary, type MemoryRecording } from "./memory-library.ts";
import { previewRun } from "./preview.ts";
import { readSequences } from "./sequences.ts";
import { teachingOf } from "./teaching.ts";

const MINUTES = 20;
type Marks = MemoryRecording["annotations"];

const by = (
  author: string,
  ...places: readonly (readonly [onsetS: number, durationS: number, label?: string])[]
): Marks =>
  places.map(([onsetS, durationS, label = "acceleration"]) => ({ author, onsetS, durationS, label }));
const decided = (label: "nothing" | "cannot-tell", onsetS: number, durationS: number): Marks => [
  { author: CONSENSUS, labelSet: DECISIONS_SET, label, onsetS, durationS },
];

const recordingOf = (annotations: Marks, readers: readonly string[], subject = "a"): MemoryRecording => ({
  ...ctgRecording(subject, MINUTES),
  annotations,
  readings: readers.map((author) => ({ author, onsetS: 0, durationS: 60 * MINUTES })),
});

const sets = [LabelSet.parse(ctgEvents)];
const taught = (annotations: Marks, readers: readonly string[], named?: string[]) => {
  const library = memoryLibrary([recordingOf(annotations, readers)], sets);
  const data = { labelSet: "ctg-events", labels: ["acceleration", "deceleration"] };
  const teaching = teachingOf(named === undefined ? data : { ...data, readers: named }, library, "rec-a");
  return {
    ...teaching,
    places: teaching.annotations.map(({ label, onsetS, durationS }) => [
      label.slice(0, 3),
      onsetS,
      durationS,
    ]),
  };
};

/** Both have 100 s; Aoki alone 300 s, Mori alone 500 s; 700 s is a rise for one and a fall for the other. */
const differing: Marks = [
  ...by("Aoki", [100, 40], [300, 40], [700, 40]),
  ...by("Mori", [110, 40], [500, 40], [700, 40, "deceleration"]),
];
const both = ["Aoki", "Mori"];

describe("several readers of a recording", () => {
  test("teach every event once, where they have it on average; what one of them marked is taught", () => {
    const { places, by: whose, unclear, undecided } = taught(differing, both);
    expect(whose).toEqual(both);
    expect(places).toEqual([
      ["acc", 105, 40],
      ["acc", 300, 40],
      ["acc", 500, 40],
      ["acc", 700, 40],
      ["dec", 700, 40],
    ]);
    expect([unclear, undecided]).toEqual([[], 0]);
  });

  test("who marked several where others marked one has marked that one; a reader's own marks stay as they are", () => {
    expect(taught([...by("Aoki", [100, 100]), ...by("Mori", [100, 45], [155, 45])], both).places).toEqual([
      ["acc", 100, 72.5],
    ]);
    const three = [...by("Aoki", [100, 40]), ...by("Mori", [106, 40]), ...by("Sato", [112, 40])];
    expect(taught(three, []).places).toEqual([["acc", 106, 40]]);
    expect(taught(by("Aoki", [100, 40], [105, 40]), ["Aoki"]).places).toHaveLength(2);
  });

  test("of whom some are named teach alone, with what those read completely", () => {
    const mori = taught(differing, ["Aoki"], ["Mori"]);
    expect([mori.by, mori.places.map(([, at]) => at), mori.read]).toEqual([["Mori"], [110, 500, 700], []]);
    const aoki = taught(differing, ["Aoki"], ["Aoki", "Nobody"]);
    expect([aoki.by, aoki.read.length]).toEqual([["Aoki"], 1]);
    expect(aoki.labels).toEqual(
      new Map([
        ["Aoki", 3],
        ["Mori", 3],
      ]),
    );
  });

  test("what a model offers, and labels of other sets, teach nothing", () => {
    const [offered, ofOthers] = [{ source: "model" }, { labelSet: "signal-quality" }] as const;
    for (const change of [offered, ofOthers])
      expect(
        taught(
          by("Aoki", [100, 40]).map((one) => ({ ...one, ...change })),
          [],
        ).annotations,
      ).toEqual([]);
  });
});

describe("what readers agreed upon", () => {
  test("teaches as soon as something is decided: what is open teaches neither way, and what is nothing is none", () => {
    const marks = [...differing, ...by(CONSENSUS, [300, 40]), ...decided("nothing", 500, 40)];
    const { by: whose, places, read, unclear, undecided } = taught(marks, both);
    expect(whose).toEqual([CONSENSUS]);
    expect(places.map(([label, at]) => [label, at])).toEqual([
      ["acc", 300],
      ["acc", 105], // agreed, though nobody kept it
    ]);
    expect(read).toEqual([{ onsetS: 0, durationS: 1200 }]);
    expect(unclear).toEqual([{ group: "heart-rate-events", onsetS: 700, durationS: 40 }]);
    expect(undecided).toBe(1);
  });

  test("that nobody can tell a place is a decision, and teaches neither way", () => {
    const { unclear, undecided } = taught([...differing, ...decided("cannot-tell", 300, 40)], both);
    expect(unclear.map(({ onsetS }) => onsetS)).toEqual([300, 500, 700]);
    expect(undecided).toBe(2);
  });

  test("an agreed event that was kept is one", () => {
    expect(taught([...differing, ...by(CONSENSUS, [105, 40])], both).places).toEqual([["acc", 105, 40]]);
  });

  test("is asked for by its name, also before anything is decided; a recording that one reader read has none", () => {
    const open = taught(differing, both, [CONSENSUS]);
    expect([open.by, open.places, open.undecided]).toEqual([[CONSENSUS], [["acc", 105, 40]], 3]);
    const alone = taught(by("Aoki", [100, 40]), ["Aoki"], [CONSENSUS]);
    expect([alone.by, alone.annotations, alone.read]).toEqual([[], [], []]);
    expect(taught(by("Aoki", [100, 40]), ["Aoki"], [CONSENSUS, "Aoki"]).by).toEqual(["Aoki"]);
  });

  test("holds where all of them read, and where it was declared itself", () => {
    const recording = {
      ...recordingOf([...differing, ...by(CONSENSUS, [300, 40])], []),
      readings: [
        { author: "Aoki", onsetS: 0, durationS: 400 },
        { author: "Mori", onsetS: 50, durationS: 600 },
        { author: CONSENSUS, onsetS: 900, durationS: 300 },
      ],
    };
    const data = { labelSet: "ctg-events", labels: ["acceleration"] };
    expect(teachingOf(data, memoryLibrary([recording], sets), "rec-a").read).toMatchObject([
      { onsetS: 50, durationS: 350 },
      { onsetS: 900, durationS: 300 },
    ]);
  });

  test("of a set without the labels, or decided of another set, changes nothing", () => {
    expect(taught([...differing, ...decided("nothing", 40, 2)], both).by).toEqual(both);
    const nowhere = memoryLibrary([recordingOf(differing, [])]);
    expect(teachingOf({ labelSet: "ctg-events", labels: [] }, nowhere, "rec-a").by).toEqual(both);
  });
});

describe("a preview", () => {
  const people = ["a", "b", "c"];
  const configOf = (model: string, readers?: string[]): RunConfig =>
    RunConfig.parse({
      name: "readers",
      data: {
        recordingIds: people.map((one) => `rec-${one}`),
        ...{ labelSet: "ctg-events", labels: ["acceleration"], background: "read-completely" },
        channels: ["FHR", "UC"],
        windows: { windowS: 60, strideS: 30 },
        ...(readers === undefined ? {} : { readers }),
      },
      split: { testSubjects: ["c"], validationSubjects: ["b"] },
      model: { kind: model },
    });
  const twice = [...by("Aoki", [100, 60], [400, 60]), ...by("Mori", [105, 60])];
  const library = memoryLibrary(
    [
      recordingOf(twice, both, "a"),
      recordingOf([...twice, ...by(CONSENSUS, [102, 60])], both, "b"),
      recordingOf(by("Aoki", [100, 60], [400, 60]), ["Aoki"], "c"),
    ],
    sets,
  );

  test.each(["event-net", "logistic"])(
    "of %s says whose labels teach, and counts no event twice",
    async (model) => {
      const preview = await previewRun(configOf(model), library);
      expect(preview.readers).toEqual([
        { name: "Aoki", recordings: 3, labels: 6, teaches: 2 },
        { name: "Mori", recordings: 2, labels: 2, teaches: 1 },
        { name: CONSENSUS, recordings: 1, labels: 1, teaches: 1 },
      ]);
      const codes = preview.advice.map(({ code, values }) => [code, values["recordings"]]);
      expect(codes).toEqual(
        expect.arrayContaining([
          ["CONSENSUS_TEACHES", "rec-b"],
          ["READERS_UNDECIDED", "rec-b"],
          ["READERS_TOGETHER", "rec-a"],
        ]),
      );
      if (model === "event-net") expect(preview.windows.labelled).toBe(2 + 1 + 2);
      const alone = await previewRun(configOf(model, ["Aoki"]), library);
      expect(alone.advice.map(({ code }) => code)).not.toContain("READERS_TOGETHER");
      const misspelt = await previewRun(configOf(model, ["Aoki", "Morri"]), library);
      expect(misspelt.problems[0]).toMatchObject({
        code: "READER_UNKNOWN",
        values: { readers: "Morri", known: "Aoki, Mori, consensus" },
      });
    },
  );

  test("what readers differ about is unclear to a model of whole recordings", () => {
    const { recordings } = readSequences(configOf("event-net"), library);
    expect(recordings.find(({ id }) => id === "rec-b")?.marks).toMatchObject({
      events: [{ code: "acceleration", onsetS: 102 }],
      unclear: [{ code: "acceleration", onsetS: 400, durationS: 60 }],
    });
  });
});
