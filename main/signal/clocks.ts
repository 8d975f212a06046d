import type { ChannelClock, ClockPiece } from "../../preload/contract/channel-clock.ts";
import type { Channel } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";

/** Samples of a stream from `first` on lie at `atS + (i - first) / rate` of the host's seconds since the recording began. */
export interface HostLine {
  readonly channel: number; // the first of its stream
  readonly session: number;
  readonly first: number;
  readonly atS: number;
  readonly rate: number;
}

/** Pieces are as long as they stay this close to what was measured. */
const NEAR_S = 0.5e-3;
/** Where no sample is further off, one is as good as the other. */
const SAME_S = 1e-3;

const STILL_S = 1e-9; // a sample, at least

interface Knot {
  readonly sample: number;
  readonly timeS: number; // of the recording
}

/**
 * The recording's time is that of its first stream, at its nominal rate. Where the samples of the other streams lie in it,
 * by the clocks of both; streams that lie there anyhow are not named.
 */
export function clocksOf(
  lines: readonly HostLine[],
  channels: readonly Pick<Channel, "position" | "sampleRate" | "sampleCount">[],
): ChannelClock[] {
  const streams = [...new Set(lines.map(({ channel }) => channel))].sort((a, b) => a - b);
  const first = channels[0];
  if (first === undefined || streams.length === 0) return [];
  const reference = lines.filter(({ channel }) => channel === first.position);
  const bounds = boundsOf(reference);
  const toRecording = inTimeOf(reference, bounds, first.sampleRate);
  return streams.flatMap((stream, at) => {
    if (stream === first.position) return [];
    const until = streams[at + 1] ?? Infinity;
    const own = channels.filter(({ position }) => position >= stream && position < until);
    const [head] = own;
    if (head === undefined) return [];
    const alike = own.filter(({ sampleRate }) => sampleRate === head.sampleRate);
    const pieces = sessionsOf(lines.filter(({ channel }) => channel === stream)).flatMap(
      (session, i, all) => {
        const end = all[i + 1]?.[0]?.first ?? Math.max(head.sampleCount, sure(session.at(-1)).first + 1);
        return simplified(knotsOf(session, end, bounds, toRecording));
      },
    );
    const isSame = pieces.every((piece, i) => {
      const end = (pieces[i + 1]?.first ?? Math.max(head.sampleCount, piece.first + 1)) - 1;
      return [piece.first, end].every((sample) => {
        const timeS = piece.atS + (sample - piece.first) / piece.rate;
        return Math.abs(timeS - sample / head.sampleRate) < SAME_S;
      });
    });
    return isSame ? [] : [{ channels: alike.map(({ position }) => position), pieces }];
  });
}

/**
 * From when on each line of the first stream counts, in host seconds. That of a new session already from one sample before
 * its first: other streams of the same device may begin earlier by as much, and theirs lie as all that follow.
 */
function boundsOf(reference: readonly HostLine[]): number[] {
  let [last, bound] = [reference[0]?.session, -Infinity];
  return reference.map(({ session, atS, rate }) => {
    bound = session === last ? atS : Math.max(bound, atS - 1 / rate);
    last = session;
    return bound;
  });
}

/** Host seconds as seconds of the recording; those of the host where nothing of the first stream came. */
function inTimeOf(
  reference: readonly HostLine[],
  bounds: readonly number[],
  nominal: number,
): (hostS: number) => number {
  return (hostS) => {
    let [low, high] = [0, reference.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (sure(bounds[middle]) <= hostS) low = middle;
      else high = middle - 1;
    }
    const line = reference[low];
    return line === undefined ? hostS : (line.first + (hostS - line.atS) * line.rate) / nominal;
  };
}

function sessionsOf(lines: readonly HostLine[]): HostLine[][] {
  const sessions: HostLine[][] = [];
  for (const line of lines) {
    const last = sessions.at(-1);
    if (last !== undefined && last[0]?.session === line.session) last.push(line);
    else sessions.push([line]);
  }
  return sessions;
}

/** Of one session, up to `end`: where either clock takes another course. Both are in order. */
function knotsOf(
  session: readonly HostLine[],
  end: number,
  bounds: readonly number[],
  toRecording: (hostS: number) => number,
): Knot[] {
  const knots: Knot[] = [];
  let at = 0; // among the bounds
  for (const [i, line] of session.entries()) {
    const next = session[i + 1]?.first ?? end;
    const add = (sample: number): void => {
      const hostS = line.atS + (sample - line.first) / line.rate;
      if (sample > (knots.at(-1)?.sample ?? -1)) knots.push({ sample, timeS: toRecording(hostS) });
    };
    add(line.first);
    for (let boundS = bounds[at]; boundS !== undefined; boundS = bounds[(at += 1)]) {
      const sample = Math.ceil(line.first + (boundS - line.atS) * line.rate);
      if (sample >= next) break;
      if (sample > line.first) add(sample - 1); // the first stream's next session may lie otherwise
      add(sample);
    }
    if (i === session.length - 1) add(next);
  }
  return knots;
}

/** As few pieces as keep near to all knots: each goes on while one line passes all of them. */
function simplified(knots: readonly Knot[]): ClockPiece[] {
  const pieces: ClockPiece[] = [];
  for (let at = 0; at < knots.length - 1;) {
    const anchor = sure(knots[at]);
    let [low, high, end] = [0, Infinity, at];
    for (let k = at + 1; k < knots.length; k += 1) {
      const { sample, timeS } = sure(knots[k]);
      const samples = sample - anchor.sample;
      const lowest = Math.max(low, (timeS - NEAR_S - anchor.timeS) / samples);
      const highest = Math.min(high, (timeS + NEAR_S - anchor.timeS) / samples);
      if (lowest > highest && k > at + 1) break;
      [low, high, end] = [lowest, Math.max(lowest, highest), k]; // time that stands still or runs back is a step
    }
    const last = sure(knots[end]);
    const straight = (last.timeS - anchor.timeS) / (last.sample - anchor.sample);
    const perSample = Math.min(high, Math.max(low, straight));
    pieces.push({ first: anchor.sample, atS: anchor.timeS, rate: 1 / Math.max(STILL_S, perSample) });
    at = end;
  }
  return pieces;
}
