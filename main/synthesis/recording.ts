import type { MaskRun } from "../../preload/contract/mask.ts";
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
        mask: runsOf(reasons, first, end),
      });
    },
  };
}

function runsOf(reasons: Uint8Array, first: number, end: number): MaskRun[] {
  const runs: MaskRun[] = [];
  for (let i = first; i < end;) {
    const reason = reasons[i] as number;
    const start = i;
    while (i < end && reasons[i] === reason) i++;
    if (reason !== 0) runs.push({ first: start - first, count: i - start, reason });
  }
  return runs;
}
