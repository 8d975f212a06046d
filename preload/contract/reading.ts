import { z } from "zod";

/**
 * A stretch that somebody declares to have read completely for a label set: where no label of it lies there, there was
 * none to give. Without one an unmarked stretch is unlabelled. It speaks of the labels that its version of the set has.
 */
export const Reading = z.object({
  id: z.string(),
  recordingId: z.string(),
  labelSet: z.string(),
  labelSetVersion: z.number().int().positive(),
  author: z.string(),
  onsetS: z.number().nonnegative(), // seconds from the recording's start
  durationS: z.number().positive(),
  createdAt: z.string(),
});
export type Reading = z.infer<typeof Reading>;

/** Readings of a label set that looked for all of these labels, in order of time. `codesOf` gives a version's labels. */
export const readingsFor = (
  { labelSet, labels }: { readonly labelSet: string; readonly labels: readonly string[] },
  readings: readonly Reading[],
  codesOf: (version: number) => readonly string[],
): readonly Reading[] =>
  readings
    .filter((one) => one.labelSet === labelSet)
    .filter(({ labelSetVersion }) => {
      const known = codesOf(labelSetVersion);
      return labels.every((code) => known.includes(code));
    })
    .sort((a, b) => a.onsetS - b.onsetS);

export const NewReading = Reading.omit({ id: true, createdAt: true });
export type NewReading = z.infer<typeof NewReading>;
