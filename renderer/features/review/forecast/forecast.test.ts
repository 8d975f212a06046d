import { afterEach, beforeEach, expect, test } from "vitest";
import { unwrap } from "../../../../preload/contract/errors.ts";
import type { Forecast } from "../../../../preload/contract/finding.ts";
import type { ModelDescription } from "../../../../preload/contract/model.ts";
import type { RunSummary } from "../../../../preload/contract/run.ts";
import { createFakeApi } from "../../../fake/fake.ts";
import { fakeStateSpace, toyForecastReport } from "../../../fake/states.ts";
import { ableRuns, liveRuns } from "../../../state/runs.ts";
import { paletteOf } from "../../../trace/tracks/palette.ts";
import { translate } from "../../../ui/words.ts";
import { heldBands, missedBands } from "./coverage.ts";
import { aheadOf, decimalsFor, sentenceOf } from "./forecast-sentence.ts";
import { isSeriesShown, turnForecast, turnPart, useForecastView } from "./forecast-view.ts";
import { forecastWords } from "./forecast-words.ts";
import { seriesLook } from "../findings/series-names.ts";

const api = createFakeApi(1, { forecasts: true });
const recordings = unwrap(await api.request("recordings.page", {})).rows;
const [run] = unwrap(await api.request("runs.list", {}));
if (run === undefined) throw new Error("the fake has a run that looks ahead");
const ctg = recordings.find(({ kind }) => kind === "ctg");
const emg = recordings.find(({ kind }) => kind === "emg");

const steps = (of: (s: number) => number, length = 120): Float32Array =>
  Float32Array.from({ length }, (_, i) => of(i + 1));
const forecast = (change: Partial<Forecast> = {}): Forecast => ({
  ...{ fromS: 2700, horizonS: 120, stepS: 1, over: "FHR", unit: "bpm", branches: [], assumed: [] },
  quantiles: [
    { share: 0.05, value: steps(() => 121) },
    { share: 0.5, value: steps((s) => 150 - s / 6) },
    { share: 0.95, value: steps(() => 161) },
  ],
  ...change,
});
const said = (one: Forecast, language: "en" | "ja" = "en", names: readonly string[] = []): string =>
  sentenceOf(one, { t: translate(forecastWords, language), language, channel: "FHR", unit: "bpm", names });

const before = useForecastView.getState();
beforeEach(() => useForecastView.setState(before, true));
afterEach(() => useForecastView.setState(before, true));

test("what may come is told in a sentence, in both languages", () => {
  expect(said(forecast())).toBe(
    "In 60 s FHR is most likely about 140 bpm, lower than now. With 90 % probability FHR lies between 121 and 161.",
  );
  expect(said(forecast(), "ja")).toBe(
    "60秒後のFHRは140 bpm前後（今より低い）とみられます。FHRは90 %の確率で121から161の間に入ります。",
  );
});

test("several ways are told by their probability, and only where the model says so do they part", () => {
  const way = (code: string, probability: number, value: number) => ({
    ...{ code, probability, value: steps(() => value), quantiles: [] },
  });
  const branches = [way("deceleration", 0.56, 93), way("none", 0.41, 152), way("acceleration", 0.03, 170)];
  const names = ["Deceleration", "no event", "Acceleration"];
  const parted = said(forecast({ branches, forkIndex: steps((s) => (s >= 8 ? 0.61 : 0.1)) }), "en", names);
  expect(parted).toBe(
    "2 futures are open. Most likely: Deceleration (0.56), with FHR about 93 bpm in 60 s. " +
      "Nearly as likely: no event (0.41), about 152 bpm. They part after 8 s. " +
      "With 90 % probability FHR lies between 121 and 161.",
  );
  expect(said(forecast({ branches, forkIndex: steps(() => 0.3) }), "en", names)).toContain(
    "does not see them part",
  );
  expect(said(forecast({ branches }), "en", names)).not.toContain("part");
});

test("a table speaks of the usual seconds, and of the quarters of a short horizon", () => {
  expect(aheadOf({ horizonS: 120, stepS: 1 })).toEqual([15, 30, 60, 90]);
  expect(aheadOf({ horizonS: 60, stepS: 1 })).toEqual([15, 30, 60]);
  const short = aheadOf({ horizonS: 0.4, stepS: 0.02 });
  expect(short.map((one) => one.toFixed(2))).toEqual(["0.10", "0.20", "0.30", "0.40"]);
  expect([30, 5, 1, 0.05, 0, Number.NaN].map(decimalsFor)).toEqual([0, 0, 1, 2, 0, 0]);
});

test("bands are said to hold only within two points, over every horizon that was judged", () => {
  const report = toyForecastReport(["C01"]);
  const { all, missed, most, sense } = missedBands(report);
  expect([all, missed, most.toFixed(3), sense]).toEqual([16, 1, "0.031", "tooNarrow"]);
  const wide = report.coverage.map((one) => ({ ...one, reached: [null, one.share + 0.03] }));
  expect(missedBands({ coverage: wide })).toMatchObject({ all: 4, missed: 4, sense: "tooWide" });
  const last = heldBands(report).at(-1);
  expect(last?.bands.map(({ share, isWithin }) => [share, isWithin])).toEqual([
    [0.5, false],
    [0.8, true],
    [0.9, true],
    [0.95, true],
  ]);
  const many = { ...report, horizonsS: [1, 5, 10, 15, 30, 60, 90, 120] };
  const empty = { share: 0.5, reached: many.horizonsS.map(() => null), perRecording: [], byMissing: [] };
  const rows = heldBands({ ...many, coverage: [empty] });
  expect(rows.map(({ aheadS }) => aheadS)).toEqual([5, 15, 60, 120]);
  expect(rows.every(({ bands }) => bands[0]?.reached === undefined && !bands[0]?.isWithin)).toBe(true);
});

test("the newest run that can looks ahead, in recordings of the kind it learned from alone", async () => {
  const reads = unwrap(await api.request("runs.reads", {}));
  const known = { models: [fakeStateSpace], reads };
  reads["older"] = reads[run.id]!;
  const older: RunSummary = { ...run, id: "older", finishedAt: "2020-01-01T00:00:00Z" };
  const failed: RunSummary = { ...run, id: "failed", phase: "failed", finishedAt: "2027-01-01T00:00:00Z" };
  const of = (recording: typeof ctg, can: "forecast" | "fill" = "forecast", models = known.models) =>
    ableRuns([older, run, failed], recording, { ...known, models }, can).fitting.map(({ id }) => id);
  expect(of(ctg)).toEqual([run.id, "older"]);
  expect(of(ctg, "fill")).toEqual([run.id, "older"]);
  expect(of(emg)).toEqual([]);
  expect(of(undefined)).toEqual([]);
  expect(of(ctg, "forecast", [])).toEqual([run.id, "older"]); // nobody describes them, and yet they were judged by it
  expect(of(ctg, "fill", [])).toEqual([]);
  expect(of(ctg && { ...ctg, channels: ctg.channels.filter(({ role }) => role === "uc") })).toEqual([]);
});

test("while something is recorded, a run that looks ahead is offered where its model can follow what comes", () => {
  const able = { ...fakeStateSpace, can: fakeStateSpace.can.filter((one) => one !== "live") };
  const of = (models: readonly ModelDescription[], phase: RunSummary["phase"] = "done") =>
    liveRuns([{ ...run, phase }], models).length;
  expect([of([fakeStateSpace]), of([able]), of([fakeStateSpace], "failed")]).toEqual([1, 0, 0]);
});

test("while something is recorded, a run over whole recordings that looks back alone is offered", () => {
  const { config } = run;
  const of = (pastOnly: boolean) => {
    const model = { ...config.model, pastOnly };
    const events: RunSummary = { ...run, says: "events", looksAhead: false, config: { ...config, model } };
    return liveRuns([events], [fakeStateSpace]).length;
  };
  expect([of(true), of(false)]).toEqual([1, 0]);
});

test("regimes, baseline and fills are hidden by their own keys, everything else stays", () => {
  const shown = () =>
    [
      { name: "reduced", as: "share" as const },
      { name: "baseline", as: undefined },
      { name: "filled FHR", as: "filled" as const },
      { name: "surprise", as: "bars" as const },
    ]
      .filter((one) => isSeriesShown(one, useForecastView.getState()))
      .map(({ name }) => name);
  expect(shown()).toEqual(["reduced", "baseline", "filled FHR", "surprise"]);
  turnPart("regimes");
  turnPart("fills");
  expect(shown()).toEqual(["baseline", "surprise"]);
  turnPart("baseline");
  turnPart("regimes");
  expect(shown()).toEqual(["reduced", "surprise"]);
  turnForecast();
  expect(useForecastView.getState().isOn).toBe(true);
});

test("a series has a name in words only where it is one of ours, whatever another program called it", () => {
  expect(seriesLook("surprise", "en", paletteOf("light"))?.name).toBe("one-step surprise");
  for (const name of ["constructor", "toString", "__proto__", "bpm"])
    expect(seriesLook(name, "en", paletteOf("light"))).toBeUndefined();
});
