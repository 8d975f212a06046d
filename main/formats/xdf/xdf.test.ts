import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bytesSource, readWhole } from "../memory.ts";
import { recognise } from "../registry.ts";
import { sharedFile } from "../shared-data.test-support.ts";
import { Clock, clockRanges } from "./clock.ts";
import { buildXdf, f32, i16, sample, smallXdf, streamXml, word, type Part } from "./xdf-builder.ts";
import { placed, rateOf, Segmenter } from "./timing.ts";
import { xdfReader } from "./reader.ts";
import { parseXml, textAt } from "./xml.ts";

const read = (bytes: Uint8Array) => readWhole(recognise(bytes, "a.xdf")!, bytesSource("a.xdf", bytes));
const header = (id: number, format = "int16", rate = 10, channels = 1): Part => ({
  header: id,
  xml: streamXml(`S${id}`, "", { channels, rate, format }),
});
const run = (count: number, from: number): number[] =>
  Array.from({ length: count }, (_, i) => sample(i === 0 ? from : undefined, i16(i))).flat();
const codes = (result: { repairs: readonly { code: string }[] }): string[] =>
  result.repairs.map(({ code }) => code);

describe("a recording of the lab streaming layer", () => {
  test("has a channel a channel, the streams' rates, gaps, and markers at the recorder's time", async () => {
    const { header: found, channels, annotations, repairs } = await read(smallXdf());
    expect(found.channels).toEqual([
      { label: "Biceps", unit: "uV", sampleRate: 50, role: "emg", sampleType: "float32", gain: 1, offset: 0 },
      {
        label: "Tri & ceps",
        unit: "uV",
        sampleRate: 50,
        role: "emg",
        sampleType: "float32",
        gain: 1,
        offset: 0,
      },
      { label: "Box", unit: "", sampleRate: 10, role: "other", sampleType: "int16", gain: 1, offset: 0 },
    ]);
    expect(found.startedAt).toBe("2024-03-05T12:13:14+09:00");
    expect(found.facts["stream 1"]).toBe("Amp (EMG), 2 × float32, 50 Hz nominal");
    const [first, second, box] = channels;
    expect(first!.samples).toHaveLength(30 * 50 + 50);
    expect([...second!.samples.subarray(5, 9)]).toEqual([5, 6, 0, 8]);
    expect([...second!.reason.subarray(5, 9)]).toEqual([0, 0, 1, 0]); // NaN is missing
    expect([...first!.reason].filter((reason) => reason === 2)).toHaveLength(30 * 50 - 60); // the gap is not recorded
    expect([...box!.reason.subarray(0, 2)]).toEqual([2, 0]); // began 0.11 s later by the corrected clock
    expect(annotations.map(({ onsetS, label, note }) => [Number(onsetS.toFixed(6)), label, note])).toEqual([
      [1.01, "move", "左"],
      [1.51, "7", ""],
      [2.01, "rest", ""],
    ]);
    expect(repairs).toEqual([]);
  });

  test("a stream without a fixed rate that holds no markers is left out and named", async () => {
    const irregular: Part = {
      header: 2,
      xml: streamXml("Gaze", "Gaze", { channels: 2, rate: 0, format: "float32" }),
    };
    const result = await read(
      buildXdf([
        header(1),
        irregular,
        { samples: 1, count: 5, bytes: run(5, 1) },
        { samples: 2, bytes: sample(1, f32(1), f32(2)) },
      ]),
    );
    expect(result.header.channels).toHaveLength(1);
    expect(result.repairs).toMatchObject([{ code: "XDF_IRREGULAR", values: { stream: "Gaze", count: 1 } }]);
  });

  test("a measured rate replaces an announced one that is wrong, and is said", async () => {
    const bytes = Array.from({ length: 400 }, (_, i) => sample(5 + i / 9.5, i16(i))).flat();
    const result = await read(buildXdf([header(1), { samples: 1, count: 400, bytes }]));
    expect(result.header.channels[0]!.sampleRate).toBeCloseTo(9.5, 9);
    expect(codes(result)).toEqual(["XDF_RATE"]);
    expect(result.channels[0]!.samples).toHaveLength(400);
  });

  test("damage is passed over up to the next boundary, a cut file is read as far as it goes", async () => {
    const parts: Part[] = [
      header(1),
      { samples: 1, count: 5, bytes: run(5, 1) },
      { raw: [9, 9, 9, 9, 9] },
      { boundary: true },
      { samples: 1, count: 5, bytes: run(5, 1.5) },
    ];
    const damaged = await read(buildXdf(parts));
    expect([...damaged.channels[0]!.samples]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    expect(codes(damaged)).toEqual(["XDF_CORRUPT"]);
    const cut = await read(buildXdf(parts.slice(0, 2)).subarray(0, -2));
    expect([...cut.channels[0]!.samples]).toEqual([0, 1, 2, 3]);
    expect(codes(cut)).toEqual(["XDF_CUT", "XDF_SAMPLES"]);
  });

  test.each([
    ["a count of samples beyond the chunk", { samples: 1, count: 2 ** 32 - 1, bytes: run(3, 1) }],
    ["a stamp of an unknown width", { samples: 1, count: 4, bytes: [...run(3, 1), 5, 0, 0] }],
  ] as const)("%s gives the samples that are there", async (_, part) => {
    const result = await read(buildXdf([header(1), part]));
    expect([...result.channels[0]!.samples]).toEqual([0, 1, 2]);
    expect(codes(result)).toEqual(["XDF_SAMPLES"]);
  });

  test.each([
    ["a rate that no clock has", header(1, "int16", 1e-300), "data/sample-rate"],
    ["more channels than a recording has", header(1, "int16", 10, 1e6), "data/bad-header"],
    ["values of an unknown kind", header(1, "int128"), "data/bad-header"],
  ] as const)("refuses %s", async (_, part, code) => {
    await expect(read(buildXdf([part, { samples: 1, bytes: sample(1, i16(1)) }]))).rejects.toMatchObject({
      code,
      detail: { file: "a.xdf" },
    });
  });

  test("a word longer than any marker is cut, not kept", async () => {
    const long = [4, 0x80, 0x1a, 6, 0, ...Array<number>(400_000).fill(97)]; // 400,000 letters
    const words: Part = {
      header: 2,
      xml: streamXml("W", "Markers", { channels: 1, rate: 0, format: "string" }),
    };
    const result = await read(
      buildXdf([
        header(1),
        words,
        { samples: 1, count: 5, bytes: run(5, 1) },
        { samples: 2, count: 2, bytes: [...sample(1, long), ...sample(2, word("after"))] },
      ]),
    );
    expect(result.annotations.map(({ label }) => label.length)).toEqual([10_000, 5]);
  });
});

describe("streams of every kind", () => {
  const le = (bytes: number, set: (view: DataView) => void): number[] => {
    const memory = new Uint8Array(bytes);
    set(new DataView(memory.buffer));
    return [...memory];
  };
  test.each([
    ["int8", le(1, (v) => v.setInt8(0, -3)), "-3"],
    ["int32", le(4, (v) => v.setInt32(0, -70000, true)), "-70000"],
    ["int64", le(8, (v) => v.setBigInt64(0, 9007199254740993n, true)), "9007199254740993"],
    ["float32", f32(0.5), "0.5"],
    ["double64", le(8, (v) => v.setFloat64(0, 1e-9, true)), "1e-9"],
  ] as const)("%s: as a mark its number, as a signal its value", async (format, value, label) => {
    const marks: Part = { header: 2, xml: streamXml("Keys", "Trigger", { channels: 1, rate: 0, format }) };
    const signal: Part = { header: 3, xml: streamXml("Sig", "Misc", { channels: 1, rate: 10, format }) };
    const result = await read(
      buildXdf([
        header(1),
        marks,
        signal,
        { samples: 1, count: 5, bytes: run(5, 1) },
        { samples: 2, bytes: sample(1, value) },
        { samples: 3, bytes: sample(1, value) },
      ]),
    );
    expect(result.annotations.map((one) => one.label)).toEqual([label]);
    expect(result.channels[1]!.samples[0]).toBe(Number(label));
  });

  test("labels that two streams use say whose they are; hosts, types and an empty stream are told", async () => {
    const named = (id: number, host: string): Part => ({
      header: id,
      xml: `${streamXml(`Amp${id}`, "", { channels: 1, rate: 10, format: "int16", desc: "<channels><channel><label>X</label></channel></channels>" })}<hostname>${host}</hostname>`,
    });
    const result = await read(
      buildXdf([
        named(1, "left"),
        named(2, ""),
        named(3, ""),
        { samples: 1, count: 5, bytes: run(5, 1) },
        { samples: 2, count: 5, bytes: run(5, 1) },
      ]),
    );
    expect(result.header.channels.map(({ label }) => label)).toEqual(["Amp1 X", "Amp2 X"]);
    expect(result.header.facts["stream 1"]).toBe("Amp1, 1 × int16, 10 Hz nominal, from left");
    expect(codes(result)).toEqual(["XDF_EMPTY_STREAM"]);
  });

  test.each([
    ["2024-03-05T12:13:14Z", "2024-03-05T12:13:14Z"],
    ["2024-03-05T12:13:14.25", "2024-03-05T12:13:14.25"],
    ["2024-03-05T12:13:14-03:30", "2024-03-05T12:13:14-03:30"],
    ["2024-13-05T12:13:14", undefined],
    ["yesterday", undefined],
  ])("a start of %s is %s", async (written, start) => {
    const file: Part = { file: `<datetime>${written}</datetime>` };
    const { header: found } = await read(
      buildXdf([file, header(1), { samples: 1, count: 5, bytes: run(5, 1) }]),
    );
    expect(found.startedAt).toBe(start);
  });

  test("frames that may be dropped leave gaps; a jump of years and one back follow on, and that is said", async () => {
    const camera: Part = {
      header: 1,
      xml: streamXml("Cam", "", {
        channels: 1,
        rate: 10,
        format: "int16",
        desc: "<synchronization><can_drop_samples>true</can_drop_samples></synchronization>",
      }),
    };
    const at = (...times: readonly number[]): number[] => times.flatMap((time, i) => sample(time, i16(i)));
    const dropped = await read(buildXdf([camera, { samples: 1, count: 4, bytes: at(1, 1.1, 1.5, 1.6) }]));
    expect([...dropped.channels[0]!.reason]).toEqual([0, 0, 2, 2, 2, 0, 0]);
    const jumping = await read(
      buildXdf([header(1), { samples: 1, count: 4, bytes: at(1000, 1000.1, 1e9, 5) }]),
    );
    expect([...jumping.channels[0]!.samples]).toEqual([0, 1, 2, 3]);
    expect(jumping.repairs).toMatchObject([{ code: "XDF_TIMES", values: { stream: "S1", count: 2 } }]);
  });

  test("chunks say their length in one byte or in eight; offsets that are no numbers are passed over", async () => {
    const offset = [
      ...le(4, (v) => v.setUint32(0, 1, true)),
      ...le(8, (v) => v.setFloat64(0, NaN, true)),
      ...le(8, (v) => v.setFloat64(0, 1, true)),
    ];
    const samples = [...le(4, (v) => v.setUint32(0, 1, true)), 8, 2, 0, 0, 0, 0, 0, 0, 0, ...run(2, 1)];
    const parts: Part[] = [
      header(1),
      { raw: [1, offset.length + 2, 4, 0, ...offset] },
      { raw: [8, samples.length + 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, ...samples] },
      { samples: 77, bytes: sample(1, i16(1)) },
    ];
    const result = await read(buildXdf(parts));
    expect([...result.channels[0]!.samples]).toEqual([0, 1]);
    expect(codes(result)).toEqual(["XDF_NO_HEADER"]);
  });

  test.each([
    ["a description without end", [{ header: 1, xml: "x".repeat(5_000_000) }], "data/bad-header"],
    [
      "more streams than any recording",
      Array.from({ length: 2001 }, (_, id) => header(id)),
      "data/too-many-channels",
    ],
    ["no stream at all", [{ file: "" }], "data/no-signals"],
  ] as const)("refuses %s", async (_, parts, code) => {
    await expect(read(buildXdf(parts))).rejects.toMatchObject({ code, detail: { file: "a.xdf" } });
  });
});

describe("clocks", () => {
  test("a clock that was set back is two lines, and each stamp goes to the nearer one", () => {
    const before = Array.from({ length: 20 }, (_, i) => ({ time: 1000 + 5 * i, value: -900 }));
    const after = Array.from({ length: 20 }, (_, i) => ({ time: 10 + 5 * i, value: 300 }));
    const ranges = clockRanges([...before, ...after]);
    expect(ranges).toHaveLength(2);
    const clock = new Clock(ranges);
    expect([1000, 1090, 12, 50].map((stamp) => Math.round(clock.correct(stamp)))).toEqual([
      100, 190, 312, 350,
    ]);
  });

  test("a hundred thousand offsets are thinned out, not all fitted", () => {
    const [line] = clockRanges(Array.from({ length: 100_000 }, (_, i) => ({ time: i, value: 3 })));
    expect(new Clock([line!]).correct(50_000)).toBeCloseTo(50_003, 6);
  });

  test("offsets that fit a line correct by it, one that is wrong by a second does not pull it along", () => {
    const offsets = Array.from({ length: 60 }, (_, i) => ({
      time: 5 * i,
      value: 2 + 1e-4 * 5 * i + (i === 30 ? 1 : 0),
    }));
    const [line] = clockRanges(offsets);
    expect(line!.slope).toBeCloseTo(1e-4, 6);
    expect(new Clock([line!]).correct(100)).toBeCloseTo(102.01, 3);
  });

  test("without offsets a stamp stays what it is", () => {
    expect(new Clock(clockRanges([])).correct(12.5)).toBe(12.5);
  });

  test("a stream slower than the channel leaves places free, and each sample within 5 ms or a place of its time", () => {
    const times = new Segmenter({ nominalRate: 100, canDropSamples: false });
    for (let i = 0; i < 5000; i++) times.add(i / 93.2);
    for (let i = 0; i < 5000; i++) times.add(200 + i / 92.7);
    const segments = times.end();
    const rate = rateOf(segments, 100);
    expect(rate).toBeCloseTo(93.2, 6);
    let [next, total] = [0, 0];
    for (const { first, count, at } of placed(segments, rate, 0)) {
      expect(at).toBeGreaterThanOrEqual(next);
      for (const k of [0, count - 1]) {
        const index = first + k;
        const time = index < 5000 ? index / 93.2 : 200 + (index - 5000) / 92.7;
        expect(Math.abs((at + k) / rate - time)).toBeLessThan(1.6 / rate);
      }
      [next, total] = [at + count, total + count];
    }
    expect(total).toBe(10_000);
  });
});

describe("the XML of headers", () => {
  test("entities, CDATA and comments are read; what is not closed ends with the text", () => {
    const xml = parseXml(
      "<?xml version='1'?><a x='1'><!-- no --><b>1 &lt; 2</b><c><![CDATA[<&>]]></c><d/><e>open",
    );
    expect([textAt(xml, "b"), textAt(xml, "c"), textAt(xml, "d"), textAt(xml, "e")]).toEqual([
      "1 < 2",
      "<&>",
      "",
      "open",
    ]);
  });
  test("a document type is passed over, an element without a name is no XML", () => {
    expect(textAt(parseXml("<!DOCTYPE a><a><b>1</b></a></c>"), "b")).toBe("1");
    expect(parseXml("<a>< ></a>")).toBeUndefined();
    expect(parseXml("<a")).toBeUndefined();
  });
  test("nesting without end is no XML", () => {
    expect(parseXml("<a>".repeat(100_000))).toBeUndefined();
  });
});

/** Made once with pyxdf 1.17.5: load_xdf(file) with its defaults. */
const reference = {
  name: "clock_resets.xdf",
  segments: [
    { startS: 810.0297917610109, endS: 948.1160987438916, count: 12876 },
    { startS: 1221.9948569409985, endS: 1383.1842659544168, count: 14939 },
  ],
  markers: { count: 175, firstS: 812.9279042048147, lastS: 1380.8194507223984 },
};

const resets = sharedFile("formats/xdf/clock_resets.xdf");
const minimal = sharedFile("formats/xdf/minimal.xdf");

(resets === undefined ? test.skip : test)(
  "a clock that was reset is followed as pyxdf does [needs shared/data]",
  async () => {
    const bytes = new Uint8Array(readFileSync(resets!));
    const {
      header: found,
      channels,
      annotations,
    } = await readWhole(xdfReader, bytesSource(reference.name, bytes));
    expect(found.channels).toHaveLength(8);
    const rate = found.channels[0]!.sampleRate;
    const [before, after] = reference.segments;
    const { reason } = channels[0]!;
    const observed = reason.reduce((sum, one) => sum + (one === 0 ? 1 : 0), 0);
    expect(observed).toBe(before!.count + after!.count);
    const secondAt = reason.findIndex(
      (one, i) => one === 0 && i > (before!.endS - before!.startS + 60) * rate,
    );
    expect(Math.abs(secondAt / rate - (after!.startS - before!.startS))).toBeLessThan(0.02);
    expect(Math.abs(reason.length / rate - (after!.endS - before!.startS))).toBeLessThan(0.03);
    expect(annotations).toHaveLength(reference.markers.count);
    expect(annotations[0]!.onsetS).toBeCloseTo(reference.markers.firstS - before!.startS, 3);
    expect(annotations.at(-1)!.onsetS).toBeCloseTo(reference.markers.lastS - before!.startS, 3);
  },
);

(minimal === undefined ? test.skip : test)(
  "the smallest example gives its samples and markers [needs shared/data]",
  async () => {
    const { header: found, channels, annotations } = await read(new Uint8Array(readFileSync(minimal!)));
    expect(found.channels.map(({ sampleRate }) => sampleRate)).toEqual([10, 10, 10]);
    expect(channels[0]!.samples).toHaveLength(9);
    expect(annotations).toHaveLength(9);
    expect(annotations[0]!.onsetS).toBeCloseTo(0.1, 6);
  },
);
