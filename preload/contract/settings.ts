import { z } from "zod";
import { CtgSettings } from "./ctg.ts";

export const Settings = z.object({
  language: z.enum(["system", "en", "ja"]),
  theme: z.enum(["system", "light", "dark"]),
  author: z.string(), // whose annotations these are
  pixelsPerCm: z.number().min(10).max(200), // screen calibration
  paperSpeed: z.union([z.literal(1), z.literal(2), z.literal(3)]), // cm/min
  fhrRange: z.enum(["50-210", "30-240"]),
  paperRows: z.enum(["auto", "one", "several"]), // of CTG paper; auto: as many as fit at true size; several: smaller if need be
  powerLineHz: z.union([z.literal(50), z.literal(60)]),
  recorderSound: z.boolean(), // an alarm of a recording is heard
  welcomed: z.boolean(), // the first start has said what Kodo is
  blind: z.array(z.object({ recordingId: z.string(), reader: z.string() })), // what is read without seeing what others said
  ctg: CtgSettings, // how cardiotocograms are read by rule
});
export type Settings = z.infer<typeof Settings>;

export const defaultSettings: Settings = {
  language: "system",
  theme: "system",
  author: "",
  pixelsPerCm: 37.8,
  paperSpeed: 1,
  fhrRange: "50-210",
  paperRows: "auto",
  powerLineHz: 50,
  recorderSound: true,
  welcomed: false,
  blind: [],
  ctg: CtgSettings.parse({}),
};

/** Is this recording read blind by whoever reads now: nothing of other readers, models or rules is shown of it. */
export const isReadBlind = (
  { author, blind }: Pick<Settings, "author" | "blind">,
  recordingId: string,
): boolean => blind.some((one) => one.recordingId === recordingId && one.reader === author);

/** One entry of the append-only event log. */
export const LogEntry = z.object({
  sequence: z.number().int(),
  at: z.string(),
  actor: z.string(),
  action: z.string(), // annotation.add, recording.import, run.start, ...
  subject: z.string(), // id of the thing acted on
  detail: z.string(), // JSON
});
export type LogEntry = z.infer<typeof LogEntry>;

const ofReaders = /^(annotation|mask|reading|context|finding|prediction|recording\.export)/; // an export says how many labels went along

/** Does an entry say what others labelled, or what a model or a rule found, in a recording that is read blind? */
export const tellsOfOthers = (
  { action, subject, actor }: LogEntry,
  { blind, author }: { readonly blind: ReadonlySet<string>; readonly author: string },
): boolean => blind.has(subject) && actor !== author && ofReaders.test(action);
