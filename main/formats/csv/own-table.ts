import { z } from "zod";
import { CHANNELS_MAX, ChannelHeader, RecordingKind } from "../../../preload/contract/recording.ts";
import type { ByteSource } from "../format.ts";
import { parseJson } from "./preamble.ts";
import { StartTime } from "../start-time.ts";

/** A recording of several sample rates is several tables, one a rate. Each lists them all; the first stands for them. */
const Parts = z.object({
  files: z
    .array(z.string().regex(/^[^/\\]+$/))
    .min(2)
    .max(1000), // base names, side by side
  index: z.number().int().nonnegative(), // which of them this table is
  positions: z.array(z.number().int().nonnegative()), // of its channels, in the whole recording
});

/** The comment rows at the head of a table we wrote: what makes it come back exactly. One `# kodo_csv={...}` line each. */
export const OwnTable = z.object({
  version: z.literal(1),
  parts: Parts.optional(),
  name: z.string(),
  kind: RecordingKind,
  subject: z.string().optional(),
  startedAt: StartTime,
  sampleRate: z.number().positive(),
  withMask: z.boolean(),
  channels: z
    .array(ChannelHeader.extend({ sampleCount: z.number().int().nonnegative() }))
    .min(1)
    .max(CHANNELS_MAX),
  facts: z.record(z.string(), z.string()),
});
export type OwnTable = z.infer<typeof OwnTable>;

export const MARK = "# kodo_csv="; // the first bytes of a table of ours

export const ownTableLine = (own: OwnTable): string => `${MARK}${JSON.stringify(own)}`;

/** Ten thousand channels with the longest labels; a longer line is not one of ours. */
const LONGEST_LINE = 8 * 1024 * 1024;

/** The description in the first line, where the table is ours and the line is whole. */
export async function readOwnTable(source: ByteSource): Promise<OwnTable | undefined> {
  let bytes = await source.read(0, MARK.length);
  if (new TextDecoder().decode(bytes) !== MARK) return undefined;
  for (let length = 64 * 1024; ; length *= 4) {
    bytes = await source.read(0, Math.min(length, LONGEST_LINE));
    const end = bytes.findIndex((byte) => byte === 10 || byte === 13);
    if (end >= 0) return parseJson(OwnTable, new TextDecoder().decode(bytes.subarray(MARK.length, end)));
    if (bytes.length === source.size)
      return parseJson(OwnTable, new TextDecoder().decode(bytes.subarray(MARK.length)));
    if (length >= LONGEST_LINE) return undefined;
  }
}

/** The table that stands for the recording of which this one is a part; undefined where it is that table itself. */
export const mainPartOf = ({ parts }: OwnTable): string | undefined =>
  parts === undefined || parts.index === 0 ? undefined : parts.files[0];

/** Is `other` the part of `own`'s recording that it is expected to be? */
export const fitsAsPart = (own: OwnTable, other: OwnTable, index: number): boolean =>
  other.parts?.index === index &&
  other.parts.files.join("/") === own.parts?.files.join("/") &&
  other.name === own.name &&
  other.startedAt === own.startedAt &&
  other.parts.positions.length === other.channels.length;

/** Cells a row of such a table has: the time, then a value and perhaps a mask code a channel. */
export const ownWidth = (own: OwnTable): number => 1 + own.channels.length * (own.withMask ? 2 : 1);
