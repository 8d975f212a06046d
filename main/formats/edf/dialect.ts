import type { MaskRun } from "../../../preload/contract/mask.ts";
import { ChannelRole, RecordingKind, type ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { RecordingHeader } from "../../signal/block.ts";
import { guessKind, guessRole } from "../channel-role.ts";
import type { ByteSource } from "../format.ts";
import { parseAnnotationLists, type AnnotationList } from "./annotation-list.ts";
import type { KnownRuns } from "./channel-buffer.ts";
import { subtractSeconds } from "./decimal.ts";
import { DeclaredTexts, isDeclaredText } from "./declared-text.ts";
import type { EdfHeader } from "./header.ts";
import { HiddenTexts, isHiddenText } from "./hidden.ts";
import { missingReason } from "./missing.ts";
import { annotationSignals, type Records } from "./records.ts";

/**
 * What our writer adds beyond the standard, all of it as annotations: the mask (`Missing:<reason>@@<label>`), which
 * other readers show as events, and what EDF+ has no room for (see hidden.ts): `recording`, `channels` and, right after
 * an annotation, its `annotation`; and what was read completely (see declared-text.ts). Kodo 0.1 wrote `Channel:{...}@@<label>` and `Recording:{...}`, and an annotation's
 * note and channel into its text (`label`, a line feed, `note@@<label>`). The file says so in its recording field.
 */
export const DIALECT = "Kodo_missing_as_minimum";

/** Header items as they were before they were made to fit. */
export interface Originals {
  readonly label?: string;
  readonly unit?: string;
  readonly role?: ChannelRole;
}

export interface Dialect {
  readonly masks: readonly KnownRuns[]; // by channel
  readonly channels: readonly Originals[]; // by channel
  readonly recording: RecordingOriginals;
  readonly declared: readonly unknown[]; // what was read completely, as it was found
}

export interface RecordingOriginals {
  readonly subject?: string;
  readonly kind?: RecordingKind;
  readonly facts?: Readonly<Record<string, string>>;
  readonly author?: string; // of every annotation that names none
  readonly sampleCounts?: readonly number[]; // by channel, where the last record is filled up
}

/** What an annotation has beyond its text; `text` where the one written had to be changed. */
export interface AnnotationOriginals {
  readonly text?: string;
  readonly note?: string;
  readonly channel?: string; // label as the file has it; absent: the whole recording
  readonly author?: string;
}

/** Is this one of the annotations that are no event? */
export const isDialectText = (text: string, isBound: boolean): boolean =>
  isHiddenText(text) ||
  isDeclaredText(text) ||
  (isBound ? missingReason(text) !== undefined || text.startsWith(CHANNEL) : text.startsWith(RECORDING));

const CHANNEL = "Channel:{";
const RECORDING = "Recording:{";

/** `text@@label` belongs to the channel of that label (EDFbrowser's and MNE's convention, not in the standard). */
export function bindText(
  text: string,
  labels: ReadonlyMap<string, number>,
): { text: string; channel: number | undefined } {
  const at = text.lastIndexOf("@@");
  const channel = at === -1 ? undefined : labels.get(text.slice(at + 2).trim());
  return channel === undefined ? { text, channel } : { text: text.slice(0, at), channel };
}

/** Reads all annotations of a file of ours once, for what must be known before the first sample. */
export async function readDialect(
  source: ByteSource,
  edf: EdfHeader,
  found: { records: Records; labels: ReadonlyMap<string, number>; rates: readonly number[]; firstS: number },
): Promise<Dialect> {
  const masks: MaskRun[][] = found.rates.map(() => []);
  const channels: Originals[] = found.rates.map(() => ({}));
  let recording: RecordingOriginals = {};
  const hidden = new HiddenTexts();
  const declared = new DeclaredTexts(found.firstS);
  const takeHidden = (list: AnnotationList, value: Readonly<Record<string, unknown>>): void => {
    if (isObject(value["reading"])) declared.takeDetails(list, value["reading"]);
    if (isObject(value["recording"])) recording = recordingOriginals(value["recording"]);
    if (!isObject(value["channels"])) return;
    for (const [index, one] of Object.entries(value["channels"]))
      if (Object.hasOwn(channels, index) && isObject(one)) channels[Number(index)] = channelOriginals(one);
  };
  const take = (list: AnnotationList, whole: string): void => {
    if (isHiddenText(whole)) {
      const value = hidden.take(whole);
      if (value !== undefined) takeHidden(list, value);
      return;
    }
    if (isDeclaredText(whole)) {
      declared.takeText(list, whole);
      return;
    }
    const { text, channel } = bindText(whole, found.labels);
    if (channel === undefined) {
      if (text.startsWith(RECORDING)) recording = parseRecordingText(text);
      return;
    }
    const reason = missingReason(text);
    if (text.startsWith(CHANNEL)) channels[channel] = parseChannelText(text);
    if (reason === undefined) return;
    const rate = sure(found.rates[channel]);
    const first = Math.round(subtractSeconds(list.onsetS, found.firstS) * rate);
    const count = Math.round((list.durationS ?? 0) * rate);
    if (first >= 0 && count >= 1 && Number.isSafeInteger(first + count))
      sure(masks[channel]).push({ first, count, reason });
  };
  for await (const bytes of annotationBytes(source, edf, found.records)) {
    for (const list of parseAnnotationLists(bytes).lists) for (const text of list.texts) take(list, text);
  }
  return { masks: masks.map(separate), channels, recording, declared: declared.all() };
}

const SLAB_BYTES = 1 << 20;
const LONGEST_LISTS = 1 << 26;

/** Every annotation signal of every whole record. Long records are not read but for these. */
async function* annotationBytes(
  source: ByteSource,
  edf: EdfHeader,
  records: Records,
): AsyncGenerator<Uint8Array, void, void> {
  const signals = annotationSignals(edf);
  const perSlab = edf.recordBytes > 1 << 16 ? 0 : Math.max(1, Math.floor(SLAB_BYTES / edf.recordBytes));
  for (let record = 0; record < records.whole; record += Math.max(1, perSlab)) {
    const at = edf.dataOffset + record * edf.recordBytes;
    if (perSlab === 0) {
      for (const { byteOffset, byteLength } of signals)
        yield await source.read(at + byteOffset, Math.min(byteLength, LONGEST_LISTS));
      continue;
    }
    const count = Math.min(perSlab, records.whole - record);
    const slab = await source.read(at, count * edf.recordBytes);
    for (let k = 0; k < count; k++) {
      for (const { byteOffset, byteLength } of signals) {
        yield slab.subarray(k * edf.recordBytes + byteOffset, k * edf.recordBytes + byteOffset + byteLength);
      }
    }
  }
}

/** Ascending and without overlap: where two runs overlap, the one that starts first keeps the samples. */
function separate(runs: MaskRun[]): KnownRuns {
  const apart: MaskRun[] = [];
  let end = 0;
  for (const run of runs.toSorted((a, b) => a.first - b.first)) {
    const first = Math.max(run.first, end);
    const count = run.first + run.count - first;
    if (count <= 0) continue;
    apart.push({ first, count, reason: run.reason });
    end = first + count;
  }
  return apart;
}

/** What the header could not keep of a channel, or undefined where it kept everything. */
export function originalsOf(
  source: ChannelHeader,
  written: { label: string; unit: string; isUnitChanged: boolean },
): Originals | undefined {
  const power = /^1e-?\d+ ?/.exec(written.unit)?.[0] ?? ""; // a reader takes a written power of ten off
  const unit = written.unit.slice(power.length);
  const isOtherPrefix = written.isUnitChanged && power === "";
  const originals: Originals = {
    ...(source.label === written.label ? {} : { label: source.label }),
    ...(source.unit === unit || isOtherPrefix ? {} : { unit: source.unit }),
    ...(source.role === guessRole(written.label, unit) ? {} : { role: source.role }),
  };
  return Object.keys(originals).length === 0 ? undefined : originals;
}

/** Is this the kind that a reader guesses from the channels? */
export const isGuessedKind = (header: RecordingHeader): boolean => header.kind === guessKind(header.channels);

const parseChannelText = (text: string): Originals =>
  channelOriginals(parseObject(text.slice(CHANNEL.length - 1)));
const parseRecordingText = (text: string): RecordingOriginals =>
  recordingOriginals(parseObject(text.slice(RECORDING.length - 1)));

function channelOriginals({ label, unit, role }: Readonly<Record<string, unknown>>): Originals {
  const known = ChannelRole.safeParse(role);
  return {
    ...(typeof label === "string" ? { label } : {}),
    ...(typeof unit === "string" ? { unit } : {}),
    ...(known.success ? { role: known.data } : {}),
  };
}

function recordingOriginals(value: Readonly<Record<string, unknown>>): RecordingOriginals {
  const { subject, kind, facts, author, sampleCounts } = value;
  const known = RecordingKind.safeParse(kind);
  return {
    ...(typeof subject === "string" ? { subject } : {}),
    ...(known.success ? { kind: known.data } : {}),
    ...(isObject(facts) ? { facts: textsIn(facts) } : {}),
    ...(typeof author === "string" ? { author } : {}),
    ...(Array.isArray(sampleCounts) && sampleCounts.every((count) => Number.isSafeInteger(count))
      ? { sampleCounts: sampleCounts as number[] }
      : {}),
  };
}

/** What stands right after an annotation, if it is about one. */
export function annotationOriginals(
  value: Readonly<Record<string, unknown>>,
): AnnotationOriginals | undefined {
  const { annotation } = value;
  return isObject(annotation) ? textsIn(annotation) : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textsIn = (value: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
