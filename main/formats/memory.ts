import type { ImportOptions } from "../../preload/contract/exchange.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { Repair } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import {
  sampleArrays,
  type RecordingHeader,
  type SampleBlock,
  type Samples,
  type SourceAnnotation,
  type SourceReading,
} from "../signal/block.ts";
import type { ByteSink, ByteSource, ExportSource, FormatReader } from "./format.ts";
import { runsOf } from "./mask-runs.ts";

/** Bytes that are already here, as a source; `siblings` are files beside it by name. */
export function bytesSource(
  name: string,
  bytes: Uint8Array,
  siblings: ReadonlyMap<string, Uint8Array> = new Map(),
): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => {
      const first = Math.min(Math.max(0, offset), bytes.length);
      return Promise.resolve(bytes.subarray(first, Math.min(bytes.length, first + Math.max(0, length))));
    },
    sibling: (other) => {
      const found = siblings.get(other);
      return Promise.resolve(found === undefined ? undefined : bytesSource(other, found, siblings));
    },
  };
}

/** A folder in memory for writers: `open` starts a file, `files` holds those that were closed. */
export function memoryFolder(): {
  open: (name: string) => Promise<ByteSink>;
  files: Map<string, Uint8Array>;
} {
  const files = new Map<string, Uint8Array>();
  const open = (name: string): Promise<ByteSink> => {
    let bytes = new Uint8Array(4096);
    let length = 0;
    return Promise.resolve({
      write: (more) => {
        while (length + more.length > bytes.length) {
          const wider = new Uint8Array(bytes.length * 2);
          wider.set(bytes);
          bytes = wider;
        }
        bytes.set(more, length);
        length += more.length;
        return Promise.resolve();
      },
      patch: (offset, some) => {
        if (offset + some.length > length)
          return Promise.reject(new RangeError(`patch at ${offset} is past the end ${length}`));
        bytes.set(some, offset);
        return Promise.resolve();
      },
      close: () => {
        files.set(name, bytes.slice(0, length));
        return Promise.resolve();
      },
    });
  };
  return { open, files };
}

/** All samples of one channel of a recording in memory. `reason` has one mask code a sample, 0 observed. */
export interface ChannelContent {
  readonly samples: Samples;
  readonly reason: Uint8Array;
}

/** A whole recording in memory: for tests, small exports and the fuzzer. */
export interface RecordingContent {
  readonly header: RecordingHeader;
  readonly channels: readonly ChannelContent[];
  readonly annotations: readonly SourceAnnotation[];
  readonly readings?: readonly SourceReading[];
}

/** A recording in memory as a writer wants it. */
export function exportSource(content: RecordingContent): ExportSource {
  return {
    header: content.header,
    annotations: content.annotations,
    ...(content.readings === undefined ? {} : { readings: content.readings }),
    sampleCounts: content.channels.map(({ samples }) => samples.length),
    read: (channel, first, count) => {
      const { samples, reason } = sure(content.channels[channel]);
      const from = Math.min(Math.max(0, first), samples.length);
      const to = Math.min(samples.length, from + Math.max(0, count));
      return Promise.resolve({
        channel,
        firstSample: from,
        samples: samples.slice(from, to),
        mask: runsOf(reason.subarray(from, to)),
      });
    },
  };
}

export interface ReadResult extends RecordingContent {
  readonly repairs: readonly Repair[];
}

/**
 * Reads a source to its end. Samples between blocks are notRecorded with value 0.
 * `seen` is handed every block, in order, and may throw to stop.
 */
export async function readWhole(
  reader: FormatReader,
  source: ByteSource,
  options: ImportOptions = {},
  seen: (block: SampleBlock) => void = () => undefined,
): Promise<ReadResult> {
  const repairs: Repair[] = [];
  const recording = await reader.open(source, options, (repair) => repairs.push(repair));
  const blocks: SampleBlock[][] = recording.header.channels.map(() => []);
  for await (const block of recording.blocks(() => undefined)) {
    seen(block);
    sure(blocks[block.channel]).push(block);
  }
  const annotations = await recording.annotations();
  const channels = recording.header.channels.map(({ sampleType }, index) =>
    joinBlocks(sure(blocks[index]), sampleType),
  );
  const { header, readings } = recording;
  return { header, channels, annotations, ...(readings === undefined ? {} : { readings }), repairs };
}

function joinBlocks(blocks: readonly SampleBlock[], sampleType: keyof typeof sampleArrays): ChannelContent {
  const last = blocks.at(-1);
  const length = last === undefined ? 0 : last.firstSample + last.samples.length;
  const samples = new sampleArrays[sampleType](length);
  const reason = new Uint8Array(length).fill(maskReasons.notRecorded);
  for (const { firstSample, samples: values, mask } of blocks) {
    samples.set(values, firstSample);
    reason.fill(maskReasons.observed, firstSample, firstSample + values.length);
    for (const run of mask)
      reason.fill(run.reason, firstSample + run.first, firstSample + run.first + run.count);
  }
  return { samples, reason };
}
