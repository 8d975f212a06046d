import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import type { ChannelHeader, ChannelRole } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ReportRepair, SampleBlock } from "../../signal/block.ts";
import type { ByteSource, FormatReader, OpenRecording } from "../format.ts";
import { MaskRunBuilder } from "../mask-runs.ts";
import { RepairBook } from "../repair-book.ts";

/**
 * The files of the FHRMA toolbox: uint32 Unix time of the start, then 4 samples a second without any header, each
 * uint16 heart rates in quarters of a beat, uint8 UC in halves and one byte of flags. Little-endian; a rate of 0 is
 * missing, a UC of 0 is no activity (a UC that stays there is taken out by the library, as in every format).
 */
interface Layout {
  readonly id: "fhr" | "fhrm";
  readonly bytesPerSample: 6 | 8;
  readonly fields: readonly Field[];
  readonly flags: readonly string[]; // meaning of each bit, from the lowest; none stated for `.fhr`
}

interface Field {
  readonly label: string;
  readonly role: ChannelRole;
  readonly unit: string;
  readonly at: number; // byte within a sample
  readonly bytes: 1 | 2;
  readonly gain: number;
}

const SAMPLE_RATE = 4;
const START_BYTES = 4;
const SLAB_SAMPLES = 16384;

const rate = (label: string, role: ChannelRole, at: number): Field => ({
  label,
  role,
  unit: "bpm",
  at,
  bytes: 2,
  gain: 0.25,
});
const uc = (at: number): Field => ({ label: "UC", role: "uc", unit: "", at, bytes: 1, gain: 0.5 });

const fhr: Layout = {
  id: "fhr",
  bytesPerSample: 6,
  fields: [rate("FHR1", "fhr", 0), rate("FHR2", "fhr", 2), uc(4)],
  flags: [],
};

const fhrm: Layout = {
  id: "fhrm",
  bytesPerSample: 8,
  fields: [rate("FHR1", "fhr", 0), rate("FHR2", "fhr", 2), rate("MHR", "mhr", 4), uc(6)],
  flags: [
    "FHR1 good",
    "FHR1 from scalp ECG",
    "FHR2 good",
    "FHR2 from scalp ECG",
    "MHR good",
    "MHR from toco belt",
    "UC intra-uterine",
  ],
};

export const fhrReader = readerOf(fhr, "FHRMA .fhr");
export const fhrmReader = readerOf(fhrm, "FHRMA .fhrm");

/** There is no magic number: the name decides. */
function readerOf(layout: Layout, title: string): FormatReader {
  return {
    id: layout.id,
    title,
    extensions: [`.${layout.id}`],
    recognises: (_head, name) => name.toLowerCase().endsWith(`.${layout.id}`),
    open: (source, options, repair) => openFhrma(layout, source, options, repair),
  };
}

async function openFhrma(
  layout: Layout,
  source: ByteSource,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<OpenRecording> {
  if (source.size < START_BYTES) {
    throw new AppError(
      "data/fhrma-cut",
      `${source.name}: ${source.size} bytes, a .${layout.id} file starts with 4 bytes of time`,
      { file: source.name, offset: source.size, value: source.size, allowed: ">= 4" },
    );
  }
  const book = new RepairBook(source.name, repair);
  const sampleCount = Math.floor((source.size - START_BYTES) / layout.bytesPerSample);
  const rest = source.size - START_BYTES - sampleCount * layout.bytesPerSample;
  if (rest > 0) {
    book.note(
      "FHRMA_TAIL",
      "warning",
      { bytes: rest, sampleBytes: layout.bytesPerSample },
      source.size - rest,
    );
  }
  const content = await survey(layout, source, sampleCount);
  const fields = layout.fields.filter((field, index) => index === 0 || content.used[index]);
  for (const [index, field] of layout.fields.entries()) {
    if (index > 0 && !content.used[index]) book.note("FHRMA_UNUSED_CHANNEL", "info", { label: field.label });
  }
  const hasFlags = content.flags.some((count) => count > 0);
  const channels: ChannelHeader[] = fields.map(({ label, unit, role, bytes, gain }) => ({
    label,
    unit,
    role,
    gain,
    offset: 0,
    sampleRate: SAMPLE_RATE,
    sampleType: bytes === 2 ? "int32" : "uint8", // uint16 fits int32 only
  }));
  if (hasFlags) {
    channels.push({
      label: "Flags",
      unit: "",
      role: "other",
      gain: 1,
      offset: 0,
      sampleRate: SAMPLE_RATE,
      sampleType: "uint8",
    });
  }
  const startS = new DataView(await source.read(0, START_BYTES).then(copyOf)).getUint32(0, true);
  if (startS === 0) book.note("FHRMA_NO_START", "info", {}, 0);
  const columns = [...fields, ...(hasFlags ? [flagsField(layout)] : [])];
  return {
    header: {
      name: source.name.replace(/\.[^.]*$/, ""),
      kind: options.kind ?? "ctg",
      subject: undefined,
      startedAt: startS === 0 ? undefined : `${new Date(startS * 1000).toISOString().slice(0, 19)}Z`,
      channels,
      facts: { format: `FHRMA .${layout.id}`, ...flagFacts(layout, content.flags, sampleCount) },
    },
    blocks: (done, signal) => readBlocks({ layout, source, sampleCount, columns }, done, signal),
    annotations: () => Promise.resolve([]),
  };
}

const flagsField = (layout: Layout): Field => ({
  label: "Flags",
  role: "other",
  unit: "",
  at: layout.bytesPerSample - 1,
  bytes: 1,
  gain: 1,
});

/** Share of samples with each flag. A flag is kept as data: "not good" is set in files whose signal experts accept. */
function flagFacts(layout: Layout, flags: readonly number[], sampleCount: number): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const [bit, count] of flags.entries()) {
    if (count > 0)
      facts[layout.flags[bit] ?? `flag bit ${bit}`] =
        `${((100 * count) / sampleCount).toFixed(1)} % of samples`;
  }
  return facts;
}

/** Which channels hold any value, and how many samples have each flag bit. */
async function survey(
  layout: Layout,
  source: ByteSource,
  sampleCount: number,
): Promise<{ used: boolean[]; flags: number[] }> {
  const used = layout.fields.map(() => false);
  const flags = Array.from({ length: 8 }, () => 0);
  for (let first = 0; first < sampleCount; first += SLAB_SAMPLES) {
    const bytes = await readSamples(layout, source, first, Math.min(SLAB_SAMPLES, sampleCount - first));
    for (let at = 0; at + layout.bytesPerSample <= bytes.length; at += layout.bytesPerSample) {
      for (const [index, field] of layout.fields.entries()) {
        if (bytes[at + field.at] !== 0 || (field.bytes === 2 && bytes[at + field.at + 1] !== 0))
          used[index] = true;
      }
      const byte = sure(bytes[at + layout.bytesPerSample - 1]);
      if (byte !== 0) for (let bit = 0; bit < 8; bit++) flags[bit] = sure(flags[bit]) + ((byte >> bit) & 1);
    }
  }
  return { used, flags };
}

interface Columns {
  readonly layout: Layout;
  readonly source: ByteSource;
  readonly sampleCount: number;
  readonly columns: readonly Field[];
}

async function* readBlocks(
  { layout, source, sampleCount, columns }: Columns,
  done: (bytes: number) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<SampleBlock, void, void> {
  for (let first = 0; first < sampleCount; first += SLAB_SAMPLES) {
    throwIfCancelled(signal);
    const bytes = await readSamples(layout, source, first, Math.min(SLAB_SAMPLES, sampleCount - first));
    const count = Math.floor(bytes.length / layout.bytesPerSample);
    if (count === 0) return;
    for (const [channel, field] of columns.entries())
      yield { channel, firstSample: first, ...column(layout, bytes, field) };
    done(START_BYTES + (first + count) * layout.bytesPerSample);
  }
}

function column(layout: Layout, bytes: Uint8Array, field: Field): Pick<SampleBlock, "samples" | "mask"> {
  const count = Math.floor(bytes.length / layout.bytesPerSample);
  const samples = field.bytes === 2 ? new Int32Array(count) : new Uint8Array(count);
  const mask = new MaskRunBuilder();
  const isRate = field.role === "fhr" || field.role === "mhr";
  for (let i = 0, at = field.at; i < count; i++, at += layout.bytesPerSample) {
    const low = sure(bytes[at]);
    const value = field.bytes === 2 ? low | (sure(bytes[at + 1]) << 8) : low;
    samples[i] = value;
    if (value === 0 && isRate) mask.add(i, 1, maskReasons.missingInSource);
  }
  return { samples, mask: mask.done() };
}

const readSamples = (layout: Layout, source: ByteSource, first: number, count: number): Promise<Uint8Array> =>
  source.read(START_BYTES + first * layout.bytesPerSample, count * layout.bytesPerSample);

const copyOf = (bytes: Uint8Array): ArrayBufferLike => bytes.slice().buffer;
