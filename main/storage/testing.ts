import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChannelHeader, Purged, SampleType } from "../../preload/contract/recording.ts";
import type { MaskRun } from "../../preload/contract/mask.ts";
import { type Prediction, type Run, RunConfig } from "../../preload/contract/run.ts";
import { type SampleBlock, type Samples, sampleArrays } from "../signal/block.ts";
import type { NewRecording, WholeRecording } from "./api.ts";
import { openLibrary, type OpenLibrary, type OpenOptions } from "./open-library.ts";

/** A folder that is gone again after `work`. */
export async function inFolder<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-storage-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new library, closed and gone again after `work`. */
export const withLibrary = <T>(
  work: (library: OpenLibrary, path: string) => T | Promise<T>,
  options: OpenOptions = {},
): Promise<T> =>
  inFolder(async (folder) => {
    const path = join(folder, "test.kodo");
    const library = openLibrary(path, options);
    try {
      return await work(library, path);
    } finally {
      library.close();
    }
  });

export const channelHeader = (change: Partial<ChannelHeader> = {}): ChannelHeader => ({
  label: "FHR",
  unit: "bpm",
  sampleRate: 4,
  role: "fhr",
  sampleType: "int16",
  gain: 0.25,
  offset: 0,
  ...change,
});

export const newRecording = (
  channels: readonly ChannelHeader[] = [channelHeader()],
  change: Partial<NewRecording> = {},
): NewRecording => ({
  header: {
    name: "1001",
    kind: "ctg",
    subject: "S1",
    startedAt: "2020-01-02T03:04:05",
    channels,
    facts: { pH: "7.21" },
  },
  subject: "S1",
  study: "trial",
  synthetic: true,
  source: { format: "test", file: "1001.dat", sha256: "0".repeat(64) },
  state: "importing",
  ...change,
});

/** A recording that comes whole, with these blocks. */
export function newWhole(
  channels: readonly ChannelHeader[],
  blocks: readonly SampleBlock[],
  change: Partial<WholeRecording> = {},
): WholeRecording {
  const { header, subject, study, synthetic, source } = newRecording(channels);
  const fields = { id: randomUUID(), header, subject, study, synthetic, source };
  return { ...fields, blocks, annotations: [], repairs: [], ...change };
}

export const newRun = (id: string): Run => ({
  id,
  config: RunConfig.parse({
    name: id,
    recordingIds: ["x"],
    labelSet: "ctg-events",
    labels: ["deceleration"],
    channels: ["FHR"],
    windowS: 1,
    strideS: 1,
    testSubjects: [],
    validationSubjects: [],
  }),
  classes: ["deceleration"],
  phase: "done",
  createdAt: "2026-11-24T00:00:00Z",
  codeVersion: "0",
  data: [],
  curve: [],
  hasCheckpoint: false,
});

/** A prediction of one class for windows of a second. */
export const newPrediction = (runId: string, recordingId: string, windows = 1): Prediction => ({
  runId,
  recordingId,
  classes: ["deceleration"],
  adaptation: "none",
  windowS: 1,
  onsetS: Float64Array.from({ length: windows }, (_, i) => i),
  probabilities: new Float32Array(windows).fill(1),
  low: new Float32Array(windows).fill(1),
  high: new Float32Array(windows).fill(1),
  aleatoric: new Float32Array(windows),
  epistemic: new Float32Array(windows),
  typicality: new Float32Array(windows).fill(1),
  assessable: new Uint8Array(windows).fill(1),
  createdAt: "2026-11-24T01:00:00Z",
});

export const block = (
  channel: number,
  firstSample: number,
  samples: Samples,
  mask: readonly MaskRun[] = [],
): SampleBlock => ({
  channel,
  firstSample,
  samples,
  mask,
});

/** Deterministic whole numbers in -100..99, different at every index. */
export function ramp(count: number, type: SampleType = "int16", from = 0): Samples {
  const samples = new sampleArrays[type](count);
  for (let i = 0; i < count; i++)
    samples[i] = (((((from + i) * 7919) % 200) + 200) % 200) - (type === "uint8" ? 0 : 100);
  return samples;
}

/** Deletes recordings for good, all slices at once. */
export function purgeWhole(library: OpenLibrary, ids: readonly string[]): Purged {
  library.beginPurge(ids);
  while (library.purgeSome());
  return { count: ids.length, copies: library.endPurge() };
}
