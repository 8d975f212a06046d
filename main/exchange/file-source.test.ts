import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gzipSync } from "node:zlib";
import type { Repair } from "../../preload/contract/recording.ts";
import { Folders, openFileSource, PAGE_BYTES } from "./file-source.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-source-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes that no gzip shrinks much, the same every time. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 12345;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const put = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

test("any read gives the bytes that are there, short at the end", async () => {
  const bytes = noise(2 * PAGE_BYTES + 4567);
  const source = await openFileSource(put("random.bin", bytes));
  const place = fc.tuple(
    fc.integer({ min: 0, max: bytes.length + 1000 }),
    fc.integer({ min: 0, max: PAGE_BYTES + 10_000 }),
  );
  await fc.assert(
    fc.asyncProperty(place, async ([offset, length]) => {
      expect(Buffer.compare(await source.read(offset, length), bytes.subarray(offset, offset + length))).toBe(
        0,
      );
    }),
    { numRuns: 60 },
  );
  await source.close();
});

test("the checksum is of the whole file, whatever was read of it and in which order", async () => {
  const bytes = noise(6 * PAGE_BYTES + 77);
  const path = put("hash.bin", bytes);
  for (const order of [[], [0, 1, 2, 3, 4, 5, 6], [6, 5, 0, 1], [3], [0, 2, 1, 3]]) {
    const source = await openFileSource(path);
    for (const page of order) await source.read(page * PAGE_BYTES + 5, 100);
    expect(await source.sha256()).toBe(sha256(bytes));
    await source.close();
  }
});

test("a file that grows while it is read is refused rather than given a checksum", async () => {
  const path = put("growing.bin", noise(5000));
  const source = await openFileSource(path);
  await source.read(0, 100);
  appendFileSync(path, "more");
  await expect(source.sha256()).rejects.toMatchObject({ code: "data/file-changed" });
  await source.close();
});

test.each([
  ["in memory", 1 << 20],
  ["in a temporary file", 1000],
])(
  "a gzip file reads as what it holds, %s, and its checksum is of the file itself",
  async (_where, memoryBytes) => {
    const bytes = noise(300_000);
    const packed = gzipSync(bytes);
    const temporaryDirectory = mkdtempSync(join(folder, "temporary-"));
    const source = await openFileSource(put("1001.fhr.gz", packed), { memoryBytes, temporaryDirectory });
    expect([source.name, source.size]).toEqual(["1001.fhr", bytes.length]);
    expect(Buffer.compare(await source.read(123_456, 70_000), bytes.subarray(123_456, 193_456))).toBe(0);
    expect(await source.sha256()).toBe(sha256(packed));
    await source.close();
    expect(readdirSync(temporaryDirectory)).toEqual([]);
  },
);

test("a gzip file cut short gives what is there and says so", async () => {
  const repairs: Repair[] = [];
  const bytes = noise(500_000);
  const source = await openFileSource(put("cut.fhr.gz", gzipSync(bytes).subarray(0, 300_000)), {
    repair: (one) => repairs.push(one),
  });
  expect(source.size).toBeGreaterThan(250_000);
  expect(Buffer.compare(await source.read(0, source.size), bytes.subarray(0, source.size))).toBe(0);
  expect(repairs.map(({ code }) => code)).toEqual(["GZIP_LENGTH"]);
  await source.close();
});

test("cutting a gzip file anywhere or flipping a bit never crashes, and its checksum stays that of the file", async () => {
  const packed = gzipSync(noise(60_000));
  const damage = fc.record({
    cut: fc.integer({ min: 0, max: packed.length }),
    at: fc.integer({ min: 0, max: packed.length - 1 }),
    bit: fc.integer({ min: 0, max: 7 }),
  });
  let n = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ cut, at, bit }) => {
      const bytes = Uint8Array.from(packed);
      bytes[at]! ^= 1 << bit;
      const path = put(`fuzz-${n++}.gz`, bytes.subarray(0, cut));
      const opened = await openFileSource(path).catch((error: unknown) => error);
      if (opened instanceof Error) {
        expect(opened).toMatchObject({ code: "data/bad-gzip" });
      } else {
        const source = opened as Awaited<ReturnType<typeof openFileSource>>;
        expect(await source.sha256()).toBe(sha256(bytes.subarray(0, cut)));
        await source.close();
      }
      rmSync(path);
    }),
    { numRuns: 200 },
  );
});

test("a gzip file that inflates beyond the limit is refused", async () => {
  const path = put("bomb.gz", gzipSync(new Uint8Array(5_000_000)));
  const temporaryDirectory = mkdtempSync(join(folder, "bomb-"));
  await expect(
    openFileSource(path, { inflatedLimit: 1_000_000, memoryBytes: 1000, temporaryDirectory }),
  ).rejects.toMatchObject({
    code: "data/too-large",
    detail: { limit: 1_000_000 },
  });
  expect(readdirSync(temporaryDirectory)).toEqual([]);
});

test("a small gzip file that inflates a hundredfold is refused, and a small recording of zeros is not", async () => {
  const packed = gzipSync(new Uint8Array(20_000_000));
  const path = put("zeros.gz", packed);
  await expect(openFileSource(path, { ratioFromBytes: 1_000_000 })).rejects.toMatchObject({
    code: "data/too-large",
    message: expect.stringMatching(/inflate it yourself/) as string,
    detail: { limit: 100 * packed.length, packed: packed.length },
  });
  const source = await openFileSource(path);
  expect(source.size).toBe(20_000_000);
  await source.close();
});

test("inflating stops while the disk still has room", async () => {
  const temporaryDirectory = mkdtempSync(join(folder, "full-"));
  const path = put("room.gz", gzipSync(noise(300_000)));
  const options = { memoryBytes: 1000, temporaryDirectory, freeBytes: () => Promise.resolve(2 ** 30 - 1) };
  await expect(openFileSource(path, options)).rejects.toMatchObject({
    code: "data/no-room",
    detail: { folder: temporaryDirectory, value: 2 ** 30 - 1 },
  });
  expect(readdirSync(temporaryDirectory)).toEqual([]);
});

test.skipIf(process.platform === "win32")("devices and pipes are refused at once", async () => {
  execFileSync("mkfifo", [join(folder, "pipe.edf")]);
  symlinkSync("/dev/zero", join(folder, "zero.edf"));
  for (const path of ["/dev/zero", join(folder, "zero.edf"), join(folder, "pipe.edf")])
    await expect(openFileSource(path)).rejects.toMatchObject({
      code: "data/not-a-file",
      detail: { value: "device or pipe" },
    });
});

test("a sibling is found whatever the case of its name, packed or not, and never outside the folder", async () => {
  const inner = join(folder, "record");
  mkdirSync(inner);
  writeFileSync(join(inner, "A01.HEA"), "header");
  writeFileSync(join(inner, "a01.DAT"), "signals");
  writeFileSync(join(inner, "a01.atr.gz"), gzipSync(Buffer.from("events")));
  writeFileSync(join(folder, "outside.dat"), "no");
  const source = await openFileSource(join(inner, "A01.HEA"));
  const text = async (name: string) => {
    const sibling = await source.sibling(name);
    return sibling === undefined ? undefined : Buffer.from(await sibling.read(0, sibling.size)).toString();
  };
  expect(await text("a01.dat")).toBe("signals");
  expect(await text("A01.atr")).toBe("events");
  for (const name of ["../outside.dat", "/etc/passwd", "..", "", "x/../a01.DAT", "missing.dat"])
    expect(await text(name)).toBeUndefined();
  writeFileSync(join(folder, "participants.tsv"), "above");
  const above = await source.above("participants.tsv");
  expect(Buffer.from(await above!.read(0, 10)).toString()).toBe("above");
  for (const name of ["../participants.tsv", "", "..", "nobody.tsv"])
    expect(await source.above(name)).toBeUndefined();
  await above!.close();
  rmSync(join(folder, "participants.tsv"));
  expect(source.totalSize - "above".length).toBe("header".length + "signals".length + "events".length);
  await source.close();
});

test.each([
  ["missing.edf", "data/file-missing"],
  [".", "data/not-a-file"],
])("opening %s says what is wrong with it", async (name, code) => {
  await expect(openFileSource(join(folder, name))).rejects.toMatchObject({ code });
});

test("files of a job share what is known of their folder, and each folder is its own", async () => {
  const [one, other] = ["shared-1", "shared-2"].map((name) => join(folder, name));
  for (const [index, place] of [one, other].entries()) {
    mkdirSync(place ?? "");
    for (const name of ["a.hea", "b.hea", `${index}.dat`]) writeFileSync(join(place ?? "", name), name);
  }
  const folders = new Folders();
  const found = async (place: string | undefined, from: string, wanted: string): Promise<boolean> => {
    const source = await openFileSource(join(place ?? "", from), { folders });
    const sibling = await source.sibling(wanted);
    await source.close();
    return sibling !== undefined;
  };
  expect(await found(one, "a.hea", "0.dat")).toBe(true);
  rmSync(join(one ?? "", "0.dat"));
  await expect(found(one, "b.hea", "0.dat")).rejects.toMatchObject({ code: "data/file-missing" }); // known, and gone
  expect(await found(other, "a.hea", "1.dat")).toBe(true);
  expect(await found(one, "a.hea", "1.dat")).toBe(false);
});
