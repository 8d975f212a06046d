import fc from "fast-check";

// Property tests look elsewhere on every run, except where two runs must take the same branches.
const seed = process.env["KODO_PROPERTY_SEED"];
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
