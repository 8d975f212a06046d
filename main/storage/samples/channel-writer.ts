import { AppError } from "../../../preload/contract/errors.ts";
import type { MaskRun } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { sampleArrays, type SampleBlock, type Samples } from "../../signal/block.ts";
import { clipRuns, maskProblem, paintRuns, runsOf } from "../../signal/mask.ts";
import { type Buckets, storedSizes } from "../../signal/pyramid.ts";
import { PyramidGrowth } from "../../signal/pyramid-growth.ts";
import { blockCapacity, decodeBlock, encodeBlock } from "./block-codec.ts";
import type { BucketReader } from "./bucket-reader.ts";
import type { ChannelRow } from "./channels.ts";
import type { Database, Row } from "../file/database.ts";
import { BUCKETS_PER_PAGE, GrowingPage, loadPage } from "./pyramid-pages.ts";
import { reasonsOf } from "./sample-reader.ts";
import { seal } from "../file/seal.ts";

/** Small blocks at the end of a channel that are still to become one. */
interface Tail {
  first: number;
  count: number; // samples
  pieces: number;
}

/** Pieces after which the tail is joined even though it does not fill a block: keeps slow channels quick to read. */
const MOST_PIECES = 64;

/**
 * The growing end of one channel: blocks, pyramid and counts. Everything happens inside the caller's transaction;
 * after a failed one the writer must be thrown away and made again from what is stored.
 */
export class ChannelWriter {
  readonly #database: Database;
  readonly #channel: ChannelRow;
  readonly #capacity: number;
  readonly #growth: PyramidGrowth;
  readonly #reader: BucketReader;
  readonly #pages: (GrowingPage | undefined)[] = []; // the last of each level
  readonly #changed: GrowingPage[] = [];
  readonly #tail: Tail;
  #sampleCount: number;
  #observed = 0; // since the last flush
  #masked = 0;

  constructor(database: Database, channel: ChannelRow, reader: BucketReader) {
    this.#database = database;
    this.#channel = channel;
    this.#capacity = blockCapacity(channel.sampleType);
    this.#sampleCount = channel.sampleCount;
    this.#reader = reader;
    this.#growth = new PyramidGrowth(
      channel,
      (level, bucket, content) => this.#pageOf(level, bucket).put(bucket, content),
      {
        position: channel.sampleCount,
        partial: (level, bucket) => reader.bucket(level, bucket),
      },
    );
    this.#tail = this.#findTail();
  }

  get sampleCount(): number {
    return this.#sampleCount;
  }

  /** `layers`: what lies above the source on this channel, for the counts. */
  append(block: SampleBlock, layers: readonly MaskRun[]): void {
    this.#refuse(block);
    const { firstSample, samples } = block;
    const reasons = reasonsOf(block, this.#channel);
    const mask = reasons === undefined ? [] : runsOf(reasons);
    const gap = firstSample - this.#sampleCount;
    if (gap > 0) {
      this.#growth.skip(gap);
      Object.assign(this.#tail, { first: firstSample, count: 0, pieces: 0 });
    }
    this.#growth.append(samples, reasons);
    this.#store(firstSample, samples, mask);
    this.#sampleCount = firstSample + samples.length;
    this.#count(block, reasons, mask, layers);
  }

  /** Writes the pyramid's rows and the counts that changed. */
  flush(): void {
    for (const page of this.#changed.splice(0)) page.save(this.#database, this.#channel.key);
    this.#database.run(
      "UPDATE channel SET sample_count = ?, source_observed = source_observed + ?, layer_masked = layer_masked + ? WHERE key = ?",
      this.#sampleCount,
      this.#observed,
      this.#masked,
      this.#channel.key,
    );
    seal(this.#database, "channel", "key = ?", this.#channel.key);
    this.#observed = 0;
    this.#masked = 0;
  }

  /** Is the tail worth joining? `atEnd`: nothing more will come. */
  wantsJoining(atEnd: boolean): boolean {
    return (
      this.#tail.pieces > 1 &&
      (atEnd || this.#tail.count === this.#capacity || this.#tail.pieces >= MOST_PIECES)
    );
  }

  /** Makes one block of the tail's pieces. A damaged piece is left as it is, and the rest with it. */
  join(): void {
    const { first, count } = this.#tail;
    const rows = this.#database.all(
      "SELECT key, first_sample, sample_count, crc, samples, mask FROM block WHERE channel = ? AND first_sample >= ? AND first_sample < ? ORDER BY first_sample",
      this.#channel.key,
      first,
      first + count,
    );
    const whole = this.#joined(rows, first, count);
    if (whole !== undefined) {
      for (const row of rows) this.#database.run("DELETE FROM block WHERE key = ?", Number(row["key"]));
      this.#insert(first, whole.samples, whole.mask);
    }
    this.#tail.pieces = 1;
    this.#startTailIfFull();
  }

  #joined(
    rows: readonly Row[],
    first: number,
    count: number,
  ): { samples: Samples; mask: MaskRun[] } | undefined {
    const samples = new sampleArrays[this.#channel.sampleType](count);
    const mask: MaskRun[] = [];
    let end = first;
    for (const row of rows) {
      const piece = decodeBlock(this.#channel.key, this.#channel.sampleType, row);
      if (piece?.first !== end) return undefined;
      samples.set(piece.samples, end - first);
      for (const run of piece.mask) mask.push({ ...run, first: run.first + end - first });
      end += piece.samples.length;
    }
    if (end !== first + count) return undefined;
    const reasons = new Uint8Array(count);
    paintRuns(reasons, 0, mask);
    return { samples, mask: runsOf(reasons) };
  }

  #refuse(block: SampleBlock): void {
    const { sampleType, label, position } = this.#channel;
    const { firstSample, samples } = block;
    const detail = { channel: position, firstSample, samples: samples.length };
    const refuse = (
      code: "data/bad-block" | "data/block-overlap" | "data/block-out-of-order",
      why: string,
    ): AppError => new AppError(code, `Block of channel ${position} (${label}): ${why}`, detail);
    if (!(samples instanceof sampleArrays[sampleType])) {
      throw refuse(
        "data/bad-block",
        `samples are ${samples.constructor.name}, the channel holds ${sampleType}`,
      );
    }
    if (samples.length === 0) throw refuse("data/bad-block", "it holds no samples; 1 or more are needed");
    if (!Number.isSafeInteger(firstSample) || firstSample < 0) {
      throw refuse("data/bad-block", `first sample is ${firstSample}; a whole number of 0 or more is needed`);
    }
    const problem = maskProblem(block.mask, samples.length);
    if (problem !== undefined) throw refuse("data/bad-block", problem);
    if (firstSample >= this.#sampleCount) return;
    const clash = this.#database.get(
      "SELECT first_sample, sample_count FROM block WHERE channel = ? AND first_sample > ? AND first_sample < ? AND first_sample + sample_count > ?",
      this.#channel.key,
      firstSample - this.#capacity,
      firstSample + samples.length,
      firstSample,
    );
    if (clash !== undefined) {
      const first = Number(clash["first_sample"]);
      const last = first + Number(clash["sample_count"]) - 1;
      throw refuse(
        "data/block-overlap",
        `samples ${firstSample}-${firstSample + samples.length - 1} overlap ${first}-${last}, which are stored`,
      );
    }
    throw refuse(
      "data/block-out-of-order",
      `it begins at sample ${firstSample}, before the end of the channel at ${this.#sampleCount}`,
    );
  }

  /** Fills the tail to a whole block, then cuts whole blocks, then starts a new tail. */
  #store(first: number, samples: Samples, mask: readonly MaskRun[]): void {
    for (let at = 0; at < samples.length;) {
      if (this.#tail.count === this.#capacity) this.join(); // left over from a joining that failed
      const length = Math.min(samples.length - at, this.#capacity - this.#tail.count);
      this.#insert(first + at, samples.subarray(at, at + length), clipRuns(mask, at, length));
      this.#tail.count += length;
      this.#tail.pieces++;
      at += length;
      if (this.#tail.count < this.#capacity) continue;
      if (this.#tail.pieces > 1 && at < samples.length) this.join();
      this.#startTailIfFull();
    }
  }

  /** A tail that is one whole block is no tail any more. */
  #startTailIfFull(): void {
    const { first, count, pieces } = this.#tail;
    if (count === this.#capacity && pieces === 1)
      Object.assign(this.#tail, { first: first + count, count: 0, pieces: 0 });
  }

  #insert(first: number, samples: Samples, mask: readonly MaskRun[]): void {
    const encoded = encodeBlock(this.#channel.key, first, samples, mask);
    this.#database.run(
      "INSERT INTO block (channel, first_sample, sample_count, crc, samples, mask) VALUES (?, ?, ?, ?, ?, ?)",
      this.#channel.key,
      first,
      samples.length,
      encoded.crc,
      encoded.samples,
      encoded.mask,
    );
  }

  #count(
    block: SampleBlock,
    reasons: Uint8Array | undefined,
    mask: readonly MaskRun[],
    layers: readonly MaskRun[],
  ): void {
    const length = block.samples.length;
    let observed = length;
    for (const run of mask) observed -= run.count;
    this.#observed += observed;
    const above = clipRuns(layers, block.firstSample, length);
    if (above.length === 0) return;
    const seen = reasons ?? new Uint8Array(length);
    for (const run of above) {
      for (let i = run.first; i < run.first + run.count; i++) if (seen[i] === 0) this.#masked++;
    }
  }

  #pageOf(level: number, bucket: number): GrowingPage {
    let page = this.#pages[level];
    if (page === undefined || bucket >= page.end) {
      const number = Math.floor(bucket / BUCKETS_PER_PAGE);
      page = new GrowingPage(level, number, this.#storedPage(level, number));
      this.#pages[level] = page;
    }
    if (!page.isChanged) {
      page.isChanged = true;
      this.#changed.push(page);
    }
    return page;
  }

  /** A damaged row is computed anew from the levels below. */
  #storedPage(level: number, number: number): Buckets | undefined {
    if (this.#channel.sampleCount === 0) return undefined; // as it was when the writer was made: all rows are its own
    const stored = loadPage(this.#database, this.#channel.key, level, number);
    if (stored !== "damaged") return stored;
    const first = number * BUCKETS_PER_PAGE;
    const end = Math.min(
      first + BUCKETS_PER_PAGE,
      Math.floor(this.#channel.sampleCount / sure(storedSizes[level])),
    );
    return this.#reader.range(level, first, Math.max(first, end));
  }

  /** The stored blocks that follow on one another up to the end without filling one. */
  #findTail(): Tail {
    const tail: Tail = { first: this.#sampleCount, count: 0, pieces: 0 };
    if (this.#sampleCount === 0) return tail;
    const rows = this.#database.all(
      "SELECT first_sample, sample_count FROM block WHERE channel = ? ORDER BY first_sample DESC LIMIT ?",
      this.#channel.key,
      2 * MOST_PIECES,
    );
    for (const row of rows) {
      const first = Number(row["first_sample"]);
      const count = Number(row["sample_count"]);
      if (first + count !== tail.first || count === this.#capacity || tail.count + count > this.#capacity)
        break;
      tail.first = first;
      tail.count += count;
      tail.pieces++;
    }
    return tail;
  }
}
