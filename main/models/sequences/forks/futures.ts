import type { Marked } from "../../model.ts";

/** An event that begins so many seconds after a moment is its future. */
export const WITHIN_S = 60;

/**
 * What comes after a moment: 0 where nothing begins within a minute, else 1 + the place of the first event's code; undefined
 * where nobody read that far, or something unclear lies there.
 */
export function futureOf(marks: Marked, codes: readonly string[], atS: number): number | undefined {
  const untilS = atS + WITHIN_S;
  const isRead = marks.read.some(({ onsetS, durationS }) => onsetS <= atS && untilS <= onsetS + durationS);
  if (!isRead) return undefined;
  const starts = ({ onsetS }: { readonly onsetS: number }): boolean => onsetS > atS && onsetS <= untilS;
  const first = marks.events
    .filter((event) => codes.includes(event.code) && starts(event))
    .reduce<Marked["events"][number] | undefined>(
      (a, b) => (a !== undefined && a.onsetS <= b.onsetS ? a : b),
      undefined,
    );
  const isUnclear = marks.unclear.some((one) => codes.includes(one.code) && starts(one));
  if (isUnclear) return undefined;
  return first === undefined ? 0 : 1 + codes.indexOf(first.code);
}
