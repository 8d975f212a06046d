import type { ExportSource, WriteOptions } from "../format.ts";
import { formatClock, formatLongDate, formatShortDate, parseIsoLocal } from "./dates.ts";
import { DIALECT } from "./dialect.ts";
import type { RepairBook } from "../repair-book.ts";
import type { SignalsPlan } from "./signal-plan.ts";
import { toAscii } from "./text.ts";

/** The texts of the fixed header part. */
export interface HeaderPlan {
  readonly patient: string;
  readonly subject: string | undefined; // as written
  readonly recording: string;
  readonly date: string;
  readonly time: string;
  readonly fractionS: number; // of the start after the header's second; goes into the record stamps
  readonly transducers: readonly string[];
  readonly prefilters: readonly string[];
}

export function planHeader(
  source: ExportSource,
  options: WriteOptions,
  signals: SignalsPlan,
  book: RepairBook,
): HeaderPlan {
  const { header } = source;
  const start = options.deidentify ? undefined : readStart(header.startedAt, book);
  if (options.deidentify) book.note("EDF_DEIDENTIFIED", "info", {});
  const facts: Readonly<Record<string, string>> = options.deidentify ? {} : header.facts;
  const item = (text: string | undefined): string => (text === undefined ? "X" : toItem(text));
  const patient = [
    item(options.deidentify ? undefined : header.subject),
    ...["patient sex", "patient birthdate", "patient name"].map((key) => item(facts[key])),
  ].join(" ");
  const tail = `Kodo ${DIALECT}`;
  const people = [facts["admin code"], facts["technician"]].map(item);
  const recording = [
    `Startdate ${start === undefined ? "X" : formatLongDate(start.date)}`,
    ...people,
    tail,
  ].join(" ");
  const short = [`Startdate ${start === undefined ? "X" : formatLongDate(start.date)}`, "X", "X", tail].join(
    " ",
  );
  if (!options.deidentify && header.subject !== undefined && item(header.subject) !== header.subject) {
    book.note("EDF_SUBJECT", "info", { subject: header.subject, written: item(header.subject) });
  }
  if (patient.length > 80) book.note("EDF_PATIENT_CUT", "warning", { patient });
  const channelFact = (what: string) => (_: unknown, index: number) =>
    toAscii(facts[`channel ${index + 1} ${what}`] ?? "").slice(0, 80);
  return {
    patient: patient.slice(0, 80),
    subject: options.deidentify || header.subject === undefined ? undefined : item(header.subject),
    recording: recording.length <= 80 ? recording : short,
    date: start === undefined ? "01.01.85" : formatShortDate(start.date),
    time: start === undefined ? "00.00.00" : formatClock(start.time),
    fractionS: start?.fractionS ?? 0,
    transducers: signals.list.map(channelFact("transducer")),
    prefilters: signals.list.map(channelFact("prefilter")),
  };
}

function readStart(startedAt: string | undefined, book: RepairBook): ReturnType<typeof parseIsoLocal> {
  if (startedAt === undefined) {
    book.note("EDF_START_UNKNOWN", "info", {});
    return undefined;
  }
  const start = parseIsoLocal(startedAt);
  if (start === undefined) {
    book.note("EDF_START_UNREADABLE", "warning", { start: startedAt });
    return undefined;
  }
  if (start.zone !== undefined) book.note("EDF_ZONE", "info", { start: startedAt, zone: start.zone });
  return start;
}

/** One item of a structured field: ASCII without blanks, X where nothing is left. */
function toItem(text: string): string {
  const item = toAscii(text).replace(/\s+/g, "_");
  return item === "" ? "X" : item;
}

const ANNOTATION_LIMITS = { EDF: ["-32768", "32767"], BDF: ["-8388608", "8388607"] } as const;

/** The header, printable ASCII throughout; the record count is -1 until the file is closed. */
export function headerBytes(
  header: HeaderPlan,
  signals: SignalsPlan,
  file: { annotationSamples: number; isDiscontinuous: boolean },
): Uint8Array {
  const base = signals.isBdf ? "BDF" : "EDF";
  const count = signals.list.length + 1;
  const [digMin, digMax] = ANNOTATION_LIMITS[base];
  let text = "";
  const put = (value: string, width: number): void => {
    if (value.length > width) throw new RangeError(`"${value}" is longer than its ${width} characters`);
    text += value.padEnd(width);
  };
  const each = (values: readonly string[], annotations: string, width: number): void =>
    [...values, annotations].forEach((value) => put(value, width));
  put("0", 8);
  put(header.patient, 80);
  put(header.recording, 80);
  put(header.date, 8);
  put(header.time, 8);
  put(String(256 * (count + 1)), 8);
  put(`${base}+${file.isDiscontinuous ? "D" : "C"}`, 44);
  put("-1", 8);
  put(signals.plan.durationText, 8);
  put(String(count), 4);
  const list = signals.list;
  each(
    list.map(({ label }) => label),
    `${base} Annotations`,
    16,
  );
  each(header.transducers, "", 80);
  each(
    list.map(({ scale }) => scale.unit),
    "",
    8,
  );
  each(
    list.map(({ scale }) => scale.physMin),
    "-1",
    8,
  );
  each(
    list.map(({ scale }) => scale.physMax),
    "1",
    8,
  );
  each(
    list.map(({ scale }) => String(scale.digMin)),
    digMin,
    8,
  );
  each(
    list.map(({ scale }) => String(scale.digMax)),
    digMax,
    8,
  );
  each(header.prefilters, "", 80);
  each(
    list.map(({ samplesPerRecord }) => String(samplesPerRecord)),
    String(file.annotationSamples),
    8,
  );
  each(
    list.map(() => ""),
    "",
    32,
  );
  const bytes = new TextEncoder().encode(text);
  if (signals.isBdf) bytes.set([0xff, 0x42, 0x49, 0x4f, 0x53, 0x45, 0x4d, 0x49]);
  return bytes;
}
