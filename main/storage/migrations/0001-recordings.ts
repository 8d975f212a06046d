/** Recordings with their samples, masks, annotations; label sets, settings and the log. */
export const sql = `
CREATE TABLE owner (
  -- A process that writes here. What it left unfinished when it is gone was interrupted.
  token TEXT PRIMARY KEY, pid INTEGER NOT NULL, started TEXT NOT NULL, host TEXT NOT NULL, opened_at TEXT NOT NULL
) STRICT;

CREATE TABLE recording (
  key INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: what is remembered under a key must not meet a newcomer
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('ctg', 'emg', 'other')),
  subject TEXT NOT NULL, study TEXT NOT NULL,
  synthetic INTEGER NOT NULL CHECK (synthetic IN (0, 1)),
  started_at TEXT, imported_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('importing', 'recording', 'complete', 'interrupted')),
  owner TEXT REFERENCES owner (token), -- while importing or recording
  note TEXT NOT NULL DEFAULT '',
  facts TEXT NOT NULL CHECK (json_valid(facts)), repairs TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(repairs)),
  source_format TEXT NOT NULL, source_file TEXT NOT NULL, source_sha256 TEXT NOT NULL,
  mask_revision INTEGER NOT NULL DEFAULT 0, -- counts changes of the layers above the samples
  binned_at TEXT, purging INTEGER NOT NULL DEFAULT 0 CHECK (purging IN (0, 1)),
  CHECK ((owner IS NOT NULL) = (state IN ('importing', 'recording')))
) STRICT;
CREATE INDEX recording_by_name ON recording (name);

CREATE TABLE channel (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE, position INTEGER NOT NULL CHECK (position >= 0),
  label TEXT NOT NULL, unit TEXT NOT NULL, sample_rate REAL NOT NULL CHECK (sample_rate > 0), role TEXT NOT NULL,
  sample_type TEXT NOT NULL CHECK (sample_type IN ('int8', 'uint8', 'int16', 'int32', 'float32', 'float64')),
  gain REAL NOT NULL, offset REAL NOT NULL, -- physical = digital * gain + offset
  sample_count INTEGER NOT NULL DEFAULT 0 CHECK (sample_count >= 0), -- end of the last block; gaps count
  source_observed INTEGER NOT NULL DEFAULT 0, -- observed in the source
  layer_masked INTEGER NOT NULL DEFAULT 0, -- of those, taken out by a layer above
  UNIQUE (recording, position)
) STRICT;

CREATE TABLE block (
  -- An ordinary rowid table: WITHOUT ROWID suits rows far below a page.
  key INTEGER PRIMARY KEY,
  channel INTEGER NOT NULL REFERENCES channel (key) ON DELETE CASCADE,
  first_sample INTEGER NOT NULL CHECK (first_sample >= 0), sample_count INTEGER NOT NULL CHECK (sample_count > 0),
  crc INTEGER NOT NULL, -- CRC-32 over position, samples and mask
  samples BLOB NOT NULL, -- digital values, little endian
  mask BLOB, -- runs of unobserved samples; absent when all are observed
  UNIQUE (channel, first_sample)
) STRICT;

CREATE TABLE pyramid (
  -- 504 buckets a row: 504 * 8 bytes, so that four rows fill a page of 16 KiB. An absent row was not recorded.
  key INTEGER PRIMARY KEY,
  channel INTEGER NOT NULL REFERENCES channel (key) ON DELETE CASCADE,
  level INTEGER NOT NULL CHECK (level >= 0), page INTEGER NOT NULL CHECK (page >= 0),
  crc INTEGER NOT NULL,
  bounds BLOB NOT NULL, -- float32 min of each bucket, then max of each; NaN where none is observed
  missing BLOB, -- a reason: its code, then a uint32 for each bucket; absent when all are observed
  UNIQUE (channel, level, page)
) STRICT;

CREATE TABLE damage (
  channel INTEGER NOT NULL REFERENCES channel (key) ON DELETE CASCADE,
  first_sample INTEGER NOT NULL, sample_count INTEGER NOT NULL, found_at TEXT NOT NULL,
  PRIMARY KEY (channel, first_sample)
) STRICT, WITHOUT ROWID;

CREATE TABLE mask_span (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  channel INTEGER, -- position; absent: all
  layer TEXT NOT NULL CHECK (layer IN ('person', 'model')),
  reason INTEGER NOT NULL CHECK (reason BETWEEN 1 AND 255),
  onset_s REAL NOT NULL, duration_s REAL NOT NULL CHECK (duration_s > 0),
  author TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE INDEX mask_span_by_recording ON mask_span (recording);

CREATE TABLE annotation (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  channel INTEGER, label TEXT NOT NULL,
  label_set TEXT NOT NULL, label_set_version INTEGER NOT NULL,
  onset_s REAL NOT NULL, duration_s REAL NOT NULL CHECK (duration_s >= 0),
  author TEXT NOT NULL, source TEXT NOT NULL CHECK (source IN ('person', 'model', 'import')),
  note TEXT NOT NULL, created_at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX annotation_by_recording ON annotation (recording, onset_s);

CREATE TABLE annotation_step (
  -- What undo takes back and redo does again; kept for ever, so both survive a restart.
  key INTEGER PRIMARY KEY,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  what TEXT NOT NULL CHECK (what IN ('add', 'change', 'remove')),
  changes TEXT NOT NULL CHECK (json_valid(changes)), -- [{before, after}], null before: added, null after: removed
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)), at TEXT NOT NULL
) STRICT;
CREATE INDEX annotation_step_by_recording ON annotation_step (recording, undone, key);

CREATE TABLE label_set (
  id TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),
  content TEXT NOT NULL CHECK (json_valid(content)), created_at TEXT NOT NULL,
  PRIMARY KEY (id, version)
) STRICT;

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))) STRICT;

CREATE TABLE event_log (
  sequence INTEGER PRIMARY KEY,
  at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL CHECK (json_valid(detail)),
  hash TEXT NOT NULL -- SHA-256 of the hash before and this row, so that a change of either shows
) STRICT;
CREATE TRIGGER event_log_keeps BEFORE UPDATE ON event_log BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER event_log_stays BEFORE DELETE ON event_log BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER event_log_grows BEFORE INSERT ON event_log
  WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM event_log)
  BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
`;
