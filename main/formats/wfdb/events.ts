import iconv from "iconv-lite";
import type { MaskRun } from "../../../preload/contract/mask.ts";
import { repairOf, type ChannelHeader } from "../../../preload/contract/recording.ts";
import type { ReportRepair, SourceAnnotation, SourceReading } from "../../signal/block.ts";
import { missingReason, missingText } from "../edf/missing.ts";
import type { ByteSource } from "../format.ts";
import {
  MAX_AUX_BYTES,
  mitSymbols,
  parseMitAnnotations,
  writeMitAnnotations,
  type MitAnnotation,
} from "./mit-annotations.ts";
import { commonestAuthor } from "../authors.ts";
import { cutUtf8 } from "../utf8.ts";
import type { WfdbRecord } from "./record.ts";
import { decodeUtf8OrLatin1 } from "./text.ts";

export interface WfdbEvents {
  readonly annotations: readonly SourceAnnotation[];
  readonly reasons: ReadonlyMap<number, readonly MaskRun[]>; // by channel, ascending: why samples are missing; 0: they are not
  readonly declared: readonly unknown[]; // what was read completely, as it was found
}

/** The annotators of a record: the usual names of annotation files beside a header. */
const ANNOTATOR = "atr";
export const annotationExtensions: readonly string[] = [
  ANNOTATOR,
  "ann",
  "qrs",
  "wqrs",
  "sqrs",
  "ecg",
  "ari",
  "al",
  "st",
  "event",
  "ev",
  "man",
  "pu",
  "apn",
  "trigger",
];
const MAX_FILE_BYTES = 256 * 1024 * 1024;

const NOTE = 22;
const RHYTHM = 28;
const ONSET = 39;
const OFFSET = 40;
const RESOLUTION = "## time resolution: ";
/** Lowest value of format 32 where it is a measured value and not the missing code. */
const LOWEST = "Observed:lowest";
/** Marks of a file of ours. The first makes wfdb-python wait for ever, so only Kodo 0.1 wrote it. */
const OWN_1 = "## kodo annotations 1";
const OWN = "#+kodo annotations 2";
const MORE = "#++"; // goes on with the note before it
const READ = "#+read completely";
const PIECE_BYTES = MAX_AUX_BYTES - 4;

/** Which annotator's file an annotation goes into: the one it came from, as its author says (`100.qrs`), else `atr`. */
export function annotatorOf(author: string | undefined): string {
  const extension = /\.([a-z]+)$/.exec(author ?? "")?.[1] ?? ANNOTATOR;
  return annotationExtensions.includes(extension) ? extension : ANNOTATOR;
}

/** The text of an annotation, which C programs end with a zero byte. */
function text(aux: Uint8Array): string {
  const end = aux.indexOf(0);
  return decodeUtf8OrLatin1(end < 0 ? aux : aux.subarray(0, end));
}

/** Reads every annotation file found beside the record. */
export async function readAnnotationFiles(
  source: ByteSource,
  record: WfdbRecord,
  channels: readonly ChannelHeader[],
  repair: ReportRepair,
): Promise<WfdbEvents> {
  const stem = source.name.replace(/\.[^.]*$/, "");
  const annotations: SourceAnnotation[] = [];
  const reasons = new Map<number, readonly MaskRun[]>();
  const declared: unknown[] = [];
  for (const extension of annotationExtensions) {
    const file = await source.sibling(`${stem}.${extension}`);
    if (file === undefined) continue;
    if (file.size > MAX_FILE_BYTES) {
      repair(
        repairOf(
          "WFDB_ANNOTATIONS_TOO_LONG",
          "warning",
          { file: file.name, size: file.size },
          { file: file.name },
        ),
      );
      continue;
    }
    const parsed = parseMitAnnotations(await file.read(0, file.size));
    if (!parsed.endsProperly) {
      repair(
        repairOf(
          "WFDB_ANNOTATIONS_CUT",
          "warning",
          { file: file.name, count: parsed.annotations.length, byte: parsed.usedBytes },
          { file: file.name, offset: parsed.usedBytes },
        ),
      );
    }
    const events = interpret(parsed.annotations, record.header.frameRate, channels.length, file.name, repair);
    annotations.push(...events.annotations);
    for (const [channel, runs] of events.reasons) reasons.set(channel, runs);
    declared.push(...events.declared);
  }
  return { annotations, reasons, declared };
}

/** Ticks to seconds, codes to labels. Exported for tests on raw annotation lists. */
export function interpret(
  list: readonly MitAnnotation[],
  frameRate: number,
  channelCount: number,
  file: string,
  repair: ReportRepair,
): WfdbEvents {
  let resolution = frameRate;
  let first = 0;
  const head = list[0];
  if (head?.code === NOTE && text(head.aux).startsWith(RESOLUTION)) {
    const announced = Number(text(head.aux).slice(RESOLUTION.length));
    if (announced > 0 && announced < 1e12) resolution = announced;
    first = 1;
  }
  const rest = list.slice(first);
  const marker = rest[0];
  const mark = marker?.code === NOTE ? text(marker.aux) : "";
  if (mark === OWN_1) return interpretFirst(rest.slice(1), { resolution, channelCount, file, repair });
  if (mark.startsWith(OWN)) return interpretOwn(rest, { resolution, channelCount, file, repair });
  const usesChannels = rest.some((a) => a.channel !== 0);
  const declared = rest.filter(isStray).map(({ aux }) => text(aux));
  const events = declared.length === 0 ? rest : rest.filter((a) => !isStray(a));
  const annotations = events.map((a): SourceAnnotation => ({
    onsetS: a.time / resolution,
    durationS: 0,
    ...wordsOf(a),
    channel: usesChannels && a.channel < channelCount ? a.channel : undefined,
    author: file,
  }));
  return { annotations, reasons: new Map(), declared };
}

/** A declaration that another program has moved among the annotations: without its place it is none, and no label. */
const isStray = ({ code, aux }: MitAnnotation): boolean => code === NOTE && text(aux).startsWith(READ);

/** A text or a rhythm is called by its text, anything else by its symbol; the text is then a note beside it. */
function wordsOf(a: MitAnnotation): Pick<SourceAnnotation, "label" | "note"> {
  const words = text(a.aux);
  const isText = (a.code === NOTE || a.code === RHYTHM) && words.trim() !== "";
  return isText ? { label: words, note: "" } : { label: symbolOf(a.code), note: words.trim() };
}

function symbolOf(code: number): string {
  return mitSymbols[code] ?? `[${code}]`;
}

interface Interpreting {
  readonly resolution: number;
  readonly channelCount: number;
  readonly file: string;
  readonly repair: ReportRepair;
}

interface Fields {
  readonly label: string;
  readonly fields: ReadonlyMap<string, string>;
}

const escapeText = (value: string): string =>
  value.replace(
    /[\\\t\r\n\0]/g,
    (c) => ({ "\\": "\\\\", "\t": "\\t", "\r": "\\r", "\n": "\\n" })[c] ?? "\\0",
  );
const unescapeText = (value: string): string =>
  value.replace(/\\([\\trn0])/g, (_, c: string) => ({ "\\": "\\", t: "\t", r: "\r", n: "\n" })[c] ?? "\0");

function fieldsOf(aux: string): Fields {
  const [label = "", ...rest] = aux.split("\t");
  const fields = new Map<string, string>();
  for (const part of rest) {
    const cut = part.indexOf("=");
    if (cut > 0) fields.set(part.slice(0, cut), unescapeText(part.slice(cut + 1)));
  }
  return { label: unescapeText(label), fields };
}

/** A file of Kodo 0.1: what MIT has no field for stands in the annotation's own text, behind tabs. */
function interpretFirst(
  list: readonly MitAnnotation[],
  { resolution, channelCount, file, repair }: Interpreting,
): WfdbEvents {
  const annotations: { -readonly [K in keyof SourceAnnotation]: SourceAnnotation[K] }[] = [];
  const reasons = new Map<number, MaskRun[]>();
  const open = new Map<number, { readonly index: number; readonly tick: number }>();
  for (let i = 0; i < list.length; i++) {
    const a = list[i] as MitAnnotation;
    let words = text(a.aux);
    while (list[i + 1]?.code === NOTE && text((list[i + 1] as MitAnnotation).aux).startsWith("\t+"))
      words += text((list[++i] as MitAnnotation).aux).slice(2);
    if (a.code === OFFSET) {
      const start = open.get(a.num);
      const opened = start && annotations[start.index];
      if (start && opened) opened.durationS = Math.max(0, (a.time - start.tick) / resolution);
      open.delete(a.num);
      continue;
    }
    if (a.code !== NOTE && a.code !== ONSET) continue;
    const { label, fields } = fieldsOf(words);
    const number = (key: string): number | undefined => {
      const value = Number(fields.get(key) ?? NaN);
      return Number.isFinite(value) ? value : undefined;
    };
    const given = number("chan");
    const channel =
      given !== undefined && Number.isInteger(given) && given >= 0 && given < channelCount
        ? given
        : undefined;
    const reason = fields.has("count") ? (label === LOWEST ? 0 : missingReason(label)) : undefined;
    if (reason !== undefined) {
      const [at, count] = [number("first"), number("count")];
      if (channel !== undefined && isIndex(at) && isIndex(count) && count > 0) {
        const runs = reasons.get(channel) ?? [];
        runs.push({ first: at, count, reason });
        reasons.set(channel, runs);
      }
      continue;
    }
    const duration = number("for");
    if (a.code === ONSET && duration === undefined)
      open.set(a.num, { index: annotations.length, tick: a.time });
    annotations.push({
      onsetS: number("at") ?? a.time / resolution,
      durationS: Math.max(0, duration ?? 0),
      label,
      channel,
      note: fields.get("note") ?? "",
    });
  }
  for (const runs of reasons.values()) runs.sort((a, b) => a.first - b.first);
  if (open.size > 0) {
    repair(repairOf("WFDB_OPEN_INTERVAL", "warning", { file, count: open.size }, { file }));
  }
  return { annotations, reasons, declared: [] };
}

const isIndex = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0;

/**
 * A file of ours: notes at tick 0 with what MIT has no field for, by the annotation's position among those that follow
 * them, then the annotations as anyone reads them.
 */
function interpretOwn(
  list: readonly MitAnnotation[],
  { resolution, channelCount, file, repair }: Interpreting,
): WfdbEvents {
  let author = file;
  const details = new Map<number, ReadonlyMap<string, string>>();
  const reasons = new Map<number, MaskRun[]>();
  const declared: unknown[] = [];
  let at = 0;
  while (at < list.length && list[at]?.code === NOTE && list[at]?.time === 0) {
    let words = text(list[at++]?.aux ?? none);
    if (!words.startsWith("#+")) {
      at--;
      break;
    }
    for (; list[at]?.code === NOTE && text(list[at]?.aux ?? none).startsWith(MORE); at++)
      words += text(list[at]?.aux ?? none).slice(MORE.length);
    const { label: head, fields } = fieldsOf(words);
    if (head === OWN) author = fields.get("by") ?? author;
    else if (head === READ) declared.push(declarationOf(fields));
    else if (fields.has("count")) noteReason(head.slice(2), fields, { channelCount, reasons });
    else details.set(Number(head.slice(2)), fields);
  }
  for (const runs of reasons.values()) runs.sort((a, b) => a.first - b.first);
  const annotations: Writable<SourceAnnotation>[] = [];
  const open = new Map<number, { readonly opened: Writable<SourceAnnotation>; readonly tick: number }>();
  for (const a of list.slice(at)) {
    if (a.code === OFFSET) {
      const start = open.get(a.num);
      if (start) start.opened.durationS = Math.max(0, (a.time - start.tick) / resolution);
      open.delete(a.num);
      continue;
    }
    const given = details.get(annotations.length);
    const more = given?.get("tick") === String(a.time) ? given : undefined; // or another program has sorted them
    if (isStray(a) && more?.get("text") === undefined) {
      declared.push(text(a.aux));
      continue;
    }
    const channel = numberIn(more, "chan");
    const words = a.code === ONSET ? { label: text(a.aux), note: "" } : wordsOf(a);
    const one: Writable<SourceAnnotation> = {
      onsetS: numberIn(more, "at") ?? a.time / resolution,
      durationS: Math.max(0, numberIn(more, "for") ?? 0),
      label: more?.get("text") ?? words.label,
      note: more?.get("note") ?? words.note,
      channel: isIndex(channel) && channel < channelCount ? channel : undefined,
      author: more?.get("by") ?? author,
    };
    if (a.code === ONSET && numberIn(more, "for") === undefined)
      open.set(a.num, { opened: one, tick: a.time });
    annotations.push(one);
  }
  if (open.size > 0) {
    repair(repairOf("WFDB_OPEN_INTERVAL", "warning", { file, count: open.size }, { file }));
  }
  return { annotations, reasons, declared };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
const none = new Uint8Array(0);

function numberIn(fields: ReadonlyMap<string, string> | undefined, key: string): number | undefined {
  const value = Number(fields?.get(key) ?? NaN);
  return Number.isFinite(value) ? value : undefined;
}

/** A declaration as notes of ours hold it, to be looked at like one of any file. */
const declarationOf = (fields: ReadonlyMap<string, string>): object => ({
  onsetS: numberIn(fields, "from"),
  durationS: numberIn(fields, "for"),
  labelSet: fields.get("set"),
  labels: (fields.get("labels") ?? "").split(" ").filter((code) => code !== ""),
  author: fields.get("by"),
});

/** Why a run of samples is missing; 0 where its lowest value was measured. */
function noteReason(
  words: string,
  fields: ReadonlyMap<string, string>,
  { channelCount, reasons }: { channelCount: number; reasons: Map<number, MaskRun[]> },
): void {
  const reason = words === LOWEST ? 0 : missingReason(words);
  const [channel, first, count] = ["chan", "first", "count"].map((key) => numberIn(fields, key));
  if (reason === undefined || !isIndex(channel) || channel >= channelCount) return;
  if (!isIndex(first) || !isIndex(count) || count === 0) return;
  const runs = reasons.get(channel) ?? [];
  runs.push({ first, count, reason });
  reasons.set(channel, runs);
}

export interface ReasonRun extends MaskRun {
  readonly channel: number;
}

/** The codes of symbols that say by themselves what happened: beats, artefacts, waves. */
const codes: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 49 }, (_, i) => i + 1)
    .filter((code) => ![NOTE, ONSET, OFFSET].includes(code))
    .map((code) => [symbolOf(code), code]),
);
/** How rhythms are written: "(AFIB", "(N". */
const rhythm = /^\([A-Z0-9]{1,6}$/;

/** Code and text of an annotation as any program reads it, and the note that stands in that text. */
function plainWords(a: SourceAnnotation): { code: number; words: string; note: string } {
  const isPoint = a.durationS === 0;
  const symbol = isPoint ? codes.get(a.label) : undefined;
  const isText = symbol === RHYTHM && a.note.trim() !== ""; // its text would be taken for what it is called
  if (symbol !== undefined && !isText) return { code: symbol, words: a.note, note: a.note };
  const code = !isPoint ? ONSET : rhythm.test(a.label) ? RHYTHM : NOTE;
  return { code, words: a.label, note: "" };
}

export interface MitEvents {
  readonly annotations: readonly SourceAnnotation[];
  readonly reasons: readonly ReasonRun[];
  readonly readings: readonly SourceReading[];
  readonly frameRate: number;
  readonly file: string;
}

/**
 * Our annotations as an MIT file. Beats and other known symbols keep their code; other points are NOTE, rhythms RHYTHM,
 * intervals a pair `(` `)` joined by `num`; their text is the label and nothing else. What MIT has no field for (note,
 * exact times, channel, author, a text of more than 255 bytes), what was read completely (`#+read completely` with
 * `from` and `for` in seconds, `set`, `labels`, `by`) and why samples are missing stand in notes at tick 0: wfdb-python
 * takes those for remarks on the file and leaves them out. One that begins with `## ` would stop it.
 */
export function eventsToMit(
  { annotations, reasons, readings, frameRate, file }: MitEvents,
  repair: ReportRepair = () => undefined,
): Uint8Array {
  const resolution = resolutionFor(annotations, frameRate);
  const author = commonestAuthor(annotations) ?? file;
  const entries: Entry[] = [];
  const free: number[] = Array.from({ length: 127 }, (_, i) => 127 - i);
  const closing: { tick: number; slot: number }[] = [];
  let cut = 0;
  for (const a of annotations.toSorted((x, y) => x.onsetS - y.onsetS)) {
    const { code, words, note } = plainWords(a);
    const isPoint = code !== ONSET;
    const exact = Math.max(0, Math.round(a.onsetS * resolution));
    const tick = code === NOTE && exact === 0 ? 1 : exact; // notes at tick 0 are about the file
    const ticks = Math.round(a.durationS * resolution);
    for (let i = closing.length - 1; i >= 0; i--) {
      const done = closing[i] as { tick: number; slot: number };
      if (done.tick <= tick) {
        free.push(done.slot);
        closing.splice(i, 1);
      }
    }
    const slot = isPoint || ticks === 0 ? undefined : free.pop();
    const [aux = ""] = cutUtf8(words.replaceAll("\0", " "), MAX_AUX_BYTES);
    if (aux !== words) cut++;
    const isRead =
      aux === words &&
      (code !== NOTE || (words.trim() !== "" && !words.startsWith(READ))) &&
      note === note.trim();
    const more = [
      ...(isRead ? [] : [`text=${escapeText(a.label)}`, `note=${escapeText(a.note)}`]),
      ...(isRead && a.note !== note ? [`note=${escapeText(a.note)}`] : []),
      ...(a.channel === undefined ? [] : [`chan=${a.channel}`]),
      ...(tick / resolution === a.onsetS ? [] : [`at=${a.onsetS}`]),
      ...(!isPoint && (slot === undefined || ticks / resolution !== a.durationS)
        ? [`for=${a.durationS}`]
        : []),
      ...((a.author ?? file) === author ? [] : [`by=${escapeText(a.author ?? file)}`]),
    ];
    const channel = (a.channel ?? 0) & 0xff;
    entries.push({ tick, order: 1, code, num: slot ?? 0, channel, words: aux, more });
    if (slot !== undefined) {
      entries.push({ tick: tick + ticks, order: 0, code: OFFSET, num: slot, channel, words: "", more: [] });
      closing.push({ tick: tick + ticks, slot });
    }
  }
  if (cut > 0) repair(repairOf("WFDB_TEXT_LONG", "info", { count: cut, limit: MAX_AUX_BYTES }));
  entries.sort((a, b) => a.tick - b.tick || a.order - b.order);
  const list: MitAnnotation[] = [];
  const add = (time: number, code: number, words: string, extra: Partial<MitAnnotation> = {}): void => {
    const { num = 0, channel = 0 } = extra;
    list.push({ time, code, subtype: 0, channel, num, aux: iconv.encode(words, "utf-8") });
  };
  const remark = (fields: readonly string[]): void => {
    const [head = "", ...rest] = cutUtf8(fields.join("\t"), PIECE_BYTES);
    add(0, NOTE, head);
    for (const piece of rest) add(0, NOTE, `${MORE}${piece}`);
  };
  if (resolution !== frameRate) add(0, NOTE, `${RESOLUTION}${resolution}`);
  remark([OWN, ...(author === file ? [] : [`by=${escapeText(author)}`])]);
  let index = 0;
  for (const { code, more, tick } of entries) {
    if (code === OFFSET) continue;
    if (more.length > 0) remark([`#+${index}`, `tick=${tick}`, ...more]);
    index++;
  }
  for (const { onsetS, durationS, labelSet, labels, author: by } of readings) {
    const reader = by === undefined ? [] : [`by=${escapeText(by)}`];
    const set = `set=${escapeText(labelSet)}`;
    remark([READ, `from=${onsetS}`, `for=${durationS}`, set, `labels=${labels.join(" ")}`, ...reader]);
  }
  for (const { reason, channel, first, count } of reasons) {
    const words = reason === 0 ? LOWEST : missingText(reason);
    remark([`#+${words}`, `chan=${channel}`, `first=${first}`, `count=${count}`]);
  }
  for (const { tick, code, words, num, channel } of entries) add(tick, code, words, { num, channel });
  return writeMitAnnotations(list);
}

interface Entry {
  readonly tick: number;
  readonly order: number; // an interval's end comes before what begins there
  readonly code: number;
  readonly num: number;
  readonly channel: number;
  readonly words: string;
  readonly more: readonly string[];
}

/** The coarsest resolution that holds every onset and duration exactly, else the finest whose ticks fit 31 bits. */
function resolutionFor(annotations: readonly SourceAnnotation[], frameRate: number): number {
  const last = annotations.reduce((most, a) => Math.max(most, Math.abs(a.onsetS) + a.durationS), 1);
  const fits = [frameRate, 1e3, 1e4, 1e5, 1e6].filter((r) => last * r < 2 ** 31 - 1 && r >= frameRate);
  const isExact = (r: number, x: number): boolean => Math.round(x * r) / r === x;
  return (
    fits.find((r) => annotations.every((a) => isExact(r, a.onsetS) && isExact(r, a.durationS))) ??
    fits.at(-1) ??
    frameRate
  );
}
