import { z } from "zod";

export const AnnotationSource = z.enum(["person", "model", "import"]);

export const Annotation = z.object({
  id: z.string(),
  recordingId: z.string(),
  channel: z.number().int().nonnegative().optional(), // absent: the whole recording
  label: z.string(), // Label.code
  text: z.string().optional(), // as its file wrote it; absent: nothing but the label
  labelSet: z.string(),
  labelSetVersion: z.number().int().positive(),
  onsetS: z.number(), // seconds from the recording's start
  durationS: z.number().nonnegative(), // 0: a point
  author: z.string(),
  source: AnnotationSource,
  note: z.string(),
  createdAt: z.string(),
  changedAt: z.string(),
});
export type Annotation = z.infer<typeof Annotation>;

export const NewAnnotation = Annotation.omit({ id: true, createdAt: true, changedAt: true });
export type NewAnnotation = z.infer<typeof NewAnnotation>;

export const AnnotationChange = Annotation.pick({ id: true }).extend(
  Annotation.pick({
    channel: true,
    label: true,
    labelSet: true,
    labelSetVersion: true,
    onsetS: true,
    durationS: true,
    note: true,
  }).partial().shape,
);
export type AnnotationChange = z.infer<typeof AnnotationChange>;

/** A reader's own things are theirs; nobody's, where they carry no name. */
export const isAnotherReader = (author: string, reader: string): boolean =>
  author !== "" && author !== reader;

/** Said by whoever was asked about it: without it nothing of another reader is changed, removed or taken back. */
export const OfOthers = z.object({ evenOfOthers: z.boolean().optional() });

/** How far undo and redo reach for one recording, over labels, masks, readings and what is known of it. The history is stored, so both survive a restart. */
export const HistoryState = z.object({ undo: z.number().int(), redo: z.number().int() });
export type HistoryState = z.infer<typeof HistoryState>;

export const EditKind = z.enum(["annotation", "mask", "reading", "context"]);
export type EditKind = z.infer<typeof EditKind>;
export const EditWhat = z.enum(["add", "change", "remove"]);
export type EditWhat = z.infer<typeof EditWhat>;

/** Where undo or redo led. `step` is what was taken back or done again; absent where there was nothing. */
export const Travelled = z.object({
  history: HistoryState,
  step: z.object({ kind: EditKind, what: EditWhat }).optional(),
});
export type Travelled = z.infer<typeof Travelled>;
