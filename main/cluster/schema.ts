import { AppError } from "../../preload/contract/errors.ts";
import type { ClusterDatabase, Session } from "./database.ts";

/**
 * What the archive is made of, a step after the other; never edited, a change is a new step. Workers and readers are
 * groups that the owner of the database gives to people's own logins: Kodo keeps no password.
 */
export const steps: readonly string[] = [
  `
CREATE TABLE kodo.recording (
  id uuid PRIMARY KEY,
  sha256 text NOT NULL UNIQUE, -- of its samples, their masks and headers: two people who push the same get one
  name text NOT NULL, subject text NOT NULL, study text NOT NULL, kind text NOT NULL,
  duration_s double precision NOT NULL, started_at text,
  header jsonb NOT NULL, -- as a library needs it to make the recording
  rest jsonb NOT NULL, -- of its papers: state, note, repairs, times of arrival
  pushed_by text NOT NULL, pushed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX recording_by_study ON kodo.recording (study, name);
CREATE INDEX recording_by_name ON kodo.recording (name text_pattern_ops);

CREATE TABLE kodo.block (
  recording uuid NOT NULL REFERENCES kodo.recording (id) ON DELETE CASCADE,
  channel integer NOT NULL, first_sample bigint NOT NULL, sample_count integer NOT NULL,
  crc bigint NOT NULL, -- CRC-32 over channel, position, samples and mask
  samples bytea NOT NULL, mask bytea,
  PRIMARY KEY (recording, channel, first_sample)
);
ALTER TABLE kodo.block ALTER COLUMN samples SET STORAGE EXTERNAL; -- signals hardly shrink: no time is spent on trying

CREATE TABLE kodo.paper (
  -- What people and models laid on a recording. A row that reads differently comes beside the one before.
  recording uuid NOT NULL REFERENCES kodo.recording (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('annotation', 'mask', 'reading', 'step', 'context')),
  id text NOT NULL, content jsonb NOT NULL,
  pushed_by text NOT NULL, pushed_at timestamptz NOT NULL DEFAULT now(), place bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (recording, kind, id)
);

CREATE TABLE kodo.alias (
  -- The same samples under another library's id.
  local_id uuid PRIMARY KEY,
  recording uuid NOT NULL REFERENCES kodo.recording (id) ON DELETE CASCADE
);
CREATE INDEX alias_by_recording ON kodo.alias (recording);

CREATE TABLE kodo.run (
  id text PRIMARY KEY, content jsonb NOT NULL, model bytea NOT NULL,
  pushed_by text NOT NULL, pushed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE kodo.finding (
  -- What a run or a rule said: who said it with which settings says it once.
  recording uuid NOT NULL REFERENCES kodo.recording (id) ON DELETE CASCADE,
  key text NOT NULL, -- digest of the origin and the kind of content
  origin jsonb NOT NULL, content bytea NOT NULL, -- as V8 writes it
  pushed_by text NOT NULL, pushed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (recording, key)
);

CREATE TABLE kodo.label_set (
  id text NOT NULL, version integer NOT NULL, content jsonb NOT NULL,
  pushed_by text NOT NULL, pushed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (id, version)
);
`,
  `
CREATE TABLE kodo.work (
  -- A run whose fits are done by workers, with what it learns from frozen: no name of a person.
  id text PRIMARY KEY, -- of the run
  run jsonb NOT NULL,
  recordings jsonb NOT NULL, -- id in the archive, digest of the samples, papers as they were when it was submitted
  version text NOT NULL, -- of the program
  fits integer NOT NULL CHECK (fits > 1),
  submitted_by text NOT NULL, submitted_at timestamptz NOT NULL DEFAULT now(),
  cancelled_at timestamptz, failure jsonb
);

CREATE TABLE kodo.result (
  work text NOT NULL REFERENCES kodo.work (id) ON DELETE CASCADE,
  fit integer NOT NULL, value bytea NOT NULL,
  worker text NOT NULL, processor text NOT NULL, seconds double precision NOT NULL, starts integer NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (work, fit)
);

CREATE TABLE kodo.checkpoint (
  work text NOT NULL REFERENCES kodo.work (id) ON DELETE CASCADE,
  fit integer NOT NULL, value bytea NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (work, fit)
);

CREATE TABLE kodo.worker (
  id text PRIMARY KEY, host text NOT NULL, processor text NOT NULL, lanes integer NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(), seen_at timestamptz NOT NULL DEFAULT now(),
  doing jsonb NOT NULL DEFAULT '[]'
);
`,
  "ALTER TABLE kodo.worker ADD COLUMN version text NOT NULL DEFAULT ''", // of the program
  `
-- What is computed is kept by what it depends on: who asks for the same, asks for what is there.
CREATE TABLE kodo.asked (
  work text NOT NULL REFERENCES kodo.work (id) ON DELETE CASCADE,
  fit integer NOT NULL, key text NOT NULL, -- digest of kind, configuration, recordings, fit and version of the program
  PRIMARY KEY (work, fit)
);
CREATE INDEX asked_by_key ON kodo.asked (key);
INSERT INTO kodo.asked SELECT id, fit, id || '/' || fit FROM kodo.work, generate_series(0, fits - 1) AS fit;
ALTER TABLE kodo.result ADD COLUMN key text;
UPDATE kodo.result SET key = work || '/' || fit;
ALTER TABLE kodo.result DROP COLUMN work, DROP COLUMN fit, ADD PRIMARY KEY (key);
DELETE FROM kodo.checkpoint; -- of another version
ALTER TABLE kodo.checkpoint DROP COLUMN work, DROP COLUMN fit, ADD COLUMN key text PRIMARY KEY;
ALTER TABLE kodo.work ADD COLUMN label_set jsonb;
`,
  `
-- Whole studies are judged as well: some of their recordings at a time, and what is said of them lies beside the others'.
ALTER TABLE kodo.work ADD COLUMN kind text NOT NULL DEFAULT 'fit' CHECK (kind IN ('fit', 'predict', 'analyse')),
  ADD COLUMN task jsonb, -- what is asked, and the runs that judge; absent: a run is fitted
  ALTER COLUMN run DROP NOT NULL, DROP CONSTRAINT work_fits_check, ADD CHECK (fits > 0);
CREATE TABLE kodo.part (
  work text NOT NULL REFERENCES kodo.work (id) ON DELETE CASCADE,
  part integer NOT NULL,
  recordings jsonb NOT NULL, -- id in the archive, digest of the samples, digest of masks and facts
  PRIMARY KEY (work, part)
);
ALTER TABLE kodo.finding ADD COLUMN basis text; -- digest of the masks and facts that it rests upon; absent in rows of before
`,
  `
-- Equal samples alone make no two recordings one: they may be of two people, of two days, or lie in one library side by side.
ALTER TABLE kodo.recording DROP CONSTRAINT recording_sha256_key;
CREATE INDEX recording_by_samples ON kodo.recording (sha256);
-- What each library calls a recording. One that has come to be of its own stands for itself, whatever it was called for before.
CREATE VIEW kodo.known_as AS
  SELECT id AS local_id, id AS recording FROM kodo.recording
  UNION ALL
  SELECT local_id, recording FROM kodo.alias a WHERE NOT EXISTS (SELECT 1 FROM kodo.recording r WHERE r.id = a.local_id);
`,
];

const grants = `
GRANT USAGE ON SCHEMA kodo TO kodo_worker, kodo_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA kodo TO kodo_worker, kodo_reader;
GRANT INSERT ON kodo.recording, kodo.block, kodo.paper, kodo.alias, kodo.run, kodo.finding, kodo.label_set, kodo.work, kodo.asked, kodo.part, kodo.result TO kodo_worker;
GRANT UPDATE (cancelled_at, failure) ON kodo.work TO kodo_worker;
GRANT INSERT, UPDATE, DELETE ON kodo.checkpoint, kodo.worker TO kodo_worker;
`;

const LOCK = 0x6b6f646f; // one at a time sets up

export interface SetUp {
  readonly from: number; // steps that were there
  readonly to: number;
}

/** Brings the database up to date, in one transaction. Needs a user who may make schemas and roles. */
export async function setUp(database: ClusterDatabase): Promise<SetUp> {
  return database.transaction(async (session) => {
    await session.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    for (const role of ["kodo_worker", "kodo_reader"])
      await session.query(
        `DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role} NOLOGIN; END IF; END $$`,
      );
    await session.query("CREATE SCHEMA IF NOT EXISTS kodo");
    await session.query(
      "CREATE TABLE IF NOT EXISTS kodo.step (number integer PRIMARY KEY, taken_at timestamptz NOT NULL DEFAULT now())",
    );
    const from = await taken(session);
    refuseNewer({ is: database.shown, at: from, known: steps.length });
    for (const [at, sql] of steps.entries()) {
      if (at < from) continue;
      await session.query(sql);
      await session.query("INSERT INTO kodo.step (number) VALUES ($1)", [at + 1]);
    }
    await session.query(grants);
    return { from, to: steps.length };
  });
}

/** The queue's own tables: workers take, hold and end jobs, and change nothing of how it is made. */
export async function letWorkers(database: ClusterDatabase, schema: string): Promise<void> {
  await database.transaction(async (session) => {
    await session.query(`GRANT USAGE ON SCHEMA ${schema} TO kodo_worker, kodo_reader`);
    await session.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO kodo_worker, kodo_reader`);
    await session.query(`GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO kodo_worker`);
    await session.query(`REVOKE INSERT, UPDATE, DELETE ON ${schema}.version FROM kodo_worker`); // who raised it would lock out all
    await session.query(`GRANT UPDATE (cron_on, bam_on, flow_on) ON ${schema}.version TO kodo_worker`);
    await session.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO kodo_worker`);
    await session.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO kodo_worker`);
  });
}

const TAKEN = "SELECT coalesce(max(number), 0) AS taken FROM kodo.step";

async function taken(session: Session): Promise<number> {
  const { rows } = await session.query<{ taken: number }>(TAKEN);
  return rows[0]?.taken ?? 0;
}

/** Throws where the database has not been set up, or by another Kodo. */
export async function refuseOther(database: ClusterDatabase): Promise<void> {
  const [row] = await database.rows<{ taken: number }>(TAKEN);
  refuseUnlike({ is: database.shown, at: row?.taken ?? 0, known: steps.length });
}

/**
 * All of a change or nothing of it, and nobody brings the database up to date meanwhile. Throws where another Kodo has done
 * so since it was joined: what was written for its tables as they were is not written into others.
 */
export const changing = <T>(
  database: ClusterDatabase,
  change: (session: Session) => Promise<T>,
): Promise<T> =>
  database.transaction(async (session) => {
    await session.query("SELECT pg_advisory_xact_lock_shared($1)", [LOCK]);
    refuseUnlike({ is: database.shown, at: await taken(session), known: steps.length });
    return change(session);
  });

interface Made {
  readonly is: string; // what was made
  readonly at: number; // by so many steps
  readonly known: number; // to this Kodo
}

/** Throws where something there was made by another Kodo. */
export function refuseUnlike(made: Made): void {
  refuseNewer(made);
  const { is, at, known } = made;
  if (at < known)
    throw new AppError(
      "storage/cluster-not-set-up",
      `${is} is of an earlier Kodo (${at}; this one needs ${known}): run kodo cluster init`,
      { value: at, expected: known },
    );
}

export function refuseNewer({ is, at, known }: Made): void {
  if (at > known)
    throw new AppError("storage/newer-schema", `${is} is of a newer Kodo (${at}; this one knows ${known})`, {
      ...{ value: at, expected: known },
    });
}
