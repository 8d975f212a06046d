import { joined } from "../bytes.ts";
import { textOf } from "../text.ts";

const LINE_MAX = 512; // bytes
const LF = 0x0a;
const CR = 0x0d;

export interface LineListener {
  /** A line that is not empty and holds nothing but printable ASCII and tabs; `bytes` with its end. */
  line(text: string, bytes: number): void;
  /** A line that holds other bytes, or is too long. */
  garbage(bytes: number): void;
}

const isText = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || byte === 0x09;

/**
 * Cuts a stream at LF, CR and CR LF. Where lines begin with a `mark`, what stands before the last of it is garbage of its
 * own: an end of line that was lost then costs the damaged line and not the one behind it.
 */
export class LineReader {
  readonly #mark: number | undefined;
  #kept = new Uint8Array(0);
  #isText = true; // what is kept
  #dropped = 0; // bytes of a line that is too long

  constructor(mark?: string) {
    this.#mark = mark?.charCodeAt(0);
  }

  push(chunk: Uint8Array, listener: LineListener): void {
    const bytes = this.#kept.length === 0 ? chunk : joined(this.#kept, chunk);
    let from = 0;
    let isLine = this.#isText;
    for (let at = this.#kept.length; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte !== LF && byte !== CR) {
        isLine = isLine && isText(byte);
        continue;
      }
      if (this.#mark !== undefined) {
        const start = bytes.lastIndexOf(this.#mark, at);
        if (start > from || (start === from && this.#dropped > 0)) {
          listener.garbage(start - from + this.#dropped);
          this.#dropped = 0;
          from = start;
          isLine = bytes.subarray(start, at).every(isText);
        }
      }
      if (this.#dropped > 0 || !isLine || at - from > LINE_MAX)
        listener.garbage(at + 1 - from + this.#dropped);
      else if (at > from) listener.line(textOf(bytes.subarray(from, at)), at + 1 - from);
      this.#dropped = 0;
      isLine = true;
      from = at + 1;
    }
    if (bytes.length - from > LINE_MAX) {
      this.#dropped += bytes.length - from;
      from = bytes.length;
    }
    this.#kept = bytes.slice(from);
    this.#isText = isLine;
  }

  reset(): void {
    this.#kept = new Uint8Array(0);
    this.#isText = true;
    this.#dropped = 0;
  }
}
