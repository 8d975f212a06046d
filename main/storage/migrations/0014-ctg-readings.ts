const readingBefore = "id, recording, label_set, label_set_version, author, onset_s, duration_s, created_at";

/**
 * What a cardiotocogram is read with and what is said of it a minute: findings of a fourth kind, what is known of a
 * recording beside its signals, undone and done again like labels and masks, and readings of one group of labels.
 */
export const sql = `
-- The table of findings is made anew for its list of kinds. Channels name findings, and go with them: they forget theirs
-- meanwhile. Neither their rows nor their checksums are another afterwards, also where they were damaged before.
CREATE TABLE channel_origin (channel INTEGER PRIMARY KEY, origin TEXT NOT NULL) STRICT;
INSERT INTO channel_origin SELECT key, origin FROM channel WHERE origin IS NOT NULL;
UPDATE channel SET origin = NULL WHERE origin IS NOT NULL;
CREATE TABLE finding_next (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  run TEXT REFERENCES run (id) ON DELETE CASCADE, -- absent: a rule says it
  maker TEXT NOT NULL, version TEXT NOT NULL, -- id of the run or name of the rule; of its method
  origin TEXT NOT NULL CHECK (json_valid(origin)), -- keys in order: one that is made again replaces the one before
  kind TEXT NOT NULL CHECK (kind IN ('window-classes', 'curves', 'events', 'verdicts')),
  content TEXT NOT NULL CHECK (json_valid(content)), -- arrays as base64 of their bytes, series as places of channels
  created_at TEXT NOT NULL,
  is_outdated INTEGER NOT NULL DEFAULT 0 CHECK (is_outdated IN (0, 1)), -- what it rests upon, or its maker, has changed
  row_crc INTEGER NOT NULL DEFAULT 0 -- CRC-32, see row-crc.ts
) STRICT;
INSERT INTO finding_next SELECT * FROM finding;
DROP TABLE finding;
ALTER TABLE finding_next RENAME TO finding;
CREATE INDEX finding_by_recording ON finding (recording, created_at);
CREATE INDEX finding_by_run ON finding (run) WHERE run IS NOT NULL;
CREATE INDEX finding_by_maker ON finding (maker);
UPDATE channel SET origin = (SELECT o.origin FROM channel_origin o WHERE o.channel = key)
  WHERE key IN (SELECT channel FROM channel_origin);
DROP TABLE channel_origin;

CREATE TABLE ctg_context (
  -- What a person said of a recording, whole: what is absent in it they do not know.
  recording INTEGER PRIMARY KEY REFERENCES recording (key) ON DELETE CASCADE,
  content TEXT NOT NULL CHECK (json_valid(content)),
  author TEXT NOT NULL, changed_at TEXT NOT NULL,
  row_crc INTEGER NOT NULL DEFAULT 0 -- CRC-32, see row-crc.ts
) STRICT;

ALTER TABLE reading ADD COLUMN label_group TEXT; -- code of a group of the set; absent: of all its labels
UPDATE reading SET row_crc = row_crc(${readingBefore}, label_group) WHERE row_crc = row_crc(${readingBefore});

CREATE TABLE edit_step_next (
  -- What undo takes back and redo does again; kept for ever, so both survive a restart.
  key INTEGER PRIMARY KEY,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('annotation', 'mask', 'reading', 'context')),
  what TEXT NOT NULL CHECK (what IN ('add', 'change', 'remove')),
  changes TEXT NOT NULL CHECK (json_valid(changes)), -- [{before, after}], null before: added, null after: removed
  author TEXT NOT NULL, at TEXT NOT NULL, -- who made the edit, and when
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
  row_crc INTEGER NOT NULL DEFAULT 0 -- CRC-32, see row-crc.ts
) STRICT;
INSERT INTO edit_step_next SELECT * FROM edit_step;
DROP TABLE edit_step;
ALTER TABLE edit_step_next RENAME TO edit_step;
CREATE INDEX edit_step_by_recording ON edit_step (recording, undone, key);
`;
