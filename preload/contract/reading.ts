import { z } from "zod";
import type { LabelSet } from "./label-set.ts";

/**
 * A stretch that somebody declares to have read completely for a label set: where no label of it lies there, there was
 * none to give. Without one an unmarked stretch is unlabelled. It speaks of the labels that its version of the set has.
 */
export const Reading = z.object({
  id: z.string(),
  recordingId: z.string(),
  labelSet: z.string(),
  labelSetVersion: z.number().int().positive(),
  group: z.string().optional(), // code of the group of labels that was looked for; absent: all of the set
  author: z.string(),
  onsetS: z.number().nonnegative(), // seconds from the recording's start
  durationS: z.number().positive(),
  createdAt: z.string(),
});
export type Reading = z.infer<typeof Reading>;

/** Codes of the labels that a reading looked for, in the version of the set that it names. */
export const codesReadFor = (
  { group }: Pick<Reading, "group">,
  { labels }: Pick<LabelSet, "labels">,
): readonly string[] =>
  labels.filter((label) => group === undefined || label.group === group).map(({ code }) => code);

/** Readings of a label set that looked for all of these labels, in order of time. `setOf` gives a version of the set. */
export const readingsFor = (
  { labelSet, labels }: { readonly labelSet: string; readonly labels: readonly string[] },
  readings: readonly Reading[],
  setOf: (version: number) => Pick<LabelSet, "labels">,
): readonly Reading[] =>
  readings
    .filter((one) => one.labelSet === labelSet)
    .filter((one) => {
      const known = codesReadFor(one, setOf(one.labelSetVersion));
      return labels.every((code) => known.includes(code));
    })
    .sort((a, b) => a.onsetS - b.onsetS);

export const NewReading = Reading.omit({ id: true, createdAt: true });
export type NewReading = z.infer<typeof NewReading>;
