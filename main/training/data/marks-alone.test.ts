import { expect, test } from "vitest";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import signalTrust from "../../../resources/label-sets/signal-trust.json" with { type: "json" };
import type { Library } from "../../storage/api.ts";
import { memoryLibrary, type MemoryRecording } from "./memory-library.ts";
import { previewRun } from "./preview.ts";
import { readSequences } from "./sequences.ts";

const RATE = 4;
const SECONDS = 60;

/** Nobody declared it read completely. */
const recordingOf = (
  id: string,
  labels: readonly string[],
  roles: readonly ("fhr" | "mhr")[] = ["fhr", "mhr"],
): MemoryRecording => ({
  ...{ id, kind: "ctg", subject: id, labelSet: "signal-trust" },
  channels: roles.map((role) => ({
    ...{ label: role.toUpperCase(), role, unit: "bpm", sampleRate: RATE },
    values: new Float32Array(RATE * SECONDS).fill(role === "fhr" ? 140 : 85),
  })),
  annotations: labels.map((label, i) => ({ label, onsetS: 20 * i, durationS: 10 })),
});

const both = ["true-signal", "false-signal"];
const library = memoryLibrary(
  [
    recordingOf("a", both),
    recordingOf("b", both, ["fhr"]),
    recordingOf("c", both),
    recordingOf("d", []),
    recordingOf("e", both, ["mhr"]),
  ],
  [LabelSet.parse(signalTrust)],
) as Library;

const configOf = (recordingIds: readonly string[], channels = ["FHR", "MHR"]): RunConfig =>
  RunConfig.parse({
    name: "trust",
    data: {
      ...{ recordingIds, labelSet: "signal-trust", labels: both, background: "read-completely" },
      channels,
      windows: { windowS: 10, strideS: 10 },
    },
    split: { testSubjects: ["c"], validationSubjects: ["b"] },
    model: { kind: "signal-trust" },
  });

test("marks teach where they lie, without anybody having read the rest", () => {
  const { recordings } = readSequences(configOf(["a", "b", "c", "d"]), library);
  expect(recordings.map(({ marks }) => marks?.read)).toEqual([
    ...[1, 2, 3].map(() => [
      { onsetS: 0, durationS: 10 },
      { onsetS: 20, durationS: 10 },
    ]),
    undefined,
  ]);
});

test("a channel that may be missing is left out of its source; another may not be missing", async () => {
  const { recordings } = readSequences(configOf(["a", "b", "c"]), library);
  expect(recordings.map(({ source }) => source.channels.map(({ role }) => role))).toEqual([
    ["fhr", "mhr"],
    ["fhr"],
    ["fhr", "mhr"],
  ]);
  const codes = async (ids: readonly string[]): Promise<readonly string[]> =>
    (await previewRun(configOf(ids), library)).problems.map(({ code }) => code);
  expect(await codes(["a", "b", "c"])).toEqual([]);
  expect(await codes(["a", "b", "c", "e"])).toEqual(["CHANNEL_MISSING"]);
  expect(await codes(["d", "b", "c"])).toEqual(["NOTHING_MARKED"]);
});

test("a channel that the model would look at is missed", async () => {
  const { advice, problems } = await previewRun(configOf(["a", "b", "c"], ["FHR"]), library);
  expect(problems).toEqual([]);
  expect(advice.map(({ code, values }) => [code, values["role"], values["count"]])).toEqual([
    ["CHANNEL_UNHEARD", "mhr", 2],
  ]);
});
