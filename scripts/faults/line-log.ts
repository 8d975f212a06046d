import { existsSync, readFileSync } from "node:fs";

/** Bytes that a line was given, or gave. `atS`: monotonic. */
export interface Passed {
  readonly atS: number;
  readonly bytes: Uint8Array;
}

const HEAD = 12;
/** The clocks of two processes are one; a read is noted after it returned. */
const EARLY_S = 0.001;

/** What the recorder's hook wrote down of its reads; one that was cut by a kill is left out. */
export function readLog(path: string): Passed[] {
  if (!existsSync(path)) return []; // it read nothing
  const file = readFileSync(path);
  const reads: Passed[] = [];
  for (let at = 0; at + HEAD <= file.length;) {
    const end = at + HEAD + file.readUInt32LE(at + 8);
    if (end > file.length) break;
    reads.push({ atS: file.readDoubleLE(at), bytes: file.subarray(at + HEAD, end) });
    at = end;
  }
  return reads;
}

/**
 * When the last byte of each of `puts` was read, monotonic seconds; undefined: they were not all read. The line keeps the
 * order of bytes, so that each is looked for behind the one before.
 */
export function arrivalsOf(puts: readonly Passed[], reads: readonly Passed[]): (number | undefined)[] {
  const all = Buffer.concat(reads.map(({ bytes }) => bytes));
  const ends: number[] = [];
  for (const { bytes } of reads) ends.push((ends.at(-1) ?? 0) + bytes.length);
  /** How many reads are before this one; `isBefore` holds for the first ones only. */
  const before = (isBefore: (read: number) => boolean): number => {
    let [low, high] = [0, reads.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let behind = 0;
  return puts.map(({ atS, bytes }) => {
    if (bytes.length === 0) return undefined;
    const since = before((read) => (reads[read]?.atS ?? Infinity) < atS - EARLY_S);
    const found = all.indexOf(bytes, Math.max(behind, ends[since - 1] ?? 0));
    if (found < 0) return undefined;
    const read = reads[before((one) => (ends[one] ?? Infinity) < found + bytes.length)];
    if (read === undefined) return undefined;
    behind = found + bytes.length;
    return read.atS;
  });
}
