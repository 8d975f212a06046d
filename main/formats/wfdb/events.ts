import iconv from "iconv-lite";
import type { MaskRun } from "../../../preload/contract/mask.ts";
import { repairOf, type ChannelHeader } from "../../../preload/contract/recording.ts";
import type { ReportRepair, SourceAnnotation } from "../../signal/block.ts";
import { missingReason, missingText } from "../edf/missing.ts";
import type { ByteSource } from "../format.ts";
import {
  MAX_AUX_BYTES,
  mitSymbols,
  parseMitAnnotations,
  writeMitAnnotations,
  type MitAnnotation,
} from "./mit-annotations.ts";
import type { WfdbRecord } from "./record.ts";
import { decodeUtf8OrLatin1 } from "./text.ts";

export interface WfdbEvents {
  readonly annotations: readonly SourceAnnotation[];
  readonly reasons: ReadonlyMap<number, readonly MaskRun[]>; // by channel, ascending: why samples are missing; 0: they are not
}

/** The usual names of annotation files beside a header. */
export const annotationExtensions: readonly string[] = [
  "atr",
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
const OWN = "## kodo annotations 1";

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
  }
  return { annotations, reasons };
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
  if (marker?.code === NOTE && text(marker.aux) === OWN)
    return interpretOwn(rest.slice(1), resolution, channelCount, file, repair);
  const usesChannels = rest.some((a) => a.channel !== 0);
  const annotations = rest.map((a): SourceAnnotation => {
    const symbol = mitSymbols[a.code] ?? `[${a.code}]`;
    const words = text(a.aux).trim();
    const isText = (a.code === NOTE || a.code === RHYTHM) && words !== "";
    return {
      onsetS: a.time / resolution,
      durationS: 0,
      label: isText ? words : symbol,
      channel: usesChannels && a.channel < channelCount ? a.channel : undefined,
      note: isText ? "" : words,
    };
  });
  return { annotations, reasons: new Map() };
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

function interpretOwn(
  list: readonly MitAnnotation[],
  resolution: number,
  channelCount: number,
  file: string,
  repair: ReportRepair,
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
  return { annotations, reasons };
}

const isIndex = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0;

export interface ReasonRun extends MaskRun {
  readonly channel: number;
}

/**
 * Our annotations as an MIT file: points as NOTE, intervals as a pair `(` `)` joined by `num`, the label and what
 * MIT has no field for (note, exact times, channel) in the text. Reasons of missing samples as NOTE "Missing:<reason>".
 */
export function eventsToMit(
  annotations: readonly SourceAnnotation[],
  reasons: readonly ReasonRun[],
  frameRate: number,
  reasonRates: readonly number[],
): Uint8Array {
  const resolution = resolutionFor(annotations, frameRate);
  const entries: {
    tick: number;
    order: number;
    code: number;
    num: number;
    channel: number;
    words: string;
  }[] = [];
  const free: number[] = Array.from({ length: 127 }, (_, i) => 127 - i);
  const closing: { tick: number; slot: number }[] = [];
  const byOnset = [...annotations].sort((a, b) => a.onsetS - b.onsetS);
  for (const a of byOnset) {
    const tick = Math.round(a.onsetS * resolution);
    const ticks = Math.round(a.durationS * resolution);
    for (let i = closing.length - 1; i >= 0; i--) {
      const done = closing[i] as { tick: number; slot: number };
      if (done.tick <= tick) {
        free.push(done.slot);
        closing.splice(i, 1);
      }
    }
    const isPoint = a.durationS === 0;
    const slot = isPoint || ticks === 0 ? undefined : free.pop();
    const words = [escapeText(a.label)];
    if (a.channel !== undefined) words.push(`chan=${a.channel}`);
    if (tick / resolution !== a.onsetS) words.push(`at=${a.onsetS}`);
    if (!isPoint && (slot === undefined || ticks / resolution !== a.durationS))
      words.push(`for=${a.durationS}`);
    if (a.note !== "") words.push(`note=${escapeText(a.note)}`);
    const channel = (a.channel ?? 0) & 0xff;
    entries.push({
      tick,
      order: 1,
      code: isPoint ? NOTE : ONSET,
      num: slot ?? 0,
      channel,
      words: words.join("\t"),
    });
    if (slot !== undefined) {
      entries.push({
        tick: tick + ticks,
        order: 0,
        code: OFFSET,
        num: slot,
        channel,
        words: escapeText(a.label),
      });
      closing.push({ tick: tick + ticks, slot });
    }
  }
  for (const run of reasons) {
    entries.push({
      tick: Math.round((run.first / (reasonRates[run.channel] ?? frameRate)) * resolution),
      order: 2,
      code: NOTE,
      num: 0,
      channel: run.channel & 0xff,
      words: `${run.reason === 0 ? LOWEST : missingText(run.reason)}\tchan=${run.channel}\tfirst=${run.first}\tcount=${run.count}`,
    });
  }
  entries.sort((a, b) => a.tick - b.tick || a.order - b.order);
  const list: MitAnnotation[] = [];
  const add = (
    time: number,
    code: number,
    words: string,
    extra: { num?: number; channel?: number } = {},
  ): void =>
    void list.push({
      time,
      code,
      subtype: 0,
      channel: extra.channel ?? 0,
      num: extra.num ?? 0,
      aux: iconv.encode(words, "utf-8"),
    });
  if (resolution !== frameRate) add(0, NOTE, `${RESOLUTION}${resolution}`);
  add(0, NOTE, OWN);
  for (const e of entries) {
    const [head = "", ...more] = pieces(e.words, MAX_AUX_BYTES - 4);
    add(e.tick, e.code, head, e);
    for (const piece of more) add(e.tick, NOTE, `\t+${piece}`, { channel: e.channel });
  }
  return writeMitAnnotations(list);
}

/** Cuts a text into pieces of at most so many UTF-8 bytes, never within a character. */
function pieces(words: string, bytes: number): string[] {
  const out: string[] = [];
  let piece = "";
  let size = 0;
  for (const c of words) {
    const width = iconv.encode(c, "utf-8").length;
    if (size + width > bytes) {
      out.push(piece);
      piece = "";
      size = 0;
    }
    piece += c;
    size += width;
  }
  return [...out, piece];
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
