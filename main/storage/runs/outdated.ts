import { readLabels } from "../../../preload/contract/ctg-reading.ts";
import { recordingKey } from "../samples/channels.ts";
import type { Context } from "../context.ts";
import { amend } from "../file/seal.ts";

/** A run or a rule, by its id or name, with the version that it has now. */
export interface FindingMaker {
  readonly maker: string;
  readonly version: string;
}

/** What findings rest upon. The texts are for comparing only. */
export interface Basis {
  readonly samples: string; // another as soon as samples or masks are others
  readonly whole: string; // also as soon as what is known of the recording is another: of findings of rules
}

/** Marks what another version of the maker said, in every recording. Says which recordings had such findings. */
export function outdateFindings(context: Context, { maker, version }: FindingMaker): string[] {
  const rows = context.database.all(
    `SELECT f.id, r.id AS recording FROM finding f JOIN recording r ON r.key = f.recording
     WHERE f.maker = ? AND f.version <> ? AND f.is_outdated = 0`,
    maker,
    version,
  );
  outdate(
    context,
    rows.map(({ id }) => String(id)),
  );
  return [...new Set(rows.map(({ recording }) => String(recording)))];
}

/** What rules said of a recording rests upon other samples, or other facts, than it has now. */
export function outdateRules(context: Context, recording: number): void {
  const rows = context.database.all(
    "SELECT id FROM finding WHERE recording = ? AND run IS NULL AND is_outdated = 0",
    recording,
  );
  outdate(
    context,
    rows.map(({ id }) => String(id)),
  );
}

/** What rules said that asked a run: their settings name it. It is in the bin or gone. */
export function outdateByRun(context: Context, runId: string): void {
  const rows = context.database.all(
    "SELECT id FROM finding WHERE run IS NULL AND is_outdated = 0 AND instr(origin, ?) > 0",
    JSON.stringify(runId),
  );
  outdate(
    context,
    rows.map(({ id }) => String(id)),
  );
}

export function outdate({ database }: Context, ids: readonly string[]): void {
  for (const id of ids)
    amend(database, "finding", ["id = ?", id], () =>
      database.run("UPDATE finding SET is_outdated = 1 WHERE id = ?", id),
    );
}

/** Other texts as soon as samples and masks, or also what is known of a recording and the labels that rules rest upon, are others. */
export function basisOf({ database }: Context, recordingId: string): Basis {
  const { key } = recordingKey(database, recordingId);
  const recording = database.get("SELECT mask_revision FROM recording WHERE key = ?", key);
  const said = database.get("SELECT row_crc FROM ctg_context WHERE recording = ?", key);
  const labels = database.get(
    `SELECT count(*) AS count, total(row_crc) AS sum FROM annotation
     WHERE recording = ? AND label IN (${readLabels.map(() => "?").join(", ")}) AND source = 'person'`,
    key,
    ...readLabels,
  );
  const counts = database.all(
    "SELECT sample_count FROM channel WHERE recording = ? AND origin IS NULL ORDER BY position",
    key,
  );
  const samples = JSON.stringify([recording?.["mask_revision"], counts.map((row) => row["sample_count"])]);
  const marked = [labels?.["count"], labels?.["sum"]];
  return {
    samples,
    whole: JSON.stringify([samples, said?.["row_crc"] ?? null, marked]),
  };
}
