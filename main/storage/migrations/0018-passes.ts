/** A rule that is laid on many recordings, or lifted from them, is a job as well. */
export const sql = `
CREATE TABLE job_next (
  id TEXT PRIMARY KEY, -- of a run: the run's own
  kind TEXT NOT NULL CHECK (kind IN ('run', 'import', 'export', 'sample', 'engine', 'predict', 'analyse', 'masks')),
  place TEXT NOT NULL CHECK (place <> ''), -- 'here', or the name of another machine
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted')),
  progress REAL NOT NULL CHECK (progress BETWEEN 0 AND 1),
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  idempotency_key TEXT NOT NULL UNIQUE,
  owner TEXT REFERENCES owner (token), -- the process in which it waits or is done; absent where there is none
  queued_at TEXT NOT NULL, -- since when it waits, or waited
  asked TEXT CHECK (asked IS NULL OR json_valid(asked)) -- of a study: the order, its recordings, its work elsewhere; of masks: which rule, and which way
) STRICT;
INSERT INTO job_next SELECT * FROM job;
DROP TABLE job;
ALTER TABLE job_next RENAME TO job;
`;
