import { formatSeconds } from "./decimal.ts";
import { decodeText, decodeUtf8, guessEncoding } from "./text.ts";

/**
 * Time-stamped annotation lists of EDF+: `+onset [0x15 duration] 0x14 text 0x14 text 0x14 ... 0x00`.
 * One list may carry several texts; the rest of the signal is filled with zeros.
 */
export interface AnnotationList {
  readonly onsetS: number;
  readonly durationS: number | undefined;
  readonly texts: readonly string[];
  readonly at: number; // byte position in the signal
}

export interface ParsedLists {
  readonly lists: readonly AnnotationList[];
  readonly problems: ReadonlyMap<ListProblem, FirstProblem>; // the first of each kind, and how many
}
interface FirstProblem {
  readonly at: number;
  readonly value: string;
  count: number;
}
export type ListProblem =
  "EDF_ANNOTATION" | "EDF_ANNOTATION_SIGN" | "EDF_ANNOTATION_DURATION" | "EDF_ANNOTATION_TEXT";

const DURATION = 0x15;
const SEPARATOR = 0x14;
const LONGEST_NUMBER = 64;

/** Reads every list of one record's annotation signal. What is not a list is reported and left out. */
export function parseAnnotationLists(bytes: Uint8Array): ParsedLists {
  const lists: AnnotationList[] = [];
  const problems = new Map<ListProblem, FirstProblem>();
  let at = 0;
  const problem = (code: ListProblem, value: string): void => {
    const known = problems.get(code);
    if (known === undefined) problems.set(code, { at, value: value.slice(0, 40), count: 1 });
    else known.count++;
  };
  while (at < bytes.length) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    const zero = bytes.indexOf(0, at);
    const end = zero === -1 ? bytes.length : zero;
    const list = parseList(bytes, at, end, problem);
    if (list !== undefined) lists.push(list);
    at = end + 1;
  }
  return { lists, problems };
}

function parseList(
  bytes: Uint8Array,
  at: number,
  end: number,
  problem: (code: ListProblem, value: string) => void,
): AnnotationList | undefined {
  const separator = bytes.indexOf(SEPARATOR, at);
  const stampEnd = separator === -1 || separator > end ? end : separator;
  const stamp = bytes.subarray(at, Math.min(stampEnd, at + LONGEST_NUMBER));
  const mark = stamp.indexOf(DURATION);
  const onsetText = ascii(mark === -1 ? stamp : stamp.subarray(0, mark));
  const match = /^\s*([+-]?)(\d+(?:[.,]\d*)?)\s*$/.exec(onsetText);
  const [, sign = "", digits = ""] = match ?? [];
  const onsetS = match === null ? NaN : Number(`${sign}${digits.replace(",", ".")}`);
  if (match === null || stampEnd === end || !Number.isFinite(onsetS)) {
    problem("EDF_ANNOTATION", onsetText);
    return undefined;
  }
  if (match[1] === "") problem("EDF_ANNOTATION_SIGN", onsetText);
  const durationS = mark === -1 ? undefined : readDuration(ascii(stamp.subarray(mark + 1)), problem);
  const texts: string[] = [];
  for (let from = stampEnd + 1; from < end || texts.length === 0;) {
    const next = bytes.indexOf(SEPARATOR, from);
    const to = next === -1 || next > end ? end : next;
    texts.push(decode(bytes.subarray(from, to), problem));
    from = to + 1;
  }
  return { onsetS, durationS, texts, at };
}

function readDuration(text: string, problem: (code: ListProblem, value: string) => void): number | undefined {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return undefined;
  const duration = /^(?:\d+(?:\.\d*)?|\.\d+)$/.test(trimmed) ? Number(trimmed) : NaN;
  if (Number.isFinite(duration)) return duration;
  problem("EDF_ANNOTATION_DURATION", text);
  return undefined;
}

function decode(bytes: Uint8Array, problem: (code: ListProblem, value: string) => void): string {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  const encoding = guessEncoding([bytes]);
  const guessed = decodeText(bytes, encoding);
  problem("EDF_ANNOTATION_TEXT", `${encoding}: ${guessed.slice(0, 40)}`);
  return guessed;
}

function ascii(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const encoder = new TextEncoder();

/** One list with one text, closed by its zero. Control characters of the list itself become blanks. */
export function encodeAnnotation(onsetS: number, durationS: number | undefined, text: string): Uint8Array {
  const duration = durationS === undefined || durationS <= 0 ? "" : `\x15${formatSeconds(durationS)}`;
  return encoder.encode(`${formatOnset(onsetS)}${duration}\x14${cleanText(text)}\x14\0`);
}

/** The list that opens each record: its start, with an empty text. */
export const encodeRecordStart = (onsetS: number): Uint8Array =>
  encoder.encode(`${formatOnset(onsetS)}\x14\x14\0`);

/** Tab, LF and CR may stand in a text; the other control characters may not. */
export const cleanText = (text: string): string =>
  text.replace(/(?![\t\n\r])\p{Cc}/gu, " ").replace(/\p{Cs}/gu, "\ufffd");

const formatOnset = (onsetS: number): string =>
  onsetS < 0 ? formatSeconds(onsetS) : `+${formatSeconds(onsetS)}`;
