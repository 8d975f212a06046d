import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ExportSource, WriteOptions } from "../format.ts";
import { MISSING_BDF, MISSING_EDF } from "./missing.ts";
import { planRecords, type RecordPlan } from "./record-plan.ts";
import type { RepairBook } from "../repair-book.ts";
import { scaleOfIntegers, scaleOfRange, type DigitalLimits, type WrittenScale } from "./scale.ts";
import type { ChannelSurvey } from "./survey.ts";
import { toAscii } from "./text.ts";

/** One ordinary signal of the file to be written. */
export interface SignalPlan {
  readonly channel: number;
  readonly label: string; // ASCII, unique, at most 16 characters
  readonly scale: WrittenScale;
  readonly samplesPerRecord: number;
  readonly rate: number; // as a reader computes it
  readonly byteOffset: number; // within a record
  readonly missing: number;
  readonly toDigital: ((value: number) => number) | undefined; // undefined: whole numbers, as they are
}

export interface SignalsPlan {
  readonly isBdf: boolean;
  readonly bytesPerSample: 2 | 3;
  readonly plan: RecordPlan;
  readonly list: readonly SignalPlan[];
  readonly recordBytes: number; // of the ordinary signals
}

const edfLimits: DigitalLimits = { lowest: MISSING_EDF, highest: 32767 };
const bdfLimits: DigitalLimits = { lowest: MISSING_BDF, highest: 8388607 };

/** What a channel's values become: whole numbers kept as they are (times a power of ten), or steps of a range. */
type Encoding =
  | { readonly kind: "exact"; readonly low: number; readonly high: number; readonly decimals: number }
  | { readonly kind: "steps" };

export function planSignals(
  source: ExportSource,
  surveys: readonly ChannelSurvey[],
  options: WriteOptions,
  book: RepairBook,
): SignalsPlan {
  const { channels } = source.header;
  const encodings = channels.map((header, index) => encodingOf(header, sure(surveys[index])));
  const wide = encodings.flatMap((encoding, index) =>
    needsWide(encoding, sure(surveys[index]), sure(source.sampleCounts[index]), options) ? [index] : [],
  );
  const isBdf = wide.length > 0;
  if (isBdf) {
    const named = wide.map((index) => sure(channels[index]).label).join(", ");
    book.note("EDF_AS_BDF", "info", { channels: named });
  }
  const bytesPerSample = isBdf ? 3 : 2;
  const plan =
    channels.length === 0
      ? noRecords
      : planRecords(
          channels.map(({ sampleRate }) => sampleRate),
          bytesPerSample,
          source.sampleCounts,
        );
  const labels = uniqueLabels(
    channels,
    encodings.map((encoding, index) => isBdf && isStatus(sure(channels[index]), lowOf(encoding))),
    book,
  );
  const list: SignalPlan[] = [];
  let byteOffset = 0;
  for (const [channel, header] of channels.entries()) {
    const survey = sure(surveys[channel]);
    const limits = isBdf ? bdfLimits : edfLimits;
    const coding = code(header, survey, sure(encodings[channel]), { limits, book });
    if (survey.lost > 0) book.note("EDF_VALUE_LOST", "warning", { label: header.label, count: survey.lost });
    const [rate, samplesPerRecord] = [sure(plan.rates[channel]), sure(plan.samples[channel])];
    reportRate(header, rate, book);
    list.push({
      channel,
      label: sure(labels[channel]),
      samplesPerRecord,
      rate,
      byteOffset,
      missing: limits.lowest,
      ...coding,
    });
    byteOffset += samplesPerRecord * bytesPerSample;
  }
  return { isBdf, bytesPerSample, plan, list, recordBytes: byteOffset };
}

const noRecords: RecordPlan = { durationS: 0, durationText: "0", samples: [], rates: [] };

function encodingOf(header: ChannelHeader, { low, high, decimals }: ChannelSurvey): Encoding {
  if (low > high) return { kind: "exact", low: 0, high: 0, decimals: 0 }; // nothing observed
  if (decimals === undefined) return { kind: "steps" };
  const power = 10 ** decimals;
  const [from, to] = [Math.round(low * power), Math.round(high * power)];
  const fits = from >= bdfLimits.lowest && to <= (isStatus(header, from) ? 2 ** 24 - 1 : bdfLimits.highest);
  return fits ? { kind: "exact", low: from, high: to, decimals } : { kind: "steps" };
}

/** BioSemi's status word is read back as 24 unsigned bits. */
const isStatus = (header: ChannelHeader, low: number): boolean =>
  header.label === "Status" && header.gain === 1 && header.offset === 0 && header.unit === "" && low >= 0;

const lowOf = (encoding: Encoding): number => (encoding.kind === "exact" ? encoding.low : NaN);

/** -32768 can be data only where the mask in the annotations, and not this very code, says what is missing. */
function needsWide(
  encoding: Encoding,
  survey: ChannelSurvey,
  sampleCount: number,
  options: WriteOptions,
): boolean {
  if (encoding.kind === "steps") return false;
  if (encoding.low < edfLimits.lowest || encoding.high > edfLimits.highest) return true;
  return (
    encoding.low === edfLimits.lowest && !options.withMask && (survey.mask.length > 0 || sampleCount > 0)
  );
}

function code(
  header: ChannelHeader,
  survey: ChannelSurvey,
  encoding: Encoding,
  { limits, book }: { limits: DigitalLimits; book: RepairBook },
): Pick<SignalPlan, "scale" | "toDigital"> {
  const gain = header.gain === 0 || !Number.isFinite(header.gain) ? 1 : header.gain;
  const offset = Number.isFinite(header.offset) ? header.offset : 0;
  if (gain !== header.gain || offset !== header.offset) {
    book.note("EDF_SCALE", "warning", { label: header.label, gain: header.gain, offset: header.offset });
  }
  const unit = unitText(header, book);
  if (encoding.kind === "steps") return steps(header, survey, { gain, offset, unit, limits, book });
  const { decimals } = encoding;
  if (limits === bdfLimits && isStatus(header, encoding.low)) {
    const scale: WrittenScale = {
      gain: 1,
      offset: 0,
      unit: "",
      physMin: "-8388608",
      physMax: "8388607",
      digMin: -8388608,
      digMax: 8388607,
      isUnitChanged: false,
    };
    return { scale, toDigital: Math.round };
  }
  const power = 10 ** decimals;
  const scale = scaleOfIntegers(
    { gain: gain / power, offset, unit, low: encoding.low, high: encoding.high },
    limits,
  );
  reportScale(
    header,
    { gain: gain / power, offset, reach: Math.max(Math.abs(encoding.low), Math.abs(encoding.high)) },
    scale,
    book,
  );
  if (decimals > 0) {
    book.note("EDF_DECIMALS", "info", { label: header.label, type: header.sampleType, decimals });
  }
  const isFloat = header.sampleType === "float32" || header.sampleType === "float64";
  return { scale, toDigital: isFloat ? (value) => Math.round(value * power) : undefined };
}

/** Values that are no whole numbers of anything: rounded to the steps of their range. */
function steps(
  header: ChannelHeader,
  survey: ChannelSurvey,
  {
    gain,
    offset,
    unit,
    limits,
    book,
  }: { gain: number; offset: number; unit: string; limits: DigitalLimits; book: RepairBook },
): Pick<SignalPlan, "scale" | "toDigital"> {
  const ends = [survey.low * gain + offset, survey.high * gain + offset];
  const scale = scaleOfRange({ unit, low: Math.min(...ends), high: Math.max(...ends) }, limits);
  const factor = unitFactor(unit, scale.unit);
  const stepText = `${Number(scale.gain.toPrecision(4))} ${scale.unit}`.trim();
  book.note("EDF_QUANTISED", "warning", { label: header.label, type: header.sampleType, step: stepText });
  if (scale.isUnitChanged)
    book.note("EDF_UNIT_PREFIX", "info", { label: header.label, written: scale.unit, unit });
  const { digMin, digMax } = scale;
  return {
    scale,
    toDigital: (value) => {
      const digital = Math.round(((value * gain + offset) * factor - scale.offset) / scale.gain);
      return Math.min(digMax, Math.max(digMin, digital));
    },
  };
}

const powers: Readonly<Record<string, number>> = { f: -15, p: -12, n: -9, u: -6, m: -3, k: 3, M: 6, G: 9 };

/** number in `to` = factor * number in `from`, for the units that scale.ts moves between. */
function unitFactor(from: string, to: string): number {
  if (from === to) return 1;
  const written = /^1e(-?\d+)/.exec(to);
  if (written !== null) return Number(`1e${-Number(written[1])}`);
  const base = (unit: string): number =>
    unit.length > 1 && !/^(Hz|Pa|Ohm)$/.test(unit) ? (powers[unit.charAt(0)] ?? 0) : 0;
  return Number(`1e${base(from) - base(to)}`);
}

function reportScale(
  header: ChannelHeader,
  wanted: { gain: number; offset: number; reach: number },
  scale: WrittenScale,
  book: RepairBook,
): void {
  if (scale.isUnitChanged) {
    book.note("EDF_UNIT_PREFIX", "info", { label: header.label, written: scale.unit, unit: header.unit });
    return;
  }
  if (scale.gain === wanted.gain && scale.offset === wanted.offset) return;
  const change = Math.abs(scale.gain - wanted.gain) * wanted.reach + Math.abs(scale.offset - wanted.offset);
  if (change <= Math.abs(wanted.gain) * wanted.reach * 1e-12) return; // binary noise of the division
  book.note("EDF_GAIN", "info", {
    label: header.label,
    gain: wanted.gain,
    written: scale.gain,
    change: change.toPrecision(2),
    unit: header.unit,
  });
}

function reportRate(header: ChannelHeader, written: number, book: RepairBook): void {
  const drift = Math.abs(written / header.sampleRate - 1);
  if (drift === 0) return;
  book.note("EDF_RATE", drift > 1e-12 ? "warning" : "info", {
    label: header.label,
    rate: header.sampleRate,
    written,
    drift: (drift * 3600).toPrecision(2),
  });
}

function unitText(header: ChannelHeader, book: RepairBook): string {
  const ascii = toAscii(header.unit).slice(0, 8).trim();
  if (ascii !== header.unit)
    book.note("EDF_UNIT", "info", { label: header.label, unit: header.unit, written: ascii });
  return ascii;
}

/** ASCII labels of 16 characters, told apart by a number where they would be equal. */
function uniqueLabels(
  channels: readonly ChannelHeader[],
  isStatusWord: readonly boolean[],
  book: RepairBook,
): string[] {
  const taken = new Set(["EDF Annotations", "BDF Annotations"]);
  const labels: string[] = [];
  for (const [index, header] of channels.entries()) {
    const isPlainStatus = header.label === "Status" && !isStatusWord[index];
    const ascii = toAscii(isPlainStatus ? "Status value" : header.label)
      .replaceAll("@@", "@")
      .slice(0, 16)
      .trim();
    const base = /[A-Za-z0-9]/.test(ascii) ? ascii : `Channel ${index + 1}`;
    let label = base;
    for (let number = 2; taken.has(label); number++)
      label = `${base.slice(0, 15 - String(number).length).trim()} ${number}`;
    taken.add(label);
    labels.push(label);
    if (label !== header.label)
      book.note("EDF_LABEL", "info", { channel: index + 1, label: header.label, written: label });
  }
  return labels;
}
