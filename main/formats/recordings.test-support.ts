import fc from "fast-check";
import type { ChannelHeader, SampleType } from "../../preload/contract/recording.ts";
import type { SourceAnnotation } from "../signal/block.ts";
import { sampleArrays } from "../signal/block.ts";
import type { ChannelContent, RecordingContent } from "./memory.ts";

/** What random recordings are made of; writers of one rate a file narrow it. */
export interface Shape {
  readonly oneRate?: boolean;
  readonly types?: readonly SampleType[];
  readonly mostChannels?: number;
}

/** Rates that share a record of some seconds, as those of one device do; a recording takes one family. */
const families: readonly (readonly number[])[] = [
  [4, 100, 250, 12.8, 0.5, 1000, 487.5, 0.25, 200, 1],
  [1 / 3, 100 / 3, 4, 500, 2 / 3],
  [192 / 9.59375, 128, 1 / 9.59375],
  [99.97, 1, 50],
  [1 / 30, 1, 100, 0.1],
  [1 / 7, 3, 11, 211],
];
const family = fc.oneof(
  fc.constantFrom(...families),
  fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 3 }),
);
const ranges = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  int32: [1 - 2 ** 31, 2 ** 31 - 1], // the lowest is the missing code of 32-bit formats
} as const;
const gains = fc.constantFrom(
  1,
  0.25,
  0.01,
  1 / 200,
  0.1220703125,
  -0.5,
  0.02235174,
  1e-6,
  3.3e-5,
  4.8828125e-4,
);
const labels = fc.constantFrom(
  "FHR",
  "UC",
  "MHR",
  "EMG 1",
  "EMG_2",
  "ch3",
  "胎児心拍",
  "陣痛計",
  "右前腕",
  "Müskel",
  "a label of more than sixteen",
  "EDF Annotations",
  "Status",
  'x,y"z',
);
const units = fc.constantFrom("uV", "mV", "V", "bpm", "", "mmHg", "µV", "m/s²");

/** Heart rate alone at 4 Hz, to the value. */
export const fhrRecording = (name: string, gain: number, content: ChannelContent): RecordingContent => ({
  header: {
    name,
    kind: "ctg",
    subject: undefined,
    startedAt: undefined,
    channels: [
      { label: "FHR", unit: "bpm", sampleRate: 4, role: "fhr", sampleType: "int16", gain, offset: 0 },
    ],
    facts: {},
  },
  channels: [content],
  annotations: [],
});

/** Random recordings: several rates, every sample type, masks of every reason, gaps all channels share, Japanese text. */
export function recordings(shape: Shape = {}): fc.Arbitrary<RecordingContent> {
  const count = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: 6, max: 64 }) },
  );
  return fc
    .record({
      count: count.map((n) => Math.min(n, shape.mostChannels ?? 64)),
      seconds: fc.double({ min: 0.3, max: 7, noNaN: true }),
      rates: family,
      seed: fc.integer(),
    })
    .chain(({ count: channels, seconds, rates, seed }) =>
      fc
        .record({
          headers: fc.array(
            header(
              shape.oneRate === true
                ? fc.constant(rates[Math.abs(seed) % rates.length]!)
                : fc.constantFrom(...rates),
              shape.types,
            ),
            { minLength: channels, maxLength: channels },
          ),
          gaps: fc.array(
            fc.tuple(
              fc.double({ min: 0, max: 1, noNaN: true }),
              fc.double({ min: 0, max: 0.6, noNaN: true }),
            ),
            { maxLength: 2 },
          ),
          startedAt: fc.option(
            fc.constantFrom("2024-03-05T12:13:14", "1999-12-31T23:59:59.25", "2031-01-01T00:00:00.3945312"),
            { nil: undefined },
          ),
          subject: fc.option(fc.constantFrom("S01", "患者 7", "XYZ", "with blank"), { nil: undefined }),
          annotations: fc.array(annotation(seconds, channels), { maxLength: 6 }),
        })
        .chain((base) =>
          fc
            .tuple(
              ...base.headers.map((each) =>
                content(each, Math.max(1, Math.ceil(seconds * each.sampleRate)), base.gaps),
              ),
            )
            .map((all): RecordingContent => ({
              header: {
                name: "round",
                kind: base.headers.some(({ role }) => role === "fhr" || role === "uc")
                  ? "ctg"
                  : base.headers.some(({ role }) => role === "emg")
                    ? "emg"
                    : "other",
                subject: base.subject,
                startedAt: base.startedAt,
                channels: base.headers,
                facts: {},
              },
              channels: all,
              annotations: base.annotations,
            })),
        ),
    );
}

function header(
  rate: fc.Arbitrary<number>,
  types: readonly SampleType[] = ["int8", "uint8", "int16", "int32", "float32", "float64"],
): fc.Arbitrary<ChannelHeader> {
  return fc.record({
    label: labels,
    unit: units,
    sampleRate: rate,
    role: fc.constantFrom("fhr", "mhr", "uc", "emg", "other"),
    sampleType: fc.constantFrom(...types),
    gain: gains,
    offset: fc.constantFrom(0, 0, 0, 12.5, -3),
  });
}

/** Samples over the whole range of their type, a mask of random runs, and the recording's common gaps. */
function content(
  header: ChannelHeader,
  length: number,
  gaps: readonly (readonly [number, number])[],
): fc.Arbitrary<ChannelContent> {
  const type = header.sampleType;
  const value =
    type === "float32" || type === "float64"
      ? fc.oneof(
          fc.float({ min: -1000, max: 1000, noNaN: true }).map((x) => (Math.abs(x) < 1e-3 ? 0 : x)),
          fc.integer({ min: -9999, max: 9999 }).map((n) => n / 100),
        )
      : fc.oneof(
          fc.integer({ min: ranges[type][0], max: ranges[type][1] }),
          fc.constantFrom(...ranges[type], 0),
        );
  return fc
    .record({
      pattern: fc.array(value, { minLength: 1, maxLength: 40 }),
      runs: fc.array(
        fc.tuple(fc.nat(length - 1), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 9 })),
        { maxLength: 5 },
      ),
    })
    .map(({ pattern, runs }) => {
      const samples = new sampleArrays[type](length);
      for (let i = 0; i < length; i++) samples[i] = pattern[i % pattern.length]!;
      const reason = new Uint8Array(length);
      for (const [first, count, code] of runs) reason.fill(code, first, first + count);
      const span = length / header.sampleRate;
      for (const [at, share] of gaps) {
        reason.fill(
          2,
          Math.ceil(at * span * header.sampleRate),
          Math.floor((at + share) * span * header.sampleRate),
        );
      }
      return { samples, reason };
    });
}

/** Texts as people and devices write them, and those that look like some format's own marks. */
export const oddTexts: readonly string[] = [
  "acceleration",
  "一過性徐脈",
  "中文测试八个字",
  "胎動 fetal movement",
  "(N",
  "(AFIB",
  "N",
  "n",
  "V",
  "+",
  "[",
  "artefact, left",
  "x@y",
  "EMG 1@@FHR",
  "a@@b@@c",
  "Sleep stage W",
  "  blanks  ",
  "",
  " ",
  "two\nlines",
  "return\r\nfeed",
  "tab\tin it",
  "\u0001control\u009f",
  "## time resolution: 5",
  "## kodo annotations 1",
  "#+kodo annotations 2",
  "#+0\ttick=0\ttext=no",
  "Missing:droppedPacket@@FHR",
  'Recording:{"subject":"no"}',
  'Kodo\n{"recording":{"subject":"no"}}',
  "=1+1",
  "'=1+1",
  "-5",
  '"quoted"',
  "ｗｉｄｅ",
  "e\u0301",
  "\u00e9",
  "👶🏽",
  "長い文".repeat(60),
];

const annotation = (seconds: number, channels: number): fc.Arbitrary<SourceAnnotation> =>
  fc.record({
    onsetS: fc.integer({ min: 0, max: Math.round(seconds * 1000) }).map((ms) => ms / 1000),
    durationS: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 3000 }).map((ms) => ms / 1000),
    ),
    label: fc.oneof(fc.constantFrom(...oddTexts), fc.string({ unit: "grapheme", maxLength: 20 })),
    channel: fc.option(fc.nat(channels - 1), { nil: undefined }),
    author: fc.constantFrom("round.atr", "round.qrs", "A", "山田"),
    note: fc.constantFrom("", "", "体位変換", "two\nlines", "tab\there", "=2", " edges "),
  });
