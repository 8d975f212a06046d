/** CRC-4 by x^4 + x + 1, a nibble at a time. */
const byNibble = [0, 3, 6, 5, 12, 15, 10, 9, 11, 8, 13, 14, 7, 4, 1, 2];
const nibble = (crc: number): number => byNibble[crc] ?? 0;

/** The remainder after a whole byte: entry crc * 256 + byte. */
const byByte = Uint8Array.from(
  { length: 16 * 256 },
  (_, i) => nibble(nibble(i >> 8) ^ ((i >> 4) & 15)) ^ (i & 15),
);
/** After the last byte, of which only the high nibble counts: the low one carries the CRC. */
const byLast = Uint8Array.from({ length: 16 * 256 }, (_, i) => nibble(nibble(i >> 8) ^ ((i >> 4) & 15)));

/** CRC-4 of `length` bytes from `at` on, the low nibble of the last left out. */
export function crc4(bytes: Uint8Array, at: number, length: number): number {
  const last = at + length - 1;
  let crc = 0;
  for (let i = at; i < last; i += 1) crc = byByte[(crc << 8) | (bytes[i] ?? 0)] ?? 0;
  return byLast[(crc << 8) | (bytes[last] ?? 0)] ?? 0;
}
