import { expect, test } from "vitest";
import { Content, Finding, findingOf, NewFinding, predictionOf } from "./finding.ts";
import { Prediction } from "./run.ts";

const prediction: Prediction = {
  runId: "run-1",
  recordingId: "r",
  classes: ["rest"],
  adaptation: "causal",
  windowS: 2,
  onsetS: Float64Array.of(0, 2),
  probabilities: Float32Array.of(1, NaN),
  low: Float32Array.of(1, NaN),
  high: Float32Array.of(1, NaN),
  aleatoric: Float32Array.of(0, NaN),
  epistemic: Float32Array.of(0, NaN),
  typicality: Float32Array.of(0.5, NaN),
  assessable: Uint8Array.of(1, 0),
  createdAt: "2026-11-28T00:00:00Z",
};

test("a prediction is a finding of its run about windows, with every array it had", () => {
  const found = findingOf(prediction);
  expect(Finding.parse(found)).toEqual(found);
  expect(Prediction.parse(predictionOf(found))).toEqual(prediction);
  expect(found.origin).toEqual({ kind: "run", runId: "run-1", adaptation: "causal" });
  expect(found.content).toMatchObject({ kind: "window-classes", onsetS: prediction.onsetS });
  expect(findingOf({ ...prediction, adaptation: "none" }).id).not.toBe(found.id); // each adaptation is one of its own
});

test("curves and events say only what they may: a probability beyond 1 or a content of no kind is refused", () => {
  const event = { onsetS: 1, durationS: 2, code: "deceleration", probability: 0.5 };
  const events = { kind: "events", labelSet: "ctg-events", events: [event], notAssessable: [] };
  const origin = { kind: "rule", rule: "figo", version: "1", config: {} };
  expect(NewFinding.parse({ recordingId: "r", origin, content: events }).content).toMatchObject({
    events: [{ ...event, facts: {} }],
  });
  expect(Content.safeParse({ ...events, events: [{ ...event, probability: 1.1 }] }).success).toBe(false);
  expect(Content.safeParse({ ...events, kind: "opinion" }).success).toBe(false);
  expect(Content.safeParse({ kind: "curves", series: [] }).success).toBe(false);
});
