import { runsOf } from "../signal/mask.ts";
import type { RecordingHeader, SampleBlock, Samples, SourceAnnotation } from "../signal/block.ts";

/** A generated recording, held whole. Has the shape a format writer reads from. */
export interface SyntheticRecording {
  readonly header: RecordingHeader;
  readonly sampleCounts: readonly number[];
  readonly annotations: readonly SourceAnnotation[];
  read(channel: number, first: number, count: number): Promise<SampleBlock>;
}

export interface SyntheticChannel {
  readonly samples: Samples;
  readonly reasons: Uint8Array; // one mask code a sample, 0 observed
}

export function syntheticRecording(
  header: RecordingHeader,
  channels: readonly SyntheticChannel[],
  annotations: readonly SourceAnnotation[],
): SyntheticRecording {
  return {
    header,
    annotations,
    sampleCounts: channels.map((c) => c.samples.length),
    read: (channel, first, count) => {
      const { samples, reasons } = channels[channel] as SyntheticChannel;
      const end = Math.min(samples.length, first + count);
      return Promise.resolve({
        channel,
        firstSample: first,
        samples: samples.slice(first, end),
        mask: runsOf(reasons.subarray(first, end)),
      });
    },
  };
}
