import fc from "fast-check";
import { expect, test } from "vitest";
import { normalMixtureQuantiles } from "./normal-mixture-quantiles.ts";
import { mixturePredictive } from "./predictive.ts";

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const part = fc.record({ weight: real(1e-9, 1), mean: real(-200, 200), scale: real(1e-3, 80) });

test("quantiles of normals mixed in any way are where as much lies below as is asked for, and rise", () => {
  const shares = [0.001, 0.025, 0.05, 0.25, 0.5, 0.9, 0.975, 0.999];
  const one = { weight: 1e-9, mean: 0, scale: 0.001 };
  const halved = [
    { weight: 0.028803457652441158, mean: 0.020988588985771734, scale: 0.001 },
    { weight: 0.034190797736801545, mean: 0, scale: 1.0962645173851873 },
    { weight: 0.005681608685442159, mean: 0, scale: 0.004192156685162158 },
  ]; // a step from near leaves what holds the quantile
  const toAndFro = [
    { weight: 0.19161439845221664, mean: 0, scale: 0.001 },
    { weight: 0.7437377365194325, mean: 0.09564983313720879, scale: 0.001 },
    { weight: 0.9999999999931862, mean: 0, scale: 1.5605020281828286 },
  ];
  const twoFarApart = [one, { ...one, mean: 0.010333932093793895 }]; // next to nothing lies around the median
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), (drawn) => {
      const total = drawn.reduce((sum, { weight }) => sum + weight, 0);
      const parts = drawn.map((one) => ({ ...one, weight: one.weight / total, nu: Infinity }));
      const whole = mixturePredictive(parts);
      const own = normalMixtureQuantiles(parts, shares);
      shares.forEach((share, i) => {
        const at = own[i] ?? NaN;
        const [below, above] = [whole.cdf(at - 1e-7), whole.cdf(at + 1e-7)];
        expect(below).toBeLessThanOrEqual(share + 1e-9);
        expect(above).toBeGreaterThanOrEqual(share - 1e-9);
        if (i > 0) expect(at).toBeGreaterThanOrEqual(own[i - 1] ?? NaN);
      });
    }),
    { examples: [[twoFarApart], [halved], [toAndFro]] },
  );
});
