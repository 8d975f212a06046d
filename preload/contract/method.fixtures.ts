import type { AboutMethod } from "./method.ts";

const words = { en: "Made up.", ja: "架空です。" };

/** The least that a method says of itself, for models that only tests know. */
export const madeUpAbout: AboutMethod = {
  idea: [words],
  formulas: [{ tex: "x", says: words }],
  assumes: [words],
  missing: words,
  where: words,
  claims: [{ says: words, evidence: "recalled" }],
  references: ["Nobody, nowhere"],
};
