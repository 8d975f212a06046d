import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { repairOf, type ChannelHeader } from "../../../preload/contract/recording.ts";
import type { ReportRepair, SampleBlock, SourceAnnotation } from "../../signal/block.ts";
import type { ByteSource } from "../format.ts";
import { AxisPass, NONE, REPEAT } from "./axis-pass.ts";
import { BlockBuilder } from "./block-builder.ts";
import type { CellReader } from "./cells.ts";
import type { TableColumn } from "./columns.ts";
import type { Dialect } from "./dialect.ts";
import type { Row } from "./rows.ts";
import type { SurveyedAxis } from "./survey.ts";
import { walkRows } from "./walk.ts";

export interface Reading {
  readonly source: ByteSource;
  readonly dialect: Dialect;
  readonly axes: readonly SurveyedAxis[];
  readonly options: ImportOptions;
  readonly channels: readonly ChannelHeader[]; // one a signal of the dialect
  readonly annotations: SourceAnnotation[]; // filled while the blocks are read
  readonly repair: ReportRepair;
}

/** Second pass: the rows' values as blocks, each axis at its own rate and from its own start. */
export async function* readBlocks(
  reading: Reading,
  done: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock> {
  const { source, dialect, axes, annotations } = reading;
  const parts = axes.map((one) => new AxisBlocks(reading, one));
  annotations.length = 0;
  const onRow = (row: Row): void => {
    for (const part of parts) part.see(row);
  };
  for await (const used of walkRows(source, dialect, onRow)) {
    throwIfCancelled(signal);
    done(used);
    for (const part of parts) yield* part.builder.take();
  }
  for (const part of parts) yield* part.builder.end();
  for (const part of parts) annotations.push(...part.labels.flatMap((one) => one.end()));
  tell(reading, parts);
}

class AxisBlocks {
  readonly builder: BlockBuilder;
  readonly labels: readonly LabelRuns[];
  readonly sampleRate: number;
  private readonly pass: AxisPass;
  private readonly holds: boolean;
  private readonly shift: number;
  private last = -1;

  constructor(
    { source, dialect, options, channels }: Reading,
    { axis, timing, sampleRate, shift }: SurveyedAxis,
  ) {
    const missing = options.table?.missing ?? [];
    this.pass = new AxisPass({ file: source.name, dialect, axis, timing, missing, sampleRate });
    const members = axis.signals.map((one) => dialect.signals.indexOf(one));
    const gap = { reason: timing.gapReason, holdSamples: timing.holdSamples(sampleRate) };
    this.builder = new BlockBuilder(channels, gap, members);
    this.labels = axis.labelColumns.map((column) => new LabelRuns(column, sampleRate));
    this.sampleRate = sampleRate;
    this.holds = timing.holds;
    this.shift = shift;
  }

  see(row: Row): void {
    const at = this.pass.take(row);
    if (at === NONE || (at === REPEAT && !this.holds)) return;
    if (at !== REPEAT) this.last = at + this.shift;
    const { cells } = this.pass;
    this.builder.add(this.last, cells.values, cells.reasons);
    for (const label of this.labels) label.see(this.last, row, cells);
  }
}

function tell({ source, annotations, repair }: Reading, parts: readonly AxisBlocks[]): void {
  const file = source.name;
  for (const { builder, sampleRate } of parts) {
    if (builder.held === 0) continue;
    const values = { file, rate: sampleRate, held: builder.held };
    repair(repairOf("CSV_HELD", "warning", values, { file }));
  }
  const names = parts.flatMap(({ labels }) => labels.map(({ column }) => column.name));
  if (names.length === 0 || annotations.length === 0) return;
  const values = { file, column: names.join(", "), count: annotations.length };
  repair(repairOf("CSV_LABEL_COLUMN", "info", values, { file }));
}

/** Runs of one value in a label column as interval annotations. A numeric 0 means "none", as an empty cell does. */
class LabelRuns {
  private readonly list: SourceAnnotation[] = [];
  readonly column: TableColumn;
  private readonly sampleRate: number;
  private label = "";
  private first = 0;
  private last = -1;

  constructor(column: TableColumn, sampleRate: number) {
    this.column = column;
    this.sampleRate = sampleRate;
  }

  see(sample: number, row: Row, cells: CellReader): void {
    const { column } = this;
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
