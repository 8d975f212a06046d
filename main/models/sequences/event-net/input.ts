import type { Resampled } from "../../../signal/resample.ts";
import { believableRate, deviations, hideConstant, readSeconds } from "../../fronts/ctg-seconds.ts";
import type { SignalSource } from "../../fronts/front.ts";

/** Rows of the input: heart rate against two running medians and 140 bpm, its mask, contractions twice, their mask. */
export const CHANNELS = 7;
export const ROWS = { slow: 0, fast: 1, level: 2, fhrMask: 3, uc: 4, ucLevel: 5, ucMask: 6 } as const;
/** What a step of a row is: beats a minute of the deviations and of the level, units of the contraction signal. */
export const SCALE = { deviation: 20, level: 40, uc: 30 } as const;

/** Indices of the channels in a source; either may be missing. */
export interface EventChannels {
  readonly fhr: number | undefined;
  readonly uc: number | undefined;
}

/** A recording as the network sees it, a value a second. */
export interface EventInput {
  readonly seconds: number;
  readonly x: Float32Array; // [seconds, CHANNELS], 0 where unobserved
  readonly fhr: Resampled; // beats a minute
  readonly uc: Resampled; // as measured: `observed` is 0 in a bridged gap too
}

/** The channels by what they say they are. */
export function channelsOf({ channels }: Pick<SignalSource, "channels">): EventChannels {
  const first = (wanted: string): number | undefined => {
    const index = channels.findIndex(({ role }) => role === wanted);
    return index < 0 ? undefined : index;
  };
  return { fhr: first("fhr"), uc: first("uc") };
}

/** Longest gaps that are bridged, in seconds. */
export interface Bridges {
  readonly bridgeFhrS: number;
  readonly bridgeUcS: number;
}

/**
 * The seven rows at 1 Hz, of any sample rates. Running quantiles look up to 15 min ahead and back: for review, not for a
 * live display. Short gaps become straight lines in the rows.
 */
export function eventInput(
  source: SignalSource,
  bridges: Bridges,
  channels = channelsOf(source),
): EventInput {
  const fhr = readSeconds(source, channels.fhr, believableRate);
  const uc = readSeconds(source, channels.uc, hideConstant);
  const rows = deviations(fhr, bridged(uc, bridges.bridgeUcS)).map(({ values }, row) =>
    row < ROWS.fhrMask ? bridged({ values, observed: fhr.observed }, bridges.bridgeFhrS).values : values,
  );
  const seconds = fhr.values.length;
  const x = new Float32Array(seconds * CHANNELS);
  rows.forEach((values, row) => {
    values.forEach((value, second) => {
      x[second * CHANNELS + row] = value;
    });
  });
  return { seconds, x, fhr, uc };
}

/** Gaps of up to `longestS` values between two observed ones as straight lines. */
export function bridged({ values, observed }: Resampled, longestS: number): Resampled {
  const filled = { values: values.slice(), observed: observed.slice() };
  let last = -1; // observed
  observed.forEach((is, at) => {
    if (is !== 1) return;
    const gap = at - last - 1;
    if (last >= 0 && gap > 0 && gap <= longestS) {
      const from = values[last] ?? 0;
      const slope = ((values[at] ?? 0) - from) / (at - last);
      for (let i = last + 1; i < at; i += 1) {
        filled.values[i] = from + slope * (i - last);
        filled.observed[i] = 1;
      }
    }
    last = at;
  });
  return filled;
}

/** One row of an input. [seconds] */
export const rowOf = ({ x, seconds }: EventInput, row: number): Float32Array =>
  Float32Array.from({ length: seconds }, (_, second) => x[second * CHANNELS + row] ?? 0);
