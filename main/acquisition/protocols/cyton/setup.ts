import { z } from "zod";
import { asked } from "../asked.ts";
import type { StreamShape } from "../protocol.ts";

export const gains = [1, 2, 4, 6, 8, 12, 24] as const;
const Gain = z.union([
  z.literal(1),
  z.literal(2),
  z.literal(4),
  z.literal(6),
  z.literal(8),
  z.literal(12),
  z.literal(24),
]);

const channelNumbers = z.array(z.number().int().min(1).max(16)).max(16);

/**
 * What a Cyton is told. Whether there is a Daisy has to be said, since the number of channels and their rate hang on it
 * before the board is asked; the board's own answer is checked against it.
 */
export const CytonSetup = z
  .object({
    board: z
      .enum(["cyton", "cyton-daisy"])
      .default("cyton")
      .meta(
        asked(
          ["Board", "ボード"],
          [
            "8 channels at 250 Hz, or with the Daisy module 16 at 125 Hz",
            "8チャネル250 Hz、Daisy付きは16チャネル125 Hz",
          ],
          "plain",
          { cyton: ["Cyton", "Cyton"], "cyton-daisy": ["Cyton with Daisy", "Cyton（Daisy付き）"] },
        ),
      ),
    gain: Gain.default(24).meta(
      asked(
        ["Gain", "ゲイン"],
        [
          "Of every channel. The range is ±4.5 V / gain: 24 still leaves ±187.5 mV",
          "全チャネル共通。入力範囲は±4.5 V÷ゲイン（24でも±187.5 mV）",
        ],
      ),
    ),
    gains: z
      .array(Gain)
      .max(16)
      .default([])
      .meta(
        asked(
          ["Gain by channel", "チャネル別ゲイン"],
          [
            "Of channel 1, 2 and so on, instead of the gain of all",
            "チャネル1から順に。共通のゲインに代わる値",
          ],
          "expert",
        ),
      ),
    off: channelNumbers
      .default([])
      .meta(
        asked(
          ["Channels switched off", "使わないチャネル"],
          ["Numbers from 1. They are powered down and not recorded", "1からの番号。電源を切り、記録しない"],
        ),
      ),
    reference: z
      .enum(["bipolar", "srb2"])
      .default("bipolar")
      .meta(
        asked(
          ["Reference", "基準電極"],
          [
            "Two electrodes a channel suit EMG; the other way all are measured against one pin",
            "筋電図には1チャネルに電極2個。共通の基準なら、すべて一つのピンに対して測る",
          ],
          "plain",
          {
            bipolar: ["Bipolar, two electrodes", "双極（電極2個）"],
            srb2: ["Common reference (SRB2)", "共通の基準（SRB2）"],
          },
        ),
      ),
    source: z
      .enum(["electrodes", "shorted", "test-slow", "test-fast"])
      .default("electrodes")
      .meta(
        asked(
          ["Signal source", "信号源"],
          [
            "The electrodes, inputs shorted inside the board (its noise), or its own test signal",
            "電極、ボード内で短絡した入力（雑音の確認）、またはボードの試験信号",
          ],
          "expert",
          {
            electrodes: ["Electrodes", "電極"],
            shorted: ["Shorted inputs", "入力の短絡"],
            "test-slow": ["Test signal, slow", "試験信号（低速）"],
            "test-fast": ["Test signal, fast", "試験信号（高速）"],
          },
        ),
      ),
    timeStamps: z
      .boolean()
      .default(false)
      .meta(
        asked(
          ["Board time stamps", "ボードの時刻"],
          [
            "The board sends its own milliseconds in place of most of the accelerometer's values",
            "加速度の代わりに、ボード自身のミリ秒時刻を送る",
          ],
          "expert",
        ),
      ),
  })
  .refine((setup) => channelsUsed(setup).length > 0, {
    error: "At least one channel has to stay on",
    path: ["off"],
  });
export type CytonSetup = z.output<typeof CytonSetup>;

interface Board {
  readonly board: "cyton" | "cyton-daisy";
  readonly off: readonly number[];
}

/** Channels that the board has, switched on or not. */
export const boardChannels = ({ board }: Board): number => (board === "cyton" ? 8 : 16);

/** Their numbers from 1, in the order in which they are recorded. */
export const channelsUsed = (setup: Board): number[] =>
  Array.from({ length: boardChannels(setup) }, (_, i) => i + 1).filter(
    (number) => !setup.off.includes(number),
  );

export const gainOf = ({ gain, gains: own }: CytonSetup, number: number): number => own[number - 1] ?? gain;

/** Of a gain among 1, 2, 4, 6, 8, 12, 24, as the board's command has it. */
export const gainIndex = (gain: number): number => gains.findIndex((one) => one === gain);

/** uV a count: 4.5 V / gain / (2^23 - 1). */
const scaleOf = (gain: number): number => 4.5e6 / gain / (2 ** 23 - 1);

export const PACKET_RATE = 250; // Hz, over the dongle

export function cytonStreams(setup: CytonSetup): readonly StreamShape[] {
  const isDaisy = setup.board === "cyton-daisy";
  const rate = isDaisy ? PACKET_RATE / 2 : PACKET_RATE;
  return [
    {
      rate,
      counterSamples: isDaisy ? 128 : 256,
      channels: channelsUsed(setup).map((number) => ({
        label: `EMG ${number}`,
        unit: "uV",
        sampleRate: rate,
        role: "emg",
        sampleType: "int32",
        gain: scaleOf(gainOf(setup, number)),
        offset: 0,
      })),
    },
  ];
}
