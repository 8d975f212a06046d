/** Rules of the library take stretches out in a layer of their own, between people and models. */
export const sql = `
ALTER TABLE mask_span RENAME TO mask_span_before;
CREATE TABLE mask_span (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  channel INTEGER, -- position; absent: all
  layer TEXT NOT NULL CHECK (layer IN ('person', 'rule', 'model')),
  reason INTEGER NOT NULL CHECK (reason BETWEEN 1 AND 255),
  onset_s REAL NOT NULL, duration_s REAL NOT NULL CHECK (duration_s > 0),
  author TEXT NOT NULL, created_at TEXT NOT NULL,
  row_crc INTEGER NOT NULL DEFAULT 0 -- CRC-32, see row-crc.ts
) STRICT;
INSERT INTO mask_span SELECT * FROM mask_span_before;
DROP TABLE mask_span_before;
CREATE INDEX mask_span_by_recording ON mask_span (recording);
`;
