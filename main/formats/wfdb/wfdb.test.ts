import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../../../preload/contract/errors.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sampleArrays, type SourceAnnotation } from "../../signal/block.ts";
import type { ByteSource } from "../format.ts";
import { bytesSource, exportSource, memoryFolder, readWhole, type RecordingContent } from "../memory.ts";
import { fhrRecording } from "../recordings.test-support.ts";
import { sharedData } from "../shared-data.test-support.ts";
import { parseMitAnnotations, writeMitAnnotations } from "./mit-annotations.ts";
import { wfdbReader } from "./reader.ts";
import { encodeSamples, sampleFormat } from "./sample-formats.ts";
import { wfdbWriter } from "./writer.ts";

const data = sharedData();
const onRealFiles = data === undefined ? describe.skip : describe;

function diskSource(path: string): ByteSource {
  const bytes = new Uint8Array(readFileSync(path));
  const plain = bytesSource(path.split("/").at(-1) ?? path, bytes);
  return {
    ...plain,
    sibling: (name) =>
      Promise.resolve(
        existsSync(join(dirname(path), name)) ? diskSource(join(dirname(path), name)) : undefined,
      ),
  };
}
const read = (path: string) => readWhole(wfdbReader, diskSource(join(data ?? "", path)));
const warnings = (repairs: readonly { code: string; severity: string }[]) =>
  repairs.filter((r) => r.severity === "warning").map((r) => r.code);

onRealFiles("real WFDB records (shared/data)", () => {
  test("100: format 212 agrees with its checksums and keeps the annotator's file", async () => {
    const r = await read("formats/wfdb/100.hea");
    expect(warnings(r.repairs)).toEqual([]);
    expect(r.header.channels.map((c) => [c.label, c.unit, c.sampleRate, c.gain, c.offset])).toEqual([
      ["MLII", "mV", 360, 0.005, -5.12],
      ["V5", "mV", 360, 0.005, -5.12],
    ]);
    expect(r.channels[0]?.samples.length).toBe(650_000);
    expect([r.channels[0]?.samples[0], r.channels[1]?.samples[0]]).toEqual([995, 1011]);
    expect(r.annotations.slice(0, 4).map((a) => [Math.round(a.onsetS * 360), a.label])).toEqual([
      [18, "(N"],
      [77, "N"],
      [370, "N"],
      [662, "N"],
    ]);
    expect(r.annotations.length).toBe(2274); // 2273 beats and the first rhythm mark (PhysioNet)
    expect(r.header.facts["comment 1"]).toBe("69 M 1085 1629 x1");
  });
  test.each([
    ["formats/wfdb/a103l.hea", 3, 250, 82_500],
    ["formats/wfdb/3000003_0003.hea", 2, 125, 1028],
    ["formats/wfdb/test01_00s.hea", 4, 500, 4000],
    ["emg-emgdb/emg_healthy.hea", 1, 4000, 50_860],
    ["emg-emgdb/emg_neuropathy.hea", 1, 4000, 147_858],
  ])("%s agrees with its checksums and initial values", async (path, channels, rate, samples) => {
    const r = await read(path);
    expect(r.repairs).toEqual([]);
    expect(r.header.channels.map((c) => c.sampleRate)).toEqual(Array(channels).fill(rate));
    expect(r.channels.map((c) => c.samples.length)).toEqual(Array(channels).fill(samples));
  });
  test("03700181: four samples a frame, and a signal the file has late is moved to its time", async () => {
    const r = await read("formats/wfdb/03700181.hea");
    expect(warnings(r.repairs)).toEqual([]);
    expect(r.header.channels.map((c) => [c.label, c.sampleRate])).toEqual([
      ["MCL1", 500],
      ["ABP", 125],
      ["RESP", 125],
    ]);
    expect(r.channels.map((c) => c.samples.length)).toEqual([300_000, 75_000, 74_996]); // skew 4
    expect(r.header.channels[1]?.offset).toBeCloseTo(125, 6);
    expect(r.header.startedAt).toBe("1994-08-15T17:27:45");
  });
  test("041s: segments follow each other, checksums of each agree", async () => {
    const r = await read("formats/wfdb/041s/041s.hea");
    expect(warnings(r.repairs)).toEqual([]);
    expect(r.channels.map((c) => c.samples.length)).toEqual([8000, 8000, 8000, 2000, 2000, 2000, 2000]);
    expect([r.channels[0]?.samples[0], r.channels[0]?.samples[4000], r.channels[6]?.samples[1000]]).toEqual([
      168, -103, -861,
    ]);
  });
  test("CTU-UHB 1001: 150.50 bpm and 7.00 first; zeros of the heart rate are missing, those of the contractions are not", async () => {
    const r = await read("ctg-ctu-uhb/records/1001.dat");
    expect(r.repairs).toEqual([]);
    const [fhr, uc] = r.channels;
    expect(r.header.kind).toBe("ctg");
    expect(r.header.channels.map((c) => [c.role, c.sampleRate])).toEqual([
      ["fhr", 4],
      ["uc", 4],
    ]);
    expect([0, 1].map((i) => (fhr?.samples[i] ?? NaN) * (r.header.channels[0]?.gain ?? NaN))).toEqual([
      150.5, 150.5,
    ]);
    expect([0, 1].map((i) => (uc?.samples[i] ?? NaN) * (r.header.channels[1]?.gain ?? NaN))).toEqual([
      7, 8.5,
    ]);
    const missing = fhr?.reason.filter((x) => x === maskReasons.missingInSource).length ?? 0;
    expect(missing / 19_200).toBeCloseTo(0.2216, 3); // clinical.csv, fhr_missing_fraction
    expect(uc?.reason.some((x) => x !== 0)).toBe(false);
    expect(r.header.facts["pH"]).toBe("7.14");
    expect(r.header.facts["Hypertension"]).toBe("0");
  });
});

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const record = (hea: string, files: Record<string, Uint8Array> = {}) =>
  bytesSource("r.hea", text(hea), new Map([["r.hea", text(hea)], ...Object.entries(files)]));

describe("what a header may say", () => {
  test.each([
    [8, [5, 7, 6, 9], Uint8Array.of(0, 2, 255, 3)],
    [16, [1, -2, -32768, 32767], Uint8Array.of(1, 0, 0xfe, 0xff, 0, 0x80, 0xff, 0x7f)],
    [61, [1, -2, -32768, 32767], Uint8Array.of(0, 1, 0xff, 0xfe, 0x80, 0, 0x7f, 0xff)],
    [24, [1, -2, -8388608], Uint8Array.of(1, 0, 0, 0xfe, 0xff, 0xff, 0, 0, 0x80)],
    [32, [1, -2, -2147483648], Uint8Array.of(1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0x80)],
    [80, [1, -2, -128], Uint8Array.of(129, 126, 0)],
    [160, [1, -2, -32768], Uint8Array.of(1, 0x80, 0xfe, 0x7f, 0, 0)],
    [212, [1, -2, -2048], Uint8Array.of(1, 0xf0, 0xfe, 0, 8)],
    [310, [1, -2, -512, 3], Uint8Array.of(2, 0, 0xfc, 0x87, 6, 0)],
    [311, [1, -2, -512, 3], Uint8Array.of(1, 0xf8, 0x0f, 0x20, 3, 0)],
  ])("format %i: values and the missing code", async (format, values, bytes) => {
    const sum = values.reduce((a, b) => a + b, 0);
    const checksum = (sum << 16) >> 16;
    const r = await readWhole(
      wfdbReader,
      record(`r 1 100 ${values.length}\nr.dat ${format} 1(0)/u 12 0 5 ${checksum} 0 x\n`, { "r.dat": bytes }),
    );
    expect(warnings(r.repairs).filter((c) => c !== "WFDB_INITIAL_VALUE")).toEqual([]);
    const missing = sampleFormat(format)?.missing;
    expect([...(r.channels[0]?.reason ?? [])]).toEqual(values.map((v) => (v === missing ? 1 : 0)));
    expect([...(r.channels[0]?.samples ?? [])]).toEqual(values.map((v) => (v === missing ? 0 : v)));
  });
  test("a variable layout places signals by name, and null segments and absent signals stay gaps", async () => {
    const files = {
      "l.hea": text("l 2 100 0\n~ 0 1(0)/u 0 0 0 0 0 A\n~ 0 1(0)/u 0 0 0 0 0 B\n"),
      "s1.hea": text("s1 2 100 2\ns1.dat 16 1(0)/u 16 0 3 10 0 B\ns1.dat 16 1(0)/u 16 0 1 3 0 A\n"),
      "s1.dat": Uint8Array.of(3, 0, 1, 0, 7, 0, 2, 0),
      "s2.hea": text("s2 1 100 2\ns2.dat 16 1(0)/u 16 0 9 19 0 B\n"),
      "s2.dat": Uint8Array.of(9, 0, 10, 0),
    };
    const r = await readWhole(wfdbReader, record("r/4 2 100 7\nl 0\ns1 2\n~ 3\ns2 2\n", files));
    expect(warnings(r.repairs)).toEqual([]);
    expect(r.header.channels.map((c) => c.label)).toEqual(["A", "B"]);
    expect([...(r.channels[0]?.samples ?? [])]).toEqual([1, 2]);
    expect([...(r.channels[1]?.samples ?? [])]).toEqual([3, 7, 0, 0, 0, 9, 10]);
    expect([...(r.channels[1]?.reason ?? [])]).toEqual([0, 0, 2, 2, 2, 0, 0]);
  });
  test("segments with different scales come as physical values", async () => {
    const files = {
      "a.hea": text("a 1 100 1\na.dat 16 10(0)/u 16 0 5 5 0 A\n"),
      "a.dat": Uint8Array.of(5, 0),
      "b.hea": text("b 1 100 1\nb.dat 16 2(1)/u 16 0 5 5 0 A\n"),
      "b.dat": Uint8Array.of(5, 0),
    };
    const r = await readWhole(wfdbReader, record("r/2 1 100 2\na 1\nb 1\n", files));
    expect([...(r.channels[0]?.samples ?? [])]).toEqual([0.5, 2]);
    expect(r.repairs.map((x) => x.code)).toEqual(["WFDB_SEVERAL_SCALES"]);
  });
  test("a cut signal file gives what it holds and says what is missing", async () => {
    const r = await readWhole(
      wfdbReader,
      record("r 1 100 5\nr.dat 16 1(0)/u 16 0 1 15 0 A\n", { "r.dat": Uint8Array.of(1, 0, 2, 0, 3) }),
    );
    expect([...(r.channels[0]?.samples ?? [])]).toEqual([1, 2]);
    expect(r.repairs.map((x) => x.code)).toEqual(["WFDB_TRUNCATED"]);
  });
  test("damage within the samples is told by the checksum", async () => {
    const r = await readWhole(
      wfdbReader,
      record("r 1 100 2\nr.dat 16 1(0)/u 16 0 1 3 0 A\n", { "r.dat": Uint8Array.of(1, 0, 3, 0) }),
    );
    expect(r.repairs.map((x) => x.code)).toEqual(["WFDB_CHECKSUM"]);
  });
  test.each([
    ["", "a record line"],
    ["r x\n", "number of signals"],
    ["r 1 -5 3\n", "sample rate of 0.00001"],
    ["r 1 100 3\nr.dat sixteen\n", "a format such as"],
    ["r 1 100 3\n../r.dat 16\n", "without a folder"],
    ["r 1 100 3\nr.dat 516\n", "FLAC"],
  ])("refuses %j, naming the value and what is allowed", async (hea, words) => {
    await expect(readWhole(wfdbReader, record(hea, { "r.dat": new Uint8Array(8) }))).rejects.toThrow(words);
    await expect(readWhole(wfdbReader, record(hea, { "r.dat": new Uint8Array(8) }))).rejects.toBeInstanceOf(
      AppError,
    );
  });
});

describe("MIT annotations", () => {
  test("writing and parsing return the list, long and negative intervals included", () => {
    const one = fc.record({
      step: fc.oneof(
        fc.integer({ min: 0, max: 1023 }),
        fc.integer({ min: -5_000_000_000, max: 5_000_000_000 }),
      ),
      code: fc.integer({ min: 1, max: 49 }),
      subtype: fc.integer({ min: -128, max: 127 }),
      channel: fc.integer({ min: 0, max: 255 }),
      num: fc.integer({ min: -128, max: 127 }),
      aux: fc.uint8Array({ maxLength: 255 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 20 }), (list) => {
        let time = 0;
        const annotations = list.map(({ step, ...rest }) => ({ ...rest, time: (time += step) }));
        const parsed = parseMitAnnotations(writeMitAnnotations(annotations));
        expect(parsed.annotations).toEqual(annotations);
        expect(parsed.endsProperly).toBe(true);
      }),
    );
  });
});

describe("write then read", () => {
  const channel = fc
    .record({
      label: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
      unit: fc.constantFrom("uV", "bpm", "", "m/s^2", "回"),
      sampleType: fc.constantFrom("int8", "uint8", "int16", "int32" as const),
      rate: fc.constantFrom(1, 2, 4, 12.5, 100),
      gain: fc.oneof(fc.constantFrom(1, 0.25, 0.01, -0.5), fc.double({ min: 1e-6, max: 1e6, noNaN: true })),
      offset: fc.oneof(fc.constant(0), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      count: fc.integer({ min: 0, max: 40 }),
      seed: fc.array(fc.tuple(fc.integer(), fc.constantFrom(0, 0, 0, 1, 2, 3, 5, 7)), {
        minLength: 40,
        maxLength: 40,
      }),
    })
    .map(({ label, unit, sampleType, rate, gain, offset, count, seed }) => {
      const samples = new sampleArrays[sampleType](count);
      const reason = new Uint8Array(count);
      for (let i = 0; i < count; i++) {
        const [value, why] = seed[i] as [number, number];
        reason[i] = why;
        samples[i] = why === 0 && value !== -(2 ** 31) ? value : 0;
      }
      const header: ChannelHeader = {
        label,
        unit,
        sampleRate: rate,
        role: "other",
        sampleType,
        gain,
        offset: offset + 0,
      };
      return { header, samples, reason };
    });
  const annotation = fc.record({
    onsetS: fc.double({ min: 0, max: 1e5, noNaN: true }),
    durationS: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e4, noNaN: true })),
    label: fc.oneof(fc.constantFrom("acceleration", "筋収縮"), fc.string({ minLength: 1, maxLength: 300 })),
    channel: fc.constant(undefined),
    note: fc.string({ unit: "grapheme", maxLength: 200 }),
  });
  test("a zero far from the values is where other programs look for it, in 32 bits", async () => {
    const header: ChannelHeader = {
      ...{ label: "A", unit: "u", sampleRate: 4, role: "other", sampleType: "float64" },
      ...{ gain: 1e-3, offset: 5000 },
    };
    const samples = Float64Array.of(0.5, -1.25, 2);
    const content: RecordingContent = {
      header: {
        ...{ name: "z", kind: "other", subject: undefined, startedAt: undefined },
        ...{ channels: [header], facts: {} },
      },
      channels: [{ samples, reason: new Uint8Array(3) }],
      annotations: [],
    };
    const folder = memoryFolder();
    const options = { baseName: "z", withAnnotations: true, withMask: true };
    await wfdbWriter.write(exportSource(content), folder.open, options, () => undefined);
    const line = new TextDecoder().decode(folder.files.get("z.hea")).split("\n")[1]!;
    const [, gain, baseline] = /^z\.dat 32 ([\d.e+]+)\((-?\d+)\)/.exec(line)!.map(Number);
    const stored = new Int32Array(folder.files.get("z.dat")!.slice().buffer);
    stored.forEach((value, i) =>
      expect((value - baseline!) / gain!).toBeCloseTo(samples[i]! * header.gain + header.offset, 5),
    );
  });

  test("samples, mask with reasons, header and annotations are the same", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(channel, { minLength: 1, maxLength: 4 }),
        fc.array(annotation, { maxLength: 6 }),
        async (channels, annotations) => {
          const content: RecordingContent = {
            header: {
              name: "記録 1",
              kind: "emg",
              subject: "P 1",
              startedAt: "2026-01-02T03:04:05.678",
              channels: channels.map((c) => c.header),
              facts: { key: "value: with colon" },
            },
            channels,
            annotations: annotations.map((a) => ({ ...a, onsetS: a.onsetS + 0, durationS: a.durationS + 0 })),
          };
          const folder = memoryFolder();
          await wfdbWriter.write(
            exportSource(content),
            folder.open,
            { baseName: "rec", withAnnotations: true, withMask: true },
            () => undefined,
          );
          const back = await readWhole(
            wfdbReader,
            bytesSource("rec.hea", folder.files.get("rec.hea") as Uint8Array, folder.files),
          );
          expect(warnings(back.repairs)).toEqual([]);
          back.channels.forEach((c, i) => {
            const wanted = channels[i] as (typeof channels)[number];
            const end = wanted.reason.findLastIndex((r) => r !== maskReasons.notRecorded) + 1; // a gap at the end is no longer there
            expect([...c.samples]).toEqual([...wanted.samples.slice(0, end)]);
            expect([...c.reason]).toEqual([...wanted.reason.slice(0, end)]);
          });
          expect(back.header).toEqual(content.header);
          const sorted = (list: readonly SourceAnnotation[]) =>
            [...list].map((a) => JSON.stringify({ ...a, author: undefined })).sort();
          expect(sorted(back.annotations)).toEqual(sorted(content.annotations));
        },
      ),
      { numRuns: 150 },
    );
  });
  test("fractions are kept to a step that is told", async () => {
    const samples = Float32Array.of(0.1, -3.25, 1e-3);
    const header: ChannelHeader = {
      label: "EMG",
      unit: "mV",
      sampleRate: 1000,
      role: "emg",
      sampleType: "float32",
      gain: 1,
      offset: 0,
    };
    const content = {
      header: {
        name: "f",
        kind: "emg" as const,
        subject: undefined,
        startedAt: undefined,
        channels: [header],
        facts: {},
      },
      channels: [{ samples, reason: new Uint8Array(3) }],
      annotations: [],
    };
    const folder = memoryFolder();
    const codes: string[] = [];
    await wfdbWriter.write(
      exportSource(content),
      folder.open,
      { baseName: "f", withAnnotations: true, withMask: true },
      (r) => codes.push(r.code),
    );
    expect(codes).toContain("WFDB_QUANTISED");
    const back = await readWhole(
      wfdbReader,
      bytesSource("f.hea", folder.files.get("f.hea") as Uint8Array, folder.files),
    );
    const gain = back.header.channels[0]?.gain ?? NaN;
    samples.forEach((value, i) =>
      expect(Math.abs((back.channels[0]?.samples[i] ?? NaN) * gain - value)).toBeLessThan(4 * 2 ** -30),
    );
  });
  test("a header line changed after we wrote it wins over our comment", async () => {
    const content = fhrRecording("e", 0.25, { samples: Int16Array.of(560), reason: new Uint8Array(1) });
    const folder = memoryFolder();
    await wfdbWriter.write(
      exportSource(content),
      folder.open,
      { baseName: "e", withAnnotations: true, withMask: true },
      () => undefined,
    );
    const hea = new TextDecoder().decode(folder.files.get("e.hea")).replace(" 4(0)/bpm", " 8(0)/bpm");
    const back = await readWhole(wfdbReader, bytesSource("e.hea", text(hea), folder.files));
    expect(back.header.channels[0]?.gain).toBe(0.125);
    expect(back.repairs.map((r) => r.code)).toEqual(["WFDB_CHANGED_SINCE"]);
  });
});

test("encoded samples decode to themselves", () => {
  for (const bits of [16, 24, 32] as const) {
    const high = 2 ** (bits - 1) - 1;
    const values = Int32Array.of(0, 1, -1, high, -high);
    const out = new Int32Array(values.length);
    sampleFormat(bits)?.decode(encodeSamples(values, bits), values.length, out);
    expect([...out]).toEqual([...values]);
  }
});
