import { z } from "zod";
import {
  GAIN_MAX,
  NAME_MAX,
  OFFSET_MAX,
  SAMPLE_RATE_MAX,
  UNIT_MAX,
} from "../../../../preload/contract/recording.ts";
import { asked } from "../asked.ts";
import type { StreamShape } from "../protocol.ts";

export const CHANNELS_MAX = 64;
export const SAMPLES_MAX = 64; // of a channel in a frame

const scales = z.array(z.number().min(-GAIN_MAX).max(GAIN_MAX)).max(CHANNELS_MAX);

export const CobsSetup = z.object({
  channels: z
    .number()
    .int()
    .min(1)
    .max(CHANNELS_MAX)
    .default(2)
    .meta(asked(["Channels", "チャネル数"], ["As the device sends them", "装置が送る数"])),
  rate: z
    .number()
    .min(0.01)
    .max(SAMPLE_RATE_MAX)
    .default(1000)
    .meta(
      asked(
        ["Sample rate", "サンプリング周波数"],
        [
          "Hz. A device that says another is asked for this one",
          "Hz。装置の値と違えば、この値への変更を求める",
        ],
      ),
    ),
  labels: z
    .array(z.string().max(NAME_MAX))
    .max(CHANNELS_MAX)
    .default([])
    .meta(asked(["Labels", "チャネル名"], ["In the order of the channels", "チャネルの順に"])),
  role: z
    .enum(["emg", "other"])
    .default("emg")
    .meta(asked(["Kind of signal", "信号の種類"], ["emg, or anything else", "筋電図（emg）またはその他"])),
  unit: z
    .string()
    .max(UNIT_MAX)
    .default("mV")
    .meta(asked(["Unit", "単位"], ["Of all channels", "全チャネル共通"])),
  scale: scales
    .default([])
    .meta(
      asked(
        ["Scale", "倍率"],
        [
          "Units a count, one for each channel; the last holds for the rest. Empty: 1",
          "1カウントあたりの量。チャネルの順に、最後の値が残りにも当たる。空なら1",
        ],
      ),
    ),
  offset: z
    .array(z.number().min(-1e9).max(1e9))
    .max(CHANNELS_MAX)
    .default([])
    .meta(
      asked(
        ["Zero", "ゼロ点"],
        [
          "Counts that stand for nothing, likewise: value = (count - zero) x scale. Empty: 0",
          "ゼロに当たるカウント。値＝（カウント－ゼロ点）×倍率。空なら0",
        ],
      ),
    ),
  samplesPerFrame: z
    .number()
    .int()
    .min(1)
    .max(SAMPLES_MAX)
    .default(10)
    .meta(
      asked(
        ["Samples a frame", "フレームあたりサンプル数"],
        ["As the device sends them, of each channel", "装置が送る数（チャネルごと）"],
        "expert",
      ),
    ),
  bits: z
    .union([z.literal(16), z.literal(24)])
    .default(16)
    .meta(
      asked(
        ["Bits a sample", "量子化ビット数"],
        ["16 or 24, as the device sends them", "16または24"],
        "expert",
      ),
    ),
  framing: z
    .enum(["cobs", "slip"])
    .default("cobs")
    .meta(asked(["Framing", "フレーム方式"], ["As the device sends", "装置の方式"], "expert")),
});
export type CobsSetup = z.output<typeof CobsSetup>;

export const COUNTER_TURN = 0x10000; // frames

/** The value for a channel: its own, else the last given. */
const valueFor = (values: readonly number[], channel: number, usual: number): number =>
  values[channel] ?? values.at(-1) ?? usual;

export function streamsOf(setup: CobsSetup): readonly StreamShape[] {
  const { rate, role, unit, bits } = setup;
  const channels = Array.from({ length: setup.channels }, (_, channel) => {
    const gain = valueFor(setup.scale, channel, 1);
    const zero = -valueFor(setup.offset, channel, 0) * gain;
    return {
      label: setup.labels[channel] ?? `${role === "emg" ? "EMG" : "Channel"} ${channel + 1}`,
      unit,
      sampleRate: rate,
      role,
      sampleType: bits === 16 ? ("int16" as const) : ("int32" as const),
      gain,
      offset: Math.max(-OFFSET_MAX, Math.min(OFFSET_MAX, zero + 0)), // + 0: no negative zero
    };
  });
  return [{ rate, channels, counterSamples: COUNTER_TURN * setup.samplesPerFrame }];
}
