/** What is to be done, is being done and was: runs, imports and exports, engine installations. Belongs to the moment: no checksum. */
export const sql = `
CREATE TABLE job (
  id TEXT PRIMARY KEY, -- of a run: the run's own
  kind TEXT NOT NULL CHECK (kind IN ('run', 'import', 'export', 'sample', 'engine')),
  place TEXT NOT NULL CHECK (place <> ''), -- 'here', or the name of another machine
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted')),
  progress REAL NOT NULL CHECK (progress BETWEEN 0 AND 1),
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  idempotency_key TEXT NOT NULL UNIQUE,
  owner TEXT REFERENCES owner (token), -- the process in which it waits or is done; absent where there is none
  queued_at TEXT NOT NULL -- since when it waits, or waited
) STRICT;
INSERT INTO job SELECT id, 'run', 'here',
  CASE WHEN phase IN ('waiting', 'paused', 'done', 'cancelled') THEN phase
    WHEN phase <> 'failed' THEN 'running'
    WHEN json_valid(content) AND json_extract(content, '$.error.code') = 'internal/interrupted' THEN 'interrupted'
    ELSE 'failed' END,
  CASE phase WHEN 'done' THEN 1 ELSE 0 END, 1, id, owner, created_at FROM run;
`;
