import fc from "fast-check";
import { expect, test } from "vitest";
import { crc16CcittFalse, crc16Xmodem } from "./crc16.ts";

const digits = new TextEncoder().encode("123456789");

test("both checksums give their published check values", () => {
  expect(crc16Xmodem(digits)).toBe(0x31c3);
  expect(crc16CcittFalse(digits)).toBe(0x29b1);
});

test("a message followed by its checksum leaves nothing, and any changed bit leaves something", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), fc.nat(), (message, bit) => {
      const crc = crc16Xmodem(message);
      const whole = Uint8Array.of(...message, crc >> 8, crc & 0xff);
      expect(crc16Xmodem(whole)).toBe(0);
      const at = bit % (8 * whole.length);
      whole[at >> 3]! ^= 1 << (at & 7);
      expect(crc16Xmodem(whole)).not.toBe(0);
    }),
  );
});
