import Sqlite from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { BUCKETS_PER_TILE } from "../../preload/contract/recording.ts";
import type { SampleBlock } from "../../main/signal/block.ts";
import { openLibrary, type OpenLibrary } from "../../main/storage/open-library.ts";

/** One line of `npm run bench`. `ratio`: how many times better than the peer, whichever way is better. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: number;
  readonly ratio: number;
}

export interface BenchSize {
  readonly samplesPerChannel: number; // of the long recording
  readonly peerSamples: number; // of the table with one row a sample
}

const CHANNELS = 8;
const BLOCK = 32_768; // int16: 64 KiB
const MEGABYTE = 1e6;

/** Storage against the obvious design: one SQLite row a sample, same file settings, same machine, same minute. */
export function benchStorage(
  size: BenchSize = { samplesPerChannel: 86_400_000, peerSamples: 1_000_000 },
): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-bench-"));
  try {
    const peer = benchPeer(join(folder, "peer.db"), size.peerSamples);
    const library = openLibrary(join(folder, "bench.kodo"));
    try {
      return Promise.resolve(benchLibrary(library, size, peer));
    } finally {
      library.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Peer {
  readonly writeRate: number; // samples a second
  readonly readRate: number;
  readonly secondMs: number; // one second of 8 channels at 1 kHz
  readonly boundsMs: number; // 1600 columns over all its samples
  readonly samples: number;
}

function benchLibrary(library: OpenLibrary, { samplesPerChannel }: BenchSize, peer: Peer): Row[] {
  const id = newRecording(library);
  const wave = Int16Array.from(
    { length: BLOCK },
    (_, i) => 1000 * Math.sin(i / 40) + (((i * 7919) % 101) - 50),
  );
  const appendMs = timeMs(() => {
    for (let at = 0; at < samplesPerChannel; at += BLOCK) {
      const samples = wave.subarray(0, Math.min(BLOCK, samplesPerChannel - at));
      library.appendBlocks(
        id,
        Array.from({ length: CHANNELS }, (_, channel): SampleBlock => ({
          channel,
          firstSample: at,
          samples,
          mask: [],
        })),
      );
    }
  });
  const appended = 2 * CHANNELS * samplesPerChannel;
  const rowBytes = 2; // of payload: what a sample is worth in either design
  return [
    more(
      "write, int16, 8 blocks of 64 KiB a transaction",
      appended / MEGABYTE / (appendMs / 1000),
      "MB/s",
      (peer.writeRate * rowBytes) / MEGABYTE,
    ),
    more(
      "read, physical values, random spans of 64 KiB",
      readRate(library, id, samplesPerChannel),
      "MB/s",
      (peer.readRate * rowBytes) / MEGABYTE,
    ),
    less("record 1 s of 8 channels at 1 kHz, synced to disk, median", liveMs(library), "ms", peer.secondMs),
    less(
      `tiles of 8 channels x 1600 px over ${millions(samplesPerChannel)} samples each, median`,
      tilesMs(library, id, samplesPerChannel),
      "ms",
      peer.boundsMs,
      `one row a sample, min and max of 1600 columns over ${millions(peer.samples)} samples of one channel`,
    ),
  ];
}

const millions = (count: number): string =>
  `${(count / 1e6).toLocaleString("en", { maximumFractionDigits: 1 })} M`;

const ROW_PEER = "one row a sample";
const more = (name: string, value: number, unit: string, peerValue: number): Row => ({
  name: `storage: ${name}`,
  value,
  unit,
  peer: ROW_PEER,
  peerValue,
  ratio: value / peerValue,
});
const less = (name: string, value: number, unit: string, peerValue: number, peer = ROW_PEER): Row => ({
  name: `storage: ${name}`,
  value,
  unit,
  peer,
  peerValue,
  ratio: peerValue / value,
});

function newRecording(library: OpenLibrary, state: "importing" | "recording" = "importing"): string {
  const channels = Array.from({ length: CHANNELS }, (_, i): ChannelHeader => ({
    label: `EMG${i}`,
    unit: "mV",
    sampleRate: 1000,
    role: "emg",
    sampleType: "int16",
    gain: 0.001,
    offset: 0,
  }));
  return library.createRecording({
    header: { name: "bench", kind: "emg", subject: "", startedAt: undefined, channels, facts: {} },
    subject: "",
    study: "",
    synthetic: true,
    source: { format: "bench", file: "", sha256: "" },
    state,
  });
}

/** MB of stored int16 a second, as float32 with reasons. Spans do not begin where blocks do. */
function readRate(library: OpenLibrary, id: string, samplesPerChannel: number): number {
  const reads = 300;
  const ms = timeMs(() => {
    for (let i = 0; i < reads; i++)
      library.samples(id, i % CHANNELS, spread(i, samplesPerChannel - BLOCK), BLOCK);
  });
  return (2 * Math.min(BLOCK, samplesPerChannel) * reads) / MEGABYTE / (ms / 1000);
}

function liveMs(library: OpenLibrary): number {
  const id = newRecording(library, "recording");
  const samples = new Int16Array(1000).fill(5);
  const times = Array.from({ length: 120 }, (_, second) =>
    timeMs(() =>
      library.appendBlocks(
        id,
        Array.from({ length: CHANNELS }, (_unused, channel) => ({
          channel,
          firstSample: second * 1000,
          samples,
          mask: [],
        })),
      ),
    ),
  );
  library.closeRecording(id, { state: "complete", repairs: [] });
  return median(times);
}

/** A screen at every zoom from the whole recording inward, at places all over it. */
function tilesMs(library: OpenLibrary, id: string, samplesPerChannel: number): number {
  const times: number[] = [];
  for (let size = 65_536; size >= 1; size /= 4) {
    const tileSpan = size * BUCKETS_PER_TILE;
    for (let i = 0; i < 8; i++) {
      const first = Math.floor(spread(i, Math.max(0, samplesPerChannel - 1600 * size)) / tileSpan);
      times.push(
        timeMs(() => {
          for (let channel = 0; channel < CHANNELS; channel++)
            library.tiles(id, channel, size, first, Math.ceil(1600 / BUCKETS_PER_TILE));
        }),
      );
    }
  }
  return median(times);
}

function benchPeer(path: string, samples: number): Peer {
  const database = new Sqlite(path);
  try {
    database.pragma("page_size = 16384");
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.exec(
      "CREATE TABLE sample (channel INTEGER, at INTEGER, value REAL, PRIMARY KEY (channel, at)) WITHOUT ROWID",
    );
    const insert = database.prepare("INSERT INTO sample VALUES (?, ?, ?)");
    const append = database.transaction((from: number, to: number) => {
      for (let at = from; at < to; at++) insert.run(0, at, at % 1000);
    });
    const writeMs = timeMs(() => {
      for (let at = 0; at < samples; at += 10_000) append(at, Math.min(samples, at + 10_000));
    });
    const read = database
      .prepare("SELECT at, value FROM sample WHERE channel = 0 AND at >= ? AND at < ?")
      .raw();
    const span = Math.min(BLOCK, samples);
    const reads = 10;
    const readMs = timeMs(() => {
      for (let i = 0; i < reads; i++) read.all(spread(i, samples - span), spread(i, samples - span) + span);
    });
    const bounds = database
      .prepare("SELECT at / ? AS column, min(value), max(value) FROM sample WHERE channel = 0 GROUP BY 1")
      .raw();
    const boundsMs = timeMs(() => bounds.all(Math.ceil(samples / 1600)));
    const second = database.transaction((at: number) => {
      for (let channel = 1; channel <= CHANNELS; channel++)
        for (let i = 0; i < 1000; i++) insert.run(channel, at + i, 5);
    });
    const secondMs = median(Array.from({ length: 10 }, (_, i) => timeMs(() => second(i * 1000))));
    return {
      writeRate: samples / (writeMs / 1000),
      readRate: (span * reads) / (readMs / 1000),
      secondMs,
      boundsMs,
      samples,
    };
  } finally {
    database.close();
  }
}

/** The i-th of places all over [0, limit]: the same in every run. */
const spread = (i: number, limit: number): number => Math.floor((((i + 1) * 0.6180339887) % 1) * limit);

function timeMs(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
