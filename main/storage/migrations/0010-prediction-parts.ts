/** Which part of a causal adaptation answered each window of a prediction; absent where nothing was adapted to so. */
export const sql = `
ALTER TABLE prediction ADD COLUMN part BLOB; -- [windows] bytes, in the checksum over the arrays as their last
`;
