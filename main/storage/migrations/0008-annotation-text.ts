const covered =
  "id, recording, channel, label, label_set, label_set_version, onset_s, duration_s, author, source, note, created_at, changed_at";

/**
 * What a file called an event, kept beside the label it became: exports give it back as it came. The checksum covers it;
 * a row that was damaged before stays so.
 */
export const sql = `
ALTER TABLE annotation ADD COLUMN text TEXT; -- absent: made here, or by an older Kodo; nothing but its label
UPDATE annotation SET row_crc = row_crc(${covered}, text) WHERE row_crc = row_crc(${covered});
`;
