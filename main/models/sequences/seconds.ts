import type { Resampled } from "../../signal/resample.ts";
import { believableRate, CONSTANT_UC_S, FHR_RANGE_BPM, readSeconds } from "../fronts/ctg-seconds.ts";
import type { SignalSource } from "../fronts/front.ts";

/**
 * A cardiotocogram a value a second: where a mask is 0 nothing was seen. What is looked ahead from knows nothing of later
 * seconds; what came is told afterwards, when a heart rate that stood for less than 5 s is not believed.
 */
export interface Seconds {
  readonly count: number;
  readonly came: Resampled; // heart rate
  readonly fhr: Float32Array; // beats a minute
  readonly fhrSeen: Uint8Array;
  readonly uc: Float32Array;
  readonly ucSeen: Uint8Array;
}

/** Indices of the channels in a source. */
export interface CtgChannels {
  readonly fhr: number | undefined;
  readonly uc: number | undefined;
}

export function ctgChannels({ channels }: Pick<SignalSource, "channels">): CtgChannels {
  const first = (wanted: string): number | undefined => {
    const index = channels.findIndex(({ role }) => role === wanted);
    return index < 0 ? undefined : index;
  };
  return { fhr: first("fhr"), uc: first("uc") };
}

/** Believes a heart rate in range, and contractions until they have stood still for a minute: both can be told at once. */
export function secondsOf(source: SignalSource, { fhr, uc } = ctgChannels(source)): Seconds {
  const [low, high] = FHR_RANGE_BPM;
  const rate = readSeconds(source, fhr, (values, observed) =>
    observed.map((is, i) => (is === 1 && (values[i] ?? 0) >= low && (values[i] ?? 0) <= high ? 1 : 0)),
  );
  const came = readSeconds(source, fhr, believableRate);
  const tone = readSeconds(source, uc, (_, observed) => observed);
  return {
    count: rate.values.length,
    came,
    fhr: rate.values,
    fhrSeen: rate.observed,
    uc: tone.values,
    ucSeen: moving(tone.values, tone.observed),
  };
}

/** 0 from the second on at which a value has been the same for a minute. */
function moving(values: Float32Array, observed: Uint8Array): Uint8Array {
  let same = 0;
  return observed.map((is, i) => {
    same = is === 1 && values[i] === values[i - 1] ? same + 1 : 0;
    return is === 1 && same < CONSTANT_UC_S ? 1 : 0;
  });
}
