import type { ImportOptions, TableOptions, TablePreview } from "../../../preload/contract/exchange.ts";

export type TableColumn = NonNullable<TableOptions["columns"]>[number];

/** How many columns the first rows have. */
export const columnCount = ({ rows }: Pick<TablePreview, "rows">): number =>
  Math.max(0, ...rows.map((row) => row.length));

/** What a column may become. */
export type ColumnUse = "channel" | "labels" | "date" | "none";

export interface OfferedColumn {
  readonly column: TableColumn;
  readonly use: ColumnUse;
  readonly uses: readonly ColumnUse[]; // what it may be, by what its cells hold
}

/** Does every signal of the table have a time column or a rate of its own? */
export const hasOwnTimes = ({ columns = [] }: TableOptions): boolean =>
  columns.some(({ timeColumn, sampleRate }) => timeColumn !== undefined || sampleRate !== undefined);

/** Columns that are times: they are not offered as anything else. */
export function timeColumns({ timeColumn, columns = [] }: TableOptions): ReadonlySet<number> {
  const own = columns.flatMap((one) => one.timeColumn ?? []);
  return new Set(timeColumn === undefined || timeColumn === null ? own : [timeColumn, ...own]);
}

/** Every column a person may use, the chosen ones as they are set; others offered under their heading. */
export function offeredColumns(preview: TablePreview, options: TableOptions): readonly OfferedColumn[] {
  const heading = preview.rows[options.namesRow ?? (options.headerRows ?? 0) - 1];
  const chosen = new Map((options.columns ?? []).map((one) => [one.index, one]));
  const found = new Map((preview.columns ?? []).map((one) => [one.index, one]));
  const times = timeColumns(options);
  return Array.from({ length: Math.max(columnCount(preview), found.size) }, (_, index): OfferedColumn => {
    const known = found.get(index);
    const title = heading?.[index]?.trim() ?? "";
    const [, name = title, unit = ""] = /^(.*?)[([]([^([)\]]*)[)\]]$/.exec(title) ?? [];
    const label = known?.label ?? (name.trim() === "" ? `C${index + 1}` : name.trim());
    const fresh = { index, label, unit: known?.unit ?? unit.trim(), role: "other" as const };
    const isChannel = chosen.has(index);
    const uses: readonly ColumnUse[] =
      known?.content === "text"
        ? ["labels", "none"]
        : known?.content === "days"
          ? ["date", "labels", "none"]
          : ["channel", "labels", "none"];
    const use = isChannel
      ? "channel"
      : options.labelColumns?.includes(index) === true
        ? "labels"
        : options.dateColumn === index
          ? "date"
          : "none";
    return { column: chosen.get(index) ?? fresh, use, uses };
  }).filter(({ column }) => !times.has(column.index));
}

/** The choices that give a column another use. */
export function usedAs(options: TableOptions, column: TableColumn, use: ColumnUse): TableEdit {
  const { index } = column;
  const others = (options.columns ?? []).filter((one) => one.index !== index);
  const labels = (options.labelColumns ?? []).filter((one) => one !== index);
  const isDay = options.dateColumn === index;
  return {
    columns: use === "channel" ? [...others, column].sort((a, b) => a.index - b.index) : others,
    labelColumns: use === "labels" ? [...labels, index].sort((a, b) => a - b) : labels,
    ...(use === "date" ? { dateColumn: index } : isDay ? { dateColumn: null } : {}),
  };
}

/** Files whose columns are the same may be read the same way: how a row is cut, and what the columns are called. */
export function shapeOf({ options, rows }: TablePreview): string {
  const names = options.namesRow === undefined ? undefined : rows[options.namesRow];
  return JSON.stringify([
    options.separator,
    options.decimal,
    names ?? Math.max(0, ...rows.map((row) => row.length)),
  ]);
}

/** What the columns of a table of annotations may be called, units aside; main decides by the same words. */
const eventColumns: readonly RegExp[] = [
  /^(recording|record|file|name|記録|記録名|ファイル)$/i,
  /^(label|event|annotation|description|class|ラベル|イベント|種類)$/i,
  /^(onset|start|begin|time|開始|開始時刻|発生)$/i,
  /^(duration|length|end|offset|stop|持続|持続時間|長さ|期間|終了|終了時刻)$/i,
];
const bare = (cell: string): string =>
  cell
    .replace(/^\ufeff/, "")
    .trim()
    .replace(/[)\]]$/, "")
    .trimEnd()
    .replace(/(?:s|sec|seconds|秒)$/i, "")
    .trimEnd()
    .replace(/[([]$/, "")
    .replace(/(?<![\s_])[\s_]+$/, "");

/** A table of events (`recording,label,onset_s,duration_s[,channel]`) has nothing to set. */
export function isAnnotationTable({ rows }: Pick<TablePreview, "rows">): boolean {
  const first = rows[0] ?? [];
  return eventColumns.every((known) =>
    first.some((cell) => known.test(bare(cell)) || known.test(cell.trim())),
  );
}

/** A change of one setting; undefined gives it back to what is found in the file. */
export type TableEdit = { readonly [K in keyof TableOptions]: TableOptions[K] | undefined };

/** What decides where columns are and what they are called: names chosen before no longer fit. */
const layout: readonly (keyof TableOptions)[] = ["encoding", "separator", "headerRows", "namesRow"];

/** The settings a person has chosen, after one more choice. */
export function edited(known: TableOptions, patch: TableEdit): TableOptions {
  const isOther = layout.some((name) => name in patch);
  const forgotten = isOther ? { columns: undefined, labelColumns: undefined } : {};
  const whole = { ...known, ...forgotten, ...withOneTime(known, patch), ...patch };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}

/** One time column for the whole table: no column keeps a time of its own, and it is no channel itself. */
function withOneTime({ columns }: TableOptions, patch: TableEdit): Pick<TableOptions, "columns"> {
  if (!("timeColumn" in patch) || columns === undefined) return {};
  const others = columns.filter(({ index }) => index !== patch.timeColumn);
  return { columns: others.map(({ index, label, unit, role }) => ({ index, label, unit, role })) };
}

/**
 * The settings an import is started with: everything shown, so that further files are read the same way; but a rate
 * that the file tells is left out, since each file tells its own, and the import measures it on all rows.
 */
export function tableToImport(shown: TableOptions, chosen: TableOptions): TableOptions {
  const { sampleRate, ...rest } = shown;
  return chosen.sampleRate === undefined || sampleRate === undefined ? rest : { ...rest, sampleRate };
}

export type TableProblem =
  "needRate" | "needColumns" | "badTimes" | "rateUnclear" | "timesUnclear" | "dateUnclear";

const problemsByCode: readonly (readonly [code: string, problem: TableProblem])[] = [
  ["CSV_UNCLEAR_TIMES", "timesUnclear"],
  ["CSV_DATE_ORDER", "dateUnclear"],
  ["CSV_IRREGULAR_TIME", "badTimes"],
  ["CSV_TIME", "badTimes"],
];

/** What keeps the import from starting, first things first. */
export function problemOf(options: TableOptions, found: TablePreview["problems"]): TableProblem | undefined {
  const { columns = [], sampleRate } = options;
  if (columns.length === 0) return "needColumns";
  const codes = new Set(found.map(({ code }) => code));
  const isTimed = (one: TableColumn): boolean =>
    typeof (one.timeColumn ?? options.timeColumn) === "number" || one.sampleRate !== undefined;
  const known = problemsByCode.find(([code]) => codes.has(code))?.[1];
  if (known === "timesUnclear" && columns.every(isTimed)) return undefined;
  if (known !== undefined && known !== "badTimes") return known;
  if (sampleRate === undefined && codes.has("CSV_RATE_UNCLEAR")) return "rateUnclear";
  if (sampleRate === undefined && (codes.has("CSV_NO_RATE") || !columns.every(isTimed))) return "needRate";
  return known;
}

/** What a cell of the preview stands for. */
export function cellKind(
  row: number,
  index: number,
  text: string,
  options: TableOptions,
): "header" | "unused" | "missing" | "value" {
  if (row < (options.headerRows ?? 0)) return "header";
  const isUsed =
    timeColumns(options).has(index) ||
    index === options.dateColumn ||
    (options.columns ?? []).some((one) => one.index === index) ||
    (options.labelColumns ?? []).includes(index);
  if (!isUsed) return "unused";
  const cell = text.trim();
  if (cell === "" || /^nan$/i.test(cell) || (options.missing ?? []).includes(cell)) return "missing";
  return "value";
}

/** Empty fields are left out: absent means "as the file says". */
export function importOptionsOf(
  table: TableOptions | undefined,
  facts: { study: string; subject: string; kind: string },
): ImportOptions {
  return {
    ...(table === undefined ? {} : { table }),
    ...(facts.study.trim() === "" ? {} : { study: facts.study.trim() }),
    ...(facts.subject.trim() === "" ? {} : { subject: facts.subject.trim() }),
    ...(facts.kind === "ctg" || facts.kind === "emg" || facts.kind === "other" ? { kind: facts.kind } : {}),
  };
}
