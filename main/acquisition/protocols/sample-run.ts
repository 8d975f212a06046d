import type { DriverEvent, Samples } from "./protocol.ts";

const RUN_MAX = 4096; // samples an event; far more than a read brings

type Values = Int32Array | Float64Array;
const valuesOf = (length: number, isFractional: boolean): Values =>
  isFractional ? new Float64Array(length) : new Int32Array(length);

/** Gathers samples of consecutive index of one stream, so that a read makes one event and not one a frame. */
export class SampleRun {
  readonly #stream: number;
  readonly #channels: number;
  readonly #isFractional: boolean;
  #first = 0;
  #count = 0;
  #isMarked = false;
  #values: Values;
  #reasons: Uint8Array;

  constructor(stream: number, channels: number, isFractional = false) {
    this.#stream = stream;
    this.#channels = channels;
    this.#isFractional = isFractional;
    this.#values = valuesOf(16 * channels, isFractional);
    this.#reasons = new Uint8Array(16 * channels);
  }

  /** A sample of this index, to be filled in with `set`; what does not follow goes out before it. */
  begin(index: number, events: DriverEvent[]): void {
    if (index !== this.#first + this.#count || this.#count === RUN_MAX) this.flush(events);
    if (this.#count === 0) this.#first = index;
    this.#count += 1;
    if (this.#count * this.#channels > this.#values.length) this.#grow();
  }

  /** Value and reason (0 observed) of a channel of the sample begun last. */
  set(channel: number, value: number, reason: number): void {
    const at = (this.#count - 1) * this.#channels + channel;
    this.#values[at] = value;
    this.#reasons[at] = reason;
    if (reason !== 0) this.#isMarked = true;
  }

  /** What was gathered goes out as one event. */
  flush(events: DriverEvent[]): void {
    if (this.#count === 0) return;
    const length = this.#count * this.#channels;
    const samples: Samples = {
      kind: "samples",
      stream: this.#stream,
      first: this.#first,
      count: this.#count,
      values: this.#values.slice(0, length),
    };
    events.push(this.#isMarked ? { ...samples, reasons: this.#reasons.slice(0, length) } : samples);
    this.clear();
  }

  clear(): void {
    this.#count = 0;
    this.#isMarked = false;
  }

  #grow(): void {
    const values = valuesOf(2 * this.#values.length, this.#isFractional);
    const reasons = new Uint8Array(2 * this.#reasons.length);
    values.set(this.#values);
    reasons.set(this.#reasons);
    this.#values = values;
    this.#reasons = reasons;
  }
}
