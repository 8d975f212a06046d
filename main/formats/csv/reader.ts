import { AppError } from "../../../preload/contract/errors.ts";
import type { ImportOptions, TablePreview } from "../../../preload/contract/exchange.ts";
import {
  repairOf,
  UNIT_MAX,
  type ChannelHeader,
  type Repair,
  type SampleType,
} from "../../../preload/contract/recording.ts";
import type { RecordingHeader, ReportRepair, SourceAnnotation } from "../../signal/block.ts";
import { guessKind, guessRole, isBareRate } from "../channel-role.ts";
import type { ByteSource, FormatReader, OpenRecording } from "../format.ts";
import { timeIndices, type Axis, type SignalColumn } from "./axes.ts";
import { readBlocks } from "./blocks.ts";
import { shownText } from "./columns.ts";
import { cellText, detectDialect, isComment, type Dialect } from "./dialect.ts";
import { decodeBytes, detectEncoding } from "./encoding.ts";
import { parseText } from "./numbers.ts";
import { openOwnTable } from "./own-reader.ts";
import { ownWidth, readOwnTable, type OwnTable } from "./own-table.ts";
import type { Row } from "./rows.ts";
import { listed, surveyTable, type SurveyedAxis } from "./survey.ts";
import { chooseTiming, timedAxes } from "./timing.ts";
import { walkRows } from "./walk.ts";

/** Tables as text: CSV, TSV, and the text files of OpenBCI, OpenSignals and BioSPPy. */
export const csvReader: FormatReader = {
  id: "csv",
  title: "Table (CSV, TSV)",
  extensions: [".csv", ".tsv", ".txt"],
  recognises: (head, name) => /\.(csv|tsv|txt)$/i.test(name) && looksLikeTable(head),
  open: openTable,
};

/** Text with at least one row of which a cell is a number; comments and a row of names may be longer than we see. */
function looksLikeTable(head: Uint8Array): boolean {
  const encoding = detectEncoding(head);
  if (!encoding.startsWith("utf-16") && head.includes(0)) return false;
  const lines = decodeBytes(head, encoding)
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== "");
  const rows = lines.filter((line) => !isComment(line));
  if (rows.some(holdsNumber)) return true;
  const isCut = head.length >= HEAD_BYTES && rows.length <= 1; // within the comments, or the first row
  return isCut && lines.length > 0 && rows.every((row) => /[,;\t]/.test(row));
}

const HEAD_BYTES = 4096; // what readers are asked with

const holdsNumber = (line: string): boolean =>
  line.split(/[,;\t ]/).some((cell) => !Number.isNaN(parseText(cell.replaceAll('"', ""), ".")));

async function openTable(
  source: ByteSource,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<OpenRecording> {
  const own = await intactOwnTable(source, repair);
  if (own !== undefined) return openOwnTable(source, own, options, repair);
  const dialect = await detectDialect(source, options.table ?? {});
  refuseUnclear(dialect, source.name);
  if (options.table?.columns === undefined) {
    tellLeftOut(dialect, source.name, repair);
    tellGuessed(dialect, source.name, repair);
  }
  const axes = await surveyTable(source, dialect, options, repair);
  const channels = dialect.signals.map((signal): ChannelHeader => {
    const { sampleRate, type } = channelFacts(axes, signal);
    const { label, unit, role } = signal;
    return { label, unit, sampleRate, role, sampleType: type, gain: 1, offset: 0 };
  });
  const origins = axes.map(({ origin }) => origin);
  const header: RecordingHeader = {
    name: source.name.replace(/(\.gz)?$/i, "").replace(/\.[^.]*$/, ""),
    kind: options.kind ?? guessKind(channels),
    subject: undefined,
    startedAt:
      dialect.preamble.startedAt ?? origins.find(({ startedAt }) => startedAt !== undefined)?.startedAt,
    channels,
    facts: { ...dialect.preamble.facts, ...origins[0]?.facts },
  };
  const annotations: SourceAnnotation[] = [];
  return {
    header,
    blocks: (done, signal) =>
      readBlocks({ source, dialect, axes, options, channels, annotations, repair }, done, signal),
    annotations: () => Promise.resolve(annotations),
  };
}

function channelFacts(
  axes: readonly SurveyedAxis[],
  signal: SignalColumn,
): { readonly sampleRate: number; readonly type: SampleType } {
  for (const { axis, sampleRate, columns } of axes) {
    const type = columns[axis.signals.indexOf(signal)]?.type();
    if (type !== undefined) return { sampleRate, type };
  }
  throw new RangeError(`no time axis holds the column ${signal.label}`);
}

/** A role that no name gives is told where no person chose the columns. */
function tellGuessed({ signals }: Dialect, file: string, repair: ReportRepair): void {
  for (const { label, unit, role } of signals)
    if (role === "fhr" && isBareRate({ role: guessRole(label, unit), label, unit }))
      repair(repairOf("CSV_RATE_OF_FETUS", "info", { file, column: label }, { file }));
}

/** Columns that become neither a channel nor time nor events are named, so that nothing is lost unseen. */
function tellLeftOut(
  { columns, signals, axes, labelColumns }: Dialect,
  file: string,
  repair: ReportRepair,
): void {
  const times = new Set(axes.flatMap(timeIndices));
  const left = columns.filter(
    (c) =>
      c.content !== "empty" &&
      !labelColumns.includes(c) &&
      !times.has(c.index) &&
      !signals.some((s) => s.index === c.index),
  );
  if (left.length === 0) return;
  const names = listed(left.map((c) => c.name || `${c.index + 1}`));
  repair(repairOf("CSV_COLUMNS_LEFT_OUT", "info", { file, count: left.length, columns: names }, { file }));
}

/** The description of a table we wrote, where its columns still fit it. Such a table needs no options. */
async function intactOwnTable(source: ByteSource, repair?: ReportRepair): Promise<OwnTable | undefined> {
  const own = await readOwnTable(source);
  if (own === undefined) return undefined;
  const [names] = await firstRows(source, 1);
  if (names?.length === ownWidth(own)) return own;
  repair?.(repairOf("CSV_OWN_HEADER", "warning", { file: source.name }, { file: source.name }));
  return undefined;
}

/** The first rows of a table of ours, however long the description above them is. */
async function firstRows(source: ByteSource, count: number): Promise<string[][]> {
  const rows: string[][] = [];
  const take = (row: Row): void => {
    if (rows.length < count)
      rows.push(
        Array.from({ length: row.count }, (_, i) =>
          cellText(row.bytes, row.starts[i] ?? 0, row.ends[i] ?? 0, "utf-8"),
        ),
      );
  };
  const table = { separator: ",", encoding: "utf-8", headerRows: 0 } as const;
  for await (const used of walkRows(source, table, take))
    if (rows.length >= count || used >= source.size) break;
  return rows;
}

const ownOptions = (own: OwnTable): TablePreview["options"] => ({
  encoding: "utf-8",
  separator: ",",
  decimal: ".",
  headerRows: 1,
  namesRow: 0,
  timeColumn: 0,
  sampleRate: own.sampleRate,
  missing: [],
  columns: own.channels.map(({ label, unit, role }, i) => ({
    index: 1 + i * (own.withMask ? 2 : 1),
    label,
    unit,
    role,
  })),
});

const PREVIEW_ROWS = 20;
const shownRows = (rows: readonly (readonly string[])[]): string[][] =>
  rows.slice(0, PREVIEW_ROWS).map((row) => row.map((cell) => shownText(cell)));

/** What the guided import shows before anything is read: the detected options and the first rows. */
export async function previewTable(source: ByteSource, options: ImportOptions): Promise<TablePreview> {
  const own = await intactOwnTable(source);
  if (own !== undefined)
    return { options: ownOptions(own), rows: shownRows(await firstRows(source, PREVIEW_ROWS)), problems: [] };
  const dialect = await detectDialect(source, options.table ?? {});
  const problems: Repair[] = [...dialect.problems];
  const rates: (number | undefined)[] = dialect.axes.map(
    ({ givenRate, statedRate }) => givenRate ?? statedRate,
  );
  if (problems.length === 0) {
    try {
      for (const [i, timed] of (await timedAxes(source, dialect)).entries())
        rates[i] = chooseTiming(source.name, dialect, timed, (repair) => problems.push(repair)).sampleRate;
    } catch (error) {
      problems.push(timeProblem(error, source.name));
    }
  }
  return {
    options: foundOptions(dialect, rates, options.table?.missing ?? []),
    rows: shownRows(dialect.rows),
    columns: dialect.columns.map(({ index, label, unit, content }) => ({
      index,
      label: shownText(label),
      unit: shownText(unit, UNIT_MAX),
      content,
    })),
    problems,
  };
}

/** What was found, in the words of options: reading with them gives the same. */
function foundOptions(
  dialect: Dialect,
  rates: readonly (number | undefined)[],
  missing: string[],
): TablePreview["options"] {
  const { axes } = dialect;
  const isOne = axes.length === 1;
  const time = isOne ? axes[0]?.time : undefined;
  const [sampleRate] = rates;
  const day = time?.kind === "moments" ? time.dayIndex : undefined;
  return {
    encoding: dialect.encoding,
    separator: dialect.separator,
    decimal: dialect.decimal,
    headerRows: dialect.headerRows,
    ...(dialect.namesRow === undefined ? {} : { namesRow: dialect.namesRow }),
    timeColumn: time === undefined || time.kind === "none" ? null : time.index,
    ...(day === undefined ? {} : { dateColumn: day }),
    ...(dialect.dateOrder === undefined ? {} : { dateOrder: dialect.dateOrder }),
    ...(isOne && sampleRate !== undefined ? { sampleRate } : {}),
    missing,
    labelColumns: dialect.labelColumns.map(({ index }) => index),
    columns: dialect.signals.map((signal) => ({ ...signal, ...(isOne ? {} : ownTime(axes, rates, signal)) })),
  };
}

/** A column's own time, or its rate; neither where nothing tells. */
function ownTime(
  axes: readonly Axis[],
  rates: readonly (number | undefined)[],
  signal: SignalColumn,
): { readonly timeColumn?: number | null; readonly sampleRate?: number } {
  const at = axes.findIndex(({ signals }) => signals.includes(signal));
  const time = axes[at]?.time;
  const rate = rates[at];
  if (time === undefined || time.kind === "none")
    return rate === undefined ? {} : { timeColumn: null, sampleRate: rate };
  return { timeColumn: time.index, ...(rate === undefined ? {} : { sampleRate: rate }) };
}

/** What only a person can decide is shown beside the rows; everything else ends the preview. */
function timeProblem(error: unknown, file: string): Repair {
  if (!(error instanceof AppError)) throw error;
  const { line, value, shortest, longest, measured, stated } = error.detail;
  const place = { file };
  switch (error.code) {
    case "data/no-rate":
      return repairOf("CSV_NO_RATE", "warning", { file }, place);
    case "data/irregular-time": {
      const steps = { shortest: String(shortest), longest: String(longest) };
      return repairOf("CSV_IRREGULAR_TIME", "warning", { file, ...steps }, place);
    }
    case "data/rate-conflict": {
      const rates = { measured: Number(measured), stated: Number(stated) };
      return repairOf("CSV_RATE_UNCLEAR", "warning", { file, ...rates }, place);
    }
    case "data/bad-cell":
      return repairOf("CSV_TIME", "warning", { file, value: String(value), line: Number(line) }, place);
    default:
      throw error;
  }
}

const refusals = new Map([
  ["CSV_NO_ROWS", "data/no-rows"],
  ["CSV_NO_COLUMNS", "data/no-columns"],
  ["CSV_UNCLEAR_TIMES", "data/unclear-times"],
  ["CSV_DATE_ORDER", "data/date-order"],
] as const);

/** Refuses a table of which only a person can say more, in the words of the preview. */
function refuseUnclear(dialect: Dialect, file: string): void {
  const problem = dialect.problems[0];
  if (problem === undefined) return;
  const code = [...refusals].find(([known]) => known === problem.code)?.[1] ?? "data/no-columns";
  throw new AppError(code, problem.message, {
    file,
    headerRows: dialect.headerRows,
    separator: dialect.separator,
    encoding: dialect.encoding,
  });
}
