import { AppError } from "../../preload/contract/errors.ts";
import type { MaskRun } from "../../preload/contract/mask.ts";
import { sure } from "../../preload/contract/sure.ts";

/** What is wrong with runs that must be ascending, disjoint and inside [0, sampleCount); undefined when nothing is. */
export function maskProblem(runs: readonly MaskRun[], sampleCount: number): string | undefined {
  let end = 0;
  for (const [index, run] of runs.entries()) {
    const where = `mask run ${index} (first ${run.first}, count ${run.count}, reason ${run.reason})`;
    if (!Number.isSafeInteger(run.first) || !Number.isSafeInteger(run.count) || run.count < 1) {
      return `${where} must have a whole first and a count of 1 or more`;
    }
    if (!Number.isInteger(run.reason) || run.reason < 1 || run.reason > 255)
      return `${where} must have a reason in 1-255`;
    if (run.first < end) return `${where} begins before sample ${end}, where the one before it ends`;
    end = run.first + run.count;
    if (end > sampleCount) return `${where} ends at ${end}, past the ${sampleCount} samples it belongs to`;
  }
  return undefined;
}

/** Runs as bytes. A run is: distance from the end of the one before (LEB128), length (LEB128), reason (one byte). */
export function encodeRuns(runs: readonly MaskRun[]): Uint8Array {
  const bytes: number[] = [];
  const push = (value: number): void => {
    let rest = value;
    while (rest >= 128) {
      bytes.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
  };
  let end = 0;
  for (const run of runs) {
    push(run.first - end);
    push(run.count);
    bytes.push(run.reason);
    end = run.first + run.count;
  }
  return Uint8Array.from(bytes);
}

/** The runs of `encodeRuns`, every one inside [0, sampleCount). Throws data/bad-mask on anything else. */
export function decodeRuns(bytes: Uint8Array, sampleCount: number): MaskRun[] {
  const runs: MaskRun[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at];
      if (byte === undefined || scale > 2 ** 42) throw badMask(at, "ends or overflows inside a number");
      at++;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  let end = 0;
  while (at < bytes.length) {
    const first = end + number();
    const count = number();
    const reason = bytes[at];
    if (reason === undefined) throw badMask(at, "ends before a reason");
    at++;
    end = first + count;
    if (count < 1 || reason < 1 || end > sampleCount) {
      throw badMask(
        at,
        `has a run of ${count} samples at ${first} with reason ${reason}; there are ${sampleCount} samples`,
      );
    }
    runs.push({ first, count, reason });
  }
  return runs;
}

const badMask = (offset: number, problem: string): AppError =>
  new AppError("data/bad-mask", `Stored mask ${problem} (byte ${offset})`, { offset });

/** Writes reasons onto samples still observed: what lies there already stays. `first` is the index of reasons[0]. */
export function paintRuns(reasons: Uint8Array, first: number, runs: readonly MaskRun[]): void {
  for (const run of runs) {
    const from = Math.max(0, run.first - first);
    const to = Math.min(reasons.length, run.first + run.count - first);
    for (let i = from; i < to; i++) if (reasons[i] === 0) reasons[i] = run.reason;
  }
}

/** Runs of equal non-zero reason; `first` is the index given to reasons[0]. */
export function runsOf(reasons: Uint8Array, first = 0): MaskRun[] {
  const runs: MaskRun[] = [];
  let i = 0;
  while (i < reasons.length) {
    const reason = sure(reasons[i]);
    const start = i++;
    while (i < reasons.length && reasons[i] === reason) i++;
    if (reason !== 0) runs.push({ first: first + start, count: i - start, reason });
  }
  return runs;
}

/**
 * Lays runs over each other; where several cover a sample the one listed first gives the reason.
 * The result is ascending and disjoint, neighbours of equal reason joined.
 */
export function layRuns(runs: readonly MaskRun[]): MaskRun[] {
  const edges = runs.flatMap((run, rank) => [
    { at: run.first, rank, begins: true },
    { at: run.first + run.count, rank, begins: false },
  ]);
  edges.sort((a, b) => a.at - b.at);
  const active = new Set<number>();
  const laid: MaskRun[] = [];
  for (const [index, edge] of edges.entries()) {
    if (edge.begins) active.add(edge.rank);
    else active.delete(edge.rank);
    const next = edges[index + 1];
    if (next === undefined || next.at === edge.at || active.size === 0) continue;
    const reason = sure(runs[Math.min(...active)]).reason;
    const last = laid.at(-1);
    if (last !== undefined && last.reason === reason && last.first + last.count === edge.at) {
      laid[laid.length - 1] = { first: last.first, count: next.at - last.first, reason };
    } else {
      laid.push({ first: edge.at, count: next.at - edge.at, reason });
    }
  }
  return laid;
}

/** Ascending disjoint runs cut to [first, first + count), counted from `first`. */
export function clipRuns(runs: readonly MaskRun[], first: number, count: number): MaskRun[] {
  const clipped: MaskRun[] = [];
  for (const run of runs) {
    const from = Math.max(run.first, first);
    const to = Math.min(run.first + run.count, first + count);
    if (to > from) clipped.push({ first: from - first, count: to - from, reason: run.reason });
  }
  return clipped;
}
