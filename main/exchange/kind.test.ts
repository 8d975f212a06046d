import { expect, test } from "vitest";
import type { RecordingHeader } from "../signal/block.ts";
import { classify } from "./kind.ts";

const header = (...labels: readonly string[]): RecordingHeader => ({
  name: "a",
  kind: "other",
  subject: undefined,
  startedAt: undefined,
  facts: {},
  channels: labels.map((label) => ({
    label,
    unit: "uV",
    sampleRate: 1000,
    role: "other",
    sampleType: "int16",
    gain: 1,
    offset: 0,
  })),
});
const roles = (of: RecordingHeader) => of.channels.map(({ role }) => role);

test("a person's word makes nameless channels EMG, but not those that say they are something else", () => {
  expect(roles(classify(header("1", "C3", "EEG Cz", "ECG II", "filled 1"), "emg"))).toEqual([
    "emg",
    "emg",
    "other",
    "other",
    "other",
  ]);
});

test("without a person's word, microvolts stay what they are", () => {
  const seen = classify(header("Fp1", "O2", "1"), undefined);
  expect(seen.kind).toBe("other");
  expect(roles(seen)).toEqual(["other", "other", "other"]);
});
