import type {
  DeviceList,
  DeviceState,
  ParsedDeviceChoice,
  ProtocolInfo,
} from "../../preload/contract/acquisition.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { fakeCtg, normalFrom, randomFrom, type Samples } from "./study.ts";

/** Devices that the fake recorder pretends: what they are called, what they ask for, and what comes from them. */

const asked = (name: readonly [string, string], hint: readonly [string, string], level = "plain") => ({
  asked: { name: { en: name[0], ja: name[1] }, hint: { en: hint[0], ja: hint[1] }, level },
});

const series50: ProtocolInfo = {
  kind: "series50",
  records: "ctg",
  verified: "vendor-guide",
  onDevice: false,
  lines: [{ baudRate: 1200, dataBits: 8, parity: "none", stopBits: 1 }],
  form: {
    type: "object",
    properties: {
      uterine: {
        type: "string",
        enum: ["external", "intrauterine"],
        default: "external",
        ...asked(
          ["Uterine activity", "子宮収縮の測り方"],
          ["A belt gives relative units, a catheter mmHg", "ベルトは相対値、カテーテルはmmHg"],
        ),
      },
      maskRed: {
        type: "boolean",
        default: false,
        ...asked(
          ["Leave out heart rates of red quality", "信号品質が赤の心拍数を除く"],
          ["They count as missing", "欠測として扱う"],
        ),
      },
      checksum: {
        type: "string",
        enum: ["transmitted", "none"],
        default: "transmitted",
        ...asked(
          ["Checksum", "チェックサム"],
          ["As the monitor is set", "モニターの設定に合わせる"],
          "expert",
        ),
      },
    },
  },
  usual: { uterine: "external", maskRed: false, checksum: "transmitted" },
  counts: false,
  measuresContact: false,
};

const cyton: ProtocolInfo = {
  kind: "cyton",
  records: "emg",
  verified: "firmware-and-hosts",
  onDevice: false,
  lines: [{ baudRate: 115200, dataBits: 8, parity: "none", stopBits: 1 }],
  form: {
    type: "object",
    properties: {
      board: {
        type: "string",
        enum: ["cyton", "cyton-daisy"],
        default: "cyton",
        ...asked(
          ["Board", "ボード"],
          [
            "8 channels at 250 Hz; with the Daisy 16 at 125 Hz",
            "8チャネル250 Hz、Daisy付きは16チャネル125 Hz",
          ],
        ),
      },
      gain: {
        anyOf: [1, 2, 4, 6, 8, 12, 24].map((value) => ({ type: "number", const: value })),
        default: 24,
        ...asked(["Gain", "ゲイン"], ["Of every channel", "全チャネル共通"]),
      },
      off: {
        type: "array",
        items: { type: "integer", minimum: 1, maximum: 16 },
        maxItems: 16,
        default: [],
        ...asked(["Channels switched off", "使わないチャネル"], ["Numbers from 1", "1からの番号"], "expert"),
      },
    },
  },
  usual: { board: "cyton", gain: 24, off: [] },
  counts: true,
  measuresContact: true,
};

export const fakeDevices: DeviceList = {
  ports: [
    {
      path: "/dev/ttyUSB0",
      id: "0403:6001:A50285BI",
      maker: "FTDI",
      serial: "A50285BI",
      name: "FT232R USB UART",
      kind: "serial",
    },
    {
      path: "/dev/ttyUSB1",
      id: "0403:6015:DM01N8KH",
      maker: "FTDI",
      serial: "DM01N8KH",
      name: "FT231X USB UART",
      kind: "serial",
    },
    { path: "/dev/ttyS0", id: "/dev/ttyS0", kind: "serial" },
    { path: "simulated:series50", id: "simulated:series50", kind: "simulated" },
    { path: "simulated:cyton", id: "simulated:cyton", kind: "simulated" },
  ],
  protocols: [series50, cyton],
  problems: [],
};

const base = { sampleRate: 4, offset: 0 } as const;
const rate = { ...base, unit: "bpm", sampleType: "int16", gain: 0.25 } as const;
const quality = { ...base, unit: "", role: "other", sampleType: "uint8", gain: 1 } as const;
const monitorChannels: readonly ChannelHeader[] = [
  { ...rate, label: "FHR1", role: "fhr" },
  { ...rate, label: "FHR2", role: "fhr" },
  { ...rate, label: "MHR", role: "mhr" },
  { ...base, label: "TOCO", unit: "", role: "uc", sampleType: "uint8", gain: 0.5 },
  { ...quality, label: "FHR1 quality" },
];
const electrodes: readonly ChannelHeader[] = Array.from({ length: 8 }, (_, i) => ({
  ...{ label: `EMG ${i + 1}`, unit: "uV", sampleRate: 250, role: "emg", sampleType: "int32" },
  ...{ gain: 0.0223, offset: 0 },
}));

/** What came in [first, first + count), of each channel. */
export interface Piece {
  readonly values: Float32Array;
  readonly filtered?: Float32Array;
  readonly reasons: Uint8Array;
}

export interface FakeDevice {
  readonly identity: DeviceState["identity"];
  readonly channels: readonly ChannelHeader[];
  readonly blockSamples: number; // that come at once
  /** `strength` of each muscle from 0 to 1, for electrodes. */
  readonly piece: (channel: number, first: number, count: number, strength: number) => Piece;
}

/** A monitor: one fetus, a belt, and no sensor for the mother's pulse. Its trace begins again after 70 minutes. */
function monitor(seed: number): FakeDevice {
  const source = fakeCtg(2, seed);
  const cut = (from: Samples, first: number, count: number): Piece => {
    const values = new Float32Array(count);
    const reasons = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const at = (first + i) % from.reasons.length;
      reasons[i] = (from.reasons[at] ?? 0) === 0 ? 0 : maskReasons.noSignal;
      values[i] = reasons[i] === 0 ? (from.values[at] ?? Number.NaN) : Number.NaN;
    }
    return { values, reasons };
  };
  const nothing = (count: number): Piece => ({
    values: new Float32Array(count).fill(Number.NaN),
    reasons: new Uint8Array(count).fill(maskReasons.noSignal),
  });
  return {
    identity: {
      model: "M1350B",
      serial: "3816G00214",
      firmware: "A.04.05",
      facts: { "FHR1 mode": "US", "TOCO mode": "external", "MHR mode": "no sensor" },
    },
    channels: monitorChannels,
    blockSamples: 4,
    piece: (channel, first, count) => {
      if (channel === 0) return cut(source.signal(0), first, count);
      if (channel === 3) return cut(source.signal(1), first, count);
      if (channel === 4) {
        const { reasons } = cut(source.signal(0), first, count);
        return {
          values: Float32Array.from(reasons, (r) => (r === 0 ? 2 : 0)),
          reasons: new Uint8Array(count),
        };
      }
      return nothing(count);
    },
  };
}

const NOISE = 8192;
const MAINS_HZ = 50;

/** Eight electrodes: noise as strong as the muscle, and beneath it what a causal band-pass takes away. */
function board(seed: number): FakeDevice {
  const random = randomFrom(seed * 77);
  const noise = Float32Array.from({ length: NOISE }, () => normalFrom(random));
  const rateHz = 250;
  return {
    identity: {
      model: "OpenBCI Cyton",
      firmware: "v3.1.2",
      facts: { "ADS1299 device ID": "0x3E", "LIS3DH device ID": "0x33" },
    },
    channels: electrodes,
    blockSamples: 8,
    piece: (channel, first, count, strength) => {
      const filtered = new Float32Array(count);
      const values = new Float32Array(count);
      const size = 3 + 110 * strength;
      for (let i = 0; i < count; i++) {
        const t = (first + i) / rateHz;
        const clean = size * (noise[(first + i + channel * 1009) % NOISE] ?? 0);
        filtered[i] = clean;
        values[i] =
          clean +
          (6 + 2 * channel) * Math.sin(2 * Math.PI * MAINS_HZ * t) +
          40 * Math.sin(2 * Math.PI * 0.11 * t + channel);
      }
      return { values, filtered, reasons: new Uint8Array(count) };
    },
  };
}

/** The device that answers to this choice; undefined: nobody does. */
export function deviceFor({ protocol, port }: ParsedDeviceChoice, seed: number): FakeDevice | undefined {
  const answers = {
    series50: ["/dev/ttyUSB0", "simulated:series50"],
    cyton: ["/dev/ttyUSB1", "simulated:cyton"],
  };
  if (protocol === "series50" && answers.series50.includes(port)) return monitor(seed);
  if (protocol === "cyton" && answers.cyton.includes(port)) return board(seed);
  return undefined;
}
