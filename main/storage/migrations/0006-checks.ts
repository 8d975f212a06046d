/** Checksums on the rows that say what the samples are, and the end of the log, so that a cut shows. */
const columns = {
  recording:
    "id, name, kind, subject, study, synthetic, started_at, imported_at, state, note, facts, repairs, source_format, source_file, source_sha256, binned_at",
  channel:
    "recording, position, label, unit, sample_rate, role, sample_type, gain, offset, sample_count, source_observed, layer_masked",
  annotation:
    "id, recording, channel, label, label_set, label_set_version, onset_s, duration_s, author, source, note, created_at, changed_at",
  mask_span: "id, recording, channel, layer, reason, onset_s, duration_s, author, created_at",
  reading: "id, recording, label_set, label_set_version, author, onset_s, duration_s, created_at",
  edit_step: "recording, kind, what, changes, author, at",
  label_set: "id, version, content, created_at",
  run: "id, created_at, phase, content, name, note, binned_at",
  prediction: "run, recording, adaptation, classes, window_s, created_at, crc",
} as const;

/** What rows held before is taken as right: nothing can tell otherwise. row_crc is a function of the connection. */
const seals = Object.entries(columns).map(
  ([table, covered]) => `
ALTER TABLE ${table} ADD COLUMN row_crc INTEGER NOT NULL DEFAULT 0; -- CRC-32, see row-crc.ts
UPDATE ${table} SET row_crc = row_crc(${covered});`,
);

export const sql = `${seals.join("")}

CREATE TABLE log_head (
  -- Where the event log ends, written with every entry.
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL CHECK (sequence >= 0), hash TEXT NOT NULL,
  row_crc INTEGER NOT NULL -- over sequence and hash
) STRICT;
INSERT INTO log_head SELECT 1, n, h, row_crc(n, h) FROM (
  SELECT coalesce(max(sequence), 0) AS n, coalesce((SELECT hash FROM event_log ORDER BY sequence DESC LIMIT 1), '') AS h
  FROM event_log
);

CREATE TABLE erasure (
  -- Whether bytes of rows that are gone may still lie in the file's unused parts: 1 until a purge has rewritten it.
  one INTEGER PRIMARY KEY CHECK (one = 1), is_due INTEGER NOT NULL CHECK (is_due IN (0, 1))
) STRICT;
INSERT INTO erasure SELECT 1, EXISTS (SELECT 1 FROM event_log);
`;
