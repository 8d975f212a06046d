/** What a person says of a run, apart from its record: the trainer may write that at the same moment. */
export const sql = `
ALTER TABLE run ADD COLUMN name TEXT CHECK (name <> ''); -- in place of the record's own, once it was renamed
ALTER TABLE run ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN binned_at TEXT; -- in the bin since; listed no more, but can be brought back
`;
