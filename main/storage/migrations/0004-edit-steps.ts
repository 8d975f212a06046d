/** One history of edits a recording: masks join the annotations, in the order they were made. */
export const sql = `
CREATE TABLE edit_step (
  -- What undo takes back and redo does again; kept for ever, so both survive a restart.
  key INTEGER PRIMARY KEY,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('annotation', 'mask')),
  what TEXT NOT NULL CHECK (what IN ('add', 'change', 'remove')),
  changes TEXT NOT NULL CHECK (json_valid(changes)), -- [{before, after}], null before: added, null after: removed
  author TEXT NOT NULL, at TEXT NOT NULL, -- who made the edit, and when
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1))
) STRICT;
INSERT INTO edit_step (key, recording, kind, what, changes, author, at, undone)
  SELECT key, recording, 'annotation', what, changes,
    coalesce(changes ->> '$[0].after.author', changes ->> '$[0].before.author', ''), at, undone
  FROM annotation_step;
DROP TABLE annotation_step;
CREATE INDEX edit_step_by_recording ON edit_step (recording, undone, key);
`;
