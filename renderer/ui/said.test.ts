import { describe, expect, test } from "vitest";
import { repairOf } from "../../preload/contract/recording.ts";
import { problemOf } from "../../preload/contract/run.ts";
import { errorWords } from "./error-words.ts";
import { errorLine, errorText, problemText, repairText } from "./said.ts";

// The renderer's types know no Node; the test runner does.
interface Files {
  readonly readFileSync: (path: URL, encoding: "utf8") => string;
  readonly readdirSync: (path: URL, options: { recursive: true; encoding: "utf8" }) => string[];
}
const fs: string = "node:fs";
const { readdirSync, readFileSync } = (await import(fs)) as Files;
const root = new URL("../../", import.meta.url);
const japanese = /[ぁ-んァ-ヶ一-龠]/;

/** Every error code written anywhere in the sources, with the files that write it. */
function emittedCodes(): Map<string, string[]> {
  const codes = new Map<string, string[]>();
  for (const folder of ["main", "preload", "renderer"]) {
    for (const name of readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })) {
      if (!/\.tsx?$/.test(name) || /test|fake|error-words/.test(name)) continue;
      const text = readFileSync(new URL(`${folder}/${name}`, root), "utf8");
      const kinds = "device|data|storage|model|contract|cancelled|internal";
      for (const [, code = ""] of text.matchAll(new RegExp(`"((?:${kinds})/[a-z][a-z0-9-]+)"`, "g")))
        codes.set(code, [...(codes.get(code) ?? []), `${folder}/${name}`]);
    }
  }
  return codes;
}

test("every error code has a wording in both languages, and no wording is left without a code", () => {
  const codes = emittedCodes();
  expect(codes.size).toBeGreaterThan(100);
  const worded = Object.keys(errorWords.ja).filter((key) => key.includes("/"));
  const missing = [...codes].filter(([code]) => !worded.includes(code) || !(code in errorWords.en));
  expect(missing, "add these to renderer/ui/error-words.ts").toEqual([]);
  expect(worded.filter((code) => !codes.has(code))).toEqual([]);
});

describe("a repair", () => {
  const repair = repairOf("EDF_TAIL", "warning", { bytes: 7 }, { file: "a.edf" });

  test("is said in the language on screen, with its values", () => {
    expect(repairText(repair, "en")).toBe("7 bytes after the last record: ignored");
    expect(repairText(repair, "ja")).toBe("最後のレコードのあとの 7 バイトは読みません");
  });

  test("that recurred says how often", () => {
    const many = repairOf("EDF_RECORD_ONSET", "warning", { record: 3 }, { times: 12 });
    expect(many.message).toBe("Record 3 carries no start time: read as following the one before (12 in all)");
    expect(repairText(many, "en")).toBe(many.message);
    expect(repairText(many, "ja")).toMatch(/レコード 3 .*（全 12 件）$/);
  });

  test("of an older library, or with a code nobody worded, keeps its English sentence", () => {
    const old = { code: "EDF_TAIL", severity: "info" as const, message: "7 bytes ignored" };
    expect(repairText(old, "ja")).toBe("7 bytes ignored");
    expect(repairText({ ...old, code: "NEW_ONE", values: {} }, "ja")).toBe("7 bytes ignored");
  });
});

test("what keeps a training from starting is said in the language on screen", () => {
  const problem = problemOf("RECORDINGS_SHORT", { windowS: 30 });
  expect(problemText(problem, "en")).toBe("Every recording is shorter than the window of 30 s.");
  expect(problemText(problem, "ja")).toBe("どの記録も窓の長さ（30 秒）より短くなっています。");
  expect(problemText({ ...problem, code: "NEW_ONE" }, "ja")).toBe(problem.message);
});

describe("an error", () => {
  const error = {
    code: "data/bad-cell",
    message: 'a.csv, line 7, column FHR: "x" is not a number',
    detail: { file: "/data/x/a.csv", line: 7, value: "x", allowed: "a number", recordingId: "r-1" },
  };

  test("has main's sentence in English and the numbers that matter in Japanese", () => {
    expect(errorText(error, "en")).toEqual({ headline: "A cell that cannot be read", text: error.message });
    expect(errorText(error, "ja")).toEqual({
      headline: "読み取れないセルがあります",
      text: "ファイル: a.csv、行: 7、値: x",
    });
  });

  test("fits one line", () => {
    expect(errorLine(error, "en")).toBe(error.message);
    expect(errorLine(error, "ja")).toBe("読み取れないセルがあります（ファイル: a.csv、行: 7、値: x）");
    expect(errorLine({ code: "storage/busy", message: "busy" }, "ja")).toBe(
      "ライブラリは別のプログラムが使用中です",
    );
  });

  test("keeps ranges that are no phrase", () => {
    const ofRange = (allowed: string) => ({ ...error, detail: { allowed, file: null, value: "" } });
    expect(errorText(ofRange("0 to 12.5"), "ja").text).toBe("許容: 0〜12.5");
    expect(errorText(ofRange("at most 1048576"), "ja").text).toBe("許容: ≤ 1048576");
    expect(errorText(ofRange(">= 1"), "ja").text).toBe("許容: >= 1");
  });

  test("nobody worded keeps main's sentence", () => {
    const unknown = { ...error, code: "data/from-the-future" };
    expect(errorText(unknown, "ja")).toEqual({ headline: undefined, text: error.message });
    expect(errorLine(unknown, "ja")).toBe(error.message);
  });
});

test("every Japanese wording of an error is Japanese", () => {
  for (const [key, text] of Object.entries(errorWords.ja)) expect(text, key).toMatch(japanese);
});
