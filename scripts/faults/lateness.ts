import type { Truth } from "../../main/acquisition/simulation/scenario.ts";
import { sortedQuantile } from "../../main/signal/quantile.ts";
import type { Arrival } from "../../main/storage/samples/arrivals.ts";
import type { SentSample } from "./compare.ts";

/** What a device sent, with the time at which the line was given it, in seconds since the simulation began, and by which of its writes. */
export type PutTruth = Truth & { readonly putS: number; readonly put: number };

/** How late this machine was in a run, milliseconds. It is told beside what was measured, and excuses nothing by itself. */
export interface Lateness {
  readonly beginningMs: number; // until the processes of the recording had begun: another takes as long after a kill
  readonly loopMs: number; // the event loop of the device and the run, at worst
  readonly deviceMsP99: number; // frames put on the line after they were due
  readonly deviceMs: number; // at worst
  readonly readerMsP99: number; // reads of the recorder after their bytes were put on the line, against the quickest
  readonly readerMs: number; // at worst
}

/** A read of the recorder that is known: which sample it completed, when that was put on the line, when it had come. */
interface Read {
  readonly putS: number;
  readonly arrivedS: number;
}

export function latenessOf(
  {
    truth,
    loopS,
    beginningS,
  }: { readonly truth: readonly PutTruth[]; readonly loopS: number; readonly beginningS: number },
  reads: readonly Read[],
): Lateness {
  const device = sortedMs(truth.filter(({ fate }) => fate === "sent").map(({ putS, dueS }) => putS - dueS));
  const took = reads.map(({ putS, arrivedS }) => arrivedS - putS);
  const quickest = took.reduce((least, one) => Math.min(least, one), Infinity);
  const reader = sortedMs(took.map((one) => one - quickest));
  return {
    ...{ beginningMs: rounded(beginningS * 1e3), loopMs: rounded(loopS * 1e3) },
    ...{ deviceMsP99: at(device, 0.99), deviceMs: at(device, 1) },
    ...{ readerMsP99: at(reader, 0.99), readerMs: at(reader, 1) },
  };
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
const sortedMs = (seconds: readonly number[]): number[] =>
  seconds.map((one) => one * 1e3).sort((a, b) => a - b);
const at = (sorted: readonly number[], share: number): number =>
  sorted.length === 0 ? 0 : rounded(sortedQuantile(sorted, sorted.length, share));

/** The reads whose last sample is known to be one that was sent. */
export function readsOf(
  arrivals: readonly Arrival[],
  sentAt: (sample: number) => SentSample | undefined,
): Read[] {
  return arrivals.flatMap(({ first, count, arrivedS }) => {
    const putS = sentAt(first + count - 1)?.putS;
    return putS === undefined ? [] : [{ putS, arrivedS }];
  });
}
