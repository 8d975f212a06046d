import { maskReasons } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { sampleArrays, type SampleBlock, type Samples } from "../../signal/block.ts";
import { MaskRunBuilder } from "../mask-runs.ts";
import type { ValueFormat } from "./streams.ts";

const BLOCK_SAMPLES = 16_384;
const MOST_BYTES = 4 << 20; // of all channels of a stream together
const MIN_SAMPLES = 64;

const readers: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  int8: (view, at) => view.getInt8(at),
  int16: (view, at) => view.getInt16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  double64: (view, at) => view.getFloat64(at, true),
};

/** Samples of all channels of one stream on their way to blocks. A number that is none is missing. */
export class StreamBuffer {
  readonly ready: SampleBlock[] = [];
  private readonly format: ValueFormat;
  private readonly read: (view: DataView, at: number) => number;
  private readonly firstChannel: number;
  private readonly channels: number;
  private readonly capacity: number;
  private columns: readonly { readonly values: Samples; readonly mask: MaskRunBuilder }[] = []; // one a channel
  private filled = 0;
  private first = 0; // sample of the channel that the buffers begin with

  constructor(format: ValueFormat, firstChannel: number, channels: number, samples: number) {
    this.format = format;
    this.read = sure(readers[format.name]);
    this.firstChannel = firstChannel;
    this.channels = channels;
    const fitting = Math.floor(MOST_BYTES / Math.max(1, channels * format.bytes));
    this.capacity = Math.max(1, Math.min(samples, Math.max(MIN_SAMPLES, Math.min(BLOCK_SAMPLES, fitting))));
  }

  /** One sample of every channel, for place `at` of the channels: not before the last one. */
  add(place: number, view: DataView, at: number): void {
    if (place !== this.first + this.filled) this.flush(place);
    if (this.columns.length === 0) this.start();
    const { format, filled, read } = this;
    let offset = at;
    for (const { values, mask } of this.columns) {
      const value = read(view, offset);
      if (Number.isNaN(value)) mask.add(filled, 1, maskReasons.missingInSource);
      else values[filled] = value;
      offset += format.bytes;
    }
    if (++this.filled === this.capacity) this.flush(place + 1);
  }

  /** Turns what is gathered into blocks; the next sample goes to `next`. */
  flush(next: number): void {
    for (const [c, { values, mask }] of this.filled > 0 ? this.columns.entries() : []) {
      this.ready.push({
        channel: this.firstChannel + c,
        firstSample: this.first,
        samples: this.filled === values.length ? values : values.slice(0, this.filled),
        mask: mask.done(),
      });
    }
    this.first = next;
    this.filled = 0;
    this.columns = [];
  }

  private start(): void {
    const make = sampleArrays[this.format.sampleType];
    this.columns = Array.from({ length: this.channels }, () => ({
      values: new make(this.capacity),
      mask: new MaskRunBuilder(),
    }));
  }
}
