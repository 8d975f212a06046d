import { expect, test } from "vitest";
import type { TablePreview } from "../../../preload/contract/exchange.ts";
import {
  cellKind,
  columnCount,
  importOptionsOf,
  isAnnotationTable,
  offeredColumns,
  edited,
  hasOwnTimes,
  problemOf,
  shapeOf,
  tableToImport,
  usedAs,
} from "./table-columns.ts";

const preview = (rows: string[][]): TablePreview => ({
  options: { encoding: "utf-8", separator: ",", decimal: ".", headerRows: 1 },
  rows,
  problems: [],
});
const fhr = { index: 1, label: "FHR", unit: "bpm", role: "fhr" as const };

test("columns are offered under their heading, with the unit it names; the time column is not a channel", () => {
  const offered = offeredColumns(preview([["時刻 (s)", "心拍 [bpm]", ""]]), {
    headerRows: 1,
    timeColumn: 0,
    columns: [fhr],
  });
  expect(offered.map((one) => [one.column.index, one.column.label, one.use])).toEqual([
    [1, "FHR", "channel"],
    [2, "C3", "none"],
  ]);
  const other = offeredColumns(preview([["t", "心拍 [bpm]"]]), { headerRows: 1, timeColumn: 0 });
  expect(other[0]?.column).toMatchObject({ label: "心拍", unit: "bpm" });
});

test("a ragged table is as wide as its widest row", () => {
  expect(columnCount(preview([["a"], ["a", "b", "c"], []]))).toBe(3);
  expect(columnCount(preview([]))).toBe(0);
});

test("a table of events is known by its header, a byte-order mark notwithstanding", () => {
  expect(isAnnotationTable(preview([["\ufeffrecording", "Label", "onset_s", "duration_s"]]))).toBe(true);
  expect(isAnnotationTable(preview([["記録", "ラベル", "開始 (秒)", "終了 (秒)"]]))).toBe(true);
  expect(isAnnotationTable(preview([["record", "class", "start", "end"]]))).toBe(true);
  expect(isAnnotationTable(preview([["time", "fhr"]]))).toBe(false);
  expect(isAnnotationTable(preview([]))).toBe(false);
});

test("what hinders an import is named", () => {
  expect(problemOf({ columns: [] }, [])).toBe("needColumns");
  expect(problemOf({ columns: [fhr] }, [])).toBe("needRate");
  expect(problemOf({ columns: [fhr], timeColumn: null }, [])).toBe("needRate");
  expect(problemOf({ columns: [fhr], timeColumn: 0 }, [])).toBeUndefined();
  expect(problemOf({ columns: [fhr], sampleRate: 4 }, [])).toBeUndefined();
});

test("each cell of the preview is shown as what it will become", () => {
  const options = { headerRows: 1, timeColumn: 0, columns: [fhr], missing: ["-9"] };
  expect(cellKind(0, 1, "FHR", options)).toBe("header");
  expect(cellKind(1, 1, "140", options)).toBe("value");
  expect(cellKind(1, 1, " ", options)).toBe("missing");
  expect(cellKind(1, 1, "NaN", options)).toBe("missing");
  expect(cellKind(1, 1, "-9", options)).toBe("missing");
  expect(cellKind(1, 1, "0", options)).toBe("value");
  expect(cellKind(1, 2, "5", options)).toBe("unused");
});

test("fields left empty are left to the file", () => {
  expect(importOptionsOf(undefined, { study: " ", subject: "", kind: "" })).toEqual({});
  expect(importOptionsOf({ sampleRate: 4 }, { study: "A ", subject: "P1", kind: "ctg" })).toEqual({
    table: { sampleRate: 4 },
    study: "A",
    subject: "P1",
    kind: "ctg",
  });
});

test("times that cannot be used keep the import from starting until a rate is given or no column is chosen", () => {
  const found = (code: string) => [{ code, severity: "warning" as const, message: "" }];
  const times = { columns: [fhr], timeColumn: 0 };
  expect(problemOf(times, found("CSV_IRREGULAR_TIME"))).toBe("badTimes");
  expect(problemOf(times, found("CSV_TIME"))).toBe("badTimes");
  expect(problemOf(times, found("CSV_NO_RATE"))).toBe("needRate");
  expect(problemOf({ ...times, sampleRate: 4 }, found("CSV_NO_RATE"))).toBeUndefined();
  expect(problemOf(times, found("CSV_TIME_SECONDS"))).toBeUndefined();
});

test("another encoding, separator or header row forgets the names chosen before; a setting can be given back", () => {
  const known = { columns: [fhr], sampleRate: 4 };
  expect(edited(known, { encoding: "shift_jis" })).toEqual({ encoding: "shift_jis", sampleRate: 4 });
  expect(edited(known, { headerRows: 2 })).toEqual({ headerRows: 2, sampleRate: 4 });
  expect(edited(known, { missing: ["-9"] })).toEqual({ ...known, missing: ["-9"] });
  expect(edited(known, { sampleRate: undefined })).toEqual({ columns: [fhr] });
});

test("a rate measured on the first rows is shown, but not given: the import measures it on all of them", () => {
  const shown = { columns: [fhr], timeColumn: 0, sampleRate: 249.97 };
  expect(tableToImport(shown, {})).toEqual({ columns: [fhr], timeColumn: 0 });
  expect(tableToImport(shown, { sampleRate: 250 })).toEqual(shown);
  // A further file may state another rate in its header: only a rate that a person gave is given.
  const bare = { columns: [fhr], timeColumn: null, sampleRate: 4 };
  expect(tableToImport(bare, {})).toEqual({ columns: [fhr], timeColumn: null });
  expect(tableToImport(bare, { sampleRate: 4 })).toEqual(bare);
});

test("what a column may be follows from its cells, and one choice takes the place of another", () => {
  const found = {
    ...preview([["day", "t", "x", "who"]]),
    columns: (["days", "moments", "numbers", "text"] as const).map((content, index) => ({
      index,
      label: `c${index}`,
      unit: "",
      content,
    })),
  };
  const options = { ...found.options, timeColumn: 1, dateColumn: 0, columns: [{ ...fhr, index: 2 }] };
  expect(
    offeredColumns(found, options).map(({ column, use, uses }) => [column.index, use, uses.join()]),
  ).toEqual([
    [0, "date", "date,labels,none"],
    [2, "channel", "channel,labels,none"],
    [3, "none", "labels,none"],
  ]);
  const [day, x, who] = offeredColumns(found, options).map(({ column }) => column);
  if (day === undefined || x === undefined || who === undefined) throw new Error("three columns are offered");
  expect(usedAs(options, who, "labels")).toEqual({ columns: options.columns, labelColumns: [3] });
  expect(usedAs({ ...options, labelColumns: [3] }, x, "labels")).toEqual({
    columns: [],
    labelColumns: [2, 3],
  });
  expect(usedAs(options, day, "none")).toEqual({
    columns: options.columns,
    labelColumns: [],
    dateColumn: null,
  });
});

test("where signals have times of their own each needs one, and one time for all takes theirs away", () => {
  const own = (timeColumn?: number) => ({ ...fhr, ...(timeColumn === undefined ? {} : { timeColumn }) });
  const several = { columns: [own(0), { ...own(2), index: 3 }], timeColumn: null };
  expect(hasOwnTimes(several)).toBe(true);
  expect(problemOf(several, [])).toBeUndefined();
  const orphan = { ...several, columns: [own(), ...several.columns] };
  const found = [{ code: "CSV_UNCLEAR_TIMES", severity: "warning" as const, message: "" }];
  expect(problemOf(orphan, found)).toBe("timesUnclear");
  expect(problemOf(several, found)).toBeUndefined(); // left out, or given its times
  const one = edited({ columns: several.columns }, { timeColumn: 3 });
  expect(one).toEqual({ columns: [fhr], timeColumn: 3 });
  expect(hasOwnTimes(one)).toBe(false);
});

test("tables are like each other when their rows are cut alike and their columns have the same names", () => {
  const of = (rows: string[][], separator: ";" | "," = ",") => {
    const { options, ...rest } = preview(rows);
    return shapeOf({ ...rest, options: { ...options, separator, namesRow: 0 } });
  };
  expect(
    of([
      ["t", "x"],
      ["0", "1"],
    ]),
  ).toBe(
    of([
      ["t", "x"],
      ["5", "9"],
    ]),
  );
  expect(of([["t", "x"]])).not.toBe(of([["t", "y"]]));
  expect(of([["t", "x"]])).not.toBe(of([["t", "x"]], ";"));
});
