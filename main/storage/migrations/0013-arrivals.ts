/** When samples of a recording under way came in: the raw times, from which any clock can be fitted again. */
export const sql = `
CREATE TABLE arrival (
  recording INTEGER NOT NULL REFERENCES recording (key) ON DELETE CASCADE,
  channel INTEGER NOT NULL, -- position of the first channel of its stream
  first_sample INTEGER NOT NULL CHECK (first_sample >= 0), sample_count INTEGER NOT NULL CHECK (sample_count > 0),
  arrived_s REAL NOT NULL, -- monotonic seconds since the recording began, of the read that completed them
  session INTEGER NOT NULL CHECK (session >= 0), -- counts how often the device was reached anew
  PRIMARY KEY (recording, channel, first_sample)
) STRICT, WITHOUT ROWID;
`;
