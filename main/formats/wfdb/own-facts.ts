import { z } from "zod";
import { ChannelHeader, RecordingKind } from "../../../preload/contract/recording.ts";
import { StartTime } from "../start-time.ts";

/**
 * What a WFDB header has no field for, kept in comment lines `#kodo:` of the files we write, so that our own files
 * come back exactly. Other programs see comments.
 */
export const OwnFacts = z.object({
  version: z.literal(1),
  name: z.string(),
  kind: RecordingKind,
  subject: z.string().optional(),
  startedAt: StartTime,
  channels: z.array(ChannelHeader.extend({ sampleCount: z.number().int().nonnegative() })).max(4096),
  facts: z.record(z.string(), z.string()),
});
export type OwnFacts = z.infer<typeof OwnFacts>;

/** A label as the last field of a signal line can hold it. */
export const headerLabel = (label: string): string => label.replace(/\s+/g, " ").trim().slice(0, 60).trim();

/** The ADC value of 0 physical units, rounded and bounded to what a signal line can hold. */
export const headerBaseline = (gain: number, offset: number): number =>
  Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(-offset / gain))) + 0;

/** A unit as a signal line can hold it: no blanks, never empty. */
export const headerUnit = (unit: string): string => unit.trim().replace(/\s+/g, "_") || "NU";

const MARK = "kodo:";
const CHUNK = 200; // a header line may hold 255 characters

/** As ASCII comment lines, without the `#`. */
export function ownFactLines(facts: OwnFacts): string[] {
  const text = JSON.stringify(facts).replace(
    /[^ -~]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const lines: string[] = [];
  for (let i = 0; i < text.length; i += CHUNK) lines.push(`${MARK}|${text.slice(i, i + CHUNK)}|`);
  return lines;
}

/** Our facts, where the comments hold them whole; undefined for other people's files and for damaged ones. */
export function readOwnFacts(comments: readonly string[]): OwnFacts | undefined {
  const parts = comments
    .filter((line) => line.startsWith(`${MARK}|`))
    .map((line) => line.slice(MARK.length + 1, -1));
  if (parts.length === 0) return undefined;
  try {
    const parsed = OwnFacts.safeParse(JSON.parse(parts.join("")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Header comments as facts: `name: value`, `<name>: value`, `name   value` and `name 7.14` are taken apart. */
export function factsOf(comments: readonly string[]): Record<string, string> {
  const facts: Record<string, string> = {};
  let unnamed = 0;
  for (const line of comments) {
    if (line === "" || line.startsWith(MARK) || /^-{2,}/.test(line)) continue;
    const pairs = [...line.matchAll(/<([^<>]+)>:?\s*([^<]*)/g)].map((m) => [m[1] ?? "", m[2] ?? ""] as const);
    const single =
      /^([^:]{1,40}):\s+(\S.*)$/.exec(line) ??
      /^(\S.{0,40}?)\s{2,}(\S.*)$/.exec(line) ??
      /^([A-Za-z].{0,40}?)\s+(-?\d[\d.]*|NaN)$/.exec(line);
    if (pairs.length > 0) for (const [key, value] of pairs) facts[key.trim()] = value.trim();
    else if (single) facts[(single[1] ?? "").trim()] = (single[2] ?? "").trim();
    else facts[`comment ${++unnamed}`] = line;
  }
  return facts;
}
