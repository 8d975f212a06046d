/** What has been read completely, undone and done again like labels and masks. */
export const sql = `
CREATE TABLE reading (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  label_set TEXT NOT NULL, label_set_version INTEGER NOT NULL,
  author TEXT NOT NULL,
  onset_s REAL NOT NULL CHECK (onset_s >= 0), duration_s REAL NOT NULL CHECK (duration_s > 0),
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX reading_by_recording ON reading (recording, onset_s);

CREATE TABLE edit_step_next (
  -- What undo takes back and redo does again; kept for ever, so both survive a restart.
  key INTEGER PRIMARY KEY,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('annotation', 'mask', 'reading')),
  what TEXT NOT NULL CHECK (what IN ('add', 'change', 'remove')),
  changes TEXT NOT NULL CHECK (json_valid(changes)), -- [{before, after}], null before: added, null after: removed
  author TEXT NOT NULL, at TEXT NOT NULL, -- who made the edit, and when
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1))
) STRICT;
INSERT INTO edit_step_next SELECT key, recording, kind, what, changes, author, at, undone FROM edit_step;
DROP TABLE edit_step;
ALTER TABLE edit_step_next RENAME TO edit_step;
CREATE INDEX edit_step_by_recording ON edit_step (recording, undone, key);

-- Made by a rule that judged windows in which what the labels speak about was not observed. They are made anew on request.
DELETE FROM prediction;
`;
