import { z } from "zod";
import { throwIfCancelled } from "../../preload/contract/errors.ts";
import type { SampleType } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import { sampleArrays, type SampleBlock } from "../signal/block.ts";
import { BLOCK_BYTES } from "../storage/samples/block-codec.ts";
import type { Extent } from "../storage/samples/sample-digest.ts";
import { badCopy, type Field } from "./copy.ts";
import { type CopyingOut, copyOut } from "./copy-out.ts";
import type { Session } from "./database.ts";

/** Blocks that are asked for, and stored, at a time: eight mebibytes. */
const AT_ONCE = 128;
/** Parts that are asked for beside the one that is waited for, and that are being stored. */
const [ASKED_AHEAD, UNDERWAY] = [1, 2];

export interface Archived {
  readonly id: string; // in the archive
  readonly channels: readonly { readonly sampleType: SampleType }[];
  readonly extents: readonly (readonly Extent[])[]; // of each channel's blocks
}

export interface Moving {
  readonly take: (row: readonly Field[]) => SampleBlock; // of each, in the order of channels and samples
  readonly store: (blocks: readonly SampleBlock[]) => Promise<void>; // which it keeps no longer than until it is done
  readonly signal: AbortSignal | undefined;
}

/** All blocks of a recording from the archive into a library, in parts: some come while others are stored. Gives their bytes. */
export async function moveBlocks(
  session: Session,
  archived: Archived,
  moving: Moving,
  endMs?: number, // that what was asked has to come, once nobody wants it any more
): Promise<number> {
  const memory = new SharedMemory(Math.min(AT_ONCE * BLOCK_BYTES, bytesOf(archived)));
  const storing = new Storing(moving.store, memory);
  const copying = copyOut(session, endMs);
  try {
    for await (const part of inParts(copying, queriesOf(archived), { ...moving, memory }))
      await storing.add(part);
  } finally {
    await copying.end();
  }
  await storing.done();
  return storing.bytes;
}

const bytesOf = ({ channels, extents }: Archived): number =>
  extents.reduce((sum, own, channel) => {
    const size = sampleArrays[sure(channels[channel]).sampleType].BYTES_PER_ELEMENT;
    return own.reduce((all, { count }) => all + aligned(Math.max(0, count) * size), sum); // what it is said to be
  }, 0);

function queriesOf({ id, extents }: Archived): string[] {
  const all = extents.flatMap((own, channel) => own.map(({ first }) => ({ channel, first })));
  const starts = all.filter((_, at) => at % AT_ONCE === 0);
  return starts.map(
    ({ channel, first }, part) =>
      `SELECT channel, first_sample, sample_count, crc, samples, mask FROM kodo.block
       WHERE recording = '${z.uuid().parse(id)}' AND (channel, first_sample) >= (${channel}, ${first})
       ORDER BY channel, first_sample LIMIT ${Math.min(AT_ONCE, all.length - part * AT_ONCE)}`,
  );
}

interface Part {
  readonly blocks: readonly SampleBlock[];
  readonly memory: Piece; // in which their samples lie
}

/** What came of each query, while the next are on their way. */
async function* inParts(
  copying: CopyingOut,
  queries: readonly string[],
  { take, memory, signal }: Pick<Moving, "take" | "signal"> & { readonly memory: SharedMemory },
): AsyncGenerator<Part> {
  const ask = async (query: string): Promise<Part> => {
    const part = { blocks: new Array<SampleBlock>(), memory: memory.take() };
    const keep = (row: readonly Field[]): void => {
      if (part.blocks.length === AT_ONCE) throw badCopy("more blocks than were asked for");
      part.blocks.push(take(row));
    };
    await copying.rows(query, { take: keep, memory: (bytes) => part.memory.of(bytes) });
    return part;
  };
  const asked: Promise<Part>[] = [];
  for (const query of queries) {
    throwIfCancelled(signal);
    const coming = ask(query);
    coming.catch(() => undefined); // told when it is waited for
    asked.push(coming);
    if (asked.length > ASKED_AHEAD) yield await unlessCancelled(sure(asked.shift()), signal);
  }
  for (const coming of asked) yield await unlessCancelled(coming, signal);
}

/** A server may take its time, or have no end. */
async function unlessCancelled<T>(coming: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let stop = (): void => undefined;
  const cancelled = new Promise<void>((resolve) => (stop = resolve));
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([coming, cancelled]);
    throwIfCancelled(signal);
    return await coming;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/**
 * Memory that is filled anew once what lay in it is stored: where each block has its own, collecting a hundred megabytes
 * of them takes as long as fetching them. It is shared with the thread that stores it.
 */
class SharedMemory {
  readonly #bytes: number;
  readonly #free: Piece[] = [];

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  take(): Piece {
    return this.#free.pop() ?? new Piece(this.#bytes);
  }

  give(piece: Piece): void {
    piece.used = 0;
    this.#free.push(piece);
  }
}

class Piece {
  used = 0; // bytes
  readonly #memory: SharedArrayBuffer;

  constructor(bytes: number) {
    this.#memory = new SharedArrayBuffer(bytes);
  }

  /** Memory of its own where there is none left. */
  of(bytes: number): Buffer {
    const at = this.used;
    if (at + bytes > this.#memory.byteLength) return Buffer.allocUnsafeSlow(bytes);
    this.used = aligned(at + bytes);
    return Buffer.from(this.#memory, at, bytes);
  }
}

/** Where the largest sample may lie. */
const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** What has come is stored while the next comes; no more than this is held. */
class Storing {
  bytes = 0;
  readonly #append: (blocks: readonly SampleBlock[]) => Promise<void>;
  readonly #memory: SharedMemory;
  readonly #underway: Promise<void>[] = [];

  constructor(append: (blocks: readonly SampleBlock[]) => Promise<void>, memory: SharedMemory) {
    this.#append = append;
    this.#memory = memory;
  }

  async add({ blocks, memory }: Part): Promise<void> {
    this.bytes += blocks.reduce((sum, { samples }) => sum + samples.byteLength, 0);
    if (this.#underway.length === UNDERWAY) await this.#underway.shift();
    const stored = this.#append(blocks).then(() => this.#memory.give(memory));
    stored.catch(() => undefined); // told when it is waited for
    this.#underway.push(stored);
  }

  async done(): Promise<void> {
    for (const stored of this.#underway.splice(0)) await stored;
  }
}
