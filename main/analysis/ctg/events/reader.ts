import { CTG_HZ } from "../trace.ts";
import type { Association, Shape } from "./features.ts";
import { type Departure, type EventKind, type Excursion, signOf } from "./detect.ts";

const CONTEXT_S = 120;

/** What decides whether a reader marks an excursion, each near 0 for a usual one. The weights below are in this order. */
export function readerFeatures(
  excursion: Excursion,
  shape: Shape,
  { nadirLagS, isContractionKnown }: Association,
  departure: Departure,
): readonly number[] {
  const { from, to, depthBpm, areaBpmS, support, extremum } = excursion;
  const durationS = (to - from) / CTG_HZ;
  const long = Math.log(durationS / 30);
  const lag = (nadirLagS ?? 0) / 30;
  return [
    Math.log((depthBpm + 1) / 20),
    ...[long, long ** 2],
    Math.log((areaBpmS + 20) / 400),
    Math.log1p(beyond(excursion, departure, 15)),
    support,
    Math.log1p(shape.outS),
    Math.log1p(shape.backS),
    ((departure.baseline.value[extremum] ?? 140) - 140) / 15,
    Math.log((depthBpm + 5) / (unrest(excursion, departure) + 5)),
    Number(isCut(from - 1, departure)) + Number(isCut(to, departure)),
    Number(isContractionKnown),
    ...(nadirLagS === undefined ? [0, 1] : [lag, lag ** 2]),
  ];
}

/** Seconds beyond so many beats a minute. */
function beyond({ from, to, kind }: Excursion, { edges }: Departure, bpm: number): number {
  let count = 0;
  for (let i = from; i < to; i += 1) if (signOf(kind) * (edges.values[i] ?? 0) >= bpm) count += 1;
  return count / CTG_HZ;
}

const isCut = (beside: number, { edges }: Departure): boolean => edges.observed[beside] !== 1;

/** Root mean square of the departures within 2 min to either side of the event. */
function unrest({ from, to }: Excursion, { deviation }: Departure): number {
  let [square, count] = [0, 0];
  const add = (begin: number, end: number): void => {
    for (let i = Math.max(0, begin); i < Math.min(deviation.values.length, end); i += 1) {
      if (deviation.observed[i] !== 1) continue;
      square += (deviation.values[i] ?? 0) ** 2;
      count += 1;
    }
  };
  add(from - CONTEXT_S * CTG_HZ, from);
  add(to, to + CONTEXT_S * CTG_HZ);
  return count === 0 ? 0 : Math.sqrt(square / count);
}

/**
 * Of a logistic regression, the constant first. Learned on all 385 records of CTU-UHB from excursions against the WMFB baseline (scripts/methods/ctg/events.ts, [measured]).
 * What it reaches in records it has not seen stands in scripts/methods/RESULTS.md.
 */
const WEIGHTS: Readonly<Record<EventKind, readonly number[]>> = {
  acceleration: [
    -7.2822, -0.4727, -0.3649, -0.8399, 1.9786, 0.4715, 3.4853, 0.1734, 0.0374, 0.6955, 0.1669, -0.8637,
    0.5131, 0.022, -0.0335,
  ],
  deceleration: [
    -9.1377, -0.4164, -0.3066, -0.5921, 2.0273, 0.1495, 4.9019, 0.1383, 0.1367, -0.3488, 0.8824, -0.7582,
    0.7088, 0.0316, 0.0065,
  ],
};

/** Logit of a reader marking it. */
export const readerLogit = (kind: EventKind, features: readonly number[]): number =>
  features.reduce((sum, value, i) => sum + value * (WEIGHTS[kind][i + 1] ?? 0), WEIGHTS[kind][0] ?? 0);
