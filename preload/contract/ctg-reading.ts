import { z } from "zod";
import { CtgContext, CtgSettings } from "./ctg.ts";

/** Rules that read a cardiotocogram, in the order in which one rests upon another. */
export const CtgRule = z.enum([
  "ctg/false-signal",
  "ctg/baseline",
  "ctg/events",
  "ctg/variability",
  "ctg/figo-2015",
  "ctg/nichd-2008",
  "ctg/jsog-2010",
  "ctg/antepartum",
]);
export type CtgRule = z.infer<typeof CtgRule>;

/** Labels of people that readings by rule rest upon: a movement that was felt, and what they say is the fetus's heart rate. */
export const MOVEMENT = "fetal-movement";
export const TRUE_SIGNAL = "true-signal";
export const readLabels: readonly string[] = [MOVEMENT, TRUE_SIGNAL];
export const isReadByRules = ({
  label,
  source,
}: {
  readonly label: string;
  readonly source: string;
}): boolean => source === "person" && readLabels.includes(label);

/** Settings that each rule listens to, those of the rules before it included. */
const heeded: Readonly<Record<CtgRule, readonly (keyof CtgSettings)[]>> = (() => {
  const signal = ["falseSignalRunId"] as const;
  const baseline = [...signal, "baseline", "baselineRunId"] as const;
  const events = [...baseline, "events", "eventRunId"] as const;
  const engine = [...events, "draws"] as const;
  return {
    "ctg/false-signal": signal,
    "ctg/baseline": baseline,
    "ctg/events": events,
    "ctg/variability": events,
    "ctg/figo-2015": engine,
    "ctg/nichd-2008": [...engine, "strictNichd"],
    "ctg/jsog-2010": engine,
    "ctg/antepartum": [...engine, "antepartumReference"],
  };
})();

/** What a run is asked for in a reading. */
export type CtgRunPart = "baseline" | "events" | "falseSignal";

/** Runs that a reading by these settings asks; undefined: one is asked for and none is named. A name that is not asked for changes nothing. */
export const ctgRunsOf = (settings: CtgSettings): ReadonlyMap<CtgRunPart, string | undefined> => {
  const { baseline, baselineRunId, events, eventRunId, falseSignalRunId } = settings;
  const asked = new Map<CtgRunPart, string | undefined>();
  if (baseline === "run") asked.set("baseline", baselineRunId);
  if (events !== "rule") asked.set("events", eventRunId);
  if (falseSignalRunId !== undefined) asked.set("falseSignal", falseSignalRunId);
  return asked;
};

/** What of the settings a finding of the rule rests upon: its origin's `config`. Two settings with the same have the same finding. */
export function ctgConfigOf(rule: CtgRule, settings: CtgSettings): Record<string, unknown> {
  const runs = ctgRunsOf(settings);
  const said = { ...settings, baselineRunId: runs.get("baseline"), eventRunId: runs.get("events") };
  return Object.fromEntries(
    heeded[rule].flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]] as const])),
  );
}

const Fact = CtgContext.keyof().exclude(["anchors"]);

/** What is known of a recording for reading it, and where from. */
export const KnownContext = z.object({
  context: CtgContext, // what a person said, where somebody did; else what the header says
  isSaid: z.boolean(), // by a person
  header: z.partialRecord(
    Fact,
    z.object({
      value: z.union([z.number(), z.boolean()]),
      fact: z.string(), // of the recording that says so, such as "Gest. weeks"
    }),
  ),
});
export type KnownContext = z.infer<typeof KnownContext>;

export const CtgRead = z.object({
  recordingId: z.string(),
  settings: CtgSettings,
  rules: z.array(CtgRule).min(1).optional(), // whose findings are wanted; absent: of all
  channel: z.number().int().nonnegative().optional(), // position of the heart rate; absent: of several the one that saw most
});
export type CtgRead = z.infer<typeof CtgRead>;

/** How far the reading of a recording has come. */
export const CtgProgress = z.object({
  recordingId: z.string(),
  done: z.number().min(0).max(1),
  step: z.enum(["runs", "signal", "baseline", "events", "verdicts", "draws"]), // `runs`: models are asked first
});
export type CtgProgress = z.infer<typeof CtgProgress>;

const Share = z.number().min(0).max(1);

/** One number of a stretch. */
export const CtgMeasured = z.object({
  value: z.number().nullable(), // null: cannot be assessed
  support: Share, // of the stretch that it rests upon
});
export type CtgMeasured = z.infer<typeof CtgMeasured>;

/** What of a channel is not there in a stretch. */
export const CtgSignalLoss = z.object({
  missing: Share,
  longestGapS: z.number().nonnegative(),
  masked: z.array(z.object({ reason: z.number().int(), share: Share })), // by reason, the largest share first; a code of maskReasons
});
export type CtgSignalLoss = z.infer<typeof CtgSignalLoss>;

/** Numbers of a stretch of a cardiotocogram. */
export const CtgNumbers = z.object({
  fromS: z.number().nonnegative(),
  toS: z.number().positive(),
  fhr: CtgSignalLoss,
  uc: CtgSignalLoss.optional(), // absent: no contraction channel
  baseline: z.object({ figo: CtgMeasured, nichd: CtgMeasured }), // beats a minute; NICHD: to the nearest 5
  bandwidth: CtgMeasured, // beats a minute, mean over its minutes
  stvMs: CtgMeasured,
  rangeMs: CtgMeasured, // long-term variation: mean range of its minutes
  abnormalStv: CtgMeasured, // share
  abnormalLtv: CtgMeasured, // share
  events: z.array(z.object({ code: z.string(), count: z.number().int().nonnegative() })), // of the label set; that begin in it
  eventSupport: Share, // of the stretch in which accelerations and decelerations could be seen
  contractionRate: CtgMeasured, // in 10 min, over the 30 min up to its end, or over all of it where that is more
});
export type CtgNumbers = z.infer<typeof CtgNumbers>;

export const CtgMeasure = z
  .object({
    recordingId: z.string(),
    fromS: z.number().nonnegative(),
    toS: z.number().positive(),
    settings: CtgSettings,
    channel: z.number().int().nonnegative().optional(), // as above
  })
  .refine(({ fromS, toS }) => toS > fromS, { message: "a stretch ends after it begins", path: ["toS"] });
export type CtgMeasure = z.infer<typeof CtgMeasure>;
