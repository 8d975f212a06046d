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

const HALF = 0.5;

/**
 * Minutes that one may have lasted by the end of each minute, if it went on wherever nothing is seen beside it; as the above,
 * 0 where there is none.
 */
export function possiblySinusoidalMinutes(
  evidence: Evidence,
  withinMin: number,
  isCounted: (stretch: SinusoidalStretch) => boolean,
): Float64Array {
  const { minutes, sinusoidal } = evidence;
  const likely = sinusoidal.filter((stretch) => isLikely(stretch) && isCounted(stretch));
  const possible = new Float64Array(minutes.length);
  let [run, isIn] = [0, false];
  let ended = { minutes: 0, at: -Infinity };
  minutes.forEach(({ fromS, support, baselineBpm }, minute) => {
    const middleS = fromS + 30;
    const isSinusoidal = likely.some((stretch) => stretch.fromS <= middleS && stretch.toS >= middleS);
    if (isSinusoidal || support < HALF || baselineBpm === undefined) {
      run += 1;
      isIn ||= isSinusoidal;
    } else {
      if (isIn) ended = { minutes: run, at: minute };
      [run, isIn] = [0, false];
    }
    if (isIn) possible[minute] = run;
    else if (minute < ended.at + withinMin) possible[minute] = ended.minutes;
  });
  return possible;
}
