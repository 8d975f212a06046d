import { settle } from "../../preload/contract/errors.ts";
import { Run, RunConfig, type RunProgress } from "../../preload/contract/run.ts";
import { seededRandom } from "../models/random.ts";
import type { Library } from "../storage/api.ts";
import { memoryLibrary, type MemoryRecording } from "./dataset-memory-library.ts";
import type { RuntimeFor } from "./engine/choose.ts";
import { chooseRuntime } from "./engine/choose.ts";
import type { FitTools } from "./work.ts";

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

/** Learning reads four things of a library; the rest is not there. */
export const libraryOf = (recordings: readonly MemoryRecording[]): Library =>
  memoryLibrary(recordings) as Library;

export function configOf(subjects: readonly string[], change: Partial<RunConfig> = {}): RunConfig {
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
    classes: config.labels,
    phase: "waiting",
    createdAt: "2026-01-01T00:00:00.000Z",
    codeVersion: "test",
    data: [],
    curve: [],
    hasCheckpoint: false,
  });

/** ONNX Runtime on one core, without the tests and timing of a choice. */
export const oneCore: RuntimeFor = () => chooseRuntime("onnxruntime", undefined, { threads: 1 });

/** The last checkpoint of a fit that is cancelled once it has come so far. */
export async function checkpointAt(
  fit: (tools: Pick<FitTools, "signal" | "onProgress" | "onCheckpoint">) => Promise<unknown>,
  [phase, epoch]: readonly [RunProgress["phase"], number],
): Promise<Uint8Array | undefined> {
  const cancel = new AbortController();
  let checkpoint: Uint8Array | undefined;
  const stopped = fit({
    signal: cancel.signal,
    onProgress: (at) => {
      if (at.phase === phase && at.epoch >= epoch) cancel.abort();
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
