import type { CtgContext, CtgEngine, CtgSettings } from "../../../preload/contract/ctg.ts";
import { uniformFrom } from "../../signal/random.ts";
import { drawBaseline } from "./baseline/draw.ts";
import { classify, type RuleEngine } from "./engines/engine.ts";
import {
  CTG_HZ,
  type Acceleration,
  type Baseline,
  type Deceleration,
  type DecelerationType,
  type Evidence,
  type Guideline,
} from "./trace.ts";

/** A minute's probability of each class; what is missing to 1 is the probability that it cannot be assessed. */
export type ClassProbabilities = ReadonlyMap<CtgEngine, readonly Readonly<Record<string, number>>[]>;

export interface DrawPlan {
  readonly evidenceOf: (uniform: () => number) => Evidence; // one joint draw of everything; as many minutes every time
  readonly engines: readonly RuleEngine[];
  readonly context: CtgContext;
  readonly settings: CtgSettings; // how many draws
  readonly seed: number;
}

/** Yields this often, in draws. */
const EVERY = 10;

/**
 * P(class) of every engine: the rules are run again on joint draws of what they rest on, so that what is near a threshold
 * for one reason is so for all engines at once. Yields the number of draws done; the same seed gives the same shares.
 */
export function* classProbabilities(plan: DrawPlan): Generator<number, ClassProbabilities> {
  const { draws } = plan.settings;
  const counted = plan.engines.map((engine) => ({ engine, counts: new Map<string, Float64Array>() }));
  for (let draw = 0; draw < draws; draw += 1) {
    const evidence = plan.evidenceOf(uniformFrom(plan.seed, draw));
    for (const { engine, counts } of counted)
      classify(engine, evidence, plan.context, plan.settings).forEach((code, minute) => {
        if (code === undefined) return;
        const ofCode = counts.get(code) ?? new Float64Array(evidence.minutes.length);
        counts.set(code, ofCode);
        ofCode[minute] = (ofCode[minute] ?? 0) + 1;
      });
    if ((draw + 1) % EVERY === 0) yield draw + 1;
  }
  return new Map(counted.map(({ engine, counts }) => [engine.name, sharesOf(engine, counts, draws)]));
}

function sharesOf(
  { codes }: RuleEngine,
  counts: ReadonlyMap<string, Float64Array>,
  draws: number,
): Record<string, number>[] {
  const minutes = Math.max(0, ...[...counts.values()].map(({ length }) => length));
  return Array.from({ length: minutes }, (_, minute) => {
    const shares: Record<string, number> = {};
    for (const code of codes) {
      const count = counts.get(code)?.[minute] ?? 0;
      if (count > 0) shares[code] = count / draws;
    }
    return shares;
  });
}

/**
 * One joint draw: a line that the baseline may be, with every event's depth counted from it; then which events, contractions
 * and sinusoidal stretches there are, and of which type, by their probabilities. Nothing is left out of the lists: what is
 * drawn away has probability 0, so that decelerations still name their contractions.
 */
export function drawEvidence(middle: Evidence, baseline: Baseline, uniform: () => number): Evidence {
  const line = drawBaseline(baseline, uniform);
  const shiftAt = (seconds: number): number => {
    const sample = Math.min(line.length - 1, Math.max(0, Math.round(seconds * CTG_HZ)));
    return baseline.observed[sample] === 1 ? (line[sample] ?? 0) - (baseline.value[sample] ?? 0) : 0;
  };
  const isThere = (probability: number): number => (uniform() < probability ? 1 : 0);
  return {
    ...middle,
    minutes: middle.minutes.map((minute) =>
      minute.baselineBpm === undefined
        ? minute
        : { ...minute, baselineBpm: minute.baselineBpm + shiftAt(minute.fromS + 30) },
    ),
    accelerations: middle.accelerations.map((one) =>
      drawn({ ...one, depthBpm: one.depthBpm - shiftAt(one.extremumS) }, uniform()),
    ),
    decelerations: middle.decelerations.map((one) => drawDeceleration(one, shiftAt(one.extremumS), uniform)),
    contractions: middle.contractions.map((one) => ({ ...one, probability: isThere(one.probability) })),
    sinusoidal: middle.sinusoidal.map((one) => ({ ...one, probability: isThere(one.probability) })),
  };
}

/** One number decides for every guideline: what the stricter one counts the other does too. */
function drawn<E extends Acceleration | Deceleration>(event: E, chance: number): E {
  const { figo, nichd, jsog } = event.meets;
  const is = (probability: number): number => (chance < probability ? 1 : 0);
  const meets = { figo: is(figo), nichd: is(nichd), jsog: is(jsog) };
  return { ...event, meets, probability: is(event.probability) };
}

function drawDeceleration(one: Deceleration, shiftBpm: number, uniform: () => number): Deceleration {
  const depthBpm = Math.max(0, one.depthBpm + shiftBpm);
  const grown = one.depthBpm > 0 ? depthBpm / one.depthBpm : 1;
  const [chance, kind] = [uniform(), uniform()];
  const typeOf = (guideline: Guideline): Record<DecelerationType, number> =>
    drawType(one.types[guideline], kind);
  return {
    ...drawn(one, chance),
    shallowProbability: chance < one.shallowProbability ? 1 : 0,
    ...{ depthBpm, lostBeats: one.lostBeats * grown, areaBpmS: one.areaBpmS * grown },
    types: { figo: typeOf("figo"), nichd: typeOf("nichd"), jsog: typeOf("jsog") },
  };
}

const TYPES: readonly DecelerationType[] = ["early", "late", "unknown", "variable", "prolonged"];

function drawType(
  types: Readonly<Record<DecelerationType, number>>,
  kind: number,
): Record<DecelerationType, number> {
  const one = { early: 0, late: 0, variable: 0, prolonged: 0, unknown: 0 };
  let below = 0;
  const type = TYPES.find((candidate) => (below += types[candidate]) > kind) ?? "unknown";
  return { ...one, [type]: 1 };
}
