/** How long recordings of several devices are had been counted by nominal rates: they are listed anew, by their clocks. */
export const sql = `
INSERT OR IGNORE INTO unlisted SELECT DISTINCT recording FROM clock_fit WHERE channel > 0;
`;
