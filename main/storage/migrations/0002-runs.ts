/** Trainings: their records, model files, and what they predict for a recording. */
export const sql = `
CREATE TABLE run (
  id TEXT PRIMARY KEY, created_at TEXT NOT NULL, phase TEXT NOT NULL,
  owner TEXT REFERENCES owner (token), -- who saved it last; a run under way whose owner is gone has failed
  content TEXT NOT NULL CHECK (json_valid(content))
) STRICT;

CREATE TABLE model (
  run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('model', 'checkpoint')),
  crc INTEGER NOT NULL, bytes BLOB NOT NULL, saved_at TEXT NOT NULL,
  PRIMARY KEY (run, kind)
) STRICT;

CREATE TABLE prediction (
  run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  adaptation TEXT NOT NULL,
  classes TEXT NOT NULL CHECK (json_valid(classes)), window_s REAL NOT NULL, created_at TEXT NOT NULL,
  crc INTEGER NOT NULL, -- over the arrays, in this order
  onset_s BLOB NOT NULL, -- float64
  probabilities BLOB NOT NULL, low BLOB NOT NULL, high BLOB NOT NULL, -- float32 [windows x classes]
  aleatoric BLOB NOT NULL, epistemic BLOB NOT NULL, typicality BLOB NOT NULL, -- float32 [windows]
  assessable BLOB NOT NULL, -- uint8 [windows]
  PRIMARY KEY (run, recording, adaptation)
) STRICT;
CREATE INDEX prediction_by_recording ON prediction (recording, created_at);
`;
