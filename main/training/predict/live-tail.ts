import type { SignalSource, SourceChannel } from "../../models/fronts/front.ts";
import { physicalOf, type Heard, type SamplePiece } from "../../signal/piece.ts";

/** A channel that a model judges, and where it lies in the recording. */
export interface LiveChannel extends SourceChannel {
  readonly position: number;
}

interface Chunk {
  readonly first: number;
  readonly values: Float32Array;
  readonly observed: Uint8Array;
  count: number;
}

const CHUNK = 2048; // samples

/** The end of one channel of a recording under way: what came, without what all windows have been judged by. A gap takes no room. */
export class LiveTail {
  readonly channel: LiveChannel;
  #chunks: Chunk[] = [];
  #arrivals: { readonly until: number; readonly arrivedS: number | undefined }[] = [];
  #begin: number | undefined;
  #reached = 0;

  constructor(channel: LiveChannel) {
    this.channel = channel;
  }

  /** Index of the first sample or gap that was told of; undefined before. */
  get begin(): number | undefined {
    return this.#begin;
  }

  /** All before it has been told. */
  get reached(): number {
    return this.#reached;
  }

  /** Of the first sample that is held; `reached` where there is none. */
  get earliest(): number {
    return this.#chunks[0]?.first ?? this.#reached;
  }

  hear({ piece, width, arrivedS }: Heard): void {
    const at = this.channel.position - piece.channel;
    if (at < 0 || at >= width) return;
    if (this.#begin === undefined) this.#begin = this.#reached = piece.first;
    const until = piece.first + piece.count;
    if (until <= this.#reached) return; // of a recorder that began anew: what was told of here it did not store
    if (piece.kind === "samples") this.#append(piece, at);
    this.#reached = until;
    this.#arrivals.push({ until, arrivedS });
  }

  /** When the sample before `end` came; undefined where it is lost. */
  arrivedS(end: number): number | undefined {
    return this.#arrivals.find(({ until }) => until >= end)?.arrivedS;
  }

  /** Values and mask (1 observed) of [first, first + count). What is not held is not observed. */
  read(first: number, count: number): { values: Float32Array; observed: Uint8Array } {
    const values = new Float32Array(count);
    const observed = new Uint8Array(count);
    for (const chunk of this.#chunks) {
      const from = Math.max(first, chunk.first);
      const to = Math.min(first + count, chunk.first + chunk.count);
      if (to <= from) continue;
      values.set(chunk.values.subarray(from - chunk.first, to - chunk.first), from - first);
      observed.set(chunk.observed.subarray(from - chunk.first, to - chunk.first), from - first);
    }
    return { values, observed };
  }

  /** Nothing before it will be asked for. */
  drop(before: number): void {
    this.#chunks = this.#chunks.filter(({ first, count }) => first + count > before);
    this.#arrivals = this.#arrivals.filter(({ until }) => until > before);
  }

  #append(piece: SamplePiece, at: number): void {
    const { values, reasons } = physicalOf(piece, this.channel, at);
    for (let i = Math.max(0, this.#reached - piece.first); i < piece.count; i += 1) {
      const chunk = this.#chunkAt(piece.first + i);
      chunk.values[chunk.count] = values[i] ?? 0;
      chunk.observed[chunk.count] = reasons[i] === 0 ? 1 : 0;
      chunk.count += 1;
    }
  }

  #chunkAt(index: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.first + last.count === index && last.count < CHUNK) return last;
    const chunk = {
      first: index,
      values: new Float32Array(CHUNK),
      observed: new Uint8Array(CHUNK),
      count: 0,
    };
    this.#chunks.push(chunk);
    return chunk;
  }
}

/** The channels of a recording under way as the source of one, of which only the end is held. */
export const sourceOf = (tails: readonly LiveTail[]): SignalSource => ({
  channels: tails.map(({ channel }) => channel),
  durationS: Infinity,
  read: (index, first, count) =>
    tails[index]?.read(first, count) ?? { values: new Float32Array(0), observed: new Uint8Array(0) },
});

/** When the last of the samples before an end, which is told for a rate, came; undefined where that is lost. */
export function lastArrivalS(
  tails: readonly LiveTail[],
  endAt: (sampleRate: number) => number,
): number | undefined {
  const arrivals = tails.map((tail) => tail.arrivedS(endAt(tail.channel.sampleRate)));
  const known = arrivals.filter((one) => one !== undefined);
  return known.length === arrivals.length ? Math.max(...known) : undefined;
}
