import { createHash } from "node:crypto";
import type { MaskRun } from "../../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { SampleBlock } from "../../signal/block.ts";
import { runsOf } from "../../signal/mask.ts";
import { bytesOf } from "./block-codec.ts";
import { reasonsOf } from "./sample-reader.ts";

/** Where a block lies. */
export interface Extent {
  readonly first: number;
  readonly count: number; // samples
}

type Header = Pick<ChannelHeader, "label" | "unit" | "sampleRate" | "sampleType" | "gain" | "offset">;

/**
 * SHA-256 over the canonical stream of a recording, independent of how its samples were cut into blocks: for each
 * channel a line of its header; for each uninterrupted run its first sample and length (float64, little endian) and
 * its samples; then the source's mask runs (three float64 each).
 */
export class SampleDigest {
  readonly #hash = createHash("sha256");
  #header: Header | undefined;
  #extents: readonly Extent[] = []; // of the channel's blocks, in order
  #at = 0; // blocks of the channel so far
  #end = -1;
  #mask: MaskRun[] = [];

  /** The channels come in order; `extents` are of all blocks that come of this one. */
  begin(position: number, header: Header, extents: readonly Extent[]): void {
    this.#endMask();
    const { label, unit, sampleRate, sampleType, gain, offset } = header;
    this.#hash.update(`${JSON.stringify([position, label, unit, sampleRate, sampleType, gain, offset])}\n`);
    this.#header = header;
    this.#extents = extents;
    this.#at = 0;
    this.#end = -1;
  }

  /** The next block of the channel; its mask counts from its first sample. */
  add(samples: Uint8Array, mask: readonly MaskRun[]): void {
    const { first, count } = sure(this.#extents[this.#at]);
    if (first !== this.#end) this.#hash.update(bytesOf(Float64Array.of(first, this.#runLength())));
    this.#hash.update(samples);
    for (const run of mask) pushJoined(this.#mask, { ...run, first: run.first + first });
    this.#end = first + count;
    this.#at += 1;
  }

  /** The next block of the channel, of those that are to be stored: as the library keeps it. */
  addNew(block: Pick<SampleBlock, "samples" | "mask">): void {
    const reasons = reasonsOf(block, sure(this.#header));
    this.add(bytesOf(block.samples), reasons === undefined ? [] : runsOf(reasons));
  }

  digest(): string {
    this.#endMask();
    return this.#hash.digest("hex");
  }

  #endMask(): void {
    for (const run of this.#mask)
      this.#hash.update(bytesOf(Float64Array.of(run.first, run.count, run.reason)));
    this.#mask = [];
  }

  /** Samples from this block on until one is missing. */
  #runLength(): number {
    const { first } = sure(this.#extents[this.#at]);
    let end = first;
    for (let i = this.#at; this.#extents[i]?.first === end; i += 1) end += sure(this.#extents[i]).count;
    return end - first;
  }
}

function pushJoined(runs: MaskRun[], run: MaskRun): void {
  const last = runs.at(-1);
  if (last?.reason === run.reason && last.first + last.count === run.first) {
    runs[runs.length - 1] = { ...last, count: last.count + run.count };
  } else runs.push(run);
}
