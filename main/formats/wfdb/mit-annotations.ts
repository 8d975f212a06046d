/** One annotation of an MIT-format file (annot(5)); `time` in ticks of the file's resolution. */
export interface MitAnnotation {
  readonly time: number;
  readonly code: number; // 1 to 49
  readonly subtype: number;
  readonly channel: number;
  readonly num: number;
  readonly aux: Uint8Array;
}

const SKIP = 59;
const NUM = 60;
const SUB = 61;
const CHN = 62;
const AUX = 63;
const MAX_INTERVAL = 1023;
/** The C library keeps the length of a text in one byte. */
export const MAX_AUX_BYTES = 255;

/** The symbol of each code, as the WFDB tools print it (ecgcodes.h). */
export const mitSymbols: readonly string[] = [
  " ",
  "N",
  "L",
  "R",
  "a",
  "V",
  "F",
  "J",
  "A",
  "S",
  "E",
  "j",
  "/",
  "Q",
  "~",
  "[15]",
  "|",
  "[17]",
  "s",
  "T",
  "*",
  "D",
  '"',
  "=",
  "p",
  "B",
  "^",
  "t",
  "+",
  "u",
  "?",
  "!",
  "[",
  "]",
  "e",
  "n",
  "@",
  "x",
  "f",
  "(",
  ")",
  "r",
];

export interface MitFile {
  readonly annotations: readonly MitAnnotation[];
  readonly endsProperly: boolean; // an end mark was found
  readonly usedBytes: number;
}

const signed8 = (value: number): number => (value << 24) >> 24;

/**
 * Parses little-endian 16-bit words: top 6 bits a code, low 10 bits an interval. NUM, SUB, CHN and AUX follow the
 * annotation they belong to; NUM and CHN hold on for later ones. Never throws: a cut file gives what came before the cut.
 */
export function parseMitAnnotations(bytes: Uint8Array): MitFile {
  const annotations: MitAnnotation[] = [];
  let [time, channel, num] = [0, 0, 0];
  let current:
    | { time: number; code: number; subtype: number; channel: number; num: number; aux: Uint8Array }
    | undefined;
  let at = 0;
  const finish = (): void => {
    if (current !== undefined) annotations.push(current);
    current = undefined;
  };
  const word = (offset: number): number => (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
  while (at + 2 <= bytes.length) {
    const value = word(at);
    const code = value >> 10;
    const interval = value & MAX_INTERVAL;
    if (value === 0) {
      finish();
      return { annotations, endsProperly: true, usedBytes: at + 2 };
    }
    if (code === SKIP) {
      if (at + 6 > bytes.length) break;
      time += (word(at + 2) << 16) | word(at + 4);
      at += 6;
      continue;
    }
    if (code === AUX) {
      if (at + 2 + interval > bytes.length) break;
      if (current !== undefined) current.aux = bytes.slice(at + 2, at + 2 + interval);
      at += 2 + interval + (interval % 2);
      continue;
    }
    if (code === NUM) {
      num = signed8(interval);
      if (current !== undefined) current.num = num;
    } else if (code === SUB) {
      if (current !== undefined) current.subtype = signed8(interval);
    } else if (code === CHN) {
      channel = interval & 0xff;
      if (current !== undefined) current.channel = channel;
    } else {
      finish();
      time += interval;
      if (code > 0 && code < 50) current = { time, code, subtype: 0, channel, num, aux: new Uint8Array(0) };
    }
    at += 2;
  }
  finish();
  return { annotations, endsProperly: false, usedBytes: at };
}

/** The inverse, for annotations in ascending time. */
export function writeMitAnnotations(annotations: readonly MitAnnotation[]): Uint8Array {
  const out: number[] = [];
  const word = (value: number): void => void out.push(value & 0xff, (value >> 8) & 0xff);
  let [time, channel, num] = [0, 0, 0];
  for (const a of annotations) {
    let interval = a.time - time;
    while (interval < 0 || interval > MAX_INTERVAL) {
      const skip = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, interval));
      word(SKIP << 10);
      word(skip >> 16);
      word(skip & 0xffff);
      interval -= skip;
    }
    word((a.code << 10) | interval);
    if (a.subtype !== 0) word((SUB << 10) | (a.subtype & 0xff));
    if (a.channel !== channel) word((CHN << 10) | (a.channel & 0xff));
    if (a.num !== num) word((NUM << 10) | (a.num & 0xff));
    if (a.aux.length > 0) {
      word((AUX << 10) | a.aux.length);
      for (const byte of a.aux) out.push(byte);
      if (a.aux.length % 2 === 1) out.push(0);
    }
    [time, channel, num] = [a.time, a.channel & 0xff, a.num];
  }
  word(0);
  return Uint8Array.from(out);
}
