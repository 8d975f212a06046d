import { problemOf, type Problem, type RunConfig } from "../../preload/contract/run.ts";

export type Part = "train" | "validation" | "test";

/**
 * Which part each person belongs to. A person is never in two parts. Where no validation subjects are named, every
 * training person serves in turn: each member of the ensemble leaves a group of them out and is calibrated on it.
 */
export function splitSubjects(config: RunConfig, subjects: readonly string[]): ReadonlyMap<string, Part> {
  const all = [...new Set(subjects)].sort();
  const parts = new Map<string, Part>();
  for (const subject of all) {
    const isTest = config.testSubjects.includes(subject);
    const isValidation = config.validationSubjects.includes(subject);
    parts.set(subject, isTest ? "test" : isValidation ? "validation" : "train");
  }
  return parts;
}

/** What is wrong with the split itself. */
export function splitProblems(config: RunConfig, subjects: readonly string[]): Problem[] {
  const known = new Set(subjects);
  const parts = splitSubjects(config, subjects);
  const problems: Problem[] = [];
  const both = config.testSubjects.filter((subject) => config.validationSubjects.includes(subject));
  if (both.length > 0) problems.push(problemOf("SUBJECT_IN_TWO_PARTS", { subjects: both.join(", ") }));
  const unknown = [...config.testSubjects, ...config.validationSubjects].filter(
    (subject) => !known.has(subject),
  );
  if (unknown.length > 0)
    problems.push(problemOf("SUBJECT_UNKNOWN", { subjects: [...new Set(unknown)].join(", ") }));
  const has = (part: Part): boolean => [...parts.values()].includes(part);
  if (!has("train")) problems.push(problemOf("NO_TRAINING_SUBJECT", {}));
  const training = [...parts.values()].filter((part) => part === "train").length;
  if (!has("validation") && (training < 2 || config.members < 2)) {
    problems.push(problemOf("NO_VALIDATION_SUBJECT", {}));
  }
  if (!has("test")) problems.push(problemOf("NO_TEST_SUBJECT", {}));
  return problems;
}
