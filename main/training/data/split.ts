import { windowSettings } from "../../models/windows/settings.ts";
import { problemOf, type Problem, type RunConfig } from "../../../preload/contract/run.ts";
import { seededRandom, shuffle } from "../../models/random.ts";

export type Part = "train" | "validation" | "test";

/**
 * Which part each person belongs to. A person is never in two parts. Where no validation subjects are named, every
 * training person serves in turn: each member of the ensemble leaves a group of them out and is calibrated on it.
 */
export function splitSubjects(config: RunConfig, subjects: readonly string[]): ReadonlyMap<string, Part> {
  const all = [...new Set(subjects)].sort();
  const parts = new Map<string, Part>();
  const [tested, validating] = [
    new Set(config.split.testSubjects), // thousands of them, of a large library
    new Set(config.split.validationSubjects),
  ];
  for (const subject of all) {
    const isTest = tested.has(subject);
    const isValidation = validating.has(subject);
    parts.set(subject, isTest ? "test" : isValidation ? "validation" : "train");
  }
  return parts;
}

/**
 * The test people of each fold of a cross-validation, by seed: everybody with labels in exactly one, sizes that differ
 * by one at most. Whoever is named for validation stays there, whoever has no labels is trained on in every fold.
 */
export function foldsOf(config: RunConfig, labelled: readonly string[]): readonly (readonly string[])[] {
  const people = [...new Set(labelled)]
    .filter((subject) => !config.split.validationSubjects.includes(subject))
    .sort();
  const order = shuffle(Int32Array.from(people.keys()), seededRandom(config.seed, 302));
  const folds = Array.from({ length: config.split.folds ?? 0 }, (): string[] => []);
  order.forEach((index, place) => folds[place % folds.length]?.push(people[index] as string));
  return folds.map((fold) => fold.sort());
}

/** What each fold trains and tests, as a run of its own. */
export function foldConfigs(config: RunConfig, labelled: readonly string[]): readonly RunConfig[] {
  return foldsOf(config, labelled).map((testSubjects) => ({
    ...config,
    split: { ...withoutFolds(config).split, testSubjects: [...testSubjects] },
  }));
}

/** A member leaves out about one person in so many: more would cost it accuracy, fewer leave too few to calibrate on. */
const LEFT_OUT = 8;

/**
 * Training people by the member that never sees them, by seed; -1: seen by all. There are as many groups as members, or
 * more where there are people enough, so that a member still learns from most of them. People with labels are dealt out
 * first: some of them are left out whenever there are two, and every member keeps one to learn from. Where there are
 * not, nobody is left out.
 */
export function leaveOutGroups(
  people: readonly string[],
  labelled: readonly string[],
  { members, seed }: { readonly members: number; readonly seed: number },
): ReadonlyMap<string, number> {
  const all = [...new Set(people)].sort();
  const withLabels = new Set(labelled);
  const isLabelled = (subject: string): boolean => withLabels.has(subject);
  if (all.filter(isLabelled).length < 2 || members < 2) return new Map(all.map((subject) => [subject, -1]));
  const order = [...shuffle(Int32Array.from(all.keys()), seededRandom(seed, 301))].map(
    (at) => all[at] as string,
  );
  const dealt = [...order.filter(isLabelled), ...order.filter((subject) => !isLabelled(subject))];
  const groups = Math.max(members, Math.min(LEFT_OUT, Math.floor(all.length / 2)));
  return new Map(
    dealt.map((subject, place) => {
      const group = place % groups;
      return [subject, group < members ? group : -1];
    }),
  );
}

/** The same without cross-validation: everybody who is not named otherwise is trained on. */
export function withoutFolds(config: RunConfig): RunConfig {
  const split = { ...config.split };
  delete split.folds;
  return { ...config, split };
}

/** Whether a cross-validation has people enough; the folds themselves are judged one by one. */
export function foldProblems(config: RunConfig, labelled: readonly string[]): Problem[] {
  const {
    split: { folds, testSubjects },
  } = config;
  if (folds === undefined) return [];
  if (testSubjects.length > 0)
    return [problemOf("FOLDS_AND_TEST_SUBJECTS", { subjects: testSubjects.join(", ") })];
  const count = foldsOf(config, labelled).flat().length;
  return count < folds ? [problemOf("FOLDS_TOO_MANY", { folds, count })] : [];
}

/** What is wrong with the split itself; `leavesOut`: training people validate in turn where nobody is named for it. */
export function splitProblems(
  config: RunConfig,
  subjects: readonly string[],
  leavesOut = windowSettings(config.model).members >= 2,
): Problem[] {
  const known = new Set(subjects);
  const parts = splitSubjects(config, subjects);
  const problems: Problem[] = [];
  const validating = new Set(config.split.validationSubjects);
  const both = config.split.testSubjects.filter((subject) => validating.has(subject));
  if (both.length > 0) problems.push(problemOf("SUBJECT_IN_TWO_PARTS", { subjects: both.join(", ") }));
  const unknown = [...config.split.testSubjects, ...config.split.validationSubjects].filter(
    (subject) => !known.has(subject),
  );
  if (unknown.length > 0)
    problems.push(problemOf("SUBJECT_UNKNOWN", { subjects: [...new Set(unknown)].join(", ") }));
  const has = (part: Part): boolean => [...parts.values()].includes(part);
  if (!has("train")) problems.push(problemOf("NO_TRAINING_SUBJECT", {}));
  const training = [...parts.values()].filter((part) => part === "train").length;
  if (!has("validation") && (training < 2 || !leavesOut)) {
    problems.push(problemOf("NO_VALIDATION_SUBJECT", {}));
  }
  if (!has("test")) problems.push(problemOf("NO_TEST_SUBJECT", {}));
  return problems;
}
