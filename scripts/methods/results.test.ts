import { format } from "prettier";
import { expect, test } from "vitest";
import { STOPPED, withRows, type Row } from "./results.ts";

const checks = [
  { id: "within", about: "Gestures within a person", isInPieces: true as const },
  { id: "toy", about: "A toy" },
];

const row = (id: string, what: string, value: number | string, pass: boolean | null = true): Row => ({
  ...{ id, what, value, expected: "≥ 1", pass, evidence: "computed", source: "spec § 1", seconds: 3 },
});

const written = (before: string, ...rows: readonly Row[]): Promise<string> =>
  format(withRows(before, rows, checks), { parser: "markdown" });

/** A row's cells but the last two. */
const cells = (text: string, what: string): string[] | undefined =>
  text
    .split("\n")
    .find((line) => line.startsWith(`| ${what} `))
    ?.split(/(?<!\\)\|/)
    .slice(1, 5)
    .map((cell) => cell.trim());

test("sections stand in the order of the checks, whichever ran first; others stay as they were", async () => {
  const toy = await written("", row("toy", "error", 2));
  const both = await written(toy, row("within", "lda", 97));
  expect(both.match(/^## .*$/gm)).toEqual(["## within", "## toy"]);
  expect(both.slice(both.indexOf("## toy"))).toBe(toy.slice(toy.indexOf("## toy")));
  expect(await written(both)).toBe(both);
});

test("seconds are those of a check that runs at once; what is measured in pieces says so instead", async () => {
  const text = await written("", row("within", "lda", 97), row("toy", "error", 2));
  expect(text).toContain("A toy. 3 s.");
  expect(text).toContain("Gestures within a person. Measured in pieces");
});

test("what was decided is not exchanged for what is not measured now, nor for some of the people", async () => {
  const before = await written("", row("within", "lda", 97), row("within", "sdgm", "not measured", null));
  const after = await written(
    before,
    row("within", "lda", "not measured", null),
    row("within", "sdgm", "3 of 13 people: 94", null),
  );
  expect(cells(after, "lda")).toEqual(["lda", "97", "≥ 1", "yes"]);
  expect(cells(after, "sdgm")).toEqual(["sdgm", "3 of 13 people: 94", "≥ 1", "–"]);
  const again = await written(after, row("within", "lda", 91, false));
  expect(cells(again, "lda")).toEqual(["lda", "91", "≥ 1", "**no**"]);
  expect(cells(again, "sdgm")).toBeUndefined(); // no row of the table any more
});

test("a check that stopped takes nothing of its table away", async () => {
  const before = await written("", row("within", "lda", 97));
  expect(await written(before, row("within", STOPPED, "no data", false))).toBe(before);
});

test("a bar in a cell does not part it", async () => {
  const text = await written("", row("toy", "| p − 0.5 | up to the ninth", 0.1), row("toy", "p(x | 0)", 2));
  expect(cells(text, String.raw`\| p − 0.5 \| up to the ninth`)?.[1]).toBe("0.1");
  expect(await written(text)).toBe(text);
  const open = await written(text, row("toy", "p(x | 0)", "not measured", null));
  expect(cells(open, String.raw`p(x \| 0)`)?.[1]).toBe("2");
});

test("names with signs that mean something in Markdown are known again", async () => {
  const before = await written("", row("toy", "σ² of *all*, a_b", 4));
  const after = await written(before, row("toy", "σ² of *all*, a_b", "not measured", null));
  expect(after).toBe(before);
});
