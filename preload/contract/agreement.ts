import { z } from "zod";

/** Who a label that readers agreed upon belongs to, and the stretches where all is decided. */
export const CONSENSUS = "consensus";

/** The set of what can be decided beside a label: that there is nothing, or that nobody can tell. */
export const DECISIONS_SET = "decisions";
export const Verdict = z.enum(["nothing", "cannot-tell"]);
export type Verdict = z.infer<typeof Verdict>;

const Count = z.number().int().nonnegative();
const Interval = z.object({ low: z.number(), high: z.number() });

/** A value with the ends of its 95 % percentile bootstrap interval; none where there are too few units to draw from. */
export const Estimate = z.object({ value: z.number(), interval: Interval.nullable() });
export type Estimate = Readonly<z.infer<typeof Estimate>>;
/** Null: it cannot be assessed, since nothing is common, or nobody ever gave a second category. */
const MaybeEstimate = Estimate.nullable();

/** When two marks speak of one event. */
export const MatchRule = z.intersection(
  z.object({ pointS: z.number() }), // points are one event within so many seconds
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("ends"), overlapS: z.number() }), // each reaches over the other's near end by more than this
    z.object({ kind: z.literal("share"), share: z.number() }), // more than this share of the longer one is common
  ]),
);
export type MatchRule = z.infer<typeof MatchRule>;

/** Seconds by which b comes later, or lasts longer, than a, over matched events. */
const Differences = z.object({ mean: MaybeEstimate, rms: MaybeEstimate, median: MaybeEstimate });
export type Differences = z.infer<typeof Differences>;

const Pair = z.object({ a: z.string(), b: z.string() });

/** Events of a label; a is the reference: sensitivity is the share of a's events that b has, PPV the share of b's that a has. */
export const LabelPair = Pair.extend({
  ...{ eventsA: Count, eventsB: Count, matched: Count },
  ...{ f1: MaybeEstimate, sensitivity: MaybeEstimate, ppv: MaybeEstimate },
  ...{ onset: Differences, duration: Differences },
  kappa: MaybeEstimate, // this label against all else, by second
});
export type LabelPair = z.infer<typeof LabelPair>;

export const GroupPair = Pair.extend({
  commonS: z.number(), // that both read completely
  kappa: MaybeEstimate,
  observed: MaybeEstimate, // share of seconds in which both say the same
});
export type GroupPair = z.infer<typeof GroupPair>;

export const LabelAgreement = z.object({
  label: z.string(),
  rule: MatchRule,
  alpha: MaybeEstimate,
  pairs: z.array(LabelPair),
});
export type LabelAgreement = z.infer<typeof LabelAgreement>;

export const GroupAgreement = z.object({
  group: z.string(),
  commonS: z.number(), // that all of them read completely
  alpha: MaybeEstimate, // over seconds that two or more read completely
  pairs: z.array(GroupPair),
  labels: z.array(LabelAgreement), // that any of them gave, in the set's order
});
export type GroupAgreement = z.infer<typeof GroupAgreement>;

/** Two baselines of the same recordings, sample by second where both are there. */
export const BaselineAgreement = Pair.extend({
  ...{ recordings: Count, seconds: Count },
  icc: MaybeEstimate, // ICC(2,1), Shrout and Fleiss 1979
  difference: MaybeEstimate, // mean of b − a, beats a minute
});
export type BaselineAgreement = z.infer<typeof BaselineAgreement>;

const OpinionEvent = z.object({
  id: z.string(),
  label: z.string(),
  channel: Count.optional(),
  onsetS: z.number(),
  durationS: z.number(),
});
export type OpinionEvent = z.infer<typeof OpinionEvent>;

/** What a reader says of a place; no event: read completely, and nothing found. */
const Opinion = z.object({ reader: z.string(), events: z.array(OpinionEvent) });

/** What was decided of a disagreement: one of the labels, or a verdict. `id` is the annotation that holds it. */
const Decision = z.object({ id: z.string(), label: z.string(), note: z.string() });

export const Disagreement = z.object({
  recordingId: z.string(),
  group: z.string(),
  ...{ onsetS: z.number(), durationS: z.number() }, // all that was marked there
  kind: z.enum(["missed", "label", "number"]), // only some found it; named differently; marked as several events by some
  opinions: z.array(Opinion),
  decision: Decision.nullable(),
});
export type Disagreement = z.infer<typeof Disagreement>;

/** An event that all of them have: where it lies on average, and whether the consensus holds it already. */
export const Agreed = z.object({
  recordingId: z.string(),
  group: z.string(),
  label: z.string(),
  channel: Count.optional(),
  ...{ onsetS: z.number(), durationS: z.number() },
  isKept: z.boolean(),
});
export type Agreed = z.infer<typeof Agreed>;

export const Reader = z.object({
  name: z.string(),
  recordings: Count, // with labels or readings of theirs
  events: Count,
  readS: z.number(), // declared read completely, for any group
});
export type Reader = z.infer<typeof Reader>;

export const AgreementRequest = z.object({
  recordingIds: z.array(z.string()).min(1),
  labelSet: z.string().optional(), // absent: the one that most readers used
  readers: z.array(z.string()).optional(), // absent: all who declared anything read
  labels: z.array(z.string()).optional(), // absent: all
});
export type AgreementRequest = z.infer<typeof AgreementRequest>;

export const Agreement = z.object({
  labelSet: z.string(),
  labelSets: z.array(z.string()), // that readers used in these recordings
  recordings: z.array(z.object({ id: z.string(), name: z.string(), durationS: z.number() })),
  readers: z.array(Reader), // of that label set
  compared: z.array(z.string()), // of them
  /** What intervals were drawn from. Few recordings say too little: then blocks of ten minutes of all of them. */
  drawn: z.object({ unit: z.enum(["recordings", "blocks"]), units: Count }),
  groups: z.array(GroupAgreement),
  baselines: z.array(BaselineAgreement),
  disagreements: z.array(Disagreement), // in order of recording and time
  agreed: z.array(Agreed),
});
export type Agreement = z.infer<typeof Agreement>;
