import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRow, type Field, RowReader } from "./copy.ts";

const signature = Buffer.from("PGCOPY\n\u00ff\r\n\0", "latin1");
const start = (extension = 0): Buffer => {
  const flags = Buffer.alloc(8);
  flags.writeUInt32BE(extension, 4);
  return Buffer.concat([signature, flags, Buffer.alloc(extension)]);
};
const end = Buffer.from([0xff, 0xff]);

function* pieces(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let at = 0;
  for (const place of [...places, bytes.length]) {
    yield bytes.subarray(at, place);
    at = place;
  }
}

/** The rows, and whether they are all. */
function read(bytes: Buffer, cuts: readonly number[] = []): { rows: Field[][]; isOver: boolean } {
  const rows: Field[][] = [];
  const reader = new RowReader({ take: (row) => void rows.push(row) });
  for (const piece of pieces(bytes, cuts)) reader.take(piece);
  return { rows, isOver: reader.isOver };
}

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 4000, max: 9000 }).map((length) => Buffer.alloc(length, length)),
);

test("rows come as they were written, wherever their bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { maxLength: 5 }), { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      fc.nat(40),
      (rows, cuts, extension) => {
        const bytes = Buffer.concat([start(extension), ...rows.flatMap(encodeRow), end, Buffer.from("more")]);
        expect(read(bytes, cuts)).toEqual({ rows, isOver: true });
      },
    ),
  );
});

test("a long field has memory of its own, which can be handed over to another thread", () => {
  const {
    rows: [row],
  } = read(Buffer.concat([start(), ...encodeRow([Buffer.alloc(65_536, 7)]), end]), [99, 5000]);
  const memory = row?.[0]?.buffer as ArrayBuffer;
  expect(memory.byteLength).toBe(65_536);
  structuredClone(memory, { transfer: [memory] });
  expect(memory.byteLength).toBe(0);
});

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const one = Buffer.from([0, 1]);

test.each([
  ["no signature", Buffer.concat([Buffer.alloc(19), end])],
  ["an extension of 4194305 bytes", start(4_194_305).subarray(0, 19)],
  ["a row of 65 fields", Buffer.concat([start(), Buffer.from([0, 65])])],
  ["a row of -2 fields", Buffer.concat([start(), Buffer.from([0xff, 0xfe])])],
  ["a field of -2 bytes", Buffer.concat([start(), one, int(-2)])],
  ["a field of 4194305 bytes", Buffer.concat([start(), one, int(4_194_305)])],
])("what is no copy is refused in a sentence: %s", (why, bytes) => {
  expect(() => read(bytes)).toThrow(
    expect.objectContaining({ code: "data/bad-block", message: `The copy cannot be read: ${why}` }),
  );
});

test.each([
  Buffer.concat([start(), one, int(5), Buffer.from("abc")]),
  Buffer.concat([start(), ...encodeRow([Buffer.from("abc")])]),
  Buffer.alloc(0),
])("what ends before its end is not over", (bytes) => {
  expect(read(bytes).isOver).toBe(false);
});
