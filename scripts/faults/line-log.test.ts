import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { arrivalsOf, readLog } from "./line-log.ts";

const folder = mkdtempSync(join(tmpdir(), "kodo-line-log-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => Buffer.from(text);

test("a write has come when its last byte was read, however the reads cut it; what was under way when the line broke has not", () => {
  const puts = [
    { atS: 1, bytes: bytes("abc") },
    { atS: 2, bytes: bytes("def") },
    { atS: 3, bytes: bytes("ghi") }, // gone with the line, but for its first byte
    { atS: 9, bytes: bytes("jkl") },
    { atS: 10, bytes: bytes("abc") }, // the same as once before
  ];
  const reads = [
    { atS: 1.1, bytes: bytes("a") },
    { atS: 2.2, bytes: bytes("bcdef") },
    { atS: 3.1, bytes: bytes("g") },
    { atS: 10.3, bytes: bytes("jklabc") },
  ];
  expect(arrivalsOf(puts, reads)).toEqual([2.2, 2.2, undefined, 10.3, 10.3]);
  expect(arrivalsOf([{ atS: 5, bytes: bytes("abc") }], reads)).toEqual([10.3]); // what was read before it was sent is another
});

test("what was read is there up to the read that a kill cut", () => {
  const entry = (atS: number, text: string): Buffer => {
    const head = Buffer.alloc(12);
    head.writeDoubleLE(atS, 0);
    head.writeUInt32LE(text.length, 8);
    return Buffer.concat([head, bytes(text)]);
  };
  const path = join(folder, "reads");
  writeFileSync(path, Buffer.concat([entry(1, "abc"), entry(2, "de"), entry(3, "fgh").subarray(0, 14)]));
  expect(readLog(path).map(({ atS, bytes }) => [atS, Buffer.from(bytes).toString()])).toEqual([
    [1, "abc"],
    [2, "de"],
  ]);
  expect(readLog(join(folder, "none"))).toEqual([]);
});
