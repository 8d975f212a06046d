import { z } from "zod";
import { SAMPLE_RATE_MAX } from "../../../../preload/contract/recording.ts";
import { asked } from "../asked.ts";
import { ownChannels, ownFields } from "../own-channels.ts";
import type { StreamShape } from "../protocol.ts";

export const SAMPLES_MAX = 64; // of a channel in a frame

export const CobsSetup = z.object({
  ...ownFields,
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
          "Hz。機器の値と違えば、この値への変更を求める",
        ],
      ),
    ),
  role: z
    .enum(["emg", "other"])
    .default("emg")
    .meta(
      asked(
        ["Kind of signal", "信号の種類"],
        ["Filters for EMG are for EMG only", "筋電図フィルターは筋電図だけに掛かる"],
        "plain",
        { emg: ["EMG", "筋電図"], other: ["Something else", "その他"] },
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
        ["As the device sends them, of each channel", "機器が送る数（チャネルごと）"],
        "expert",
      ),
    ),
  bits: z
    .union([z.literal(16), z.literal(24)])
    .default(16)
    .meta(asked(["Bits a sample", "量子化ビット数"], ["As the device sends them", "機器が送る値"], "expert")),
  framing: z
    .enum(["cobs", "slip"])
    .default("cobs")
    .meta(
      asked(["Framing", "フレーム方式"], ["As the device sends", "機器の方式"], "expert", {
        cobs: ["COBS", "COBS"],
        slip: ["SLIP", "SLIP"],
      }),
    ),
});
export type CobsSetup = z.output<typeof CobsSetup>;

export const COUNTER_TURN = 0x10000; // frames

export function streamsOf(setup: CobsSetup): readonly StreamShape[] {
  const { rate, role, bits } = setup;
  const channels = ownChannels(setup, { rate, role, sampleType: bits === 16 ? "int16" : "int32" });
  return [{ rate, channels, counterSamples: COUNTER_TURN * setup.samplesPerFrame }];
}
