import { expect, test } from "vitest";
import type { Content } from "../../../preload/contract/finding.ts";
import { eventReport, type JudgedRecording } from "./event-report.ts";

const code = "false-signal";
const groups = [{ name: "signal", role: "fhr", codes: [code, "true-signal"] }] as unknown as Parameters<
  typeof eventReport
>[0];
const curve: Content = {
  kind: "curves",
  forecasts: [],
  series: [
    {
      ...{ name: code, unit: "probability", sampleRate: 1 },
      ...{ value: Float32Array.of(0.9, 0.8, 0.1, 0.2), observed: Uint8Array.of(1, 1, 1, 1) },
    },
  ],
};
const none: Content = { kind: "events", labelSet: "s", events: [], notAssessable: [] };
const judged = (content: readonly Content[]): JudgedRecording => ({
  ...{ id: "r", subject: "p", durationS: 4, content },
  marks: {
    events: [{ code, onsetS: 0, durationS: 2 }],
    read: [{ onsetS: 0, durationS: 4 }],
    unclear: [],
  } as unknown as JudgedRecording["marks"],
});

test("a model that says curves alone missed no events; one that says events and found none did", () => {
  const [moments, beside] = eventReport(groups, [judged([curve])], []).labels;
  expect([moments?.events, moments?.intervals]).toEqual([null, null]);
  expect(moments?.seconds?.auroc).toBe(1);
  expect([beside?.events, beside?.seconds]).toEqual([null, null]);
  const [missed] = eventReport(groups, [judged([curve, none])], []).labels;
  expect(missed?.events).toMatchObject({ marked: 1, found: 0, missed: 1 });
});
