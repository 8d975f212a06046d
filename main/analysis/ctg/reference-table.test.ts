import fc from "fast-check";
import { expect, test } from "vitest";
import { AntepartumReference } from "../../../preload/contract/ctg.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { referenceFrom } from "./reference-table.ts";

const refused = (text: string): unknown => {
  try {
    return referenceFrom(text, "t.csv");
  } catch (error) {
    return error instanceof AppError ? { code: error.code, ...error.detail } : error;
  }
};

test("a table says whose it is, in any order of its columns and rows", () => {
  const text =
    "# Source: Sato 2001: table 2\n#name: ward\n\np10_ms,Week,p1_ms,remark\n40.5,30,30,x\n38,29,29.5,\n";
  expect(referenceFrom(text, "t.csv")).toEqual({
    ...{ name: "ward", source: "Sato 2001: table 2" },
    weeks: [
      { week: 29, p1Ms: 29.5, p10Ms: 38 },
      { week: 30, p1Ms: 30, p10Ms: 40.5 },
    ],
  });
});

test("without remarks it is called as its file is; semicolons and decimal commas, tabs and quotes are read", () => {
  const week = { week: 30, p1Ms: 30.5, p10Ms: 40 };
  for (const text of ["week;p1_ms;p10_ms\r\n30;30,5;40\r\n", 'week\tp1_ms\tp10_ms\n"30"\t30.5\t"40"'])
    expect(referenceFrom(text, "t.csv")).toEqual({ name: "t.csv", source: "t.csv", weeks: [week] });
  expect(referenceFrom("# source:\n# hello\nweek,p1_ms,p10_ms\n30,30.5,40", "t.csv").source).toBe("t.csv");
});

const head = "week,p1_ms,p10_ms";
test.each([
  ["nothing", "", { line: 1, value: "", allowed: head }],
  ["no head", "30,30,40\n", { line: 1, value: "30,30,40", allowed: head }],
  ["a column twice", `${head},week\n`, { line: 1, value: `${head},week`, allowed: head }],
  ["no row", `#\n${head}\n`, { line: 3, value: "", allowed: "a row a week" }],
  [
    "a week beyond",
    `${head}\n46,30,40`,
    { line: 2, column: "week", value: "46", allowed: "20 to 45, whole" },
  ],
  ["a part of a week", `${head}\n30.5,30,40`, { column: "week", value: "30.5" }],
  ["a word", `${head}\n\n30,abc,40`, { line: 3, column: "p1_ms", value: "abc", allowed: "1 to 500" }],
  ["seconds", `${head}\n30,0.03,0.04`, { column: "p1_ms", value: "0.03" }],
  ["a hexadecimal number", `${head}\n30,0x20,40`, { column: "p1_ms", value: "0x20" }],
  ["a missing cell", `${head}\n30,30`, { column: "p10_ms", value: "" }],
  [
    "the 1st above the 10th",
    `${head}\n30,41,40`,
    { column: "p1_ms", value: "41", allowed: "at most p10_ms, 40" },
  ],
  [
    "a week twice",
    `${head}\n30,30,40\n31,30,40\n30,31,40`,
    { line: 4, allowed: "each week once; it stands in line 2 too" },
  ],
])("%s is refused with its line, its value and what is allowed", (_, text, detail) => {
  expect(refused(text)).toMatchObject({ code: "data/bad-reference", file: "t.csv", ...detail });
});

test("whatever a file holds, a table comes of it that the contract takes, or a refusal in words", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(head, "\n", ",", ";", "#", "name:", "30", "40", "1e3", "\u0000"),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const found = refused(pieces.join(""));
      const isTable = AntepartumReference.safeParse(found).success;
      expect(isTable || (found as { code?: string }).code === "data/bad-reference").toBe(true);
    }),
  );
});
