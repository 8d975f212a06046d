import {
  type ClockPiece,
  placeOfSample,
  sampleAtTime,
  shiftOfSample,
} from "../../preload/contract/channel-clock.ts";
import type { Heard } from "./piece.ts";

interface Span {
  readonly first: number;
  readonly count: number;
}

interface Clocked {
  readonly clock: readonly ClockPiece[];
  readonly sampleRate: number;
  readonly sampleCount: number;
}

/** The samples that may have places among these. */
export function samplesFor({ clock, sampleRate, sampleCount }: Clocked, { first, count }: Span): Span {
  const at = (place: number): number => sampleAtTime(clock, sampleRate, place / sampleRate);
  const from = Math.min(sampleCount, Math.max(0, Math.floor(at(first - 1))));
  const to = Math.min(sampleCount, Math.ceil(at(first + count + 1)) + 1);
  return { first: from, count: Math.max(0, to - from) };
}

/** Has each of these samples put at its place within `span`: the first of those that fall on one. */
export function layOut(
  { clock, sampleRate }: Clocked,
  samples: Span,
  span: Span,
  put: (place: number, sample: number) => void, // counted from the begin of each
): void {
  let last = -1;
  for (let i = 0; i < samples.count; i += 1) {
    const place = placeOfSample(clock, sampleRate, samples.first + i) - span.first;
    if (place >= span.count) return;
    if (place > last) put(place, i);
    last = Math.max(last, place);
  }
}

/** What comes of laying a whole channel out. */
export interface Moved {
  readonly fromS: number; // its first sample, later than at its nominal rate
  readonly toS: number; // its last
  readonly leftOut: number; // samples that have no place
  readonly empty: number; // places without a sample
}

export function movedBy({ clock, sampleRate, sampleCount }: Clocked): Moved {
  const placeOf = (sample: number): number => placeOfSample(clock, sampleRate, sample);
  let [leftOut, empty] = [0, 0];
  let before = -1; // place of the last sample, or of the begin
  for (const [i, { first }] of clock.entries()) {
    const from = i === 0 ? 0 : first;
    const end = Math.min(sampleCount, clock[i + 1]?.first ?? sampleCount);
    if (end <= from) continue;
    const begin = Math.max(before + 1, placeOf(from));
    const last = Math.max(before, placeOf(end - 1));
    const places = last - begin + 1;
    leftOut += Math.max(0, end - from - places);
    empty += Math.max(0, places - (end - from)) + begin - before - 1;
    before = last;
  }
  const shift = (sample: number): number => shiftOfSample(clock, sampleRate, sample);
  return { fromS: shift(0), toS: shift(Math.max(0, sampleCount - 1)), leftOut, empty };
}

/** What was just told of such a channel, at its places: whoever judges it as it comes judges what will be read of it. */
export function heardInPlaces(
  heard: Heard,
  { clock, sampleRate }: Pick<Clocked, "clock" | "sampleRate">,
): Heard[] {
  const { piece, width } = heard;
  const placeOf = (at: number): number => placeOfSample(clock, sampleRate, piece.first + at);
  if (piece.kind === "gap") {
    const first = placeOf(0);
    const count = placeOf(piece.count) - first;
    return count <= 0 ? [] : [{ ...heard, piece: { ...piece, first, count } }];
  }
  const parts: Heard[] = [];
  for (let from = 0; from < piece.count;) {
    let to = from + 1;
    while (to < piece.count && placeOf(to) === placeOf(to - 1) + 1) to += 1;
    const values = piece.values.subarray(from * width, to * width);
    const reasons = piece.reasons.subarray(from * width, to * width);
    const own = { first: placeOf(from), count: to - from, values, reasons };
    parts.push({ ...heard, piece: { ...piece, ...own } });
    from = to;
    while (from < piece.count && placeOf(from) <= placeOf(from - 1)) from += 1; // it has no place of its own
  }
  return parts;
}
