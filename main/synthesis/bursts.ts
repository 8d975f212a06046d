import { voice } from "./emg.ts";
import { randomFrom } from "./random.ts";

const REST_S = 3;
const HOLD_S = 2;
const RAMP_S = 0.2;
const REST_UV = 4;
const HOLD_UV = 160; // root mean square of a firm contraction, at the electrode that hears it best

/**
 * Surface EMG of electrodes around a limb, in microvolts: rest of 3 s, then 2 s of contraction, each time heard best by
 * another electrode. For simulated devices of any rate and number of channels.
 */
export function emgBursts(options: {
  readonly seed: number;
  readonly rate: number; // Hz
  readonly channels: number;
  readonly seconds: number;
}): readonly Float32Array[] {
  const { seed, rate, channels, seconds } = options;
  return Array.from({ length: channels }, (_, channel) => {
    const random = randomFrom(seed, 41 + channel);
    const noise = voice(random, Math.max(1, 0.015 * rate));
    const gain = random.factor(0.2);
    return Float32Array.from({ length: Math.round(seconds * rate) }, (__, i) => {
      const time = i / rate;
      const burst = Math.floor(time / (REST_S + HOLD_S));
      const distance = Math.abs((burst % channels) - channel);
      const around = Math.min(distance, channels - distance);
      const level = HOLD_UV * Math.exp(-0.5 * (around / 1.2) ** 2) * ramp(time % (REST_S + HOLD_S));
      return gain * Math.hypot(level, REST_UV) * noise();
    });
  });
}

/** 0 at rest, 1 while held. */
const ramp = (time: number): number =>
  Math.max(0, Math.min(1, (time - REST_S) / RAMP_S, (REST_S + HOLD_S - time) / RAMP_S));
