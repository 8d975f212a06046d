import { z } from "zod";
import { ChannelHeader, RecordingKind } from "../../../preload/contract/recording.ts";
import { parseJson } from "./preamble.ts";
import { StartTime } from "../start-time.ts";

/** The comment rows at the head of a table we wrote: what makes it come back exactly. One `# kodo_csv={...}` line each. */
export const OwnTable = z.object({
  version: z.literal(1),
  name: z.string(),
  kind: RecordingKind,
  subject: z.string().optional(),
  startedAt: StartTime,
  sampleRate: z.number().positive(),
  withMask: z.boolean(),
  channels: z
    .array(ChannelHeader.extend({ sampleCount: z.number().int().nonnegative() }))
    .min(1)
    .max(4096),
  facts: z.record(z.string(), z.string()),
});
export type OwnTable = z.infer<typeof OwnTable>;

const MARK = "# kodo_csv=";

export const ownTableLine = (own: OwnTable): string => `${MARK}${JSON.stringify(own)}`;

/** The description in the first line, where the table is ours and it is whole. */
export function readOwnTable(head: string): OwnTable | undefined {
  const line = head.split(/\r\n|\n|\r/, 1)[0] ?? "";
  return line.startsWith(MARK) ? parseJson(OwnTable, line.slice(MARK.length)) : undefined;
}

/** Cells a row of such a table has: the time, then a value and perhaps a mask code a channel. */
export const ownWidth = (own: OwnTable): number => 1 + own.channels.length * (own.withMask ? 2 : 1);
