import { AppError } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ByteSource } from "../format.ts";

const CHUNK = 1024 * 1024;
/** Everything but the samples is held, as text and then as objects; a file that claims more is not ours. */
const MAX_HEADER_BYTES = 64 * 1024 * 1024;
/** Brackets, braces and commas outside the samples: each makes a value that costs far more memory than its text. */
const MAX_ITEMS = 8_000_000;
/** Our deepest value is masks[channel][run][number]. */
const MAX_DEPTH = 32;
const LONGEST_KEY = 4096;

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COLON, COMMA] = [
  34, 92, 123, 125, 91, 93, 58, 44,
];

export interface TopValue {
  readonly text: string; // JSON
  readonly at: number; // byte of its first character
}

export interface Outline {
  readonly values: ReadonlyMap<string, TopValue>; // of the top-level keys in `keep`
  readonly skippedAt: number | undefined; // byte of the skipped value's first character
  readonly isWhole: boolean; // the closing brace was found
}

const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === 10 || byte === 13;

/** Walks through a JSON object once and keeps the top-level values of some keys as text; of `skip` only the place. */
export async function outline(
  source: ByteSource,
  { keep: wanted, skip }: { readonly keep: ReadonlySet<string>; readonly skip: string },
): Promise<Outline> {
  const values = new Map<string, TopValue>();
  const decoder = new TextDecoder();
  let skippedAt: number | undefined;
  let [depth, inString, escaped] = [0, false, false];
  let place: "key" | "colon" | "value" = "key";
  let key = "";
  let [keyAt, valueAt, items] = [0, 0, 0];
  let kept: Uint8Array[] = [];
  let [keptBytes, isKeeping] = [0, false];
  const take = (): string => {
    const all = new Uint8Array(keptBytes);
    let at = 0;
    for (const part of kept) {
      all.set(part, at);
      at += part.length;
    }
    [kept, keptBytes] = [[], 0];
    return decoder.decode(all);
  };
  let total = 0;
  for (let offset = 0; offset < source.size;) {
    const chunk = await source.read(offset, CHUNK);
    if (chunk.length === 0) break;
    let from = 0; // of what is being kept, in this chunk
    const keep = (to: number): void => {
      if (!isKeeping || to <= from) return;
      kept.push(chunk.slice(from, to));
      keptBytes += to - from;
      total += to - from;
      if (total > MAX_HEADER_BYTES)
        throw badJson(source.name, offset + to, `more than ${MAX_HEADER_BYTES} bytes outside "${skip}"`);
    };
    const count = (at: number): void => {
      if (key === skip && place === "value") return; // samples are read number by number
      if (depth > MAX_DEPTH) throw badJson(source.name, at, `a value nested at most ${MAX_DEPTH} deep`);
      if (++items > MAX_ITEMS)
        throw badJson(source.name, at, `at most ${MAX_ITEMS} values outside "${skip}"`);
    };
    for (let i = 0; i < chunk.length; i++) {
      const byte = sure(chunk[i]);
      if (place === "key" && isKeeping && offset + i - keyAt > LONGEST_KEY)
        throw badJson(source.name, keyAt, `a key of at most ${LONGEST_KEY} bytes`);
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inString = false;
          if (depth === 1 && place === "key") {
            keep(i + 1);
            isKeeping = false;
            key = textOf(take(), source.name, offset + i);
            place = "colon";
          }
        }
        continue;
      }
      if (isBlank(byte)) continue;
      if (depth === 0) {
        if (byte !== OPEN_BRACE) throw badJson(source.name, offset + i, "an object");
        depth = 1;
        continue;
      }
      if (depth === 1 && place === "colon") {
        if (byte !== COLON) throw badJson(source.name, offset + i, "a colon");
        place = "value";
        continue;
      }
      if (depth === 1 && place === "value" && !isKeeping && byte !== COMMA && byte !== CLOSE_BRACE) {
        valueAt = offset + i;
        if (key === skip) skippedAt ??= valueAt;
        else if (wanted.has(key)) [isKeeping, from] = [true, i];
      }
      if (byte === QUOTE) {
        inString = true;
        if (depth === 1 && place === "key") [isKeeping, from, keyAt] = [true, i, offset + i];
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
        count(offset + i);
      } else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && depth > 1) depth--;
      else if (depth === 1 && (byte === COMMA || byte === CLOSE_BRACE)) {
        keep(i);
        if (place === "value" && isKeeping) values.set(key, { text: take(), at: valueAt });
        [isKeeping, place] = [false, "key"];
        if (byte === CLOSE_BRACE) return { values, skippedAt, isWhole: true };
        count(offset + i);
      } else if (byte === COMMA) count(offset + i);
    }
    keep(chunk.length);
    from = 0;
    offset += chunk.length;
  }
  return { values, skippedAt, isWhole: false };
}

function textOf(json: string, file: string, offset: number): string {
  try {
    return String(JSON.parse(json));
  } catch {
    throw badJson(file, offset, "a key in quotes");
  }
}

export const badJson = (file: string, offset: number, allowed: string): AppError =>
  new AppError("data/bad-json", `${file}, byte ${offset}: ${allowed} is expected`, { file, offset, allowed });
