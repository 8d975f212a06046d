import fc from "fast-check";
import { expect, test } from "vitest";
import { madeUpAbout } from "../../preload/contract/method.fixtures.ts";
import { ALL_LABELS, type LabelSet } from "../../preload/contract/label-set.ts";
import type { ChannelRole, RecordingSummary } from "../../preload/contract/recording.ts";
import type { Prediction } from "../../preload/contract/run.ts";
import type { ModelDescription } from "../../preload/contract/model.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { forecastText } from "./forecasts.ts";
import { csvLine, toJson } from "./json.ts";
import { csvOf, rowsOf } from "./prediction-rows.ts";
import { jsonSchemas, outputs } from "./schemas.ts";
import { completeConfig, fromFlags, joinedFields } from "./train-config.ts";
import { failureOf, UsageError } from "./usage.ts";

test("typed arrays print as arrays and what is no number as null", () => {
  expect(
    toJson({ a: Float32Array.of(1, Number.NaN, 0.5), b: Uint8Array.of(1, 2), c: Infinity, d: [Number.NaN] }),
  ).toBe('{"a":[1,null,0.5],"b":[1,2],"c":null,"d":[null]}');
});

test("a CSV line reads back as the cells it was made of", () => {
  /** RFC 4180, section 2. */
  const read = (line: string): string[] => {
    const cells: string[] = [];
    const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/gy;
    for (let match = cell.exec(line); match !== null; match = cell.exec(line)) {
      cells.push(match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'));
      if (match[3] === "\n" && cell.lastIndex === line.length) break;
    }
    return cells;
  };
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", " ", "徐") }), {
        minLength: 1,
        maxLength: 6,
      }),
      (cells) => {
        expect(read(csvLine(cells))).toEqual(cells);
      },
    ),
  );
});

const prediction: Prediction = {
  runId: "run",
  recordingId: "id",
  classes: ["rest", "fist, hard"],
  adaptation: "none",
  windowS: 0.5,
  createdAt: "",
  onsetS: Float64Array.of(0, 0.25),
  probabilities: Float32Array.of(0.25, 0.75, Number.NaN, Number.NaN),
  low: Float32Array.of(0.125, 0.5, Number.NaN, Number.NaN),
  high: Float32Array.of(0.5, 0.875, Number.NaN, Number.NaN),
  aleatoric: Float32Array.of(0.5, Number.NaN),
  epistemic: Float32Array.of(0.25, Number.NaN),
  typicality: Float32Array.of(0.5, Number.NaN),
  assessable: Uint8Array.of(1, 0),
};

test("a window that could not be assessed has no number in any column", () => {
  const rows = rowsOf(prediction, "arm");
  expect(rows.rows).toEqual([
    {
      onsetS: 0,
      probabilities: [0.25, 0.75],
      low: [0.125, 0.5],
      high: [0.5, 0.875],
      aleatoric: 0.5,
      epistemic: 0.25,
      typicality: 0.5,
      assessable: true,
    },
    {
      onsetS: 0.25,
      probabilities: [null, null],
      low: [null, null],
      high: [null, null],
      aleatoric: null,
      epistemic: null,
      typicality: null,
      assessable: false,
    },
  ]);
  expect(csvOf([rows]).split("\n")).toEqual([
    'recording,onset_s,duration_s,p_rest,low_rest,high_rest,"p_fist, hard","low_fist, hard","high_fist, hard",aleatoric_nats,epistemic_nats,typicality,assessable',
    "arm,0,0.5,0.25,0.125,0.5,0.75,0.5,0.875,0.5,0.25,0.5,1",
    "arm,0.25,0.5,,,,,,,,,,0",
    "",
  ]);
  expect(outputs.predict.safeParse({ predictions: [rows] }).success).toBe(true);
});

test("a causal prediction says which part answered each window that was", () => {
  const rows = rowsOf({ ...prediction, adaptation: "causal", part: Uint8Array.of(3, 0) }, "arm");
  expect(rows.rows.map(({ part }) => part)).toEqual(["means", undefined]);
  const lines = csvOf([rows]).trim().split("\n");
  expect(lines.map((line) => line.split(",").at(-1))).toEqual(["part", "means", ""]);
  expect(outputs.predict.safeParse({ predictions: [rows] }).success).toBe(true);
});

test("a prediction says which way of its class each window that was answered looks", () => {
  const rows = rowsOf({ ...prediction, part: Uint8Array.of(2, 1) }, "arm");
  expect(rows.rows.map(({ subclass }) => subclass)).toEqual([2, undefined]);
  const lines = csvOf([rows]).trim().split("\n");
  expect(lines.map((line) => line.split(",").at(-1))).toEqual(["subclass", "2", ""]);
  expect(outputs.predict.safeParse({ predictions: [rows] }).success).toBe(true);
});

const channel = (label: string, role: ChannelRole) => ({
  label,
  role,
  unit: "uV",
  sampleRate: 200,
  sampleType: "int16" as const,
  gain: 1,
  offset: 0,
  position: 0,
  sampleCount: 1,
  observedCount: 1,
});
const recording = (id: string, labels: readonly string[]): RecordingSummary => ({
  id,
  name: id,
  kind: "emg",
  subject: id,
  study: "",
  synthetic: false,
  importedAt: "",
  durationS: 1,
  state: "complete",
  missingShare: 0,
  annotationCount: 0,
  labelledS: 0,
  repairCount: 0,
  channels: labels.map((label) => channel(label, label.startsWith("EMG") ? "emg" : "other")),
});
const set: LabelSet = {
  id: "gestures",
  version: 1,
  name: { en: "Gestures", ja: "動作" },
  kind: "emg",
  groups: [ALL_LABELS],
  labels: ["rest", "fist"].map((code) => ({
    code,
    name: { en: code, ja: code },
    letter: "",
    colour: "#000000",
    shape: "interval" as const,
    group: "all",
  })),
};
const context = {
  recordings: [recording("a", ["EMG 1", "EMG 2", "trigger"]), recording("b", ["EMG 2", "trigger", "EMG 1"])],
  labelSets: [set],
  models: [],
};

const told: ModelDescription = {
  kind: "",
  name: set.name,
  sentence: set.name,
  over: "windows",
  labels: "needed",
  kinds: ["emg"],
  usualFor: [],
  learning: "rounds",
  can: [],
  fields: [],
  about: madeUpAbout,
};

test("what a configuration does not say follows from the recordings and the label set", () => {
  expect(completeConfig(joinedFields({}, { windowS: 1, strideS: 0.5 }), context)).toMatchObject({
    data: {
      labelSet: "gestures",
      labels: ["rest", "fist"],
      channels: ["EMG 1", "EMG 2"],
      recordingIds: ["a", "b"],
    },
    split: { testSubjects: [] },
    seed: 0,
    model: { kind: "identity-coupled" },
  });
});

test("a model of its own channels gets those, and one that a recording may lack where any has it", () => {
  const ctg = (id: string, roles: readonly ChannelRole[]): RecordingSummary => ({
    ...recording(id, []),
    kind: "ctg",
    channels: roles.map((role) => channel(role.toUpperCase(), role)),
  });
  const trust: ModelDescription = { ...told, kind: "trust", hears: ["fhr", "mhr"], mayLack: ["mhr"] };
  const channels = (recordings: readonly RecordingSummary[]): readonly string[] =>
    completeConfig(joinedFields({}, { windowS: 1, strideS: 0.5, kind: "trust" }), {
      ...{ recordings, labelSets: [set], models: [trust] },
    }).data.channels;
  expect(channels([ctg("a", ["uc", "fhr"]), ctg("b", ["fhr", "mhr", "uc"])])).toEqual(["FHR", "MHR"]);
  expect(channels([ctg("a", ["uc", "fhr"])])).toEqual(["FHR"]);
});

test("of a label set with groups the labels are named: those of different groups may hold at once", () => {
  const groups = ["still", "moving"].map((code) => ({ code, name: { en: code, ja: code } }));
  const labels = set.labels.map((label, i) => ({ ...label, group: groups[i]!.code }));
  const grouped = { ...context, labelSets: [{ ...set, groups, labels }] };
  const fields = (more = {}) => joinedFields({}, { windowS: 1, strideS: 0.5, ...more });
  expect(() => completeConfig(fields(), grouped)).toThrow(
    /--labels of one group of gestures.*: rest or fist$/,
  );
  expect(completeConfig(fields({ labels: ["fist"] }), grouped).data.labels).toEqual(["fist"]);
});

test("a model of whole recordings is asked for no windows, and learns the labels of every group that last", () => {
  const groups = ["still", "moving"].map((code) => ({ code, name: { en: code, ja: code } }));
  const labels = set.labels.map((label, i) => ({ ...label, group: groups[i]!.code }));
  const note = { ...labels[0]!, code: "note", shape: "point" as const };
  const whole = {
    ...context,
    labelSets: [{ ...set, groups, labels: [...labels, note] }],
    models: [{ ...told, kind: "tracer", over: "sequences" as const }],
  };
  expect(completeConfig(joinedFields({}, { kind: "tracer" }), whole)).toMatchObject({
    data: { labels: ["rest", "fist"], background: "read-completely" },
    model: { kind: "tracer" },
  });
  expect(() => completeConfig(joinedFields({}, { kind: "other" }), whole)).toThrow(/--window/);
});

test("a model that needs no labels is asked for none, and takes those of a set that is named where it uses them", () => {
  const free = (labels: "used" | "unused") => ({
    ...context,
    labelSets: [set, { ...set, id: "another" }], // which of the two nobody could say
    models: [{ ...told, kind: "walker", over: "sequences" as const, labels }],
  });
  const labelsOf = (labels: "used" | "unused", more: object = {}) => {
    const { name, data } = completeConfig(joinedFields({}, { kind: "walker", ...more }), free(labels));
    return [name, data.labelSet, data.labels];
  };
  const name = `${told.name.en}, 2 recordings`;
  expect(labelsOf("unused")).toEqual([name, "", []]);
  expect(labelsOf("used")).toEqual([name, "", []]);
  expect(labelsOf("used", { labelSet: "gestures" }).slice(1)).toEqual(["gestures", ["rest", "fist"]]);
  expect(labelsOf("unused", { labelSet: "gestures" }).slice(1)).toEqual(["gestures", []]);
});

test("a forecast is told in bands at moments ahead, the ways it may part into, and what was assumed", () => {
  const steps = (of: (s: number) => number) => Float32Array.from({ length: 60 }, (_, i) => of(i + 1));
  const said = {
    ...{ fromS: 600, horizonS: 60, stepS: 1, over: "FHR", unit: "bpm" },
    quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((share) => ({
      share,
      value: steps((s) => 140 + (share - 0.5) * s),
    })),
    branches: [
      {
        code: "deceleration",
        probability: 0.26,
        low: 0.2,
        high: 0.32,
        value: steps(() => 121),
        quantiles: [],
      },
      { probability: 0.74, value: steps(() => NaN), quantiles: [] },
    ],
    assumed: [{ channel: "UC", untilS: 30, value: new Float32Array(30) }],
  };
  expect(forecastText(said, "1001", "night").split("\n")).toEqual([
    "FHR of 1001 seen from 600 s, in bpm (night)",
    "ahead  middle  50 %            80 %    90 %            95 %",
    "+1 s   140.0   139.8 to 140.3  - to -  139.6 to 140.4  - to -",
    "+15 s  140.0   136.3 to 143.8  - to -  133.3 to 146.8  - to -",
    "+30 s  140.0   132.5 to 147.5  - to -  126.5 to 153.5  - to -",
    "+60 s  140.0   125.0 to 155.0  - to -  113.0 to 167.0  - to -",
    "deceleration 26 % (20 % to 32 %), then 121.0 at +60 s",
    "another way 74 %",
    "assumed: UC as given until +30 s, of which nothing was observed",
    "",
  ]);
});

test("flags set their field and nothing else", () => {
  expect(fromFlags({ window: "0.25", labels: "rest, fist", seed: "7", front: "auto", json: true })).toEqual({
    windowS: 0.25,
    labels: ["rest", "fist"],
    seed: 7,
    front: "auto",
  });
  expect(() => fromFlags({ seed: "seven" })).toThrow(UsageError);
});

test.each([
  [{ windowS: 0, strideS: 1 }, /windowS/],
  [{ windowS: 1, strideS: 1, windoS: 1 }, /windoS/],
])("a bad configuration names the field (%#)", (fields, message) => {
  expect(() => completeConfig(joinedFields({}, fields), context)).toThrow(message);
});

test("every failure is one line with a code, and the same in parts for a document", () => {
  const message = "a.edf, byte 236: -1 records";
  expect(failureOf(new AppError("data/not-edf", "a.edf, byte 236:\n  -1 records", { byte: 236 }))).toEqual({
    line: `error data/not-edf: ${message}`,
    report: { code: "data/not-edf", message, detail: { byte: 236 } },
    code: 1,
  });
  const usage = failureOf(new UsageError("import PATH..."));
  expect(usage).toMatchObject({ report: { code: "usage", message: "import PATH..." }, code: 2 });
  expect(failureOf(new AppError("cancelled/by-user", "Cancelled")).code).toBe(130);
  expect(failureOf("thrown text")).toMatchObject({
    ...{ line: "error internal/unexpected: thrown text", code: 1 },
    report: { code: "internal/unexpected", message: "thrown text" },
  });
});

test("every document has a JSON Schema that says what kind of thing it is", () => {
  const schemas = jsonSchemas();
  for (const schema of [...Object.values(schemas.outputs), ...Object.values(schemas.inputs)]) {
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" });
  }
  expect(schemas.inputs["train --config"]).toMatchObject({
    properties: { data: { properties: { windows: { properties: { windowS: { maximum: 3600 } } } } } },
  });
});
