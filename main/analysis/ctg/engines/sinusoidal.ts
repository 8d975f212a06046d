import { isLikely, type Evidence, type SinusoidalStretch } from "../trace.ts";

/**
 * Minutes that a sinusoidal stretch has lasted by the end of each minute, where it still does or ended within the last
 * `withinS` seconds; 0 where there is none.
 */
export function sinusoidalMinutes(
  evidence: Evidence,
  withinS: number,
  isCounted: (stretch: SinusoidalStretch) => boolean = () => true,
): Float64Array {
  const lasted = new Float64Array(evidence.minutes.length);
  for (const stretch of evidence.sinusoidal) {
    if (!isLikely(stretch) || !isCounted(stretch)) continue;
    const { fromS, toS } = stretch;
    const last = Math.min(lasted.length - 1, Math.ceil((toS + withinS) / 60) - 1);
    for (let minute = Math.floor(fromS / 60); minute <= last; minute += 1)
      lasted[minute] = Math.max(lasted[minute] ?? 0, (Math.min(toS, 60 * (minute + 1)) - fromS) / 60);
  }
  return lasted;
}
