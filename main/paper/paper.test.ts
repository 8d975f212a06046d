import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { create } from "fontkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ReportOptions } from "../../preload/contract/report.ts";
import { gatherFonts } from "../../scripts/fonts.ts";
import { type Fonts, openFonts } from "./fonts.ts";
import { qualityOf } from "./measures.ts";
import { pagesOf } from "./pages.ts";
import { openPdf } from "./pdf.ts";
import { readPdf, type ReadPdf } from "./pdf.test-support.ts";
import { CM } from "./pen.ts";
import { openPicture } from "./picture.ts";
import { hide, reportOf } from "./report.fixtures.ts";
import type { Report } from "./report.ts";
import { LEFT, RIGHT, sheetOf } from "./sheet.ts";
import { tableOf } from "./table.ts";
import { tracesOf } from "./traces.ts";
import { sayIn } from "./words.ts";

const folder = mkdtempSync(join(tmpdir(), "kodo-paper-"));
let fonts: Fonts;
beforeAll(() => {
  gatherFonts(folder);
  fonts = openFonts(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written(report: Report): Promise<ReadPdf> {
  const { language } = report.options;
  const pen = openPdf(fonts, {
    ...{ title: "t", creator: "Kodo 0", language, createdAt: new Date(0), isPacked: false },
  });
  for (const page of pagesOf(pen, report)) page.draw(pen);
  await pen.end();
  return readPdf(Buffer.concat(pen.take()));
}
const paper = (change: Partial<ReportOptions> = {}, minutes = 20): Promise<ReadPdf> =>
  written(reportOf(change, minutes));

const inOrder = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b);
const steps = (values: readonly number[]): number[] =>
  values.slice(1).map((value, i) => value - (values[i] ?? 0));

describe("geometry read back from the pages", () => {
  test.each([
    [1, "50-210"],
    [2, "50-210"],
    [3, "30-240"],
  ] as const)(
    "at %i cm a minute a minute is that long, and half a centimetre lies between the faint lines",
    async (paperSpeed, fhrRange) => {
      const { pages } = await paper({ paperSpeed, fhrRange, withOverlays: false, withAnnotations: false });
      const { rates } = sheetOf(fhrRange);
      const upright = (pages[0]?.lines ?? []).filter(
        ({ x0, x1, y0, y1 }) =>
          x0 === x1 && Math.abs(y0 - rates.top) < 0.01 && Math.abs(y1 - rates.top - rates.height) < 0.01,
      );
      for (const step of steps(inOrder(upright.map(({ x0 }) => x0)))) expect(step).toBeCloseTo(CM / 2, 2);
      const minutes = inOrder(upright.filter(({ width }) => width === 0.35).map(({ x0 }) => x0));
      expect(minutes).toContain(Math.round(LEFT * 1000) / 1000);
      expect(minutes).toContain(Math.round((LEFT + paperSpeed * CM) * 1000) / 1000);
    },
  );
  test.each([
    ["50-210", 20],
    ["30-240", 30],
  ] as const)(
    "in %s a centimetre is %i bpm, and contractions are 25 units a centimetre",
    async (fhrRange, bpm) => {
      const { pages } = await paper({ fhrRange, withOverlays: false, withAnnotations: false });
      const { rates, contractions } = sheetOf(fhrRange);
      const level = (box: { top: number; height: number }): number[] =>
        inOrder(
          (pages[0]?.lines ?? [])
            .filter(({ x0, x1, y0, y1 }) => y0 === y1 && x1 - x0 > 5 * CM)
            .filter(({ y0 }) => y0 > box.top - 0.01 && y0 < box.top + box.height + 0.01)
            .map(({ y0 }) => y0),
        );
      expect(level(rates)).toHaveLength(bpm === 20 ? 33 : 43);
      for (const step of steps(level(rates))) expect(step).toBeCloseTo((5 / bpm) * CM, 2);
      for (const step of steps(level(contractions))) expect(step).toBeCloseTo((10 / 25) * CM, 2);
    },
  );
  test("pages are A4, lying; the strip is whole centimetres wide, and the next page goes on where this one ends", async () => {
    const { pages } = await paper({ withOverlays: false, withAnnotations: false }, 60);
    expect(pages).toHaveLength(3); // 27 minutes each
    for (const { width, height } of pages) {
      expect(width / CM).toBeCloseTo(29.7, 3);
      expect(height / CM).toBeCloseTo(21, 3);
    }
    expect((RIGHT - LEFT) / CM).toBeCloseTo(27, 9);
    expect(pages[0]?.text).toContain("+26:00");
    expect(pages[1]?.text).toContain("+28:00");
  });
  test("a ruler of exactly a centimetre stands on every page", async () => {
    const { pages } = await paper({}, 60);
    for (const { lines } of pages)
      expect(lines.some(({ x0, x1, y0, y1 }) => y0 === y1 && Math.abs(x1 - x0 - CM) < 0.0015)).toBe(true);
  });
  test("viewers are asked to print it as large as it is", async () => {
    expect((await paper()).source).toContain("/PrintScaling /None");
  });
});

describe("what is drawn", () => {
  /** Runs of the heart rate on the first page: polylines of its colour. */
  const rateRuns = async (report: Report): Promise<readonly (readonly number[])[]> =>
    (await written(report)).pages[0]?.runs
      .filter(({ colour }) => colour === "#17304f")
      .map(({ points }) => points) ?? [];
  const plain = { withOverlays: false, withAnnotations: false } as const;

  test("a gap is never bridged, and neither is a jump of more than 30 bpm", async () => {
    const report = reportOf(plain, 20);
    const { rates } = sheetOf("50-210");
    const runs = (await rateRuns(report)).filter((points) => points.length > 4);
    const xAt = (minute: number): number => LEFT + minute * CM;
    for (const points of runs) {
      const xs = points.filter((_, i) => i % 2 === 0);
      const ys = points.filter((_, i) => i % 2 === 1);
      for (const step of steps(xs)) expect(step).toBeLessThan(CM / 240 + 0.002);
      for (const step of steps(ys)) expect(Math.abs(step)).toBeLessThanOrEqual((30 / 160) * rates.height);
    }
    const covers = (minute: number): boolean =>
      runs.some(
        (points) => (points[0] ?? 0) <= xAt(minute) && (points[points.length - 2] ?? 0) >= xAt(minute),
      );
    expect([9.9, 10.5, 11.6].map(covers)).toEqual([true, false, true]); // missing from 10:00 to 11:30
  });
  test("a gap of one sample parts the trace too", async () => {
    const report = reportOf(plain, 5);
    const before = (await rateRuns(report)).length;
    const [fhr] = report.channels;
    if (fhr !== undefined) hide(fhr, 100, 100.25, maskReasons.missingInSource);
    expect(await rateRuns(report)).toHaveLength(before + 1);
  });
  test("twins drawn apart: the second lies a centimetre higher, with a line of its own that says so", async () => {
    const report = reportOf(plain, 5);
    const [fhr] = report.channels;
    if (fhr === undefined) throw new Error("the fixture has a heart rate");
    const twins = { ...report, channels: [...report.channels, { ...fhr, label: "FHR2" }] };
    const topOf = async (isApart: boolean): Promise<number> => {
      const { pages } = await written({ ...twins, options: { ...twins.options, isApart } });
      expect(pages[0]?.text.includes("FHR2 +20: 160")).toBe(isApart);
      const { colour } = tracesOf(twins.channels, {}).rates[1]?.line ?? { colour: "" };
      const points = (pages[0]?.runs ?? []).filter((run) => run.colour === colour && run.points.length > 8);
      return Math.min(...points.flatMap((run) => run.points.filter((_, i) => i % 2 === 1)));
    };
    expect((await topOf(false)) - (await topOf(true))).toBeCloseTo(CM, 2); // y counts downwards
  });
  test("what is read of a twin that is drawn apart lies where it is drawn, and it is said whose it is", async () => {
    const report = reportOf({ isApart: true }, 5);
    const [fhr, uc] = report.channels;
    if (fhr === undefined || uc === undefined) throw new Error("the fixture has two channels");
    const topOf = async (channels: Report["channels"]): Promise<number> => {
      const { pages } = await written({ ...report, channels });
      const bands = (pages[0]?.runs ?? []).filter((run) => run.colour === "#0b6e6e" && run.points.length > 8);
      expect(pages[0]?.text).toContain(`${fhr.label}: baseline`);
      return Math.min(...bands.flatMap((run) => run.points.filter((_, i) => i % 2 === 1)));
    };
    const other = { ...fhr, label: "other", recordedAs: "other" };
    expect((await topOf([fhr, other, uc])) - (await topOf([other, fhr, uc]))).toBeCloseTo(CM, 2);
  });
  test("plain paper has nothing that was read on it, and no summary", async () => {
    const { pages } = await paper(plain, 60);
    expect(pages.flatMap(({ runs }) => runs).some(({ colour }) => colour === "#0b6e6e")).toBe(false);
    expect(pages.map(({ text }) => text).join()).not.toContain("FIGO");
  });
});

describe("what is said", () => {
  test("every page says whose it is, when, to which scale, from what data, and what it is not for", async () => {
    const { pages } = await paper({}, 60);
    for (const [i, { text }] of pages.entries()) {
      expect(text).toContain("ctu-1303 基線");
      expect(text).toContain(`Page ${i + 1} of ${pages.length}`);
      expect(text).toContain("0123456789abcdef".repeat(4));
      expect(text).toContain("Kodo 0.1.0");
      expect(text).toContain("figo-2015 1");
      expect(text).toContain("Research use only");
    }
    expect(pages[1]?.text).toContain("00:07:00 (+27:00)");
    expect(pages[0]?.text).toContain("1 cm/min · 20 bpm/cm · UC 25/cm (relative)");
  });
  test("Japanese is written in embedded fonts, and reads back as it was written", async () => {
    const { pages, fonts: embedded } = await paper({ language: "ja" }, 60);
    const text = pages.map((page) => page.text).join("\n");
    for (const words of [
      "研究用。",
      "基線細変動",
      "判定不能",
      "一過性徐脈を伴う子宮収縮は 5 回中 2 回",
      "原文に期間の定めはない",
      "髙﨑",
    ])
      expect(text).toContain(words);
    expect(embedded.length).toBeGreaterThan(2);
    for (const { isEmbedded } of embedded) expect(isEmbedded).toBe(true);
    expect(embedded.some(({ name }) => name.includes("NotoSansJP"))).toBe(true);
  });
  test("the summary tells what could not be assessed, and why", async () => {
    const { pages } = await paper({}, 60);
    const text = pages.map((page) => page.text).join("\n");
    expect(text).toContain("What was not assessable");
    expect(text).toContain("FIGO 2015: 10 of 60 min");
    expect(text).toContain("Decelerations with 2 of 5 contractions in 30 min: not repetitive");
    expect(text).toContain("our reading; the text names no span");
    expect(text).toContain("one value for 60 s or longer, no UC signal 3.3 %");
  });
});

test("a picture shows what the PDF shows, at its true size", () => {
  const pen = openPicture(fonts);
  pagesOf(pen, reportOf({}, 20))[0]?.draw(pen);
  const png = Buffer.from(pen.png());
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect([width, height]).toEqual([2339, 1654]); // A4 at 200 dots an inch
  expect(png.readUInt32BE(png.indexOf("pHYs") + 4) * 0.0254).toBeCloseTo(200, 1);
  const data = png.indexOf("IDAT");
  const rows = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  const pixel = (cmX: number, cmY: number): number[] => {
    const [x, y] = [Math.round((cmX * 200) / 2.54), Math.round((cmY * 200) / 2.54)];
    const sum = [0, 0, 0];
    for (let row = 0; row <= y; row++)
      for (const i of [0, 1, 2])
        sum[i] = ((sum[i] ?? 0) + (rows[row * (3 * width + 1) + 1 + 3 * x + i] ?? 0)) & 255;
    return sum;
  };
  expect(pixel(0.3, 0.3)).toEqual([255, 255, 255]);
  const bandAt = sheetOf("50-210").rates.top / CM + (210 - 112) / 20;
  expect(pixel(LEFT / CM + 15.3, bandAt)).toEqual([0xed, 0xf6, 0xed]); // between 110 and 160 bpm, between the lines
});

describe("what no font has", () => {
  const shown = (text: string): string =>
    fonts
      .runs(text, 400)
      .map((run) => run.text)
      .join("");
  test("is written by its number, and nothing is left out in silence", () => {
    expect(shown("a\u{10FFFF}b\0c\r\n\ud800")).toBe("a[U+10FFFF]b[U+0000]c[U+000D][U+000A][U+D800]");
    expect(shown("a\u202eb\u2066\u{e0100}c")).toBe("abc"); // they choose a direction and a glyph
    const [run] = fonts.runs("鷗", 400);
    expect(run?.face.font.hasGlyphForCodePoint("鷗".codePointAt(0) ?? 0)).toBe(true);
    expect(create(run?.face.bytes ?? new Uint8Array()).unitsPerEm).toBe(1000);
  });
  test("takes the room of its number", () => {
    expect(fonts.widthOf("👶", 10, 400)).toBeCloseTo(fonts.widthOf("[U+1F476]", 10, 400), 6);
    expect([fonts.isWhole("👶"), fonts.isWhole("[U+1F476]"), fonts.isWhole("髙﨑 Zoë")]).toEqual([
      ...[false, true, true],
    ]);
  });

  const FOOTNOTE = "[U+…]: a letter that this paper has no font for";
  const told = async (change: Partial<Report["recording"]>, note = ""): Promise<readonly string[]> => {
    const report = reportOf({ withOverlays: false }, 5);
    const { pages } = await written({
      ...{ ...report, recording: { ...report.recording, ...change } },
      annotations: report.annotations.map((one) => ({ ...one, note })),
    });
    return pages.map(({ text }) => text);
  };
  test("is said at the foot of every page that has some of it, and of no other", async () => {
    const [strip, summary] = await told({}, "Mia 👶");
    expect(summary).toContain("Mia [U+1F476]");
    expect([strip?.includes(FOOTNOTE), summary?.includes(FOOTNOTE)]).toEqual([false, true]);
    for (const text of await told({ name: "Mia 👶" })) {
      expect(text).toContain("Mia [U+1F476]");
      expect(text).toContain(FOOTNOTE);
      expect(text).not.toContain("□");
    }
  });
  test("from right to left keeps the order in which it was typed, with its numbers between", async () => {
    const [strip] = await told({ name: "مريم 12 אב 3" });
    expect(strip).toContain("[U+0645][U+0631][U+064A][U+0645] 12 [U+05D0][U+05D1] 3");
    expect(strip).toContain("in the order it was typed");
  });
  test("does not stand in the way of what else is at the foot", () => {
    const at = LEFT + 1.35 * CM;
    for (const language of ["en", "ja"] as const) {
      const say = sayIn(language);
      const widest = Array.from("0123456789abcdef").sort(
        (a, b) => fonts.widthOf(b, 1, 400) - fonts.widthOf(a, 1, 400),
      )[0];
      const left = `${say("data", { sha256: `${widest}`.repeat(64) })} · ${say("scale")}`;
      const ends = at + fonts.widthOf(left, 6.5, 400);
      expect(ends).toBeLessThan(RIGHT - fonts.widthOf(say("numbered"), 6.5, 400));
    }
  });
});

test("long words break, and a note that is longer than a page goes on in the next one", async () => {
  const report = reportOf({ withOverlays: false });
  const [first] = report.annotations;
  if (first === undefined) throw new Error("no label");
  const note = "x".repeat(20_000);
  const { pages } = await written({
    ...report,
    recording: { ...report.recording, name: "n".repeat(100_000) },
    annotations: [{ ...first, note }],
  });
  expect(pages.length).toBeGreaterThan(8);
  const lines = pages.flatMap(({ text }) => text.split(/[^x]+/)).filter((line) => line.length > 1);
  expect(lines.join("")).toBe(note);
  for (const line of lines) expect(fonts.widthOf(line, 7.5, 400)).toBeLessThanOrEqual(10 * CM);
});

test("every second sample missing for a day is a figure like any other", () => {
  const [fhr] = reportOf({}, 24 * 60).channels;
  if (fhr === undefined) throw new Error("no channel");
  fhr.reasons.fill(0);
  for (let i = 0; i < fhr.reasons.length; i += 2) fhr.reasons[i] = maskReasons.missingInSource;
  expect(qualityOf(fhr, { fromS: 0, toS: 24 * 3600 })).toMatchObject({ missing: 0.5, longestGapS: 0.25 });
});

test("the last ten minutes may be fewer, and a table is not computed", () => {
  const report = reportOf({}, 14);
  const [fhr] = report.channels;
  if (fhr === undefined) throw new Error("no channel");
  hide(fhr, 780, 840, maskReasons.missingInSource);
  expect(qualityOf(fhr, { fromS: 0, toS: 840 }).worst).toMatchObject({ fromS: 600, toS: 840 });
  const [first] = report.annotations;
  const table = tableOf({ ...report, annotations: first ? [{ ...first, note: "=cmd" }] : [] });
  expect(table).toContain(",'=cmd");
});
