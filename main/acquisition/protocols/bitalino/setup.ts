import { z } from "zod";
import { asked } from "../asked.ts";
import type { StreamShape } from "../protocol.ts";
import { bitsOf } from "./frame.ts";

export const EMG_GAIN = 1009; // [R]; boards before (r)evolution 1000
const ECG_GAIN = 1100; // data sheet

const sensorNames = {
  emg: ["EMG", "筋電図"],
  ecg: ["ECG", "心電図"],
  other: ["Other, as volts", "その他（電圧のまま）"],
} as const;

const Sensor = z.object({
  kind: z
    .enum(["emg", "ecg", "other"])
    .default("emg")
    .meta(
      asked(
        ["Sensor", "センサ"],
        ["What is plugged into this input", "この入力につないだもの"],
        "plain",
        sensorNames,
      ),
    ),
  gain: z
    .number()
    .min(0.001)
    .max(1e6)
    .optional()
    .meta(
      asked(
        ["Amplification", "増幅率"],
        [
          "Of the sensor. Left empty: EMG 1009 (from memory, 1000 on older boards), ECG 1100, other 1",
          "センサの増幅率。空欄なら筋電1009（未確認、旧型は1000）、心電1100、その他1",
        ],
        "expert",
      ),
    ),
  unit: z
    .enum(["uV", "mV", "V"])
    .default("uV")
    .meta(asked(["Unit", "単位"], ["In which it is recorded", "記録に使う単位"])),
  label: z
    .string()
    .max(200)
    .default("")
    .meta(asked(["Name", "名前"], ["Left empty: by sensor and input", "空欄ならセンサと入力の名前"])),
});

/** Which inputs are sampled, how fast, and what is plugged into them. */
export const BitalinoSetup = z.object({
  inputs: z
    .array(z.number().int().min(1).max(6))
    .min(1)
    .max(6)
    .refine((inputs) => new Set(inputs).size === inputs.length, "each input once")
    .default([1])
    .meta(
      asked(
        ["Inputs", "入力"],
        [
          "A1 to A6. The fifth and sixth of a selection have 6 bits only: keep EMG to the first four",
          "A1〜A6。選んだうち5番目と6番目は6ビットしかないため、筋電図は4番目までに",
        ],
      ),
    ),
  sampleRate: z
    .union([z.literal(1), z.literal(10), z.literal(100), z.literal(1000)])
    .default(1000)
    .meta(asked(["Sample rate, Hz", "サンプリング周波数 (Hz)"], ["1000 for EMG", "筋電図には1000"])),
  sensors: z
    .array(Sensor)
    .max(6)
    .default([])
    .meta(
      asked(
        ["Sensors", "センサ"],
        [
          "Of the inputs in ascending order; what is not said is an EMG sensor",
          "入力の小さい順に。指定がなければ筋電センサ",
        ],
      ),
    ),
  digital: z
    .boolean()
    .default(false)
    .meta(
      asked(
        ["Digital inputs", "デジタル入力"],
        ["Record I1 and I2 as channels of 0 and 1", "I1とI2を0と1のチャネルとして記録"],
        "expert",
      ),
    ),
  supplyV: z
    .number()
    .min(1)
    .max(6)
    .default(3.3)
    .meta(
      asked(
        ["Supply, V", "電源電圧 (V)"],
        [
          "The converter's range: every physical value hangs on it",
          "変換器の範囲。すべての物理値がこれで決まる",
        ],
        "expert",
      ),
    ),
  simulated: z
    .boolean()
    .default(false)
    .meta(
      asked(
        ["Device's own test signal", "機器の試験信号"],
        ["The device sends made-up values instead of its inputs", "入力の代わりに機器が作った値を送る"],
        "expert",
      ),
    ),
});
export type BitalinoSetup = z.output<typeof BitalinoSetup>;
type Sensor = z.output<typeof Sensor>;

/** The device sends its inputs in ascending order, whatever the order they were asked for in. */
export const inputsOf = ({ inputs }: BitalinoSetup): number[] => inputs.toSorted((a, b) => a - b);

const usualSensor: Sensor = { kind: "emg", unit: "uV", label: "" };
export const sensorOf = ({ sensors }: BitalinoSetup, channel: number): Sensor =>
  sensors[channel] ?? usualSensor;

const usualGains = { emg: EMG_GAIN, ecg: ECG_GAIN, other: 1 } as const;
const perVolt = { uV: 1e6, mV: 1e3, V: 1 } as const;

type ChannelHeader = StreamShape["channels"][number];

/** volts = (ADC / 2^bits - 1/2) VCC / gain for sensors around half the supply; ADC / 2^bits VCC / gain for others. */
function channelHeader(setup: BitalinoSetup, input: number, channel: number): ChannelHeader {
  const { kind, unit, label, gain = usualGains[kind] } = sensorOf(setup, channel);
  const range = (setup.supplyV / gain) * perVolt[unit];
  return {
    label: label === "" ? `${kind === "other" ? "" : `${kind.toUpperCase()} `}A${input}` : label,
    unit,
    sampleRate: setup.sampleRate,
    role: kind === "emg" ? "emg" : "other",
    sampleType: "int16",
    gain: range / 2 ** bitsOf(channel),
    offset: kind === "other" ? 0 : -range / 2,
  };
}

export function bitalinoStreams(setup: BitalinoSetup): readonly StreamShape[] {
  const { sampleRate, digital } = setup;
  const analog = inputsOf(setup).map((input, channel) => channelHeader(setup, input, channel));
  const inputs = (digital ? ["I1", "I2"] : []).map((label): ChannelHeader => ({
    ...{ label, unit: "", sampleRate, role: "other", sampleType: "uint8" },
    ...{ gain: 1, offset: 0 },
  }));
  return [{ rate: sampleRate, counterSamples: 16, channels: [...analog, ...inputs] }];
}
