/** A clock that wanders is no line over hours: a session has one after the other, each from the sample at which it begins. */
export const sql = `
CREATE TABLE clock_fit_next (
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  channel INTEGER NOT NULL, session INTEGER NOT NULL CHECK (session >= 0),
  first_sample INTEGER NOT NULL CHECK (first_sample >= 0), -- from which on the line holds, up to the next one's
  at_s REAL NOT NULL, rate REAL NOT NULL CHECK (rate > 0), -- Hz, by the host's clock
  error_ms REAL NOT NULL CHECK (error_ms >= 0), -- standard deviation of the arrivals about it
  PRIMARY KEY (recording, channel, session, first_sample)
) STRICT, WITHOUT ROWID;
INSERT INTO clock_fit_next SELECT * FROM clock_fit;
DROP TABLE clock_fit;
ALTER TABLE clock_fit_next RENAME TO clock_fit;
`;
