import { type Outcome, reportOf } from "../../../preload/contract/errors.ts";
import { addAnnotations } from "../labels/annotations.ts";
import type { WholeRecording } from "../api.ts";
import type { Growing } from "../samples/blocks.ts";
import { channelsOf } from "../samples/channels.ts";
import type { Context } from "../context.ts";
import type { NewLogEntry } from "../file/event-log.ts";
import type { Layers } from "../labels/masks.ts";
import { insertWhole } from "./recordings.ts";
import { layRulesOnWhole } from "../labels/rules.ts";
import { asAppError } from "../file/sqlite-errors.ts";

interface Parts {
  readonly context: Context;
  readonly layers: Layers;
  readonly growing: Growing;
}

/**
 * Recordings that come whole, all in one transaction: syncing the disk, and writing the pages that all of them change,
 * cost more than a small recording does. Each is a part of its own, so that a bad one leaves the others alone.
 */
export function addRecordings(parts: Parts, recordings: readonly WholeRecording[]): Outcome<null>[] {
  const { database, log } = parts.context;
  return database.write(() => {
    const entries: NewLogEntry[] = [];
    const outcomes = recordings.map((recording) => {
      const own: NewLogEntry[] = [];
      const context = { ...parts.context, log: (...some: readonly NewLogEntry[]) => void own.push(...some) };
      const outcome = addOne({ ...parts, context }, recording);
      if (outcome.ok) entries.push(...own);
      return outcome;
    });
    log(...entries);
    return outcomes;
  });
}

function addOne({ context, layers, growing }: Parts, recording: WholeRecording): Outcome<null> {
  const { database } = context;
  const { blocks, annotations, ...fields } = recording;
  try {
    database.part(() =>
      insertWhole(context, fields, (key) => {
        const channels = channelsOf(database, key);
        growing.fill(recording.id, channels, blocks);
        if (annotations.length > 0) addAnnotations(context, annotations, { isUndoable: false });
        layRulesOnWhole(context, recording.id, channels, blocks);
      }),
    );
    return { ok: true, value: null };
  } catch (error) {
    layers.forget(); // what was laid on rows that are gone
    const told = asAppError(error, database.path);
    const report = reportOf(told);
    if (report.code.startsWith("storage/")) throw told;
    return { ok: false, error: report };
  }
}
