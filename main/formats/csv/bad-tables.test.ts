import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { bytesSource, readWhole } from "../memory.ts";
import { recognise } from "../registry.ts";
import { parseAnnotationTable } from "../annotations/parse.ts";
import { csvReader, previewTable } from "./reader.ts";

const bytesOf = (text: string | Uint8Array): Uint8Array =>
  typeof text === "string" ? new TextEncoder().encode(text) : text;
const read = (text: string | Uint8Array, table?: TableOptions) =>
  readWhole(csvReader, bytesSource("t.csv", bytesOf(text)), table === undefined ? {} : { table });
const preview = (text: string | Uint8Array, table?: TableOptions) =>
  previewTable(bytesSource("t.csv", bytesOf(text)), table === undefined ? {} : { table });
const rows = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => row(i)).join("\n");
const codes = ({ repairs }: Awaited<ReturnType<typeof read>>): string[] => repairs.map(({ code }) => code);

describe("encodings", () => {
  const table = `時間 (s),心拍数 (bpm)\n${rows(40, (i) => `${i / 4},${140 + (i % 5)}`)}\n`;

  test.each([
    ["UTF-16 little-endian without a mark", iconv.encode(table, "utf-16le")],
    ["UTF-16 big-endian without a mark", iconv.encode(table, "utf-16be")],
    ["UTF-16 big-endian with its mark", iconv.encode(table, "utf-16be", { addBOM: true })],
    ["UTF-8 with its mark", iconv.encode(table, "utf-8", { addBOM: true })],
    ["EUC-JP", iconv.encode(table, "euc-jp")],
    ["Shift-JIS", iconv.encode(table, "shift_jis")],
  ])("%s is found out, and the names are the names", async (_, bytes) => {
    const result = await read(new Uint8Array(bytes));
    expect(result.header.channels.map(({ label, unit, sampleRate }) => [label, unit, sampleRate])).toEqual([
      ["心拍数", "bpm", 4],
    ]);
    expect([...result.channels[0]!.samples].slice(0, 3)).toEqual([140, 141, 142]);
    expect(result.repairs).toEqual([]);
  });

  test("half-width kana and the supplementary set of EUC-JP are EUC-JP", async () => {
    // 8E xx: half-width katakana; 8F xx xx: JIS X 0212. Written by hand: iconv-lite writes neither.
    const name = Uint8Array.of(0x8e, 0xb1, 0x8f, 0xb0, 0xa1);
    const bytes = Uint8Array.from([
      ...bytesOf("t (s),"),
      ...name,
      ...bytesOf(`\n${rows(9, (i) => `${i},1`)}\n`),
    ]);
    expect((await preview(bytes)).options.encoding).toBe("euc-jp");
  });

  test("bytes of 0 are no text", () => {
    expect(recognise(Uint8Array.from([...bytesOf("1,2\n3,4\n"), 0, 0, 0]), "t.csv")).toBeUndefined();
  });
});

describe("cells", () => {
  test("infinite values, as a word or too large for a number, are out of range and not observed", async () => {
    const result = await read(
      `t (s),x\n${rows(9, (i) => `${i},${["1.5", "Inf", "-infinity", "1e999"][i] ?? 2}`)}\n`,
    );
    expect([...result.channels[0]!.reason].slice(0, 5)).toEqual([
      0,
      ...Array<number>(3).fill(maskReasons.outOfRange),
      0,
    ]);
  });

  test("cells beyond the columns are not read, and said once with their line", async () => {
    const result = await read(`t (s),x\n${rows(60_000, (i) => (i >= 50_000 ? `${i},1,7` : `${i},1`))}\n`);
    expect(result.repairs).toMatchObject([{ code: "CSV_EXTRA_CELLS", values: { line: 50_002 } }]);
    expect(result.header.channels).toHaveLength(1);
  });

  test("a quote that is never closed ends the reading, not the memory", async () => {
    const text = `t (s),x\n${rows(60, (i) => `${i},1`)}\n60,"${"2,3\n".repeat(2_500_000)}`;
    await expect(read(text)).rejects.toMatchObject({
      code: "data/row-too-long",
      message: expect.stringMatching(/t\.csv, line 62: .*a quote may not be closed/) as string,
    });
  });

  test("a row whose time is missing, or is no time of day, is refused with its line", async () => {
    const short = `x,t (s)\n${rows(30, (i) => (i === 20 ? "1" : `1,${i}`))}\n`;
    await expect(read(short)).rejects.toMatchObject({
      code: "data/bad-cell",
      detail: { line: 22, value: "" },
    });
    const clock = (i: number): string => `10:00:${String(i).padStart(2, "0")}`;
    const wrong = `time,x\n${rows(30, (i) => `${i === 20 ? "10:75:00" : clock(i)},1`)}\n`;
    await expect(read(wrong)).rejects.toMatchObject({
      code: "data/bad-cell",
      detail: { line: 22, value: "10:75:00" },
    });
    const lost = `x,time\n${rows(30, (i) => (i === 20 ? "1" : `1,${clock(i)}`))}\n`;
    await expect(read(lost)).rejects.toMatchObject({
      code: "data/bad-cell",
      detail: { line: 22, value: "" },
    });
  });

  test("a time absurdly far from the first is refused", async () => {
    const text = `t (s),x\n${rows(30, (i) => `${i === 29 ? "1e18" : i},1`)}\n`;
    await expect(read(text)).rejects.toMatchObject({
      code: "data/bad-time",
      detail: { line: 31, allowed: `at most ${2 ** 48}` },
    });
  });
});

describe("times", () => {
  test("one row, or one same time in every row, tells no rate", async () => {
    for (const text of ["t (s),x\n0,1\n", `t (s),x\n${rows(30, (i) => `7,${i}`)}\n`])
      await expect(read(text)).rejects.toMatchObject({
        code: "data/no-rate",
        message: expect.stringMatching(/no column of times, or one that tells no rate/) as string,
      });
  });

  test("a few rows that come twice are left out and said; more than a thousandth is no even time", async () => {
    const twice = (every: number) =>
      `t (s),x\n${rows(9000, (i) => `${i % every === 1 ? i - 1 : i},${i % 9}`)}\n`;
    const few = await read(twice(4000));
    expect(codes(few)).toEqual(["CSV_REPEATED_TIME"]);
    await expect(read(twice(100))).rejects.toMatchObject({
      code: "data/irregular-time",
      message: expect.stringMatching(/90 rows go back in time or repeat one, the first in line 3/) as string,
    });
  });

  test("held values keep the later of two rows at one time, and say so", async () => {
    const text = `t (s),x\n${rows(60, (i) => `${(i * i) / 100 + (i === 30 ? -0.61 : 0)},${i}`)}\n`;
    expect(codes(await read(text, { sampleRate: 10 }))).toContain("CSV_REPEATED_TIME_HELD");
  });

  test("a given rate that the times contradict wins, and both are said", async () => {
    const result = await read(`t (s),x\n${rows(50, (i) => `${i / 100},${i}`)}\n`, { sampleRate: 250 });
    expect(result.header.channels[0]?.sampleRate).toBe(250);
    expect(result.repairs).toMatchObject([
      { code: "CSV_RATE_CONFLICT", values: { measured: 100, given: 250 } },
    ]);
  });

  test.each([
    ["milliseconds, by the given rate", (i: number) => i * 5, 200, undefined],
    ["microseconds, by the given rate", (i: number) => i * 5000, 200, undefined],
    ["counts, by the given rate", (i: number) => i, 500, undefined],
    ["whole numbers otherwise", (i: number) => i * 5, undefined, "CSV_TIME_MILLISECONDS"],
    ["seconds since 1970", (i: number) => 1_700_000_000 + i, undefined, "CSV_TIME_SECONDS"],
    ["milliseconds since 1970", (i: number) => 1_700_000_000_000 + i * 5, undefined, "CSV_TIME_MILLISECONDS"],
  ])("a time without a unit counts %s", async (_, stamp, sampleRate, said) => {
    const result = await read(
      `time,x\n${rows(50, (i) => `${stamp(i)},${i}`)}\n`,
      sampleRate === undefined ? undefined : { sampleRate },
    );
    expect(result.channels[0]!.samples.length).toBe(50); // no gap: the unit was right
    expect(result.header.channels[0]!.sampleRate).toBe(sampleRate ?? (said === "CSV_TIME_SECONDS" ? 1 : 200));
    expect(codes(result)).toEqual(said === undefined ? [] : [said]);
  });

  test("the column a person chose is the time, whatever its name", async () => {
    const text = `a,b\n${rows(30, (i) => `${i % 3},${i / 50}`)}\n`;
    const result = await read(text, { timeColumn: 1 });
    expect(result.header.channels.map(({ label, sampleRate }) => [label, sampleRate])).toEqual([["a", 50]]);
  });

  test("a preview says what is wrong with the times beside the rows, so that it can be put right", async () => {
    const problems = async (text: string) => (await preview(text)).problems.map(({ code }) => code);
    expect(await problems(`t (s),x\n${rows(30, (i) => `${i * i},1`)}\n`)).toEqual(["CSV_IRREGULAR_TIME"]);
    expect(await problems(`t (s),x\n${rows(300, (i) => (i === 280 ? "soon,1" : `${i},1`))}\n`)).toEqual([
      "CSV_TIME",
    ]);
    expect(await problems(`x,y\n${rows(30, (i) => `${i % 7},1`)}\n`)).toEqual(["CSV_NO_RATE"]);
  });
});

test("a table of annotations may hold rows of nothing but separators, and rows cut short", async () => {
  const table = "recording,label,onset_s,duration_s,note\na,b,1,2,c\n,,,,\na,b,3,,\na,b,4\n";
  const found = await parseAnnotationTable(bytesSource("e.csv", bytesOf(table)));
  expect(found.map(({ onsetS, durationS, note, line }) => [onsetS, durationS, note, line])).toEqual([
    [1, 2, "c", 2],
    [3, 0, "", 4],
    [4, 0, "", 5],
  ]);
});
