/**
 * Time against device pixels. `origin` is the absolute pixel of the left edge and always a whole number, so that
 * panning shifts a drawn picture by whole pixels and what was drawn before stays exactly where it belongs.
 */
export interface TimeScale {
  readonly pxPerS: number; // device pixels a second
  readonly origin: number; // device pixels from the recording's start to the left edge; whole
  readonly width: number; // device pixels
}

export function timeScale(startS: number, pxPerS: number, width: number): TimeScale {
  return { pxPerS, origin: Math.round(startS * pxPerS), width };
}

export const toX = (scale: TimeScale, timeS: number): number => timeS * scale.pxPerS - scale.origin;
export const toTime = (scale: TimeScale, x: number): number => (x + scale.origin) / scale.pxPerS;

/** Steps a clock reader expects, in seconds. */
const clockSteps = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 10800, 21600, 43200, 86400,
] as const;

/** Smallest step whose labels are at least `minPx` apart. */
export function tickStep(pxPerS: number, minPx: number): number {
  return clockSteps.find((step) => step * pxPerS >= minPx) ?? 86400;
}

/**
 * What a person typed into "go to time": `90` or `90 s` seconds, `12:30` minutes and seconds, `1:02:03`, or with a
 * leading `@` the wall clock. Full-width digits are read too. Undefined where it is no time.
 */
export function parseTime(text: string, startOfDayS: number | undefined): number | undefined {
  const plain = text.normalize("NFKC").trim();
  const onClock = plain.startsWith("@");
  const parts = plain.replace(/^@\s*/, "").replace(/s$/, "").trimEnd().split(":");
  if (parts.length > 3 || parts.some((part) => !/^\d+(\.\d+)?$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  if (numbers.slice(1).some((n) => n >= 60)) return undefined;
  if (!onClock) return numbers.reduce((sum, n) => sum * 60 + n, 0);
  if (startOfDayS === undefined || numbers.length < 2) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = numbers;
  const sinceStart = hours * 3600 + minutes * 60 + seconds - startOfDayS;
  return sinceStart < 0 ? sinceStart + 86400 : sinceStart;
}
