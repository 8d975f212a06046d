import { z } from "zod";
import { Adaptation, Prediction } from "./run.ts";
import { Verdicts } from "./verdict.ts";

/** What said it: a trained run, or a clinical rule with the settings it had. */
export const FindingOrigin = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("run"),
    runId: z.string(),
    adaptation: Adaptation.default("none"),
    version: z.string().optional(), // of the method that judges; what is learned never changes
    step: z.literal("fill").optional(), // absent: what it judges; "fill": what it puts where samples are missing
  }),
  z.object({
    kind: z.literal("rule"),
    rule: z.string(),
    version: z.string(),
    config: z.record(z.string(), z.unknown()),
  }),
]);
export type FindingOrigin = z.infer<typeof FindingOrigin>;

const floats = z.instanceof(Float32Array<ArrayBufferLike>);
const bytes = z.instanceof(Uint8Array<ArrayBufferLike>);

/** Classes of windows of equal length, as in a prediction. Matrices are row-major [windows x classes]. */
export const WindowClasses = Prediction.omit({
  runId: true,
  recordingId: true,
  adaptation: true,
  createdAt: true,
}).extend({ kind: z.literal("window-classes") });
export type WindowClasses = z.infer<typeof WindowClasses>;

/**
 * How a series is meant. `share`: with the others of its content that are, parts of a whole that sum to one. `bars`: from
 * zero upwards. `filled`: put in where samples are missing, never part of the recording.
 */
export const SeriesLook = z.enum(["share", "bars", "filled"]);
export type SeriesLook = z.infer<typeof SeriesLook>;

/** A value over time, from the recording's start, `sampleRate` values a second. Where `observed` is 0 there is none. */
export const Series = z.object({
  name: z.string(), // a label's code where it is that label's probability
  unit: z.string(), // "probability" where it is one
  over: z.string().optional(), // label of the channel it is drawn over
  sampleRate: z.number().positive(),
  value: floats,
  low: floats.optional(), // ends of its band
  high: floats.optional(),
  observed: bytes, // 1 or 0
  startS: z.number().nonnegative().optional(), // of the first value, where only a span was read
  as: SeriesLook.optional(), // absent: a line with its band
  notable: z.number().optional(), // bars above it are worth a look: where one in a hundred lies above
});
export type Series = z.infer<typeof Series>;

/** Values at which a share of what may come lies below, a step each. */
const Quantiles = z.array(z.object({ share: z.number().min(0).max(1), value: floats }));

/** One way that what comes may take. */
export const Branch = z.object({
  code: z.string().optional(), // of the label set; "none" where nothing happens
  probability: z.number().min(0).max(1),
  low: z.number().min(0).max(1).optional(), // ends of the probability's band over the members
  high: z.number().min(0).max(1).optional(),
  value: floats, // its middle, a step each
  quantiles: Quantiles.default([]),
});
export type Branch = z.infer<typeof Branch>;

/**
 * What may come, seen from one moment: quantiles a step ahead, and the ways it may part into. Value i of every array lies
 * (i + 1) x stepS after fromS; all have the same length, horizonS / stepS.
 */
export const Forecast = z.object({
  fromS: z.number().nonnegative(),
  horizonS: z.number().positive(),
  stepS: z.number().positive().default(1),
  over: z.string().optional(), // label of the channel that is looked ahead
  unit: z.string().optional(),
  quantiles: Quantiles, // of all branches together
  branches: z.array(Branch), // most probable first
  spread: z.object({ noise: floats, fork: floats, model: floats }).optional(), // shares of the variance at each step; sum to 1
  forkIndex: floats.optional(), // 0: one future; 1: two equal ones far apart
  assumed: z.array(z.object({ channel: z.string(), untilS: z.number(), value: floats })).default([]), // taken for granted of other channels, up to untilS after fromS
});
export type Forecast = z.infer<typeof Forecast>;

export const Curves = z.object({
  kind: z.literal("curves"),
  series: z.array(Series).min(1),
  forecasts: z.array(Forecast).default([]),
});
export type Curves = z.infer<typeof Curves>;

export const FoundEvent = z.object({
  onsetS: z.number().nonnegative(),
  durationS: z.number().nonnegative(),
  code: z.string(), // of the label set
  channel: z.string().optional(),
  probability: z.number().min(0).max(1).optional(),
  low: z.number().min(0).max(1).optional(), // ends of its band
  high: z.number().min(0).max(1).optional(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  clause: z.string().optional(), // of the rule that says so
});
export type FoundEvent = z.infer<typeof FoundEvent>;

/** A stretch of which nothing can be said about these labels: their channel was not observed. */
export const NotAssessable = z.object({
  onsetS: z.number().nonnegative(),
  durationS: z.number().positive(),
  codes: z.array(z.string()),
});

export const Events = z.object({
  kind: z.literal("events"),
  labelSet: z.string(),
  events: z.array(FoundEvent), // by onset
  notAssessable: z.array(NotAssessable),
  verdict: z.object({ text: z.string(), reasons: z.array(z.string()) }).optional(),
});
export type Events = z.infer<typeof Events>;

/** What a model or a rule says of a whole recording. */
export const Content = z.discriminatedUnion("kind", [WindowClasses, Curves, Events, Verdicts]);
export type Content = z.infer<typeof Content>;

export const NewFinding = z.object({ recordingId: z.string(), origin: FindingOrigin, content: Content });
export type NewFinding = z.infer<typeof NewFinding>;

const Made = z.object({
  id: z.string(),
  createdAt: z.string(),
  isOutdated: z.boolean(), // what said it, or what it rests upon, has changed since; it is kept
});

/** One shape for what anything says about a recording: drawn, stored, exported and compared the same way. */
export const Finding = NewFinding.extend(Made.shape);
export type Finding = z.infer<typeof Finding>;

const Count = z.number().int().nonnegative();
/** Of a derived channel: what trace.tiles and trace.samples read it by. */
const Position = Count;

/** A series as it is listed: its values lie in derived channels, which have tiles and gaps as recorded ones have. */
export const SeriesSummary = Series.pick({
  ...{ name: true, unit: true, over: true, sampleRate: true, as: true, notable: true },
}).extend({
  sampleCount: Count,
  value: Position,
  low: Position.optional(),
  high: Position.optional(),
});
export type SeriesSummary = z.infer<typeof SeriesSummary>;

/** What a list says of a content: enough to choose and to draw, without its arrays. */
export const ContentSummary = z.discriminatedUnion("kind", [
  WindowClasses.pick({ kind: true, classes: true, windowS: true }).extend({ windows: Count }),
  z.object({ kind: z.literal("curves"), series: z.array(SeriesSummary), forecasts: Count }),
  Events.pick({ kind: true, labelSet: true, verdict: true }).extend({
    codes: z.array(z.string()), // that occur
    events: Count,
    notAssessable: Count,
  }),
  Verdicts.omit({ verdicts: true }).extend({ verdicts: Count }),
]);
export type ContentSummary = z.infer<typeof ContentSummary>;

export const FindingSummary = NewFinding.omit({ content: true }).extend({
  ...Made.shape,
  content: ContentSummary,
});
export type FindingSummary = z.infer<typeof FindingSummary>;

/** A stretch of a recording, in seconds from its start: [fromS, toS). */
export const FindingSpan = z.object({ fromS: z.number().nonnegative(), toS: z.number().positive() });
export type FindingSpan = z.infer<typeof FindingSpan>;

/** The id under which a prediction of a run is read as a finding. */
export const predictionFindingId = ({
  runId,
  recordingId,
  adaptation,
}: Pick<Prediction, "runId" | "recordingId" | "adaptation">): string =>
  `prediction/${runId}/${recordingId}/${adaptation}`;

/** The same the other way round: undefined for what no run said, or not about windows. */
export function predictionOf({ recordingId, origin, createdAt, content }: Finding): Prediction | undefined {
  if (origin.kind !== "run" || content.kind !== "window-classes") return undefined;
  const { runId, adaptation } = origin;
  return { ...content, runId, recordingId, adaptation, createdAt };
}

/** A prediction as what it is: a run's finding about windows. */
export function findingOf(prediction: Prediction): Finding {
  const { runId, recordingId, adaptation, createdAt, ...body } = prediction;
  return {
    id: predictionFindingId(prediction),
    recordingId,
    origin: { kind: "run", runId, adaptation },
    createdAt,
    isOutdated: false,
    content: { kind: "window-classes", ...body },
  };
}
