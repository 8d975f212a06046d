/** The class that stands for "no event" in a run with a background rule (contract, run.ts). */
export const BACKGROUND = "none";
