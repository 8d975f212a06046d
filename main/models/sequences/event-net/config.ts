import { z } from "zod";

/** Of labels in a group, and of groups: what fits a few recordings takes time by the square of the labels. */
export const MOST_CODES = 32;

/** A label as the method sees it: `shape` says which way the signal goes in it, for the rules. */
export const EventCode = z.object({
  code: z.string().min(1).max(500), // as long as a run may name it
  shape: z.enum(["rise", "fall", "any"]).default("any"),
  /** A found event is the marked one where they overlap by more than this, or by half of the shorter one. */
  matchS: z.number().min(0).max(60).default(5),
});
export type EventCode = z.infer<typeof EventCode>;

/** Labels that exclude each other and speak about one channel: a small network of their own. */
export const EventGroup = z.object({
  name: z.string().min(1).max(500),
  /** The channel without which nothing is said. */
  channel: z.enum(["fhr", "uc"]),
  codes: z.array(EventCode).min(1).max(MOST_CODES),
  /** How events come out of probabilities: where they pass a threshold, or where a rule proposes and the network accepts. */
  finding: z.enum(["threshold", "hybrid"]).default("threshold"),
  /** Share of the crops that lie around an event, the rest anywhere. */
  aroundEvents: z.number().min(0).max(1).default(0.4),
  augmentation: z.enum(["none", "short"]).default("short"),
  /** Of the crops, how many lose short stretches of the heart rate, and as many of the contractions. */
  hiddenShare: z.number().min(0).max(1).default(0.5),
  /** Temperature and class biases by the validation recordings. */
  isCalibrated: z.boolean().default(true),
  /**
   * What is learned before the first label, from all recordings, marked or not: the events a rule finds in them, or what
   * the logistic regression of the marked ones says about them. `pretrainFewOn` is for fits of few marked recordings.
   */
  pretrainOn: z.enum(["rule", "local"]).default("rule"),
  pretrainFewOn: z.enum(["rule", "local"]).default("rule"),
  pretrainSteps: z.number().int().min(0).max(20_000).default(300),
  pretrainRate: z.number().positive().max(0.1).default(3e-3),
  steps: z.number().int().min(1).max(20_000).default(850),
  rate: z.number().positive().max(0.1).default(2e-3),
});
export type EventGroup = z.infer<typeof EventGroup>;

export const EventNetConfig = z.object({
  groups: z
    .array(EventGroup)
    .min(1)
    .max(MOST_CODES)
    .refine((groups) => new Set(groups.map(({ name }) => name)).size === groups.length, "names must differ")
    .default(() => ctgGroups()),
  seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(0),
  /** Networks a group; their spread is the band. */
  members: z.number().int().min(1).max(10).default(4),
  /**
   * From this many marked recordings on a network stands by itself. Of fewer it learns in fewer steps, and the logistic
   * regression of the same recordings has a part in what it says: half of it where there is next to none.
   */
  guidedBelow: z.number().int().min(0).max(10_000).default(60),
  cropS: z.number().int().min(256).max(8192).multipleOf(64).default(1024),
  batch: z.number().int().min(1).max(256).default(16),
  weightDecay: z.number().min(0).max(1).default(1e-3),
  clipNorm: z.number().positive().max(1000).default(1),
  averaging: z.number().min(0).max(0.9999).default(0.99),
  dropout: z.number().min(0).max(0.9).default(0.1),
  /**
   * Gaps up to this are bridged by a straight line for the network; what was not observed stays so in what is said. The
   * heart rate's mask tells the network of the gap, that of the contractions does not: training data have none so short.
   */
  bridgeFhrS: z.number().int().min(0).max(60).default(0),
  bridgeUcS: z.number().int().min(0).max(60).default(30),
});
export type EventNetConfig = z.infer<typeof EventNetConfig>;

/** The two groups of a cardiotocogram, as measured (scripts/measure/RESULTS.md). */
export const ctgGroups = (): EventGroup[] => [
  EventGroup.parse({
    name: "heart-rate",
    channel: "fhr",
    codes: [
      { code: "acceleration", shape: "rise", matchS: 5 },
      { code: "deceleration", shape: "fall", matchS: 5 },
    ],
    finding: "hybrid",
  }),
  EventGroup.parse({
    name: "contractions",
    channel: "uc",
    codes: [{ code: "contraction", shape: "rise", matchS: 10 }],
    aroundEvents: 0,
    augmentation: "none",
    pretrainFewOn: "local",
    isCalibrated: false,
    steps: 550,
  }),
];
