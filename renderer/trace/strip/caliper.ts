/** Two points held against the trace: time in seconds, value in the channel's unit (undefined where nothing is observed). */
export interface CaliperPoint {
  readonly timeS: number;
  readonly value: number | undefined;
}
export interface Measurement {
  readonly seconds: number; // never negative
  readonly difference: number | undefined; // later minus earlier
  readonly perMinute: number | undefined; // cycles a minute if the points are one period apart
  readonly slope: number | undefined; // unit a second
}

export function measure(a: CaliperPoint, b: CaliperPoint): Measurement {
  const [first, second] = a.timeS <= b.timeS ? [a, b] : [b, a];
  const seconds = second.timeS - first.timeS;
  const difference =
    first.value === undefined || second.value === undefined ? undefined : second.value - first.value;
  return {
    seconds,
    difference,
    perMinute: seconds > 0 ? 60 / seconds : undefined,
    slope: difference !== undefined && seconds > 0 ? difference / seconds : undefined,
  };
}
