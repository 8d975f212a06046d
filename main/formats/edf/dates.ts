import { sure } from "../../../preload/contract/sure.ts";
/** Start date and time of EDF headers: `dd.mm.yy` (years 1985 to 2084), `hh.mm.ss`, and `dd-MMM-yyyy` of EDF+. */

export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"] as const;

/** `Jan`, `JAN` and `jan` are the same month (edfio 0.4.0 met all three). */
export function parseLongDate(text: string): CalendarDate | undefined {
  const match = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text.trim());
  if (match === null) return undefined;
  const [, day, name = "", year] = match;
  const month = months.findIndex((one) => one === name.toUpperCase()) + 1;
  return validDate(Number(year), month, Number(day));
}

export const formatLongDate = ({ year, month, day }: CalendarDate): string =>
  `${pad(day)}-${sure(months[month - 1])}-${String(year).padStart(4, "0")}`;

/** What stands between the two-digit parts of real files: `.`, and the ten other forms that edfio lists. */
const triple = /^\s*(\d{1,2})(?:\s*[.:'\-/,]\s*|\s+)(\d{1,2})(?:\s*[.:'\-/,]\s*|\s+)(\d{1,2})\s*$/;

export interface ShortDate {
  readonly date: CalendarDate | undefined; // undefined: no valid date ("yy" after 2084 counts as none here)
  readonly isStrict: boolean; // exactly dd.mm.yy
}

/** `85` to `99` are 1985 to 1999, `00` to `84` are 2000 to 2084. */
export function parseShortDate(text: string): ShortDate {
  const isStrict = /^\d\d\.\d\d\.(\d\d|yy)$/.test(text);
  const match = triple.exec(text);
  if (match === null) return { date: undefined, isStrict };
  const yy = Number(match[3]);
  return { date: validDate(yy >= 85 ? 1900 + yy : 2000 + yy, Number(match[2]), Number(match[1])), isStrict };
}

export function formatShortDate({ year, month, day }: CalendarDate): string {
  const yy = year >= 1985 && year <= 2084 ? pad(year % 100) : "yy";
  return `${pad(day)}.${pad(month)}.${yy}`;
}

export interface ClockTime {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

export function parseClock(text: string): { time: ClockTime | undefined; isStrict: boolean } {
  const isStrict = /^\d\d\.\d\d\.\d\d$/.test(text);
  const match = triple.exec(text);
  if (match === null) return { time: undefined, isStrict };
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const isValid = hours < 24 && minutes < 60 && seconds < 60;
  return { time: isValid ? { hours, minutes, seconds } : undefined, isStrict: isStrict && isValid };
}

/** Local ISO time `offsetS` after the given start; whole nanoseconds, trailing zeros off. */
export function isoLocal(date: CalendarDate, time: ClockTime, offsetS: number): string {
  const whole = Math.floor(offsetS);
  let nanos = Math.round((offsetS - whole) * 1e9);
  const carry = nanos >= 1e9 ? 1 : 0;
  if (carry === 1) nanos = 0;
  const ms = Date.UTC(
    date.year,
    date.month - 1,
    date.day,
    time.hours,
    time.minutes,
    time.seconds + whole + carry,
  );
  const text = new Date(ms).toISOString().slice(0, 19);
  return nanos === 0
    ? text
    : `${text}.${String(nanos)
        .padStart(9, "0")
        .replace(/(?<!0)0+$/, "")}`;
}

export interface LocalTime {
  readonly date: CalendarDate;
  readonly time: ClockTime;
  readonly fractionS: number; // 0 inclusive to 1 exclusive
  readonly zone: string | undefined;
}

export function parseIsoLocal(text: string): LocalTime | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const date = validDate(Number(match[1]), Number(match[2]), Number(match[3]));
  const time = { hours: Number(match[4]), minutes: Number(match[5]), seconds: Number(match[6] ?? 0) };
  if (date === undefined || time.hours > 23 || time.minutes > 59 || time.seconds > 59) return undefined;
  return { date, time, fractionS: Number(`0${match[7] ?? ""}`), zone: match[8] };
}

export const formatClock = ({ hours, minutes, seconds }: ClockTime): string =>
  `${pad(hours)}.${pad(minutes)}.${pad(seconds)}`;

const pad = (n: number): string => String(n).padStart(2, "0");

function validDate(year: number, month: number, day: number): CalendarDate | undefined {
  if (month < 1 || month > 12 || day < 1) return undefined;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate() ? { year, month, day } : undefined;
}
