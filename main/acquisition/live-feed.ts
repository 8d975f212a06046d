import type { LiveSamples } from "../../preload/contract/acquisition.ts";
import type { LiveStream } from "./armed-device.ts";
import type { Samples } from "./protocols/protocol.ts";

interface Run {
  readonly channel: number;
  readonly first: number;
  readonly values: number[];
  readonly reasons: number[];
}

/** What came since the page was last told, channel by channel: bounded, since a page that does not look misses nothing. */
const RUN_MAX = 200_000;

export class LiveFeed {
  #runs = new Map<number, Run[]>();
  #recordingId: string | undefined;

  /** From here on indices are the recording's. */
  begin(recordingId: string): void {
    this.#recordingId = recordingId;
    this.#runs.clear();
  }

  add({ shape, channel }: LiveStream, { count, values, reasons }: Samples, index: number): void {
    const width = shape.channels.length;
    for (const [c, { gain, offset }] of shape.channels.entries()) {
      const run = this.#runAt(channel + c, index);
      for (let at = c; at < count * width; at += width) {
        const reason = reasons?.[at] ?? 0;
        run.values.push(reason === 0 ? (values[at] ?? NaN) * gain + offset : NaN);
        run.reasons.push(reason);
      }
    }
  }

  take(sentS: number): LiveSamples | undefined {
    if (this.#runs.size === 0) return undefined;
    const channels = [...this.#runs.values()].flat().map(({ channel, first, values, reasons }) => ({
      ...{ channel, first },
      values: Float32Array.from(values),
      reasons: Uint8Array.from(reasons),
    }));
    this.#runs = new Map();
    return {
      ...(this.#recordingId === undefined ? {} : { recordingId: this.#recordingId }),
      sentS,
      channels,
    };
  }

  #runAt(channel: number, first: number): Run {
    const runs = this.#runs.get(channel) ?? [];
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.values.length === first && last.values.length < RUN_MAX)
      return last;
    const run = { channel, first, values: [], reasons: [] };
    this.#runs.set(channel, [...runs, run]);
    return run;
  }
}
