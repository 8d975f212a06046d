/** Commands and replies in ASCII; a byte beyond it stays the character of the same number. */
export const textOf = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

/** Printable ASCII of bytes; every other byte becomes a space. */
export const asciiText = (bytes: Uint8Array): string =>
  textOf(bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x20)));

export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
