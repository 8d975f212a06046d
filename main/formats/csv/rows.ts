import { AppError } from "../../../preload/contract/errors.ts";
import { CHANNELS_MAX } from "../../../preload/contract/recording.ts";

const LF = 10;
const CR = 13;
const QUOTE = 34;
const BLANK = 32;
const TAB = 9;
const HASH = 35;
const PERCENT = 37;
/** No table has longer rows; a file without line ends must not be gathered into memory. */
const MAX_ROW_BYTES = 8 * 1024 * 1024;
/** As many channels as a recording may have, a mask and a time beside each. */
const MAX_CELLS = 2 * CHANNELS_MAX + 1;

/** One row, as ranges of bytes without surrounding blanks and quotes. Valid only during the call it is handed to. */
export interface Row {
  bytes: Uint8Array;
  readonly starts: number[];
  readonly ends: number[];
  count: number;
  line: number; // 1-based, of the row's beginning
  isCut: boolean; // the file ends in it without a line end
}

/**
 * Splits bytes into rows and cells (RFC 4180: quoted cells may hold separators, line ends and doubled quotes).
 * Lines that are blank or begin with # or % are comments. Fed chunk by chunk; LF, CRLF and CR end a row.
 */
export class RowSplitter {
  private readonly separator: number;
  private readonly file: string;
  private rest = new Uint8Array(0);
  private line = 1;
  private skipLineFeed = false;
  private readonly row: Row = { bytes: this.rest, starts: [], ends: [], count: 0, line: 1, isCut: false };
  private readonly onComment: (bytes: Uint8Array) => void;

  constructor(separator: string, file: string, onComment: (bytes: Uint8Array) => void = () => undefined) {
    this.separator = separator.charCodeAt(0);
    this.file = file;
    this.onComment = onComment;
  }

  push(chunk: Uint8Array, onRow: (row: Row) => void): void {
    let bytes = chunk;
    if (this.rest.length > 0) {
      bytes = new Uint8Array(this.rest.length + chunk.length);
      bytes.set(this.rest);
      bytes.set(chunk, this.rest.length);
    }
    this.rest = bytes.slice(this.split(bytes, false, onRow));
    if (this.rest.length > MAX_ROW_BYTES) {
      throw new AppError(
        "data/row-too-long",
        `${this.file}, line ${this.line}: a row of more than ${MAX_ROW_BYTES} bytes; a quote may not be closed`,
        {
          file: this.file,
          line: this.line,
          value: this.rest.length,
          allowed: `at most ${MAX_ROW_BYTES}`,
        },
      );
    }
  }

  end(onRow: (row: Row) => void): void {
    const bytes = this.rest;
    this.rest = new Uint8Array(0);
    this.split(bytes, true, onRow);
  }

  /** Hands out the complete rows of `bytes` and returns where the first incomplete one begins. */
  private split(bytes: Uint8Array, isEnd: boolean, onRow: (row: Row) => void): number {
    const { separator, row } = this;
    const length = bytes.length;
    const collapses = separator === BLANK;
    let at = 0;
    row.bytes = bytes;
    for (;;) {
      if (this.skipLineFeed && at < length) {
        if (bytes[at] === LF) at++;
        this.skipLineFeed = false;
      }
      const start = at;
      if (at >= length) return start;
      let i = at;
      while (i < length && (bytes[i] === BLANK || (bytes[i] === TAB && separator !== TAB))) i++;
      const isComment = bytes[i] === HASH || bytes[i] === PERCENT;
      let lines = 0;
      let count = 0;
      let cellStart = isComment ? start : collapses ? i : at;
      let isQuoted = false;
      let end = -1; // where the row's line end begins
      if (isComment) {
        while (i < length && bytes[i] !== LF && bytes[i] !== CR) i++;
        if (i < length || isEnd) end = i;
      } else {
        i = cellStart;
        for (;;) {
          // The beginning of a cell.
          let c = cellStart;
          while (c < length && (bytes[c] === BLANK || (bytes[c] === TAB && separator !== TAB))) c++;
          isQuoted = bytes[c] === QUOTE;
          if (isQuoted) {
            i = c + 1;
            for (; i < length; i++) {
              const byte = bytes[i];
              if (byte === LF) lines++;
              if (byte === QUOTE) {
                if (bytes[i + 1] === QUOTE) i++;
                else break;
              }
            }
          } else i = c;
          while (i < length) {
            const byte = bytes[i];
            if (byte === separator || byte === LF || byte === CR) break;
            i++;
          }
          if (i >= length && !isEnd) return start;
          if (count >= MAX_CELLS) throw this.tooManyCells();
          this.cell(bytes, c, i, count++, isQuoted);
          if (i >= length || bytes[i] === LF || bytes[i] === CR) {
            end = i;
            break;
          }
          cellStart = i + 1;
          if (collapses) {
            while (cellStart < length && (bytes[cellStart] === BLANK || bytes[cellStart] === TAB))
              cellStart++;
            if (cellStart >= length && !isEnd) return start;
            if (cellStart >= length || bytes[cellStart] === LF || bytes[cellStart] === CR) {
              end = cellStart;
              break;
            }
          }
        }
      }
      if (end < 0) return start;
      row.line = this.line;
      row.count = count;
      row.isCut = end >= length;
      if (isComment) this.onComment(bytes.subarray(start, end));
      else if (count > 1 || (row.ends[0] ?? 0) > (row.starts[0] ?? 0)) onRow(row);
      this.line += lines + 1;
      at = end + 1;
      if (end >= length) return length;
      if (bytes[end] === CR) {
        if (at < length) {
          if (bytes[at] === LF) at++;
        } else this.skipLineFeed = true;
      }
    }
  }

  private tooManyCells(): AppError {
    const message = `${this.file}, line ${this.line}: a row of more than ${MAX_CELLS} cells`;
    const allowed = `at most ${MAX_CELLS}`;
    return new AppError("data/too-many-columns", message, { file: this.file, line: this.line, allowed });
  }

  private cell(bytes: Uint8Array, from: number, to: number, index: number, isQuoted: boolean): void {
    let [start, end] = [from, to];
    while (end > start && (bytes[end - 1] === BLANK || bytes[end - 1] === TAB)) end--;
    if (isQuoted) {
      start++;
      if (end > start && bytes[end - 1] === QUOTE) end--;
    }
    this.row.starts[index] = start;
    this.row.ends[index] = end;
  }
}
