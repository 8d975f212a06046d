import { describe, expect, test } from "vitest";
import { seededRandom } from "../../models/random.ts";
import { pairedSentence, pairedSentenceAt } from "../../../preload/contract/paired.ts";
import { pairedOverGroups } from "./paired.ts";

const people = (values: readonly number[]): Map<string, number> =>
  new Map(values.map((value, i) => [`person ${i}`, value]));

describe("a comparison paired over people", () => {
  test("finds a small gain that everybody shares, though people differ far more", () => {
    const random = seededRandom(1);
    const b = Array.from({ length: 20 }, () => 0.3 + 0.6 * random.next());
    const a = b.map((value) => value + 0.02 + 0.01 * random.normal());
    const { difference, interval, verdict, better } = pairedOverGroups(people(a), people(b));
    expect(difference).toBeCloseTo(0.02, 2);
    expect(interval?.low).toBeGreaterThan(0.01);
    expect(interval?.high).toBeLessThan(0.03);
    expect([verdict, better >= 17]).toEqual(["better", true]);
    expect(pairedOverGroups(people(b), people(a)).verdict).toBe("worse");
  });

  test("shows no difference where the interval holds zero", () => {
    const found = pairedOverGroups(
      people([0.9, 0.1, 0.5, 0.6, 0.4, 0.5]),
      people([0.5, 0.5, 0.5, 0.4, 0.5, 0.5]),
    );
    expect(found).toMatchObject({ better: 2, worse: 2, equal: 2, verdict: "no-difference-shown" });
    expect(pairedSentence(found)).toMatch(/no difference shown$/);
    expect(pairedSentenceAt({ ...found, level: 0.975 })).toMatch(/no difference shown, 97\.5 % interval$/);
  });

  test("has the interval that the standard error of the mean predicts", () => {
    const random = seededRandom(2);
    const a = people(Array.from({ length: 200 }, () => random.normal()));
    const { interval, difference } = pairedOverGroups(a, people(Array.from({ length: 200 }, () => 0)));
    expect(((interval?.high ?? 0) - difference) * Math.sqrt(200)).toBeCloseTo(1.96, 0);
    expect((difference - (interval?.low ?? 0)) * Math.sqrt(200)).toBeCloseTo(1.96, 0);
  });

  test("does not depend on the order of people, and leaves out who is missing on one side", () => {
    const a = people([0.9, 0.7, 0.8, 0.6, 0.5, 0.95, 0.4]);
    const b = people([0.8, 0.75, 0.7, 0.65, 0.4, 0.9, 0.5]);
    const turned = new Map([...a].reverse());
    turned.set("nobody's", 0);
    expect(pairedOverGroups(turned, b, 3)).toEqual(pairedOverGroups(a, b, 3));
  });

  test("gives no interval for a handful, and none at all for nobody", () => {
    const few = pairedOverGroups(people([1, 1, 1]), people([0, 0, 0]));
    expect(few).toMatchObject({ groups: 3, difference: 1, interval: null, verdict: "too-few" });
    expect(pairedSentence(few)).toMatch(/3 better, 0 worse, 0 equal\): too few people for an interval$/);
    expect(pairedSentenceAt({ ...few, level: 0.95 })).toBe(pairedSentence(few));
    expect(pairedOverGroups(new Map(), new Map())).toMatchObject({ groups: 0, difference: 0 });
  });
});
