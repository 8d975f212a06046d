import { FLAT_UC_S, FlatRuns } from "../../signal/flat.ts";
import { averageBins } from "../../signal/resample.ts";
import { CTG_HZ, type CtgTrace, type Samples } from "./trace.ts";

/** A channel as it is stored, from the recording's start. */
export interface ChannelSamples {
  readonly values: Float32Array;
  readonly observed: Uint8Array; // 1 or 0
  readonly sampleRate: number;
}

export interface CtgSources {
  readonly durationS: number;
  /** One channel; or several sensors of one fetus, only where a person said that they are. */
  readonly fhr: readonly ChannelSamples[];
  readonly uc: ChannelSamples | undefined;
  readonly mhr: ChannelSamples | undefined;
}

/** A quarter of a second counts as observed where so much of it is. */
const LEAST_SHARE = 0.5;

/** All channels at 4 Hz, the heart rate as it came: what cleaning proposes is not yet taken out. */
export function readTrace({ durationS, fhr, uc, mhr }: CtgSources): CtgTrace {
  const count = Math.ceil(durationS * CTG_HZ - 1e-9);
  return {
    count,
    fhr: larger(
      fhr.map((sensor) => onGrid(sensor, count)),
      count,
    ),
    uc: uc && onGrid(moving(uc), count),
    mhr: mhr && onGrid(mhr, count),
  };
}

/** Means of what lies in each quarter of a second. Of a slower channel each sample stands for the time up to the next. */
function onGrid({ values, observed, sampleRate }: ChannelSamples, count: number): Samples {
  const grid = { values: new Float64Array(count), observed: new Uint8Array(count) };
  if (sampleRate >= CTG_HZ) {
    const means = averageBins(values, observed, sampleRate, 1 / CTG_HZ, LEAST_SHARE);
    grid.values.set(means.values.subarray(0, count));
    grid.observed.set(means.observed.subarray(0, count));
    return grid;
  }
  for (let i = 0; i < count; i += 1) {
    const at = Math.floor((i / CTG_HZ) * sampleRate + 1e-9);
    if (observed[at] !== 1) continue;
    grid.values[i] = values[at] ?? 0;
    grid.observed[i] = 1;
  }
  return grid;
}

/** The larger of what the sensors say at each sample (ctg.md §2 step 1 [V]); of one sensor what it says. */
function larger(sensors: readonly Samples[], count: number): Samples {
  const [first, ...others] = sensors;
  if (first === undefined) return { values: new Float64Array(count), observed: new Uint8Array(count) };
  for (const { values, observed } of others) {
    for (let i = 0; i < count; i += 1) {
      if (observed[i] !== 1) continue;
      const value = values[i] ?? 0;
      if (first.observed[i] === 1 && (first.values[i] ?? 0) >= value) continue;
      first.values[i] = value;
      first.observed[i] = 1;
    }
  }
  return first;
}

/** A contraction between two values of a slower channel is not seen [own]: the shortest last 45 s (ctg.md §7). */
const LEAST_UC_HZ = 0.1;
/** What a contraction channel can say, units or mmHg (ctg.md §1.1: 0 to 127), with room for a belt that was set too low [own]. */
const UC_RANGE = { low: -20, high: 128 } as const;

/**
 * Without contractions where the signal stands still for a minute, at zero or elsewhere: that is a belt without a signal. Nor
 * where it says what no belt does: a heart rate in its place, or another sign.
 */
function moving(uc: ChannelSamples): ChannelSamples {
  const flat = new FlatRuns(Math.ceil(FLAT_UC_S * uc.sampleRate));
  flat.push(
    uc.values,
    uc.observed.map((is) => 1 - is),
    0,
  );
  const observed = uc.observed.map((is, i) => {
    const value = uc.values[i] ?? 0;
    return is === 1 && uc.sampleRate >= LEAST_UC_HZ && value >= UC_RANGE.low && value < UC_RANGE.high ? 1 : 0;
  });
  for (const { first, count } of flat.done()) observed.fill(0, first, first + count);
  return { ...uc, observed };
}
