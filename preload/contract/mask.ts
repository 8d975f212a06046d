import { z } from "zod";

/**
 * Why a sample is not observed. Codes are stored: append only, never renumber.
 * 0 is "observed"; every other code means the value beneath must not be used.
 */
export const maskReasons = {
  observed: 0,
  missingInSource: 1, // the file says so: NaN, empty cell, format sentinel, 0 in an FHR channel
  notRecorded: 2, // no block covers this time: a gap between records or segments
  droppedPacket: 3,
  deviceInvalid: 4, // the device flagged it: lost contact, poor signal
  outOfRange: 5, // beyond the declared physical or digital range
  saturated: 6,
  artefactByPerson: 7,
  artefactByModel: 8,
  damagedBlock: 9, // checksum mismatch in the library; the rest of the recording stays readable
  flatSignal: 10, // one value for a minute and longer, on a contraction channel: a belt without a signal
  notAssessable: 11, // what a finding derived: there was nothing to derive it from
  damagedPacket: 12, // it came with a wrong checksum or broken in its frame
  linkDown: 13, // unplugged, or the link to the device was gone
  stalled: 14, // the link was there and nothing valid came
  hostSlept: 15, // the computer slept
  noSignal: 16, // the device says that it has none: a blank trace, a pen lifted
  electrodeOff: 17,
  notStored: 18, // it came, and could be kept nowhere: the disk was full
} as const;
export type MaskReasonName = keyof typeof maskReasons;

export const reasonNames = Object.fromEntries(
  Object.entries(maskReasons).map(([name, code]) => [code, name]),
) as Readonly<Record<number, MaskReasonName>>;

/** `source` comes with the samples and never changes; the other layers lie above it and can be taken back. */
export const MaskLayer = z.enum(["source", "person", "rule", "model"]);
export type MaskLayer = z.infer<typeof MaskLayer>;

/** A run of unobserved samples of one channel: `first` inclusive, `count` >= 1. */
export const MaskRun = z.object({
  first: z.number().int().nonnegative(),
  count: z.number().int().positive(),
  reason: z.number().int().min(1).max(255),
});
export type MaskRun = z.infer<typeof MaskRun>;

/** A stretch that a person, a rule of the library or a model took out, on one channel or (channel undefined) on all. Times in seconds from the start. */
export const MaskSpan = z.object({
  id: z.string(),
  recordingId: z.string(),
  channel: z.number().int().nonnegative().optional(),
  layer: MaskLayer.exclude(["source"]),
  reason: z.number().int().min(1).max(255),
  onsetS: z.number(),
  durationS: z.number().positive(),
  author: z.string(),
  createdAt: z.string(),
});
export type MaskSpan = z.infer<typeof MaskSpan>;
