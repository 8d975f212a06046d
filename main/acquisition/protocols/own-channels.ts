import { z } from "zod";
import {
  GAIN_MAX,
  NAME_MAX,
  OFFSET_MAX,
  UNIT_MAX,
  type ChannelHeader,
} from "../../../preload/contract/recording.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { asked } from "./asked.ts";

export const CHANNELS_MAX = 64;

const scales = z.array(z.number().min(-GAIN_MAX).max(GAIN_MAX)).max(CHANNELS_MAX);

/** What a person says of channels that the device does not describe. */
export const ownFields = {
  channels: z
    .number()
    .int()
    .min(1)
    .max(CHANNELS_MAX)
    .default(2)
    .meta(asked(["Channels", "チャネル数"], ["As the device sends them", "機器が送る数"])),
  labels: z
    .array(z.string().max(NAME_MAX))
    .max(CHANNELS_MAX)
    .default([])
    .meta(asked(["Labels", "チャネル名"], ["In the order of the channels", "チャネルの順に"])),
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
};

interface OwnSetup {
  readonly channels: number;
  readonly labels: readonly string[];
  readonly unit: string;
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** The value for a channel: its own, else the last given. */
const valueFor = (values: readonly number[], channel: number, usual: number): number =>
  values[channel] ?? values.at(-1) ?? usual;

/** physical = (count - zero) x scale. */
export const ownChannels = (
  setup: OwnSetup,
  { rate, role, sampleType }: Pick<ChannelHeader, "role" | "sampleType"> & { readonly rate: number },
): ChannelHeader[] =>
  Array.from({ length: setup.channels }, (_, channel) => {
    const gain = valueFor(setup.scale, channel, 1);
    const offset = 0 - valueFor(setup.offset, channel, 0) * gain;
    return {
      label: setup.labels[channel] ?? `${role === "emg" ? "EMG" : "Channel"} ${channel + 1}`,
      unit: setup.unit,
      sampleRate: rate,
      role,
      sampleType,
      gain,
      offset: Math.max(-OFFSET_MAX, Math.min(OFFSET_MAX, offset)),
    };
  });

export const isSameRate = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * b;

/** What a device says of itself (undefined: nothing) has to be what the set-up says: gains and labels belong to it. */
export function refuseOther(
  device: { readonly channels: number | undefined; readonly rate: number | undefined },
  setup: { readonly channels: number; readonly rate: number },
): void {
  if (device.rate !== undefined && !isSameRate(device.rate, setup.rate))
    throw new AppError(
      "device/other-rate",
      `The device samples at ${device.rate} Hz, not at ${setup.rate} Hz`,
      { device: device.rate, setup: setup.rate },
    );
  if (device.channels !== undefined && device.channels !== setup.channels)
    throw new AppError(
      "device/other-channels",
      `The device has ${device.channels} channels, not ${setup.channels}`,
      { device: device.channels, setup: setup.channels },
    );
}
