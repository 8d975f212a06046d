import { CONSENSUS, DECISIONS_SET } from "../../../preload/contract/agreement.ts";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { codesReadFor, type Reading } from "../../../preload/contract/reading.ts";
import { matchRuleFor } from "./match.ts";
import type { ComparedGroup, ReadRecording } from "./readers.ts";
import type { MatchRule } from "../../../preload/contract/agreement.ts";

/** What a recording carries of readers. */
export interface Carried {
  readonly id: string;
  readonly durationS: number;
  readonly annotations: readonly Annotation[]; // of people and files
  readonly readings: readonly Reading[];
}

/** When two marks of a label of the set speak of one event. */
export const ruleIn =
  ({ kind, labels }: Pick<LabelSet, "kind" | "labels">) =>
  (code: string): MatchRule =>
    matchRuleFor(kind, labels.find((label) => label.code === code)?.about);

/**
 * What readers said of a recording in a label set. A reading counts for the groups of which its version of the set had all
 * the labels that are compared.
 */
export function readRecording(
  { id, durationS, annotations, readings }: Carried,
  {
    set,
    groups,
    setOf,
  }: {
    readonly set: LabelSet;
    readonly groups: readonly ComparedGroup[];
    readonly setOf: (version: number) => Pick<LabelSet, "labels"> | undefined;
  },
): ReadRecording {
  const placed = (one: Annotation) => ({
    ...{ id: one.id, label: one.label, channel: one.channel },
    ...{ fromS: one.onsetS, toS: one.onsetS + one.durationS },
  });
  const looked = (one: Reading): readonly string[] => {
    const of = setOf(one.labelSetVersion);
    const codes = of === undefined ? [] : codesReadFor(one, of);
    return groups
      .filter(({ labels }) => labels.every((label) => codes.includes(label)))
      .map(({ code }) => code);
  };
  return {
    ...{ id, durationS },
    marks: annotations
      .filter(({ labelSet, author }) => labelSet === set.id && author !== CONSENSUS)
      .map((one) => ({ ...placed(one), reader: one.author })),
    decided: annotations
      .filter(({ labelSet, author }) => author === CONSENSUS && [set.id, DECISIONS_SET].includes(labelSet))
      .map((one) => ({ ...placed(one), isVerdict: one.labelSet === DECISIONS_SET, note: one.note })),
    read: readings
      .filter(({ labelSet, author }) => labelSet === set.id && author !== CONSENSUS)
      .flatMap((one) =>
        looked(one).map((group) => ({
          ...{ reader: one.author, group },
          ...{ fromS: one.onsetS, toS: one.onsetS + one.durationS },
        })),
      ),
  };
}
