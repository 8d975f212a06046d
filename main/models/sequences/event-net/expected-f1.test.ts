import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../random.ts";
import { thresholdByExpectedF1 } from "./expected-f1.ts";

describe("a threshold by expected F1", () => {
  test("is where half of the F1 is the chance of being marked", () => {
    const random = seededRandom(3);
    const proposals = Array.from({ length: 20_000 }, () => {
      const support = random.next();
      return { support, isMarked: random.next() < support }; // the chance is the support itself
    });
    const marked = proposals.filter(({ isMarked }) => isMarked).length;
    const chosen = thresholdByExpectedF1(proposals, marked) ?? expect.fail("none chosen");
    expect(chosen.threshold).toBeCloseTo(chosen.f1 / 2, 1);
    const taken = proposals.filter(({ support }) => support >= chosen.threshold);
    const found = taken.filter(({ isMarked }) => isMarked).length;
    expect((2 * found) / (marked + taken.length)).toBeCloseTo(chosen.f1, 1);
  });

  test("is no higher where more marks were proposed by nobody", () => {
    const proposals = [0.9, 0.8, 0.7, 0.2, 0.1].map((support) => ({ support, isMarked: support > 0.5 }));
    const whole = thresholdByExpectedF1(proposals, 3) ?? expect.fail("none chosen");
    const some = thresholdByExpectedF1(proposals, 6) ?? expect.fail("none chosen");
    expect(whole.threshold).toBe(0.7);
    expect(some.f1).toBeLessThan(whole.f1);
    expect(some.threshold).toBeLessThanOrEqual(whole.threshold);
  });

  test("takes proposals of equal support together", () => {
    const proposals = [true, false, true, false].map((isMarked) => ({ support: 0.4, isMarked }));
    expect(thresholdByExpectedF1(proposals, 2)?.threshold).toBe(0.4);
  });

  test("is not chosen where no proposal is a marked event", () => {
    expect(thresholdByExpectedF1([], 3)).toBeUndefined();
    expect(thresholdByExpectedF1([{ support: 0.9, isMarked: false }], 3)).toBeUndefined();
  });

  test("is a support that was seen, with an F1 from 0 to 1, whatever there is", () => {
    const proposal = fc.record({
      support: fc.double({ min: 0, max: 1, noNaN: true }),
      isMarked: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(proposal, { minLength: 1 }), fc.nat(20), (proposals, others) => {
        const marked = proposals.filter(({ isMarked }) => isMarked).length;
        const chosen = thresholdByExpectedF1(proposals, marked + others);
        if (chosen === undefined) return marked === 0;
        const { threshold, f1 } = chosen;
        return (
          proposals.some(({ support }) => support === threshold) &&
          f1 >= 0 &&
          f1 <= 1 + 1e-9 * proposals.length
        );
      }),
    );
  });
});
