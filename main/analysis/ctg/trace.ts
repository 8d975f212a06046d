import type { Anchor, BaselineMethod } from "../../../preload/contract/ctg.ts";

/** Samples a second of everything that is analysed. */
export const CTG_HZ = 4;

/** Values of one channel at 4 Hz. Where `observed` is 0 the value means nothing. */
export interface Samples {
  readonly values: Float64Array;
  readonly observed: Uint8Array; // 1 or 0
}

/** A cardiotocogram as it is analysed: all channels of equal length, from the recording's start. */
export interface CtgTrace {
  readonly count: number; // samples
  readonly fhr: Samples; // beats a minute; cleaned (see cleaning.ts)
  readonly uc: Samples | undefined; // relative units or mmHg; flat for a minute: unobserved
  readonly mhr: Samples | undefined; // beats a minute
}

/** A baseline with its posterior, a value a sample of the trace. */
export interface Baseline {
  readonly value: Float64Array; // beats a minute
  readonly low: Float64Array; // ends of its 90 % band
  readonly high: Float64Array;
  readonly observed: Uint8Array; // 0: no identifiable baseline
}

/** One way to a baseline. A new one is one file and one line in baseline/registry.ts. Pure. */
export interface BaselineRule {
  readonly name: Exclude<BaselineMethod, "run">;
  readonly version: string;
  readonly source: string; // publication
  find(fhr: Samples, anchors: readonly Anchor[]): Baseline;
}

export type DecelerationType = "early" | "late" | "variable" | "prolonged" | "unknown"; // unknown: gradual, contraction unknown
export type Guideline = "figo" | "nichd" | "jsog";

export interface Contraction {
  readonly onsetS: number;
  readonly peakS: number;
  readonly endS: number;
  readonly heightOverTonus: number; // in the unit of the channel
  readonly probability: number; // doubtful ones are in the list too (isLikely)
}

interface HeartRateEvent {
  readonly onsetS: number;
  readonly extremumS: number;
  readonly endS: number;
  readonly depthBpm: number; // greatest departure from the baseline, positive
  readonly extremumBpm: number; // heart rate there
  readonly areaBpmS: number; // between trace and baseline, positive
  readonly support: number; // share of its samples that is observed
  readonly probability: number; // that it is one: above 15 bpm for above 15 s (an acceleration before 32 weeks: 10 and 10)
  readonly meets: Readonly<Record<Guideline, number>>; // probability that it is one by each guideline's own definition
  readonly readerProbability: number; // that a person who reads it marks it, as measured on CTU-UHB
  readonly by: "rule" | "network" | "both";
}

/** Lists hold doubtful events too, from 10 bpm and 10 s on: what is not drawn at random keeps those that are likely. */
export const isLikely = ({ probability }: { readonly probability: number }): boolean => probability >= 0.5;

export interface Acceleration extends HeartRateEvent {
  readonly kind: "acceleration";
  readonly isProlonged: boolean;
}

/** Features of ctg.md §4.3; undefined where they cannot be told. */
export interface Deceleration extends HeartRateEvent {
  readonly kind: "deceleration";
  readonly descentS: number; // onset to nadir
  readonly recoveryS: number;
  readonly contraction: number | undefined; // its index in the list of contractions
  readonly isContractionKnown: boolean; // contractions could be seen around the nadir
  readonly onsetLagS: number | undefined; // after the contraction's onset
  readonly nadirLagS: number | undefined; // after the contraction's peak
  readonly bandwidthInsideBpm: number | undefined; // after a smooth trend is taken out
  readonly below80S: number;
  readonly below70S: number;
  readonly lostBeats: number;
  readonly overshootBpm: number | undefined; // of an acceleration right afterwards
  readonly shallowProbability: number; // that it departs by more than 10 bpm for more than 15 s
  readonly types: Readonly<Record<Guideline, Readonly<Record<DecelerationType, number>>>>; // probabilities, sum 1
}

/** What is measured of a whole minute. Undefined: cannot be assessed. */
export interface Minute {
  readonly fromS: number; // a multiple of 60
  readonly support: number; // share of its heart-rate samples that is observed
  readonly frozenShare: number; // of its samples, left out because the heart rate does not move at all
  readonly outsideShare: number; // of its samples, left out because they lie outside what is analysed
  readonly ucSupport: number;
  readonly baselineBpm: number | undefined; // mean
  readonly bandwidthBpm: number | undefined; // outside events
  readonly stvMs: number | undefined;
  readonly rangeMs: number | undefined; // LTV: minute range
  readonly abnormalStvShare: number | undefined; // SisPorto-like: of samples that differ by less than 1 bpm from the next
  readonly abnormalLtvShare: number | undefined; // SisPorto-like: of samples whose surrounding minute spans less than 5 bpm
}

export interface SinusoidalStretch {
  readonly fromS: number;
  readonly toS: number;
  readonly cyclesPerMinute: number;
  readonly amplitudeBpm: number; // half of peak to trough
  readonly probability: number;
  readonly meets: Readonly<Record<Guideline, boolean>>; // frequency, amplitude and length of each guideline's pattern
}

/** Everything that an engine looks at: plain data, one draw of it or the middle. Times in seconds from the start. */
export interface Evidence {
  readonly durationS: number;
  readonly minutes: readonly Minute[];
  readonly accelerations: readonly Acceleration[];
  readonly decelerations: readonly Deceleration[];
  readonly contractions: readonly Contraction[];
  readonly sinusoidal: readonly SinusoidalStretch[];
  readonly movements: readonly (readonly number[])[]; // when people marked a fetal movement, in order of time: a list a person
  readonly fetuses: number; // as many as heart rates were recorded
}
