import type { ExportFormat, ImportOptions } from "../../preload/contract/exchange.ts";
import type {
  ReportRepair,
  RecordingHeader,
  SampleBlock,
  SourceAnnotation,
  SourceReading,
} from "../signal/block.ts";

/** Bytes with random access; the caller decides where they come from. Reads past the end are short, never an error. */
export interface ByteSource {
  readonly name: string; // base name, for messages
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The same into memory that the caller keeps and reads into again; how many bytes there were. */
  readInto?(offset: number, into: Uint8Array): Promise<number>;
  /** A file beside this one, such as 100.dat of 100.hea. Undefined where there is none. */
  sibling(name: string): Promise<ByteSource | undefined>;
  /** The nearest file of this name in a folder above, a few levels at most: a data set's table of its participants. */
  above?(name: string): Promise<ByteSource | undefined>;
}

/**
 * A recording opened for reading: the header at once, samples as a stream that holds a few blocks at most.
 * Blocks of a channel come in ascending order; several channels may interleave. Block size about 64 KiB.
 */
export interface OpenRecording {
  readonly header: RecordingHeader;
  /** `done` is told how many source bytes were consumed so far, for progress. */
  blocks(done: (bytes: number) => void, signal?: AbortSignal): AsyncIterable<SampleBlock>;
  /** Complete once `blocks` has been read to its end (EDF+ keeps them between the samples). */
  annotations(): Promise<readonly SourceAnnotation[]>;
  /** Only files of ours say what was read completely. */
  readonly readings?: readonly SourceReading[];
}

export interface FormatReader {
  readonly id: string; // edf, bdf, wfdb, fhr, fhrm, csv, json, xdf
  readonly title: string;
  readonly extensions: readonly string[]; // lower case with the dot; .gz is taken off before asking
  /** Does this look like ours? `head` is the first 4 KiB at most. */
  recognises(head: Uint8Array, name: string): boolean;
  /** Throws AppError("data/...") with file, offset, value and allowed range when not even the header makes sense. */
  open(source: ByteSource, options: ImportOptions, repair: ReportRepair): Promise<OpenRecording>;
}

/** A file being written. Becomes visible under its name only when `close` has succeeded. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
  /** Overwrites earlier bytes: counts and checksums known only at the end. */
  patch(offset: number, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** A recording to be written, from wherever it is kept. */
export interface ExportSource {
  readonly header: RecordingHeader;
  readonly sampleCounts: readonly number[];
  readonly annotations: readonly SourceAnnotation[];
  readonly readings?: readonly SourceReading[];
  /** Samples [first, first + count) of one channel, clipped to its end; spans without a block come as notRecorded. */
  read(channel: number, first: number, count: number): Promise<SampleBlock>;
}

export interface WriteOptions {
  readonly baseName: string; // without extension; safe for file systems
  readonly withAnnotations: boolean;
  readonly withMask: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number) => void; // 0..1
}

export interface FormatWriter {
  readonly id: ExportFormat;
  readonly title: string;
  /** `open(name)` starts a file in the target folder. Returns what had to be changed to fit the format. */
  write(
    source: ExportSource,
    open: (name: string) => Promise<ByteSink>,
    options: WriteOptions,
    repair: ReportRepair,
  ): Promise<void>;
}
