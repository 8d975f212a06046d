import { parseClock, parseLongDate, parseShortDate, type CalendarDate, type ClockTime } from "./dates.ts";
import type { RepairBook } from "../repair-book.ts";

/** Date and time of the start, by `fixed`, the text at an offset of the header. */
export function readStart(
  fixed: (offset: number, length: number) => string,
  book: RepairBook,
): { startDate: CalendarDate | undefined; startTime: ClockTime | undefined; startText: string } {
  const dateText = fixed(168, 8);
  const timeText = fixed(176, 8);
  const short = parseShortDate(dateText);
  const clock = parseClock(timeText);
  const startText = `${dateText.trim()} ${timeText.trim()}`.trim();
  const long = /^Startdate\s+(\S+)/i.exec(fixed(88, 80).trim())?.[1];
  const longDate = long === undefined ? undefined : parseLongDate(long);
  if (short.date === undefined && !/^\d\d\.\d\d\.yy$/.test(dateText)) {
    book.note("EDF_DATE", "warning", { date: dateText.trim() }, 168);
  } else if (!short.isStrict) book.note("EDF_DATE_FORM", "info", { date: dateText }, 168);
  if (clock.time === undefined) book.note("EDF_TIME", "warning", { time: timeText.trim() }, 176);
  else if (!clock.isStrict) book.note("EDF_TIME_FORM", "info", { time: timeText }, 176);
  if (longDate !== undefined && short.date !== undefined && !sameDay(longDate, short.date)) {
    book.note("EDF_DATE_MISMATCH", "warning", { date: dateText.trim(), used: long ?? "" }, 168);
  }
  // 01.01.85 00.00.00 with an unknown EDF+ date is how an anonymised file says "not told".
  const isAnonymous = long?.toUpperCase() === "X" && dateText === "01.01.85" && timeText === "00.00.00";
  return { startDate: isAnonymous ? undefined : (longDate ?? short.date), startTime: clock.time, startText };
}

const sameDay = (a: CalendarDate, b: CalendarDate): boolean =>
  a.year === b.year && a.month === b.month && a.day === b.day;
