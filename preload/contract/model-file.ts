import { z } from "zod";
import { Words } from "./label-set.ts";
import { ChannelHeader } from "./recording.ts";
import { FrontName, Run, WINDOW_MOST_S } from "./run.ts";

/** Version of what Kodo writes into a model file. In files of the first, parameters are numbered instead of named. */
export const MODEL_FORMAT = 2;

const Count = z.number().int().nonnegative();

/** A channel as the model takes it: its rate, unit and converter are those of most recordings the model learned from. */
export const ModelChannel = ChannelHeader.extend({
  /** Other rates and units among the recordings it learned from. */
  alsoLearnedFrom: z.array(z.object({ sampleRate: z.number(), unit: z.string(), recordings: Count })),
});
export type ModelChannel = z.infer<typeof ModelChannel>;

/** A pair of inputs, float32 [1, channels, samples]: physical values, and the mask (1 observed, 0 missing). */
export const ModelInput = z.object({
  signal: z.string(),
  observed: z.string(),
  channels: z.array(z.string()),
  sampleRate: z.number(),
  samples: Count,
});
export type ModelInput = z.infer<typeof ModelInput>;

/** What a model file says of itself, in its metadata under "kodo.card". */
export const ModelCard = z.object({
  format: z.number().int().min(1).max(MODEL_FORMAT),
  name: z.string(),
  runId: z.string(),
  codeVersion: z.string(),
  trainedAt: z.string(),
  notice: Words,
  licence: z.string(),
  front: FrontName.extract(["emg-amplitude", "ctg-deviation", "window-mean"]), // those with a form as a graph
  frontText: z.string(), // what the graph computes from raw samples, and where it differs from Kodo
  windowS: z.number().positive().max(WINDOW_MOST_S),
  strideS: z.number().positive().max(WINDOW_MOST_S),
  minObserved: z.number(), // less observed of what the labels speak about: not assessable, and no number is given
  /** This and the following: absent in files of version 0.1.0, whose graphs took the mean over all channels. */
  centreS: z.number().optional(), // the part of the window that the label is judged on
  needs: z.object({ each: z.array(z.string()), together: z.array(z.string()) }).optional(), // channels, by label
  /** The signal begins this far ahead of the window, at a multiple of stepS from the recording's start; null: with it. */
  context: z
    .object({ fromS: z.number(), toS: z.number(), stepS: z.number(), lengthS: z.number() })
    .nullable(),
  inputs: z.array(ModelInput).min(1),
  /** Further inputs: where the window lies in a signal that goes beyond it. */
  places: z.array(z.object({ name: z.string(), text: z.string() })),
  outputs: z.array(z.object({ name: z.string(), shape: z.array(Count), text: z.string() })),
  channels: z.array(ModelChannel).min(1),
  labelSet: z.object({ id: z.string(), version: Count, name: Words }).nullable(),
  classes: z.array(
    z.object({
      code: z.string(),
      name: Words.nullable(),
      key: z.string().nullable(),
      colour: z.string().nullable(),
    }),
  ),
  members: Count,
  temperature: z.number(),
  calibration: z
    .object({
      subjects: z.array(z.string()),
      windows: Count,
      estimated: Count.default(0),
      eceBefore: z.number(),
      eceAfter: z.number(),
    })
    .nullable(),
  test: z
    .object({
      subjects: Count,
      windows: Count,
      accuracy: z.number(),
      balancedAccuracy: z.number(),
      nll: z.number(),
      ece: z.number(),
    })
    .nullable(),
});
export type ModelCard = z.infer<typeof ModelCard>;

/** A tensor of float32 that goes into a step, or comes out of it. */
export const StepPart = z.object({ name: z.string(), shape: z.array(Count), text: z.string() });

/** What a file says of itself that holds one step of a model of whole recordings: its memory comes out, and goes into the next. */
export const StepCard = z.object({
  format: z.literal(MODEL_FORMAT),
  ...{ name: z.string(), runId: z.string(), codeVersion: z.string(), trainedAt: z.string() },
  ...{ notice: Words, licence: z.string() },
  model: z.string(), // its kind
  classes: z.array(z.string()), // codes
  members: Count,
  inputs: z.array(StepPart).min(1),
  outputs: z.array(StepPart).min(1),
});
export type StepCard = z.infer<typeof StepCard>;

/** An exported file, and how far its numbers were from Kodo's own on windows, or steps, made up for the purpose. */
export const ModelExport = z.object({
  file: z.string(),
  bytes: Count,
  card: z.union([ModelCard, StepCard]),
  check: z.object({ windows: Count, largestDifference: z.number() }),
});
export type ModelExport = z.infer<typeof ModelExport>;

export const ModelExportRequest = z.object({
  runId: z.string(),
  directory: z.string(),
  name: z.string().min(1).optional(), // of the file; else made of the run's name
});
export type ModelExportRequest = z.infer<typeof ModelExportRequest>;

export const ModelImportRequest = z.object({ file: z.string() });
export const ModelImport = z.object({ run: Run, card: ModelCard });
export type ModelImport = z.infer<typeof ModelImport>;
