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
