import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { CHANNELS_MAX, repairOf, ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ReportRepair, SampleBlock, SourceAnnotation } from "../../signal/block.ts";
import { soundReadings } from "../declared.ts";
import type { ByteSource, OpenRecording } from "../format.ts";
import { BlockBuilder } from "./block-builder.ts";
import { cellText } from "./dialect.ts";
import { decodeBytes, plainBytes } from "./encoding.ts";
import { parseNumber } from "./numbers.ts";
import { fitsAsPart, mainPartOf, ownWidth, readOwnTable, type OwnTable } from "./own-table.ts";
import { RowSplitter, type Row } from "./rows.ts";
import { parseSidecar, sidecarName } from "./sidecar.ts";

const MAX_SIDECAR_BYTES = 256 * 1024 * 1024;

/** One table of a recording, and where its channels stand among those of the whole. */
interface Part {
  readonly source: ByteSource;
  readonly own: OwnTable;
  readonly channels: readonly ChannelHeader[];
  readonly places: readonly number[]; // of its channels in the recording that is read
}

/** Tables written by our own writer: one pass, every value back to its digital form, mask codes to reasons. */
export async function openOwnTable(
  source: ByteSource,
  own: OwnTable,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<OpenRecording> {
  const parts = await partsOf(source, own, repair);
  const channels: ChannelHeader[] = [];
  for (const part of parts)
    for (const [i, place] of part.places.entries()) channels[place] = part.channels[i] as ChannelHeader;
  const annotations: SourceAnnotation[] = [];
  const declared: unknown[] = [];
  for (const part of parts) {
    const beside = await readSidecar(part, repair);
    annotations.push(...beside.annotations);
    declared.push(...(beside.readings ?? []));
  }
  return {
    header: {
      name: own.name,
      kind: options.kind ?? own.kind,
      subject: own.subject,
      startedAt: own.startedAt,
      channels,
      facts: own.facts,
    },
    blocks: (done, signal) => readParts(parts, repair, done, signal),
    annotations: () => Promise.resolve(annotations),
    ...soundReadings(declared, sidecarName(source.name), repair),
  };
}

/** The tables of the recording that this one stands for, itself first; a part that is lost is said. */
async function partsOf(source: ByteSource, own: OwnTable, repair: ReportRepair): Promise<Part[]> {
  const file = source.name;
  const main = mainPartOf(own);
  if (main !== undefined) repair(repairOf("CSV_PART_ALONE", "warning", { file, main }, { file }));
  const found: { source: ByteSource; own: OwnTable }[] = [{ source, own }];
  const others = main === undefined ? (own.parts?.files.slice(1) ?? []) : [];
  for (const [i, part] of others.entries()) {
    const sibling = await source.sibling(part);
    const table = sibling && (await readOwnTable(sibling));
    if (sibling !== undefined && table !== undefined && fitsAsPart(own, table, i + 1))
      found.push({ source: sibling, own: table });
    else repair(repairOf("CSV_PART_MISSING", "warning", { file, part }, { file }));
  }
  const isWhole = found.every((one) => one.own.parts?.positions.length === one.own.channels.length);
  const wanted = found.map((one, n) =>
    one.own.channels.map((_, i) => (isWhole ? (one.own.parts?.positions[i] ?? 0) : n * CHANNELS_MAX + i)),
  );
  const order = wanted.flatMap((places, n) => places.map((place, i) => ({ place, n, i })));
  order.sort((one, other) => one.place - other.place || one.n - other.n || one.i - other.i);
  const places = found.map((one): number[] => one.own.channels.map(() => 0));
  for (const [at, { n, i }] of order.entries()) (places[n] as number[])[i] = at;
  return found.map((one, n) => ({
    ...one,
    channels: one.own.channels.map((channel) => ChannelHeader.parse(channel)),
    places: places[n] as number[],
  }));
}

async function readSidecar(
  { source, places }: Part,
  repair: ReportRepair,
): Promise<{
  readonly annotations: readonly SourceAnnotation[];
  readonly readings?: readonly unknown[] | undefined;
}> {
  const name = sidecarName(source.name);
  const file = await source.sibling(name);
  if (file === undefined || file.size > MAX_SIDECAR_BYTES) return { annotations: [] };
  const sidecar = parseSidecar(decodeBytes(await file.read(0, file.size), "utf-8"));
  if (sidecar === undefined) {
    repair(repairOf("CSV_SIDECAR", "warning", { file: name }, { file: name }));
    return { annotations: [] };
  }
  const annotations = sidecar.annotations.map((a) => ({
    ...a,
    channel: a.channel === undefined ? undefined : places[a.channel],
  }));
  return { annotations, readings: sidecar.readings };
}

/** One table after the other. */
async function* readParts(
  parts: readonly Part[],
  repair: ReportRepair,
  done: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock> {
  let before = 0;
  for (const { source, own, channels, places } of parts) {
    const told = (bytes: number): void => done(before + bytes);
    for await (const block of readRows(source, own, channels, repair, told, signal))
      yield { ...block, channel: sure(places[block.channel]) };
    before += source.size;
  }
}

async function* readRows(
  source: ByteSource,
  own: OwnTable,
  channels: readonly ChannelHeader[],
  repair: ReportRepair,
  done: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock> {
  const builder = new BlockBuilder(channels, { reason: maskReasons.notRecorded, holdSamples: 0 });
  const values = new Float64Array(channels.length);
  const reasons = new Uint8Array(channels.length);
  const stride = own.withMask ? 2 : 1;
  const width = ownWidth(own);
  let sample = 0;
  let skip = 1; // the row of names
  const onRow = (row: Row): void => {
    if (skip > 0) {
      skip--;
      return;
    }
    if (row.count !== width) {
      if (!row.isCut) throw badRow(source.name, row, width);
      repair(
        repairOf(
          "CSV_CUT_ROW",
          "warning",
          { file: source.name, line: row.line },
          { file: source.name, offset: row.line },
        ),
      );
      return;
    }
    for (let c = 0; c < channels.length; c++) {
      const header = channels[c] as ChannelHeader;
      const at = 1 + c * stride;
      const value = number(source.name, row, at, header.label);
      const reason = own.withMask ? (number(source.name, row, at + 1, `${header.label}__mask`) ?? 0) : 0;
      reasons[c] =
        reason >= 1 && reason <= 255 ? reason : value === undefined ? maskReasons.missingInSource : 0;
      values[c] = value === undefined ? 0 : digital(value, header);
    }
    builder.add(sample++, values, reasons);
  };
  const splitter = new RowSplitter(",", source.name);
  const clip = (blocks: SampleBlock[]): SampleBlock[] =>
    blocks.flatMap((block) => clipTo(block, own.channels[block.channel]?.sampleCount ?? 0));
  for await (const chunk of plainBytes(source, "utf-8", done)) {
    throwIfCancelled(signal);
    splitter.push(chunk, onRow);
    yield* clip(builder.take());
  }
  splitter.end(onRow);
  yield* clip(builder.end());
  const expected = Math.max(0, ...own.channels.map((c) => c.sampleCount));
  if (sample < expected) {
    repair(
      repairOf(
        "CSV_TRUNCATED",
        "warning",
        { file: source.name, rows: sample, expected },
        { file: source.name },
      ),
    );
  }
}

function number(file: string, row: Row, index: number, column: string): number | undefined {
  const [start, end] = [row.starts[index] ?? 0, row.ends[index] ?? 0];
  if (start === end) return undefined;
  const value = parseNumber(row.bytes, start, end, 46);
  if (Number.isFinite(value)) return value;
  const text = cellText(row.bytes, start, end, "utf-8");
  throw new AppError(
    "data/bad-cell",
    `${file}, line ${row.line}, column ${column}: "${text.slice(0, 40)}" is not a number`,
    {
      file,
      line: row.line,
      column,
      value: text.slice(0, 40),
      allowed: "a number or an empty cell",
    },
  );
}

const isWhole = (header: ChannelHeader): boolean => !header.sampleType.startsWith("float");

function digital(value: number, header: ChannelHeader): number {
  if (header.gain === 1 && header.offset === 0) return value;
  const exact = (value - header.offset) / header.gain;
  return isWhole(header) ? Math.round(exact) : exact;
}

/** A channel shorter than its table ends where it ended. */
function clipTo(block: SampleBlock, sampleCount: number): SampleBlock[] {
  const length = Math.min(block.samples.length, sampleCount - block.firstSample);
  if (length <= 0) return [];
  if (length === block.samples.length) return [block];
  const mask = block.mask.flatMap((run) =>
    run.first >= length ? [] : [{ ...run, count: Math.min(run.count, length - run.first) }],
  );
  return [{ ...block, samples: block.samples.slice(0, length), mask }];
}

const badRow = (file: string, row: Row, width: number): AppError =>
  new AppError("data/bad-row", `${file}, line ${row.line}: ${row.count} cells where ${width} are expected`, {
    file,
    line: row.line,
    value: row.count,
    allowed: width,
  });
