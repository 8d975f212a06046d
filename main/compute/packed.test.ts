import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { AFTER_FIRST, pack, unpack } from "./packed.ts";

const arrays = fc.oneof(
  fc.array(fc.float()).map((values) => Float32Array.from(values)),
  fc.array(fc.double()).map((values) => Float64Array.from(values)),
  fc.array(fc.integer()).map((values) => Int32Array.from(values)),
  fc.uint8Array(),
);
const leaf = fc.oneof(arrays, fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const tree = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__" && key !== "$array"),
  fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.constantFrom("a", "b"), leaf)),
  { noNullPrototype: true },
);

describe("a pack", () => {
  test("comes back as it was, arrays to the bit", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(unpack(pack(value))).toEqual(value);
      }),
    );
    const odd = Float32Array.of(NaN, -0, Infinity, 1e-45);
    expect(unpack(pack([odd]))).toEqual([odd]);
  });

  test("read from an unaligned place in a larger buffer is the same", () => {
    const bytes = pack({ x: Float64Array.of(1, 2), y: Float32Array.of(3) });
    const within = new Uint8Array(bytes.length + 3);
    within.set(bytes, 3);
    expect(unpack(within.subarray(3))).toEqual({ x: Float64Array.of(1, 2), y: Float32Array.of(3) });
  });

  test("that is cut or changed anywhere is refused by name, never read as something else", () => {
    const bytes = pack({ state: [Float32Array.of(1, 2, 3)], epoch: 3 });
    for (let cut = 0; cut < bytes.length; cut++)
      expect(() => unpack(bytes.subarray(0, cut))).toThrow(AppError);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = changed[at]! ^ 4;
      expect(() => unpack(changed)).toThrow(AppError);
    }
  });

  test("of the second version is read as one of the first, which those before did not know", () => {
    const value = { weights: Float32Array.of(1, 2), name: "one" };
    const bytes = pack(value, AFTER_FIRST);
    expect(bytes[8]).toBe(2);
    expect(unpack(bytes)).toEqual(value);
  });

  test("of a later version is refused politely", () => {
    const bytes = pack({});
    bytes[8] = 3;
    expect(() => unpack(bytes)).toThrow("versions up to 2 can be read");
  });
});
