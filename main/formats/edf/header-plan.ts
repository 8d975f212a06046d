import type { ExportSource } from "../format.ts";
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

export function planHeader(source: ExportSource, signals: SignalsPlan, book: RepairBook): HeaderPlan {
  const { subject, facts, startedAt } = source.header;
  const start = readStart(startedAt, book);
  const item = (text: string | undefined): string => (text === undefined ? "X" : toItem(text));
  const patient = fitItems([
    item(subject),
    sexItem(facts["patient sex"]),
    birthdateItem(facts["patient birthdate"]),
    item(facts["patient name"]),
  ]);
  const tail = `Kodo ${DIALECT}`;
  const people = [facts["admin code"], facts["technician"]].map(item);
  const startdate = `Startdate ${start === undefined ? "X" : formatLongDate(start.date)}`;
  const recording = [startdate, ...people, tail].join(" ");
  const short = [startdate, "X", "X", tail].join(" ");
  if (subject !== undefined && patient.items[0] !== subject)
    book.note("EDF_SUBJECT", "info", { subject, written: patient.items[0] ?? "X" });
  if (patient.isCut) book.note("EDF_PATIENT_CUT", "warning", { patient: patient.items.join(" ") });
  const channelFact = (what: string) => (_: unknown, index: number) =>
    toAscii(facts[`channel ${index + 1} ${what}`] ?? "").slice(0, 80);
  return {
    patient: patient.items.join(" "),
    subject: subject === undefined ? undefined : patient.items[0],
    recording: recording.length <= 80 ? recording : short,
    date: start === undefined ? "01.01.85" : formatShortDate(start.date),
    time: start === undefined ? "00.00.00" : formatClock(start.time),
    fractionS: start?.fractionS ?? 0,
    transducers: signals.list.map(channelFact("transducer")),
    prefilters: signals.list.map(channelFact("prefilter")),
  };
}

const FIELD = 80;
const LONGEST_CODE = 72; // EDFlib looks for the blank behind it no further

/** The four items in 80 characters, each still there: the code first, and of the name what then has room. */
function fitItems(items: readonly string[]): { readonly items: readonly string[]; readonly isCut: boolean } {
  const [code = "X", sex = "X", birthdate = "X", name = "X"] = items;
  const kept = code.slice(0, LONGEST_CODE);
  const room = FIELD - [kept, sex, birthdate, ""].join(" ").length;
  const fitted = [kept, sex, birthdate, name.slice(0, Math.max(1, room))];
  if (room >= 1) return { items: fitted, isCut: fitted.some((item, at) => item !== items[at]) };
  return fitItems([code.slice(0, kept.length + room - 1), sex, birthdate, name]);
}

/** The standard knows these and no others; readers refuse a file with another item in their place. */
const sexItem = (sex: string | undefined): string => {
  const letter = sex?.trim().toUpperCase() ?? "";
  return /^[FM]$/.test(letter) ? letter : "X";
};
const birthdateItem = (date: string | undefined): string => {
  const text = date?.trim().toUpperCase() ?? "";
  return /^\d\d-(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)-\d{4}$/.test(text) ? text : "X";
};

/** Facts that a field of the header holds, or a reader computes again. */
export const isFieldOfEdf = (name: string, value: string): boolean =>
  name === "patient sex"
    ? sexItem(value) === value
    : name === "patient birthdate"
      ? birthdateItem(value) === value
      : fields.test(name);

const fields =
  /^(format|start|record duration \(s\)|equipment|patient name|admin code|technician|channel \d+ (transducer|prefilter))$/;

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
