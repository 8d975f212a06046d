import type { DriverEvent, Lost, LossReason } from "./protocol.ts";
import { SampleRun } from "./sample-run.ts";

/** Bytes after which a resync is told even though no frame has followed. */
const RESYNC_BYTES = 4096;

interface Stream {
  readonly run: SampleRun;
  readonly channels: number;
  next: number; // index of the sample that comes next
}

/**
 * What a driver tells, in order: counts the samples of each stream, gathers consecutive ones into one event, and tells of
 * skipped bytes before the frame that follows them, so that the cut of the bytes does not show.
 */
export class Outbox {
  readonly #streams: readonly Stream[];
  #events: DriverEvent[] = [];
  #skipped = 0;

  /** `channels`: of each stream. */
  constructor(channels: readonly number[], isFractional = false) {
    this.#streams = channels.map((count, stream) => ({
      run: new SampleRun(stream, count, isFractional),
      channels: count,
      next: 0,
    }));
  }

  /** Index of the next sample of a stream. */
  next(stream: number): number {
    return this.#streams[stream]?.next ?? 0;
  }

  /** One sample of a stream: a value and a reason for each of its channels. Both are copied. */
  sample(stream: number, values: ArrayLike<number>, reasons: ArrayLike<number>): void {
    if (this.#skipped > 0) this.#tellSkipped();
    const one = this.#streams[stream];
    if (one === undefined) return;
    one.run.begin(one.next, this.#events);
    for (let c = 0; c < one.channels; c++) one.run.set(c, values[c] ?? 0, reasons[c] ?? 0);
    one.next++;
  }

  lost(stream: number, count: number, reason: LossReason, uncertainty?: number): void {
    const one = this.#streams[stream];
    if (one === undefined) return;
    const lost: Lost = { kind: "lost", stream, first: one.next, count, reason };
    this.tell(uncertainty === undefined ? lost : { ...lost, uncertainty });
    one.next += count;
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
    for (const { run } of this.#streams) run.flush(this.#events);
  }
}
