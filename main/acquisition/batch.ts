import type { ChannelHeader } from "../../preload/contract/recording.ts";
import type { Times } from "../storage/samples/arrivals.ts";
import { sampleArrays, type SampleBlock } from "../signal/block.ts";
import { runsOf } from "../signal/mask.ts";
import type { Piece, SamplePiece } from "../signal/piece.ts";

/** What became of one stretch of time, to be stored whole or not at all. */
export interface Batch {
  readonly endS: number; // of the recording's time: durable up to here once it is stored
  readonly pieces: readonly Piece[];
  readonly times: Times;
}

/** The channels of a stream, and where its first lies in the recording. */
export interface StreamChannels {
  readonly first: number;
  readonly channels: readonly ChannelHeader[];
}

export const bytesOf = ({ pieces }: Batch): number =>
  pieces.reduce(
    (sum, one) => sum + 64 + (one.kind === "samples" ? one.values.byteLength + one.reasons.byteLength : 0),
    0,
  );

/** Reads come in bits of a few samples: those that follow each other become one piece. */
export function joined(pieces: readonly Piece[]): Piece[] {
  const groups: Piece[][] = [];
  for (const piece of pieces) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const follows = last?.kind === "samples" && piece.kind === "samples";
    if (group !== undefined && follows && last.first + last.count === piece.first) group.push(piece);
    else groups.push([piece]);
  }
  return groups.map((group) => join(group.filter((one) => one.kind === "samples")) ?? group).flat();
}

function join(pieces: readonly SamplePiece[]): SamplePiece | undefined {
  const [first] = pieces;
  if (first === undefined || pieces.length === 1) return first;
  const count = pieces.reduce((sum, one) => sum + one.count, 0);
  const width = first.values.length / first.count;
  const whole = {
    ...first,
    count,
    values: new Float64Array(count * width),
    reasons: new Uint8Array(count * width),
  };
  let at = 0;
  for (const { values, reasons } of pieces) {
    whole.values.set(values, at);
    whole.reasons.set(reasons, at);
    at += values.length;
  }
  return whole;
}

/** Of a gap, how many samples are written at a time. */
const GAP_SLICE = 65_536;

/** The blocks of a batch, channel by channel; long gaps in slices, one call's worth at a time. */
export function* blocksOf(
  { pieces }: Batch,
  streams: readonly StreamChannels[],
): Generator<SampleBlock[], void> {
  let blocks: SampleBlock[] = [];
  for (const piece of pieces) {
    const stream = streams.find(({ first }) => first === piece.channel);
    if (stream === undefined) continue;
    if (piece.kind === "samples") {
      blocks.push(...stream.channels.map((header, at) => blockOf(piece, stream, header, at)));
      continue;
    }
    for (let done = 0; done < piece.count; done += GAP_SLICE) {
      const count = Math.min(GAP_SLICE, piece.count - done);
      for (const [at, { sampleType }] of stream.channels.entries())
        blocks.push({
          channel: stream.first + at,
          firstSample: piece.first + done,
          samples: new sampleArrays[sampleType](count),
          mask: [{ first: 0, count, reason: piece.reason }],
        });
      if (count === GAP_SLICE) {
        yield blocks;
        blocks = [];
      }
    }
  }
  if (blocks.length > 0) yield blocks;
}

function blockOf(
  { first, count, values, reasons }: SamplePiece,
  stream: StreamChannels,
  { sampleType }: ChannelHeader,
  at: number,
): SampleBlock {
  const width = stream.channels.length;
  const samples = new sampleArrays[sampleType](count);
  const of = new Uint8Array(count);
  for (let i = 0, from = at; i < count; i += 1, from += width) {
    samples[i] = values[from] ?? 0;
    of[i] = reasons[from] ?? 0;
  }
  return { channel: stream.first + at, firstSample: first, samples, mask: runsOf(of) };
}
