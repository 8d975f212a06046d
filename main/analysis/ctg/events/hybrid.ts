import { type Span, spansOf } from "../runs.ts";
import { type Baseline, type Contraction, CTG_HZ, type CtgTrace } from "../trace.ts";
import { departureOf, type EventKind, excursions, measured } from "./detect.ts";
import { byKind, type Candidate, candidates, type FindOptions, type HeartRateEvents } from "./find.ts";
import { readerLogit } from "./reader.ts";

/** What an event network says, a second each; 0 where nothing is known. */
export type NetworkProbabilities = Readonly<Record<EventKind, Float32Array>>;

/**
 * A reader's mind from the rule's measures and the network together: weights of a constant, the rule's logit, and the logits of
 * the network's mean and largest probability within ([measured] on records of CTU-UHB that the network left out, mean of five folds).
 */
type JointWeights = readonly [constant: number, ruled: number, ofMean: number, ofMost: number];

const JOINT: Readonly<Record<EventKind, JointWeights>> = {
  acceleration: [0.57, 0.41, 0.68, 0.13],
  deceleration: [0.2, 0.49, 0.42, 0.43],
};
/** Accepted from here on: the highest F1 on those records. */
const ACCEPT: Readonly<Record<EventKind, number>> = { acceleration: 0.27, deceleration: 0.35 };

/** Rule proposes, network accepts: ends and features are the rule's, what is not accepted is left out (recipe §3). */
export function acceptedEvents(
  trace: CtgTrace,
  baseline: Baseline,
  { network, ...options }: FindOptions & { readonly network: NetworkProbabilities },
): HeartRateEvents {
  const departure = departureOf(trace, baseline);
  const proposed = candidates(excursions(departure), departure, options);
  return byKind(
    proposed.flatMap((candidate) => {
      const { kind } = candidate.event;
      const readerProbability = jointProbability(candidate, network[kind]);
      return readerProbability < ACCEPT[kind] ? [] : { ...candidate.event, readerProbability, by: "both" };
    }),
  );
}

function jointProbability({ excursion, features }: Candidate, probability: Float32Array): number {
  const { kind } = excursion;
  return jointOf(JOINT[kind], readerLogit(kind, features), within(probability, excursion));
}

const jointOf = (
  [constant, ruled, ofMean, ofMost]: JointWeights,
  ownLogit: number,
  { mean, most }: Within,
): number => 1 / (1 + Math.exp(-(constant + ruled * ownLogit + ofMean * logit(mean) + ofMost * logit(most))));

/**
 * The same of contractions ([measured] on the folds of CTU-UHB in turn, what four networks together say of records that they
 * left out, mean of the five). They are likely from one half on: the constant is such that there 85 in 100 that are found
 * were marked, which finds the most that keep that share.
 */
const JOINT_CONTRACTION: JointWeights = [0.06, 0.24, 0.27, 0.62];

/** Contractions that the rule proposes, as likely as rule and network make them; as the rule has it where the network says nothing. */
export const weighedContractions = (
  contractions: readonly Contraction[],
  { probability, isKnown }: { readonly probability: Float32Array; readonly isKnown: Uint8Array }, // a second each
): Contraction[] =>
  contractions.map((one) => {
    const span = { from: one.onsetS * CTG_HZ, to: one.endS * CTG_HZ };
    const known = isKnown.subarray(Math.floor(one.onsetS), Math.ceil(one.endS));
    return 2 * known.filter((is) => is === 1).length < known.length
      ? one
      : {
          ...one,
          probability: jointOf(JOINT_CONTRACTION, logit(one.probability), within(probability, span)),
        };
  });

interface Within {
  readonly mean: number;
  readonly most: number;
}

function within(probability: Float32Array, { from, to }: Span): Within {
  const own = probability.subarray(Math.floor(from / CTG_HZ), Math.max(1, Math.ceil(to / CTG_HZ)));
  let [sum, most] = [0, 0];
  for (const p of own) {
    sum += p;
    most = Math.max(most, p);
  }
  return { mean: own.length === 0 ? 0 : sum / own.length, most };
}

const LEAST = 1e-3;
const logit = (p: number): number => {
  const inside = Math.min(1 - LEAST, Math.max(LEAST, p));
  return Math.log(inside / (1 - inside));
};

/** How the network alone says events: its probability from a threshold on ([measured] likewise), short gaps closed. */
const ALONE = { threshold: { acceleration: 0.27, deceleration: 0.39 }, gapS: 15, leastS: 15 } as const;

/** Events where the network says so, measured and typed like the rule's. Its mean probability is the reader's. */
export function networkEvents(
  trace: CtgTrace,
  baseline: Baseline,
  { network, ...options }: FindOptions & { readonly network: NetworkProbabilities },
): HeartRateEvents {
  const departure = departureOf(trace, baseline);
  const found = (["acceleration", "deceleration"] as const)
    .flatMap((kind) =>
      spansAbove(network[kind], kind, trace.count).map((span) => measured(span, kind, departure)),
    )
    .filter(({ support }) => support >= 0.5)
    .sort((a, b) => a.from - b.from);
  return byKind(
    candidates(found, departure, options).map(({ excursion, event }) => ({
      ...event,
      readerProbability: within(network[event.kind], excursion).mean,
      by: "network",
    })),
  );
}

function spansAbove(probability: Float32Array, kind: EventKind, count: number): Span[] {
  const { threshold, gapS, leastS } = ALONE;
  const closed: Span[] = [];
  for (const span of spansOf(Uint8Array.from(probability, (p) => Number(p >= threshold[kind])))) {
    const last = closed.at(-1);
    if (last !== undefined && span.from - last.to < gapS)
      closed.splice(-1, 1, { from: last.from, to: span.to });
    else closed.push(span);
  }
  return closed
    .filter(({ from, to }) => to - from >= leastS)
    .map(({ from, to }) => ({ from: from * CTG_HZ, to: Math.min(count, to * CTG_HZ) }));
}
