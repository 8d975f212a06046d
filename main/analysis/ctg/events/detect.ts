import { bridgedGaps, movingMean, shareOf } from "../moving.ts";
import { type Span, spansOf } from "../runs.ts";
import { type Baseline, CTG_HZ, type CtgTrace, type Samples } from "../trace.ts";

export type EventKind = "acceleration" | "deceleration";

/** A stretch on one side of the baseline, with what it departs by. Samples. */
export interface Excursion extends Span {
  readonly kind: EventKind;
  readonly extremum: number;
  readonly depthBpm: number; // greatest departure, positive
  readonly areaBpmS: number; // of observed samples, scaled to all of them
  readonly support: number; // share of its samples that is observed
}

/** How far the heart rate is from the baseline, in beats a minute. */
export interface Departure {
  readonly trace: CtgTrace;
  readonly baseline: Baseline;
  readonly deviation: Samples; // as measured
  readonly depth: Samples; // means over 2 s
  readonly edges: Samples; // means over 3 s, short gaps bridged
}

const DEPTH_S = 2; // one sample is no departure
const EDGES_S = 3; // beat to beat a heart rate crosses its baseline within an event
/** Nine gaps in ten are no longer (ctg.md §2): an event is not two for a lost contact. What is bridged is no evidence. */
const BRIDGE_S = 15;
/**
 * Where an event ends, above or below the baseline. Measured against CTU-UHB's reader: at 0 bpm, as §4.1 has it, ends lie 5 and
 * 9 s from the marks in the middle, here 3 and 5 s.
 */
const EDGE_BPM = 3;
/** What is looked at at all: before 32 weeks, and for late decelerations, 10 bpm and 10 s count. */
const LEAST_BPM = 10;
const LEAST_S = 10;
/** Less than this observed: an event cannot be assessed. */
const LEAST_SUPPORT = 0.5;

export function departureOf(trace: CtgTrace, baseline: Baseline): Departure {
  const { fhr, count } = trace;
  const deviation = { values: new Float64Array(count), observed: new Uint8Array(count) };
  for (let i = 0; i < count; i += 1) {
    if (fhr.observed[i] !== 1 || baseline.observed[i] !== 1) continue;
    deviation.observed[i] = 1;
    deviation.values[i] = (fhr.values[i] ?? 0) - (baseline.value[i] ?? 0);
  }
  return {
    ...{ trace, baseline, deviation },
    depth: movingMean(deviation, (DEPTH_S * CTG_HZ) / 2),
    edges: movingMean(bridgedGaps(deviation, BRIDGE_S * CTG_HZ), (EDGES_S * CTG_HZ) / 2),
  };
}

/**
 * Longest stretches on one side of the baseline (ctg.md §4.1, [verified]) that depart from it by 10 bpm and last 10 s, in
 * order of time. Which of them are events, and by whose definition, is told by their probabilities.
 */
export function excursions(departure: Departure): Excursion[] {
  return (["acceleration", "deceleration"] as const)
    .flatMap((kind) =>
      spansOf(sideOf(departure, kind))
        .filter(({ from, to }) => to - from >= LEAST_S * CTG_HZ)
        .map((span) => measured(span, kind, departure)),
    )
    .filter(({ depthBpm, support }) => depthBpm >= LEAST_BPM && support >= LEAST_SUPPORT)
    .sort((a, b) => a.from - b.from);
}

export const signOf = (kind: EventKind): 1 | -1 => (kind === "acceleration" ? 1 : -1);

/** 1 where the heart rate is on the side of the event. */
function sideOf({ edges }: Departure, kind: EventKind): Uint8Array {
  const sign = signOf(kind);
  return edges.observed.map((is, i) => (is === 1 && sign * (edges.values[i] ?? 0) > EDGE_BPM ? 1 : 0));
}

export function measured(span: Span, kind: EventKind, { deviation, depth }: Departure): Excursion {
  const sign = signOf(kind);
  let [extremum, depthBpm, area] = [span.from, 0, 0];
  for (let i = span.from; i < span.to; i += 1) {
    if (deviation.observed[i] !== 1) continue;
    area += Math.max(0, sign * (deviation.values[i] ?? 0)) / CTG_HZ;
    const own = sign * (depth.values[i] ?? 0);
    if (own > depthBpm) [extremum, depthBpm] = [i, own];
  }
  const support = shareOf(deviation.observed, span.from, span.to);
  return {
    ...{ from: span.from, to: span.to, kind, extremum, depthBpm, support },
    areaBpmS: support === 0 ? 0 : area / support,
  };
}
