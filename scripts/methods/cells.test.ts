import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { KeptCells, type CellKey, type Sitting } from "./cells.ts";

let folder = "";
const said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-cells-"));
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sitting: Sitting = {
  ...{ until: Number.POSITIVE_INFINITY, methods: [], parts: Number.POSITIVE_INFINITY },
  say: (line) => said.push(line),
};
const key: CellKey = { table: "Myo, 1 %", method: "lda", part: 0, made: { shrink: 0.1 } };

/** What a sitting finds in a cell where measuring it gives `value`, and whether it measured. */
async function found(value: number, at: Partial<CellKey> = {}, how: Partial<Sitting> = {}) {
  let measured = false;
  const cells = new KeptCells(folder, { ...sitting, ...how });
  const kept = await cells.of({ ...key, ...at }, z.number(), () => {
    measured = true;
    return Promise.resolve(value);
  });
  return { kept, measured };
}

const file = (): string => join(folder, readdirSync(folder)[0] ?? "");

test("a cell is measured once, whoever asks for it later, until what makes it changes", async () => {
  expect(await found(1)).toEqual({ kept: 1, measured: true });
  expect(await found(2)).toEqual({ kept: 1, measured: false });
  expect(await found(3, { made: { shrink: 0.3 } })).toEqual({ kept: 3, measured: true });
  expect(readFileSync(file(), "utf8").trim().split("\n")).toHaveLength(1); // in place of the former one
});

test("methods, parts and tables have cells of their own, parts in the order of their numbers", async () => {
  for (const part of [10, 2, 0]) await found(part, { part });
  await found(7, { method: "a" });
  await found(8, { table: "Myo, 10 %" });
  expect(await found(0, { part: 10 })).toEqual({ kept: 10, measured: false });
  expect(readdirSync(folder).sort()).toEqual(["myo-1-.tsv", "myo-10-.tsv"]);
  const lines = readFileSync(join(folder, "myo-1-.tsv"), "utf8").trim().split("\n");
  expect(lines.map((line) => line.split("\t").slice(0, 2).join(" "))).toEqual([
    "a 0",
    "lda 0",
    "lda 2",
    "lda 10",
  ]);
});

test("a sitting begins only what it was asked for, and answers what is there all the same", async () => {
  await found(1);
  for (const how of [{ methods: ["qda"] }, { parts: 0 }, { until: 0 }]) {
    expect(await found(2, {}, how)).toEqual({ kept: 1, measured: false });
    expect(await found(2, { part: 1 }, how)).toEqual({ kept: undefined, measured: false });
  }
});

test("who was stopped while a cell was measured finds all others again", async () => {
  await found(1);
  const stopped = new KeptCells(folder, sitting).of({ ...key, part: 1 }, z.number(), () =>
    Promise.reject(new Error("stopped")),
  );
  await expect(stopped).rejects.toThrow("stopped");
  writeFileSync(`${file()}.part`, "lda\t0\t"); // as a kill may leave it
  expect(await found(5, { part: 1 })).toEqual({ kept: 5, measured: true });
  expect(await found(6)).toEqual({ kept: 1, measured: false });
});

test("lines that cannot be read are told once and measured anew; the others stay", async () => {
  await found(1);
  await found(2, { part: 1 });
  const text = readFileSync(file(), "utf8");
  writeFileSync(file(), text.slice(0, -3)); // the end of the last value and its line
  appendFileSync(file(), "[1,\nnonsense\n");
  const cells = new KeptCells(folder, sitting);
  const of = (part: number) => cells.of({ ...key, part }, z.number(), () => Promise.resolve(9));
  expect([await of(0), await of(1)]).toEqual([1, 9]);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("2 of its lines cannot be read");
  expect(readFileSync(file(), "utf8").trim().split("\n")).toHaveLength(2);
});

test("a value of another form is measured anew", async () => {
  await new KeptCells(folder, sitting).of(key, z.string(), () => Promise.resolve("one"));
  expect(await found(1)).toEqual({ kept: 1, measured: true });
});

test("what is no value of its form is not kept: a figure that is not a number", async () => {
  await expect(found(Number.NaN)).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
});

test("two sittings at once keep each other's cells", async () => {
  const [one, other] = [new KeptCells(folder, sitting), new KeptCells(folder, sitting)];
  await one.of(key, z.number(), async () => {
    await other.of({ ...key, part: 1 }, z.number(), () => Promise.resolve(2));
    return 1;
  });
  expect(await found(0, { part: 1 })).toEqual({ kept: 2, measured: false });
  expect(await found(0)).toEqual({ kept: 1, measured: false });
});

test("names of methods that tables asked for are gathered", async () => {
  const asked = new Set<string>();
  const cells = new KeptCells(folder, { ...sitting, methods: ["sdgn"] }, asked);
  await cells.of(key, z.number(), () => Promise.resolve(1));
  expect([...asked]).toEqual(["lda"]);
});

test("nothing has to be made ready for a cell that is not there and would not be begun", async () => {
  await found(1);
  const none = new KeptCells(folder, { ...sitting, methods: ["qda"] });
  expect(none.mayHold(key)).toBe(true); // kept
  expect(none.mayHold({ ...key, part: 1 })).toBe(false);
  expect(none.mayHold({ ...key, method: "qda" })).toBe(true);
  expect(new KeptCells(folder, { ...sitting, parts: 1 }).mayHold({ ...key, part: 1 })).toBe(false);
});
