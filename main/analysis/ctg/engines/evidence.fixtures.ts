import { CtgContext, CtgSettings } from "../../../../preload/contract/ctg.ts";
import type { Verdict } from "../../../../preload/contract/verdict.ts";
import type {
  Acceleration,
  Contraction,
  Deceleration,
  DecelerationType,
  Evidence,
  Guideline,
  Minute,
  SinusoidalStretch,
} from "../trace.ts";
import { judge, type RuleEngine } from "./engine.ts";

type Of<T> = T | ((minute: number) => T);
const at = <T>(value: Of<T>, minute: number): T =>
  typeof value === "function" ? (value as (minute: number) => T)(minute) : value;

export interface MadeUp extends Partial<Omit<Evidence, "minutes" | "durationS">> {
  readonly minutes: number;
  readonly baselineBpm?: Of<number | undefined>;
  readonly bandwidthBpm?: Of<number | undefined>;
  readonly support?: Of<number>;
  readonly frozenShare?: Of<number>;
  readonly ucSupport?: Of<number>;
  readonly more?: (minute: number) => Partial<Minute>;
}

/** Evidence of made-up minutes: a quiet trace of 140 with a bandwidth of 12 unless told otherwise; unseen below half support. */
export function evidenceOf(made: MadeUp): Evidence {
  const minuteOf = (minute: number): Minute => {
    const support = at(made.support ?? 1, minute);
    const isSeen = support >= 0.5;
    return {
      ...{ fromS: 60 * minute, support, frozenShare: at(made.frozenShare ?? 0, minute) },
      ...{ outsideShare: 0, ucSupport: at(made.ucSupport ?? 1, minute) },
      baselineBpm: isSeen ? at("baselineBpm" in made ? made.baselineBpm : 140, minute) : undefined,
      bandwidthBpm: isSeen ? at("bandwidthBpm" in made ? made.bandwidthBpm : 12, minute) : undefined,
      ...{ stvMs: isSeen ? 6 : undefined, rangeMs: isSeen ? 40 : undefined },
      ...{ abnormalStvShare: undefined, abnormalLtvShare: undefined },
      ...made.more?.(minute),
    };
  };
  return {
    durationS: 60 * made.minutes,
    minutes: Array.from({ length: made.minutes }, (_, minute) => minuteOf(minute)),
    accelerations: made.accelerations ?? [],
    decelerations: made.decelerations ?? [],
    contractions: made.contractions ?? [],
    sinusoidal: made.sinusoidal ?? [],
    movements: made.movements ?? [],
    fetuses: made.fetuses ?? 1,
  };
}

const certain = { probability: 1, readerProbability: 1, meets: { figo: 1, nichd: 1, jsog: 1 } };

/** A stretch that is sinusoidal by every guideline. */
export const sinusoidalFrom = (fromS: number, toS: number, probability = 0.9): SinusoidalStretch => ({
  ...{ fromS, toS, probability, cyclesPerMinute: 4, amplitudeBpm: 10 },
  meets: { figo: true, nichd: true, jsog: true },
});

const onlyType = (type: DecelerationType): Record<DecelerationType, number> => ({
  ...{ early: 0, late: 0, variable: 0, prolonged: 0, unknown: 0 },
  [type]: 1,
});

export const typesOf = (type: DecelerationType): Record<Guideline, Record<DecelerationType, number>> => ({
  ...{ figo: onlyType(type), nichd: onlyType(type), jsog: onlyType(type) },
});

/** A deceleration of one type by every guideline, a minute long and 25 deep unless told otherwise. */
export function decelerationAt(
  onsetS: number,
  type: DecelerationType,
  more: Partial<Deceleration> & { readonly lastsS?: number } = {},
): Deceleration {
  const { lastsS = 60, ...rest } = more;
  return {
    ...{ kind: "deceleration", onsetS, extremumS: onsetS + lastsS / 2, endS: onsetS + lastsS },
    ...{ depthBpm: 25, extremumBpm: 115, areaBpmS: 750, support: 1, by: "rule", ...certain },
    ...{ descentS: lastsS / 2, recoveryS: lastsS / 2, contraction: undefined },
    ...{ isContractionKnown: type !== "unknown", onsetLagS: undefined, nadirLagS: undefined },
    ...{ bandwidthInsideBpm: 12, below80S: 0, below70S: 0, lostBeats: 12.5, overshootBpm: undefined },
    shallowProbability: 1,
    types: typesOf(type),
    ...rest,
  };
}

export const accelerationAt = (onsetS: number): Acceleration => ({
  ...{ kind: "acceleration", onsetS, extremumS: onsetS + 15, endS: onsetS + 30, depthBpm: 20 },
  ...{ extremumBpm: 160, areaBpmS: 400, support: 1, by: "rule", isProlonged: false, ...certain },
});

export const contractionAt = (onsetS: number, probability = 1): Contraction => ({
  ...{ onsetS, peakS: onsetS + 30, endS: onsetS + 60, heightOverTonus: 40, probability },
});

/** A contraction every so many seconds from the start on; of the chosen ones each has a deceleration, 40 s after its onset. */
export function labour(
  untilS: number,
  everyS: number,
  decelerates: (index: number) => boolean,
  type: DecelerationType,
): Pick<Evidence, "contractions" | "decelerations"> {
  const contractions = Array.from({ length: Math.floor(untilS / everyS) }, (_, i) =>
    contractionAt(i * everyS),
  );
  const decelerations = contractions.flatMap(({ onsetS }, contraction) =>
    decelerates(contraction) ? [decelerationAt(onsetS + 40, type, { contraction })] : [],
  );
  return { contractions, decelerations };
}

export const settings: CtgSettings = CtgSettings.parse({});
export const context: CtgContext = CtgContext.parse({});

/** Verdicts of an engine under the usual settings, or others. */
export const verdictsOf = (
  engine: RuleEngine,
  evidence: Evidence,
  told: { readonly context?: Partial<CtgContext>; readonly settings?: Partial<CtgSettings> } = {},
): Verdict[] => judge(engine, evidence, { ...context, ...told.context }, { ...settings, ...told.settings });

/** The class at the end of the last minute. */
export const lastCode = (...of: Parameters<typeof verdictsOf>): string | null | undefined =>
  verdictsOf(...of).at(-1)?.code;
