/** From data to pixels, along one axis. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** A scale over what there is, with a little room, and about so many ticks at round numbers. */
export function scaleOver(
  values: Iterable<number>,
  [from, to]: readonly [number, number],
  { room = 0.04, count = 5 }: { readonly room?: number; readonly count?: number } = {},
): Scale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const extra = room * (high - low);
  [low, high] = [low - extra, high + extra];
  const at = (value: number): number => from + ((value - low) / (high - low)) * (to - from);
  return { low, high, ticks: ticksWithin(low, high, count), at };
}

function ticksWithin(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find((one) => one * power >= raw) ?? 10) * power;
  const first = Math.ceil(low / step);
  const found = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, found) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
