import iconv from "iconv-lite";
import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { repairOf } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ReportRepair, SampleBlock } from "../../signal/block.ts";
import { writeAnnotationRows } from "../annotations/write.ts";
import type { ByteSink, ExportSource, FormatWriter, WriteOptions } from "../format.ts";
import { guarded } from "../annotations/guard.ts";
import { reasonsOf } from "../mask-runs.ts";
import { physicalText } from "./number-text.ts";
import { ownTableLine, type OwnTable } from "./own-table.ts";
import type { Sidecar } from "./sidecar.ts";

/** A table a sample rate, a JSON file beside it with what a table cannot say, and the annotations as a table. */
export const csvWriter: FormatWriter = { id: "csv", title: "Table (CSV)", write: writeCsv };

const ROWS = 4096;

async function writeCsv(
  source: ExportSource,
  open: (name: string) => Promise<ByteSink>,
  options: WriteOptions,
  repair: ReportRepair,
): Promise<void> {
  const { channels } = source.header;
  const rates = [...new Set(channels.map((c) => c.sampleRate))];
  if (rates.length > 1) {
    repair(repairOf("CSV_SEVERAL_RATES", "info", { count: rates.length }));
  }
  const total = source.sampleCounts.reduce((sum, n) => sum + n, 0) || 1;
  let written = 0;
  const nameOf = (index: number): string =>
    index === 0 ? options.baseName : `${options.baseName}_${index + 1}`;
  const files = rates.map((_, index) => `${nameOf(index)}.csv`);
  for (const [index, rate] of rates.entries()) {
    const members = channels.flatMap((c, channel) => (c.sampleRate === rate ? [channel] : []));
    const name = nameOf(index);
    const sink = await open(`${name}.csv`);
    await writeTable({
      source,
      options,
      members,
      rate,
      sink,
      parts: files.length === 1 ? undefined : { files, index, positions: members },
      progress: (samples) => options.progress?.(Math.min(1, (written + samples) / total)),
    });
    await sink.close();
    written += members.reduce((sum, c) => sum + (source.sampleCounts[c] ?? 0), 0);
    await writeSidecar(source, open, options, name, members, index === 0);
  }
  if (options.withAnnotations && source.annotations.length > 0) await writeAnnotations(source, open, options);
  options.progress?.(1);
}

interface Table {
  readonly source: ExportSource;
  readonly options: WriteOptions;
  readonly members: readonly number[];
  readonly rate: number;
  readonly sink: ByteSink;
  readonly parts: OwnTable["parts"];
  readonly progress: (samples: number) => void;
}

async function writeTable({ source, options, members, rate, sink, parts, progress }: Table): Promise<void> {
  const { header, sampleCounts } = source;
  const channels = members.map((c) => ({
    ...(header.channels[c] as (typeof header.channels)[number]),
    sampleCount: sampleCounts[c] ?? 0,
  }));
  const own = ownTableLine({
    version: 1,
    ...(parts === undefined ? {} : { parts }),
    name: header.name,
    kind: header.kind,
    ...(header.subject !== undefined ? { subject: header.subject } : {}),
    ...(header.startedAt !== undefined ? { startedAt: header.startedAt } : {}),
    sampleRate: rate,
    withMask: options.withMask,
    channels,
    facts: header.facts,
  });
  const names = channels.flatMap((c) => [
    c.unit === "" ? c.label : `${c.label} (${c.unit})`,
    ...(options.withMask ? [`${c.label}__mask`] : []),
  ]);
  await sink.write(
    iconv.encode(
      `${own}\n# sample_rate=${rate} Hz\n${["time_s", ...names].map((name) => quoted(guarded(name))).join(",")}\n`,
      "utf-8",
    ),
  );
  const texts = channels.map(physicalText);
  const time = timeText(rate);
  const rows = channels.reduce((most, c) => Math.max(most, c.sampleCount), 0);
  for (let first = 0; first < rows; first += ROWS) {
    throwIfCancelled(options.signal);
    const count = Math.min(ROWS, rows - first);
    const columns = await Promise.all(
      members.map(async (c, i) =>
        cellsOf(await source.read(c, first, count), texts[i] as (d: number) => string, options.withMask),
      ),
    );
    let text = "";
    for (let i = 0; i < count; i++) {
      text += time(first + i);
      for (const cells of columns) text += cells[i] ?? (options.withMask ? ",," : ",");
      text += "\n";
    }
    await sink.write(iconv.encode(text, "utf-8"));
    progress((first + count) * members.length);
  }
}

/** Each sample as `,value` or `,value,mask`; an unobserved one has an empty value and its reason. */
function cellsOf(block: SampleBlock, text: (d: number) => string, withMask: boolean): string[] {
  const reasons = reasonsOf(block.mask, block.samples.length);
  const cells: string[] = [];
  for (let i = 0; i < block.samples.length; i++) {
    const value = sure(block.samples[i]);
    const reason = sure(reasons[i]);
    const isThere = reason === 0 && Number.isFinite(value);
    cells.push(
      withMask ? (isThere ? `,${text(value)},0` : `,,${reason || 1}`) : isThere ? `,${text(value)}` : ",",
    );
  }
  return cells;
}

/** Time of a sample in seconds, with as many digits as its period needs, up to nanoseconds. */
function timeText(rate: number): (sample: number) => string {
  const period = 1 / rate;
  let digits = 0;
  while (digits < 9 && Math.abs(Number(period.toFixed(digits)) - period) > 1e-15) digits++;
  return (sample) => (sample / rate).toFixed(digits);
}

export const quoted = (cell: string): string =>
  /[",\r\n#%]|^\s|\s$/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;

async function writeSidecar(
  source: ExportSource,
  open: (name: string) => Promise<ByteSink>,
  options: WriteOptions,
  name: string,
  members: readonly number[],
  isFirst: boolean,
): Promise<void> {
  const { header, sampleCounts } = source;
  const position = new Map(members.map((c, i) => [c, i]));
  const kept = options.withAnnotations
    ? source.annotations.filter((a) => (a.channel === undefined ? isFirst : position.has(a.channel)))
    : [];
  const sidecar: Sidecar = {
    schema: "kodo-table/1",
    table: `${name}.csv`,
    annotations: kept.map(({ onsetS, durationS, label, code, channel, author, note }) => ({
      onsetS,
      durationS,
      label,
      ...(code === undefined ? {} : { code }),
      ...(author === undefined ? {} : { author }),
      ...(channel === undefined ? {} : { channel: position.get(channel) ?? 0 }),
      note,
    })),
    ...(isFirst && options.withAnnotations && source.readings !== undefined
      ? { readings: [...source.readings] }
      : {}),
  };
  const more = {
    recording: header.name,
    kind: header.kind,
    subject: header.subject ?? null,
    startedAt: header.startedAt ?? null,
    facts: header.facts,
    channels: members.map((c) => ({ ...header.channels[c], sampleCount: sampleCounts[c] ?? 0 })),
    maskReasons: `columns ending in __mask: ${Object.entries(maskReasons)
      .map(([name, code]) => `${code} ${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
      .join(", ")}`,
  };
  const sink = await open(`${name}.meta.json`);
  await sink.write(iconv.encode(`${JSON.stringify({ ...sidecar, ...more }, null, 1)}\n`, "utf-8"));
  await sink.close();
}

async function writeAnnotations(
  source: ExportSource,
  open: (name: string) => Promise<ByteSink>,
  options: WriteOptions,
): Promise<void> {
  const recording = source.header.name;
  const sink = await open(`${options.baseName}.annotations.csv`);
  const rows = source.annotations.map((a) => ({
    recording,
    label: a.label,
    code: a.code,
    onsetS: a.onsetS,
    durationS: a.durationS,
    channel: a.channel === undefined ? undefined : source.header.channels[a.channel]?.label,
    author: a.author,
    note: a.note,
  }));
  await sink.write(iconv.encode(writeAnnotationRows(rows), "utf-8"));
  await sink.close();
}
