import fc from "fast-check";

// Property tests look elsewhere on every run, except where two runs must take the same branches.
const seed = process.env["KODO_PROPERTY_SEED"];
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });

/** `npm run hunt`: more of those that say no number of their own; the others are changed as they are read. */
const times = Number(process.env["KODO_PROPERTY_TIMES"] ?? 1);
if (times > 1) fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: 100 * times });
