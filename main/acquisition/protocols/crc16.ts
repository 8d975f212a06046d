const POLYNOMIAL = 0x1021; // x^16 + x^12 + x^5 + 1, not reflected

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});

function crc16(bytes: Uint8Array, from: number, to: number, initial: number): number {
  let crc = initial;
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ (bytes[i] ?? 0)] ?? 0);
  return crc;
}

/** CRC-16/XMODEM of the bytes `from` to `to` (exclusive): initial value 0; 0x31C3 for "123456789". */
export const crc16Xmodem = (bytes: Uint8Array, from = 0, to = bytes.length, initial = 0): number =>
  crc16(bytes, from, to, initial);

/** CRC-16/CCITT-FALSE: initial value 0xFFFF; 0x29B1 for "123456789". */
export const crc16CcittFalse = (bytes: Uint8Array, from = 0, to = bytes.length): number =>
  crc16(bytes, from, to, 0xffff);
