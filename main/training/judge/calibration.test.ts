import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { softmaxRows } from "../../models/linear-algebra.ts";
import { seededRandom } from "../../models/random.ts";
import { minimise } from "../../models/convex/minimise.ts";
import { ensembleProbabilities, fitTemperature } from "./calibration.ts";

test("a valley is found wherever it lies", () => {
  fc.assert(
    fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (bottom) => {
      expect(Math.abs(minimise((x) => (x - bottom) ** 2, -3, 3) - bottom)).toBeLessThan(1e-3);
    }),
  );
});

test("an ensemble's probability is the mean of its members'", () => {
  const members = [
    [2, 0, 0, 1],
    [0, 0, 3, 0],
  ];
  const found = ensembleProbabilities(members, 2, 1.5);
  const each = members.map((logits) => softmaxRows(logits, 2, 1.5));
  found.forEach((p, i) =>
    expect(p).toBeCloseTo(((each[0]?.[i] as number) + (each[1]?.[i] as number)) / 2, 12),
  );
  expect(ensembleProbabilities([], 2, 1)).toEqual(new Float64Array(0));
});

describe("the temperature", () => {
  /** Labels drawn from softmax(logits); the model says `factor` times the logits. */
  function overconfident(factor: number, n = 3000) {
    const random = seededRandom(5);
    const logits = Float64Array.from({ length: 3 * n }, () => 2 * random.normal());
    const p = softmaxRows(logits, 3);
    const labels = Int16Array.from({ length: n }, (_, row) => {
      const u = random.next();
      const [a, b] = [p[3 * row] as number, p[3 * row + 1] as number];
      return u < a ? 0 : u < a + b ? 1 : 2;
    });
    const subjects = Array.from({ length: n }, (_, row) => `s${row % 3}`);
    return { members: [logits.map((v) => factor * v)], labels, subjects, classes: 3 };
  }

  test.each([0.5, 1, 2.5])("of a model %f times too sure is that factor", (factor) => {
    const found = fitTemperature(overconfident(factor));
    expect(Math.abs(found / factor - 1)).toBeLessThan(0.08);
  });

  test("stays between 0.2 and 5, and is 1 where there is nothing to judge by", () => {
    expect(fitTemperature(overconfident(50, 300))).toBeCloseTo(5, 1);
    expect(fitTemperature(overconfident(0.01, 300))).toBeCloseTo(0.2, 2);
    expect(fitTemperature({ members: [[]], labels: [], subjects: [], classes: 3 })).toBe(1);
  });

  test("is not decided by one person the model gets wrong altogether", () => {
    const { members, labels, subjects } = overconfident(0.6, 1500);
    const people = subjects.map((_, row) => `p${row % 15}`);
    const wrong = Int16Array.from(labels, (label, row) => (row % 15 === 0 ? (label + 1) % 3 : label));
    const found = fitTemperature({ members, labels: wrong, subjects: people, classes: 3 });
    expect(found).toBeLessThan(0.9); // 0.6 without that person; by NLL it would be above 1
  });

  test("lets nobody decide by being long: a person's windows repeated change nothing", () => {
    const { members, labels, subjects } = overconfident(2, 90);
    const repeat = subjects.flatMap((subject, row) => new Array<number>(subject === "s0" ? 7 : 1).fill(row));
    const longer = {
      members: [
        Float64Array.from(
          repeat.flatMap((row) => [...(members[0] as Float64Array).subarray(3 * row, 3 * row + 3)]),
        ),
      ],
      labels: repeat.map((row) => labels[row] as number),
      subjects: repeat.map((row) => subjects[row] as string),
      classes: 3,
    };
    expect(fitTemperature(longer)).toBeCloseTo(fitTemperature({ members, labels, subjects, classes: 3 }), 3);
  });
});
