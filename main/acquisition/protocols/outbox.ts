import type { DriverEvent, Lost, LossReason } from "./protocol.ts";

/** Bytes after which a resync is told even though no frame has followed. */
const RESYNC_BYTES = 4096;

type ValueArray = Int32Array | Float64Array;

/** Samples of one stream that follow each other, until something else is told. */
class Batch {
  next = 0; // index of the sample that comes next
  #values: ValueArray;
  #reasons: Uint8Array;
  #count = 0;
  #isMasked = false;
  readonly channels: number;

  constructor(channels: number, isFractional: boolean) {
    this.channels = channels;
    this.#values = isFractional ? new Float64Array(16 * channels) : new Int32Array(16 * channels);
    this.#reasons = new Uint8Array(16 * channels);
  }

  add(values: ArrayLike<number>, reasons: ArrayLike<number>): void {
    const base = this.#count * this.channels;
    if (base === this.#values.length) this.#grow();
    for (let c = 0; c < this.channels; c++) {
      const reason = reasons[c] ?? 0;
      this.#values[base + c] = values[c] ?? 0;
      this.#reasons[base + c] = reason;
      if (reason !== 0) this.#isMasked = true;
    }
    this.#count++;
    this.next++;
  }

  take(stream: number): DriverEvent | undefined {
    const count = this.#count;
    if (count === 0) return undefined;
    const values = this.#values.slice(0, count * this.channels);
    const base = { kind: "samples", stream, first: this.next - count, count, values } as const;
    const event = this.#isMasked ? { ...base, reasons: this.#reasons.slice(0, count * this.channels) } : base;
    this.#count = 0;
    this.#isMasked = false;
    return event;
  }

  #grow(): void {
    const { length } = this.#values;
    const values =
      this.#values instanceof Int32Array ? new Int32Array(2 * length) : new Float64Array(2 * length);
    values.set(this.#values);
    this.#values = values;
    const reasons = new Uint8Array(2 * length);
    reasons.set(this.#reasons);
    this.#reasons = reasons;
  }
}

/**
 * What a driver tells, in order: counts the samples of each stream, gathers consecutive ones into one event, and tells of
 * skipped bytes before the frame that follows them, so that the cut of the bytes does not show.
 */
export class Outbox {
  readonly #batches: readonly Batch[];
  #events: DriverEvent[] = [];
  #skipped = 0;

  /** `channels`: of each stream. */
  constructor(channels: readonly number[], isFractional = false) {
    this.#batches = channels.map((count) => new Batch(count, isFractional));
  }

  /** Index of the next sample of a stream. */
  next(stream: number): number {
    return this.#batches[stream]?.next ?? 0;
  }

  /** One sample of a stream: a value and a reason for each of its channels. Both are copied. */
  sample(stream: number, values: ArrayLike<number>, reasons: ArrayLike<number>): void {
    if (this.#skipped > 0) this.#tellSkipped();
    this.#batches[stream]?.add(values, reasons);
  }

  lost(stream: number, count: number, reason: LossReason, uncertainty?: number): void {
    const batch = this.#batches[stream];
    if (batch === undefined) return;
    const lost: Lost = { kind: "lost", stream, first: batch.next, count, reason };
    this.tell(uncertainty === undefined ? lost : { ...lost, uncertainty });
    batch.next += count;
  }

  tell(event: DriverEvent): void {
    if (this.#skipped > 0) this.#tellSkipped();
    this.#close();
    this.#events.push(event);
  }

  /** Bytes that belong to no frame. */
  skip(bytes: number): void {
    this.#skipped += bytes;
    while (this.#skipped >= RESYNC_BYTES) {
      this.#close();
      this.#events.push({ kind: "resync", bytes: RESYNC_BYTES });
      this.#skipped -= RESYNC_BYTES;
    }
  }

  take(): readonly DriverEvent[] {
    this.#close();
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #tellSkipped(): void {
    this.#close();
    this.#events.push({ kind: "resync", bytes: this.#skipped });
    this.#skipped = 0;
  }

  #close(): void {
    for (const [stream, batch] of this.#batches.entries()) {
      const event = batch.take(stream);
      if (event !== undefined) this.#events.push(event);
    }
  }
}
