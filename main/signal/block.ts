import type { ChannelHeader, RecordingKind, Repair, SampleType } from "../../preload/contract/recording.ts";
import type { MaskRun } from "../../preload/contract/mask.ts";

export type Samples = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export const sampleArrays = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<SampleType, unknown>;

/**
 * A run of consecutive samples of one channel, digital values as the source gave them.
 * `mask` runs count from the block's first sample. What no block covers is not recorded.
 */
export interface SampleBlock {
  readonly channel: number;
  readonly firstSample: number;
  readonly samples: Samples;
  readonly mask: readonly MaskRun[];
}

export interface RecordingHeader {
  readonly name: string;
  readonly kind: RecordingKind;
  readonly subject: string | undefined; // code as the source gives it
  readonly startedAt: string | undefined; // ISO 8601 local, without zone unless the source has one
  readonly channels: readonly ChannelHeader[];
  readonly facts: Readonly<Record<string, string>>;
}

/** An event as a file gives it; the importer maps it to a label set. */
export interface SourceAnnotation {
  readonly onsetS: number;
  readonly durationS: number;
  readonly label: string; // its text, exactly as written
  readonly channel: number | undefined;
  readonly note: string;
  readonly code?: string | undefined; // of the label, in files that Kodo wrote
  readonly author?: string | undefined; // where the file says who
  readonly channelLabel?: string | undefined; // of a channel that the file itself does not have
}

/** A stretch that a file says was read completely for these labels of a set. */
export interface SourceReading {
  readonly onsetS: number;
  readonly durationS: number;
  readonly labelSet: string;
  readonly labels: readonly string[]; // codes
  readonly author?: string | undefined;
}

export type ReportRepair = (repair: Repair) => void;
