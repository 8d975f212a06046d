import { AppError } from "../../../preload/contract/errors.ts";
import type { TableOptions } from "../../../preload/contract/exchange.ts";
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
 * Reads a table of annotations, one call of `AnnotationRow` a row. Throws data/bad-header where a column is absent, and
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
  const words = new Words();
  let columns: Columns | undefined;
  const take = (row: Row): void => {
    const cells = Array.from({ length: row.count }, (_, i) => words.of(text(row, i, encoding)));
    if (columns === undefined) {
      columns = columnsOf(cells);
      if (!isComplete(columns)) throw badHeader(source.name, row.line, cells);
      return;
    }
    if (cells.every((cell) => cell === "")) return;
    rows.push(rowOf(source.name, row.line, cells, columns, separator === "," ? "." : undefined));
  };
  const splitter = new RowSplitter(separator, source.name);
  for await (const chunk of plainBytes(source, encoding)) splitter.push(chunk, take);
  splitter.end(take);
  if (columns === undefined) throw badHeader(source.name, 1, []);
  return rows;
}

/** One string for cells that say the same: of a hundred thousand rows most name a handful of recordings, labels, people. */
class Words {
  readonly #known = new Map<string, string>();

  of(word: string): string {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_WORDS) this.#known.clear(); // onsets and notes, which come once
    this.#known.set(word, word);
    return word;
  }
}
const MOST_WORDS = 4096;

/** A cell's text; blanks at its ends count where it is quoted. */
function text(row: Row, index: number, encoding: TableEncoding): string {
  const start = row.starts[index] ?? 0;
  const decoded = decodeBytes(row.bytes.subarray(start, row.ends[index]), plainEncoding(encoding));
  return row.bytes[start - 1] === QUOTE ? decoded.replace(/""/g, '"') : decoded.replace(/""/g, '"').trim();
}

const QUOTE = 34;

function detectSeparator(head: string): "," | "\t" | ";" {
  const first = head.split(/\r\n|\n|\r/).find((line) => line.trim() !== "" && !/^\s*[#%]/.test(line)) ?? "";
  return (
    separators.find((s) => isComplete(columnsOf(first.split(s)))) ??
    ([...separators].sort((a, b) => first.split(b).length - first.split(a).length)[0] as ",")
  );
}

function rowOf(
  file: string,
  line: number,
  cells: readonly string[],
  columns: Columns,
  decimal: "." | undefined,
): AnnotationRow {
  const cell = (field: Field): string => (columns[field] === undefined ? "" : (cells[columns[field]] ?? ""));
  const written = (field: Field): string => unguarded(cell(field));
  const name = (field: "recording" | "label"): string => {
    // A file may give an event no word; our table then says by its code that this is meant.
    if (written(field).trim() !== "" || (field === "label" && cell("code") !== "")) return written(field);
    throw badCell(file, line, field, "", "a name");
  };
  const seconds = (field: "onset" | "duration" | "end", allowed: string, min: number): number => {
    const digits = cell(field);
    const dotted = parseText(digits, ".");
    const value = Number.isNaN(dotted) && decimal === undefined ? parseText(digits, ",") : dotted;
    if (Number.isFinite(value) && value >= min) return value;
    throw badCell(file, line, `${field}_s`, digits, allowed);
  };
  const onsetS = seconds("onset", "seconds from the recording's start, 0 or more", 0);
  const durationS =
    columns.duration === undefined
      ? seconds("end", `seconds, not before the onset (${onsetS})`, onsetS) - onsetS
      : cell("duration") === ""
        ? 0
        : seconds("duration", "seconds, 0 (a point) or more", 0);
  return {
    recording: name("recording"),
    label: name("label"),
    onsetS,
    durationS,
    channel: written("channel") || undefined,
    author: written("author") || undefined,
    note: written("note"),
    code: cell("code") || undefined,
    line,
  };
}

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
