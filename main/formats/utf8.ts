const width = (c: string): number => {
  const point = c.codePointAt(0) ?? 0;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
};

/** A text in pieces of at most so many bytes of UTF-8, never cut within a character. At least one piece. */
export function cutUtf8(text: string, bytes: number): string[] {
  if (text.length * 3 <= bytes) return [text];
  const pieces: string[] = [];
  let [from, at, size] = [0, 0, 0];
  for (const c of text) {
    const wide = width(c);
    if (size + wide > bytes) {
      pieces.push(text.slice(from, at));
      [from, size] = [at, 0];
    }
    at += c.length;
    size += wide;
  }
  return [...pieces, text.slice(from)];
}
