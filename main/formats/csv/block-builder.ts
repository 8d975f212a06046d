import { maskReasons } from "../../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { sampleArrays, type SampleBlock } from "../../signal/block.ts";
import { runsOf } from "../mask-runs.ts";
import { withoutGaps } from "../split-blocks.ts";

const MOST_ROWS = 16_384;
const BUFFER_BYTES = 1024 * 1024; // of all columns together
/** Shorter losses stay inside a block as masked samples; longer ones end it. */
const LONGEST_FILL = 4096;

/** What lies between two rows that do not follow each other. */
export interface GapRule {
  readonly reason: number; // notRecorded always ends the block
  readonly holdSamples: number; // repeat the row before for up to so many samples first
}

/** Gathers rows of values into blocks, one a channel, whatever gaps lie between the rows. */
export class BlockBuilder {
  private readonly columns: Float64Array[];
  private readonly reasons: Uint8Array[];
  private readonly channels: readonly ChannelHeader[];
  private readonly members: readonly number[];
  private readonly gap: GapRule;
  private readonly rows: number;
  private first = 0;
  private length = 0;
  private ready: SampleBlock[] = [];
  held = 0;

  /** `members` are the channels whose values a row has, in their order; all of them unless told. */
  constructor(channels: readonly ChannelHeader[], gap: GapRule, members = channels.map((_, i) => i)) {
    this.members = members;
    this.gap = gap;
    const own = members.map((member) => channels[member] as ChannelHeader);
    this.channels = own;
    this.rows = Math.max(
      64,
      Math.min(MOST_ROWS, Math.floor(BUFFER_BYTES / (9 * Math.max(1, channels.length)))),
    );
    this.columns = own.map(() => new Float64Array(this.rows));
    this.reasons = own.map(() => new Uint8Array(this.rows));
  }

  /** Puts a row at a sample. A sample not above the last one given replaces the last row. */
  add(sample: number, values: Float64Array, reasons: Uint8Array): void {
    const next = this.first + this.length;
    if (sample > next && this.length > 0) this.bridge(sample - next);
    if (this.length === this.rows || sample > this.first + this.length) this.flush();
    if (this.length === 0) this.first = sample;
    const at = Math.max(0, Math.min(sample, this.first + this.length) - this.first);
    for (let c = 0; c < this.columns.length; c++) {
      (this.columns[c] as Float64Array)[at] = sure(values[c]);
      (this.reasons[c] as Uint8Array)[at] = sure(reasons[c]);
    }
    this.length = Math.max(this.length, at + 1);
  }

  /** Blocks that are complete. */
  take(): SampleBlock[] {
    const blocks = this.ready;
    this.ready = [];
    return blocks;
  }

  end(): SampleBlock[] {
    this.flush();
    return this.take();
  }

  private bridge(count: number): void {
    const held = Math.min(count, this.gap.holdSamples);
    this.held += held;
    for (let i = 0; i < held; i++) this.repeat(undefined);
    if (count - held > LONGEST_FILL || this.gap.reason === maskReasons.notRecorded) return;
    for (let i = held; i < count; i++) this.repeat(this.gap.reason);
  }

  private repeat(reason: number | undefined): void {
    const from = this.length - 1;
    const values = this.columns.map((c) => sure(c[from]));
    const reasons = this.reasons.map((r) => sure(r[from]));
    if (this.length === this.rows) this.flush();
    for (let c = 0; c < this.columns.length; c++) {
      (this.columns[c] as Float64Array)[this.length] = reason === undefined ? sure(values[c]) : 0;
      (this.reasons[c] as Uint8Array)[this.length] = reason ?? sure(reasons[c]);
    }
    this.length++;
  }

  private flush(): void {
    if (this.length === 0) return;
    for (const [i, header] of this.channels.entries()) {
      const channel = sure(this.members[i]);
      const column = this.columns[i] as Float64Array;
      const reason = (this.reasons[i] as Uint8Array).subarray(0, this.length);
      const samples = new sampleArrays[header.sampleType](this.length);
      for (let at = 0; at < this.length; at++) samples[at] = sure(column[at]);
      this.ready.push(...withoutGaps({ channel, firstSample: this.first, samples, mask: runsOf(reason) }));
    }
    this.first += this.length;
    this.length = 0;
  }
}
