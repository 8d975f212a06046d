import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { SampleBlock, SourceAnnotation } from "../../signal/block.ts";
import type { ByteSource } from "../format.ts";
import { parseAnnotationLists, type AnnotationList } from "./annotation-list.ts";
import { ChannelBuffer, HIGHEST, LOWEST, type KnownRuns, type ValueRule } from "./channel-buffer.ts";
import { shownDeclaration } from "../declared.ts";
import { subtractSeconds } from "./decimal.ts";
import { isDeclaredText } from "./declared-text.ts";
import {
  annotationOriginals,
  bindText,
  isDialectText,
  type AnnotationOriginals,
  type Dialect,
} from "./dialect.ts";
import type { EdfHeader, EdfSignal } from "./header.ts";
import { HiddenTexts, isHiddenText } from "./hidden.ts";
import { MISSING_BDF, MISSING_EDF } from "./missing.ts";
import { RecordClock, type Placement } from "./record-clock.ts";
import { annotationSignals, recordOnset, type Records } from "./records.ts";
import type { RepairBook } from "../repair-book.ts";

export interface EdfChannel {
  readonly signal: EdfSignal;
  readonly header: ChannelHeader;
  readonly isStatus: boolean; // BioSemi's bit field: unsigned, never scaled
  readonly isZeroMissing?: boolean;
}

export interface StreamSource {
  readonly source: ByteSource;
  readonly edf: EdfHeader;
  readonly records: Records;
  readonly channels: readonly EdfChannel[];
  readonly firstS: number; // start of record 0 after the header's second
  readonly labels: ReadonlyMap<string, number>; // as in the header; of equal ones the first
  readonly dialect: Dialect | undefined; // where the file is ours
  readonly book: RepairBook;
  readonly slabBytes: number;
}

/** Bytes read at once. Records larger than this are read signal by signal, so that none has to fit in memory. */
export const SLAB_BYTES = 1 << 20;

/** A run of records in the file; `bytes` where they were small enough to be read at once. */
interface Slab {
  readonly firstRecord: number;
  readonly records: number;
  readonly offset: number;
  readonly length: number; // less than records * recordBytes only for a cut last record
  readonly bytes: Uint8Array | undefined;
}

/** One annotation signal of one record. */
interface ListBytes {
  readonly offset: number;
  readonly bytes: Uint8Array;
}
const LONGEST_LISTS = 1 << 26;
/** A file may say of a year that it is missing: as many samples are made of that as a long night has, and as the file is long. */
const LEFT_OUT_MOST = 1 << 26;
const LEFT_OUT_AT_ONCE = 1 << 15;
const CHANNELS_APART = 8;
const SHIFT_SAID = 1e-3; // of a sample
const NEXT: Placement = { kind: "next" };

/** Walks through the records once: samples to blocks, annotation lists to annotations. */
export class EdfStream {
  private readonly of: StreamSource;
  private readonly lists: readonly EdfSignal[];
  private found: SourceAnnotation[] = [];
  private hidden = new HiddenTexts();
  private slab = new Uint8Array(0);
  private leftOut = 0; // samples of records that are not in the file, which may still be made

  constructor(of: StreamSource) {
    this.of = of;
    this.lists = of.edf.isPlus ? annotationSignals(of.edf) : [];
  }

  /** Those met so far, by onset. */
  annotations(): readonly SourceAnnotation[] {
    return this.found.toSorted((a, b) => a.onsetS - b.onsetS);
  }

  async *blocks(
    done: (bytes: number) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<SampleBlock, void, void> {
    const { edf, records, channels, book, firstS } = this.of;
    this.found = [];
    this.hidden = new HiddenTexts();
    this.leftOut = LEFT_OUT_MOST + 4 * this.of.source.size;
    const buffers = channels.map((channel, index) =>
      this.bufferOf(channel, index, this.of.dialect?.masks[index] ?? []),
    );
    const clock = new RecordClock(
      {
        firstS,
        durationS: edf.duration.value,
        shortestPeriodS: 1 / Math.max(...channels.map(({ header }) => header.sampleRate), Number.MIN_VALUE),
        isDiscontinuous: edf.isDiscontinuous,
      },
      book,
    );
    for (let record = 0; record < records.whole + (records.partialBytes > 0 ? 1 : 0);) {
      throwIfCancelled(signal);
      const slab = await this.readSlab(record);
      const placements: Placement[] = [];
      for (let k = 0; k < slab.records; k++) {
        const lists =
          slab.bytes === undefined
            ? await this.listBytes(slab, k)
            : this.listBytesInSlab(slab, slab.bytes, k);
        placements.push(this.takeAnnotations(slab, k, lists, clock));
      }
      for (const [index, buffer] of buffers.entries()) {
        const channel = sure(channels[index]);
        for (let k = 0; k < slab.records; k++) {
          const placement = sure(placements[k]);
          if (placement.kind === "jump") yield* this.jump(buffer, placement.startS, channel.header);
          if (slab.bytes === undefined) yield* this.appendLong(slab, channel, buffer);
          else this.append(channel, buffer, this.inSlab(slab.bytes, k, channel.signal));
        }
        yield* buffer.ready.splice(0);
      }
      record += slab.records;
      done(slab.offset + slab.length);
    }
    for (const buffer of buffers) {
      buffer.flush();
      yield* buffer.ready.splice(0);
    }
    this.reportOutside(buffers.map(({ outsideRange }) => outsideRange));
    done(this.of.source.size);
    book.flush();
  }

  /** What a record that was left out would have held is a gap; where our own file says why, samples of that reason. */
  private *jump(
    buffer: ChannelBuffer,
    startS: number,
    { label, sampleRate }: ChannelHeader,
  ): Generator<SampleBlock, void, void> {
    const index = startS * sampleRate;
    const rounded = Math.round(index);
    if (!Number.isSafeInteger(rounded)) {
      this.of.book.count("EDF_RECORD_PLACE", { sample: index });
      return;
    }
    const lowest = this.of.edf.bytesPerSample === 2 ? MISSING_EDF : MISSING_BDF;
    for (const { first, count } of buffer.knownBefore(rounded)) {
      buffer.skipTo(first);
      for (let left = count; left > 0 && this.leftOut > 0;) {
        const some = Math.min(left, LEFT_OUT_AT_ONCE, this.leftOut);
        buffer.leftOut(some, lowest);
        yield* buffer.ready.splice(0);
        left -= some;
        this.leftOut -= some;
      }
      if (this.leftOut === 0) this.of.book.count("EDF_OUTAGE_LONG", { label });
    }
    buffer.skipTo(rounded);
    const shift = Math.abs(index - rounded);
    if (shift > SHIFT_SAID && shift > Math.abs(index) * 1e-9)
      this.of.book.count("EDF_RECORD_GRID", { label, shift: Number((shift / sampleRate).toPrecision(3)) });
  }

  /** Channel by channel where they are few; a cap of a hundred electrodes would say the same a hundred times. */
  private reportOutside(counts: readonly number[]): void {
    const { channels, book } = this.of;
    const found = counts.flatMap((count, index) => {
      const { signal, header } = sure(channels[index]);
      return count === 0 || signal.range === undefined
        ? []
        : [{ label: header.label, count, digMin: signal.range.digMin, digMax: signal.range.digMax }];
    });
    if (found.length <= CHANNELS_APART) {
      for (const one of found) book.note("EDF_OUT_OF_RANGE", "warning", one);
      return;
    }
    const shown = found.slice(0, CHANNELS_APART).map(({ label }) => label);
    book.note("EDF_OUT_OF_RANGE_CHANNELS", "warning", {
      channels: found.length,
      labels: `${shown.join(", ")}, ...`,
      count: found.reduce((sum, { count }) => sum + count, 0),
    });
  }

  private bufferOf(channel: EdfChannel, index: number, known: KnownRuns): ChannelBuffer {
    const { edf, records } = this.of;
    const expected = (records.whole + (records.partialBytes > 0 ? 1 : 0)) * channel.signal.samplesPerRecord;
    const inFile = Math.ceil(this.of.source.size / edf.bytesPerSample);
    return new ChannelBuffer(
      index,
      edf.bytesPerSample,
      Math.min(expected, inFile),
      this.ruleOf(channel),
      known,
    );
  }

  private ruleOf({ signal, header, isStatus, isZeroMissing }: EdfChannel): ValueRule {
    const everything = { low: LOWEST, high: HIGHEST, missing: undefined };
    if (isStatus || signal.range === undefined) return everything;
    const isNarrow = this.of.edf.bytesPerSample === 2;
    const { digMin, digMax } = signal.range;
    const lowest = isNarrow ? MISSING_EDF : MISSING_BDF;
    const low = digMin <= lowest ? LOWEST : digMin;
    const high = digMax >= -lowest - 1 ? HIGHEST : digMax;
    if (this.of.dialect !== undefined) {
      // A channel of ours that uses the lowest value as data declares it; its mask is in the annotations alone.
      if (digMin <= lowest) return { low, high, missing: undefined };
      return { low: digMin === lowest + 1 ? LOWEST : low, high, missing: lowest };
    }
    const zero = Math.round(-header.offset / header.gain);
    return { low, high, missing: isZeroMissing === true ? zero : undefined };
  }

  private async readSlab(firstRecord: number): Promise<Slab> {
    const { edf, records } = this.of;
    const offset = edf.dataOffset + firstRecord * edf.recordBytes;
    const fitting = Math.max(1, Math.floor(this.of.slabBytes / edf.recordBytes));
    const whole = Math.min(fitting, records.whole - firstRecord);
    const length = whole > 0 ? whole * edf.recordBytes : records.partialBytes;
    const bytes = length <= this.of.slabBytes ? await this.readWhole(offset, length) : undefined;
    return { firstRecord, records: Math.max(1, whole), offset, length: bytes?.length ?? length, bytes };
  }

  /** Samples and texts are copied out of a slab before the next one is read, so all can share one piece of memory. */
  private async readWhole(offset: number, length: number): Promise<Uint8Array> {
    const { source } = this.of;
    if (source.readInto === undefined) return aligned(await source.read(offset, length));
    if (this.slab.length < length) this.slab = new Uint8Array(length);
    const into = this.slab.subarray(0, length);
    return into.subarray(0, await source.readInto(offset, into));
  }

  /** One signal of the k-th record of a slab in memory, as far as the slab goes. */
  private inSlab(bytes: Uint8Array, k: number, signal: EdfSignal): Uint8Array {
    const from = k * this.of.edf.recordBytes + signal.byteOffset;
    return bytes.subarray(from, from + signal.byteLength);
  }

  private append({ isStatus }: EdfChannel, buffer: ChannelBuffer, whole: Uint8Array): void {
    const { edf, dialect } = this.of;
    const end = dialect?.recording.sampleCounts?.[buffer.channel] ?? Infinity; // what follows fills the last record up
    const left = Math.max(0, end - buffer.next) * edf.bytesPerSample;
    const bytes = left < whole.length ? whole.subarray(0, left) : whole;
    if (bytes.length < 2) return; // nothing of a cut record, at an address that may be odd
    if (edf.bytesPerSample === 3) buffer.append24(bytes, isStatus);
    else buffer.append16(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1));
  }

  /** One signal of a record too long for memory, piece by piece. */
  private async *appendLong(
    slab: Slab,
    channel: EdfChannel,
    buffer: ChannelBuffer,
  ): AsyncGenerator<SampleBlock, void, void> {
    const { signal } = channel;
    const length = Math.min(signal.byteLength, slab.length - signal.byteOffset);
    const longest = Math.max(6, this.of.slabBytes - (this.of.slabBytes % 6)); // whole samples of two or three bytes
    for (let at = 0; at < length; at += longest) {
      const wanted = Math.min(longest, length - at);
      const bytes = aligned(await this.of.source.read(slab.offset + signal.byteOffset + at, wanted));
      this.append(channel, buffer, bytes);
      yield* buffer.ready.splice(0);
      if (bytes.length < wanted) return; // shorter than its size said
    }
  }

  private listBytesInSlab(slab: Slab, bytes: Uint8Array, k: number): ListBytes[] {
    const at = slab.offset + k * this.of.edf.recordBytes;
    return this.lists.map((signal) => ({
      offset: at + signal.byteOffset,
      bytes: this.inSlab(bytes, k, signal),
    }));
  }

  private async listBytes(slab: Slab, k: number): Promise<ListBytes[]> {
    const { source, edf, book } = this.of;
    const found: ListBytes[] = [];
    for (const signal of this.lists) {
      const within = k * edf.recordBytes + signal.byteOffset;
      const length = Math.max(0, Math.min(signal.byteLength, slab.length - within));
      const offset = slab.offset + within;
      if (length > LONGEST_LISTS)
        book.count("EDF_ANNOTATION_SIGNAL_LONG", { length, limit: LONGEST_LISTS }, offset);
      found.push({ offset, bytes: await source.read(offset, Math.min(length, LONGEST_LISTS)) });
    }
    return found;
  }

  /** Keeps a record's annotations and says where its samples go. */
  private takeAnnotations(
    slab: Slab,
    k: number,
    signals: readonly ListBytes[],
    clock: RecordClock,
  ): Placement {
    const { book, records } = this.of;
    const record = slab.firstRecord + k;
    let placement: Placement | undefined;
    for (const { offset, bytes } of signals) {
      const { lists, problems } = parseAnnotationLists(bytes);
      for (const [code, { at, value, count }] of problems) {
        book.count(code, { value }, offset + at, count);
      }
      if (placement === undefined) {
        const onset = recordOnset(lists);
        // Record 0 was looked at when the file was opened; a cut record may have lost its stamp with its tail.
        const isQuiet = record === 0 || (onset === undefined && record >= records.whole);
        placement = isQuiet ? clock.follow() : clock.place(record, onset);
      }
      for (const list of lists) this.keep(list);
    }
    return placement ?? NEXT;
  }

  private keep(list: AnnotationList): void {
    const { dialect, labels, firstS } = this.of;
    for (const text of list.texts) {
      if (text.trim() === "") continue;
      if (dialect !== undefined && isHiddenText(text)) {
        const value = this.hidden.take(text);
        const originals = value === undefined ? undefined : annotationOriginals(value);
        if (originals !== undefined) this.amend(subtractSeconds(list.onsetS, firstS), originals);
        continue;
      }
      if (dialect === undefined && isDeclaredText(text)) {
        this.of.book.count("READING_UNCLEAR", { text: shownDeclaration(text) }); // another program wrote it anew
        continue;
      }
      const bound = bindText(text, labels);
      if (dialect !== undefined && isDialectText(bound.text, bound.channel !== undefined)) continue;
      const line = /\r?\n/.exec(bound.text);
      this.found.push({
        onsetS: subtractSeconds(list.onsetS, firstS),
        durationS: list.durationS ?? 0,
        label: line === null ? bound.text : bound.text.slice(0, line.index),
        channel: bound.channel,
        note: line === null ? "" : bound.text.slice(line.index + line[0].length),
        author: dialect?.recording.author,
      });
    }
  }

  /** The annotation just read, with what its text could not say. */
  private amend(onsetS: number, originals: AnnotationOriginals): void {
    const last = this.found.at(-1);
    if (last?.onsetS !== onsetS) return; // moved by another program
    const { text, note, channel, author } = originals;
    const position = channel === undefined ? undefined : this.of.labels.get(channel);
    this.found[this.found.length - 1] = {
      ...last,
      label: text ?? last.label,
      note: note ?? last.note,
      channel: position,
      author: author ?? last.author,
      ...(channel !== undefined && position === undefined ? { channelLabel: channel } : {}),
    };
  }
}

/** Samples of two bytes are viewed in place, which needs an even address. */
const aligned = (bytes: Uint8Array): Uint8Array => (bytes.byteOffset % 2 === 0 ? bytes : bytes.slice());
