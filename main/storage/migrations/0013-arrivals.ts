/**
 * When samples of a recording under way came in: the raw times, from which any clock can be fitted again, and the clocks
 * that were fitted to them: sample i of a session lies at at_s + (i - first_sample) / rate.
 */
export const sql = `
CREATE TABLE arrival (
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  channel INTEGER NOT NULL, -- position of the first channel of its stream
  first_sample INTEGER NOT NULL CHECK (first_sample >= 0), sample_count INTEGER NOT NULL CHECK (sample_count > 0),
  arrived_s REAL NOT NULL, -- monotonic seconds since the recording began, of the read that completed them
  session INTEGER NOT NULL CHECK (session >= 0), -- counts how often the device was reached anew
  PRIMARY KEY (recording, channel, first_sample)
) STRICT, WITHOUT ROWID;

CREATE TABLE clock_fit (
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  channel INTEGER NOT NULL, session INTEGER NOT NULL CHECK (session >= 0),
  first_sample INTEGER NOT NULL CHECK (first_sample >= 0), -- of the session
  at_s REAL NOT NULL, rate REAL NOT NULL CHECK (rate > 0), -- Hz, by the host's clock
  error_ms REAL NOT NULL CHECK (error_ms >= 0), -- standard deviation of the arrivals about it
  PRIMARY KEY (recording, channel, session)
) STRICT, WITHOUT ROWID;
`;
