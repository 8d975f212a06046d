import { sure } from "../../../preload/contract/sure.ts";

export interface Interval {
  readonly onsetS: number;
  readonly durationS: number;
}

/**
 * Rows for events that may overlap: no two of a row share time. Events of one kind keep the row they had last while it
 * is free, so that decelerations do not hop between rows. Input must be in order of onset; a point occupies `pointS`.
 */
export function stackRows<E extends Interval>(
  events: readonly E[],
  kindOf: (event: E) => string,
  pointS = 0,
): Uint16Array {
  const rows = new Uint16Array(events.length);
  const freeFrom: number[] = [];
  const homeOf = new Map<string, number>();
  events.forEach((event, i) => {
    const end = event.onsetS + Math.max(event.durationS, pointS);
    const isFree = (row: number): boolean => (freeFrom[row] ?? Number.NEGATIVE_INFINITY) <= event.onsetS;
    const home = homeOf.get(kindOf(event));
    let row = home ?? 0;
    if (home === undefined || !isFree(home)) {
      row = 0;
      while (!isFree(row)) row++;
      if (home === undefined) homeOf.set(kindOf(event), row);
    }
    freeFrom[row] = end;
    rows[i] = row;
  });
  return rows;
}

/** Events in order of onset, the longer first among equals; the order is the same on every machine. */
export function byOnset<E extends Interval & { readonly id: string }>(a: E, b: E): number {
  return a.onsetS - b.onsetS || b.durationS - a.durationS || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

export const earlier = (a: Pick<Interval, "onsetS">, b: Pick<Interval, "onsetS">): number =>
  a.onsetS - b.onsetS;

/** First position of `items`, in ascending order of `valueOf`, whose value is at least `value`. */
export function lowerBound<T>(items: readonly T[], value: number, valueOf: (item: T) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueOf(sure(items[middle])) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const longestOf = new WeakMap<readonly Interval[], number>();

/** Those that touch [fromS, toS], of intervals in order of onset: however long the recording, only those nearby are looked at. */
export function touching<E extends Interval>(
  intervals: readonly E[],
  fromS: number,
  toS: number,
): readonly E[] {
  let longestS = longestOf.get(intervals);
  if (longestS === undefined) {
    longestS = intervals.reduce((most, { durationS }) => Math.max(most, durationS), 0);
    longestOf.set(intervals, longestS);
  }
  const found: E[] = [];
  for (let i = lowerBound(intervals, fromS - longestS, ({ onsetS }) => onsetS); ; i += 1) {
    const one = intervals[i];
    if (one === undefined || one.onsetS > toS) return found;
    if (one.onsetS + one.durationS >= fromS) found.push(one);
  }
}
