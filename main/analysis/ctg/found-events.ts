import type { FoundEvent } from "../../../preload/contract/finding.ts";
import { FIGO_CLAUSE } from "./engines/figo-classes.ts";
import { shallowLate } from "./engines/flat-trace.ts";
import { likeliestType } from "./events/types.ts";
import {
  type Acceleration,
  type Contraction,
  type Deceleration,
  type DecelerationType,
  type Evidence,
  type Guideline,
  isLikely,
} from "./trace.ts";

/** Labels that the channels of a recording have. */
export interface ReadChannels {
  readonly fhr: string;
  readonly uc: string | undefined;
}

/**
 * Events as findings keep them, by onset. Only the likely ones: the others come into the probabilities of classes. Shallow
 * late decelerations of a flat trace are among them, since FIGO counts them.
 */
export function foundEvents(evidence: Evidence, { fhr, uc }: ReadChannels): FoundEvent[] {
  const { accelerations, decelerations, contractions } = evidence;
  const shallow = [...shallowLate(evidence)].filter(({ types }) => likeliestType(types.figo) === "late");
  return [
    ...accelerations.filter(isLikely).map((one) => accelerationFound(one, fhr)),
    ...decelerations.filter(isLikely).map((one) => decelerationFound(one, fhr)),
    ...shallow.map((one) => shallowFound(one, fhr)),
    ...contractions.filter(isLikely).map((one) => contractionFound(one, uc)),
  ].sort((a, b) => a.onsetS - b.onsetS);
}

const codeOf = (type: DecelerationType): string =>
  type === "unknown" ? "deceleration" : `${type}-deceleration`;
export const decelerationCodes = (["early", "late", "variable", "prolonged", "unknown"] as const).map(codeOf);

export const rounded = (value: number, places = 2): number => Number(value.toFixed(places));

type Facts = FoundEvent["facts"];

/** Without what cannot be told. */
const told = (facts: Readonly<Record<string, number | undefined>>): Facts =>
  Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) =>
      value === undefined || !Number.isFinite(value) ? [] : [[name, rounded(value)]],
    ),
  );

const placeOf = ({ onsetS, endS, probability }: Pick<Contraction, "onsetS" | "endS" | "probability">) => ({
  onsetS,
  durationS: Math.max(0, endS - onsetS),
  probability: rounded(probability, 4),
});

const commonFacts = (one: Acceleration | Deceleration): Facts => ({
  ...told({
    ...{ extremumS: one.extremumS, extremumBpm: one.extremumBpm, depthBpm: one.depthBpm },
    ...{ areaBpmS: one.areaBpmS, support: one.support, readerProbability: one.readerProbability },
    ...Object.fromEntries(Object.entries(one.meets).map(([guideline, p]) => [`${guideline}-meets`, p])),
  }),
  by: one.by,
});

const accelerationFound = (one: Acceleration, channel: string): FoundEvent => ({
  ...{ code: "acceleration", channel, ...placeOf(one) },
  facts: { ...commonFacts(one), prolonged: Number(one.isProlonged) },
  clause: "FIGO 2015, Table 2: accelerations",
});

/** Named by its likeliest type by FIGO; what every guideline makes of it stands in its facts. */
const decelerationFound = (one: Deceleration, channel: string): FoundEvent => ({
  ...{ code: codeOf(likeliestType(one.types.figo)), channel, ...placeOf(one) },
  facts: {
    ...commonFacts(one),
    ...told({
      ...{ descentS: one.descentS, recoveryS: one.recoveryS, lostBeats: one.lostBeats },
      ...{ onsetLagS: one.onsetLagS, nadirLagS: one.nadirLagS, below80S: one.below80S },
      ...{ below70S: one.below70S, bandwidthInsideBpm: one.bandwidthInsideBpm },
      ...{ overshootBpm: one.overshootBpm },
      ...typeShares(one),
    }),
    contraction: one.isContractionKnown ? (one.contraction === undefined ? "none" : "known") : "unknown",
  },
  clause: "FIGO 2015, Table 2: decelerations",
});

function shallowFound(one: Deceleration, channel: string): FoundEvent {
  const found = decelerationFound({ ...one, probability: one.shallowProbability }, channel);
  const facts = { ...found.facts, ...told({ "figo-meets": one.shallowProbability }) };
  return { ...found, facts, clause: FIGO_CLAUSE.shallow };
}

const typeShares = ({ types }: Deceleration): Record<string, number> =>
  Object.fromEntries(
    (["figo", "nichd", "jsog"] satisfies Guideline[]).flatMap((guideline) =>
      Object.entries(types[guideline])
        .filter(([, share]) => share >= 0.005)
        .map(([type, share]) => [`${guideline}-${type}`, share]),
    ),
  );

const contractionFound = (one: Contraction, channel: string | undefined): FoundEvent => ({
  ...{ code: "contraction", ...placeOf(one) },
  ...(channel === undefined ? {} : { channel }),
  facts: told({ peakS: one.peakS, heightOverTonus: one.heightOverTonus }),
});
