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

export const Label = z.object({
  code: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/), // stable name used in files
  name: Words,
  letter: z.string().max(2), // shown in event boxes: colour is never the only carrier
  key: z.string().length(1).optional(), // one-letter shortcut
  colour: z.string().regex(/^#[0-9a-fA-F]{6}$/),
  shape: z.enum(["interval", "point"]),
  about: z.array(ChannelRole).min(1).optional(), // the channels it speaks about; absent: not declared, it may be any
});
export type Label = z.infer<typeof Label>;

/** Saving an edited set makes a new version; annotations keep the version they were made under. */
export const LabelSet = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  version: z.number().int().positive(),
  name: Words,
  kind: z.enum(["ctg", "emg", "other"]),
  labels: z.array(Label).min(1),
});
export type LabelSet = z.infer<typeof LabelSet>;

/** The set of the words in files that no other set knows. */
export const IMPORTED_SET = "imported";
/** Its label of texts beyond those it takes; the annotation's own text says what it was. */
export const OTHER_TEXT = "other-text";

/** How often a label of a set is in use, whatever version it was given under. */
export const LabelUse = z.object({
  label: z.string(),
  annotations: z.number().int().positive(),
  recordings: z.number().int().positive(),
});
export type LabelUse = z.infer<typeof LabelUse>;
