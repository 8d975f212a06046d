import { cutUtf8 } from "../utf8.ts";

/**
 * What EDF+ has no field for, as annotations that only we read: `Kodo`, a line feed, JSON. A line feed may stand in a
 * text, and MNE and edfio pass over texts that hold one; so their users see the plain events and nothing else. EDFlib
 * keeps 512 bytes of a text: longer JSON goes on in the next annotation.
 */
const MARK = "Kodo\n";
const MORE = "\n+";
const PIECE_BYTES = 400;

export const isHiddenText = (text: string): boolean => text.startsWith(MARK);

/** The texts that hold a value, to be written one after the other. */
export function hiddenTexts(value: object): string[] {
  const json = JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const pieces = cutUtf8(json, PIECE_BYTES);
  return pieces.map((piece, i) => `${MARK}${piece}${i === pieces.length - 1 ? "" : MORE}`);
}

/** Puts the pieces together again as they come. */
export class HiddenTexts {
  #gathered = "";

  /** The value whose last piece this is; undefined while more is to come, and where it is none of ours. */
  take(text: string): Readonly<Record<string, unknown>> | undefined {
    const isLast = !text.endsWith(MORE);
    const piece = text.slice(MARK.length, isLast ? undefined : -MORE.length);
    if (this.#gathered.length + piece.length > LONGEST) {
      this.#gathered = "";
      return undefined;
    }
    this.#gathered += piece;
    if (!isLast) return undefined;
    const whole = this.#gathered;
    this.#gathered = "";
    try {
      const value: unknown = JSON.parse(whole);
      return typeof value === "object" && value !== null ? { ...value } : undefined;
    } catch {
      return undefined;
    }
  }
}

const LONGEST = 1 << 24;
