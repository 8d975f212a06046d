import { sure } from "../../../../preload/contract/sure.ts";

/** What the observed samples of a stretch say. Undefined numbers where nothing was observed. */
export interface Measures {
  readonly observedShare: number; // 0 to 1; 0 for an empty stretch
  readonly mean: number | undefined;
  readonly lowest: number | undefined;
  readonly lowestAt: number | undefined; // position in the stretch
  readonly highest: number | undefined;
  readonly rms: number | undefined;
}

/** Longest stretch measured at once, in samples: two hours of 1 kHz would cross the bridge in one piece. */
export const MOST_SAMPLES = 500_000;

export function measureSamples(values: Float32Array, reasons: Uint8Array): Measures {
  let count = 0;
  let sum = 0;
  let squares = 0;
  let lowestAt = -1;
  let highestAt = -1;
  for (let i = 0; i < values.length; i++) {
    if (reasons[i] !== 0) continue;
    const value = sure(values[i]);
    count++;
    sum += value;
    squares += value * value;
    if (lowestAt < 0 || value < sure(values[lowestAt])) lowestAt = i;
    if (highestAt < 0 || value > sure(values[highestAt])) highestAt = i;
  }
  const observedShare = values.length === 0 ? 0 : count / values.length;
  if (count === 0)
    return {
      observedShare,
      mean: undefined,
      lowest: undefined,
      lowestAt: undefined,
      highest: undefined,
      rms: undefined,
    };
  return {
    observedShare,
    mean: sum / count,
    lowest: values[lowestAt],
    lowestAt,
    highest: values[highestAt],
    rms: Math.sqrt(squares / count),
  };
}
