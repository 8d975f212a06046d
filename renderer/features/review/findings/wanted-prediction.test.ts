import { expect, test } from "vitest";
import { createFakeApi } from "../../../fake/fake.ts";
import { settingsSeen } from "../../../../preload/contract/run.ts";
import { unwrap } from "../../../../preload/contract/errors.ts";
import { keyOf, predictionOffers, wantedPrediction, type Choice } from "./wanted-prediction.ts";

const api = createFakeApi(1);
const [run] = unwrap(await api.request("runs.list", {}));
if (!run) throw new Error("the fake study has a finished run");
const emg = unwrap(await api.request("recordings.page", {})).rows.find((one) => one.kind === "emg");
const predicted = unwrap(
  await api.request("predictions.make", { runId: run.id, recordingId: emg?.id ?? "", adaptation: "none" }),
);
const made = { ...predicted, isOutdated: false };
const older = { ...made, runId: "older" };
const other = { ...run, id: "other" };
const runs = [run, other];
const untouched: Choice = { key: undefined, isOutdatedToo: false, isVisible: true, heard: 0 };

test("a page that was sent here to see a run's prediction shows it, even where predictions were hidden", () => {
  const hidden: Choice = { key: keyOf(older), isOutdatedToo: false, isVisible: false, heard: 0 };
  const stock = { stored: [older, made], runs, used: run };
  expect(wantedPrediction(stock, hidden, undefined)).toMatchObject({ prediction: older, isVisible: false });
  expect(wantedPrediction(stock, hidden, { runId: run.id, asked: 1 })).toEqual({
    prediction: made,
    isVisible: true,
    make: undefined,
  });
});

test("what is wished for and not there yet is made; meanwhile the usual one stays", () => {
  const stock = { stored: [made], runs, used: run };
  expect(wantedPrediction(stock, untouched, { runId: "other", asked: 1 })).toEqual({
    prediction: made,
    isVisible: true,
    make: other,
  });
  expect(wantedPrediction(stock, untouched, { runId: "gone", asked: 1 }).make).toBeUndefined();
});

test("what a person chooses or hides after the wish holds", () => {
  const stock = { stored: [older, made], runs, used: run };
  const later: Choice = { key: keyOf(older), isOutdatedToo: false, isVisible: false, heard: 1 };
  expect(wantedPrediction(stock, later, { runId: run.id, asked: 1 })).toEqual({
    prediction: older,
    isVisible: false,
    make: undefined,
  });
  expect(wantedPrediction(stock, later, { runId: run.id, asked: 2 }).prediction).toBe(made);
});

test("without a wish the run in use comes first, then whatever is stored", () => {
  expect(wantedPrediction({ stored: [older, made], runs, used: run }, untouched, undefined).prediction).toBe(
    made,
  );
  expect(wantedPrediction({ stored: [older], runs, used: run }, untouched, undefined).prediction).toBe(older);
  expect(wantedPrediction({ stored: [], runs, used: run }, untouched, undefined).prediction).toBeUndefined();
});

test("what was predicted before masks changed is shown only where it is chosen, and is offered anew", () => {
  const outdated = { ...made, isOutdated: true };
  const stock = { stored: [outdated], runs, used: run };
  expect(wantedPrediction(stock, untouched, undefined).prediction).toBeUndefined();
  const before: Choice = { ...untouched, key: keyOf(outdated) };
  expect(wantedPrediction(stock, before, undefined).prediction).toBeUndefined(); // it was chosen when it held
  const asked: Choice = { ...before, isOutdatedToo: true };
  expect(wantedPrediction(stock, asked, undefined).prediction).toBe(outdated);
  expect(wantedPrediction(stock, untouched, { runId: run.id, asked: 1 })).toEqual({
    ...{ prediction: undefined, isVisible: true, make: run },
  });
  const both = { ...stock, stored: [outdated, older] };
  expect(wantedPrediction(both, untouched, undefined).prediction).toBe(older);
  expect(predictionOffers([run], [outdated]).map(({ run: { id } }) => id)).toEqual([run.id]);
  expect(predictionOffers([run], [made])).toEqual([]);
});

test("a model that adapts to the past is offered with and without a guided minute, others until they have predicted", () => {
  const causal = {
    ...run,
    id: "causal",
    config: { ...run.config, model: { ...run.config.model, adaptation: "causal" as const } },
  };
  const offered = (stored: readonly (typeof made)[]) =>
    predictionOffers([run, causal], stored).map(({ run: { id }, adaptation }) => `${id} ${adaptation}`);
  const own = `${run.id} ${settingsSeen(run.config).adaptation}`;
  expect(offered([])).toEqual([own, "causal causal", "causal causal-guided"]);
  expect(offered([made, { ...made, runId: "causal", adaptation: "causal" }])).toEqual([
    "causal causal-guided",
  ]);
});
