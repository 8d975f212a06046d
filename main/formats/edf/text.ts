import iconv from "iconv-lite";
import { sure } from "../../../preload/contract/sure.ts";

/** Encodings met in headers that should have been ASCII. */
export type HeaderEncoding = "ascii" | "utf-8" | "shift_jis" | "euc-jp" | "latin1";

export const isPrintable = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 32 && byte <= 126);

export function decodeText(bytes: Uint8Array, encoding: HeaderEncoding): string {
  if (encoding === "ascii") {
    let text = "";
    for (const byte of bytes) text += byte < 128 ? String.fromCharCode(byte) : "\uFFFD";
    return text;
  }
  return iconv.decode(bytes, encoding);
}

/** Well-formed UTF-8, or undefined. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Which encoding header fields are in: ASCII where nothing else occurs, UTF-8 where it is well-formed, else the
 * Japanese one whose text reads as Japanese, else Latin-1, which always decodes.
 */
export function guessEncoding(fields: readonly Uint8Array[]): HeaderEncoding {
  const foreign = fields.filter((field) => field.some((byte) => byte > 127));
  if (foreign.length === 0) return "ascii";
  if (foreign.every((field) => decodeUtf8(field) !== undefined)) return "utf-8";
  const scores = (["euc-jp", "shift_jis"] as const).map((encoding) => ({
    encoding,
    score: foreign
      .map((field) => japaneseScore(decodeText(field, encoding), field))
      .reduce((a, b) => a + b, 0),
  }));
  const best = scores.reduce((a, b) => (b.score > a.score ? b : a));
  return best.score > 0 ? best.encoding : "latin1";
}

const kana = /[\u3041-\u30FF]/u;
const kanji = /[\u4E00-\u9FFF]/u;

/**
 * Positive where a decoding looks like Japanese written on purpose. Against it: undecodable bytes, private-use
 * characters, and single kanji or half-width kana wedged between Latin letters, which is what accented Latin-1 becomes.
 */
function japaneseScore(text: string, bytes: Uint8Array): number {
  const characters = Array.from(text);
  const isLatin = (at: number): boolean => /[A-Za-z]/.test(characters[at] ?? "");
  const isHalfKana = (at: number): boolean => /[\uFF61-\uFF9F]/u.test(characters[at] ?? "");
  let score = 0;
  for (const [at, character] of characters.entries()) {
    const code = sure(character.codePointAt(0));
    const isWedged = isLatin(at - 1) || isLatin(at + 1);
    if (code === 0xfffd || (code >= 0xe000 && code <= 0xf8ff) || (code > 126 && code < 160)) score -= 20;
    else if (isHalfKana(at))
      score += isHalfKana(at - 1) || isHalfKana(at + 1) ? 0.5 : -5; // alone: a degree or micro sign
    else if (kana.test(character)) score += 3;
    else if (kanji.test(character)) score += isWedged ? -5 : 1;
    else if (code === 0x3bc)
      score += bytes.length > 1 ? 3 : 0; // the micro sign of Japanese recorders, 83 CA or A6 CC
    else if (code > 126) score += 0.2;
  }
  return score;
}

/** Channel names of Japanese recorders, as far as EDF's ASCII header has an established short form for them. */
const established: readonly (readonly [RegExp, string])[] = [
  [/胎児心拍数?/g, "FHR"],
  [/母体心拍数?/g, "MHR"],
  [/子宮収縮|陣痛/g, "UC"],
  [/胎動/g, "FM"],
  [/筋電図?/g, "EMG"],
  [/心電図?/g, "ECG"],
  [/脳波/g, "EEG"],
  [/右/g, "R "],
  [/左/g, "L "],
  [/数/g, ""],
];

const symbols: Readonly<Record<string, string>> = {
  µ: "u",
  μ: "u",
  Ω: "Ohm",
  "°": "deg",
  "±": "+-",
  "×": "x",
  "÷": "/",
  "²": "2",
  "³": "3",
  ß: "ss",
  æ: "ae",
  Æ: "AE",
  ø: "o",
  Ø: "O",
  œ: "oe",
  ð: "d",
  þ: "th",
  ł: "l",
  "–": "-",
  "—": "-",
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "…": "...",
};

/** Text for an ASCII header: known terms and symbols by name, accents off, anything else `_`. */
export function toAscii(text: string): string {
  let ascii = "";
  for (const [term, replacement] of established) text = text.replace(term, replacement);
  for (const character of text) ascii += symbols[character] ?? character;
  return ascii
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^\x20-\x7E]/gu, "_")
    .trim();
}
