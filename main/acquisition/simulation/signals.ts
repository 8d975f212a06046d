import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { emgBursts } from "../../synthesis/bursts.ts";
import { CTG_RATE, FHR_GAIN, syntheticCtg, UC_GAIN, type SyntheticCtg } from "../../synthesis/ctg.ts";
import type { DeviceSignal, StreamShape } from "../protocols/protocol.ts";

const CTG_S = 3600; // then from the start again
const EMG_S = 40;

/** Physical value of a channel at a sample; undefined: no signal. */
type Physical = (sample: number) => number | undefined;

/**
 * What the electrodes and belts of a simulated device pick up, as digital values of its channels: cardiotocogram, muscle
 * contractions. The same for a seed every time, whichever sample is asked for first.
 */
export function syntheticSignal(shapes: readonly StreamShape[], seed: number): DeviceSignal {
  let fetuses = 0;
  const ctgs = new Map<string, SyntheticCtg>();
  const ctgOf = (name: string, number: number, baselineBpm?: number): SyntheticCtg => {
    const made =
      ctgs.get(name) ??
      syntheticCtg({
        seed: seed + number,
        durationS: CTG_S,
        decelerations: { variable: 0.3, early: 0.1 },
        ...(baselineBpm !== undefined && { baselineBpm, variabilityBpm: 2, accelerationsPerHour: 1 }),
      });
    ctgs.set(name, made);
    return made;
  };
  const physical = shapes.map(({ rate, channels }, stream) => {
    const muscles = channels.filter(({ role }) => role === "emg").length;
    const bursts =
      muscles > 0 ? emgBursts({ seed: seed + stream, rate, channels: muscles, seconds: EMG_S }) : [];
    let muscle = 0;
    return channels.map((channel): Physical => {
      if (channel.role === "fhr") {
        fetuses += 1;
        return heart(ctgOf(`fetus ${fetuses}`, fetuses - 1), rate);
      }
      if (channel.role === "mhr") return heart(ctgOf("mother", 100, 82), rate);
      if (channel.role === "uc") return contractions(ctgOf("fetus 1", 0), rate);
      if (channel.role === "emg") return looped(bursts[muscle++] ?? new Float32Array(1), channel.unit);
      return otherwise(channel, rate);
    });
  });
  return (stream, channel, sample) => {
    const value = physical[stream]?.[channel]?.(sample);
    const header = shapes[stream]?.channels[channel];
    if (value === undefined || header === undefined) return undefined;
    return Math.round((value - header.offset) / header.gain);
  };
}

const atTime = (sample: number, rate: number, count: number): number =>
  Math.floor((sample / rate) * CTG_RATE) % count;

const heart =
  ({ fhr, fhrReasons }: SyntheticCtg, rate: number): Physical =>
  (sample) => {
    const at = atTime(sample, rate, fhr.length);
    return fhrReasons[at] === 0 ? (fhr[at] ?? 0) * FHR_GAIN : undefined;
  };

const contractions =
  ({ uc }: SyntheticCtg, rate: number): Physical =>
  (sample) =>
    (uc[atTime(sample, rate, uc.length)] ?? 0) * UC_GAIN;

const microvolts: Readonly<Record<string, number>> = { uV: 1, µV: 1, mV: 1e-3, V: 1e-6 };

function looped(values: Float32Array, unit: string): Physical {
  const scale = microvolts[unit] ?? 1;
  return (sample) => (values[sample % values.length] ?? 0) * scale;
}

/** A quality of heart rate is green; anything else goes slowly up and down between its first two digital values. */
function otherwise({ label, gain, offset }: ChannelHeader, rate: number): Physical {
  if (/quality/i.test(label)) return () => 3 * gain + offset;
  return (sample) => (Math.floor(sample / rate / 5) % 2) * gain + offset;
}
