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

type Stretch = Pick<Reading, "onsetS" | "durationS">;

/**
 * Where all of these labels of a set were looked for, in order of time: readings that looked for each of them, and what
 * readings of single groups have in common. `setOf` gives a version of the set.
 */
export function readingsFor(
  { labelSet, labels }: { readonly labelSet: string; readonly labels: readonly string[] },
  readings: readonly Reading[],
  setOf: (version: number) => Pick<LabelSet, "labels">,
): readonly Stretch[] {
  const own = readings
    .filter((one) => one.labelSet === labelSet)
    .map((one) => ({ one, codes: codesReadFor(one, setOf(one.labelSetVersion)) }));
  const forAll = own.filter(({ codes }) => labels.every((code) => codes.includes(code)));
  const byLabel = labels.map((code) => own.filter(({ codes }) => codes.includes(code)));
  if (byLabel.every(({ length }) => length === forAll.length))
    return forAll.map(({ one }) => one).sort((a, b) => a.onsetS - b.onsetS);
  return byLabel.map((some) => joined(some.map(({ one }) => one))).reduce(inBoth);
}

/** As few stretches as cover the same. */
function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const whole: Stretch[] = [];
  for (const { onsetS, durationS } of [...stretches].sort((a, b) => a.onsetS - b.onsetS)) {
    const last = whole.at(-1);
    const untilS = last === undefined ? 0 : last.onsetS + last.durationS;
    if (last === undefined || onsetS > untilS) whole.push({ onsetS, durationS });
    else
      whole.splice(-1, 1, {
        onsetS: last.onsetS,
        durationS: Math.max(untilS, onsetS + durationS) - last.onsetS,
      });
  }
  return whole;
}

export const inBoth = (a: readonly Stretch[], b: readonly Stretch[]): readonly Stretch[] =>
  a.flatMap((one) =>
    b.flatMap((other) => {
      const onsetS = Math.max(one.onsetS, other.onsetS);
      const durationS = Math.min(one.onsetS + one.durationS, other.onsetS + other.durationS) - onsetS;
      return durationS > 0 ? [{ onsetS, durationS }] : [];
    }),
  );

export const NewReading = Reading.omit({ id: true, createdAt: true });
export type NewReading = z.infer<typeof NewReading>;
