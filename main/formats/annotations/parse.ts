import { AppError } from "../../../preload/contract/errors.ts";
import type { TableOptions } from "../../../preload/contract/exchange.ts";
import { sure } from "../../../preload/contract/sure.ts";
import {
  decodeBytes,
  detectEncoding,
  plainBytes,
  plainEncoding,
  type TableEncoding,
} from "../csv/encoding.ts";
import { parseText } from "../csv/numbers.ts";
import { RowSplitter, type Row } from "../csv/rows.ts";
import type { ByteSource } from "../format.ts";
import { unguarded } from "./guard.ts";

/** One row of a table of annotations (`recording,label,onset_s,duration_s[,channel][,author][,note][,code]`). */
export interface AnnotationRow {
  readonly recording: string;
  readonly label: string;
  readonly onsetS: number;
  readonly durationS: number; // 0: a point
  readonly channel: string | undefined; // label of a channel, or its position from 0
  readonly author: string | undefined;
  readonly note: string;
  readonly code?: string | undefined; // of the label, in tables that Kodo wrote
  readonly line: number;
}

type Field = "recording" | "label" | "onset" | "duration" | "end" | "channel" | "author" | "note" | "code";

/** Header words, unit and case aside. Times are in seconds. */
const words: Readonly<Record<Field, RegExp>> = {
  recording: /^(recording|record|file|name|記録|記録名|ファイル)$/i,
  label: /^(label|event|annotation|description|class|ラベル|イベント|種類)$/i,
  onset: /^(onset|start|begin|time|開始|開始時刻|発生)$/i,
  duration: /^(duration|length|持続|持続時間|長さ|期間)$/i,
  end: /^(end|offset|stop|終了|終了時刻)$/i,
  channel: /^(channel|signal|lead|チャンネル|チャネル)$/i,
  author: /^(author|annotator|rater|作成者|判読者)$/i,
  code: /^(code|label[_ ]code|コード)$/i,
  note: /^(note|comment|remark|備考|メモ|コメント)$/i,
};

const bare = (name: string): string =>
  name
    .normalize("NFKC")
    .trim()
    .toLowerCase()
    .replace(/[_ ]?(\(s\)|\[s\]|\(sec\)|\(秒\)|_s|秒)$/, "");

type Columns = Partial<Readonly<Record<Field, number>>>;

function columnsOf(names: readonly string[]): Columns {
  const columns: { [F in Field]?: number } = {};
  names.forEach((name, index) => {
    for (const [field, pattern] of Object.entries(words) as [Field, RegExp][])
      if (columns[field] === undefined && pattern.test(bare(name))) columns[field] = index;
  });
  return columns;
}

const isComplete = (c: Columns): boolean =>
  c.recording !== undefined &&
  c.label !== undefined &&
  c.onset !== undefined &&
  (c.duration !== undefined || c.end !== undefined);

const separators = [",", "\t", ";"] as const;

/** Does a file begin with the header row of a table of annotations? `head` is its first few KiB. */
export function isAnnotationTable(head: Uint8Array, name: string): boolean {
  if (!/\.(csv|tsv|txt)$/i.test(name)) return false;
  const first = decodeBytes(head, detectEncoding(head))
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .find((line) => line.trim() !== "" && !/^\s*[#%]/.test(line));
  return (
    first !== undefined &&
    separators.some((s) =>
      isComplete(columnsOf(first.split(s).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")))),
    )
  );
}

/**
 * Reads a table of annotations, one `AnnotationRow` a row. Throws data/bad-header where a column is absent, and
 * data/bad-cell naming file, line, column, value and what is allowed at the first bad cell: a table is taken whole or not.
 */
export async function parseAnnotationTable(
  source: ByteSource,
  options: Pick<TableOptions, "encoding" | "separator"> = {},
): Promise<AnnotationRow[]> {
  const head = await source.read(0, 64 * 1024);
  const encoding = options.encoding ?? detectEncoding(head);
  const separator = options.separator ?? detectSeparator(decodeBytes(head, encoding));
  const rows: AnnotationRow[] = [];
  const cells: string[] = [];
  let reader: RowReader | undefined;
  const take = (row: Row): void => {
    readCells(row, plainEncoding(encoding), cells);
    if (reader === undefined) {
      const columns = columnsOf(cells);
      if (!isComplete(columns)) throw badHeader(source.name, row.line, cells);
      reader = new RowReader(source.name, columns, separator === "," ? "." : undefined);
    } else if (cells.some((cell) => cell !== "")) rows.push(reader.read(cells, row.line));
  };
  const splitter = new RowSplitter(separator, source.name);
  for await (const chunk of plainBytes(source, encoding)) splitter.push(chunk, take);
  splitter.end(take);
  if (reader === undefined) throw badHeader(source.name, 1, []);
  return rows;
}

/** One string for cells that say the same: of a hundred thousand rows most name a handful of recordings, labels, people. */
class Words {
  readonly #known = new Map<string, string>();

  of(word: string): string {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    if (this.#known.size < MOST_WORDS) this.#known.set(word, word); // else a column of words that come once
    return word;
  }
}
const MOST_WORDS = 4096;

/** A row's texts, in place of those of the row before; blanks at a cell's ends count where it is quoted. */
function readCells({ bytes, starts, ends, count }: Row, encoding: TableEncoding, cells: string[]): void {
  const from = sure(starts[0]);
  const line = asciiOf(bytes, from, sure(ends[count - 1]));
  cells.length = count;
  for (let i = 0; i < count; i++) {
    const [start, end] = [sure(starts[i]), sure(ends[i])];
    const decoded =
      line?.slice(start - from, end - from) ?? decodeBytes(bytes.subarray(start, end), encoding);
    const text = decoded.includes('""') ? decoded.replaceAll('""', '"') : decoded;
    cells[i] = bytes[start - 1] === QUOTE ? text : text.trim();
  }
}

const ascii = new TextDecoder("latin1");

/** Bytes that are the same letters in every encoding that is read; undefined where one is not. */
function asciiOf(bytes: Uint8Array, from: number, to: number): string | undefined {
  for (let i = from; i < to; i++) if (sure(bytes[i]) >= 0x7f) return undefined;
  return ascii.decode(bytes.subarray(from, to));
}

const QUOTE = 34;

function detectSeparator(head: string): "," | "\t" | ";" {
  const first = head.split(/\r\n|\n|\r/).find((line) => line.trim() !== "" && !/^\s*[#%]/.test(line)) ?? "";
  return (
    separators.find((s) => isComplete(columnsOf(first.split(s)))) ??
    ([...separators].sort((a, b) => first.split(b).length - first.split(a).length)[0] as ",")
  );
}

/** Makes a row of its cells, as the header says which is which. */
class RowReader {
  readonly #file: string;
  readonly #columns: Columns;
  readonly #decimal: "." | undefined; // undefined: a point or a comma
  readonly #words = { recording: new Words(), label: new Words(), channel: new Words(), author: new Words() };
  #cells: readonly string[] = [];
  #line = 0;

  constructor(file: string, columns: Columns, decimal: "." | undefined) {
    this.#file = file;
    this.#columns = columns;
    this.#decimal = decimal;
  }

  read(cells: readonly string[], line: number): AnnotationRow {
    this.#cells = cells;
    this.#line = line;
    const onsetS = this.#seconds("onset", 0);
    const durationS = this.#durationFrom(onsetS);
    const { channel, author } = this.#words;
    return {
      recording: this.#name("recording"),
      label: this.#name("label"),
      onsetS,
      durationS,
      channel: channel.of(this.#written("channel")) || undefined,
      author: author.of(this.#written("author")) || undefined,
      note: this.#written("note"),
      code: this.#cell("code") || undefined,
      line,
    };
  }

  #cell(field: Field): string {
    const column = this.#columns[field];
    return column === undefined ? "" : (this.#cells[column] ?? "");
  }

  #written(field: Field): string {
    return unguarded(this.#cell(field));
  }

  #name(field: "recording" | "label"): string {
    const text = this.#written(field);
    // A file may give an event no word; our table then says by its code that this is meant.
    if (text.trim() !== "" || (field === "label" && this.#cell("code") !== ""))
      return this.#words[field].of(text);
    throw badCell(this.#file, this.#line, field, "", "a name");
  }

  #durationFrom(onsetS: number): number {
    if (this.#columns.duration === undefined) return this.#seconds("end", onsetS) - onsetS;
    return this.#cell("duration") === "" ? 0 : this.#seconds("duration", 0);
  }

  #seconds(field: keyof typeof allowed, least: number): number {
    const digits = this.#cell(field);
    const dotted = parseText(digits, ".");
    const value = Number.isNaN(dotted) && this.#decimal === undefined ? parseText(digits, ",") : dotted;
    if (Number.isFinite(value) && value >= least) return value;
    throw badCell(this.#file, this.#line, `${field}_s`, digits, allowed[field](least));
  }
}

const allowed = {
  onset: () => "seconds from the recording's start, 0 or more",
  duration: () => "seconds, 0 (a point) or more",
  end: (onsetS: number) => `seconds, not before the onset (${onsetS})`,
};

const badHeader = (file: string, line: number, cells: readonly string[]): AppError =>
  new AppError(
    "data/bad-header",
    `${file}, line ${line}: a table of annotations has the columns recording, label, onset_s, duration_s and perhaps channel, author, note, code; found ${cells.slice(0, 8).join(", ") || "nothing"}`,
    {
      file,
      line,
      value: cells.slice(0, 8).join(", "),
      allowed: "recording,label,onset_s,duration_s[,channel][,author][,note][,code]",
    },
  );

const badCell = (file: string, line: number, column: string, value: string, allowed: string): AppError =>
  new AppError(
    "data/bad-cell",
    `${file}, line ${line}, column ${column}: "${value.slice(0, 40)}" where ${allowed} is expected`,
    { file, line, column, value: value.slice(0, 40), allowed },
  );
