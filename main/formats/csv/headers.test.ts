import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { bytesSource, readWhole } from "../memory.ts";
import { csvReader, previewTable } from "./reader.ts";
import { parseMoment } from "./times.ts";

const source = (text: string) => bytesSource("t.csv", new TextEncoder().encode(text));
const read = (text: string, table?: TableOptions) =>
  readWhole(csvReader, source(text), table === undefined ? {} : { table });
const preview = (text: string, table?: TableOptions) =>
  previewTable(source(text), table === undefined ? {} : { table });
const rows = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => row(i)).join("\n");
const named = ({ header }: Awaited<ReturnType<typeof read>>) =>
  header.channels.map(({ label, unit, sampleRate }) => [label, unit, sampleRate]);

describe("rows above the values", () => {
  const body = rows(40, (i) => `${i / 4},${140 + (i % 5)},${i % 9}`);

  test.each([
    ["pairs of words", "Patient,Mori\nWard,3B\ntime (s),FHR (bpm),UC\n"],
    [
      "pairs with numbers, padded to the table's width",
      "Patient,S01,\nSampling rate,4,\nBed,12,\ntime (s),FHR (bpm),UC\n",
    ],
    ["a title, an empty row and units below the names", "CTG report\n,,\ntime,FHR,UC\ns,bpm,\n"],
    ["units nobody listed", "Recorded:,2026-03-01,\ntime_s,FHR,UC\n(s),(bpm),(kgf)\n"],
  ])("%s are a preamble, and the names are the names", async (_, head) => {
    const result = await read(`${head}${body}\n`);
    expect(named(result)).toEqual([
      ["FHR", "bpm", 4],
      ["UC", head.includes("kgf") ? "kgf" : "", 4],
    ]);
    expect(result.channels[0]?.samples.length).toBe(40);
    if (head.includes("Patient")) expect(Object.keys(result.header.facts)).toContain("Patient");
  });

  test("a preamble that says the rate says it for a table without times; kilohertz are thousands", async () => {
    const values = rows(30, (i) => `${i},${i % 3}`);
    expect(named(await read(`Device,X2\nSampling rate,2 kHz\nEMG 1 (mV),EMG 2 (mV)\n${values}\n`))).toEqual([
      ["EMG 1", "mV", 2000],
      ["EMG 2", "mV", 2000],
    ]);
  });

  test("the first row of values is never taken for a header, wrong as a cell of it may be", async () => {
    await expect(read(`t (s),x\n0,abc\n${rows(30, (i) => `${i + 1},1`)}\n`)).rejects.toMatchObject({
      code: "data/bad-cell",
      detail: { line: 2, value: "abc" },
    });
  });

  test("a person says which row names the columns", async () => {
    const text = `left,right,note\nEMG A,EMG B,EMG C\nraw,raw,filtered\n${body}\n`;
    const found = await preview(text, { namesRow: 1, timeColumn: null, sampleRate: 100 });
    expect(found.options).toMatchObject({ namesRow: 1, headerRows: 3 });
    expect(found.options.columns?.map(({ label }) => label)).toEqual(["EMG A", "EMG B", "EMG C"]);
    expect(named(await read(text, found.options))).toHaveLength(3);
  });
});

describe("columns of words and codes", () => {
  const phase = (i: number): string => (i < 10 ? "rest" : i < 25 ? "grasp" : "");
  const text = `time_s,EMG,phase,trigger\n${rows(40, (i) => `${i / 10},${i},${phase(i)},${i < 20 ? 0 : 7}`)}\n`;

  test("become annotations where a person says so, words and numbers alike", async () => {
    const found = await preview(text);
    expect(found.columns?.map(({ content }) => content)).toEqual(["numbers", "numbers", "text", "numbers"]);
    const columns = found.options.columns?.filter(({ index }) => index === 1) ?? [];
    const result = await read(text, { ...found.options, columns, labelColumns: [2, 3] });
    expect(named(result)).toEqual([["EMG", "", 10]]);
    expect(result.annotations.map((a) => [a.label, a.onsetS, a.durationS])).toEqual([
      ["rest", 0, 1],
      ["grasp", 1, 1.5],
      ["trigger-7", 2, 2],
    ]);
  });

  test("a column of that name does so unasked, and the choice of channels does not lose it", async () => {
    const labelled = text.replace("phase", "label");
    const found = await preview(labelled);
    expect(found.options.labelColumns).toEqual([2]);
    expect((await read(labelled, found.options)).annotations).toHaveLength(2);
  });
});

describe("a day and a time of day in two columns", () => {
  const clock = (i: number): string => `23:59:${String(50 + (i % 10))}`;
  const day = (i: number, first: string, second: string): string => (i < 10 ? first : second);
  const table = (first: string, second: string): string =>
    `Date;Time;FHR\n${rows(20, (i) => `${day(i, first, second)};${i < 10 ? clock(i) : `00:00:0${i - 10}`};${140 + i}`)}\n`;

  test.each([
    ["2026-03-31", "2026-04-01"],
    ["2026/3/31", "2026/4/1"],
    ["2026年3月31日", "2026年4月1日"],
    ["31.03.2026", "01.04.2026"],
    ["31/03/2026", "01/04/2026"],
    ["03/31/2026", "04/01/2026"],
  ])("%s gives the start, and midnight is passed", async (first, second) => {
    const result = await read(table(first, second));
    expect([result.header.startedAt, ...named(result)]).toEqual(["2026-03-31T23:59:50", ["FHR", "", 1]]);
    expect(result.channels[0]?.samples.length).toBe(20);
    expect(result.repairs).toEqual([]);
  });

  test("dates that may be read both ways are asked about, and read as told", async () => {
    const text = table("02/03/2026", "03/03/2026");
    expect((await preview(text)).problems.map(({ code }) => code)).toEqual(["CSV_DATE_ORDER"]);
    await expect(read(text)).rejects.toMatchObject({ code: "data/date-order" });
    expect((await read(text, { dateOrder: "dmy" })).header.startedAt).toBe("2026-03-02T23:59:50");
    expect((await preview(text, { dateOrder: "dmy" })).options).toMatchObject({
      timeColumn: 1,
      dateColumn: 0,
    });
  });

  test("a person says which column is the day", async () => {
    const text = `born;taken;at;x\n${rows(20, (i) => `1990-01-01;2026-03-01;10:00:${String(i + 10)};${i}`)}\n`;
    const result = await read(text, { timeColumn: 2, dateColumn: 1 });
    expect(result.header.startedAt).toBe("2026-03-01T10:00:10");
  });
});

test("moments are read as written, and nothing else is a moment, however long", () => {
  const s = (text: string, order?: "dmy" | "mdy") => parseMoment(text, order)?.s;
  expect(s("10:00:00.250")).toBe(36_000.25);
  expect(s("1:02,5")).toBe(62.5);
  expect(s("12:30 AM")).toBe(1800);
  expect(s("12:30:00 pm")).toBe(45_000);
  expect(s("-1:30")).toBe(-5400);
  expect(parseMoment("2026-03-01T10:00:00.5+0900")).toEqual({
    s: Date.UTC(2026, 2, 1, 10) / 1000 + 0.5,
    kind: "calendar",
    zone: "+09:00",
    isDay: false,
  });
  expect(s("03/01/2026 13:05", "mdy")).toBe(Date.UTC(2026, 2, 1, 13, 5) / 1000);
  for (const text of [
    "",
    "1",
    "10:75",
    "13:00 PM",
    "2026-13-01",
    "2026-03-01x",
    "24:00:61",
    "1:2:3",
    "03/01/2026",
  ])
    expect(s(text), text).toBeUndefined();
  fc.assert(
    fc.property(
      fc.date({ min: new Date("1900-01-01"), max: new Date("2199-12-31"), noInvalidDate: true }),
      (date) => {
        expect(s(date.toISOString())).toBeCloseTo(date.getTime() / 1000, 6);
      },
    ),
  );
});

test("cells of a hundred thousand characters are looked at once", async () => {
  const long = ["1", " ", "(", "T", "0.", "x ", "::", "-/"].map((piece) =>
    piece.repeat(100_000 / piece.length),
  );
  for (const cell of long) {
    await preview(`${cell},b\n${cell},2\n3,4\n`).catch((error: unknown) => error);
    await preview(`# ${cell}\n# ${cell}=${cell}\na,${cell}\n1,2\n3,4\n`).catch((error: unknown) => error);
  }
});
