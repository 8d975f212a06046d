import type { Annotation } from "../../../preload/contract/annotation.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { Reading } from "../../../preload/contract/reading.ts";
import type {
  RecordingDetail,
  RecordingKind,
  ChannelRole,
  SampleType,
} from "../../../preload/contract/recording.ts";
import type { ReadLibrary } from "./dataset.ts";

export interface MemoryChannel {
  readonly label: string;
  readonly role: ChannelRole;
  readonly unit: string;
  readonly sampleRate: number;
  readonly values: Float32Array;
  readonly reasons?: Uint8Array; // absent: all observed
  readonly sampleType?: SampleType;
  readonly gain?: number;
}

export interface MemoryRecording {
  readonly id: string;
  readonly kind: RecordingKind;
  readonly subject: string;
  readonly channels: readonly MemoryChannel[];
  readonly annotations: readonly MemoryAnnotation[];
  readonly labelSet: string;
  /** Stretches that were read completely. */
  readonly readings?: readonly (Pick<Reading, "onsetS" | "durationS"> & Partial<Reading>)[];
}

type MemoryAnnotation = Pick<Annotation, "label" | "onsetS" | "durationS"> & Partial<Annotation>;

const AT = "2026-01-01T00:00:00Z";

/** The reads that learning needs, over recordings held in memory: for tests and for measuring on files. */
export function memoryLibrary(
  recordings: readonly MemoryRecording[],
  labelSets: readonly LabelSet[] = [],
): ReadLibrary {
  const byId = new Map(recordings.map((recording) => [recording.id, recording]));
  const find = (id: string): MemoryRecording => {
    const recording = byId.get(id);
    if (!recording) throw new AppError("data/recording-unknown", `No recording ${id}`, { id });
    return recording;
  };
  return {
    getRecording: (id) => detailOf(find(id)),
    samples(id, channel, first, count) {
      const found = find(id).channels[channel];
      if (!found)
        throw new AppError("data/channel-unknown", `Recording ${id} has no channel ${channel}`, {
          id,
          channel,
        });
      const values = found.values.slice(first, first + count);
      return {
        first,
        values,
        reasons: found.reasons?.slice(first, first + count) ?? new Uint8Array(values.length),
      };
    },
    listAnnotations: (id) => find(id).annotations.map((one, index) => annotationOf(find(id), one, index)),
    listMasks: () => [],
    listReadings: (id) => {
      const { labelSet, readings } = find(id);
      const facts = { recordingId: id, labelSet, labelSetVersion: 1, author: "file", createdAt: AT };
      return (readings ?? []).map((one, index) => ({ ...facts, id: `${id}-read-${index}`, ...one }));
    },
    listLabelSets: () => [...labelSets],
    getLabelSet(id) {
      const set = labelSets.find((one) => one.id === id);
      if (set) return set;
      throw new AppError("storage/not-found", `There is no label set ${id} in memory`, { labelSet: id });
    },
    checksum: (id) => ({ sha256: `memory-${id}`, damagedBlocks: 0 }),
  };
}

function annotationOf(recording: MemoryRecording, one: MemoryAnnotation, index: number): Annotation {
  return {
    id: `${recording.id}-${index}`,
    recordingId: recording.id,
    labelSet: recording.labelSet,
    labelSetVersion: 1,
    author: "file",
    source: "import",
    note: "",
    createdAt: AT,
    changedAt: AT,
    ...one,
  };
}

function detailOf(recording: MemoryRecording): RecordingDetail {
  const durationS = Math.max(
    ...recording.channels.map((channel) => channel.values.length / channel.sampleRate),
  );
  return {
    id: recording.id,
    name: recording.id,
    kind: recording.kind,
    subject: recording.subject,
    study: "",
    synthetic: false,
    importedAt: "2026-01-01T00:00:00Z",
    durationS,
    state: "complete",
    missingShare: 0,
    annotationCount: recording.annotations.length,
    labelledS: 0,
    repairCount: 0,
    source: { format: "memory", file: recording.id, sha256: "" },
    note: "",
    facts: {},
    repairs: [],
    damaged: [],
    channels: recording.channels.map((channel, position) => ({
      label: channel.label,
      unit: channel.unit,
      sampleRate: channel.sampleRate,
      role: channel.role,
      sampleType: channel.sampleType ?? "float32",
      gain: channel.gain ?? 1,
      offset: 0,
      position,
      sampleCount: channel.values.length,
      observedCount: channel.reasons
        ? channel.reasons.reduce((n, reason) => n + (reason === 0 ? 1 : 0), 0)
        : channel.values.length,
    })),
  };
}
