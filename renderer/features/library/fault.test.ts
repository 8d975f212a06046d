import { expect, test } from "vitest";
import { faultText } from "./fault.ts";

// The renderer's types know no Node; the test runner does.
const fs: string = "node:fs";
const { readFileSync } = (await import(fs)) as {
  readonly readFileSync: (path: URL, encoding: "utf8") => string;
};

test("what of a recording is damaged is said in the language on screen, every part of it", () => {
  const fault =
    "Its row is not what was written; Channel 2: its sample rate is 0 Hz, 0.001 to 100000 are possible; 3 of its annotations, masks, readings, predictions or findings cannot be read";
  expect(faultText(fault, "en")).toBe(fault);
  expect(faultText(fault, "ja")).toBe("記録の情報、チャネル2の情報、アノテーションや使用不可の範囲など3件");
});

test("the library still says it in the parts that are worded here", () => {
  const main = readFileSync(
    new URL("../../../main/storage/recordings/recordings.ts", import.meta.url),
    "utf8",
  );
  const body = /function faultOf\([\s\S]*?\n}\n/.exec(main)?.[0] ?? "";
  const parts = [...body.matchAll(/["`]([A-Z$][^"`]*)["`]/g)]
    .map(([, part = ""]) => part.replace(/\$\{[^{}]*\}/g, "4"))
    .filter((part) => part.includes(" "));
  expect(parts).toHaveLength(3);
  for (const part of parts) expect(faultText(part, "ja")).not.toMatch(/[a-z]{2}/);
});
