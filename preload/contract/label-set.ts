import { z } from "zod";
import { ChannelRole } from "./recording.ts";

/** A name in both languages. One of them may be left out (an empty text); the other then stands for both. */
export const Words = z
  .object({ en: z.string(), ja: z.string() })
  .refine(({ en, ja }) => en.trim() !== "" || ja.trim() !== "", {
    message: "a name is needed in English or in Japanese",
  });
export type Words = z.infer<typeof Words>;

/** The text to show in a language: its own, else the other's. */
export function wordIn({ en, ja }: Words, language: "en" | "ja"): string {
  const [own, other] = language === "ja" ? [ja, en] : [en, ja];
  return own.trim() === "" ? other : own;
}

const Code = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/); // stable name used in files

export const Label = z.object({
  code: Code,
  name: Words,
  letter: z.string().max(2), // shown in event boxes: colour is never the only carrier
  key: z.string().length(1).optional(), // one-letter shortcut
  colour: z.string().regex(/^#[0-9a-fA-F]{6}$/),
  shape: z.enum(["interval", "point"]),
  group: z.string({ error: "a label stands in exactly one group: give that group's code" }),
  about: z.array(ChannelRole).min(1).optional(), // the channels it speaks about; absent: not declared, it may be any
});
export type Label = z.infer<typeof Label>;

/**
 * Labels of a group exclude each other: at any moment at most one of them holds. Groups are independent: a contraction
 * may lie under a deceleration.
 */
export const LabelGroup = z.object({ code: Code, name: Words });
export type LabelGroup = z.infer<typeof LabelGroup>;

/** The group of a set that was made before there were groups, or that needs none. */
export const ALL_LABELS: LabelGroup = { code: "all", name: { en: "All labels", ja: "すべてのラベル" } };

/** Each label names its group rather than a group its labels: so none can stand in two. */
const Grouped = z.object({
  id: Code,
  version: z.number().int().positive(),
  name: Words,
  kind: z.enum(["ctg", "emg", "other"]),
  groups: z.array(LabelGroup).min(1), // in the order they are shown
  labels: z.array(Label).min(1), // those of the first group first
});

/** As files and older libraries may have it: without groups, all labels are one. */
const Given = Grouped.extend({
  groups: z.array(LabelGroup).optional(),
  labels: z.array(Label.extend({ group: Label.shape.group.optional() })).min(1),
});

/** Saving an edited set makes a new version; annotations keep the version they were made under. */
export const LabelSet = Given.transform((set, context) => {
  const { labels, groups = [] } = set;
  if (groups.length === 0 && labels.every(({ group }) => group === undefined))
    return {
      ...set,
      groups: [ALL_LABELS],
      labels: labels.map((label) => ({ ...label, group: ALL_LABELS.code })),
    };
  const there = groups.map(({ code }) => code);
  const refuse = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: "custom", path, message });
  labels.forEach(({ code, group }, i) => {
    if (group === undefined) refuse(["labels", i, "group"], `label "${code}" stands in no group`);
    else if (!there.includes(group))
      refuse(["labels", i, "group"], `label "${code}" names group "${group}"; the set has ${listed(there)}`);
  });
  there.forEach((code, i) => {
    if (there.indexOf(code) < i) refuse(["groups", i, "code"], `two groups have the code "${code}"`);
    else if (!labels.some(({ group }) => group === code))
      refuse(["groups", i], `group "${code}" has no label`);
  });
  return { ...set, labels: there.flatMap((code) => labels.filter(({ group }) => group === code)) };
}).pipe(Grouped);
export type LabelSet = z.infer<typeof LabelSet>;

const listed = (codes: readonly string[]): string => (codes.length === 0 ? "no groups" : codes.join(", "));

/** The set with these of its labels, and the groups that they leave anything in. */
export const withLabels = <Set extends Omit<LabelSet, "version">>(set: Set, labels: Set["labels"]): Set => ({
  ...set,
  labels,
  groups: set.groups.filter(({ code }) => labels.some(({ group }) => group === code)),
});

/** The groups in their order, each with its labels in theirs. */
export const labelsByGroup = ({
  groups,
  labels,
}: Pick<LabelSet, "groups" | "labels">): readonly {
  readonly group: LabelGroup;
  readonly labels: readonly Label[];
}[] => groups.map((group) => ({ group, labels: labels.filter((label) => label.group === group.code) }));

/** Codes of the groups that these labels stand in, in the set's order. A label that the set does not have is in none. */
export const groupsOf = (
  set: Pick<LabelSet, "groups" | "labels"> | undefined,
  codes: readonly string[],
): readonly string[] =>
  (set === undefined ? [] : labelsByGroup(set))
    .filter(({ labels }) => labels.some(({ code }) => codes.includes(code)))
    .map(({ group }) => group.code);

/** The set of the words in files that no other set knows. */
export const IMPORTED_SET = "imported";
/** Its label of texts beyond those it takes; the annotation's own text says what it was. */
export const OTHER_TEXT = "other-text";

/** How often a label of a set is in use, whatever version it was given under. */
export const LabelUse = z.object({
  label: z.string(),
  annotations: z.number().int().positive().nullable(), // null: in use; how often is not told to who reads a recording blind
  recordings: z.number().int().positive().nullable(),
});
export type LabelUse = z.infer<typeof LabelUse>;
