import { expect, test } from "vitest";
import { normalMixtureScore } from "./normal-mixture-score.ts";
import { mixturePredictive } from "./predictive.ts";

test("the closed form is the integral", () => {
  const parts = [
    { weight: 0.5, mean: 130, scale: 3 },
    { weight: 0.3, mean: 110, scale: 8 },
    { weight: 0.2, mean: 131, scale: 0.4 },
  ];
  const whole = mixturePredictive(parts.map((part) => ({ ...part, nu: Infinity })));
  for (const value of [90, 128, 131, 170])
    expect(normalMixtureScore(parts, value)).toBeCloseTo(whole.crps(value), 4);
});
