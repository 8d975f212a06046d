import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { ImportOptions, TablePreview } from "../../../preload/contract/exchange.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import {
  repairOf,
  type ChannelHeader,
  type Repair,
  type SampleType,
} from "../../../preload/contract/recording.ts";
import type { RecordingHeader, ReportRepair, SampleBlock, SourceAnnotation } from "../../signal/block.ts";
import { guessKind } from "../channel-role.ts";
import type { ByteSource, FormatReader, OpenRecording } from "../format.ts";
import { BlockBuilder } from "./block-builder.ts";
import { cellText, detectDialect, missingTest, type Dialect } from "./dialect.ts";
import { decodeBytes, detectEncoding } from "./encoding.ts";
import { parseNumber } from "./numbers.ts";
import { openOwnTable } from "./own-reader.ts";
import { ownWidth, readOwnTable, type OwnTable } from "./own-table.ts";
import { RepairBook } from "../repair-book.ts";
import { RowSplitter, type Row } from "./rows.ts";
import { chooseTiming, timeReader, type Timing } from "./timing.ts";
import { badCell, checkPlace, scanRows, walkRows } from "./walk.ts";

/** Tables as text: CSV, TSV, and the text files of OpenBCI, OpenSignals and BioSPPy. */
export const csvReader: FormatReader = {
  id: "csv",
  title: "Table (CSV, TSV)",
  extensions: [".csv", ".tsv", ".txt"],
  recognises: (head, name) => /\.(csv|tsv|txt)$/i.test(name) && looksLikeTable(head),
  open: openTable,
};

/** Text with at least one row of which a cell is a number. */
function looksLikeTable(head: Uint8Array): boolean {
  const encoding = detectEncoding(head);
  if (!encoding.startsWith("utf-16") && head.includes(0)) return false;
  return decodeBytes(head, encoding)
    .split(/\r\n|\n|\r/)
    .some(
      (line) =>
        !/^\s*[#%]/.test(line) &&
        line
          .split(/[,;\t ]/)
          .some((cell) => /^"?[-+]?(?:\d+|\d*\.\d+)(?:[eE][-+]?\d+)?"?$/.test(cell.trim())),
    );
}

async function openTable(
  source: ByteSource,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<OpenRecording> {
  const own = await intactOwnTable(source, repair);
  if (own !== undefined) return openOwnTable(source, own, options, repair);
  const dialect = await detectDialect(source, options.table ?? {});
  refuseEmpty(dialect, source.name);
  if (options.table?.columns === undefined) tellLeftOut(dialect, source.name, repair);
  const timing = await chooseTiming(source, dialect, options.table ?? {}, repair);
  const survey = await surveyRows(source, dialect, timing, options, repair);
  const channels = dialect.signals.map((signal, i): ChannelHeader => ({
    label: signal.label,
    unit: signal.unit,
    sampleRate: survey.sampleRate,
    role: signal.role,
    sampleType: (survey.columns[i] as ColumnSurvey).type(),
    gain: 1,
    offset: 0,
  }));
  const header: RecordingHeader = {
    name: source.name.replace(/(\.gz)?$/i, "").replace(/\.[^.]*$/, ""),
    kind: options.kind ?? guessKind(channels),
    subject: undefined,
    startedAt: dialect.preamble.startedAt ?? survey.startedAt,
    channels,
    facts: { ...dialect.preamble.facts, ...survey.facts },
  };
  const annotations: SourceAnnotation[] = [];
  return {
    header,
    blocks: (done, signal) =>
      readBlocks(
        { source, dialect, timing, options, channels, annotations, repair, sampleRate: survey.sampleRate },
        done,
        signal,
      ),
    annotations: () => Promise.resolve(annotations),
  };
}

/** Columns that become neither a channel nor time nor events are named, so that nothing is lost unseen. */
function tellLeftOut(
  { columns, signals, time, labelColumn }: Dialect,
  file: string,
  repair: ReportRepair,
): void {
  const left = columns.filter(
    (c) =>
      c.content !== "empty" &&
      c !== labelColumn &&
      !(time.kind !== "none" && time.index === c.index) &&
      !signals.some((s) => s.index === c.index),
  );
  if (left.length === 0) return;
  repair(
    repairOf(
      "CSV_COLUMNS_LEFT_OUT",
      "info",
      {
        file,
        count: left.length,
        columns: left
          .slice(0, 8)
          .map((c) => c.name || `${c.index + 1}`)
          .join(", "),
      },
      { file },
    ),
  );
}

/** The description of a table we wrote, where its columns still fit it. Such a table needs no options. */
async function intactOwnTable(source: ByteSource, repair?: ReportRepair): Promise<OwnTable | undefined> {
  const head = await source.read(0, 1024 * 1024);
  const own = readOwnTable(decodeBytes(head, "utf-8"));
  if (own === undefined || firstRowWidth(head, source.name) === ownWidth(own)) return own;
  repair?.(repairOf("CSV_OWN_HEADER", "warning", { file: source.name }, { file: source.name }));
  return undefined;
}

const ownOptions = (own: OwnTable): TablePreview["options"] => ({
  encoding: "utf-8",
  separator: ",",
  decimal: ".",
  headerRows: 1,
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

function firstRowWidth(head: Uint8Array, file: string): number | undefined {
  let width: number | undefined;
  new RowSplitter(",", file).push(head, (row) => (width ??= row.count));
  return width;
}

/** What the guided import shows before anything is read: the detected options and the first rows. */
export async function previewTable(source: ByteSource, options: ImportOptions): Promise<TablePreview> {
  const dialect = await detectDialect(source, options.table ?? {});
  const own = await intactOwnTable(source);
  if (own !== undefined)
    return { options: ownOptions(own), rows: dialect.rows.slice(0, 20).map((row) => [...row]), problems: [] };
  const problems: Repair[] = [...dialect.problems];
  let sampleRate = dialect.sampleRate;
  if (problems.length === 0) {
    try {
      const timing = await chooseTiming(source, dialect, options.table ?? {}, (repair) =>
        problems.push(repair),
      );
      sampleRate = timing.sampleRate;
    } catch (error) {
      problems.push(timeProblem(error, source.name));
    }
  }
  return {
    options: {
      encoding: dialect.encoding,
      separator: dialect.separator,
      decimal: dialect.decimal,
      headerRows: dialect.headerRows,
      timeColumn: dialect.time.kind === "none" ? null : dialect.time.index,
      ...(sampleRate === undefined ? {} : { sampleRate }),
      missing: options.table?.missing ?? [],
      columns: dialect.signals.map(({ index, label, unit, role }) => ({ index, label, unit, role })),
    },
    rows: dialect.rows.slice(0, 20).map((row) => [...row]),
    problems,
  };
}

/** What only a person can decide is shown beside the rows; everything else ends the preview. */
function timeProblem(error: unknown, file: string): Repair {
  if (!(error instanceof AppError)) throw error;
  const { line, value, shortest, longest } = error.detail;
  switch (error.code) {
    case "data/no-rate":
      return repairOf("CSV_NO_RATE", "warning", { file }, { file });
    case "data/irregular-time":
      return repairOf(
        "CSV_IRREGULAR_TIME",
        "warning",
        { file, shortest: String(shortest), longest: String(longest) },
        { file },
      );
    case "data/bad-cell":
      return repairOf("CSV_TIME", "warning", { file, value: String(value), line: Number(line) }, { file });
    default:
      throw error;
  }
}

function refuseEmpty(dialect: Dialect, file: string): void {
  const problem = dialect.problems[0];
  if (problem === undefined) return;
  const code = problem.code === "CSV_NO_ROWS" ? "data/no-rows" : "data/no-columns";
  throw new AppError(code, problem.message, {
    file,
    headerRows: dialect.headerRows,
    separator: dialect.separator,
    encoding: dialect.encoding,
  });
}

/** The smallest type that holds a column's values exactly. */
class ColumnSurvey {
  private min = 0;
  private max = 0;
  private isWhole = true;
  private isSingle = true;

  see(value: number): void {
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.isWhole && !Number.isInteger(value)) this.isWhole = false;
    if (this.isSingle && Math.fround(value) !== value) this.isSingle = false;
  }

  type(): SampleType {
    if (this.isWhole) {
      if (this.min >= -128 && this.max <= 127) return "int8";
      if (this.min >= 0 && this.max <= 255) return "uint8";
      if (this.min >= -32768 && this.max <= 32767) return "int16";
      if (this.min >= -(2 ** 31) && this.max < 2 ** 31) return "int32";
    }
    return this.isSingle ? "float32" : "float64";
  }
}

/** Reads the signal cells of rows: numbers, missing cells, and errors that say where they are. */
class CellReader {
  readonly values: Float64Array;
  readonly reasons: Uint8Array;
  shortRows = 0;
  firstShortLine = 0;
  private readonly source: ByteSource;
  private readonly dialect: Dialect;
  private readonly decimal: number;
  private readonly zeroIsMissing: readonly boolean[];
  private readonly isMissing: (text: string) => boolean;

  constructor(source: ByteSource, dialect: Dialect, missing: readonly string[]) {
    this.source = source;
    this.dialect = dialect;
    this.decimal = dialect.decimal.charCodeAt(0);
    this.values = new Float64Array(dialect.signals.length);
    this.reasons = new Uint8Array(dialect.signals.length);
    // A heart rate of 0 is how monitors write "no signal"; nothing else is taken for missing unasked.
    this.zeroIsMissing = dialect.signals.map(
      (s) => (s.role === "fhr" || s.role === "mhr") && /^(bpm|\/min|1\/min|min-1|)$/i.test(s.unit),
    );
    this.isMissing = missingTest(missing, dialect.decimal);
    this.extra = missing.length > 0;
  }
  private readonly extra: boolean;

  read(row: Row): void {
    let isShort = false;
    for (let i = 0; i < this.values.length; i++) {
      const index = (this.dialect.signals[i] as { index: number }).index;
      this.values[i] = 0;
      this.reasons[i] = maskReasons.missingInSource;
      if (index >= row.count) {
        isShort = true;
        continue;
      }
      const [start, end] = [row.starts[index] as number, row.ends[index] as number];
      if (start === end) continue;
      const value = parseNumber(row.bytes, start, end, this.decimal);
      if (Number.isNaN(value) || (this.extra && this.isMissing(this.text(row, index)))) {
        this.readOther(row, index, i);
      } else if (value === Infinity || value === -Infinity)
        this.reasons[i] = maskReasons.outOfRange; // 1e999
      else if (value !== 0 || this.zeroIsMissing[i] !== true) {
        this.values[i] = value;
        this.reasons[i] = 0;
      }
    }
    if (isShort && this.shortRows++ === 0) this.firstShortLine = row.line;
  }

  text(row: Row, index: number): string {
    return cellText(row.bytes, row.starts[index] ?? 0, row.ends[index] ?? 0, this.dialect.encoding);
  }

  private readOther(row: Row, index: number, position: number): void {
    const text = this.text(row, index);
    if (this.isMissing(text)) return;
    if (/^[-+]?inf(inity)?$/i.test(text)) this.reasons[position] = maskReasons.outOfRange;
    else throw badCell(this.source.name, row.line, this.dialect, index, text);
  }
}

interface Survey {
  readonly sampleRate: number;
  readonly columns: readonly ColumnSurvey[];
  readonly startedAt: string | undefined;
  readonly facts: Readonly<Record<string, string>>;
}

/** First pass: every cell is looked at, so that types are exact and a bad cell is told before anything is stored. */
async function surveyRows(
  source: ByteSource,
  dialect: Dialect,
  timing: Timing,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<Survey> {
  const columns = dialect.signals.map(() => new ColumnSurvey());
  const cells = new CellReader(source, dialect, options.table?.missing ?? []);
  const time = timeReader(dialect, timing, source.name);
  const clock = timing.clock();
  let [rows, repeats, firstRepeat, last, lastTime] = [0, 0, 0, -1, NaN];
  let [steadySteps, steadyTime] = [0, 0];
  let cutLine: number | undefined;
  let extraLine: number | undefined;
  const onRow = (row: Row): void => {
    if (isCutRow(row, dialect)) {
      cutLine = row.line;
      return;
    }
    if (timing.skipsFirstRow && rows === 0 && last < 0 && isAllZero(row, dialect)) return;
    if (row.count > dialect.columns.length && extraLine === undefined) extraLine = row.line;
    cells.read(row);
    for (let i = 0; i < columns.length; i++)
      if (cells.reasons[i] === 0) (columns[i] as ColumnSurvey).see(cells.values[i] as number);
    rows++;
    const now = time(row);
    const at = clock.place(now);
    checkPlace(at, source.name, row);
    if (at === undefined) {
      if (repeats++ === 0) firstRepeat = row.line;
      return;
    }
    if (at === last + 1 && last >= 0)
      [steadySteps, steadyTime] = [steadySteps + 1, steadyTime + now - lastTime];
    [last, lastTime] = [at, now];
  };
  await scanRows(source, dialect, onRow);
  if (rows === 0)
    throw new AppError("data/no-rows", `${source.name} has no complete row of values`, {
      file: source.name,
      headerRows: dialect.headerRows,
    });
  if (!timing.holds && repeats > Math.max(5, rows * 0.001)) throw timing.irregular(repeats, firstRepeat);
  report(repair, source.name, { repeats, firstRepeat, cutLine, extraLine, cells, holds: timing.holds });
  return { sampleRate: timing.finalRate(steadySteps, steadyTime), columns, ...time.origin() };
}

interface Findings {
  readonly repeats: number;
  readonly firstRepeat: number;
  readonly cutLine: number | undefined;
  readonly extraLine: number | undefined;
  readonly cells: CellReader;
  readonly holds: boolean;
}

function report(
  repair: ReportRepair,
  file: string,
  { repeats, firstRepeat, cutLine, extraLine, cells, holds }: Findings,
): void {
  const book = new RepairBook(file, repair);
  if (repeats > 0)
    book.note(
      holds ? "CSV_REPEATED_TIME_HELD" : "CSV_REPEATED_TIME",
      "warning",
      { file, rows: repeats, line: firstRepeat },
      firstRepeat,
    );
  if (cutLine !== undefined) book.note("CSV_CUT_ROW", "warning", { file, line: cutLine }, cutLine);
  if (extraLine !== undefined) book.note("CSV_EXTRA_CELLS", "warning", { file, line: extraLine }, extraLine);
  if (cells.shortRows > 0)
    book.note(
      "CSV_SHORT_ROW",
      "warning",
      { file, rows: cells.shortRows, line: cells.firstShortLine },
      cells.firstShortLine,
    );
}

/** The last row of a file that was cut while being written. */
const isCutRow = (row: Row, dialect: Dialect): boolean =>
  row.isCut &&
  row.count < dialect.columns.length &&
  row.count <= Math.max(0, ...dialect.signals.map((s) => s.index));

const isAllZero = (row: Row, dialect: Dialect): boolean => {
  for (let i = 0; i < row.count; i++)
    if (parseNumber(row.bytes, row.starts[i] ?? 0, row.ends[i] ?? 0, dialect.decimal.charCodeAt(0)) !== 0)
      return false;
  return true;
};

interface Reading {
  readonly source: ByteSource;
  readonly dialect: Dialect;
  readonly timing: Timing;
  readonly options: ImportOptions;
  readonly channels: readonly ChannelHeader[];
  readonly annotations: SourceAnnotation[];
  readonly repair: ReportRepair;
  readonly sampleRate: number;
}

async function* readBlocks(
  reading: Reading,
  done: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock> {
  const { source, dialect, timing, sampleRate } = reading;
  const cells = new CellReader(source, dialect, reading.options.table?.missing ?? []);
  const time = timeReader(dialect, timing, source.name);
  const clock = timing.clock(sampleRate);
  const builder = new BlockBuilder(reading.channels, {
    reason: timing.gapReason,
    holdSamples: timing.holdSamples(sampleRate),
  });
  const labels = new LabelRuns(dialect, sampleRate);
  reading.annotations.length = 0;
  let last = -1;
  const onRow = (row: Row): void => {
    if (isCutRow(row, dialect) || (timing.skipsFirstRow && last < 0 && isAllZero(row, dialect))) return;
    cells.read(row);
    const at = clock.place(time(row));
    if (at === undefined && !timing.holds) return;
    last = at ?? last;
    builder.add(last, cells.values, cells.reasons);
    labels.see(last, row, cells);
  };
  for await (const used of walkRows(source, dialect, onRow)) {
    throwIfCancelled(signal);
    done(used);
    yield* builder.take();
  }
  yield* builder.end();
  reading.annotations.push(...labels.end());
  if (builder.held > 0) {
    reading.repair(
      repairOf(
        "CSV_HELD",
        "warning",
        { file: source.name, rate: sampleRate, held: builder.held },
        { file: source.name },
      ),
    );
  }
  if (dialect.labelColumn !== undefined && reading.annotations.length > 0) {
    reading.repair(
      repairOf(
        "CSV_LABEL_COLUMN",
        "info",
        { file: source.name, column: dialect.labelColumn.name, count: reading.annotations.length },
        { file: source.name },
      ),
    );
  }
}

/** Runs of one value in a label column as interval annotations. A numeric 0 means "none", as an empty cell does. */
class LabelRuns {
  private readonly list: SourceAnnotation[] = [];
  private readonly dialect: Dialect;
  private readonly sampleRate: number;
  private label = "";
  private first = 0;
  private last = -1;

  constructor(dialect: Dialect, sampleRate: number) {
    this.dialect = dialect;
    this.sampleRate = sampleRate;
  }

  see(sample: number, row: Row, cells: CellReader): void {
    const column = this.dialect.labelColumn;
    if (column === undefined) return;
    const text = column.index < row.count ? cells.text(row, column.index) : "";
    const label =
      text === "" || Number(text) === 0
        ? ""
        : column.content === "numbers"
          ? `${column.label}-${Number(text)}`
          : text;
    if (label !== this.label) {
      this.close(sample);
      [this.label, this.first] = [label, sample];
    }
    this.last = sample;
  }

  end(): SourceAnnotation[] {
    this.close(this.last + 1);
    return this.list;
  }

  private close(end: number): void {
    if (this.label !== "") {
      this.list.push({
        onsetS: this.first / this.sampleRate,
        durationS: (end - this.first) / this.sampleRate,
        label: this.label,
        channel: undefined,
        note: "",
      });
    }
    this.label = "";
  }
}
