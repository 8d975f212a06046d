import type { LiveFilter } from "../../preload/contract/acquisition.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { butterworth, CausalFilter, notch, type Section } from "../signal/iir.ts";

/** Movement lies below, and little of a muscle does (De Luca and others 2010, J. Biomech. 43:1573). */
const LOW_HZ = 20;
const HIGH_HZ = 450;
/** Of the rate, how high the upper edge may lie. */
const HIGHEST = 0.45;
/** From here on there is room for a band. */
const BAND_RATE = 1000;
const NOTCH_WIDTH_HZ = 3;

/** What an EMG channel is seen through while it is watched. */
export interface LiveView {
  readonly filters: readonly LiveFilter[];
  readonly filter: CausalFilter;
}

/** Undefined for other channels, and at rates at which nothing would be left. A mains that the rate cannot show is left alone. */
export function liveViewOf({ role, sampleRate }: ChannelHeader, powerLineHz: number): LiveView | undefined {
  if (role !== "emg" || LOW_HZ > HIGHEST * sampleRate) return undefined;
  const { filters, sections } = sampleRate >= BAND_RATE ? band(sampleRate) : above(sampleRate);
  const isMains = powerLineHz < HIGHEST * sampleRate;
  return {
    filters: isMains ? [...filters, { kind: "notch", hz: powerLineHz }] : filters,
    filter: new CausalFilter(
      isMains ? [...sections, notch(powerLineHz, NOTCH_WIDTH_HZ, sampleRate)] : sections,
      sampleRate,
    ),
  };
}

interface Part {
  readonly filters: readonly LiveFilter[];
  readonly sections: readonly Section[];
}

function band(sampleRate: number): Part {
  const highHz = Math.min(HIGH_HZ, HIGHEST * sampleRate);
  return {
    filters: [
      { kind: "high-pass", hz: LOW_HZ },
      { kind: "low-pass", hz: highHz },
    ],
    sections: butterworth({ kind: "band-pass", order: 4, lowHz: LOW_HZ, highHz }, sampleRate),
  };
}

const above = (sampleRate: number): Part => ({
  filters: [{ kind: "high-pass", hz: LOW_HZ }],
  sections: butterworth({ kind: "high-pass", order: 2, hz: LOW_HZ }, sampleRate),
});
