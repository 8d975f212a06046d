import { seededRandom, shuffle } from "../models/random.ts";
import type { RunConfig } from "../../preload/contract/run.ts";

export type Part = "train" | "validation" | "test";

/** Share of the people left for training who are kept aside for calibration when a run names none. */
const VALIDATION_SHARE = 0.2;

/**
 * Which part each person belongs to. A person is never in two parts. Where no validation subjects are named, a fifth of
 * the training people (at least one, by seed) are taken, provided two remain.
 */
export function splitSubjects(config: RunConfig, subjects: readonly string[]): ReadonlyMap<string, Part> {
  const all = [...new Set(subjects)].sort();
  const parts = new Map<string, Part>();
  for (const subject of all) {
    const isTest = config.testSubjects.includes(subject);
    const isValidation = config.validationSubjects.includes(subject);
    parts.set(subject, isTest ? "test" : isValidation ? "validation" : "train");
  }
  const training = all.filter((subject) => parts.get(subject) === "train");
  if (config.validationSubjects.length === 0 && training.length >= 3) {
    const order = shuffle(Int32Array.from(training.keys()), seededRandom(config.seed, 101));
    const wanted = Math.max(1, Math.round(VALIDATION_SHARE * training.length));
    for (const index of order.subarray(0, wanted)) parts.set(training[index] as string, "validation");
  }
  return parts;
}

/** What is wrong with the split itself, in sentences. */
export function splitProblems(config: RunConfig, subjects: readonly string[]): string[] {
  const known = new Set(subjects);
  const parts = splitSubjects(config, subjects);
  const problems: string[] = [];
  const both = config.testSubjects.filter((subject) => config.validationSubjects.includes(subject));
  if (both.length > 0) problems.push(`Both test and validation: ${both.join(", ")}. A subject can be only one of them.`);
  const unknown = [...config.testSubjects, ...config.validationSubjects].filter((subject) => !known.has(subject));
  if (unknown.length > 0) problems.push(`No chosen recording is of subject ${[...new Set(unknown)].join(", ")}.`);
  const has = (part: Part): boolean => [...parts.values()].includes(part);
  if (!has("train")) problems.push("No subject is left to train on.");
  if (!has("validation")) problems.push("No validation subject: calibration and early stopping need at least one.");
  if (!has("test")) problems.push("No test subject: results need at least one subject that was never trained on.");
  return problems;
}
