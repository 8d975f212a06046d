import { z } from "zod";
import { Words } from "./label-set.ts";
import { AboutMethod } from "./method.ts";
import { ChannelRole, RecordingKind } from "./recording.ts";

/** How a setting is asked for: a plain question first, or among what an expert may change. */
export const FieldLevel = z.enum(["plain", "expert"]);

const Asked = {
  key: z.string(), // in the model's configuration
  name: Words,
  hint: Words.optional(),
  level: FieldLevel,
  kinds: z.array(RecordingKind).optional(), // of recordings it is asked for; absent: of every kind
};

/** A usual value by the kind of the recordings, where it is not the usual one of all. */
const byKind = <Value extends z.ZodType>(value: Value) => z.partialRecord(RecordingKind, value).optional();

/** One setting of a model, as a page asks for it. Drawn from the model's own schema: its range, choices and default. */
export const ModelField = z.discriminatedUnion("type", [
  z.object({
    ...Asked,
    type: z.literal("number"),
    isWhole: z.boolean(),
    low: z.number().optional(),
    high: z.number().optional(),
    usual: z.number().optional(), // absent: the model chooses by the data
    usualOf: byKind(z.number()),
    isOptional: z.boolean(),
  }),
  z.object({ ...Asked, type: z.literal("switch"), usual: z.boolean(), usualOf: byKind(z.boolean()) }),
  z.object({
    ...Asked,
    type: z.literal("choice"),
    options: z.array(z.object({ value: z.string(), name: Words, hint: Words.optional() })).min(1),
    usual: z.string(),
    usualOf: byKind(z.string()),
  }),
  z.object({
    ...Asked,
    type: z.literal("group"), // left out of the configuration unless it is switched on
    fields: z.array(
      z.object({
        key: z.string(),
        name: Words,
        kinds: z.array(RecordingKind).optional(),
        low: z.number(),
        high: z.number(),
        usual: z.number(),
      }),
    ),
    suggested: z.record(RecordingKind, z.record(z.string(), z.number())), // what it is switched on with
  }),
]);
export type ModelField = z.infer<typeof ModelField>;

/** What a model can do beside what every model does. */
export const Capability = z.enum([
  "adaptation", // to a new person's own unlabelled recording
  "layers", // its layers can be read
  "density", // says how usual a window is
  "export", // as an ONNX graph
  "forecast", // looks ahead from any moment of a recording
  "live", // does so too while a recording comes in
  "fill", // says what may have been in a gap
  "baseline", // of a heart rate, with a band: a reading by rule may rest upon it
  "events", // accelerations and decelerations, likewise
  "trust", // how far what is drawn is the fetus, likewise
  "ensemble", // members that left people out judge one another
]);
export type Capability = z.infer<typeof Capability>;

/** A model one can choose: what the registry says of it to pages and to the command line. */
export const ModelDescription = z.object({
  kind: z.string(),
  name: Words,
  sentence: Words, // what it is, in one sentence
  over: z.enum(["windows", "sequences"]),
  labels: z.enum(["needed", "used", "unused"]), // used: it learns from unlabelled recordings alone too
  kinds: z.array(RecordingKind).min(1), // it can learn from
  hears: z.array(ChannelRole).optional(), // roles of the channels it looks at; absent: those its kinds are about
  mayLack: z.array(ChannelRole).optional(), // of them, what a recording may do without
  usualFor: z.array(RecordingKind), // it is the first choice of
  learning: z.enum(["descent", "rounds"]),
  can: z.array(Capability),
  fields: z.array(ModelField),
  about: AboutMethod,
});
export type ModelDescription = z.infer<typeof ModelDescription>;
