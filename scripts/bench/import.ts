import { edfReader } from "../../main/formats/edf/reader.ts";
import { edfWriter } from "../../main/formats/edf/writer.ts";
import { bytesSource, memoryFolder } from "../../main/formats/memory.ts";
import type { ExportSource } from "../../main/formats/format.ts";

/** One measured number beside a peer's in the same run. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: number;
  readonly ratio: number;
}

const CHANNELS = 8;
const RATE = 1000;
const SECONDS = 4194; // 8 * 1000 * 2 bytes a second: 64 MiB
const ROUNDS = 9;

/**
 * Reads a file of 64 MiB in memory to blocks with their mask, and, in turn with it, the same file with one
 * DataView.getInt16 a sample into one array a channel: the obvious reader, which checks and masks nothing. Best of nine, taken in turn.
 */
export async function benchImport(): Promise<Row[]> {
  const bytes = await bigFile();
  const megabytes = bytes.length / 1e6;
  let [ours, naive, checksum] = [Infinity, Infinity, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    checksum = await readOurs(bytes);
    const middle = performance.now();
    if (readNaively(bytes) !== checksum) throw new Error("the two readers disagree");
    ours = Math.min(ours, middle - start);
    naive = Math.min(naive, performance.now() - middle);
  }
  const value = megabytes / (ours / 1000);
  const peerValue = megabytes / (naive / 1000);
  return [
    {
      name: "import: EDF+ in memory to blocks with their mask",
      value,
      unit: "MB/s",
      peer: "DataView.getInt16 a sample",
      peerValue,
      ratio: value / peerValue,
    },
  ];
}

/** Sum of the last sample of each block and of the channels' lengths: enough to see that both read the same. */
async function readOurs(bytes: Uint8Array): Promise<number> {
  const recording = await edfReader.open(bytesSource("bench.edf", bytes), {}, () => undefined);
  const last = new Array<number>(CHANNELS).fill(0);
  let count = 0;
  for await (const { channel, samples } of recording.blocks(() => undefined)) {
    count += samples.length;
    last[channel] = samples[samples.length - 1]!;
  }
  return count + last.reduce((sum, value) => sum + value, 0);
}

function readNaively(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = new TextDecoder("latin1").decode(bytes.subarray(0, 256 * (CHANNELS + 2)));
  const signals = Number(header.slice(252, 256));
  const records = Number(header.slice(236, 244));
  const counts = Array.from({ length: signals }, (_, i) =>
    Number(header.slice(256 + 216 * signals + 8 * i, 264 + 216 * signals + 8 * i)),
  );
  const channels = counts.slice(0, CHANNELS).map((count) => new Int16Array(count * records));
  let at = 256 * (signals + 1);
  for (let record = 0; record < records; record++) {
    for (let signal = 0; signal < signals; signal++) {
      const count = counts[signal]!;
      const samples = channels[signal];
      for (let i = 0; i < count; i++, at += 2) {
        if (samples !== undefined) samples[record * count + i] = view.getInt16(at, true);
      }
    }
  }
  return channels.reduce((sum, samples) => sum + samples.length + samples[samples.length - 1]!, 0);
}

/** An EDF+ file of 64 MiB. */
export async function bigFile(): Promise<Uint8Array> {
  const pattern = Int16Array.from({ length: 1 << 16 }, (_, i) =>
    Math.round(8000 * Math.sin(i / 7) * Math.sin(i / 1311)),
  );
  const source: ExportSource = {
    header: {
      name: "bench",
      kind: "emg",
      subject: "B",
      startedAt: "2024-01-01T00:00:00",
      facts: {},
      channels: Array.from({ length: CHANNELS }, (_, i) => ({
        label: `EMG ${i + 1}`,
        unit: "uV",
        sampleRate: RATE,
        role: "emg",
        sampleType: "int16",
        gain: 0.25,
        offset: 0,
      })),
    },
    sampleCounts: new Array<number>(CHANNELS).fill(RATE * SECONDS),
    annotations: [],
    read: (channel, first, count) => {
      const length = Math.max(0, Math.min(count, RATE * SECONDS - first));
      const samples = new Int16Array(length);
      for (let i = 0; i < length; i++) samples[i] = pattern[(first + i + 977 * channel) & 0xffff]!;
      return Promise.resolve({ channel, firstSample: first, samples, mask: [] });
    },
  };
  const folder = memoryFolder();
  await edfWriter.write(
    source,
    folder.open,
    { baseName: "bench", withAnnotations: true, withMask: true },
    () => undefined,
  );
  return folder.files.get("bench.edf")!;
}
