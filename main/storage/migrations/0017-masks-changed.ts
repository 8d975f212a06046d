const covered =
  "id, name, kind, subject, study, synthetic, started_at, imported_at, state, note, facts, repairs, source_format, source_file, source_sha256, binned_at";

/**
 * When masks of a recording came or went last: a run may say something else since. Before, only those that were there
 * told it. When a step was undone is not known: the masks of such a recording count as changed now. A row that was
 * damaged before stays so.
 */
export const sql = `
ALTER TABLE recording ADD COLUMN masks_changed_at TEXT; -- absent: never
UPDATE recording SET masks_changed_at = CASE
  WHEN EXISTS (SELECT 1 FROM edit_step s WHERE s.recording = recording.key AND s.kind = 'mask' AND s.undone = 1)
    THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  ELSE nullif(max(
    coalesce((SELECT max(m.created_at) FROM mask_span m WHERE m.recording = recording.key), ''),
    coalesce((SELECT max(s.at) FROM edit_step s WHERE s.recording = recording.key AND s.kind = 'mask'), '')
  ), '') END;
UPDATE recording SET row_crc = row_crc(${covered}, masks_changed_at) WHERE row_crc = row_crc(${covered});
`;
