import { expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { LayerReport } from "../../../preload/contract/run.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { translate } from "../../ui/words.ts";
import { gapsOf } from "./channel-strip.tsx";
import {
  columnAt,
  decidedLayer,
  evidenceOf,
  isObserved,
  ownColumns,
  sentencesOf,
  spanOf,
  strongestInputs,
  strongestOf,
  tintScale,
} from "./report.ts";
import { layersWords } from "./words.ts";

const api = createFakeApi(1);
const [run] = unwrap(await api.request("runs.list", {}));
const report = unwrap(await api.request("layers.get", { runId: run!.id, recordingId: "emg-02", timeS: 22 }));
const t = translate(layersWords, "en");
const nameOf = (i: number) => report.classes[i] ?? "";

const layer = (likelihood: number[], relevance: number[], distanceFromIdentity = 0.1) => ({
  index: 0,
  distanceFromIdentity,
  likelihood,
  contribution: new Float32Array(relevance.length),
  relevance: Float32Array.from(relevance),
});
const small: LayerReport = {
  ...report,
  classes: ["open", "close"],
  leading: 1,
  runnerUp: 0,
  probabilities: [0.1, 0.9],
  rows: ["EMG 1", "EMG 2"],
  onsetS: 10,
  windowS: 2,
  columnOnsetS: Float64Array.of(10, 11),
  columnS: 1,
  input: Float32Array.of(1, Number.NaN, 1, 1),
  decidedAt: 1,
  layers: [layer([0.6, 0.4], [0, 0, 0, -0.5], 0.02), layer([0.1, 0.9], [0.1, Number.NaN, 2, 0.2], 0.09)],
};
const say = (one: LayerReport) => sentencesOf(one, (i) => one.classes[i] ?? "", t).join(" ");

test("the layer from which the final class leads is named, with the class before it", () => {
  expect(say(small)).toContain("From layer 2 on, “close” leads (90 % at the end); before, it was “open”.");
});

test("a class that led from the start is said to", () => {
  expect(say({ ...small, layers: small.layers.slice(1) })).toContain("“close” leads from the first layer on");
});

test("the strongest layer, input and time are those with most evidence for the leading class", () => {
  expect(strongestOf(small)).toEqual({ layer: 1, row: 1, column: 0 });
  expect(say(small)).toContain(
    "Layer 2 adds most evidence against “open”, chiefly from “EMG 2” at 00:00:10.",
  );
  const across = {
    ...small,
    columnOnsetS: Float64Array.of(10),
    layers: [layer([0.1, 0.9], [1, 2])],
    input: Float32Array.of(1, 1),
  };
  expect(say(across)).toContain("chiefly from “EMG 2”.");
});

// A short window among its neighbours: the middle column is the window, the stretch between 11.5 and 13 s was left out.
const among: LayerReport = {
  ...small,
  onsetS: 11,
  windowS: 1,
  columnOnsetS: Float64Array.of(10.5, 11, 13),
  columnS: 0.5,
  input: Float32Array.of(1, 1, 1, 1, 1, 1),
  layers: [layer([0.1, 0.9], [9, 0.5, 9, 9, 0.25, 9])],
};

test("a window among its neighbours is told apart from them", () => {
  expect(ownColumns(among)).toEqual([1]);
  expect(ownColumns(small)).toEqual([0, 1]);
  expect(evidenceOf(among, 0)).toBeCloseTo(0.75);
  expect(strongestOf(among)).toEqual({ layer: 0, row: 0, column: 1 });
  expect(strongestInputs(among, 0, "relevance", 1)).toEqual([{ row: 0, value: 0.5 }]);
  expect(say(among)).toContain("chiefly from “EMG 1”.");
});

test("columns stand at their time, and nothing stands where windows were left out", () => {
  expect(spanOf(among)).toEqual({ fromS: 10.5, lengthS: 3 });
  expect(spanOf({ ...among, columnOnsetS: Float64Array.of(11) })).toEqual({ fromS: 11, lengthS: 1 });
  expect([10.4, 10.5, 11.2, 12, 13.4, 13.5].map((timeS) => columnAt(among, timeS))).toEqual([
    -1, 0, 1, -1, 2, -1,
  ]);
});

test("a class that lost the lead and won it back leads from the second time", () => {
  const of = (...leads: number[]) =>
    decidedLayer({ leading: 1, layers: leads.map((one) => layer(one === 1 ? [0, 1] : [1, 0], [])) });
  expect(of(1, 0, 1, 1)).toBe(2);
  expect(of(1, 1)).toBe(0);
  expect(of(0, 0, 1)).toBe(2);
});

test("no layer is praised when none added evidence", () => {
  const none = { ...small, layers: [layer([0.1, 0.9], [-1, -1, -1, -1])] };
  expect(strongestOf(none)).toBeUndefined();
  expect(say(none)).not.toContain("adds most evidence");
});

test("a close second is mentioned", () => {
  expect(say({ ...small, probabilities: [0.46, 0.54] })).toContain("“open” is nearly as likely (46 %)");
  expect(say(small)).not.toContain("nearly as likely");
});

test("unobserved cells count for nothing", () => {
  expect(evidenceOf(small, 1)).toBeCloseTo(2.3);
  expect(isObserved(small, 0, 1)).toBe(false);
  expect(isObserved(small, 1, 1)).toBe(true);
});

test("the inputs of a layer are ranked by what the tint shows", () => {
  expect(strongestInputs(small, 1, "relevance", 2).map((one) => one.row)).toEqual([1, 0]);
  expect(strongestInputs(small, 9, "relevance", 2)).toEqual([]);
});

test("the tint's scale is shared by all layers and never zero", () => {
  expect(tintScale({ layers: [layer([1], [0, 0])] }, "relevance")).toBe(1);
  expect(tintScale({ layers: [] }, "relevance")).toBe(1);
  expect(tintScale(report, "relevance")).toBeGreaterThan(0);
});

test("a real report speaks in both languages", () => {
  expect(sentencesOf(report, nameOf, t).length).toBeGreaterThanOrEqual(2);
  expect(sentencesOf(report, nameOf, translate(layersWords, "ja")).join("")).toContain("層");
});

test("gaps are runs of unobserved samples, at either end too", () => {
  expect(gapsOf(Uint8Array.of(1, 1, 0, 3, 0, 2))).toEqual([
    [0, 2],
    [3, 4],
    [5, 6],
  ]);
  expect(gapsOf(new Uint8Array(3))).toEqual([]);
});
