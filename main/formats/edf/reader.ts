import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { RecordingHeader, ReportRepair } from "../../signal/block.ts";
import { isGain, isOffset } from "../bounds.ts";
import { guessKind, guessRole } from "../channel-role.ts";
import { soundReadings } from "../declared.ts";
import type { ByteSource, FormatReader, OpenRecording } from "../format.ts";
import { isoLocal } from "./dates.ts";
import { DIALECT, readDialect, type Dialect } from "./dialect.ts";
import { rateOf, scalingOf } from "./decimal.ts";
import { isBdfStart, isEdfStart, readHeader, type EdfHeader, type EdfSignal } from "./header.ts";
import { parsePatient, parseRecording } from "./people.ts";
import { findRecords, firstRecordOnset } from "./records.ts";
import { RepairBook } from "../repair-book.ts";
import { EdfStream, SLAB_BYTES, type EdfChannel } from "./stream.ts";

/** European Data Format: EDF (1992), EDF+C and EDF+D (2003). */
export const edfReader: FormatReader = {
  id: "edf",
  title: "EDF, EDF+",
  extensions: [".edf", ".rec"],
  recognises: (head) => isEdfStart(head),
  open: (source, options, repair) => openEdf(source, options, repair),
};

/** The 24-bit form of BioSemi and its EDF+-like successor. */
export const bdfReader: FormatReader = {
  id: "bdf",
  title: "BDF, BDF+",
  extensions: [".bdf"],
  recognises: (head) => isBdfStart(head),
  open: (source, options, repair) => openEdf(source, options, repair),
};

/** `slabBytes` is how much is read at once; what is read does not depend on it. */
export async function openEdf(
  source: ByteSource,
  options: ImportOptions,
  repair: ReportRepair,
  slabBytes = SLAB_BYTES,
): Promise<OpenRecording> {
  const book = new RepairBook(source.name, repair);
  const edf = await readHeader(source, options.headerEncoding, book);
  const records = await findRecords(source, edf, book);
  const firstS = await firstRecordOnset(source, edf, records, book);
  const written = readChannels(edf, options, book);
  const labels = new Map(written.map(({ signal }, index) => [signal.label, index] as const).toReversed());
  const recording = parseRecording(edf.recording);
  const rates = written.map(({ header }) => header.sampleRate);
  const dialect = recording.more.includes(DIALECT)
    ? await readDialect(source, edf, { records, labels, rates, firstS: firstS ?? 0 })
    : undefined;
  const channels = written.map((channel, index) => ({
    ...channel,
    header: { ...channel.header, ...dialect?.channels[index] },
  }));
  const header = describe(source, edf, { channels, options, firstS, recording, dialect }, book);
  const stream = new EdfStream({
    source,
    edf,
    records,
    channels,
    labels,
    firstS: firstS ?? 0,
    dialect,
    book,
    slabBytes,
  });
  return {
    header,
    blocks: (done, signal) => stream.blocks(done, signal),
    annotations: () => Promise.resolve(stream.annotations()),
    ...soundReadings(dialect?.declared ?? [], source.name, repair),
  };
}

/** The ordinary signals that have samples, with their scaling. */
function readChannels(edf: EdfHeader, options: ImportOptions, book: RepairBook): EdfChannel[] {
  const isBdf = edf.bytesPerSample === 3;
  const channels: EdfChannel[] = [];
  const seen = new Map<string, number>();
  for (const [index, signal] of edf.signals.entries()) {
    if (signal.isAnnotations) continue;
    if (signal.samplesPerRecord === 0) {
      book.note("EDF_EMPTY_SIGNAL", "info", { label: signal.label || `Signal ${index + 1}` });
      continue;
    }
    const isStatus = isBdf && signal.label === "Status";
    channels.push({ signal, isStatus, header: channelHeader(edf, signal, isStatus) });
    seen.set(signal.label, (seen.get(signal.label) ?? 0) + 1);
  }
  for (const [label, times] of seen) {
    if (times > 1) book.note("EDF_DUPLICATE_LABEL", "info", { count: times, label });
  }
  const kind = options.kind ?? guessKind(channels.map(({ header }) => header));
  // 0 beats a minute is how monitors write "no signal"; 0 of another quantity may be measured.
  return channels.map((channel) => ({
    ...channel,
    isZeroMissing: kind === "ctg" && (channel.header.role === "fhr" || channel.header.role === "mhr"),
  }));
}

function channelHeader(edf: EdfHeader, signal: EdfSignal, isStatus: boolean): ChannelHeader {
  const isRaw = isStatus || signal.range === undefined;
  const { gain, offset, unit } = isRaw ? { gain: 1, offset: 0, unit: "" } : scaled(signal);
  return {
    label: signal.label,
    unit,
    sampleRate: rateOf(signal.samplesPerRecord, edf.duration),
    role: isStatus ? "other" : guessRole(signal.label, unit),
    sampleType: edf.bytesPerSample === 2 ? "int16" : "int32",
    gain,
    offset,
  };
}

/** Our writer moves a power of ten into the unit ("1e-12 T") where eight characters could not hold the number. */
function scaled(signal: EdfSignal): { gain: number; offset: number; unit: string } {
  const { physMin, physMax, digMin, digMax } = sure(signal.range);
  const { gain, offset } = scalingOf(physMin, physMax, digMin, digMax);
  const power = /^1e(-?\d{1,3})(?: (.*))?$/.exec(signal.unit);
  if (power === null) return { gain, offset, unit: signal.unit };
  const factor = Number(`1e${sure(power[1])}`);
  const isUsable = isGain(gain * factor) && isOffset(offset * factor);
  return isUsable
    ? { gain: gain * factor, offset: offset * factor, unit: power[2] ?? "" }
    : { gain, offset, unit: signal.unit };
}

interface Found {
  readonly channels: readonly EdfChannel[];
  readonly options: ImportOptions;
  readonly firstS: number | undefined;
  readonly recording: ReturnType<typeof parseRecording>;
  readonly dialect: Dialect | undefined;
}

function describe(source: ByteSource, edf: EdfHeader, found: Found, book: RepairBook): RecordingHeader {
  const { channels, options, firstS, recording, dialect } = found;
  const isMarkedPlus = edf.flavour.includes("+");
  const patient = parsePatient(edf.patient, isMarkedPlus);
  if (isMarkedPlus && patient.missing > 0) {
    book.note("EDF_PATIENT", "info", { text: edf.patient, missing: patient.missing }, 8);
  }
  if (isMarkedPlus && recording.missing > 0) {
    book.note("EDF_RECORDING", "info", { text: edf.recording, missing: recording.missing }, 88);
  }
  const facts: Record<string, string> = {
    ...patient.facts,
    ...recording.facts,
    ...dialect?.recording.facts,
    format: edf.flavour,
    start: edf.startText,
    "record duration (s)": String(edf.duration.value),
  };
  for (const [index, { signal }] of channels.entries()) {
    if (signal.transducer !== "") facts[`channel ${index + 1} transducer`] ??= signal.transducer;
    if (signal.prefilter !== "") facts[`channel ${index + 1} prefilter`] ??= signal.prefilter;
  }
  const { startDate, startTime } = edf;
  return {
    name: source.name.replace(/\.[^.]*$/, ""),
    kind: options.kind ?? dialect?.recording.kind ?? guessKind(channels.map(({ header }) => header)),
    subject: dialect?.recording.subject ?? patient.code,
    startedAt:
      startDate === undefined || startTime === undefined
        ? undefined
        : isoLocal(startDate, startTime, firstS ?? 0),
    channels: channels.map(({ header }) => header),
    facts,
  };
}
