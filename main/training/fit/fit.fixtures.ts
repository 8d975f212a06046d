import type { RunChange } from "../../../preload/contract/run.fixtures.ts";
import { settle } from "../../../preload/contract/errors.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { Run, RunConfig, type RunProgress } from "../../../preload/contract/run.ts";
import { seededRandom } from "../../models/random.ts";
import type { Library } from "../../storage/api.ts";
import { memoryLibrary, type MemoryChannel, type MemoryRecording } from "../data/memory-library.ts";
import type { RuntimeFor } from "../../compute/choose.ts";
import { chooseRuntime } from "../../compute/choose.ts";
import type { FitTools } from "../work.ts";

/** Small made-up recordings for tests of whole runs: three gestures, each with its own muscle at work. */
export const GESTURES = ["rest", "fist", "point"] as const;
const RATE = 100;
const HOLD_S = 2;
const ROUNDS = 3;
const DURATION_S = HOLD_S * ROUNDS * GESTURES.length;

export interface Spoil {
  /** Samples that are not observed: reason by sample. */
  readonly reasons?: (channel: number, sample: number) => number;
  /** What lies in those samples. */
  readonly hidden?: (sample: number) => number;
}

export function gestureRecording(subject: string, seed: number, spoil: Spoil = {}): MemoryRecording {
  const channels = Array.from({ length: 4 }, (_, channel) => {
    const random = seededRandom(seed, channel);
    const reasons = Uint8Array.from(
      { length: DURATION_S * RATE },
      (_v, i) => spoil.reasons?.(channel, i) ?? 0,
    );
    const values = Float32Array.from(reasons, (reason, i) => {
      const gesture = Math.floor(i / (HOLD_S * RATE)) % GESTURES.length;
      const value = random.normal() * (gesture > 0 && channel >> 1 === gesture - 1 ? 20 : 3);
      return reason === 0 ? value : (spoil.hidden?.(i) ?? 0);
    });
    return {
      label: `EMG${channel + 1}`,
      role: "emg" as const,
      unit: "uV",
      sampleRate: RATE,
      values,
      reasons,
    };
  });
  return {
    id: `rec-${subject}`,
    kind: "emg",
    subject,
    channels,
    labelSet: "gestures",
    annotations: Array.from({ length: ROUNDS * GESTURES.length }, (_, at) => ({
      label: GESTURES[at % GESTURES.length] as string,
      onsetS: at * HOLD_S,
      durationS: HOLD_S,
    })),
  };
}

/** A cardiotocogram with a rise of the heart rate every five minutes and a contraction every three. */
export function ctgRecording(
  subject: string,
  minutes: number,
  reason: (role: "fhr" | "uc", second: number) => number = () => 0,
): MemoryRecording {
  const durationS = minutes * 60;
  const channel = (role: "fhr" | "uc", valueAt: (s: number) => number): MemoryChannel => ({
    label: role.toUpperCase(),
    role,
    unit: role === "fhr" ? "bpm" : "",
    sampleRate: 4,
    values: Float32Array.from({ length: durationS * 4 }, (_, i) => valueAt(i / 4)),
    reasons: Uint8Array.from({ length: durationS * 4 }, (_, i) => reason(role, i / 4)),
  });
  const times = (everyS: number): readonly number[] =>
    Array.from({ length: Math.floor(durationS / everyS) }, (_, i) => everyS * (i + 0.5));
  const bump = (s: number, everyS: number): number => Math.exp(-((((s % everyS) - everyS / 2) / 20) ** 2));
  return {
    id: `rec-${subject}`,
    kind: "ctg",
    subject,
    channels: [
      channel("fhr", (s) => 140 + 20 * bump(s, 300) + 2 * Math.sin(s)),
      channel("uc", (s) => 10 + 40 * bump(s, 180) + Math.sin(s / 3)),
    ],
    labelSet: "ctg-events",
    annotations: [
      ...times(300).map((s) => ({ label: "acceleration", onsetS: s - 20, durationS: 40 })),
      ...times(180).map((s) => ({ label: "contraction", onsetS: s - 20, durationS: 40 })),
    ],
  };
}

/** Learning reads four things of a library; the rest is not there. */
export const libraryOf = (
  recordings: readonly MemoryRecording[],
  labelSets: readonly LabelSet[] = [],
): Library => memoryLibrary(recordings, labelSets) as Library;

export function configOf(subjects: readonly string[], change: RunChange = {}): RunConfig {
  return RunConfig.parse({
    name: "gestures",
    recordingIds: subjects.map((subject) => `rec-${subject}`),
    labelSet: "gestures",
    labels: [...GESTURES],
    channels: ["EMG1", "EMG2", "EMG3", "EMG4"],
    windowS: 0.5,
    strideS: 0.25,
    testSubjects: [subjects.at(-1) as string],
    validationSubjects: [],
    layers: 3,
    members: 2,
    epochs: 4,
    ...change,
  });
}

export const runOf = (config: RunConfig): Run =>
  Run.parse({
    id: "run",
    config,
    classes: config.data.labels,
    phase: "waiting",
    createdAt: "2026-01-01T00:00:00.000Z",
    codeVersion: "test",
    data: [],
    curve: [],
    hasCheckpoint: false,
  });

/** ONNX Runtime on one core, without the tests and timing of a choice. */
export const oneCore: RuntimeFor = () => chooseRuntime("onnxruntime", undefined, { threads: 1 });

/** The last checkpoint of a fit that is cancelled once it has come so far: to an epoch or a round. */
export async function checkpointAt(
  fit: (tools: Pick<FitTools, "signal" | "onProgress" | "onCheckpoint">) => Promise<unknown>,
  [phase, count]: readonly [RunProgress["phase"], number],
): Promise<Uint8Array | undefined> {
  const cancel = new AbortController();
  let checkpoint: Uint8Array | undefined;
  const stopped = fit({
    signal: cancel.signal,
    onProgress: (at) => {
      if (at.phase === phase && (at.rounds ?? at.epoch) >= count) cancel.abort();
    },
    onCheckpoint: (_run, bytes) => Promise.resolve(void (checkpoint = bytes)),
  });
  const outcome = await settle(() => stopped);
  if (outcome.ok || outcome.error.code !== "cancelled/by-user")
    throw new Error(
      `The fit was to be cancelled and ${outcome.ok ? "ended" : `failed: ${outcome.error.message}`}`,
    );
  return checkpoint;
}

export const toolsFor = (library: Library, change: Partial<FitTools> = {}): FitTools => ({
  library,
  runtimeFor: oneCore,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onCheckpoint: () => Promise.resolve(),
  resume: undefined,
  ...change,
});
