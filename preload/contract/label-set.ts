import { z } from "zod";

export const Words = z.object({ en: z.string().min(1), ja: z.string().min(1) });
export type Words = z.infer<typeof Words>;

export const Label = z.object({
  code: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/), // stable name used in files
  name: Words,
  letter: z.string().max(2), // shown in event boxes: colour is never the only carrier
  key: z.string().length(1).optional(), // one-letter shortcut
  colour: z.string().regex(/^#[0-9a-fA-F]{6}$/),
  shape: z.enum(["interval", "point"]),
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

/** How often a label of a set is in use, whatever version it was given under. */
export const LabelUse = z.object({
  label: z.string(),
  annotations: z.number().int().positive(),
  recordings: z.number().int().positive(),
});
export type LabelUse = z.infer<typeof LabelUse>;
