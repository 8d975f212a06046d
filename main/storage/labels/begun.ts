import { z } from "zod";
import type { Annotation } from "../../../preload/contract/annotation.ts";
import { lengthOf } from "../../../preload/contract/channel-clock.ts";
import { BegunMark } from "../../../preload/contract/acquisition.ts";
import { channelsOf, recordingKey } from "../samples/channels.ts";
import { checked, parsedJson } from "../checked.ts";
import { type Context, LIBRARY } from "../context.ts";
import { openRecording } from "../recordings/recordings.ts";
import { addAnnotations, carryOut, listAnnotations } from "./annotations.ts";
import { begunName, forgetBegun } from "./begun-row.ts";

/** What a label says whose end nobody gave. */
export const CUT_OFF = "not ended: the recording was cut off while it was open";

const Kept = z.array(BegunMark.extend({ labelSetVersion: z.number().int().positive() }));
type Kept = z.infer<typeof Kept>;

/** In the place of what was begun before. One of a set that is not there could never be ended, and is left out. */
export function keepBegun(context: Context, recordingId: string, marks: readonly BegunMark[]): void {
  const { database } = context;
  const whole = checked(z.array(BegunMark), marks, "begun labels");
  const versionOf = (set: string): unknown =>
    database.one("SELECT max(version) AS version FROM label_set WHERE id = ?", set)["version"];
  database.write(() => {
    openRecording(context, recordingId);
    const kept = whole.map((mark) => ({ ...mark, labelSetVersion: versionOf(mark.labelSet) }));
    put(context, recordingId, Kept.parse(kept.filter(({ labelSetVersion }) => labelSetVersion !== null)));
  });
}

/**
 * The recording was cut off, within the caller's transaction. A label of which nothing was stored goes with what it was
 * about, and one whose end came in the last moment is there already. What cannot be ended keeps no library from opening:
 * it stays begun.
 */
export function endBegun(context: Context, recordingId: string): void {
  const kept = keptOf(context, recordingId);
  if (kept.length === 0) return;
  const { database } = context;
  try {
    database.part(() => {
      const endS = lengthOf(channelsOf(database, recordingKey(database, recordingId).key));
      const there = listAnnotations(context, recordingId);
      const cut = kept.filter((mark) => mark.atS < endS && !there.some((one) => isSame(one, mark)));
      const ended = cut.map(({ atS, ...mark }) => ({
        ...{ ...mark, recordingId, onsetS: atS, durationS: endS - atS, note: CUT_OFF },
        source: "person" as const,
      }));
      addAnnotations(context, ended, { isUndoable: false, by: LIBRARY });
      forgetBegun(context, recordingId);
    });
  } catch {
    // Of a label set or a recording that is damaged.
  }
}

/** The recording goes on, within the caller's transaction: what was ended for it, and nobody changed since, is open again. */
export function resumeBegun(context: Context, recordingId: string): void {
  const cut = listAnnotations(context, recordingId).filter(
    ({ note, createdAt, changedAt }) => note === CUT_OFF && createdAt === changedAt,
  );
  if (cut.length === 0) return;
  const again = cut.map(({ labelSet, labelSetVersion, label, author, onsetS }) => ({
    ...{ labelSet, labelSetVersion, label, author, atS: onsetS },
  }));
  put(context, recordingId, [...keptOf(context, recordingId), ...again]);
  const changes = cut.map((before) => ({ before, after: null }));
  carryOut(context, recordingId, { what: "remove", changes }, LIBRARY);
}

const isSame = (one: Annotation, { labelSet, label, atS }: BegunMark): boolean =>
  one.labelSet === labelSet && one.label === label && one.onsetS === atS;

function keptOf({ database }: Context, recordingId: string): Kept {
  const row = database.get("SELECT value FROM setting WHERE name = ?", begunName(recordingId));
  return Kept.safeParse(parsedJson(row?.["value"])).data ?? [];
}

function put(context: Context, recordingId: string, kept: Kept): void {
  if (kept.length === 0) {
    forgetBegun(context, recordingId);
    return;
  }
  context.database.run(
    "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ...[begunName(recordingId), JSON.stringify(kept)],
  );
}
