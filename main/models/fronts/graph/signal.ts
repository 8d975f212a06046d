import { sampleAt } from "../../../signal/window.ts";
import type { SignalSource } from "../front.ts";
import type { FrontGraph } from "./front-graph.ts";

/** The samples of one window as a model file takes them, and where the window lies in them. */
export interface WindowSignal {
  readonly channels: readonly { readonly values: Float32Array; readonly observed: Float32Array }[];
  readonly onsetS: number;
  readonly endS: number;
}

/** Cuts a window, with its context where the front has one, out of a recording; unobserved where there is no recording. */
export function signalFor(
  graph: FrontGraph,
  source: SignalSource,
  windowS: number,
  onsetS: number,
): WindowSignal {
  const { context } = graph;
  const startS = context
    ? context.stepS * Math.floor((onsetS - context.beforeS) / context.stepS + 1e-9)
    : onsetS;
  const channels = source.channels.map(({ sampleRate, sampleCount }, channel) => {
    const samples = graph.samples(windowS, sampleRate);
    const first = sampleAt(startS, sampleRate);
    const from = Math.min(sampleCount, Math.max(0, first));
    const read = source.read(channel, from, Math.max(0, first + samples - from));
    const values = new Float32Array(samples);
    const observed = new Float32Array(samples);
    values.set(read.values, from - first);
    observed.set(read.observed, from - first);
    return { values, observed };
  });
  return { channels, onsetS: onsetS - startS, endS: source.durationS - startS };
}
