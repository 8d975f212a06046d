import { describe, expect, test } from "vitest";
import type { GaussianMixture } from "../../models/distributions/gaussian-mixture.ts";
import { softmaxRows } from "../../models/linear-algebra.ts";
import { seededRandom } from "../../models/random.ts";
import { integrated } from "./integrated.ts";
import type { Scores } from "./score.ts";

/** Two inputs, correlated by .8. */
const density: GaussianMixture = {
  ...{ spread: "full", width: 2, components: 1, logWeights: Float64Array.of(0), means: new Float64Array(2) },
  covariances: Float64Array.of(1, 0.8, 0.8, 1),
};
const SLOPES = [3, -2]; // a member each: logit of class 1 by the second input

/** Networks that see the second input alone, and what they are told of as missing. */
function score(x: Float32Array, observed: Uint8Array): Promise<Scores> {
  const count = x.length / 2;
  const each = (of: (second: number, n: number) => number[]) =>
    Float32Array.from({ length: count }, (_, n) => n).reduce<number[]>(
      (all, n) => [...all, ...of(observed[2 * n + 1] === 1 ? (x[2 * n + 1] ?? 0) : 0, n)],
      [],
    );
  return Promise.resolve({
    logits: SLOPES.map((slope) => Float32Array.from(each((second) => [0, slope * second]))),
    logDensity: SLOPES.map(() => Float32Array.from(each((second) => [-second * second]))),
  });
}

const at = (temperature: number) => ({ density, classes: 2, temperature });

describe("what networks say where something is missing", () => {
  const x = Float32Array.of(1, 0.5, 1.2, 0, -0.4, 0.3);
  const observed = Uint8Array.of(1, 1, 1, 0, 1, 1);

  test("is the mean over what it may have been, at the temperature it is meant at, for every member", async () => {
    for (const temperature of [1, 0.4, 2.5]) {
      const { logits, logDensity } = await integrated(score, at(temperature), x, observed);
      const random = seededRandom(1);
      const draws = Array.from({ length: 40_000 }, () => 0.8 * 1.2 + 0.6 * random.normal()); // of the second, given the first
      const mean = (of: (second: number) => number): number =>
        draws.reduce((sum, one) => sum + of(one), 0) / draws.length;
      SLOPES.forEach((slope, member) => {
        const said = softmaxRows((logits[member] as Float32Array).subarray(2, 4), 2, temperature);
        expect(said[1]).toBeCloseTo(
          mean((second) => 1 / (1 + Math.exp((-slope * second) / temperature))),
          2,
        );
      });
      expect(logDensity[0]?.[1]).toBeCloseTo(Math.log(mean((second) => Math.exp(-second * second))), 1);
    }
  });

  test("is to the bit what they say themselves where nothing is", async () => {
    const whole = await score(x, observed);
    const said = await integrated(score, at(1), x, observed);
    for (const member of [0, 1]) {
      const [own, plain] = [said.logits[member], whole.logits[member]];
      expect([own?.subarray(0, 2), own?.subarray(4)]).toEqual([plain?.subarray(0, 2), plain?.subarray(4)]);
      expect(own?.subarray(2, 4)).not.toEqual(plain?.subarray(2, 4));
    }
    const complete = new Uint8Array(6).fill(1);
    expect(await integrated(score, at(1), x, complete)).toEqual(await score(x, complete));
  });

  test("does not depend on how many windows are judged with it", async () => {
    const many = 200; // more than are completed together
    const own = await integrated(score, at(1), x.subarray(2, 4), observed.subarray(2, 4));
    const all = await integrated(
      score,
      at(1),
      Float32Array.from({ length: 2 * many }, (_, i) => x[2 + (i % 2)] ?? 0),
      Uint8Array.from({ length: 2 * many }, (_, i) => observed[2 + (i % 2)] ?? 0),
    );
    for (let n = 0; n < many; n += 1)
      expect(all.logits[0]?.subarray(2 * n, 2 * n + 2)).toEqual(own.logits[0]);
  });
});
