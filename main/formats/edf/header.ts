import { AppError, type ErrorDetail } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ByteSource } from "../format.ts";
import { checkSampleRate, isGain, isOffset } from "../bounds.ts";
import { normaliseUnit } from "../channel-role.ts";
import type { CalendarDate, ClockTime } from "./dates.ts";
import { parseDecimal, parseInteger, rateOf, scalingOf, type Decimal } from "./decimal.ts";
import type { RepairBook } from "../repair-book.ts";
import { readStart } from "./start.ts";
import { decodeText, guessEncoding, isPrintable, type HeaderEncoding } from "./text.ts";

/** One signal of the header. A range is undefined where its numbers make no scaling: the signal is then uncalibrated. */
export interface EdfSignal {
  readonly label: string;
  readonly transducer: string;
  readonly unit: string;
  readonly prefilter: string;
  readonly range: SignalRange | undefined;
  readonly samplesPerRecord: number;
  readonly isAnnotations: boolean;
  readonly byteOffset: number; // within a record
  readonly byteLength: number; // within a record
}

export interface SignalRange {
  readonly physMin: Decimal;
  readonly physMax: Decimal;
  readonly digMin: number;
  readonly digMax: number;
}

export interface EdfHeader {
  readonly flavour: string; // EDF, EDF+C, EDF+D, BDF, BDF+C, BDF+D
  readonly bytesPerSample: 2 | 3;
  readonly isDiscontinuous: boolean;
  readonly isPlus: boolean;
  readonly patient: string;
  readonly recording: string;
  readonly startDate: CalendarDate | undefined;
  readonly startTime: ClockTime | undefined;
  readonly duration: Decimal; // of a record, s; 0 only where there are annotations alone
  readonly signals: readonly EdfSignal[];
  readonly dataOffset: number;
  readonly recordBytes: number;
  readonly declaredRecords: number | undefined; // undefined: -1 or no number
  readonly startText: string; // as written
}

const FIXED_BYTES = 256;
const BYTES_PER_SIGNAL = 256;
const DURATION_OFFSET = 244;
/** Start of each per-signal field relative to 256, in bytes a signal, and its width. */
const fields = {
  label: [0, 16],
  transducer: [16, 80],
  unit: [96, 8],
  physMin: [104, 8],
  physMax: [112, 8],
  digMin: [120, 8],
  digMax: [128, 8],
  prefilter: [136, 80],
  samples: [216, 8],
  reserved: [224, 32],
} as const;
type Field = keyof typeof fields;

export const isBdfStart = (head: Uint8Array): boolean =>
  head[0] === 0xff && latin(head.subarray(1, 8)) === "BIOSEMI";
export const isEdfStart = (head: Uint8Array): boolean =>
  head[0] === 0x30 && /^0[ \0]{7}$/.test(latin(head.subarray(0, 8)));

/** Reads and checks the whole header. Throws only where the signals cannot be told apart. */
export async function readHeader(
  source: ByteSource,
  encoding: HeaderEncoding | undefined,
  book: RepairBook,
): Promise<EdfHeader> {
  const fixed = await source.read(0, FIXED_BYTES);
  const isBdf = isBdfStart(fixed);
  if (!isBdf && !isEdfStart(fixed)) {
    refuse(source, "data/not-edf", "not EDF or BDF: no version field", {
      offset: 0,
      value: latin(fixed.subarray(0, 8)),
      allowed: '"0       " or 0xFF "BIOSEMI"',
    });
  }
  if (fixed.length < FIXED_BYTES) {
    refuse(source, "data/edf-header-cut", "the file ends inside its header", {
      offset: fixed.length,
      value: fixed.length,
      allowed: ">= 256 bytes",
    });
  }
  if (fixed.subarray(0, 8).includes(0)) book.note("EDF_VERSION", "info", {}, 0);
  const signalCount = await findSignalCount(source, fixed, book);
  const dataOffset = FIXED_BYTES + BYTES_PER_SIGNAL * signalCount;
  const bytes = await source.read(0, dataOffset);
  const text = headerText(bytes, signalCount, encoding, book);

  const reserved = text.fixed(192, 44).trim();
  const signals = readSignals(text, { signalCount, bytesPerSample: isBdf ? 3 : 2 }, book);
  const plus = /^[EB]DF\+([CD])/i.exec(reserved);
  const hasAnnotations = signals.some((signal) => signal.isAnnotations);
  if (plus !== null && !hasAnnotations) {
    const isJumping = sure(plus[1]).toUpperCase() === "D";
    book.note(
      isJumping ? "EDF_NO_RECORD_TIMES" : "EDF_NO_ANNOTATION_SIGNAL",
      "warning",
      { mark: reserved.slice(0, 5), base: isBdf ? "BDF" : "EDF" },
      192,
    );
  }
  if (plus === null && hasAnnotations) {
    book.note("EDF_PLUS_UNMARKED", "info", { mark: reserved.slice(0, 12) }, 192);
  }
  const isPlus = hasAnnotations;
  const isDiscontinuous = plus !== null && hasAnnotations && sure(plus[1]).toUpperCase() === "D";
  const base = isBdf ? "BDF" : "EDF";
  const duration = readDuration(text, signals, book);
  checkRates(source.name, signals, duration);
  return {
    flavour: plus !== null && hasAnnotations ? `${base}+${isDiscontinuous ? "D" : "C"}` : base,
    bytesPerSample: isBdf ? 3 : 2,
    isDiscontinuous,
    isPlus,
    patient: text.fixed(8, 80).trim(),
    recording: text.fixed(88, 80).trim(),
    ...readStart(text.fixed, book),
    duration,
    signals,
    dataOffset,
    recordBytes: signals.reduce((sum, { byteLength }) => sum + byteLength, 0),
    declaredRecords: readRecordCount(text.fixed(236, 8)),
  };
}

/** Text of header fields in the encoding found for all of them together. */
interface HeaderText {
  readonly fixed: (offset: number, length: number) => string;
  readonly field: (name: Field, signal: number) => string;
  readonly fieldOffset: (name: Field, signal: number) => number;
}

function headerText(
  bytes: Uint8Array,
  signalCount: number,
  encoding: HeaderEncoding | undefined,
  book: RepairBook,
): HeaderText {
  const fieldOffset = (name: Field, signal: number): number =>
    FIXED_BYTES + fields[name][0] * signalCount + fields[name][1] * signal;
  const raw = (name: Field, signal: number): Uint8Array => {
    const offset = fieldOffset(name, signal);
    return bytes.subarray(offset, offset + fields[name][1]);
  };
  const texts = [bytes.subarray(8, 88), bytes.subarray(88, 168)];
  for (let signal = 0; signal < signalCount; signal++) {
    for (const name of ["label", "transducer", "unit", "prefilter"] as const) texts.push(raw(name, signal));
  }
  const guessed = guessEncoding(texts.map(trimField));
  const used = guessed === "ascii" ? "ascii" : (encoding ?? guessed);
  const odd = bytes.findIndex((byte, at) => at >= 8 && (byte < 32 || byte > 126));
  if (guessed !== "ascii") {
    const code = encoding === undefined ? "EDF_HEADER_ENCODING" : "EDF_HEADER_CHOSEN";
    book.note(code, "warning", { encoding: used }, odd);
  } else if (odd !== -1) {
    book.note("EDF_HEADER_BYTES", "info", { byte: sure(bytes[odd]).toString(16).padStart(2, "0") }, odd);
  }
  const decode = (field: Uint8Array): string => {
    const text = isPrintable(field) ? latin(field) : decodeText(trimField(field), used);
    return text.replace(/\p{Cc}/gu, " ");
  };
  return {
    fixed: (offset, length) => decode(bytes.subarray(offset, offset + length)),
    // Counts are read as findSignalCount read them, whatever the encoding makes of stray bytes beside them.
    field: (name, signal) => (name === "samples" ? latin : decode)(raw(name, signal)),
    fieldOffset,
  };
}

/** Without the padding, which in some files is zero bytes. */
function trimField(field: Uint8Array): Uint8Array {
  let end = field.length;
  while (end > 0 && (field[end - 1] === 32 || field[end - 1] === 0)) end--;
  return field.subarray(0, end);
}

/** The count of offset 252, or what the header's length says where that makes more sense. */
async function findSignalCount(source: ByteSource, fixed: Uint8Array, book: RepairBook): Promise<number> {
  const declared = parseInteger(latin(fixed.subarray(252, 256)));
  const headerBytes = parseInteger(latin(fixed.subarray(184, 192)));
  const fromLength = headerBytes === undefined ? undefined : headerBytes / BYTES_PER_SIGNAL - 1;
  if (declared !== undefined && (await hasSampleCounts(source, declared))) {
    if (fromLength !== declared) {
      const expected = FIXED_BYTES + BYTES_PER_SIGNAL * declared;
      book.note(
        "EDF_HEADER_LENGTH",
        "warning",
        { value: latin(fixed.subarray(184, 192)).trim(), signals: declared, expected },
        184,
      );
    }
    return declared;
  }
  if (fromLength !== undefined && fromLength !== declared && (await hasSampleCounts(source, fromLength))) {
    book.note(
      "EDF_SIGNAL_COUNT",
      "warning",
      { value: latin(fixed.subarray(252, 256)).trim(), signals: fromLength },
      252,
    );
    return fromLength;
  }
  const value = latin(fixed.subarray(252, 256));
  const needed = FIXED_BYTES + BYTES_PER_SIGNAL * (declared ?? 0);
  if (declared !== undefined && declared >= 0 && needed > source.size) {
    return refuse(
      source,
      "data/edf-header-cut",
      `the file ends inside the header of its ${declared} signals`,
      {
        offset: source.size,
        value: source.size,
        allowed: `>= ${needed} bytes`,
      },
    );
  }
  return refuse(
    source,
    "data/edf-signals",
    "the number of signals and their samples a record make no sense",
    { offset: 252, value, allowed: "0 to 9999, with whole samples a record at 256 + 216 * signals" },
  );
}

/** Does the header end inside the file, with a whole number of samples a record for every signal? */
async function hasSampleCounts(source: ByteSource, signalCount: number): Promise<boolean> {
  if (!Number.isInteger(signalCount) || signalCount < 0) return false;
  if (FIXED_BYTES + BYTES_PER_SIGNAL * signalCount > source.size) return false;
  const [start, width] = fields.samples;
  const counts = await source.read(FIXED_BYTES + start * signalCount, width * signalCount);
  for (let signal = 0; signal < signalCount; signal++) {
    const count = parseInteger(latin(counts.subarray(width * signal, width * signal + width)));
    if (count === undefined || count < 0) return false;
  }
  return true;
}

function readSignals(
  text: HeaderText,
  shape: { signalCount: number; bytesPerSample: number },
  book: RepairBook,
): EdfSignal[] {
  const signals: EdfSignal[] = [];
  let byteOffset = 0;
  for (let index = 0; index < shape.signalCount; index++) {
    const label = text.field("label", index).trim();
    const isAnnotations = label === "EDF Annotations" || label === "BDF Annotations";
    const samplesPerRecord = sure(parseInteger(text.field("samples", index))); // findSignalCount saw them all
    const range = isAnnotations ? undefined : readRange(text, index, label, book);
    const byteLength = samplesPerRecord * shape.bytesPerSample;
    signals.push({
      label,
      transducer: text.field("transducer", index).trim(),
      unit: normaliseUnit(text.field("unit", index)),
      prefilter: text.field("prefilter", index).trim(),
      range,
      samplesPerRecord,
      isAnnotations,
      byteOffset,
      byteLength,
    });
    byteOffset += byteLength;
  }
  return signals;
}

/** The declared ranges, or undefined with a repair where they make no scaling. */
function readRange(
  text: HeaderText,
  index: number,
  label: string,
  book: RepairBook,
): SignalRange | undefined {
  const at = (field: Field): number => text.fieldOffset(field, index);
  const shown = (field: Field): string => text.field(field, index).trim();
  const uncalibrated = (field: Field): SignalRange | undefined => {
    book.note(
      "EDF_UNCALIBRATED",
      "warning",
      {
        label: label || `Signal ${index + 1}`,
        physMin: shown("physMin"),
        physMax: shown("physMax"),
        digMin: shown("digMin"),
        digMax: shown("digMax"),
      },
      at(field),
    );
    return undefined;
  };
  const physMin = parseDecimal(text.field("physMin", index));
  const physMax = parseDecimal(text.field("physMax", index));
  const digMin = parseInteger(text.field("digMin", index));
  const digMax = parseInteger(text.field("digMax", index));
  if (physMin === undefined) return uncalibrated("physMin");
  if (physMax === undefined) return uncalibrated("physMax");
  if (digMin === undefined) return uncalibrated("digMin");
  if (digMax === undefined) return uncalibrated("digMax");
  if (digMin >= digMax) return uncalibrated("digMin");
  if (physMin.value === physMax.value) return uncalibrated("physMin");
  const { gain, offset } = scalingOf(physMin, physMax, digMin, digMax);
  if (!isGain(gain) || !isOffset(offset)) return uncalibrated("physMin");
  for (const [field, number] of [
    ["physMin", physMin],
    ["physMax", physMax],
  ] as const) {
    if (number.isOdd)
      book.note("EDF_NUMBER", "info", { label, text: `"${shown(field)}"`, value: number.value }, at(field));
  }
  if (physMin.value > physMax.value) {
    book.note(
      "EDF_NEGATIVE_GAIN",
      "info",
      { label, physMin: physMin.value, physMax: physMax.value },
      at("physMin"),
    );
  }
  return { physMin, physMax, digMin, digMax };
}

function readDuration(text: HeaderText, signals: readonly EdfSignal[], book: RepairBook): Decimal {
  const written = text.fixed(DURATION_OFFSET, 8);
  const duration = parseDecimal(written);
  const hasSamples = signals.some(
    ({ isAnnotations, samplesPerRecord }) => !isAnnotations && samplesPerRecord > 0,
  );
  if (duration !== undefined && (duration.value > 0 || (duration.value === 0 && !hasSamples)))
    return duration;
  book.note("EDF_RECORD_DURATION", "warning", { value: written.trim() }, DURATION_OFFSET);
  return { value: 1, mantissa: 1, scale: 0 };
}

/** Samples a record and the record's duration make a rate that a recording may have. */
function checkRates(file: string, signals: readonly EdfSignal[], duration: Decimal): void {
  for (const { isAnnotations, samplesPerRecord, label } of signals) {
    if (isAnnotations || samplesPerRecord === 0) continue;
    checkSampleRate(rateOf(samplesPerRecord, duration), { file, offset: DURATION_OFFSET, channel: label });
  }
}

function readRecordCount(text: string): number | undefined {
  const count = parseInteger(text);
  return count === undefined || count < 0 ? undefined : count;
}

export function refuse(
  source: ByteSource,
  code: `data/${string}`,
  message: string,
  detail: ErrorDetail,
): never {
  const sentence = `${source.name}: ${message} (byte ${String(detail["offset"])}: ${String(detail["value"])}; allowed: ${String(detail["allowed"])})`;
  throw new AppError(code, sentence, { file: source.name, ...detail });
}

function latin(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
