import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskReasons } from "../../../preload/contract/mask.ts";
import type { ChannelHeader, SampleType } from "../../../preload/contract/recording.ts";
import { sampleArrays } from "../../signal/block.ts";
import type { WriteOptions } from "../format.ts";
import { allOptions, roundTrip } from "../laws.ts";
import { bytesSource, exportSource, memoryFolder, readWhole, type RecordingContent } from "../memory.ts";
import { recordings } from "../recordings.test-support.ts";
import { writeAnnotationsAlone } from "./annotations-alone.ts";
import { formatDecimal } from "./decimal.ts";
import { bdfReader, edfReader, openEdf } from "./reader.ts";
import { planRecords } from "./record-plan.ts";
import { brokenRules } from "./strict-rules.test-support.ts";
import { edfWriter } from "./writer.ts";

interface Made {
  readonly header?: Partial<ChannelHeader>;
  readonly samples: readonly number[];
  readonly reason?: readonly number[];
}

/** A recording of int16 channels at 4 Hz in uV, changed as asked. */
function made(
  channels: readonly Made[],
  rest: Partial<RecordingContent["header"]> & { annotations?: RecordingContent["annotations"] } = {},
): RecordingContent {
  const headers = channels.map(({ header }, index): ChannelHeader => ({
    label: `EMG ${index + 1}`,
    unit: "uV",
    sampleRate: 4,
    role: "emg",
    sampleType: "int16",
    gain: 0.25,
    offset: 0,
    ...header,
  }));
  const { annotations = [], ...header } = rest;
  return {
    header: {
      name: "a",
      kind: "emg",
      subject: "S1",
      startedAt: "2024-03-05T12:13:14",
      facts: {},
      ...header,
      channels: headers,
    },
    channels: channels.map(({ samples, reason = [] }, index) => {
      const values = new sampleArrays[headers[index]!.sampleType](samples.length);
      values.set(samples);
      const codes = new Uint8Array(samples.length);
      codes.set(reason);
      return { samples: values, reason: codes };
    }),
    annotations,
  };
}

async function write(content: RecordingContent, options: Partial<WriteOptions> = {}) {
  const folder = memoryFolder();
  const repairs: { code: string; message: string }[] = [];
  await edfWriter.write(
    exportSource(content),
    folder.open,
    { ...allOptions, baseName: "a", ...options },
    (repair) => repairs.push(repair),
  );
  const [name, bytes] = [...folder.files][0]!;
  const back = () => readWhole(bytes[0] === 0xff ? bdfReader : edfReader, bytesSource(name, bytes));
  return {
    name,
    bytes,
    repairs,
    codes: repairs.map(({ code }) => code),
    back,
    text: (from: number, length: number) =>
      new TextDecoder("latin1").decode(bytes.subarray(from, from + length)).trimEnd(),
  };
}

const ramp = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
const find = () => edfReader;
const recogniseBoth = (head: Uint8Array) => (head[0] === 0xff ? bdfReader : find());

test("every file written obeys the standard's rules, header bytes to the last zero", async () => {
  await fc.assert(
    fc.asyncProperty(recordings(), fc.boolean(), fc.boolean(), async (content, withMask, withAnnotations) => {
      const { bytes } = await write(content, { withMask, withAnnotations });
      expect(brokenRules(bytes)).toEqual([]);
    }),
    { numRuns: 120, seed: 5 },
  );
}, 60_000);

test("the rules can be broken: the checker is not asleep", async () => {
  const { bytes } = await write(made([{ samples: ramp(9) }]));
  const change = (at: number, ...values: number[]): string[] => {
    const copy = bytes.slice();
    copy.set(values, at);
    return brokenRules(copy);
  };
  expect(brokenRules(bytes)).toEqual([]);
  expect(brokenRules(bytes.subarray(0, bytes.length - 1))[0]).toContain("file size");
  expect(change(90, 0xb5)[0]).toContain("header byte 90");
  expect(change(168, 0x32)).toContain("dates agree");
  expect(change(236, 0x37)[0]).toContain("file size");
  expect(change(256 + 120 * 2, 0x33)).not.toEqual([]); // digital minimum
  expect(change(bytes.length - 1, 1)).not.toEqual([]);
});

describe("samples", () => {
  test.each<[SampleType, number[]]>([
    ["int8", [-128, 127, 0]],
    ["uint8", [0, 255, 7]],
    ["int16", [-32768, 32767, -32767, 0, 5]],
    ["int32", [-8388608, 8388607, 0]],
  ])("%s comes back digit by digit, its lowest and highest value too", async (sampleType, samples) => {
    const { back } = await write(made([{ header: { sampleType }, samples }]));
    const { channels } = await back();
    expect([...channels[0]!.samples]).toEqual(samples);
    expect([...channels[0]!.reason]).toEqual(samples.map(() => 0));
  });

  test("whole numbers beyond 16 bits make the file BDF+, and this is said", async () => {
    const { name, codes, back } = await write(
      made([{ header: { sampleType: "int32" }, samples: [40000, -40000] }, { samples: [1, 2] }]),
    );
    expect(name).toBe("a.bdf");
    expect(codes).toContain("EDF_AS_BDF");
    expect([...(await back()).channels[0]!.samples]).toEqual([40000, -40000]);
  });

  test("int32 within 16 bits, and floats that are whole, stay EDF+ and exact", async () => {
    const { name, back, codes } = await write(
      made([
        { header: { sampleType: "int32" }, samples: [-5, 30000] },
        { header: { sampleType: "float64" }, samples: [12, -7] },
      ]),
    );
    expect(name).toBe("a.edf");
    expect((await back()).channels.map(({ samples }) => [...samples])).toEqual([
      [-5, 30000],
      [12, -7],
    ]);
    expect(codes).toEqual([]);
  });

  test("decimals are kept to the type's own precision", async () => {
    const samples = [0.1, -0.25, 137.75, 3.01];
    const { back, codes } = await write(made([{ header: { sampleType: "float32", gain: 1 }, samples }]));
    const { header, channels } = await back();
    const { gain, offset } = header.channels[0]!;
    expect([...channels[0]!.samples].map((value) => Number((value * gain + offset).toFixed(9)))).toEqual(
      samples,
    );
    expect(codes).toEqual(["EDF_DECIMALS"]);
  });

  test("other floats are rounded to the steps of their range, and this is said with the step", async () => {
    const samples = Array.from({ length: 50 }, (_, i) => Math.sin(i) * Math.PI);
    const { back, repairs } = await write(made([{ header: { sampleType: "float64", gain: 1 }, samples }]));
    const { header, channels } = await back();
    const { gain, offset } = header.channels[0]!;
    for (const [i, value] of channels[0]!.samples.entries())
      expect(Math.abs(value * gain + offset - samples[i]!)).toBeLessThanOrEqual(gain / 2 + 1e-12);
    expect(repairs.map(({ code }) => code)).toEqual(["EDF_QUANTISED"]);
    expect(repairs[0]!.message).toContain("steps of 0.0000958");
  });

  test("an observed value that is no number is written as missing, and said", async () => {
    const { back, codes } = await write(
      made([{ header: { sampleType: "float32" }, samples: [1, NaN, 3, Infinity] }]),
    );
    expect([...(await back()).channels[0]!.reason]).toEqual([0, 1, 0, 1]);
    expect(codes).toContain("EDF_VALUE_LOST");
  });

  test("common gains come back exactly: the scaling is computed from the written text", async () => {
    for (const gain of [
      1,
      0.25,
      0.5,
      0.01,
      0.001,
      1 / 200,
      1 / 256,
      0.1220703125,
      1 / 1024,
      -0.5,
      4.8828125e-4,
    ]) {
      const { back, codes } = await write(made([{ header: { gain }, samples: ramp(9, -4) }]));
      expect((await back()).header.channels[0]!.gain).toBe(gain);
      expect(codes).toEqual([]);
    }
  });

  test("a gain that eight characters cannot hold changes a value by less than a ten-thousandth of a step, and is said", async () => {
    for (const gain of [0.02235174, 0.1234567, Math.PI]) {
      const { back, repairs } = await write(made([{ header: { gain }, samples: [-30000, 30000] }]));
      const { header, channels } = await back();
      expect([...channels[0]!.samples]).toEqual([-30000, 30000]);
      expect(Math.abs(header.channels[0]!.gain / gain - 1)).toBeLessThan(1e-6);
      expect(repairs.map(({ code }) => code)).toEqual(["EDF_GAIN"]);
    }
  });

  test("a range beyond eight characters moves to another prefix or a written power of ten", async () => {
    const big = await write(made([{ header: { gain: 1e6 }, samples: [-30000, 30000] }]));
    expect((await big.back()).header.channels[0]).toMatchObject({ unit: "kV", gain: 0.001 });
    expect(big.codes).toContain("EDF_UNIT_PREFIX");
    const odd = await write(made([{ header: { gain: 1e-12, unit: "T/cm" }, samples: [-30000, 30000] }]));
    const { unit, gain } = (await odd.back()).header.channels[0]!;
    expect(unit).toBe("T/cm");
    expect(gain).toBeCloseTo(1e-12, 20);
  });

  test("BioSemi's status word stays 24 unsigned bits, beside exact channels", async () => {
    const status = {
      label: "Status",
      unit: "",
      gain: 1,
      sampleType: "int32" as const,
      role: "other" as const,
    };
    const { back, bytes } = await write(
      made([{ header: status, samples: [0, 0xffffff, 0x10000] }, { samples: [1, 2, 3] }]),
    );
    expect(brokenRules(bytes)).toEqual([]);
    const { header, channels } = await back();
    expect([...channels[0]!.samples]).toEqual([0, 0xffffff, 0x10000]);
    expect(header.channels[0]).toMatchObject({ label: "Status", gain: 1, offset: 0, unit: "" });
  });

  test("int32 beyond 24 bits is rounded, and this is said", async () => {
    const { name, codes, back } = await write(
      made([{ header: { sampleType: "int32", gain: 1 }, samples: [-2_000_000_000, 0, 2_000_000_000] }]),
    );
    expect([name, codes]).toEqual(["a.edf", ["EDF_QUANTISED", "EDF_UNIT_PREFIX"]]); // uV would need eleven characters
    const { header, channels } = await back();
    expect(header.channels[0]!.unit).not.toBe("uV");
    expect(channels[0]!.samples[2]! - channels[0]!.samples[0]!).toBeGreaterThan(65_000);
  });

  test("a gain of 0 is written as counts, and said", async () => {
    const { back, codes } = await write(made([{ header: { gain: 0 }, samples: [1, 2] }]));
    expect(codes).toContain("EDF_SCALE");
    expect([...(await back()).channels[0]!.samples]).toEqual([1, 2]);
  });

  test("a channel without a single observed sample is written", async () => {
    const { back, bytes } = await write(
      made([{ samples: ramp(8), reason: Array<number>(8).fill(1) }, { samples: [] }]),
    );
    expect(brokenRules(bytes)).toEqual([]);
    expect([...(await back()).channels[0]!.reason]).toEqual(Array(8).fill(1));
  });
});

describe("mask", () => {
  const every = [0, 1, 3, 4, 5, 6, 7, 8, 9, 0, 2, 2, 0];

  test("every reason comes back, on the very samples", async () => {
    const { back } = await write(made([{ samples: ramp(13), reason: every }, { samples: ramp(13, 50) }]));
    const { channels } = await back();
    expect([...channels[0]!.reason]).toEqual(every);
    expect([...channels[1]!.reason]).toEqual(Array(13).fill(0));
  });

  test("a value the device or a person doubts is kept beneath its reason; a missing one is the lowest code", async () => {
    const { channels } = await (await write(made([{ samples: ramp(13, 100), reason: every }]))).back();
    expect([...channels[0]!.samples]).toEqual([
      100, -32768, -32768, 103, 104, 105, 106, 107, -32768, 109, 0, 0, 112,
    ]);
  });

  test("what fills the gap of a sensor never looks measured; what an electrode that is off gave is kept", async () => {
    const reason = [0, 12, 13, 14, 15, 16, 17, 18, 0];
    const { channels } = await (await write(made([{ samples: ramp(9, 100), reason }]))).back();
    const [channel] = channels;
    expect([...channel!.samples]).toEqual([100, -32768, -32768, -32768, -32768, -32768, 106, -32768, 108]);
    expect([...channel!.reason]).toEqual(reason);
  });

  test("without the mask no unobserved sample looks observed", async () => {
    const { back, bytes } = await write(made([{ samples: ramp(13, 100), reason: every }]), {
      withMask: false,
    });
    const text = new TextDecoder("latin1").decode(bytes);
    expect(text).not.toContain("Missing:");
    const { channels } = await back();
    expect([...channels[0]!.reason.slice(0, 13)].map((code) => code !== 0)).toEqual(
      every.map((code) => code !== 0),
    );
    expect(new Set(channels[0]!.reason)).toEqual(new Set([0, maskReasons.missingInSource]));
  });

  test("-32768 as data without the mask needs 24 bits", async () => {
    const content = made([{ samples: [-32768, 5, 6], reason: [0, 1, 0] }]);
    expect((await write(content)).name).toBe("a.edf");
    const narrow = await write(content, { withMask: false });
    expect(narrow.name).toBe("a.bdf");
    expect([...(await narrow.back()).channels[0]!.reason.slice(0, 3)]).toEqual([0, 1, 0]);
  });

  test("a gap all channels share is a gap of EDF+D; one channel's own gap is words", async () => {
    const reason = (own: boolean): number[] =>
      Array.from({ length: 80 }, (_, i) => ((i >= 20 && i < 60) || (own && i === 70) ? 2 : 0));
    const { text, back, bytes } = await write(
      made([
        { samples: ramp(80), reason: reason(false) },
        { samples: ramp(80), reason: reason(true) },
      ]),
    );
    expect(text(192, 44)).toBe("EDF+D");
    expect(text(236, 8)).toBe("10"); // 20 s less the 10 s of the gap
    const words = new TextDecoder("latin1").decode(bytes);
    expect(words.match(/Missing:notRecorded/g)).toHaveLength(1);
    const { channels } = await back();
    expect([...channels[0]!.reason]).toEqual(reason(false));
    expect([...channels[1]!.reason]).toEqual(reason(true));
  });

  const out = (from: number, to: number, why: number, count = 96): number[] =>
    Array.from({ length: count }, (_, i) => (i >= from && i < to ? why : 0));

  test("an outage of every channel is a gap of EDF+D: no sample is moved, its reason comes back, and what is left of it in a record is filled up", async () => {
    const [down, slept] = [out(21, 63, maskReasons.linkDown), out(20, 65, maskReasons.hostSlept)];
    const written = await write(
      made([
        { samples: ramp(96, 1), reason: down },
        { samples: ramp(96, 101), reason: slept },
      ]),
    );
    expect(written.text(192, 44)).toBe("EDF+D");
    expect(brokenRules(written.bytes)).toEqual([]);
    const records = Number(written.text(236, 8));
    const duration = Number(written.text(244, 8));
    const perRecord = 4 * duration;
    const skipped = Math.floor(63 / perRecord) - Math.ceil(21 / perRecord);
    expect(skipped).toBeGreaterThan(0);
    expect(records).toBe(Math.ceil(96 / perRecord) - skipped);
    const words = new TextDecoder("latin1").decode(written.bytes);
    expect(words).toContain("+5.25\x1510.5\x14Missing:linkDown@@EMG 1\x14");
    expect(words).toContain("+5\x1511.25\x14Missing:hostSlept@@EMG 2\x14");
    expect(words.match(/Missing:/g)).toHaveLength(2);
    const { channels } = await written.back();
    expect([...channels[0]!.reason]).toEqual(down);
    expect([...channels[1]!.reason]).toEqual(slept);
    const kept = (from: number): number[] =>
      ramp(96, from).map((value, i) => ((from === 1 ? down : slept)[i] === 0 ? value : -32768));
    expect([...channels[0]!.samples]).toEqual(kept(1));
    expect([...channels[1]!.samples]).toEqual(kept(101));
  });

  test("an outage of one device alone, and a belt without signal, leave no record out", async () => {
    const alone = await write(
      made([{ samples: ramp(96), reason: out(20, 64, maskReasons.linkDown) }, { samples: ramp(96) }]),
    );
    expect(alone.text(192, 44)).toBe("EDF+C");
    const both = out(20, 64, maskReasons.noSignal);
    const silent = await write(
      made([
        { samples: ramp(96), reason: both },
        { samples: ramp(96), reason: both },
      ]),
    );
    expect(silent.text(192, 44)).toBe("EDF+C");
  });

  test("what ends in an outage is as long as it was, and one that is shorter than a record is words alone", async () => {
    const end = out(20, 96, maskReasons.linkDown);
    const ended = await write(
      made([
        { samples: ramp(96), reason: end },
        { samples: ramp(96), reason: end },
      ]),
    );
    expect(ended.text(192, 44)).toBe("EDF+D");
    const { channels } = await ended.back();
    expect(channels.map(({ reason }) => [...reason])).toEqual([end, end]);
    const short = out(21, 23, maskReasons.linkDown);
    const brief = await write(made([{ samples: ramp(96), reason: short }]));
    expect(brief.text(192, 44)).toBe("EDF+C");
    expect([...(await brief.back()).channels[0]!.reason]).toEqual(short);
  });

  test("an outage without the mask is a gap, and nothing in it looks measured", async () => {
    const reason = out(21, 63, maskReasons.stalled);
    const { text, back } = await write(made([{ samples: ramp(96), reason }]), { withMask: false });
    expect(text(192, 44)).toBe("EDF+D");
    const { channels } = await back();
    expect([...channels[0]!.reason].map((code) => code !== 0)).toEqual(reason.map((code) => code !== 0));
  });

  test("an outage of hours at two rates comes back as it was, in blocks", async () => {
    const hours = 3 * 3600;
    const slow = out(100, 4 * hours, maskReasons.linkDown, 4 * hours + 400);
    const fast = out(400, 16 * hours, maskReasons.linkDown, 16 * hours + 1600);
    const content = made([
      { samples: slow.map((_, i) => i % 1000), reason: slow },
      { header: { sampleRate: 16 }, samples: fast.map((_, i) => i % 1000), reason: fast },
    ]);
    const { bytes, back } = await write(content);
    expect(bytes.length, "the gap takes no room").toBeLessThan(16_000);
    const { channels } = await back();
    expect(Buffer.from(channels[0]!.reason).equals(Buffer.from(slow))).toBe(true);
    expect(Buffer.from(channels[1]!.reason).equals(Buffer.from(fast))).toBe(true);
  });

  test("of years that a file says are missing no more is made than of a long night", async () => {
    const reason = out(26, 260, maskReasons.linkDown, 400); // 18.28125 s of 12.8 Hz
    const made12 = made([{ header: { sampleRate: 12.8 }, samples: ramp(400), reason }]);
    const { bytes, text } = await write(made12);
    const told = new TextDecoder("latin1").decode(bytes);
    const forged = bytes.slice();
    const put = (wanted: string, instead: string): void => {
      const at = told.indexOf(wanted);
      expect(at, wanted).toBeGreaterThan(0);
      forged.set(new TextEncoder().encode(instead), at);
    };
    const last = 12.8 * Number(text(244, 8));
    const start = (Math.ceil(400 / last) - 1) * Number(text(244, 8));
    put("\x1518.28125\x14", "\x1530000000\x14");
    put(`+${start}\x14\x14\0`, "+20000000\x14\x14\0");
    const repairs: string[] = [];
    const opened = await openEdf(bytesSource("a.edf", forged), {}, ({ code }) => repairs.push(code));
    let count = 0;
    for await (const block of opened.blocks(() => undefined)) count += block.samples.length;
    expect(repairs).toContain("EDF_OUTAGE_LONG");
    expect(count).toBeGreaterThan(1 << 26);
    expect(count).toBeLessThan((1 << 26) + 5 * bytes.length);
  });

  test("channels of different lengths end where they ended", async () => {
    const { channels } = await (
      await write(
        made([
          { samples: ramp(10) },
          { samples: ramp(3) },
          { header: { sampleRate: 12.8 }, samples: ramp(7) },
        ]),
      )
    ).back();
    expect(channels.map(({ samples }) => samples.length)).toEqual([10, 3, 7]);
  });
});

describe("header", () => {
  test("Japanese labels and units get ASCII in the header and come back in full", async () => {
    const { text, codes, back } = await write(
      made(
        [
          { header: { label: "胎児心拍数", unit: "拍/分", role: "fhr" }, samples: [1] },
          { header: { label: "右前腕屈筋群", unit: "µV" }, samples: [1] },
        ],
        { subject: "患者 7", kind: "ctg" },
      ),
    );
    expect([text(256, 16), text(272, 16)]).toEqual(["FHR", "R _____"]);
    expect(codes.filter((code) => code === "EDF_LABEL")).toHaveLength(2);
    const { header, annotations } = await back();
    expect(header).toMatchObject({ subject: "患者 7", kind: "ctg" });
    expect(header.channels).toMatchObject([
      { label: "胎児心拍数", unit: "拍/分", role: "fhr" },
      { label: "右前腕屈筋群", unit: "µV", role: "emg" },
    ]);
    expect(annotations).toEqual([]);
  });

  test("labels are told apart, and none is taken for annotations or BioSemi's status word", async () => {
    const same = (label: string, sampleType: SampleType = "int16"): Made => ({
      header: { label, sampleType },
      samples: [100000],
    });
    const { text, back } = await write(
      made([
        same("EDF Annotations"),
        same("EMG"),
        same("EMG"),
        same("Status", "int32"),
        same("x".repeat(30)),
        same("x".repeat(30)),
        same(""),
      ]),
    );
    const labels = ramp(7).map((i) => text(256 + 16 * i, 16));
    expect(new Set(labels).size).toBe(7);
    expect(labels).not.toContain("Status");
    expect((await back()).header.channels.map(({ label }) => label)).toEqual([
      "EDF Annotations",
      "EMG",
      "EMG",
      "Status",
      "x".repeat(30),
      "x".repeat(30),
      "",
    ]);
  });

  test.each([
    ["2024-03-05T12:13:14.5", "05.03.24", "12.13.14"],
    ["1999-12-31T23:59:59.0000001", "31.12.99", "23.59.59"],
    ["2090-01-01T00:00:00", "01.01.yy", "00.00.00"],
  ])("the start %s comes back to the nanosecond", async (startedAt, date, time) => {
    const { text, back } = await write(
      made([{ samples: ramp(9) }], {
        startedAt,
        annotations: [{ onsetS: 1.25, durationS: 0.5, label: "x", channel: 0, note: "" }],
      }),
    );
    expect([text(168, 8), text(176, 8)]).toEqual([date, time]);
    const { header, annotations } = await back();
    expect(header.startedAt).toBe(startedAt);
    expect(annotations).toEqual([{ onsetS: 1.25, durationS: 0.5, label: "x", channel: 0, note: "" }]);
  });

  test("a start that is no time is written as unknown, a long patient field is cut, both are said", async () => {
    const bad = await write(made([{ samples: [1] }], { startedAt: "yesterday" }));
    expect(bad.codes).toEqual(["EDF_START_UNREADABLE"]);
    const long = await write(made([{ samples: [1] }], { facts: { "patient name": "n".repeat(90) } }));
    expect(long.codes).toEqual(["EDF_PATIENT_CUT"]);
    expect(brokenRules(long.bytes)).toEqual([]);
  });

  test("transducer, prefilter, technician and admin code go through", async () => {
    const facts = {
      "channel 1 transducer": "needle",
      "channel 1 prefilter": "HP:20Hz",
      technician: "Koch",
      "admin code": "EMG561",
    };
    const { header } = await (await write(made([{ samples: [1] }], { facts }))).back();
    expect(header.facts).toMatchObject(facts);
  });

  test("an unknown start stays unknown; a zone is dropped and said", async () => {
    expect(
      (await (await write(made([{ samples: [1] }], { startedAt: undefined }))).back()).header.startedAt,
    ).toBeUndefined();
    const zoned = await write(made([{ samples: [1] }], { startedAt: "2024-03-05T12:13:14Z" }));
    expect(zoned.codes).toEqual(["EDF_ZONE"]);
    expect((await zoned.back()).header.startedAt).toBe("2024-03-05T12:13:14");
  });

  test.each([
    ["A".repeat(78), {}, "A".repeat(72)],
    ["S1", { "patient name": "N".repeat(90), "patient sex": "F" }, "S1"],
    ["S1", { "patient name": "N".repeat(90), "patient birthdate": "B".repeat(80) }, "S1"],
  ])(
    "a patient field of more than 80 characters keeps its four items, and all comes back",
    async (subject, facts, code) => {
      const { text, bytes, codes, back } = await write(made([{ samples: [1] }], { subject, facts }));
      expect(brokenRules(bytes)).toEqual([]);
      expect(text(8, 80).split(" ")).toHaveLength(4);
      expect(text(8, 80).split(" ")[0]).toBe(code);
      expect(codes).toContain("EDF_PATIENT_CUT");
      const { header } = await back();
      expect(header.subject).toBe(subject);
      expect(header.facts).toMatchObject(facts);
    },
  );

  test("facts without a field of their own are kept, and said; others' programs see nothing of them", async () => {
    const facts = { pH: "7.21", 備考: "双胎", long: "x".repeat(2000) };
    const { codes, repairs, back } = await write(made([{ samples: [1] }], { facts }));
    expect(codes).toContain("EDF_FACTS");
    expect(repairs.find(({ code }) => code === "EDF_FACTS")?.message).toContain("pH, 備考, long");
    expect((await back()).header.facts).toMatchObject(facts);
  });
});

describe("annotations", () => {
  test("thousands in one second find room in the records there are", async () => {
    const annotations = ramp(3000).map((i) => ({
      onsetS: i / 3000,
      durationS: 0,
      label: `陣痛 ${i}`,
      channel: i % 2,
      note: i % 3 === 0 ? "メモ" : "",
    }));
    const { bytes, back } = await write(
      made([{ samples: ramp(80) }, { samples: ramp(80) }], { annotations }),
    );
    expect(brokenRules(bytes)).toEqual([]);
    const read = (await back()).annotations;
    expect(read.map(({ label, channel, note }) => [label, channel, note])).toEqual(
      annotations.map(({ label, channel, note }) => [label, channel, note]),
    );
  });

  /** Texts as MNE and edfio find them: onset, then texts up to the separator, none with a line feed. */
  const seenByOthers = (bytes: Uint8Array): string[] => {
    const [end, duration, zero] = [0x14, 0x15, 0].map((code) => String.fromCharCode(code));
    const number = String.raw`\d+\.?\d*`;
    const list = new RegExp(`[+-]${number}(?:${duration}${number})?${end}(.*?)${end}${zero}`, "g");
    return [...new TextDecoder().decode(bytes).matchAll(list)]
      .flatMap(([, texts]) => texts!.split(end!))
      .filter((text) => text !== "");
  };

  test("other programs see the text of an annotation and nothing else, whatever it has beside it", async () => {
    const one = { onsetS: 0, durationS: 0 };
    const annotations = [
      { ...one, label: "中文测试八个字", channel: 0, note: "two\nlines", author: "A" },
      { ...one, label: "(N", channel: undefined, note: "", author: "B" },
      { ...one, label: "Missing:droppedPacket@@EMG 1", channel: undefined, note: "", author: "A" },
    ];
    const { bytes, codes, back } = await write(made([{ samples: [1] }], { annotations }));
    expect(seenByOthers(bytes)).toEqual(["中文测试八个字", "(N", " Missing:droppedPacket@@EMG 1"]);
    expect(codes).toEqual(["EDF_DETAILS"]);
    expect((await back()).annotations).toEqual(annotations);
  });

  test("what EDF+ has no place for is written as it can be, said, and comes back as it was", async () => {
    const labels = ["a\x14b\x00c", "", "  ", "line\nfeed", "長い文".repeat(200)];
    const annotations = labels.map((label) => ({
      onsetS: 0,
      durationS: 0,
      label,
      channel: undefined,
      note: "",
    }));
    const { bytes, codes, back } = await write(made([{ samples: [1] }], { annotations }));
    const [first, second, third, fourth, long] = seenByOthers(bytes);
    expect([first, second, third, fourth]).toEqual(["a b c", "(empty)", "(empty)", "line feed"]);
    expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(510);
    expect((await back()).annotations.map(({ label }) => label)).toEqual(labels);
    expect(codes.toSorted()).toEqual([
      "EDF_ANNOTATION_CONTROL",
      "EDF_ANNOTATION_EMPTY",
      "EDF_ANNOTATION_LONG",
      "EDF_DETAILS",
    ]);
  });

  test("a recording of annotations alone is one record of 0 s", async () => {
    const { bytes, back } = await write(
      made([], { annotations: [{ onsetS: 30, durationS: 60, label: "W", channel: undefined, note: "" }] }),
    );
    expect(brokenRules(bytes)).toEqual([]);
    expect((await back()).annotations).toMatchObject([{ onsetS: 30, durationS: 60, label: "W" }]);
  });
});

describe("records", () => {
  test("a length that no record of a second divides gets one that does, and nothing is filled up", async () => {
    const { codes, text, back } = await write(
      made([{ header: { sampleRate: 100 }, samples: ramp(1050) }], {}),
    );
    expect(Number(text(236, 8)) * Number(text(244, 8))).toBe(10.5);
    expect(codes).not.toContain("EDF_PADDED");
    expect((await back()).channels[0]!.samples).toHaveLength(1050);
  });

  test.each([true, false])(
    "where one must be filled up it is said, and the length comes back (mask %s)",
    async (withMask) => {
      const { codes, back } = await write(made([{ header: { sampleRate: 100 }, samples: ramp(1009) }]), {
        withMask,
      });
      expect(codes).toContain("EDF_PADDED");
      expect([...(await back()).channels[0]!.samples]).toEqual(ramp(1009));
    },
  );

  test.each<[number[], string, number[]]>([
    [[4], "1", [4]],
    [[1000, 200], "1", [1000, 200]],
    [[100, 12.8], "1.25", [125, 16]],
    [[0.5, 1], "2", [1, 2]],
    [[1 / 3, 3], "3", [1, 9]],
    [[100 / 3], "0.99", [33]],
    [[192 / 9.59375, 128], "4.796875", [96, 614]],
    [Array<number>(40).fill(10_000), "0.05", Array<number>(40).fill(500)],
  ])("rates %j share records of %s s", (rates, text, samples) => {
    expect(planRecords(rates, 2)).toMatchObject({ durationText: text, samples, rates });
  });

  test("rates that no record can share are approached and the drift is said", async () => {
    const rates = [1 / 7, 99.97, 1000.003, 1 / 59];
    const plan = planRecords(rates, 2);
    for (const [i, rate] of rates.entries()) expect(Math.abs(plan.rates[i]! / rate - 1)).toBeLessThan(1e-2);
    const { codes, bytes } = await write(
      made(rates.map((sampleRate) => ({ header: { sampleRate }, samples: [1, 2] }))),
    );
    expect(codes).toContain("EDF_RATE");
    expect(brokenRules(bytes)).toEqual([]);
  });

  test("numbers of eight characters: minimum down, maximum up, shortest where exact", () => {
    expect(formatDecimal(-8191.75, "down")).toBe("-8191.75");
    expect(formatDecimal(1 / 3, "down")).toBe("0.333333");
    expect(formatDecimal(1 / 3, "up")).toBe("0.333334");
    expect(formatDecimal(-1 / 3, "down")).toBe("-0.33334");
    expect(formatDecimal(99_999_999.4, "down")).toBe("99999999");
    expect(formatDecimal(99_999_999.5, "up")).toBeUndefined();
    expect(formatDecimal(-12_345_678, "down")).toBeUndefined();
    fc.assert(
      fc.property(fc.double({ min: -9_999_998, max: 99_999_998, noNaN: true }), (value) => {
        const [down, up] = [formatDecimal(value, "down")!, formatDecimal(value, "up")!];
        expect(Number(down)).toBeLessThanOrEqual(value + Math.abs(value) * 1e-15);
        expect(Number(up)).toBeGreaterThanOrEqual(value - Math.abs(value) * 1e-15);
        expect(Math.max(down.length, up.length)).toBeLessThanOrEqual(8);
      }),
    );
  });
});

test("how much is read at once changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(recordings({ mostChannels: 6 }), async (content) => {
      const { set, result } = await roundTrip(edfWriter, recogniseBoth, content);
      const bytes = set.files.get(set.main)!;
      for (const slabBytes of [6, 31, 500, 4096]) {
        const reader = {
          ...edfReader,
          open: (...[source, options, repair]: Parameters<typeof openEdf>) =>
            openEdf(source, options, repair, slabBytes),
        };
        const small = await readWhole(reader, bytesSource(set.main, bytes));
        expect(small.channels).toEqual(result.channels);
        expect(small.annotations).toEqual(result.annotations);
      }
    }),
    { numRuns: 25, seed: 9 },
  );
}, 60_000);

test("a cancelled export stops, and progress ends at 1", async () => {
  await expect(write(made([{ samples: ramp(9) }]), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled/by-user",
  });
  const seen: number[] = [];
  await write(made([{ samples: ramp(900) }]), { progress: (done) => seen.push(done) });
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test("annotations alone name their channel beside the text, where there is one of that number", async () => {
  const { header } = made([{ samples: [1] }, { samples: [2] }], {});
  const folder = memoryFolder();
  const plain = { durationS: 1, note: "" };
  const annotations = [
    { ...plain, onsetS: 1, label: "whole", channel: undefined },
    { ...plain, onsetS: 2, label: "second", channel: 1 },
    { ...plain, onsetS: 3, label: "noted", channel: 0, note: "moved" },
    { ...plain, onsetS: 4, label: "beyond", channel: 7 },
  ];
  await writeAnnotationsAlone(
    { header, annotations },
    () => folder.open("alone.edf"),
    () => undefined,
  );
  const bytes = folder.files.get("alone.edf")!;
  const read = await readWhole(edfReader, bytesSource("alone.edf", bytes));
  expect(read.annotations).toMatchObject([
    { label: "whole", note: "" },
    { label: "second", channelLabel: "EMG 2" },
    { label: "noted", channelLabel: "EMG 1", note: "moved" },
    { label: "beyond", note: "" },
  ]);
});
