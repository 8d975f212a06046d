import type { ByteSource } from "../format.ts";
import type { Chunk } from "./chunks.ts";
import type { XdfStream } from "./streams.ts";

/** Where the walk through one stream's samples has got. */
export interface StreamState {
  readonly stream: XdfStream;
  last: number; // stamp of the last sample, as written or deduced
}

export const startOf = (stream: XdfStream): StreamState => ({ stream, last: 0 });

/** A sample as it lies in `view`: its values from `at` on. Strings are given as texts instead. */
export type OnSample = (stamp: number, view: DataView, at: number, texts: readonly string[]) => void;

const WINDOW_BYTES = 1 << 18;
const STAMP_BYTES = 9;
/** A marker is a few words; what is longer is cut, as every text is. */
const LONGEST_TEXT = 10_000;
const decoder = new TextDecoder();

/**
 * Walks through the samples of one chunk in order and stops after each window of bytes, so that what was gathered can be
 * handed on. Returns whether the chunk held as many samples as it says, whole.
 */
export async function* walkSamples(
  source: ByteSource,
  chunk: Chunk,
  state: StreamState,
  onSample: OnSample,
): AsyncGenerator<void, boolean, void> {
  const { stream } = state;
  const period = stream.nominalRate > 0 ? 1 / stream.nominalRate : 0;
  const reader = new Window(source, chunk.start, chunk.end);
  const declared = await reader.length();
  const valueBytes = stream.channels.length * stream.format.bytes;
  for (let k = 0; declared !== undefined && k < declared; k++) {
    if (!reader.holds(STAMP_BYTES + valueBytes)) {
      yield;
      await reader.fill(STAMP_BYTES + valueBytes);
    }
    const stamp = reader.stamp();
    if (stamp === "none") return false;
    const texts: string[] = [];
    if (stream.format.bytes === 0) {
      for (let c = 0; c < stream.channels.length; c++) {
        const text = await reader.text();
        if (text === undefined) return false;
        texts.push(text);
      }
    } else if (!reader.holds(valueBytes)) return false;
    const now = stamp !== undefined && Number.isFinite(stamp) ? stamp : state.last + period;
    state.last = now;
    onSample(now, reader.view, reader.at, texts);
    reader.at += valueBytes;
  }
  return declared !== undefined;
}

/** Bytes of a chunk, a window at a time. */
class Window {
  view: DataView = new DataView(new ArrayBuffer(0));
  at = 0; // within the view
  private readonly source: ByteSource;
  private offset: number; // of the view's end
  private readonly end: number;

  constructor(source: ByteSource, start: number, end: number) {
    this.source = source;
    this.offset = start;
    this.end = end;
  }

  holds(bytes: number): boolean {
    return this.at + bytes <= this.view.byteLength;
  }

  /** As many bytes as asked for from here on, or all there are. */
  async fill(bytes: number): Promise<void> {
    if (this.holds(bytes) || this.offset >= this.end) return;
    const from = this.offset - (this.view.byteLength - this.at);
    const read = await this.source.read(from, Math.min(this.end - from, Math.max(WINDOW_BYTES, bytes)));
    this.view = new DataView(read.buffer, read.byteOffset, read.length);
    this.at = 0;
    this.offset = read.length === 0 ? this.end : from + read.length;
  }

  /** `[1, 4 or 8][number]`, undefined where that is not what stands here. */
  async length(): Promise<number | undefined> {
    await this.fill(STAMP_BYTES);
    if (!this.holds(1)) return undefined;
    const width = this.view.getUint8(this.at);
    if ((width !== 1 && width !== 4 && width !== 8) || !this.holds(1 + width)) return undefined;
    const from = this.at + 1;
    this.at = from + width;
    if (width === 1) return this.view.getUint8(from);
    return width === 4 ? this.view.getUint32(from, true) : Number(this.view.getBigUint64(from, true));
  }

  /** The stamp before a sample; undefined where it is to be deduced, "none" where no sample stands here. */
  stamp(): number | undefined | "none" {
    if (!this.holds(1)) return "none";
    const width = this.view.getUint8(this.at);
    if (width === 0) {
      this.at++;
      return undefined;
    }
    if (width !== 8 || !this.holds(STAMP_BYTES)) return "none";
    const value = this.view.getFloat64(this.at + 1, true);
    this.at += STAMP_BYTES;
    return value;
  }

  async text(): Promise<string | undefined> {
    const length = await this.length();
    if (length === undefined || length > this.end - (this.offset - (this.view.byteLength - this.at)))
      return undefined;
    const kept = Math.min(length, 4 * LONGEST_TEXT);
    await this.fill(kept);
    if (!this.holds(kept)) return undefined;
    const { buffer, byteOffset } = this.view;
    const text = decoder.decode(new Uint8Array(buffer, byteOffset + this.at, kept)).slice(0, LONGEST_TEXT);
    this.skip(length);
    return text;
  }

  private skip(bytes: number): void {
    const inside = Math.min(bytes, this.view.byteLength - this.at);
    this.at += inside;
    this.offset += bytes - inside;
  }
}
