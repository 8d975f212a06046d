import {
  type Acceleration,
  type Baseline,
  type Contraction,
  CTG_HZ,
  type CtgTrace,
  type Deceleration,
} from "../trace.ts";
import { type Departure, departureOf, type Excursion, excursions } from "./detect.ts";
import { type Association, associationOf, decelerationFeatures, type Shape, shapeOf } from "./features.ts";
import { readerFeatures, readerLogit } from "./reader.ts";
import {
  accelerationMeets,
  chanceOfBoth,
  decelerationMeets,
  type Extent,
  shallowMeets,
  typesOf,
} from "./types.ts";

/** Events by kind, each in order of time. */
export interface HeartRateEvents {
  readonly accelerations: readonly Acceleration[];
  readonly decelerations: readonly Deceleration[];
}

export interface FindOptions {
  readonly contractions: readonly Contraction[];
  readonly gestationDays?: number | undefined; // undefined: taken as 32 weeks or more
}

/** A measured excursion with the event it may be. */
export interface Candidate {
  readonly excursion: Excursion;
  readonly features: readonly number[]; // of a reader's mind
  readonly event: Acceleration | Deceleration;
}

const USUAL = { leastBpm: 15, leastS: 15 };
/** Accelerations before 32 weeks ([recalled] for FIGO, [verified] for NICHD). */
const EARLY = { leastBpm: 10, leastS: 10 };
const EARLY_UNTIL_DAYS = 32 * 7;
const PROLONGED_S = 120; // an acceleration, NICHD
const DEPTH_NOISE_BPM = 1; // of a mean over 2 s

/** Events by the rule alone (ctg.md §4), doubtful ones too. */
export function findEvents(trace: CtgTrace, baseline: Baseline, options: FindOptions): HeartRateEvents {
  const departure = departureOf(trace, baseline);
  return byKind(candidates(excursions(departure), departure, options).map(({ event }) => event));
}

export function byKind(events: readonly (Acceleration | Deceleration)[]): HeartRateEvents {
  return {
    accelerations: events.filter((event) => event.kind === "acceleration"),
    decelerations: events.filter((event) => event.kind === "deceleration"),
  };
}

/** What is known of each excursion, in their order, which is that of time. */
export function candidates(
  found: readonly Excursion[],
  departure: Departure,
  { contractions, gestationDays }: FindOptions,
): Candidate[] {
  const isEarly = gestationDays !== undefined && gestationDays < EARLY_UNTIL_DAYS;
  return found.map((excursion, i) => {
    const association = associationOf(excursion, contractions, departure);
    const shape = shapeOf(excursion, departure);
    const features = readerFeatures(excursion, shape, association, departure);
    const measures = { shape, association, features, extent: extentOf(excursion, shape) };
    const event =
      excursion.kind === "acceleration"
        ? accelerationOf(excursion, departure, measures, isEarly ? EARLY : USUAL)
        : decelerationOf(excursion, found[i + 1], departure, measures);
    return { excursion, features, event };
  });
}

interface Measures {
  readonly shape: Shape;
  readonly association: Association;
  readonly features: readonly number[];
  readonly extent: Extent;
}

const extentOf = ({ from, to, depthBpm }: Excursion, { levelSd, durationSd }: Shape): Extent => ({
  ...{ depthBpm, depthSd: Math.hypot(levelSd, DEPTH_NOISE_BPM) },
  ...{ durationS: (to - from) / CTG_HZ, durationSd },
});

function commonOf(excursion: Excursion, { trace }: Departure, { features }: Measures) {
  const { from, extremum, to, kind, depthBpm, areaBpmS, support } = excursion;
  return {
    ...{ onsetS: from / CTG_HZ, extremumS: extremum / CTG_HZ, endS: to / CTG_HZ },
    ...{ depthBpm, areaBpmS, support, extremumBpm: trace.fhr.values[extremum] ?? 0 },
    readerProbability: 1 / (1 + Math.exp(-readerLogit(kind, features))),
    by: "rule" as const,
  };
}

function accelerationOf(
  excursion: Excursion,
  departure: Departure,
  measures: Measures,
  limits: typeof USUAL,
): Acceleration {
  const meets = accelerationMeets(measures.extent, measures.shape, limits);
  return {
    ...{ kind: "acceleration", ...commonOf(excursion, departure, measures) },
    ...{ meets, probability: meets.figo, isProlonged: measures.extent.durationS >= PROLONGED_S },
  };
}

function decelerationOf(
  excursion: Excursion,
  next: Excursion | undefined,
  departure: Departure,
  measures: Measures,
): Deceleration {
  const { extent, shape, association } = measures;
  const types = typesOf({
    ...{ durationS: extent.durationS, durationSd: extent.durationSd },
    ...{ descentS: shape.outS, descentSd: shape.outSd, recoveryS: shape.backS },
    hasContraction: association.contraction !== undefined,
    ...{ onsetLagS: association.onsetLagS, nadirLagS: association.nadirLagS },
  });
  return {
    ...{ kind: "deceleration", ...commonOf(excursion, departure, measures), ...association, types },
    probability: chanceOfBoth(extent, USUAL.leastBpm, USUAL.leastS),
    meets: decelerationMeets(extent, types, USUAL),
    shallowProbability: shallowMeets(extent, USUAL.leastS),
    ...{ descentS: shape.outS, recoveryS: shape.backS },
    ...decelerationFeatures(excursion, next, departure),
  };
}
