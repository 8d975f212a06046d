import { z } from "zod";
import { ChannelHeader, RecordingKind } from "../../../preload/contract/recording.ts";
import { DeclaredReading, MOST_DECLARED } from "../declared.ts";
import { StartTime } from "../start-time.ts";

/**
 * A recording as one JSON object (schema kodo-recording/1), everything but `samples` and `masks` before them:
 *
 * - `channels[i]`: label, unit, sampleRate (Hz), role, sampleType, gain, offset, sampleCount. Physical = digital * gain + offset.
 * - `samples[i]`: physical values of channel i in its unit, sample k at k / sampleRate seconds; null where not observed.
 * - `masks[i]`: why, as runs [first sample, count, reason]; `maskReasons` names the codes. A null without a run is missing in the source.
 * - `annotations`: onset and duration in seconds, label (its text) and code, author, note, and the channel's position where
 *   it is about one channel.
 * - `readings`: stretches read completely for the labels (codes) of a label set, by whom: without a label there was none to give.
 */
export const SCHEMA = "kodo-recording/1";

export const JsonHeader = z.object({
  schema: z.literal(SCHEMA),
  name: z.string(),
  kind: RecordingKind,
  subject: z.string().nullish(),
  startedAt: z.null().or(StartTime),
  facts: z.record(z.string(), z.string()).default({}),
  channels: z
    .array(
      // Any number here: the reader says which channel's is outside what it may be, and where.
      ChannelHeader.extend({
        sampleRate: z.number(),
        gain: z.number(),
        offset: z.number(),
        sampleCount: z.number().int().nonnegative().optional(),
      }),
    )
    .min(1)
    .max(4096),
  annotations: z
    .array(
      z.object({
        onsetS: z.number(),
        durationS: z.number().nonnegative(),
        label: z.string(),
        code: z.string().optional(),
        author: z.string().optional(),
        channel: z.number().int().nonnegative().nullish(),
        note: z.string().default(""),
      }),
    )
    .default([]),
  readings: z.array(DeclaredReading).max(MOST_DECLARED).optional(),
  masks: z
    .array(
      z.array(
        z.tuple([
          z.number().int().nonnegative(),
          z.number().int().positive(),
          z.number().int().min(1).max(255),
        ]),
      ),
    )
    .default([]),
});
export type JsonHeader = z.infer<typeof JsonHeader>;
