const covered =
  "recording, position, label, unit, sample_rate, role, sample_type, gain, offset, sample_count, source_observed, layer_masked";

/**
 * What models and rules say of a recording. Values over time lie in channels of their own, which name the finding they
 * come from. A channel's row that was damaged before stays so.
 */
export const sql = `
CREATE TABLE finding (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  run TEXT REFERENCES run (id) ON DELETE CASCADE, -- absent: a rule says it
  maker TEXT NOT NULL, version TEXT NOT NULL, -- id of the run or name of the rule; of its method
  origin TEXT NOT NULL CHECK (json_valid(origin)), -- keys in order: one that is made again replaces the one before
  kind TEXT NOT NULL CHECK (kind IN ('window-classes', 'curves', 'events')),
  content TEXT NOT NULL CHECK (json_valid(content)), -- arrays as base64 of their bytes, series as places of channels
  created_at TEXT NOT NULL,
  is_outdated INTEGER NOT NULL DEFAULT 0 CHECK (is_outdated IN (0, 1)), -- its maker has a newer version
  row_crc INTEGER NOT NULL DEFAULT 0 -- CRC-32, see row-crc.ts
) STRICT;
CREATE INDEX finding_by_recording ON finding (recording, created_at);
CREATE INDEX finding_by_run ON finding (run) WHERE run IS NOT NULL;
CREATE INDEX finding_by_maker ON finding (maker);

ALTER TABLE channel ADD COLUMN origin TEXT REFERENCES finding (id) ON DELETE CASCADE; -- absent: recorded
CREATE INDEX channel_by_origin ON channel (origin) WHERE origin IS NOT NULL;
UPDATE channel SET row_crc = row_crc(${covered}, origin) WHERE row_crc = row_crc(${covered});
`;
