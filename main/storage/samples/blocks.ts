import { BUCKETS_PER_TILE, bucketSizes, type Tile } from "../../../preload/contract/recording.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { placesOf } from "../../../preload/contract/channel-clock.ts";
import { maskReasons, type MaskRun } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { sampleArrays, type SampleBlock } from "../../signal/block.ts";
import { paintRuns, runsOf } from "../../signal/mask.ts";
import { layOut, samplesFor } from "../../signal/places.ts";
import { type Buckets, commonestReasons, storedSizes, summarise } from "../../signal/pyramid.ts";
import type { SampleSpan } from "../api.ts";
import { insertTimes, type Times } from "./arrivals.ts";
import { decodeBlock } from "./block-codec.ts";
import { BucketReader } from "./bucket-reader.ts";
import { ChannelWriter } from "./channel-writer.ts";
import { type ChannelRow, channelOf, channelsOf, recordingKey, sound } from "./channels.ts";
import { checkedIndex } from "../checked.ts";
import type { Context } from "../context.ts";
import type { Layers } from "../labels/masks.ts";
import { outdateRules } from "../runs/outdated.ts";
import { openRecording } from "../recordings/recordings.ts";
import { SampleDigest } from "./sample-digest.ts";
import { type PhysicalSpan, readDigital, readPhysical, type Span } from "./sample-reader.ts";

/** The growing ends of the recordings this process writes. */
export class Growing {
  readonly #context: Context;
  readonly #layers: Layers;
  readonly #writers = new Map<string, Map<number, ChannelWriter>>(); // recording id -> channel

  constructor(context: Context, layers: Layers) {
    this.#context = context;
    this.#layers = layers;
  }

  /**
   * One durable transaction, which also outdates what rules said of a shorter recording; then, in another, small blocks
   * become whole ones. What is safe once it is closed does not wait for the disk: the next durable transaction does for it.
   */
  append(
    recordingId: string,
    blocks: readonly SampleBlock[],
    times?: Times,
    { isSafeOnceClosed = false }: { readonly isSafeOnceClosed?: boolean } = {},
  ): void {
    const { database } = this.#context;
    const isSynced = !isSafeOnceClosed;
    database.refuseGone();
    try {
      database.write(
        () => {
          const { key } = openRecording(this.#context, recordingId);
          const channels = channelsOf(database, key);
          const writers = this.#writersOf(recordingId);
          for (const { position, sampleCount } of channels) {
            if (writers.get(position)?.sampleCount !== sampleCount) writers.delete(position); // written elsewhere since
          }
          for (const block of blocks) {
            const channel = channels[block.channel];
            if (channel === undefined) throw noChannel(recordingId, block.channel, channels.length);
            sound(channel, recordingId);
            this.#writer(writers, channel).append(
              block,
              channel.maskRevision === 0 ? [] : this.#layers.runs(channel),
            );
          }
          for (const channel of new Set(blocks.map((block) => block.channel)))
            sure(writers.get(channel)).flush();
          if (times !== undefined) insertTimes(this.#context, key, times);
          outdateRules(this.#context, key);
        },
        { isSynced },
      );
    } catch (error) {
      this.forget(recordingId);
      throw error;
    }
    this.#join(recordingId, false);
  }

  /** Nothing more will come: joins what is left in pieces. */
  finish(recordingId: string): void {
    const { database } = this.#context;
    for (const channel of channelsOf(database, openRecording(this.#context, recordingId).key)) {
      this.#writer(this.#writersOf(recordingId), channel);
    }
    this.#join(recordingId, true);
    this.forget(recordingId);
  }

  /** All samples of a recording that is complete with them, within the caller's transaction. */
  fill(recordingId: string, channels: readonly ChannelRow[], blocks: readonly SampleBlock[]): void {
    const writers = new Map<number, ChannelWriter>();
    for (const block of blocks) {
      const channel = channels[block.channel];
      if (channel === undefined) throw noChannel(recordingId, block.channel, channels.length);
      this.#writer(writers, channel).append(block, []);
    }
    for (const writer of writers.values()) {
      writer.flush();
      if (writer.wantsJoining(true)) writer.join();
    }
  }

  forget(recordingId: string): void {
    this.#writers.delete(recordingId);
  }

  /** The samples are safe already: a joining that fails is left for the next time. */
  #join(recordingId: string, atEnd: boolean): void {
    const due = [...this.#writersOf(recordingId).values()].filter((writer) => writer.wantsJoining(atEnd));
    if (due.length === 0) return;
    try {
      this.#context.database.write(() => {
        for (const writer of due) writer.join();
      });
    } catch {
      this.forget(recordingId);
    }
  }

  #writersOf(recordingId: string): Map<number, ChannelWriter> {
    let writers = this.#writers.get(recordingId);
    if (writers === undefined) {
      writers = new Map();
      this.#writers.set(recordingId, writers);
    }
    return writers;
  }

  #writer(writers: Map<number, ChannelWriter>, channel: ChannelRow): ChannelWriter {
    let writer = writers.get(channel.position);
    if (writer === undefined) {
      const { database, damage } = this.#context;
      writer = new ChannelWriter(database, channel, new BucketReader(database, channel, [], damage.note));
      writers.set(channel.position, writer);
    }
    return writer;
  }
}

const noChannel = (recording: string, channel: number, channels: number): AppError =>
  new AppError(
    "data/bad-block",
    `There is no channel ${channel}; the recording has ${channels}, counted from 0`,
    { recording, channel, channels },
  );

/**
 * Samples [first, first + count), cut to the channel's end: physical values, every layer's reasons. Those of a channel with
 * a clock of its own are at their places in the recording's time.
 */
export function samples(
  context: Context,
  layers: Layers,
  recordingId: string,
  position: number,
  span: Span,
): SampleSpan {
  const channel = channelOf(context.database, recordingId, position);
  const cut = cutToPlaces(span, channel);
  const { clock } = channel;
  if (clock === undefined) return { first: cut.first, ...readLayered(context, layers, channel, cut) };
  const own = samplesFor({ ...channel, clock }, cut);
  const read = readLayered(context, layers, channel, own);
  const laid = { values: new Float32Array(cut.count).fill(NaN), reasons: unplaced(cut.count) };
  layOut({ ...channel, clock }, own, cut, (place, sample) => {
    laid.values[place] = sure(read.values[sample]);
    laid.reasons[place] = sure(read.reasons[sample]);
  });
  return { first: cut.first, ...laid };
}

/** Of a channel with a clock of its own: places that no sample has. */
const unplaced = (count: number): Uint8Array => new Uint8Array(count).fill(maskReasons.notRecorded);

function readLayered(context: Context, layers: Layers, channel: ChannelRow, span: Span): PhysicalSpan {
  const read = readPhysical(context.database, channel, span, context.damage.note);
  paintRuns(read.reasons, span.first, layers.runs(channel));
  return read;
}

/** The same samples as the source gave them, with every layer in the mask. */
export function digitalBlock(
  context: Context,
  layers: Layers,
  recordingId: string,
  position: number,
  span: Span,
): SampleBlock {
  const channel = channelOf(context.database, recordingId, position);
  const cut = cutToPlaces(span, channel);
  const { clock } = channel;
  const own = clock === undefined ? cut : samplesFor({ ...channel, clock }, cut);
  const read = readDigital(context.database, channel, own, context.damage.note);
  paintRuns(read.reasons, own.first, layers.runs(channel));
  if (clock === undefined)
    return { channel: position, firstSample: cut.first, samples: read.samples, mask: runsOf(read.reasons) };
  const samples = new sampleArrays[channel.sampleType](cut.count);
  const reasons = unplaced(cut.count);
  if (channel.sampleType === "float32" || channel.sampleType === "float64") samples.fill(NaN);
  layOut({ ...channel, clock }, own, cut, (place, sample) => {
    samples[place] = sure(read.samples[sample]);
    reasons[place] = sure(read.reasons[sample]);
  });
  return { channel: position, firstSample: cut.first, samples, mask: runsOf(reasons) };
}

const cutToChannel = (span: Span, { sampleCount }: Pick<ChannelRow, "sampleCount">): Span => {
  const first = Math.min(
    checkedIndex(span.first, "The first sample", 0, Number.MAX_SAFE_INTEGER),
    sampleCount,
  );
  const count = Math.min(
    checkedIndex(span.count, "The sample count", 0, Number.MAX_SAFE_INTEGER),
    sampleCount - first,
  );
  return { first, count };
};

const cutToPlaces = (span: Span, channel: ChannelRow): Span =>
  cutToChannel(span, { sampleCount: placesOf(channel.clock, channel) });

export interface TileRange {
  readonly samplesPerBucket: number;
  readonly firstTile: number;
  readonly tileCount: number;
}

export function tiles(
  context: Context,
  layers: Layers,
  recordingId: string,
  position: number,
  range: TileRange,
): Tile[] {
  const { samplesPerBucket: size } = range;
  if (!bucketSizes.some((known) => known === size)) {
    throw new AppError(
      "contract/bad-params",
      `Samples a bucket are ${size}; one of ${bucketSizes.join(", ")} is needed`,
      { samplesPerBucket: size },
    );
  }
  checkedIndex(range.firstTile, "The first tile", 0, Number.MAX_SAFE_INTEGER);
  checkedIndex(range.tileCount, "The tile count", 0, 4096);
  const channel = channelOf(context.database, recordingId, position);
  const buckets = Math.ceil(channel.sampleCount / size);
  const from = Math.min(buckets, range.firstTile * BUCKETS_PER_TILE);
  const to = Math.min(buckets, (range.firstTile + range.tileCount) * BUCKETS_PER_TILE);
  if (to <= from) return [];
  const runs = layers.runs(channel).filter((run) => run.reason !== maskReasons.damagedBlock);
  const seen = bucketsOf(context, layers, channel, { size, from, to });
  const beneath = beneathOf(seen.source, runs, { size, from, to });
  return cutIntoTiles(seen.buckets, beneath, size, range.firstTile);
}

interface BucketSpan {
  readonly size: number; // samples a bucket
  readonly from: number;
  readonly to: number;
}
type Extremes = Pick<Buckets, "min" | "max">;

/** The source's own extremes in the buckets that the runs touch; undefined where they touch none. */
function beneathOf(
  source: () => Extremes,
  runs: readonly MaskRun[],
  { size, from, to }: BucketSpan,
): Extremes | undefined {
  let found: { readonly min: Float32Array; readonly max: Float32Array } | undefined;
  let read: Extremes | undefined;
  for (const { first, count } of runs) {
    const begin = Math.max(from, Math.floor(first / size));
    const end = Math.min(to, Math.ceil((first + count) / size));
    if (end <= begin) continue;
    read ??= source();
    found ??= { min: new Float32Array(to - from).fill(NaN), max: new Float32Array(to - from).fill(NaN) };
    found.min.set(read.min.subarray(begin - from, end - from), begin - from);
    found.max.set(read.max.subarray(begin - from, end - from), begin - from);
  }
  return found;
}

function bucketsOf(
  context: Context,
  layers: Layers,
  channel: ChannelRow,
  { size, from, to }: BucketSpan,
): { readonly buckets: Buckets; readonly source: () => Buckets } {
  const level = storedSizes.findIndex((known) => known === size);
  if (level >= 0) {
    const source = new BucketReader(context.database, channel, [], context.damage.note);
    return {
      buckets: layers.reader(channel).range(level, from, to),
      source: () => source.range(level, from, to),
    };
  }
  const span = cutToChannel({ first: from * size, count: (to - from) * size }, channel);
  const { values, reasons } = readPhysical(context.database, channel, span, context.damage.note);
  const layered = reasons.slice();
  paintRuns(layered, span.first, layers.runs(channel));
  return { buckets: summarise(values, layered, size), source: () => summarise(values, reasons, size) };
}

function cutIntoTiles(
  buckets: Buckets,
  beneath: Extremes | undefined,
  samplesPerBucket: number,
  firstTile: number,
): Tile[] {
  const reason = commonestReasons(buckets);
  const cut: Tile[] = [];
  for (let at = 0; at < reason.length; at += BUCKETS_PER_TILE) {
    const end = Math.min(reason.length, at + BUCKETS_PER_TILE);
    const hidden = beneath && { min: beneath.min.slice(at, end), max: beneath.max.slice(at, end) };
    cut.push({
      index: firstTile + cut.length,
      samplesPerBucket,
      min: buckets.min.slice(at, end),
      max: buckets.max.slice(at, end),
      reason: reason.slice(at, end),
      ...(hidden?.min.some((value) => !Number.isNaN(value)) === true ? { beneath: hidden } : {}),
    });
  }
  return cut;
}

/** Damaged blocks are counted, and are in the digest as they are. */
export function checksum(context: Context, recordingId: string): { sha256: string; damagedBlocks: number } {
  const { database } = context;
  const digest = new SampleDigest();
  let damagedBlocks = 0;
  for (const found of channelsOf(database, recordingKey(database, recordingId).key)) {
    const channel = sound(found, recordingId);
    const rows = database.all(
      "SELECT key, first_sample, sample_count FROM block WHERE channel = ? ORDER BY first_sample",
      channel.key,
    );
    digest.begin(
      channel.position,
      channel,
      rows.map((row) => ({ first: Number(row["first_sample"]), count: Number(row["sample_count"]) })),
    );
    for (const { key, first_sample: first } of rows) {
      const row = sure(
        database.get(
          "SELECT first_sample, sample_count, crc, samples, mask FROM block WHERE key = ?",
          Number(key),
        ),
      );
      const block = decodeBlock(channel.key, channel.sampleType, row);
      if (block === undefined) {
        damagedBlocks++;
        context.damage.note(channel, Number(first), Number(row["sample_count"]));
      }
      digest.add(row["samples"] as Uint8Array, block?.mask ?? []);
    }
  }
  return { sha256: digest.digest(), damagedBlocks };
}
