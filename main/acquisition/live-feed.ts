import type { LiveSamples } from "../../preload/contract/acquisition.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { physicalOf, type Piece, type SamplePiece } from "../signal/piece.ts";
import { type LiveView, liveViewOf } from "./live-filter.ts";

interface Run {
  readonly first: number;
  readonly gap: number | undefined; // reason of what is missing before it
  readonly values: number[];
  readonly filtered: number[]; // empty where the channel has no filter
  readonly reasons: number[];
}

interface Watched {
  readonly view: LiveView | undefined;
  gap?: number | undefined; // reason of what did not come since the last sample
  next: number; // index of the sample that follows the last
  runs: Run[];
}

/** What came since the page was last told, channel by channel: bounded, since a page that does not look misses nothing. */
const RUN_MAX = 200_000;

/**
 * What is on the line now. A recording's samples are those that it stores, filtered from its first one on: the same
 * recording gives the same view.
 */
export class LiveFeed {
  readonly #channels = new Map<number, Watched>();
  readonly #powerLineHz: number;
  #recordingId: string | undefined;

  constructor(powerLineHz: number) {
    this.#powerLineHz = powerLineHz;
  }

  /** From here on indices are the recording's. */
  begin(recordingId: string): void {
    this.#recordingId = recordingId;
    this.#channels.clear();
  }

  add(piece: Piece, headers: readonly ChannelHeader[]): void {
    if (piece.kind === "gap") {
      for (const at of headers.keys()) {
        const channel = this.#channels.get(piece.channel + at);
        if (channel !== undefined) channel.gap = piece.reason;
      }
      return; // how long it is, the index of what follows tells
    }
    for (const [at, header] of headers.entries()) this.#add(piece, header, at);
  }

  #add(piece: SamplePiece, header: ChannelHeader, at: number): void {
    const channel = this.#channel(piece.channel + at, header, piece.first);
    const { values, reasons } = physicalOf(piece, header, at);
    const run = runAt(channel, piece.first);
    const filter = channel.view?.filter;
    filter?.skip(piece.first - channel.next);
    for (const [i, reason] of reasons.entries()) {
      const value = reason === 0 ? (values[i] ?? NaN) : NaN;
      run.values.push(value);
      run.reasons.push(reason);
      if (filter === undefined) continue;
      if (reason === 0) run.filtered.push(filter.next(value));
      else {
        filter.skip(1);
        run.filtered.push(NaN);
      }
    }
    channel.next = piece.first + piece.count;
  }

  take(sentS: number): LiveSamples | undefined {
    const channels = [...this.#channels].flatMap(([channel, one]) => {
      const { runs, view } = one;
      one.runs = [];
      return runs.map(({ first, gap, values, filtered, reasons }) => ({
        ...{ channel, first, ...(gap === undefined ? {} : { gap }) },
        values: Float32Array.from(values),
        ...(view === undefined ? {} : { filtered: Float32Array.from(filtered) }),
        reasons: Uint8Array.from(reasons),
      }));
    });
    if (channels.length === 0) return undefined;
    return {
      ...(this.#recordingId === undefined ? {} : { recordingId: this.#recordingId }),
      sentS,
      channels,
    };
  }

  /** One that goes on at an earlier index than it had is another stretch of time. */
  #channel(position: number, header: ChannelHeader, first: number): Watched {
    const known = this.#channels.get(position);
    if (known !== undefined && first >= known.next) return known;
    const view = liveViewOf(header, this.#powerLineHz);
    const made = { view, next: first, runs: known?.runs ?? [] };
    this.#channels.set(position, made);
    return made;
  }
}

function runAt(channel: Watched, first: number): Run {
  const { runs, next, gap } = channel;
  const last = runs.at(-1);
  if (last !== undefined && next === first && last.values.length < RUN_MAX) return last;
  const run = { first, gap, values: [], filtered: [], reasons: [] };
  channel.gap = undefined;
  runs.push(run);
  return run;
}
