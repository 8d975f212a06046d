import { existsSync, renameSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { AppError } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { APPLICATION_ID, Database } from "../file/database.ts";
import { makePrivate } from "../file/private-files.ts";
import { refuseForeignSchema, schemaDigest, type SchemaObject, schemaOf } from "../file/schema-check.ts";
import { sql as recordings } from "./0001-recordings.ts";
import { sql as runs } from "./0002-runs.ts";
import { sql as runNotes } from "./0003-run-notes.ts";
import { sql as editSteps } from "./0004-edit-steps.ts";
import { sql as readings } from "./0005-readings.ts";
import { sql as checks } from "./0006-checks.ts";
import { sql as ruleMasks } from "./0007-rule-masks.ts";
import { sql as annotationText } from "./0008-annotation-text.ts";
import { sql as labelGroups } from "./0009-label-groups.ts";
import { sql as predictionParts } from "./0010-prediction-parts.ts";
import { sql as jobs } from "./0011-jobs.ts";
import { sql as findings } from "./0012-findings.ts";
import { sql as arrivals } from "./0013-arrivals.ts";
import { sql as ctgReadings } from "./0014-ctg-readings.ts";
import { sql as listing } from "./0015-listing.ts";
import { sql as studies } from "./0016-studies.ts";
import { sql as masksChanged } from "./0017-masks-changed.ts";
import { sql as passes } from "./0018-passes.ts";
import { sql as clockLines } from "./0019-clock-lines.ts";
import { sql as lengths } from "./0020-lengths.ts";

/** In order, forward only; a published one is never edited. */
const migrations: readonly string[] = [
  recordings,
  runs,
  runNotes,
  editSteps,
  readings,
  checks,
  ruleMasks,
  annotationText,
  labelGroups,
  predictionParts,
  jobs,
  findings,
  arrivals,
  ctgReadings,
  listing,
  studies,
  masksChanged,
  passes,
  clockLines,
  lengths,
];
export const SCHEMA = migrations.length;

/** Digest of what all of them make of a fresh database: one that has it needs no other made beside it to be compared with. */
export const OWN_DIGEST = "1bfc9a13b263630053919ef21499fe1f1b1ef467a6e99cb2a878384da5d8c4cd";

/** Throws unless the file is a library this version can use. Changes nothing. */
export function checkSchema(database: Database): void {
  const file = basename(database.path);
  const version = Number(database.pragma("user_version"));
  const id = Number(database.pragma("application_id"));
  const fresh =
    version === 0 && id === 0 && Number(database.get("SELECT count(*) AS n FROM sqlite_schema")?.["n"]) === 0;
  if (!fresh && id !== APPLICATION_ID) {
    throw new AppError(
      "storage/not-a-library",
      `${file} is an SQLite file of another program, not a Kodo library`,
      { file },
    );
  }
  refuseNewer(file, version);
  const isOwn = version === SCHEMA && schemaDigest(database) === OWN_DIGEST;
  if (!fresh && !isOwn) refuseForeignSchema(database, ownSchema(version));
  if (database.readOnly && version < SCHEMA) {
    throw new AppError(
      "storage/older-schema",
      `${file} has schema ${version}; open it once in this Kodo, which brings it to ${SCHEMA}`,
      { file, schema: version, known: SCHEMA },
    );
  }
}

const own = new Map<number, readonly SchemaObject[]>();

/** What the migrations up to `version` make of a fresh database. */
function ownSchema(version: number): readonly SchemaObject[] {
  const known = own.get(version);
  if (known !== undefined) return known;
  const database = new Database(":memory:");
  migrate(database, version);
  const made = schemaOf(database);
  database.close();
  own.set(version, made);
  return made;
}

/** Throws for a schema this version does not know. */
export function refuseNewer(file: string, schema: number): void {
  if (schema <= SCHEMA) return;
  throw new AppError(
    "storage/newer-schema",
    `${file} was written by a newer Kodo (schema ${schema}, this one knows up to ${SCHEMA}). It was left untouched; please update Kodo to open it`,
    { file, schema, known: SCHEMA },
  );
}

/**
 * Brings the library to `target`, each step in a transaction of its own, after a copy of an existing file. `refuse` is
 * asked within each and throws where the library may not be changed. Says what it did.
 */
export function migrate(
  database: Database,
  target = SCHEMA,
  { refuse }: { readonly refuse?: () => void } = {},
): { from: number; to: number; backup: string | undefined } {
  const from = Number(database.pragma("user_version"));
  const backup = from > 0 && from < target ? backUp(database, from) : undefined;
  const step = (version: number): void =>
    database.write(() => {
      if (Number(database.pragma("user_version")) >= version) return; // another process was quicker
      if (from > 0) refuse?.();
      database.exec(sure(migrations[version - 1]));
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${version}`);
    });
  const steps = Array.from({ length: Math.max(0, target - from) }, (_, i) => from + 1 + i);
  if (from === 0)
    database.write(() => steps.forEach(step)); // a new library is there at once or not at all
  else steps.forEach(step);
  return { from, to: Math.max(from, target), backup };
}

/** A consistent copy beside the library, under its final name only when it is whole. */
function backUp(database: Database, schema: number): string {
  const stem = `${database.path}.schema-${schema}`;
  let path = `${stem}.backup`;
  for (let n = 2; existsSync(path); n++) path = `${stem}-${n}.backup`;
  const partial = `${path}.part`;
  rmSync(partial, { force: true });
  makePrivate(partial);
  database.run("VACUUM INTO ?", partial);
  renameSync(partial, path);
  return path;
}
