import { AppError } from "../../../preload/contract/errors.ts";
import { repairOf, SAMPLE_RATE_MAX, SAMPLE_RATE_MIN } from "../../../preload/contract/recording.ts";
import type { ReportRepair } from "../../signal/block.ts";
import { isGain, isOffset, isSampleRate } from "../bounds.ts";

/** One signal line of a .hea, defaults filled in (header(5) of the WFDB library). */
export interface WfdbSignal {
  readonly file: string;
  readonly format: number;
  readonly samplesPerFrame: number;
  readonly skew: number; // frames by which the file is late
  readonly byteOffset: number; // preamble in the signal file
  readonly gain: number; // adc units a physical unit
  readonly baseline: number; // adc value of 0 physical units
  readonly unit: string;
  readonly isCalibrated: boolean;
  readonly adcZero: number;
  readonly initialValue: number | undefined;
  readonly checksum: number | undefined;
  readonly description: string;
}

export interface WfdbSegment {
  readonly name: string; // "~" is a gap
  readonly frames: number;
}

export interface WfdbHeader {
  readonly name: string;
  readonly signalCount: number;
  readonly frameRate: number;
  readonly frames: number | undefined; // absent or 0: unknown
  readonly startTime: string | undefined; // HH:MM:SS[.fff]
  readonly startDate: string | undefined; // YYYY-MM-DD
  readonly segments: readonly WfdbSegment[] | undefined;
  readonly signals: readonly WfdbSignal[];
  readonly comments: readonly string[];
}

const MAX_SIGNALS = 4096;
const MAX_SEGMENTS = 200_000;
const MAX_SAMPLES_A_FRAME = 1_000_000;
const MAX_ADC = 2 ** 31; // no converter has more bits
const RATES = `a sample rate of ${SAMPLE_RATE_MIN} to ${SAMPLE_RATE_MAX} Hz`;

interface Line {
  readonly text: string;
  readonly number: number;
}

/** Parses a .hea. Throws data/bad-header naming file, line, value and allowed range where the record line cannot be used. */
export function parseHeader(text: string, file: string, repair: ReportRepair): WfdbHeader {
  const comments: string[] = [];
  const lines: Line[] = [];
  text.split(/\r\n|\n|\r/).forEach((raw, index) => {
    const line = raw.trim();
    if (line.startsWith("#")) {
      if (lines.length > 0) comments.push(line.slice(1).trim()); // before the record line they are remarks about the file
    } else if (line !== "") lines.push({ text: line, number: index + 1 });
  });
  const first = lines[0];
  if (first === undefined) throw badHeader(file, 1, "", "a record line such as `100 2 360 650000`");
  const record = parseRecordLine(first, file, repair);
  const rest = lines.slice(1);
  const wanted = record.segmentCount ?? record.signalCount;
  if (rest.length < wanted) {
    repair(
      repairOf("WFDB_SIGNAL_COUNT", "warning", { file, declared: wanted, listed: rest.length }, { file }),
    );
  }
  const body = rest.slice(0, wanted);
  if (record.segmentCount !== undefined) {
    const segments = body.map((line) => parseSegmentLine(line, file));
    return { ...record, segments, signals: [], comments };
  }
  const signals = body.map((line, index) =>
    parseSignalLine(line, { file, index, record: record.name, frameRate: record.frameRate, repair }),
  );
  return { ...record, segments: undefined, signals, comments };
}

function parseRecordLine(line: Line, file: string, repair: ReportRepair) {
  const [nameField = "", countField = "", rateField, framesField, timeField, dateField] =
    line.text.split(/\s+/);
  const [name = "", segmentField] = nameField.split("/");
  if (!/^[\p{L}\p{N}_.-]+$/u.test(name))
    throw badHeader(file, line.number, nameField, "a record name of letters, digits, _ and -");
  const segmentCount = segmentField === undefined ? undefined : Number(segmentField);
  if (segmentCount !== undefined && !isCount(segmentCount, 1, MAX_SEGMENTS)) {
    throw badHeader(file, line.number, nameField, `1 to ${MAX_SEGMENTS} segments`);
  }
  const signalCount = Number(countField);
  if (!isCount(signalCount, 0, MAX_SIGNALS) || countField === "") {
    throw badHeader(file, line.number, countField, `a number of signals from 0 to ${MAX_SIGNALS}`);
  }
  const rateText = rateField?.split("/")[0] ?? "250"; // 250 Hz is the format's default
  const frameRate = Number(rateText);
  if (!isSampleRate(frameRate)) throw badHeader(file, line.number, rateText, RATES);
  if (rateField === undefined) {
    repair(repairOf("WFDB_DEFAULT_RATE", "info", { file }, { file }));
  }
  const frames = framesField === undefined ? undefined : Number(framesField);
  if (frames !== undefined && !isCount(frames, 0, 2 ** 46)) {
    throw badHeader(file, line.number, framesField ?? "", "a whole number of samples, 0 or more");
  }
  return {
    name,
    signalCount,
    frameRate,
    frames: frames === 0 ? undefined : frames,
    ...startOf(timeField, dateField, file, repair),
    segmentCount,
  };
}

function startOf(time: string | undefined, date: string | undefined, file: string, repair: ReportRepair) {
  let startTime: string | undefined;
  let startDate: string | undefined;
  if (time !== undefined) {
    const part =
      /^(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2})(\.\d+)?$/.exec(time) ?? /^()()(\d{1,2})(\.\d+)?$/.exec(time);
    const [hours, minutes, seconds] = [part?.[1], part?.[2], part?.[3]].map((p) => Number(p || 0)) as [
      number,
      number,
      number,
    ];
    if (part && hours < 24 && minutes < 60 && seconds < 60) {
      startTime =
        [hours, minutes, seconds].map((n) => String(n).padStart(2, "0")).join(":") + (part[4] ?? "");
    } else noteBadStart(time, "HH:MM:SS", file, repair);
  }
  if (date !== undefined) {
    const part = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(date);
    const [day, month] = [Number(part?.[1]), Number(part?.[2])];
    if (part && month >= 1 && month <= 12 && day >= 1 && day <= 31) {
      startDate = `${part[3]}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
    } else noteBadStart(date, "DD/MM/YYYY", file, repair);
  }
  return { startTime, startDate };
}

const noteBadStart = (value: string, allowed: string, file: string, repair: ReportRepair): void =>
  repair(repairOf("WFDB_START_TIME", "warning", { file, value: clip(value), form: allowed }, { file }));

function parseSegmentLine(line: Line, file: string): WfdbSegment {
  const [name = "", framesField = ""] = line.text.split(/\s+/);
  const frames = Number(framesField);
  if (framesField === "" || !isCount(frames, 0, 2 ** 46)) {
    throw badHeader(file, line.number, line.text, "a segment name and its whole number of samples");
  }
  if (name !== "~" && !isPlainName(name))
    throw badHeader(file, line.number, name, "a segment name without a folder");
  return { name, frames };
}

interface SignalContext {
  readonly file: string;
  readonly index: number;
  readonly record: string;
  readonly frameRate: number;
  readonly repair: ReportRepair;
}

function parseSignalLine(line: Line, { file, index, record, frameRate, repair }: SignalContext): WfdbSignal {
  const fields = line.text.split(/\s+/);
  const [signalFile = "", formatField = ""] = fields;
  if (signalFile !== "~" && !isPlainName(signalFile)) {
    throw badHeader(file, line.number, signalFile, "a signal file name without a folder");
  }
  const format = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/.exec(formatField);
  if (!format) throw badHeader(file, line.number, formatField, "a format such as 16, 212x4, 16:2 or 16+24");
  const samplesPerFrame = Number(format[2] ?? 1);
  if (!isCount(samplesPerFrame, 1, MAX_SAMPLES_A_FRAME)) {
    throw badHeader(file, line.number, formatField, `1 to ${MAX_SAMPLES_A_FRAME} samples a frame`);
  }
  if (!isSampleRate(frameRate * samplesPerFrame))
    throw badHeader(file, line.number, `${frameRate} Hz, ${samplesPerFrame} a frame`, RATES);
  const whole = (position: number, name: string): number | undefined => {
    const field = fields[position];
    if (field === undefined) return undefined;
    const value = Number(field);
    if (Number.isInteger(value) && Math.abs(value) <= MAX_ADC) return value;
    repair(
      repairOf(
        "WFDB_HEADER_FIELD",
        "warning",
        { file, line: line.number, field: name, value: clip(field) },
        { file, offset: line.number },
      ),
    );
    return undefined;
  };
  const adcZero = whole(4, "ADC zero") ?? 0;
  const scale = parseGain(fields[2], adcZero);
  if (scale.problem) {
    repair(
      repairOf(
        "WFDB_GAIN",
        "warning",
        { file, line: line.number, gain: clip(fields[2] ?? "") },
        { file, offset: line.number },
      ),
    );
  }
  const description = /^(?:\S+\s+){8}(\S.*)$/.exec(line.text)?.[1]?.trim() ?? "";
  return {
    file: signalFile,
    format: Number(format[1]),
    samplesPerFrame,
    skew: Math.min(Number(format[3] ?? 0), 2 ** 31),
    byteOffset: Math.min(Number(format[4] ?? 0), 2 ** 46),
    ...scale,
    adcZero,
    initialValue: whole(5, "initial value"),
    checksum: whole(6, "checksum"),
    description: description === "" ? `${record} signal ${index}` : description,
  };
}

/** `gain[(baseline)][/unit]`; 0 or absent means uncalibrated, for which 200 a unit is the convention. */
function parseGain(field: string | undefined, adcZero: number) {
  const [scale = "", ...rest] = (field ?? "").split("/");
  const unit = rest.length === 0 ? undefined : rest.join("/");
  const part = /^([-+\d.eE]*)(?:\(([-+]?\d+)\))?$/.exec(scale);
  const value = Number(part?.[1] ?? "");
  const baseline = part?.[2] === undefined ? adcZero : Number(part[2]);
  const isUsable =
    unit !== "" && isGain(1 / value) && Math.abs(baseline) <= MAX_ADC && isOffset(baseline / value);
  return {
    gain: isUsable ? value : 200,
    baseline: isUsable || Math.abs(baseline) <= MAX_ADC ? baseline : adcZero,
    unit: unit === undefined || unit === "" ? "mV" : unit,
    isCalibrated: isUsable,
    problem: !isUsable && (part === null || value !== 0 || unit === ""),
  };
}

const isCount = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max;

/** A name that can only mean a file beside the header: what a file asks for must not leave its folder. */
const isPlainName = (name: string): boolean =>
  /^[^/\\:*?"<>|\0]+$/.test(name) && name !== "." && name !== ".." && name !== "-";

const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const badHeader = (file: string, line: number, value: string, allowed: string): AppError =>
  new AppError("data/bad-header", `${file}, line ${line}: "${clip(value)}" where ${allowed} is expected`, {
    file,
    line,
    value: clip(value),
    allowed,
  });
