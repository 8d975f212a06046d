import { z } from "zod";
import { DataSelection } from "./run.ts";

const Count = z.number().int().nonnegative();

/** A training's recordings, and how windows would be cut of them. */
export const EstimateAsk = DataSelection;
export type EstimateAsk = z.infer<typeof EstimateAsk>;

/**
 * About what a training would learn from, by what is stored beside the samples: durations, channels and what share of each
 * is observed, labels, readings. No sample is read and no window laid: gaps may lie elsewhere than labels, several readers
 * may mean one event, and what readers agreed upon is not asked. Labels that a run is to put aside are counted.
 */
export const RunEstimate = z.object({
  recordings: Count,
  people: Count,
  hours: z.number().nonnegative(),
  lacking: Count, // recordings without a channel that was chosen; nothing below is of them
  marked: Count, // recordings with an event of the labels
  windows: z.object({ labelled: Count, unlabelled: Count, unassessable: Count }),
  perClass: z.array(z.object({ code: z.string(), windows: Count, events: Count })), // of the background no events
});
export type RunEstimate = z.infer<typeof RunEstimate>;

/** How far a training's recordings are counted. */
export const RunCounted = z.object({ read: Count, of: Count });
export type RunCounted = z.infer<typeof RunCounted>;
