import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { maskReasons } from "../../../preload/contract/mask.ts";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { bytesSource, readWhole } from "../memory.ts";
import { sharedFile } from "../shared-data.test-support.ts";
import { build, type Part } from "./edf-builder.test-support.ts";
import { isoLocal, parseIsoLocal, parseLongDate } from "./dates.ts";
import { parseDecimal, parseInteger, scalingOf } from "./decimal.ts";
import { missingReason } from "./missing.ts";
import { bdfReader, edfReader } from "./reader.ts";

const read = (bytes: Uint8Array, options: ImportOptions = {}, name = "a.edf") =>
  readWhole(bytes[0] === 0xff ? bdfReader : edfReader, bytesSource(name, bytes), options);
const codes = (result: { repairs: readonly { code: string }[] }): string[] =>
  result.repairs.map(({ code }) => code);

const one: Part = { label: "EMG", unit: "uV", phys: ["-100", "100"], dig: ["-1000", "1000"], perRecord: 4 };
const ramp = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
const stamps = (...onsets: string[]): string[] => onsets.map((onset) => `${onset}\x14\x14\0`);

describe("header", () => {
  test("the scaling is physMin + (dig - digMin) * (physMax - physMin) / (digMax - digMin)", async () => {
    const { header, channels } = await read(build({ parts: [one], samples: [ramp(8)] }));
    expect(header.channels[0]).toEqual({
      label: "EMG",
      unit: "uV",
      sampleRate: 4,
      role: "emg",
      sampleType: "int16",
      gain: 0.1,
      offset: 0,
    });
    expect([...channels[0]!.samples]).toEqual(ramp(8));
    expect([...channels[0]!.reason]).toEqual(Array(8).fill(0));
  });

  test("fields stand signal after signal, transducer before physical dimension", async () => {
    const parts: Part[] = [
      { ...one, transducer: "needle", prefilter: "HP:20Hz" },
      { ...one, label: "B", unit: "mV", perRecord: 2 },
    ];
    const { header } = await read(build({ parts, samples: [ramp(4), ramp(2)] }));
    expect(header.channels.map(({ label, unit }) => [label, unit])).toEqual([
      ["EMG", "uV"],
      ["B", "mV"],
    ]);
    expect(header.facts).toMatchObject({
      "channel 1 transducer": "needle",
      "channel 1 prefilter": "HP:20Hz",
    });
  });

  test.each([
    ["1e308", "4e-308"],
    ["1e-320", "Infinity"],
    ["1e-9", "4000000000"],
    ["99999999", "4.00000004e-8"],
  ])("a record of %s s with 4 samples is refused by its rate", async (duration, rate) => {
    await expect(read(build({ parts: [one], samples: [ramp(4)], duration }))).rejects.toMatchObject({
      code: "data/sample-rate",
      message: expect.stringContaining(rate) as string,
      detail: { file: "a.edf", offset: 244, channel: "EMG", allowed: "0.00001 to 100000000 Hz" },
    });
  });

  test("physical limits that make a gain no channel has leave counts", async () => {
    const phys = ["-1e300", "1e300"] as const;
    const result = await read(build({ parts: [{ ...one, phys }], samples: [ramp(4)] }));
    expect(result.header.channels[0]).toMatchObject({ gain: 1, offset: 0, unit: "" });
    expect(codes(result)).toContain("EDF_UNCALIBRATED");
  });

  test("a header that claims a hundred million records is read as far as the file goes, at once", async () => {
    const result = await read(build({ parts: [one], samples: [ramp(8)], recordCount: "99999999" }));
    expect(result.channels[0]!.samples).toHaveLength(8);
    const wide = build({
      parts: [{ ...one, perRecord: 99_999_999 }],
      samples: [ramp(8)],
      recordCount: "99999999",
    });
    expect((await read(wide)).channels[0]!.samples).toHaveLength(8);
  });

  test("a record count of -1, too high, or no number is taken from the file's size", async () => {
    for (const recordCount of ["-1", "99", "abc"]) {
      const result = await read(build({ parts: [one], samples: [ramp(12)], recordCount }));
      expect(result.channels[0]!.samples.length).toBe(12);
      expect(result.repairs).toMatchObject([
        { code: expect.stringMatching(/^EDF_RECORD_COUNT/) as string, offset: 236, file: "a.edf" },
      ]);
    }
  });

  test("whole records beyond the declared count are read, and said", async () => {
    const result = await read(build({ parts: [one], samples: [ramp(12)], recordCount: "2" }));
    expect(result.channels[0]!.samples.length).toBe(12);
    expect(codes(result)).toEqual(["EDF_RECORD_COUNT"]);
  });

  test("a tail after the declared records that is no record is ignored, and said", async () => {
    const plain = build({ parts: [one], samples: [ramp(12)] });
    const tail = await read(Uint8Array.from([...plain, 1, 2, 3]));
    expect(tail.channels[0]!.samples.length).toBe(12);
    expect(tail.repairs).toMatchObject([{ code: "EDF_TAIL", offset: plain.length }]);
    const plus = build({
      parts: [one],
      samples: [ramp(8)],
      reserved: "EDF+C",
      annotations: [stamps("+0", "+1")],
    });
    const long = await read(Uint8Array.from([...plus, ...new Uint8Array(plus.length)]));
    expect(long.channels[0]!.samples.length).toBe(8);
    expect(codes(long)).toEqual(["EDF_TAIL_RECORDS", ...freeText]);
  });

  test("a last record that is cut keeps the samples that are there", async () => {
    const parts: Part[] = [one, { ...one, label: "B", perRecord: 2 }];
    const whole = build({ parts, samples: [ramp(12), ramp(6)] });
    const result = await read(whole.subarray(0, whole.length - 5)); // B lost both, A its last (half a sample goes too)
    expect(result.channels.map(({ samples }) => samples.length)).toEqual([11, 4]);
    expect(codes(result)).toEqual(["EDF_RECORD_COUNT", "EDF_TRUNCATED_RECORD"]);
  });

  test.each([
    [{ dig: ["0", "0"] as const }, 'digital range "0" to "0"'],
    [{ dig: ["10", "-10"] as const }, 'digital range "10" to "-10"'],
    [{ phys: ["5", "5"] as const }, 'physical range "5" to "5"'],
    [{ phys: ["?", "5"] as const }, 'physical range "?" to "5"'],
    [{ dig: ["", "5"] as const }, 'digital range "" to "5"'],
    [{ phys: ["-1e308", "1e308"] as const }, 'physical range "-1e308" to "1e308"'],
  ])("%j is kept as raw counts with gain 1", async (range, words) => {
    const result = await read(build({ parts: [{ ...one, ...range }], samples: [ramp(4, 30000)] }));
    expect(result.header.channels[0]).toMatchObject({ gain: 1, offset: 0, unit: "" });
    expect([...result.channels[0]!.samples]).toEqual(ramp(4, 30000));
    expect(result.repairs.find(({ code }) => code === "EDF_UNCALIBRATED")?.message).toContain(words);
  });

  test("physMin above physMax is a negative gain, honoured and said", async () => {
    const result = await read(build({ parts: [{ ...one, phys: ["100", "-100"] }], samples: [ramp(4)] }));
    expect(result.header.channels[0]).toMatchObject({ gain: -0.1, offset: 0 });
    expect(result.repairs).toMatchObject([{ code: "EDF_NEGATIVE_GAIN", offset: 256 + 104 }]);
  });

  test("values outside the declared digital range are kept and counted, not masked", async () => {
    const result = await read(build({ parts: [one], samples: [[-1001, -1000, 1000, 1001]] }));
    expect([...result.channels[0]!.samples]).toEqual([-1001, -1000, 1000, 1001]);
    expect([...result.channels[0]!.reason]).toEqual([0, 0, 0, 0]);
    expect(result.repairs).toMatchObject([{ code: "EDF_OUT_OF_RANGE" }]);
    expect(result.repairs[0]!.message).toContain("2 samples");
  });

  test("a decimal comma is read and said", async () => {
    const result = await read(build({ parts: [{ ...one, phys: ["-0,5", "0,5"] }], samples: [ramp(4)] }));
    expect(result.header.channels[0]!.gain).toBe(1 / 2000);
    expect(codes(result)).toEqual(["EDF_NUMBER", "EDF_NUMBER"]);
  });

  test("equal labels are all kept", async () => {
    const result = await read(build({ parts: [one, one], samples: [ramp(4), ramp(4, 9)] }));
    expect(result.header.channels.map(({ label }) => label)).toEqual(["EMG", "EMG"]);
    expect(codes(result)).toEqual(["EDF_DUPLICATE_LABEL"]);
  });

  test("each signal keeps its own rate, fractional ones too", async () => {
    const parts: Part[] = [
      { ...one, perRecord: 128 },
      { ...one, label: "B", perRecord: 1 },
      { ...one, label: "C", perRecord: 192 },
    ];
    const result = await read(build({ parts, samples: [ramp(128), [7], ramp(192)], duration: "9.59375" }));
    expect(result.header.channels.map(({ sampleRate }) => sampleRate)).toEqual([
      128 / 9.59375,
      1 / 9.59375,
      192 / 9.59375,
    ]);
    expect(result.channels.map(({ samples }) => samples.length)).toEqual([128, 1, 192]);
  });

  test("a signal count that cannot be right gives way to the header's length", async () => {
    const result = await read(build({ parts: [one], samples: [ramp(4)], signalCount: "17" }));
    expect(result.channels[0]!.samples.length).toBe(4);
    expect(result.repairs).toMatchObject([{ code: "EDF_SIGNAL_COUNT", offset: 252 }]);
  });

  test("a header length that does not fit the signals gives way to their count", async () => {
    const result = await read(build({ parts: [one], samples: [ramp(4)], headerBytes: "9999" }));
    expect(result.repairs).toMatchObject([{ code: "EDF_HEADER_LENGTH", offset: 184 }]);
  });

  test("what is no EDF is refused with file, offset, value and what is allowed", async () => {
    await expect(read(new TextEncoder().encode("time,FHR\n0,140\n"))).rejects.toMatchObject({
      code: "data/not-edf",
      detail: { file: "a.edf", offset: 0, value: "time,FHR" },
    });
    const whole = build({ parts: [one], samples: [ramp(4)] });
    await expect(read(whole.subarray(0, 200))).rejects.toMatchObject({
      code: "data/edf-header-cut",
      detail: { offset: 200 },
    });
    await expect(read(whole.subarray(0, 300))).rejects.toMatchObject({
      code: "data/edf-header-cut",
      detail: { offset: 300, value: 300, allowed: ">= 512 bytes" },
    });
  });
});

describe("text", () => {
  const named = (label: Uint8Array, unit: Uint8Array, options: ImportOptions = {}) =>
    read(build({ parts: [{ ...one, label, unit }], samples: [ramp(4)] }), options);
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

  test.each([
    ["UTF-8", bytes(0xc2, 0xb5, 0x56)], // U+00B5
    ["UTF-8 Greek", bytes(0xce, 0xbc, 0x56)], // U+03BC
    ["Latin-1", bytes(0xb5, 0x56)],
    ["Shift-JIS", bytes(0x83, 0xca, 0x56)],
  ])("the micro sign in %s is uV", async (_encoding, unit) => {
    const result = await named(ascii("X1"), unit);
    expect(result.header.channels[0]!.unit).toBe("uV");
    expect(codes(result)).toContain("EDF_HEADER_ENCODING");
  });

  test.each([
    ["shift_jis", bytes(0x8b, 0xd8, 0x93, 0x64, 0x90, 0x7d)],
    ["euc-jp", bytes(0xb6, 0xda, 0xc5, 0xc5, 0xbf, 0xde)],
    ["utf-8", ascii("筋電図")],
  ])("a Japanese label in %s is read", async (encoding, label) => {
    const result = await named(label, ascii("uV"));
    expect(result.header.channels[0]).toMatchObject({ label: "筋電図", role: "emg" });
    expect(result.repairs.find(({ code }) => code === "EDF_HEADER_ENCODING")?.message).toContain(encoding);
  });

  test("a lone degree sign and accents are Latin-1", async () => {
    expect(
      (await named(bytes(0x46, 0xfc, 0x68, 0x6c, 0x65, 0x72), bytes(0xb0))).header.channels[0],
    ).toMatchObject({ label: "Fühler", unit: "°" });
  });

  test("a chosen encoding wins", async () => {
    expect(
      (await named(bytes(0xb5, 0x56), ascii("V"), { headerEncoding: "shift_jis" })).header.channels[0]!.label,
    ).toBe("ｵV");
  });

  test.each(["ascii", "shift_jis"] as const)(
    "a stray byte beside the samples a record leaves their number as it is, read as %s",
    async (headerEncoding) => {
      const file = build({ parts: [one], samples: [ramp(8)] });
      file[256 + 216 + 1] = 0xa0; // no-break space in Latin-1, half a character in Shift-JIS
      const { header, channels } = await read(file, { headerEncoding });
      expect(header.channels[0]!.sampleRate).toBe(4);
      expect([...channels[0]!.samples]).toEqual(ramp(8));
    },
  );

  test("fields padded with zero bytes are read", async () => {
    const result = await named(bytes(0x45, 0x4d, 0x47, 0, 0, 0), ascii("uV"));
    expect(result.header.channels[0]!.label).toBe("EMG");
    expect(result.repairs).toMatchObject([{ code: "EDF_HEADER_BYTES", offset: 259 }]);
  });
});

describe("start", () => {
  const started = (date: string, time: string, extra: object = {}) =>
    read(build({ parts: [one], samples: [ramp(4)], date, time, ...extra }));

  test.each([
    ["01.02.85", "1985-02-01"],
    ["31.12.99", "1999-12-31"],
    ["01.01.00", "2000-01-01"],
    ["29.02.84", "2084-02-29"],
  ])("the two digits of %s are %s", async (date, iso) => {
    expect((await started(date, "10.11.12")).header.startedAt).toBe(`${iso}T10:11:12`);
  });

  test.each(["1.2.03", " 1.2.03", "01:02:03", "01/02/03", "01-02-03", "1'2'3", "01 02 03", "1:2:03"])(
    "%j is 1 February 2003, and said",
    async (date) => {
      const result = await started(date, "10:11:12");
      expect(result.header.startedAt).toBe("2003-02-01T10:11:12");
      expect(codes(result)).toEqual(["EDF_DATE_FORM", "EDF_TIME_FORM"]);
    },
  );

  test.each([
    ["30.02.20", "10.11.12"],
    ["", ""],
    ["01.02.20", "25.00.00"],
    ["xx.yy.zz", "10.11.12"],
  ])("%j %j gives no start, and says so", async (date, time) => {
    const result = await started(date, time);
    expect(result.header.startedAt).toBeUndefined();
    expect(result.repairs.some(({ severity }) => severity === "warning")).toBe(true);
  });

  test("the four-digit date of the recording field wins over two digits, in any case of letters", async () => {
    const result = await started("05.03.24", "00.00.01", { recording: "Startdate 06-mar-2024 X X X" });
    expect(result.header.startedAt).toBe("2024-03-06T00:00:01");
    expect(codes(result)).toEqual(["EDF_DATE_MISMATCH"]);
    const late = await started("01.02.yy", "00.00.01", { recording: "Startdate 01-FEB-2090 X X X" });
    expect(late.header.startedAt).toBe("2090-02-01T00:00:01");
    expect(codes(late)).toEqual([]);
  });

  test("a start below the second comes from the first record's stamp; onsets count from there", async () => {
    const annotations = [["+0.3945312\x14\x14\0+1.8945312\x14late\x14\0", "+1.3945312\x14\x14\0"]];
    const result = await started("01.02.20", "10.11.12", {
      samples: [ramp(8)],
      reserved: "EDF+C",
      annotations,
    });
    expect(result.header.startedAt).toBe("2020-02-01T10:11:12.3945312");
    expect(result.annotations).toMatchObject([{ onsetS: 1.5, label: "late" }]);
    expect(codes(result)).toEqual(freeText);
  });

  test("a first stamp of a second or more moves the start, and says so", async () => {
    const result = await started("01.02.20", "10.11.12", {
      samples: [ramp(8)],
      reserved: "EDF+C",
      annotations: [stamps("+567", "+568")],
    });
    expect(result.header.startedAt).toBe("2020-02-01T10:20:39");
    expect(codes(result)).toContain("EDF_START_OFFSET");
  });
});

const freeText = ["EDF_PATIENT", "EDF_RECORDING"]; // the builder's fields are not structured unless told

describe("people", () => {
  const plus = (patient: string) =>
    read(
      build({
        parts: [one],
        samples: [ramp(4)],
        reserved: "EDF+C",
        annotations: [stamps("+0")],
        patient,
        recording: "Startdate X X X X",
      }),
    );

  test("code, sex, birthdate and name are taken apart", async () => {
    const result = await plus("MCH-0234567 F 02-MAY-1951 Haagse_Harry weight=70");
    expect(result.header.subject).toBe("MCH-0234567");
    expect(result.header.facts).toMatchObject({
      "patient sex": "F",
      "patient name": "Haagse Harry",
      "patient further": "weight=70",
    });
  });

  test("X is unknown, XYZ is a code", async () => {
    expect((await plus("X X X X")).header.subject).toBeUndefined();
    expect((await plus("XYZ X X X")).header.subject).toBe("XYZ");
  });

  test("missing items are unknown, and said", async () => {
    const result = await plus("P7 M");
    expect(result.header.subject).toBe("P7");
    expect(result.repairs).toMatchObject([{ code: "EDF_PATIENT", offset: 8 }]);
  });
});

describe("annotations", () => {
  const annotated = (reserved: string, ...records: string[]) =>
    read(
      build({
        parts: [one],
        samples: [ramp(4 * records.length)],
        reserved,
        annotations: [records],
        recording: "Startdate X X X X",
        patient: "X X X X",
      }),
    );

  test("one list may carry several texts, a duration, line breaks and Japanese", async () => {
    const { annotations } = await annotated(
      "EDF+C",
      "+0\x14\x14\0+0.5\x150.25\x14陣痛\x14second\x14\0-1\x14before\nwith a note\x14\0",
    );
    expect(annotations).toEqual([
      { onsetS: -1, durationS: 0, label: "before", channel: undefined, note: "with a note" },
      { onsetS: 0.5, durationS: 0.25, label: "陣痛", channel: undefined, note: "" },
      { onsetS: 0.5, durationS: 0.25, label: "second", channel: undefined, note: "" },
    ]);
  });

  test("@@ binds to the channel of that label, and only to one that exists", async () => {
    const { annotations } = await annotated(
      "EDF+C",
      "+0\x14\x14\0+1\x14burst@@EMG\x14\0+2\x14mail@@nowhere\x14\0",
    );
    expect(annotations).toMatchObject([
      { label: "burst", channel: 0 },
      { label: "mail@@nowhere", channel: undefined },
    ]);
  });

  test("bytes that are no list are left out, counted and placed", async () => {
    const result = await annotated(
      "EDF+C",
      "+0\x14\x14\0rubbish\x14x\x14\0+1\x14kept\x14\0",
      "+1\x14\x14\0more\0",
    );
    expect(result.annotations).toMatchObject([{ onsetS: 1, label: "kept" }]);
    expect(result.repairs).toMatchObject([{ code: "EDF_ANNOTATION", offset: 256 * 3 + 8 + 5 }]);
    expect(result.repairs[0]!.message).toContain("(2 in all)");
  });

  test("a text that is not UTF-8 is decoded as what it looks like", async () => {
    const bytes = build({
      parts: [one],
      samples: [ramp(4)],
      reserved: "EDF+C",
      annotations: [["+0\x14\x14\0+1\x14??\x14\0"]],
      recording: "Startdate X X X X",
      patient: "X X X X",
    });
    bytes.set([0x8d, 0x8e], bytes.indexOf(0x3f, 256 * 3)); // Shift-JIS
    const result = await read(bytes);
    expect(result.annotations).toMatchObject([{ label: "克" }]);
    expect(codes(result)).toEqual(["EDF_ANNOTATION_TEXT"]);
  });

  test("a first stamp more than a year away is no start; an onset before the start is one", async () => {
    const far = await annotated("EDF+C", "+99999999\x14\x14\0", "+1\x14\x14\0");
    expect(codes(far)).toContain("EDF_FIRST_ONSET");
    expect(far.header.startedAt).toBe("2020-02-01T10:11:12");
    const before = await annotated("EDF+C", "+0\x14\x14\0-2.5\x151\x14early\x14\0", "+1\x14\x14\0");
    expect(before.annotations).toMatchObject([{ onsetS: -2.5, durationS: 1, label: "early" }]);
  });

  test("a signal without samples is left out, by its number where it has no name", async () => {
    const nameless = { ...one, label: "", perRecord: 0 };
    const result = await read(build({ parts: [one, nameless], samples: [ramp(8), []] }));
    expect(result.header.channels.map(({ label }) => label)).toEqual(["EMG"]);
    expect(result.repairs).toMatchObject([{ code: "EDF_EMPTY_SIGNAL", values: { label: "Signal 2" } }]);
  });

  test("of a hundred channels out of range eight are named, and all are counted", async () => {
    const parts = Array.from({ length: 100 }, (_, i) => ({ ...one, label: `E${i + 1}` }));
    const result = await read(build({ parts, samples: parts.map(() => [0, 2000, -3000, 5]) }));
    expect(result.repairs).toMatchObject([
      {
        code: "EDF_OUT_OF_RANGE_CHANNELS",
        values: { channels: 100, count: 200, labels: "E1, E2, E3, E4, E5, E6, E7, E8, ..." },
      },
    ]);
    expect([...result.channels[99]!.samples]).toEqual([0, 2000, -3000, 5]);
  });

  test("a file of annotations alone, with records of 0 s, is read", async () => {
    const result = await read(
      build({
        parts: [],
        samples: [],
        duration: "0",
        reserved: "EDF+C",
        annotations: [["+0\x14\x14\0+30\x1560\x14Sleep stage W\x14\0"]],
        recording: "Startdate X X X X",
        patient: "X X X X",
      }),
    );
    expect(result.header.channels).toEqual([]);
    expect(result.annotations).toMatchObject([{ onsetS: 30, durationS: 60, label: "Sleep stage W" }]);
    expect(codes(result)).toEqual([]);
  });

  test("marked EDF+ without an annotation signal is read as plain EDF, and said", async () => {
    expect(codes(await read(build({ parts: [one], samples: [ramp(4)], reserved: "EDF+C" })))).toEqual([
      "EDF_NO_ANNOTATION_SIGNAL",
    ]);
  });

  test("an EDF+D whose records carry no stamps is read as continuous, and says so", async () => {
    const result = await annotated("EDF+D", "+0\x14\x14\0", "\0", "\0");
    expect(result.channels[0]!.samples.length).toBe(12);
    expect(codes(result)).toEqual(["EDF_RECORD_ONSET"]);
  });
});

describe("EDF+D", () => {
  const gapped = (...onsets: string[]) =>
    read(
      build({
        parts: [one, { ...one, label: "B", perRecord: 1 }],
        samples: [ramp(4 * onsets.length), ramp(onsets.length)],
        reserved: "EDF+D",
        annotations: [stamps(...onsets)],
        recording: "Startdate X X X X",
        patient: "X X X X",
      }),
    );

  test("a gap between records stays a gap: the sample index moves on, no block covers it", async () => {
    const { channels, repairs } = await gapped("+0", "+1", "+5", "+6.5");
    expect(repairs).toMatchObject([{ code: "EDF_RECORD_GRID", values: { label: "B", shift: 0.5 } }]);
    const { notRecorded } = maskReasons;
    const [a, b] = channels;
    expect(a!.samples.length).toBe(30);
    expect([...a!.reason]).toEqual([
      ...Array<number>(8).fill(0),
      ...Array<number>(12).fill(notRecorded),
      0,
      0,
      0,
      0,
      notRecorded,
      notRecorded,
      0,
      0,
      0,
      0,
    ]);
    expect([...a!.samples.slice(26)]).toEqual([12, 13, 14, 15]);
    expect([...b!.reason]).toEqual([0, 0, notRecorded, notRecorded, notRecorded, 0, notRecorded, 0]); // 6.5 s rounds up to sample 7
  });

  test("valid and missing time add up to the end of the last record", async () => {
    const { channels } = await gapped("+0", "+10", "+11", "+100");
    const observed = channels[0]!.reason.filter((code) => code === 0).length / 4;
    const missing = channels[0]!.reason.filter((code) => code !== 0).length / 4;
    expect([observed, missing, observed + missing]).toEqual([4, 97, 101]);
  });

  test("noise of a fraction of a sample in the stamps is no gap", async () => {
    const { channels, repairs } = await gapped("+0", "+1.0000001", "+1.99", "+3.1");
    expect(channels[0]!.samples.length).toBe(16);
    expect(repairs).toEqual([]);
  });

  test("a record that starts before its forerunner ends, or a year later, follows it, and this is said", async () => {
    const back = await gapped("+0", "+0.5", "+2");
    expect(back.channels[0]!.samples.length).toBe(12);
    expect(codes(back)).toEqual(["EDF_RECORD_ORDER"]);
    const far = await gapped("+0", "+99999999999", "+2");
    expect(far.channels[0]!.samples.length).toBe(12);
    expect(codes(far)).toEqual(["EDF_RECORD_FAR"]);
  });

  test("stamps that jump in a file marked continuous are said, not followed", async () => {
    const result = await read(
      build({
        parts: [one],
        samples: [ramp(8)],
        reserved: "EDF+C",
        annotations: [stamps("+0", "+7")],
        recording: "Startdate X X X X",
        patient: "X X X X",
      }),
    );
    expect(result.channels[0]!.samples.length).toBe(8);
    expect(codes(result)).toEqual(["EDF_CONTINUOUS_ONSET"]);
  });
});

describe("CTG", () => {
  const fhr: Part = { label: "FHR1", unit: "bpm", phys: ["0", "300"], dig: ["0", "1200"], perRecord: 4 };
  test("0 in a heart rate is missing in the source; 0 in UC is a value", async () => {
    const parts = [fhr, { ...fhr, label: "UC", unit: "" }];
    const { header, channels } = await read(
      build({
        parts,
        samples: [
          [560, 0, 0, 561],
          [0, 0, 5, 0],
        ],
      }),
    );
    expect(header.kind).toBe("ctg");
    expect(channels.map(({ reason }) => [...reason])).toEqual([
      [0, 1, 1, 0],
      [0, 0, 0, 0],
    ]);
  });
  test("0 V of a channel called FHR is a voltage", async () => {
    const { channels } = await read(build({ parts: [{ ...fhr, unit: "uV" }], samples: [[560, 0, 0, 561]] }));
    expect([...channels[0]!.reason]).toEqual([0, 0, 0, 0]);
  });
});

describe("BDF", () => {
  test("samples are 24 bits, two's complement; Status is unsigned and never scaled", async () => {
    const parts: Part[] = [
      { ...one, phys: ["-262144", "262144"], dig: ["-8388608", "8388607"], perRecord: 3 },
      {
        ...one,
        label: "Status",
        unit: "Boolean",
        phys: ["-8388608", "8388607"],
        dig: ["-8388608", "8388607"],
        perRecord: 2,
      },
    ];
    const { header, channels } = await read(
      build({
        parts,
        samples: [
          [-8388608, -1, 8388607],
          [-1, 0x10000],
        ],
        isBdf: true,
      }),
    );
    expect([...channels[0]!.samples]).toEqual([-8388608, -1, 8388607]);
    expect([...channels[1]!.samples]).toEqual([0xffffff, 0x10000]);
    expect(header.channels[1]).toMatchObject({ gain: 1, offset: 0, unit: "", role: "other" });
  });
});

test("decimals and dates: odd forms are read or refused, none is guessed", () => {
  expect(
    ["12", "+1.5", " -8191.75 ", ".5", "5.", "1,5", "1.5E-3", "7\0\0"].map(
      (text) => parseDecimal(text)?.value,
    ),
  ).toEqual([12, 1.5, -8191.75, 0.5, 5, 1.5, 0.0015, 7]);
  expect(["", ".", "-", "1.2.3", "0x10", "1e999", "NaN", "1 2"].map((text) => parseDecimal(text))).toEqual(
    Array(8).fill(undefined),
  );
  expect([parseInteger("10.0"), parseInteger("10.5"), parseInteger("1e3")]).toEqual([10, undefined, 1000]);
  const tiny = scalingOf(parseDecimal("1e-20")!, parseDecimal("3e-20")!, 0, 2); // beyond 53 bits: plain division
  expect([tiny.gain / 1e-20, tiny.offset / 1e-20].map((x) => Number(x.toFixed(12)))).toEqual([1, 1]);
  expect([parseLongDate("31-APR-2020"), parseLongDate("1-jan-2020"), parseLongDate("2020-01-01")]).toEqual([
    undefined,
    { year: 2020, month: 1, day: 1 },
    undefined,
  ]);
  expect(["2024-02-30T00:00:00", "2024-01-01T24:00:00", "now"].map((text) => parseIsoLocal(text))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(
    isoLocal({ year: 2024, month: 12, day: 31 }, { hours: 23, minutes: 59, seconds: 59 }, 0.9999999999),
  ).toBe("2025-01-01T00:00:00");
  expect(
    [
      "Missing:saturated",
      "Missing:code77",
      "Missing:observed",
      "Missing:toString",
      "Missing:code999",
      "missing",
    ].map(missingReason),
  ).toEqual([6, 77, undefined, undefined, undefined, undefined]);
});

describe("long files", () => {
  test("records longer than a slab are read piece by piece, and nothing is held for long", async () => {
    const parts: Part[] = [
      { ...one, perRecord: 900_000 },
      { ...one, label: "B", perRecord: 700_001 },
    ];
    const bytes = build({
      parts,
      samples: [
        Array.from({ length: 1_800_000 }, (_, i) => i % 997),
        Array.from({ length: 1_400_002 }, (_, i) => i % 991),
      ],
      reserved: "EDF+C",
      annotations: [["+0\x14\x14\0", "+1\x14\x14\0+1.5\x14end\x14\0"]],
      recording: "Startdate X X X X",
      patient: "X X X X",
    });
    let largest = 0;
    const inner = bytesSource("a.edf", bytes);
    const source = {
      ...inner,
      read: (offset: number, length: number) => {
        largest = Math.max(largest, length);
        return inner.read(offset, length);
      },
    };
    let longestBlock = 0;
    const { channels, annotations } = await readWhole(
      edfReader,
      source,
      {},
      ({ samples }) => (longestBlock = Math.max(longestBlock, samples.byteLength)),
    );
    expect(channels.map(({ samples }) => samples.length)).toEqual([1_800_000, 1_400_002]);
    expect(channels[0]!.samples.every((value, i) => value === i % 997)).toBe(true);
    expect(channels[1]!.samples.every((value, i) => value === i % 991)).toBe(true);
    expect(annotations).toMatchObject([{ onsetS: 1.5, label: "end" }]);
    expect(largest).toBeLessThanOrEqual(1 << 20);
    expect(longestBlock).toBe(65536);
  });

  test("progress ends at the file's size, and a cancelled read stops", async () => {
    const bytes = build({ parts: [one], samples: [ramp(400)] });
    const recording = await edfReader.open(bytesSource("a.edf", bytes), {}, () => undefined);
    const seen: number[] = [];
    for await (const block of recording.blocks((done) => seen.push(done)))
      expect(block.samples.length).toBe(400);
    expect(seen.at(-1)).toBe(bytes.length);
    const stopped = recording.blocks(() => undefined, AbortSignal.abort());
    await expect(stopped[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "cancelled/by-user" });
  });
});

describe("public files", () => {
  const open = (path: string) => {
    const file = sharedFile(path);
    return file === undefined
      ? undefined
      : read(new Uint8Array(readFileSync(file)), {}, path.split("/").at(-1));
  };
  const has = sharedFile("formats/edf/test.edf") !== undefined;
  const real = has ? test : test.skip;

  real("test_generator_2.edf: 11 signals, 600 records of 1 s, annotations at 0 and 600 s", async () => {
    const result = (await open("formats/edf/test_generator_2.edf"))!;
    expect(result.header.channels).toHaveLength(11);
    expect(result.header.channels.map(({ sampleRate }) => sampleRate)).toContain(200);
    expect(result.channels[0]!.samples.length).toBe(120000);
    expect([...result.channels[1]!.samples.slice(0, 4)]).toEqual([-3276, -3243, -3211, -3178]);
    expect(result.annotations.map(({ onsetS, label }) => [onsetS, label])).toEqual([
      [0, "RECORD START"],
      [600, "REC STOP"],
    ]);
    expect(codes(result)).toEqual(["EDF_HEADER_ENCODING"]); // a degree sign
  });

  real("short_psg.edf and short_psg.bdf agree within one digit", async () => {
    const [edf, bdf] = [
      (await open("formats/edf/short_psg.edf"))!,
      (await open("formats/bdf/short_psg.bdf"))!,
    ];
    expect(edf.header.channels.map(({ label, sampleRate, unit }) => [label, sampleRate, unit])).toEqual(
      bdf.header.channels.map(({ label, sampleRate, unit }) => [label, sampleRate, unit]),
    );
    expect(edf.header.startedAt).toBe("1989-04-24T16:13:00");
    for (const [index, { gain, offset }] of edf.header.channels.entries()) {
      const other = bdf.header.channels[index]!;
      const [narrow, wide] = [edf.channels[index]!.samples, bdf.channels[index]!.samples];
      let worst = 0;
      for (let i = 0; i < narrow.length; i++) {
        const physical = wide[i]! * other.gain + other.offset;
        worst = Math.max(worst, Math.abs(narrow[i]! * gain + offset - physical) / Math.abs(gain));
      }
      expect(worst).toBeLessThanOrEqual(1);
    }
  });

  real("SC4001EC-Hypnogram.edf: 154 sleep stages, no channel", async () => {
    const { header, annotations } = (await open("formats/edf/SC4001EC-Hypnogram.edf"))!;
    expect(header.channels).toEqual([]);
    expect(annotations).toHaveLength(154);
    expect(annotations[1]).toEqual({
      onsetS: 30630,
      durationS: 120,
      label: "Sleep stage 1",
      channel: undefined,
      note: "",
    });
  });

  real("test.edf: 139 signals of 512 Hz beside the annotations", async () => {
    const { header, channels, annotations } = (await open("formats/edf/test.edf"))!;
    expect(header.channels).toHaveLength(139);
    expect([...channels[0]!.samples.slice(0, 4)]).toEqual([-15, -3, -3, 1]);
    expect(channels[0]!.samples.length).toBe(6 * 512);
    expect(annotations.map(({ onsetS, durationS }) => [onsetS, durationS])).toEqual([
      [0, 0],
      [0.1344, 0.256],
      [0.3904, 1],
      [2, 0],
      [2.5, 2.5],
    ]);
  });

  real(
    "test_uneven_samp.edf: 100 and 12.8 Hz side by side; duplicate labels and 9.59375 s records too",
    async () => {
      const uneven = (await open("formats/edf/test_uneven_samp.edf"))!;
      expect(uneven.header.channels.map(({ sampleRate, unit }) => [sampleRate, unit])).toEqual([
        [100, "V"],
        [12.8, "uV"],
      ]);
      expect(uneven.channels.map(({ samples }) => samples.length)).toEqual([11000, 1408]);
      const twice = (await open("formats/edf/duplicate_channel_labels.edf"))!;
      expect(twice.header.channels.map(({ label }) => label)).toEqual([
        "EEG F1-Ref",
        "EEG F2-Ref",
        "EEG F1-Ref",
      ]);
      const stim = (await open("formats/edf/test_edf_stim_channel.edf"))!;
      expect(stim.header.channels[0]!.sampleRate).toBe(128);
      expect(stim.channels[0]!.samples.length).toBe(1228);
    },
  );

  real("test.bdf and the BDF+ generator file: 24 bits, Status, 487.5 Hz", async () => {
    const plain = (await open("formats/bdf/test.bdf"))!;
    expect(plain.header.channels).toHaveLength(73);
    expect([...plain.channels[0]!.samples.slice(0, 4)]).toEqual([469155, 468981, 468722, 468654]);
    expect(plain.header.channels.at(-1)).toMatchObject({ label: "Status", gain: 1, offset: 0 });
    expect(Math.min(...plain.channels.at(-1)!.samples)).toBeGreaterThanOrEqual(0);
    const plus = (await open("formats/bdf/test_generator_datarec_generator_2.bdf"))!;
    expect(plus.header.channels.map(({ sampleRate }) => sampleRate)).toEqual([500, 400, 250, 487.5, 499.5]);
    expect(plus.channels[3]!.samples.length).toBe(14625);
  });
});
