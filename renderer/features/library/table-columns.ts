import type { ImportOptions, TableOptions, TablePreview } from "../../../preload/contract/exchange.ts";

export type TableColumn = NonNullable<TableOptions["columns"]>[number];

/** How many columns the first rows have. */
export const columnCount = ({ rows }: Pick<TablePreview, "rows">): number =>
  Math.max(0, ...rows.map((row) => row.length));

/** Every column a person may use, the chosen ones as they are set; others offered under their heading. */
export function offeredColumns(
  preview: TablePreview,
  options: TableOptions,
): readonly { readonly column: TableColumn; readonly isUsed: boolean }[] {
  const heading =
    options.headerRows !== undefined && options.headerRows > 0
      ? preview.rows[options.headerRows - 1]
      : undefined;
  const chosen = new Map((options.columns ?? []).map((one) => [one.index, one]));
  return Array.from({ length: columnCount(preview) }, (_, index) => {
    const found = chosen.get(index);
    const title = heading?.[index]?.trim() ?? "";
    const [, name = title, unit = ""] = /^(.*?)[([]([^([)\]]*)[)\]]$/.exec(title) ?? [];
    const label = name.trim() === "" ? `C${index + 1}` : name.trim();
    return {
      column: found ?? { index, label, unit: unit.trim(), role: "other" as const },
      isUsed: found !== undefined,
    };
  }).filter(({ column }) => column.index !== options.timeColumn);
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
const layout: readonly (keyof TableOptions)[] = ["encoding", "separator", "headerRows"];

/** The settings a person has chosen, after one more choice. */
export function edited(known: TableOptions, patch: TableEdit): TableOptions {
  const isOther = layout.some((name) => name in patch);
  const whole = { ...known, ...(isOther ? { columns: undefined } : {}), ...patch };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}

/**
 * The settings an import is started with: everything shown, so that further files are read the same way; but a rate
 * that was measured on the first rows is left out, since the import measures it on all of them.
 */
export function tableToImport(shown: TableOptions, chosen: TableOptions): TableOptions {
  const { sampleRate, ...rest } = shown;
  const isGiven = chosen.sampleRate !== undefined || (shown.timeColumn ?? null) === null;
  return isGiven && sampleRate !== undefined ? { ...rest, sampleRate } : rest;
}

export type TableProblem = "needRate" | "needColumns" | "badTimes";
export function problemOf(options: TableOptions, found: TablePreview["problems"]): TableProblem | undefined {
  if ((options.columns ?? []).length === 0) return "needColumns";
  if ((options.timeColumn ?? null) === null && options.sampleRate === undefined) return "needRate";
  if (found.some(({ code }) => code === "CSV_NO_RATE") && options.sampleRate === undefined) return "needRate";
  return found.some(({ code }) => code === "CSV_IRREGULAR_TIME" || code === "CSV_TIME")
    ? "badTimes"
    : undefined;
}

/** What a cell of the preview stands for. */
export function cellKind(
  row: number,
  index: number,
  text: string,
  options: TableOptions,
): "header" | "unused" | "missing" | "value" {
  if (row < (options.headerRows ?? 0)) return "header";
  const isUsed = index === options.timeColumn || (options.columns ?? []).some((one) => one.index === index);
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
