import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sampleArrays } from "../../signal/block.ts";
import { bytesSource, exportSource, memoryFolder, readWhole, type RecordingContent } from "../memory.ts";
import { fhrRecording } from "../recordings.test-support.ts";
import { sharedData } from "../shared-data.test-support.ts";
import { parseNumber } from "./numbers.ts";
import { csvReader, previewTable } from "./reader.ts";
import { RowSplitter } from "./rows.ts";
import { csvWriter } from "./writer.ts";

const data = sharedData();
const onRealFiles = data === undefined ? describe.skip : describe;
const real = (path: string, table?: TableOptions) => {
  const bytes = readFileSync(join(data ?? "", path));
  return readWhole(
    csvReader,
    bytesSource(
      path.split("/").at(-1)?.replace(/\.gz$/, "") ?? "",
      new Uint8Array(path.endsWith(".gz") ? gunzipSync(bytes) : bytes),
    ),
    table === undefined ? {} : { table },
  );
};
const read = (text: string | Uint8Array, table?: TableOptions) =>
  readWhole(
    csvReader,
    bytesSource("t.csv", typeof text === "string" ? new TextEncoder().encode(text) : text),
    table === undefined ? {} : { table },
  );
const list = (x: ArrayLike<number> | undefined) => Array.from(x ?? []);
const lines = (n: number, row: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => row(i)).join("\n");

describe("columns that are empty at the beginning", () => {
  const late = (i: number, from: number, cell: string): string => (i < from ? "" : cell);
  test("a second twin whose heart rate begins late is a channel, its beginning missing; words are left out by name, labels become events", async () => {
    const rows = lines(900, (i) =>
      [
        i / 4,
        140 + (i % 5),
        late(i, 700, `${130 + (i % 3)}`) || "NaN",
        late(i, 650, "moved"),
        i >= 600 && i < 640 ? "push" : "",
        "",
      ].join(","),
    );
    const r = await read(`time,FHR1,FHR2,comment,label,spare\n${rows}\n`);
    expect(r.header.channels.map(({ label }) => label)).toEqual(["FHR1", "FHR2"]);
    const reason = list(r.channels[1]?.reason);
    expect(reason.map((why) => why === 0)).toEqual(Array.from({ length: 900 }, (_, i) => i >= 700));
    expect(list(r.channels[1]?.samples.slice(700, 703))).toEqual([131, 132, 130]);
    expect(r.annotations).toMatchObject([{ label: "push", onsetS: 150, durationS: 10 }]);
    const left = r.repairs.find(({ code }) => code === "CSV_COLUMNS_LEFT_OUT");
    expect(left?.values).toMatchObject({ count: 1, columns: "comment" });
  });

  test("one that begins in the last row, in rows too short to reach it, or never", async () => {
    const rows = lines(600, (i) => (i < 599 ? `${i / 4},${100 + (i % 7)}` : `${i / 4},100,50`));
    const r = await read(`time,FHR,UC,spare\n${rows}`);
    expect(r.header.channels.map(({ label }) => label)).toEqual(["FHR", "UC"]);
    expect(list(r.channels[1]?.reason).filter((why) => why === 0)).toHaveLength(1);
  });

  test("more than the first mebibyte, in UTF-16", async () => {
    const rows = lines(60_000, (i) => `${i}\t${100 + (i % 7)}\t${late(i, 59_900, "12.5")}`);
    const text = Buffer.from(`\ufeffsample\tFHR\tUC\n${rows}\n`, "utf16le");
    const r = await read(new Uint8Array(text), { sampleRate: 4 });
    expect(r.header.channels.map(({ label }) => label)).toEqual(["FHR", "UC"]);
    expect(list(r.channels[1]?.samples.slice(-2))).toEqual([12.5, 12.5]);
  });
});

onRealFiles("real tables (shared/data)", () => {
  test("the gesture set's original, tab-separated with a header: 1 kHz, lost milliseconds are gaps, classes are events", async () => {
    const r = await real("emg-uci-gestures/original/1_raw_data_13-12_22.03.16.txt.gz");
    expect(r.header.channels.map((c) => [c.label, c.sampleRate])).toEqual(
      Array.from({ length: 8 }, (_, i) => [`channel${i + 1}`, 1000]),
    );
    expect(r.channels[0]?.samples[0]).toBe(1e-5);
    expect(list(r.channels[0]?.reason.slice(0, 6))).toEqual([0, 2, 2, 2, 0, 0]); // times 1, 5, 6
    expect(new Set(r.annotations.map((a) => a.label))).toEqual(
      new Set(["class-1", "class-2", "class-3", "class-4", "class-5", "class-6"]),
    );
    expect(r.repairs.map((x) => x.code)).toContain("CSV_TIME_MILLISECONDS");
  });
  test("the same logged on change has no even steps: refused, read once a rate is given", async () => {
    await expect(real("emg-uci-gestures/s01_1.csv.gz")).rejects.toMatchObject({
      code: "data/irregular-time",
    });
    const r = await real("emg-uci-gestures/s01_1.csv.gz", { sampleRate: 1000 });
    expect(r.header.channels.map((c) => [c.label, c.sampleType])).toEqual(
      Array.from({ length: 8 }, (_, i) => [`ch${i + 1}`, "int8"]),
    );
    expect(list(r.channels[0]?.samples.slice(0, 8))).toEqual([1, 1, 1, 1, 1, -1, -1, -1]); // rows at 1 and 6 ms
    expect(r.repairs.map((x) => x.code)).toContain("CSV_HELD");
  });
  test("a bracelet's stream without header or time needs a rate", async () => {
    await expect(real("formats/libemg-myo/stream_raw_emg.csv")).rejects.toMatchObject({
      code: "data/no-rate",
    });
    const r = await real("formats/libemg-myo/stream_raw_emg.csv", { sampleRate: 200 });
    expect(r.repairs).toEqual([]);
    expect(r.channels.map((c) => c.samples.length)).toEqual(Array(8).fill(4900));
    expect(r.channels.map((c) => c.samples[0])).toEqual([-14, -33, -35, -45, -19, -13, -7, -6]);
    expect(r.header.channels[0]?.sampleType).toBe("int8");
  });
  test.each([
    ["v6", 8 + 3 + 5 + 3 + 1, 22_490],
    ["v5", 8 + 3, 22_490],
  ])(
    "OpenBCI %s: rate from the header, microvolts, lost packets from the counter",
    async (version, channels, rows) => {
      const r = await real(`formats/openbci/OpenBCI_GUI-${version}-blinks-jawClench-alpha.txt.gz`);
      expect(r.header.channels.length).toBe(channels);
      expect(r.header.channels[0]).toMatchObject({ label: "EXG Channel 0", unit: "uV", sampleRate: 250 });
      expect(r.header.channels[8]).toMatchObject({ label: "Accel Channel 0", unit: "g" });
      expect(r.channels[0]?.samples[0]).toBe(61379.36);
      const observed = list(r.channels[0]?.reason).filter((x) => x === 0).length;
      expect(observed).toBe(rows);
    },
  );
  test("OpenSignals: JSON header, 1000 Hz, raw counts", async () => {
    const r = await real("formats/opensignals/SampleECG.txt");
    expect(r.header.channels.at(-1)).toMatchObject({
      label: "A2",
      unit: "counts",
      sampleRate: 1000,
      sampleType: "int16",
    });
    expect(r.header.startedAt).toBe("2016-06-11T07:03:47.29");
    expect(r.channels.at(-1)?.samples[0]).toBe(496);
  });
  test.each([
    ["emg.txt", ["EMG"], 1000, "", 2055],
    ["acc.txt", ["acc_x", "acc_y", "acc_z"], 100, "m/s^2", 0.28467],
  ])("BioSPPy %s", async (file, labels, rate, unit, first) => {
    const r = await real(`formats/biosppy/${file}`);
    expect(r.header.channels.map((c) => [c.label, c.sampleRate, c.unit])).toEqual(
      labels.map((l) => [l, rate, unit]),
    );
    expect(r.channels[0]?.samples[0]).toBe(first);
    expect(r.repairs).toEqual([]);
  });
});

describe("what is detected", () => {
  test("units, time in seconds, an empty cell is missing and never zero", async () => {
    const r = await read(
      `time (s),FHR (bpm),UC [mmHg]\n0,140,5\n0.25,,6\n0.5,0,0\n0.75,NaN,7\n${lines(20, (i) => `${1 + i / 4},141,8`)}\n`,
    );
    expect(r.header.channels).toMatchObject([
      { label: "FHR", unit: "bpm", sampleRate: 4, role: "fhr", sampleType: "uint8" },
      { label: "UC", unit: "mmHg", role: "uc" },
    ]);
    expect(list(r.channels[0]?.reason.slice(0, 5))).toEqual([0, 1, 1, 1, 0]); // empty, 0 bpm, NaN
    expect(list(r.channels[1]?.reason.slice(0, 5))).toEqual([0, 0, 0, 0, 0]);
  });
  test.each(["utf-8", "utf-16le", "utf-16be", "shift_jis", "euc-jp"] as const)(
    "Japanese headers in %s",
    async (encoding) => {
      const text = `時間(ミリ秒),胎児心拍数（bpm）,子宮収縮圧\n${lines(30, (i) => `${i * 250},${140 + (i % 3)},${i}`)}\n`;
      const bytes = iconv.encode(text, encoding, { addBOM: encoding.startsWith("utf-16") });
      const r = await read(new Uint8Array(bytes));
      expect(r.header.channels).toMatchObject([
        { label: "胎児心拍数", unit: "bpm", sampleRate: 4, role: "fhr" },
        { label: "子宮収縮圧", role: "uc" },
      ]);
    },
  );
  test("a heart rate that names nobody, beside contractions, is proposed as the fetus's", async () => {
    const text = `時刻,心拍数 (bpm),陣痛\n${lines(30, (i) => `${i / 4},${140 + (i % 3)},${i}`)}\n`;
    const { header, repairs } = await read(text);
    expect(header.channels.map(({ role }) => role)).toEqual(["fhr", "uc"]);
    expect(repairs.map(({ code, values }) => [code, values?.["column"]])).toEqual([
      ["CSV_RATE_OF_FETUS", "心拍数"],
    ]);
  });
  test("Latin-1 micro signs are not taken for kana", async () => {
    const r = await read(
      new Uint8Array(
        iconv.encode(`t (s);EMG (µV)\n${lines(10, (i) => `${i / 100};${i}`)}`.replace(/\./g, ","), "latin1"),
      ),
    );
    expect(r.header.channels).toMatchObject([{ label: "EMG", unit: "µV", sampleRate: 100 }]);
  });
  test("decimal commas with semicolons, CRLF", async () => {
    const r = await read(
      `t;x\r\n${lines(10, (i) => `${String(i / 10).replace(".", ",")};${String(i + 0.5).replace(".", ",")}\r`)}`,
    );
    expect(list(r.channels[0]?.samples)).toEqual(Array.from({ length: 10 }, (_, i) => i + 0.5));
    expect(r.header.channels[0]?.sampleType).toBe("float32");
  });
  test("dates and times give the start, and whole seconds over 4 Hz the rate", async () => {
    const stamp = (i: number) => `2026/3/1 23:59:${String(50 + (Math.floor(i / 4) % 10))}`;
    const r = await read(`日時,FHR\n${lines(32, (i) => `${stamp(i)},${130 + i}`)}\n`);
    expect(r.header.startedAt).toBe("2026-03-01T23:59:50");
    expect(r.header.channels[0]?.sampleRate).toBe(4);
    expect(r.channels[0]?.samples.length).toBe(32);
  });
  test("a zone the source gives is kept", async () => {
    const r = await read(
      `timestamp,x\n${lines(20, (i) => `2026-03-01T10:00:${String(i).padStart(2, "0")}+0900,${i}`)}\n`,
    );
    expect(r.header.startedAt).toBe("2026-03-01T10:00:00+09:00");
  });
  test("a clock that passes midnight goes on", async () => {
    const clock = (i: number) => new Date(Date.UTC(2026, 0, 1, 23, 59, 50 + i)).toISOString().slice(11, 19);
    const r = await read(`time,x\n${lines(20, (i) => `${clock(i)},${i}`)}\n`);
    expect([r.header.channels[0]?.sampleRate, r.channels[0]?.samples.length]).toEqual([1, 20]);
  });
  test("stamps rounded to milliseconds give the true rate", async () => {
    const r = await read(`time_s,x\n${lines(2000, (i) => `${(i / 128).toFixed(3)},${i % 7}`)}\n`);
    expect(r.header.channels[0]?.sampleRate).toBe(128);
    expect(r.channels[0]?.samples.length).toBe(2000);
    expect(r.repairs).toEqual([]);
  });
  test("a hole in the times is a gap", async () => {
    const r = await read(`time_s,x\n${lines(50, (i) => `${i < 20 ? i : i + 5},${i}`)}\n`);
    expect(list(r.channels[0]?.reason.slice(18, 27))).toEqual([0, 0, 2, 2, 2, 2, 2, 0, 0]);
  });
  test("an hour's hole costs no memory and keeps the time after it", async () => {
    const r: number[] = [];
    const opened = await csvReader.open(
      bytesSource(
        "t.csv",
        new TextEncoder().encode(
          `time_s,x\n${lines(100, (i) => `${(i < 50 ? i : i + 360_000) / 100},${i}`)}`,
        ),
      ),
      {},
      () => undefined,
    );
    for await (const block of opened.blocks(() => undefined)) r.push(block.firstSample, block.samples.length);
    expect(r).toEqual([0, 50, 360_050, 50]);
  });
  test("a row of units under the names, and runs of words as events", async () => {
    const r = await read(
      `t,EMG1,label\ns,mV,\n${lines(40, (i) => `${i / 10},0.5,${i < 10 ? "" : i < 30 ? "hand-close" : "neutral"}`)}\n`,
    );
    expect(r.header.channels).toMatchObject([{ label: "EMG1", unit: "mV", role: "emg" }]);
    expect(r.annotations).toEqual([
      { onsetS: 1, durationS: 2, label: "hand-close", channel: undefined, note: "" },
      { onsetS: 3, durationS: 1, label: "neutral", channel: undefined, note: "" },
    ]);
  });
  test("what the person chose wins over what was detected", async () => {
    const r = await read("x|y\n1,-999\n2,3\n", {
      headerRows: 1,
      timeColumn: null,
      sampleRate: 50,
      missing: ["-999"],
      columns: [{ index: 1, label: "EMG", unit: "uV", role: "emg" }],
      separator: ",",
    });
    expect(r.header.channels).toMatchObject([{ label: "EMG", unit: "uV", role: "emg", sampleRate: 50 }]);
    expect(list(r.channels[0]?.reason)).toEqual([1, 0]);
  });
  test("a row cut by the end of the file is left out and said", async () => {
    const r = await read(`t (s),x,y\n${lines(10, (i) => `${i},1,2`)}\n10,1`);
    expect(r.channels[1]?.samples.length).toBe(10);
    expect(r.repairs.map((x) => x.code)).toEqual(["CSV_CUT_ROW"]);
  });
});

describe("what is refused", () => {
  test.each([
    [
      "a word among numbers",
      `t (s),x\n${lines(20, (i) => `${i},${i === 7 ? "12a" : i}`)}\n`,
      { code: "data/bad-cell", detail: { file: "t.csv", line: 9, column: "x", value: "12a" } },
    ],
    [
      "a time that is none",
      `t (s),x\n${lines(20, (i) => `${i === 7 ? "" : i},1`)}\n`,
      { code: "data/bad-cell", detail: { line: 9, column: "t (s)" } },
    ],
    ["no rate", "x,y\n1,2\n3,4\n", { code: "data/no-rate" }],
    ["uneven times", `t (s),x\n${lines(30, (i) => `${i * i},1`)}\n`, { code: "data/irregular-time" }],
    ["times that go back", "t (s),x\n0,1\n1,2\n0.5,3\n2,4\n3,5\n", { code: "data/irregular-time" }],
    ["no row of values", "a,b\nc,d\n", { code: "data/no-rows" }],
    ["no text", "", { code: "data/no-rows" }],
  ])("%s", async (_, text, error) => {
    await expect(read(text)).rejects.toMatchObject(error);
  });
});

test("a preview tells the detected options and the first rows, and lists problems instead of throwing", async () => {
  const preview = await previewTable(
    bytesSource("t.csv", new TextEncoder().encode("a;b\n1,5;2\n2,5;3\n")),
    {},
  );
  expect(preview).toMatchObject({
    options: {
      encoding: "utf-8",
      separator: ";",
      decimal: ",",
      headerRows: 1,
      timeColumn: null,
      columns: [
        { index: 0, label: "a" },
        { index: 1, label: "b" },
      ],
    },
    rows: [
      ["a", "b"],
      ["1,5", "2"],
      ["2,5", "3"],
    ],
    problems: [{ code: "CSV_NO_RATE" }],
  });
});

test("a preview of our own table names its channels, and importing with those options loses nothing", async () => {
  const content = fhrRecording("c", 0.25, { samples: Int16Array.of(560, 0), reason: Uint8Array.of(0, 3) });
  const folder = memoryFolder();
  await csvWriter.write(
    exportSource(content),
    folder.open,
    { baseName: "c", withAnnotations: true, withMask: true },
    () => undefined,
  );
  const source = bytesSource("c.csv", folder.files.get("c.csv") as Uint8Array, folder.files);
  const preview = await previewTable(source, {});
  expect(preview).toMatchObject({
    problems: [],
    options: { sampleRate: 4, columns: [{ index: 1, label: "FHR", unit: "bpm", role: "fhr" }] },
  });
  const back = await readWhole(csvReader, source, { table: preview.options });
  expect(back.header.channels).toEqual(content.header.channels);
  expect(list(back.channels[0]?.reason)).toEqual([0, 3]);
});

test("columns that become nothing are named", async () => {
  const r = await read(`t (s),x,who\n${lines(30, (i) => `${i},1,ana`)}\n`);
  expect(r.repairs.map((x) => x.code)).toEqual(["CSV_COLUMNS_LEFT_OUT"]);
});

describe("pieces", () => {
  test("numbers are rounded as the language rounds them", () => {
    const bytes = (s: string) => new TextEncoder().encode(s);
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: 1, max: 25 }),
        (x, digits) => {
          for (const s of [
            String(x),
            x.toExponential(digits - 1),
            Math.abs(x) < 1e20 ? x.toFixed(digits) : String(x),
          ])
            expect(parseNumber(bytes(s), 0, s.length, 46)).toBe(Number(s));
        },
      ),
    );
    for (const s of ["", "-", ".", "1e", "0x10", "1 2", "1,5", "Infinity", "NaN", "1.2.3"])
      expect(parseNumber(bytes(s), 0, s.length, 46)).toBeNaN();
    expect(parseNumber(bytes("x-1,5e2y"), 1, 7, 44)).toBe(-150);
  });
  test("rows are the same however the bytes are cut, quotes and line ends included", () => {
    const cell = fc.oneof(
      fc.constantFrom("", "1.5", "-2", "a b", "あ"),
      fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "x", " ") }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat(80)),
        (table, end, cuts) => {
          const text =
            table.map((row) => row.map((c) => `"${c.replace(/"/g, '""')}"`).join(",")).join(end) + end;
          const bytes = new TextEncoder().encode(text);
          const got: string[][] = [];
          const splitter = new RowSplitter(",", "t");
          const take = (row: { bytes: Uint8Array; starts: number[]; ends: number[]; count: number }) =>
            void got.push(
              Array.from({ length: row.count }, (_, i) =>
                new TextDecoder().decode(row.bytes.subarray(row.starts[i], row.ends[i])).replace(/""/g, '"'),
              ),
            );
          const points = [0, ...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
          for (let i = 1; i < points.length; i++)
            splitter.push(bytes.subarray(points[i - 1], points[i]), take);
          splitter.end(take);
          expect(got).toEqual(table);
        },
      ),
    );
  });
});

describe("write then read", () => {
  const channel = fc
    .record({
      label: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
      unit: fc.constantFrom("uV", "bpm", "", "m/s^2", "回"),
      sampleType: fc.constantFrom("int8", "uint8", "int16", "int32", "float32", "float64" as const),
      gain: fc.oneof(
        fc.constantFrom(1, 0.25, 0.01, -0.5, 0.005),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      ),
      offset: fc.oneof(fc.constantFrom(0, -5.12), fc.double({ min: -1e3, max: 1e3, noNaN: true })),
      count: fc.integer({ min: 1, max: 40 }),
      values: fc.array(
        fc.tuple(
          fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
          fc.constantFrom(0, 0, 0, 1, 2, 3, 5, 7),
        ),
        { minLength: 40, maxLength: 40 },
      ),
    })
    .map(({ label, unit, sampleType, gain, offset, count, values }) => {
      const isFloat = sampleType.startsWith("float");
      const samples = new sampleArrays[sampleType](count);
      const reason = new Uint8Array(count);
      for (let i = 0; i < count; i++) {
        const [value, why] = values[i] as [number, number];
        samples[i] = why === 0 ? value + 0 : 0;
        const isFine = Number.isFinite(samples[i]);
        if (!isFine) samples[i] = 0;
        reason[i] = why;
      }
      const header: ChannelHeader = {
        label,
        unit,
        sampleRate: 12.5,
        role: "other",
        sampleType,
        gain: isFloat ? 1 : gain,
        offset: isFloat ? 0 : offset + 0,
      };
      return { header, samples, reason };
    });
  test("samples, mask with reasons, header and annotations are the same", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(channel, { minLength: 1, maxLength: 4 }), async (channels) => {
        const content: RecordingContent = {
          header: {
            name: "記録, 1",
            kind: "emg",
            subject: "P 1",
            startedAt: "2026-01-02T03:04:05.678",
            channels: channels.map((c) => c.header),
            facts: { key: 'a "quoted" value' },
          },
          channels,
          annotations: [
            { onsetS: 0.1, durationS: 1 / 3, label: "筋収縮", channel: 0, note: "line\nbreak" },
            { onsetS: 2, durationS: 0, label: "x", channel: undefined, note: "" },
          ],
        };
        const folder = memoryFolder();
        await csvWriter.write(
          exportSource(content),
          folder.open,
          { baseName: "rec", withAnnotations: true, withMask: true },
          () => undefined,
        );
        const back = await readWhole(
          csvReader,
          bytesSource("rec.csv", folder.files.get("rec.csv") as Uint8Array, folder.files),
        );
        expect(back.repairs).toEqual([]);
        expect(back.header).toEqual(content.header);
        expect(back.annotations).toEqual(content.annotations);
        back.channels.forEach((c, i) => {
          const end =
            (channels[i]?.reason ?? new Uint8Array()).findLastIndex((r) => r !== maskReasons.notRecorded) + 1; // a gap at the end is no longer there
          expect(list(c.samples)).toEqual(list(channels[i]?.samples.slice(0, end)));
          expect(list(c.reason)).toEqual(list(channels[i]?.reason.slice(0, end)));
        });
      }),
      { numRuns: 100 },
    );
  });
  test("short decimals are written as such, and unobserved samples as empty cells with their reason", async () => {
    const content = fhrRecording("c", 0.01, {
      samples: Int16Array.of(15050, 7, 13000),
      reason: Uint8Array.of(0, maskReasons.droppedPacket, 0),
    });
    const folder = memoryFolder();
    await csvWriter.write(
      exportSource(content),
      folder.open,
      { baseName: "c", withAnnotations: true, withMask: true },
      () => undefined,
    );
    const text = new TextDecoder().decode(folder.files.get("c.csv"));
    expect(text.split("\n").slice(2, -1)).toEqual([
      "time_s,FHR (bpm),FHR__mask",
      "0.00,150.5,0",
      "0.25,,3",
      "0.50,130,0",
    ]);
  });
});
