import type { Fate } from "../../main/acquisition/simulation/scenario.ts";

/** A sample that a device made. */
export interface SentSample {
  readonly atS: number; // monotonic
  readonly putS: number; // when its frame was on the line, or would have been
  readonly put: number; // the write that put it there
  readonly isLast: boolean; // of its frame: it waited least
  readonly values: readonly (number | null)[]; // a channel each
  readonly fate: Fate;
  /** Every frame that holds a part of it left; of one that was torn by the end of a session the recording has what came. */
  readonly isWhole: boolean;
  readonly session: number;
  readonly frame: number; // counts the frames of its stream
}

export interface StoredStream {
  readonly channel: number; // position of its first in the recording
  readonly rate: number;
  readonly channels: readonly { readonly samples: ArrayLike<number>; readonly reasons: Uint8Array }[];
}

/** Sample of the recording, and which of those that were sent it is. */
export interface Matched {
  readonly at: number;
  readonly sent: number;
  readonly atS: number;
}

export interface Compared {
  readonly matched: readonly Matched[];
  readonly invented: readonly number[]; // samples of the recording with values that were never sent, or twice
  readonly unmarked: readonly number[]; // behind which samples are missing, and nothing says so
  readonly misplaced: readonly string[]; // behind which more or less is masked than was lost
  readonly untold: number; // of both, what the protocol cannot tell
  readonly damagedTaken: number; // in place of a damaged frame, by a protocol that cannot tell
}

/** What a protocol's frames can tell. */
export interface Check {
  readonly isChecked: boolean; // no damage passes for a value
  readonly isCounted: boolean; // a counter tells what is lost
  readonly isNoisy: boolean; // the line turned bits and left out bytes
  readonly outages: readonly { readonly fromS: number; readonly toS: number }[]; // behind which it is the clock that counts
  readonly turn: number; // samples after which the counter begins again: what is lost by whole turns only the clock tells
}

/** Frames on either side of a damaged one that may go with it: some drivers need two that follow each other. */
export const WITH_DAMAGE = 4;

const keyOf = (values: readonly (number | null)[]): string => values.join();

/** Which samples sent the stored ones are, by their values, in order. */
export function compared(
  stored: StoredStream,
  sent: readonly SentSample[],
  check: Check,
  beganS: number, // about when the recording began
): Compared {
  const places = new Map<string, number[]>();
  for (const [at, { values }] of sent.entries()) {
    const key = keyOf(values);
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else known.push(at);
  }
  const damaged = damagedFrames(sent);
  const matched: Matched[] = [];
  const invented: number[] = [];
  let damagedTaken = 0;
  let last: Matched | undefined;
  const count = Math.max(...stored.channels.map(({ samples }) => samples.length));
  for (let at = 0; at < count; at += 1) {
    if (stored.channels.some(({ reasons }) => reasons[at] !== 0)) continue;
    const key = keyAt(stored, at) ?? "";
    if (
      check.isNoisy &&
      !check.isChecked &&
      last !== undefined &&
      isForeign(key, sent[last.sent + 1], keyAt(stored, at + 1))
    ) {
      damagedTaken += 1;
      continue;
    }
    const found = placeOf(
      places.get(key) ?? [],
      sent,
      last === undefined ? beganS + at / stored.rate : last.atS + (at - last.at) / stored.rate,
      last?.sent ?? -1,
    );
    if (found !== undefined) matched.push((last = { at, sent: found, atS: sent[found]?.atS ?? NaN }));
    else if (!check.isChecked && last !== undefined && damaged(last.sent + at - last.at)) damagedTaken += 1;
    else invented.push(at);
  }
  return {
    matched,
    invented,
    damagedTaken,
    ...gapsOf(matched, sent, stored.rate, check),
  };
}

/** Its values, if they were measured. */
function keyAt({ channels }: StoredStream, at: number): string | undefined {
  if (channels.some(({ reasons }) => reasons[at] !== 0)) return undefined;
  return keyOf(channels.map(({ samples }) => samples[at] ?? null));
}

/** Whether a torn sample is there with the channels that came, right behind the one before it. */
export function isPartlyThere(
  stored: StoredStream,
  matched: readonly Matched[],
  { at, values }: { readonly at: number; readonly values: SentSample["values"] },
): boolean {
  const before = matched.find(({ sent }) => sent === at - 1);
  if (before === undefined) return false;
  const place = before.at + 1;
  const observed = stored.channels.flatMap(({ samples, reasons }, c) =>
    reasons[place] === 0 ? [samples[place] === values[c]] : [],
  );
  return observed.length > 0 && observed.every((isSame) => isSame);
}

/** A message of another kind, whose damaged head nothing in it shows, comes between a sample and the one that follows it. */
const isForeign = (key: string, due: SentSample | undefined, next: string | undefined): boolean =>
  due !== undefined && key !== keyOf(due.values) && next === keyOf(due.values);

/** The one behind `after` that lies nearest to a time. */
function placeOf(
  places: readonly number[],
  sent: readonly SentSample[],
  expectedS: number,
  after: number,
): number | undefined {
  const later = places.filter((place) => place > after);
  const farS = (place: number): number => Math.abs((sent[place]?.atS ?? Infinity) - expectedS);
  return later.reduce<number | undefined>(
    (best, place) => (best === undefined || farS(place) < farS(best) ? place : best),
    undefined,
  );
}

/** Whether a sample lies in a frame that did not come whole, or beside one. */
export function damagedFrames(sent: readonly SentSample[]): (at: number) => boolean {
  const frames = new Set<number>();
  for (const { fate, frame } of sent) {
    if (fate === "sent") continue;
    for (let near = frame - WITH_DAMAGE; near <= frame + WITH_DAMAGE; near += 1) frames.add(near);
  }
  return (at) => frames.has(sent[at]?.frame ?? -1);
}

/**
 * Between two samples of a session as many are masked as were lost; between sessions some, where time went by. What the line
 * lost of a device that does not count is told by the clock alone, and not in the first moments after an outage.
 */
function gapsOf(
  matched: readonly Matched[],
  sent: readonly SentSample[],
  rate: number,
  { isChecked, isCounted, turn, outages }: Check,
): { unmarked: number[]; misplaced: string[]; untold: number } {
  const unmarked: number[] = [];
  const misplaced: string[] = [];
  let untold = 0;
  const damaged = damagedFrames(sent);
  for (const [i, one] of matched.entries()) {
    const next = matched[i + 1];
    if (next === undefined) break;
    const isAway = outages.some(({ fromS, toS }) => one.atS < toS && next.atS > fromS);
    const between = sent.slice(one.sent + 1, next.sent);
    const isLostByLine = !isCounted && between.length > 0 && between.every(({ fate }) => fate === "lost");
    const isSame = sent[one.sent]?.session === sent[next.sent]?.session && (!isAway || isLostByLine);
    const lost = isSame ? next.sent - one.sent - 1 : Math.round((next.atS - one.atS) * rate) - 1;
    const masked = next.at - one.at - 1;
    if (lost === masked) continue;
    const isBeside = damaged(one.sent) || damaged(next.sent);
    const isTurn = (masked - lost) % turn === 0;
    if (isSame && (isTurn || !isCounted || (isBeside && !isChecked))) untold += 1;
    else if (masked === 0 && lost > 0) unmarked.push(one.at);
    else if (isSame) misplaced.push(`${one.at} (${masked} for ${lost})`);
  }
  return { unmarked, misplaced, untold };
}
