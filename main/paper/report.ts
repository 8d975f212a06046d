import type { Finding } from "../../preload/contract/finding.ts";
import type { ChannelRole, RecordingDetail } from "../../preload/contract/recording.ts";
import type { ReportOptions } from "../../preload/contract/report.ts";

/** A channel with its samples, from the recording's start. */
export interface PaperChannel {
  readonly position: number;
  readonly label: string;
  readonly recordedAs: string; // its label in the library, by which findings name it
  readonly unit: string;
  readonly role: ChannelRole;
  readonly sampleRate: number;
  readonly values: Float32Array; // physical; the value beneath a mask is kept
  readonly reasons: Uint8Array; // 0 observed, all mask layers taken together
}

/** A label in the language of the paper. */
export interface PaperLabel {
  readonly name: string;
  readonly letter: string;
  readonly colour: string;
}

export interface PaperAnnotation {
  readonly onsetS: number;
  readonly durationS: number; // 0: a point
  readonly label: PaperLabel;
  readonly channel: string | undefined;
  readonly author: string;
  readonly note: string;
}

/** Everything that is put on paper of one recording. Names in it are as they are to be printed. */
export interface Report {
  readonly recording: Pick<RecordingDetail, "name" | "subject" | "startedAt" | "durationS"> & {
    readonly source: string; // file or device it came from
  };
  readonly sha256: string; // of the recording's data
  readonly software: string; // program and version
  readonly gestation: string | undefined; // weeks+days, as entered or read
  readonly channels: readonly PaperChannel[]; // heart rates and contractions
  readonly leftOut: readonly string[]; // labels of channels that paper has no grid for
  readonly findings: readonly Finding[]; // none that is outdated
  readonly annotations: readonly PaperAnnotation[];
  readonly labelOf: (code: string) => PaperLabel;
  readonly nameOfRun: (runId: string) => string;
  readonly options: ReportOptions;
}
