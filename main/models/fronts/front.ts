import { AppError } from "../../../preload/contract/errors.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import type { HeardChannel } from "../../../preload/contract/channel-needs.ts";
import type { WindowGrid } from "../../signal/window.ts";

export interface SourceChannel extends ChannelHeader {
  readonly sampleCount: number;
}

/** The channels a model asked for, in its order, read in stretches so that a day of samples never lies in memory. */
export interface SignalSource {
  readonly channels: readonly SourceChannel[];
  readonly durationS: number;
  /** Physical values and the mask (1 observed, 0 not) of samples [first, first + count), clipped to the channel's end. */
  read(channel: number, first: number, count: number): { values: Float32Array; observed: Uint8Array };
}

/** Electrodes that sit on a closed bracelet: inputs of block b lie at [b * electrodes, (b + 1) * electrodes). */
export interface Ring {
  readonly electrodes: number;
  readonly blocks: number;
  readonly profiles: readonly string[]; // a block: what it measures
}

/** What the inputs of a window are: a matrix rows x columns, row-major, width = rows * columns. */
export interface FrontLayout {
  readonly width: number;
  readonly rows: readonly string[];
  readonly columns: number;
  readonly columnS: number;
  /** How inputs are brought to the network's range: one mean an input and one scale for all, one scale each, or as they are. */
  readonly scaling: "shared" | "each" | "none";
  /** The mask goes to the network as further inputs; off where it is among the rows already. */
  readonly maskInputs: boolean;
  readonly ring: Ring | undefined;
  /** A person's own mean may be taken out and their class means adapted without labels (see training/adaptation.ts). */
  readonly isAdaptable: boolean;
}

/** Inputs of consecutive windows. x is 0 where unobserved. */
export interface FeatureTable {
  readonly x: Float32Array; // [n x width]
  readonly observed: Uint8Array; // [n x width]
}

/** What turns the samples of windows into a network's inputs. A new one is one file and one line in the registry. */
export interface Front {
  readonly name: string;
  /** Samples times a factor mean the same: microvolts of a muscle do, beats a minute do not. */
  readonly mayScale: boolean;
  /** A window's inputs depend on samples after it, or on all that came before: then it cannot be judged while it comes. */
  readonly looksBeyond: boolean;
  /** Seconds before a window that it looks at besides; a stream keeps them. */
  readonly pastS?: number;
  /** The channels it looks at and what it takes them for; absent: all, for what they say they are. */
  hears?(channels: readonly ChannelHeader[]): readonly HeardChannel[];
  layout(labels: readonly string[], windowS: number): FrontLayout;
  /** Yields the number of windows done, so that the caller can show progress or stop; returns the table. */
  extract(source: SignalSource, grid: WindowGrid): Generator<number, FeatureTable>;
}

/** Inputs of one recording: 1.6 GB with their mask. A year of windows of a second has less. */
const MOST_INPUTS = 320_000_000;

export function emptyTable(count: number, width: number): FeatureTable {
  if (count * width > MOST_INPUTS)
    throw new AppError(
      "model/too-many-windows",
      `${count} windows of ${width} inputs in one recording are more than ${MOST_INPUTS}; a longer stride makes fewer`,
      { windows: count, width, allowed: MOST_INPUTS },
    );
  return {
    x: new Float32Array(count * width),
    observed: new Uint8Array(count * width),
  };
}

/** What a front hears of these channels. */
export const heardBy = (front: Front, channels: readonly ChannelHeader[]): readonly HeardChannel[] =>
  front.hears?.(channels) ?? channels.map(({ role }, index) => ({ index, role }));
