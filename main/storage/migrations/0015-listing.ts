/** A column of the list as it can be sorted by; the name decides between equals, then who came first. */
const orders = {
  subject: "subject_key",
  date: "started_at",
  length: "length_s",
  channels: "channels",
  missing: "missing",
  repairs: "repairs",
} as const;

/** Every index holds all that a walk through the list needs, so that a table of wide rows is not touched. */
const indexes = Object.entries(orders).flatMap(([name, column]) => [
  `CREATE INDEX listing_up_${name} ON listing (${column}, name_key, recording, facets);`,
  `CREATE INDEX listing_down_${name} ON listing (${column} DESC, name_key, recording, facets);`,
]);

/**
 * The list of recordings in every order it is asked for, and the text that search looks at: derived of rows that are
 * sealed, and laid anew in the same transaction as they change. Recordings in the bin have no row.
 */
export const sql = `
CREATE TABLE listing (
  recording INTEGER PRIMARY KEY REFERENCES recording (key) ON DELETE CASCADE,
  name_key TEXT NOT NULL, subject_key TEXT NOT NULL, started_at TEXT NOT NULL, -- texts by sortKey; '' where no time is known
  length_s REAL NOT NULL, channels INTEGER NOT NULL,
  missing REAL NOT NULL, -- share, as the list shows it
  labelled_up REAL NOT NULL, labelled_down REAL NOT NULL, -- share; of what is read blind the last in either order
  repairs INTEGER NOT NULL,
  facets INTEGER NOT NULL -- bits, see listing.ts
) STRICT;
CREATE TABLE listing_text (
  recording INTEGER PRIMARY KEY REFERENCES recording (key) ON DELETE CASCADE, text TEXT NOT NULL -- folded
) STRICT;
CREATE TABLE unlisted (recording INTEGER PRIMARY KEY) STRICT; -- whose rows have changed in this transaction

CREATE INDEX listing_up_added ON listing (recording, facets);
CREATE INDEX listing_up_name ON listing (name_key, recording, facets);
CREATE INDEX listing_down_name ON listing (name_key DESC, recording, facets);
${indexes.join("\n")}
CREATE INDEX listing_up_labelled ON listing (labelled_up, name_key, recording, facets);
CREATE INDEX listing_down_labelled ON listing (labelled_down DESC, name_key, recording, facets);
CREATE INDEX recording_by_owner ON recording (owner) WHERE owner IS NOT NULL;
CREATE INDEX recording_by_bin ON recording (binned_at) WHERE binned_at IS NOT NULL;
CREATE INDEX recording_purging ON recording (purging) WHERE purging = 1;

CREATE TRIGGER recording_comes AFTER INSERT ON recording
  BEGIN INSERT OR IGNORE INTO unlisted VALUES (NEW.key); END;
CREATE TRIGGER recording_changes
  AFTER UPDATE OF name, kind, subject, study, started_at, state, note, repairs, binned_at, purging ON recording
  BEGIN INSERT OR IGNORE INTO unlisted VALUES (NEW.key); END;
CREATE TRIGGER channel_comes AFTER INSERT ON channel
  BEGIN INSERT OR IGNORE INTO unlisted VALUES (NEW.recording); END;
CREATE TRIGGER channel_changes AFTER UPDATE OF label, sample_rate, sample_count, source_observed, layer_masked ON channel
  BEGIN INSERT OR IGNORE INTO unlisted VALUES (NEW.recording); END;
CREATE TRIGGER annotation_comes AFTER INSERT ON annotation
  BEGIN INSERT OR IGNORE INTO unlisted VALUES (NEW.recording); END;
CREATE TRIGGER annotation_changes AFTER UPDATE OF onset_s, duration_s ON annotation
  BEGIN INSERT OR IGNORE INTO unlisted VALUES (NEW.recording); END;
CREATE TRIGGER annotation_goes AFTER DELETE ON annotation
  BEGIN INSERT OR IGNORE INTO unlisted VALUES (OLD.recording); END;

INSERT INTO unlisted SELECT key FROM recording;
`;
