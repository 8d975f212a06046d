import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunChange } from "../../../preload/contract/run.fixtures.ts";
import { RunConfig } from "../../../preload/contract/run.ts";
import { foldConfigs, foldsOf, leaveOutGroups, splitProblems, splitSubjects } from "./split.ts";

const configOf = (change: RunChange): RunConfig =>
  RunConfig.parse({
    name: "split",
    recordingIds: ["r"],
    labelSet: "set",
    labels: ["a", "b"],
    channels: ["c"],
    windowS: 1,
    strideS: 1,
    testSubjects: [],
    validationSubjects: [],
    ...change,
  });

const people = ["p1", "p2", "p3", "p4", "p5"];

test("everybody is in one part, and nobody named for testing is ever trained on", () => {
  const some = fc.subarray(people);
  fc.assert(
    fc.property(
      some,
      some,
      fc.array(fc.constantFrom(...people), { maxLength: 12 }),
      (test, validation, subjects) => {
        const config = configOf({ testSubjects: test, validationSubjects: validation });
        const parts = splitSubjects(config, subjects);
        expect([...parts.keys()].sort()).toEqual([...new Set(subjects)].sort());
        for (const [subject, part] of parts) {
          expect(part === "test").toBe(test.includes(subject));
          if (part === "train") expect(validation).not.toContain(subject);
        }
      },
    ),
  );
});

describe("what is wrong with a split is said in a sentence", () => {
  const problems = (change: RunChange, subjects = people): string =>
    splitProblems(configOf(change), subjects)
      .map(({ message }) => message)
      .join(" ");

  test("a sound split has none, with or without validation people", () => {
    expect(problems({ testSubjects: ["p5"], validationSubjects: ["p4"] })).toBe("");
    expect(problems({ testSubjects: ["p5"] })).toBe("");
  });

  test("a person in two parts, or in none of the recordings, is named", () => {
    expect(problems({ testSubjects: ["p5"], validationSubjects: ["p5"] })).toMatch(
      /Both test and validation: p5\./,
    );
    expect(problems({ testSubjects: ["p5", "p9"], validationSubjects: ["p9"] })).toMatch(/of subject p9\./);
  });

  test("nobody to train on, to test on, or to calibrate on", () => {
    expect(problems({ testSubjects: people })).toMatch(/No subject is left to train on/);
    expect(problems({})).toMatch(/No test subject/);
    expect(problems({ testSubjects: ["p2"] }, ["p1", "p2"])).toMatch(/No validation subject/);
    expect(problems({ testSubjects: ["p5"], members: 1 })).toMatch(/No validation subject/);
    expect(problems({ testSubjects: ["p5"], validationSubjects: ["p4"], members: 1 })).toBe("");
  });
});

test("folds test everybody with labels once, in parts of equal size, the same for the same seed", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 6, max: 30 }),
      fc.nat(50),
      (folds, count, seed) => {
        const labelled = Array.from({ length: count }, (_, i) => `q${i}`);
        const config = configOf({ folds, seed, validationSubjects: ["q0", "elsewhere"] });
        const found = foldsOf(config, labelled);
        expect(found).toHaveLength(folds);
        expect(found.flat().sort()).toEqual(labelled.filter((one) => one !== "q0").sort());
        const sizes = found.map((fold) => fold.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(foldsOf(config, [...labelled].reverse())).toEqual(found);
        for (const [at, one] of foldConfigs(config, labelled).entries()) {
          expect(one.split.folds).toBeUndefined();
          const parts = splitSubjects(one, labelled);
          expect(labelled.filter((subject) => parts.get(subject) === "test").sort()).toEqual(found[at]);
          expect(parts.get("q0")).toBe("validation");
        }
      },
    ),
  );
});

test("of two or more labelled people some are left out, and every member keeps a labelled one to learn from", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(50),
      (labelledCount, others, members, seed) => {
        const labelled = Array.from({ length: labelledCount }, (_, i) => `q${i}`);
        const everybody = [...labelled, ...Array.from({ length: others }, (_, i) => `u${i}`)];
        const groups = leaveOutGroups([...everybody, ...everybody], labelled, { members, seed });
        expect([...groups.keys()].sort()).toEqual([...everybody].sort());
        const leftOut = labelled.filter((subject) => groups.get(subject) !== -1);
        if (labelledCount < 2 || members < 2) {
          expect([...groups.values()].every((group) => group === -1)).toBe(true);
          return;
        }
        expect(leftOut.length).toBeGreaterThan(0);
        for (let member = 0; member < members; member += 1)
          expect(labelled.some((subject) => groups.get(subject) !== member)).toBe(true);
      },
    ),
  );
});
