/** A moment in a cell: `s` counts from midnight of a clock, or from 1970 of a calendar. */
export interface Moment {
  readonly s: number;
  readonly kind: "calendar" | "clock";
  readonly zone: string; // Z, +09:00 or "": as written, not applied to `s`
}

const calendar =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?)?\s*(Z|[-+]\d{2}:?\d{2})?$/;
const clock = /^(-?\d{1,4}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?$/;
const minutes = /^(\d{1,4}):(\d{2})[.,](\d{1,9})$/;

const fraction = (digits: string | undefined): number => (digits === undefined ? 0 : Number(`0.${digits}`));

/** ISO 8601 and its common relatives (slashes, one-digit months, blank for T), or HH:MM[:SS[.fff]]; undefined for other text. */
export function parseMoment(text: string): Moment | undefined {
  const day = calendar.exec(text);
  if (day) {
    const field = (i: number): number => Number(day[i] ?? 0);
    const [month, date, hour, minute, second] = [field(2), field(3), field(4), field(5), field(6)];
    if (month < 1 || month > 12 || date < 1 || date > 31 || hour > 24 || minute > 59 || second > 60)
      return undefined;
    return {
      s: Date.UTC(field(1), month - 1, date, hour, minute, second) / 1000 + fraction(day[7]),
      kind: "calendar",
      zone: (day[8] ?? "").replace(/^([-+]\d{2})(\d{2})$/, "$1:$2"),
    };
  }
  const time = clock.exec(text);
  if (time) {
    const [hour, minute, second] = [Number(time[1]), Number(time[2]), Number(time[3] ?? 0)];
    if (minute > 59 || second > 60) return undefined;
    return { s: hour * 3600 + minute * 60 + second + fraction(time[4]), kind: "clock", zone: "" };
  }
  const short = minutes.exec(text); // MM:SS.f, as Excel prints short clocks
  return short
    ? { s: Number(short[1]) * 60 + Number(short[2]) + fraction(short[3]), kind: "clock", zone: "" }
    : undefined;
}

/** A calendar moment as ISO 8601 without zone, to the millisecond. */
export const isoOf = (s: number): string =>
  new Date(Math.round(s * 1000)).toISOString().replace(/\.000Z$|Z$/, "");

const unitsInSeconds: readonly (readonly [RegExp, number])[] = [
  [/^(s|sec|secs|seconds?|秒)$/i, 1],
  [/^(ms|msec|msecs|milliseconds?|millis|ミリ秒)$/i, 1e-3],
  [/^(us|usec|µs|μs|microseconds?|マイクロ秒)$/i, 1e-6],
  [/^(ns|nsec|nanoseconds?)$/i, 1e-9],
  [/^(min|mins|minutes?|分)$/i, 60],
  [/^(h|hr|hrs|hours?|時間)$/i, 3600],
];

/** Seconds in one of a time unit, undefined for words that are none. */
export const secondsIn = (unit: string): number | undefined =>
  unitsInSeconds.find(([pattern]) => pattern.test(unit.trim()))?.[1];
