import type { Stretch } from "./readers.ts";

const FEWEST_RECORDINGS = 6;
const BLOCK_S = 600;

/** What intervals are drawn from: whole recordings, or ten minutes of one. */
export interface Unit extends Stretch {
  readonly recording: number; // position
}

export interface Units {
  readonly unit: "recordings" | "blocks";
  readonly all: readonly Unit[];
  readonly of: (recording: number, timeS: number) => number;
}

/**
 * Recordings where there are enough of them to say how others would have differed. Else blocks of ten minutes of all of
 * them: what follows within a recording is alike, so these intervals are rather too narrow.
 */
export function unitsOf(recordings: readonly { readonly durationS: number }[]): Units {
  if (recordings.length >= FEWEST_RECORDINGS) {
    const all = recordings.map(({ durationS }, recording) => ({ recording, fromS: 0, toS: durationS }));
    return { unit: "recordings", all, of: (recording) => recording };
  }
  const all: Unit[] = [];
  const firsts = recordings.map(({ durationS }, recording) => {
    const first = all.length;
    const blocks = Math.max(1, Math.ceil(durationS / BLOCK_S));
    for (let i = 0; i < blocks; i += 1)
      all.push({ recording, fromS: i * BLOCK_S, toS: Math.min(durationS, (i + 1) * BLOCK_S) });
    return { first, last: first + blocks - 1 };
  });
  const of = (recording: number, timeS: number): number => {
    const { first, last } = firsts[recording] ?? { first: 0, last: 0 };
    return Math.min(last, first + Math.max(0, Math.floor(timeS / BLOCK_S)));
  };
  return { unit: "blocks", all, of };
}
