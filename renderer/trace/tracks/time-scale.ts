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

/** Ticks k * step with time in [fromS, toS]; computed by multiplication, so they do not drift. */
export function ticksBetween(fromS: number, toS: number, step: number): number[] {
  const ticks: number[] = [];
  const first = Math.ceil(fromS / step - 1e-9);
  for (let k = first; k * step <= toS + step * 1e-9; k++) ticks.push(k * step);
  return ticks;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** Elapsed time as H:MM:SS or MM:SS, with as many decimals as the step needs (at most 3). */
export function formatElapsed(timeS: number, stepS = 1): string {
  const decimals = stepS >= 1 ? 0 : stepS >= 0.1 ? 1 : stepS >= 0.01 ? 2 : 3;
  const unit = 10 ** decimals;
  const whole = Math.round(Math.abs(timeS) * unit);
  const totalS = Math.floor(whole / unit);
  const fraction = decimals === 0 ? "" : `.${String(whole % unit).padStart(decimals, "0")}`;
  const hours = Math.floor(totalS / 3600);
  const rest = `${two(Math.floor(totalS / 60) % 60)}:${two(totalS % 60)}${fraction}`;
  return `${timeS < 0 && whole > 0 ? "−" : ""}${hours > 0 ? `${hours}:` : ""}${rest}`;
}

/** Seconds since midnight of an ISO local time, read off the text: the patient's wall clock, whatever zone this machine has. */
export function secondsOfDay(startedAt: string | undefined): number | undefined {
  const match = /T(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?/.exec(startedAt ?? "");
  if (!match) return undefined;
  return Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0);
}

/** Wall clock at a time of the recording, HH:MM or HH:MM:SS. Days wrap. */
export function formatClock(startOfDayS: number, timeS: number, withSeconds: boolean): string {
  const unit = withSeconds ? 1 : 60;
  const total = Math.floor((startOfDayS + timeS) / unit + 1e-6) * unit;
  const s = ((total % 86400) + 86400) % 86400;
  const clock = `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}`;
  return withSeconds ? `${clock}:${two(Math.floor(s) % 60)}` : clock;
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
