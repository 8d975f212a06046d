/** Printable ASCII of bytes; every other byte becomes a space. */
export const asciiText = (bytes: Uint8Array): string =>
  String.fromCharCode(...bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x20)));
