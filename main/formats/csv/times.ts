/** In which order day, month and year of a date are written where the year does not come first. */
export type DateOrder = "dmy" | "mdy";

/** A moment in a cell: `s` counts from midnight of a clock, or from 1970 of a calendar. */
export interface Moment {
  readonly s: number;
  readonly kind: "calendar" | "clock";
  readonly zone: string; // Z, +09:00 or "": as written, not applied to `s`
  readonly isDay: boolean; // a date without a time of day
}

/** No moment is written longer; a cell of a mebibyte is not looked through. */
const LONGEST = 48;

/** Reads a text from left to right, a character looked at once. */
class Cursor {
  at = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** `least` to `most` digits as a number; NaN, and nothing taken, where there are fewer. */
  digits(least: number, most: number): number {
    let [value, count] = [0, 0];
    for (; count < most; count++) {
      const digit = this.text.charCodeAt(this.at + count) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (count < least) return NaN;
    this.at += count;
    return value;
  }

  /** One of `characters`, or "" and nothing taken. */
  one(characters: string): string {
    const next = this.text.charAt(this.at);
    if (next === "" || !characters.includes(next)) return "";
    this.at++;
    return next;
  }

  blanks(): number {
    const from = this.at;
    while (this.one(" \t\u3000") !== "");
    return this.at - from;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }
}

/**
 * ISO 8601 and its relatives (slashes, one-digit months, blank for T, 2026年3月1日), day or month first where `order`
 * says which (with dots the day is first), or HH:MM[:SS[.fff]] with AM or PM; undefined for other text.
 */
export function parseMoment(text: string, order?: DateOrder): Moment | undefined {
  if (text.length < 3 || text.length > LONGEST) return undefined;
  const first = text.charCodeAt(0);
  if (first !== 45 && !(first >= 48 && first <= 57)) return undefined;
  return parseCalendar(text, order) ?? parseClock(text);
}

function parseCalendar(text: string, order: DateOrder | undefined): Moment | undefined {
  const cursor = new Cursor(text);
  const day = readDay(cursor, order);
  if (day === undefined) return undefined;
  const { year, month, date } = day;
  if (month < 1 || month > 12 || date < 1 || date > 31) return undefined;
  const isApart = cursor.blanks() + cursor.one("T").length + cursor.blanks() > 0;
  const startsClock = isApart && !cursor.isAtEnd && !"Z+-".includes(text.charAt(cursor.at));
  const clock = startsClock ? readClock(cursor, ".,:", 2) : 0;
  if (clock === undefined || clock > 86_400) return undefined;
  cursor.blanks();
  const zone = readZone(cursor);
  if (!cursor.isAtEnd || zone === undefined) return undefined;
  return {
    s: Date.UTC(year, month - 1, date) / 1000 + clock,
    kind: "calendar",
    zone,
    isDay: !startsClock,
  };
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly date: number;
}

function readDay(cursor: Cursor, order: DateOrder | undefined): Day | undefined {
  const year = cursor.digits(4, 4);
  if (!Number.isNaN(year)) {
    const mark = cursor.one("-/.年");
    if (mark === "") return undefined;
    const month = cursor.digits(1, 2);
    if (cursor.one(mark === "年" ? "月" : "-/.") === "") return undefined;
    const date = cursor.digits(1, 2);
    if (mark === "年" && cursor.one("日") === "") return undefined;
    return { year, month, date };
  }
  const one = cursor.digits(1, 2);
  const mark = cursor.one("-/.");
  const two = cursor.digits(1, 2);
  if (mark === "" || cursor.one(mark) === "") return undefined;
  const last = cursor.digits(4, 4);
  const known = mark === "." ? "dmy" : order;
  if (known === undefined || Number.isNaN(one + two + last)) return undefined;
  return known === "dmy" ? { year: last, month: two, date: one } : { year: last, month: one, date: two };
}

/** HH:MM[:SS[.fff]] in seconds, `marks` before the fraction; AM and PM count. */
function readClock(cursor: Cursor, marks: string, hourDigits: number): number | undefined {
  const hour = cursor.digits(1, hourDigits);
  if (Number.isNaN(hour) || cursor.one(":") === "") return undefined;
  const minute = cursor.digits(2, 2);
  let second = 0;
  if (cursor.one(":") !== "") {
    second = cursor.digits(2, 2);
    if (cursor.one(marks) !== "") second += readFraction(cursor);
  }
  if (!(minute <= 59) || !(second < 61)) return undefined;
  const half = readHalf(cursor);
  if (half !== undefined && !(hour >= 1 && hour <= 12)) return undefined;
  const shift = half === undefined ? 0 : (half === "PM" ? 12 : 0) - (hour === 12 ? 12 : 0);
  return (hour + shift) * 3600 + minute * 60 + second;
}

function readFraction(cursor: Cursor): number {
  const from = cursor.at;
  const value = cursor.digits(1, 15);
  return value / 10 ** (cursor.at - from);
}

function readHalf(cursor: Cursor): "AM" | "PM" | undefined {
  const from = cursor.at;
  cursor.blanks();
  const letter = cursor.one("AaPp").toUpperCase();
  if (letter !== "" && cursor.one("Mm") !== "") return letter === "A" ? "AM" : "PM";
  cursor.at = from;
  return undefined;
}

/** Z, +09:00 or +0900, or nothing; undefined for anything else. */
function readZone(cursor: Cursor): string | undefined {
  if (cursor.one("Z") !== "") return "Z";
  const sign = cursor.one("+-");
  if (sign === "") return "";
  const [from, hour] = [cursor.at, cursor.digits(2, 2)];
  cursor.one(":");
  const minute = cursor.digits(2, 2);
  if (Number.isNaN(hour + minute)) return undefined;
  return `${sign}${cursor.text.slice(from, from + 2)}:${String(minute).padStart(2, "0")}`;
}

function parseClock(text: string): Moment | undefined {
  const cursor = new Cursor(text);
  const isBefore = cursor.one("-") !== "";
  const from = cursor.at;
  let s = readClock(cursor, ".,", 4);
  if (!cursor.isAtEnd && !isBefore) {
    cursor.at = from;
    s = readShort(cursor);
  }
  if (s === undefined || !cursor.isAtEnd) return undefined;
  return { s: isBefore ? -s : s, kind: "clock", zone: "", isDay: false };
}

/** MM:SS.f, as Excel prints short clocks. */
function readShort(cursor: Cursor): number | undefined {
  const minute = cursor.digits(1, 4);
  if (cursor.one(":") === "") return undefined;
  const second = cursor.digits(2, 2);
  if (cursor.one(".,") === "") return undefined;
  const s = minute * 60 + second + readFraction(cursor);
  return Number.isNaN(s) ? undefined : s;
}

/**
 * Which of day and month comes first in dates such as 13/01/2026, as far as one of them tells: a number above 12 is a
 * day. "unclear" where dates are of that form and none tells, undefined where there are none.
 */
export function dateOrderOf(cells: Iterable<string>): DateOrder | "unclear" | undefined {
  let found: "unclear" | undefined;
  for (const cell of cells) {
    const text = cell.trim();
    if (parseMoment(text) !== undefined) continue;
    const orders = (["dmy", "mdy"] as const).filter((order) => parseMoment(text, order) !== undefined);
    if (orders.length === 1) return orders[0];
    if (orders.length === 2) found = "unclear";
  }
  return found;
}

/** A calendar moment as ISO 8601 without zone, to the millisecond. */
export const isoOf = (s: number): string =>
  new Date(Math.round(s * 1000)).toISOString().replace(/\.000Z$|Z$/, "");

const unitsInSeconds = new Map<string, number>(
  (
    [
      ["s sec secs second seconds 秒", 1],
      ["ms msec msecs millisecond milliseconds millis ミリ秒", 1e-3],
      ["us usec µs μs microsecond microseconds マイクロ秒", 1e-6],
      ["ns nsec nanosecond nanoseconds", 1e-9],
      ["min mins minute minutes 分", 60],
      ["h hr hrs hour hours 時間", 3600],
    ] as const
  ).flatMap(([words, seconds]) => words.split(" ").map((word) => [word, seconds] as const)),
);

/** Seconds in one of a time unit, undefined for words that are none. */
export const secondsIn = (unit: string): number | undefined => unitsInSeconds.get(unit.trim().toLowerCase());
