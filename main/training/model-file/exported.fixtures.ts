import type { RunChange } from "../../../preload/contract/run.fixtures.ts";
import type { ModelCard } from "../../../preload/contract/model-file.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import type { Prediction, Run } from "../../../preload/contract/run.ts";
import { RunMetrics } from "../../../preload/contract/run.ts";
import ctgEvents from "../../../resources/label-sets/ctg-events.json" with { type: "json" };
import emgGestures from "../../../resources/label-sets/emg-gestures.json" with { type: "json" };
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import { seededRandom } from "../../models/random.ts";
import type { Library } from "../../storage/api.ts";
import type { MemoryRecording } from "../data/memory-library.ts";
import { signalSource } from "../data/dataset.ts";
import { evaluate } from "../judge/evaluation.ts";
import { Pseudonyms } from "../../privacy/pseudonyms.ts";
import { configOf, gestureRecording, libraryOf, oneCore, runOf, toolsFor } from "../fit/fit.fixtures.ts";
import { packModel, type TrainedModel } from "./model-file.ts";
import { anyModel } from "./model.fixtures.ts";
import { predictRecording } from "../predict/predict.ts";
import type { FileFeed } from "../../compute/onnx/file-session.ts";
import type { ExportedModel } from "./results.ts";
import { exportModel } from "./transfer.ts";
import { feedsFor } from "./window-feeds.ts";

/** A trained run with one recording that it can predict, for each front. */
export interface Case {
  readonly run: Run;
  readonly model: TrainedModel;
  readonly library: Library;
  readonly recordingId: string;
}

interface Noise {
  readonly label: string;
  readonly role: ChannelHeader["role"];
  readonly unit: string;
  readonly sampleRate: number;
  readonly seconds: number;
  readonly value: (timeS: number, noise: number) => number;
}

/** A channel with gaps; nothing sensible lies in them. */
function channelOf(
  { seconds: length, value, ...header }: Noise,
  seed: number,
): MemoryRecording["channels"][number] {
  const random = seededRandom(seed);
  const count = Math.round(length * header.sampleRate);
  const reasons = new Uint8Array(count);
  for (let gap = 0; gap < 8; gap += 1) {
    const from = random.below(count);
    reasons.fill(1, from, from + random.below(Math.ceil(count / 12)));
  }
  const values = Float32Array.from({ length: count }, (_, i) =>
    reasons[i] === 0 ? value(i / header.sampleRate, random.normal()) : i % 2 === 0 ? Number.NaN : -1e7,
  );
  return { ...header, values, reasons };
}

const metricsOf = (classes: number): Run["metrics"] => {
  const report = evaluate({
    classes,
    probabilities: Float64Array.from({ length: classes * classes }, () => 1 / classes),
    labels: Int16Array.from({ length: classes }, (_, c) => c),
    subjects: Array.from({ length: classes }, () => "S9"),
    recordings: Array.from({ length: classes }, () => "r"),
  });
  return RunMetrics.parse({
    test: report,
    lda: report,
    supervisedOnly: report,
    calibration: { temperature: 1.3, subjects: ["S1", "S2"], windows: 40, eceBefore: 0.1, eceAfter: 0.03 },
    distanceFromIdentity: [0.1, 0.2, 0.3, 0.4],
  });
};

/** A model with a random network on that front, as if it had been trained. */
function caseOf(front: TrainedModel["front"], recording: MemoryRecording, change: RunChange): Case {
  const labels = recording.channels.map(({ label }) => label);
  const config = configOf(["p1"], {
    labels: emgGestures.labels.slice(0, 3).map(({ code }) => code),
    recordingIds: [recording.id],
    channels: labels,
    labelSet: "emg-gestures",
    ...change,
  });
  const layout = chooseFront(front, []).layout(labels, config.data.windows.windowS);
  const model: TrainedModel = {
    ...anyModel(7, { features: layout.width, classes: 3, maskInputs: layout.maskInputs, layers: 3 }),
    front,
    classes: [...config.data.labels],
    densities: Float64Array.from({ length: 101 }, (_, i) => -400 + 4 * i),
  };
  const run: Run = {
    ...runOf(config),
    classes: [...config.data.labels],
    phase: "done",
    finishedAt: "2026-01-02T00:00:00.000Z",
    data: [{ recordingId: recording.id, recording: "Private name", subject: "S1", checksum: "ab" }],
    note: "private note",
    metrics: metricsOf(3),
  };
  return { run, model, library: withLabelSets(libraryOf([recording])), recordingId: recording.id };
}

const KEY = "0".repeat(64);
/** What stands in for people in files of these cases. */
export const codes = new Pseudonyms(KEY);

export const withLabelSets = (library: Library): Library => ({
  ...library,
  listLabelSets: () => [emgGestures, ctgEvents].map((set) => LabelSet.parse(set)),
  pseudonymKey: () => KEY,
});

export function emgCase(): Case {
  const recording = gestureRecording("p1", 21, {
    reasons: (channel, sample) => (sample % 400 < 60 * channel ? 1 : 0),
    hidden: () => Number.NaN,
  });
  return caseOf("emg-amplitude", recording, { windowS: 0.5, strideS: 0.13 });
}

export function meanCase(): Case {
  const channels = [
    {
      label: "A",
      role: "other",
      unit: "mmHg",
      sampleRate: 50,
      seconds: 60,
      value: (t, n) => Math.sin(t) + 0.3 * n,
    },
    { label: "B", role: "other", unit: "", sampleRate: 20, seconds: 60, value: (_t, n) => n },
  ] as const satisfies readonly Noise[];
  const recording: MemoryRecording = {
    id: "rec-other",
    kind: "other",
    subject: "S1",
    channels: channels.map((one, i) => channelOf(one, 30 + i)),
    labelSet: "emg-gestures",
    annotations: [],
  };
  return caseOf("window-mean", recording, { windowS: 2, strideS: 0.5 });
}

export function ctgCase(change: RunChange = {}): Case {
  const length = 2000.5;
  const channels = [
    {
      label: "FHR",
      role: "fhr",
      unit: "bpm",
      sampleRate: 4,
      seconds: length,
      value: (t, n) => 138 + 15 * Math.sin(t / 60) + 3 * n,
    },
    {
      label: "UC",
      role: "uc",
      unit: "",
      sampleRate: 4,
      seconds: length,
      value: (t, n) => 15 + 30 * Math.max(0, Math.sin(t / 45)) + n,
    },
  ] as const satisfies readonly Noise[];
  const recording: MemoryRecording = {
    id: "rec-ctg",
    kind: "ctg",
    subject: "S1",
    channels: channels.map((one, i) => channelOf(one, 40 + i)),
    labelSet: "emg-gestures",
    annotations: [],
  };
  return caseOf("ctg-deviation", recording, {
    windowS: 120,
    strideS: 40,
    minObserved: 0.6,
    ...change,
  });
}

export type ExportedWindows = ExportedModel & { readonly card: ModelCard };

/** Of a model of windows. */
export function ofWindows({ card, ...file }: ExportedModel): ExportedWindows {
  if ("model" in card) throw new Error("the file holds a step");
  return { ...file, card };
}

export const exported = async ({ run, model, library }: Case): Promise<ExportedWindows> =>
  ofWindows(
    await exportModel({ run, model: packModel(model) }, { ...toolsFor(library), runtimeFor: oneCore }),
  );

export const predicted = ({ run, model, library, recordingId }: Case): Promise<Prediction> =>
  predictRecording(
    { run, model: packModel(model), recordingId, adaptation: "none" },
    { ...toolsFor(library), runtimeFor: oneCore },
  );

/** Every window of the case's recording as its model file takes it. */
export function feedsOf(
  { run, library, recordingId }: Case,
  { card }: ExportedWindows,
  onsetS: ArrayLike<number>,
): readonly Readonly<Record<string, FileFeed>>[] {
  const detail = library.getRecording(recordingId);
  const source = signalSource(run, library, detail);
  return Array.from(onsetS, (onset) => feedsFor(card, source, onset));
}
