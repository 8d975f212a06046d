import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { softmaxRows } from "../../models/linear-algebra.ts";
import { adaptedOpinion, opinionOf } from "./predict.ts";

const K = 3;
const voice = (windows: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: windows * K, maxLength: windows * K })
    .map((logits) => softmaxRows(Float64Array.from(logits), K, 1));
const voices = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([windows, members]) => fc.array(voice(windows), { minLength: members, maxLength: members }));

describe("what several equal voices say together", () => {
  test("is their mean, inside its band, the band inside 0 and 1, and no voice at odds is no band at all", () => {
    fc.assert(
      fc.property(voices, (all) => {
        const { mean, low, high } = opinionOf(all, K);
        mean.forEach((p, i) => {
          expect(p).toBeCloseTo(all.reduce((sum, one) => sum + (one[i] as number), 0) / all.length, 12);
          expect(low[i]).toBeGreaterThanOrEqual(0);
          expect(low[i]).toBeLessThanOrEqual(p);
          expect(high[i]).toBeGreaterThanOrEqual(p);
          expect(high[i]).toBeLessThanOrEqual(1);
        });
        const agreed = opinionOf([all[0]!, all[0]!], K);
        agreed.mean.forEach((p, i) => expect(agreed.high[i]! - p).toBeLessThan(1e-7));
      }),
    );
  });

  test("is uncertain in the data by what each doubts, and in the model by what they disagree on", () => {
    fc.assert(
      fc.property(voices, (all) => {
        const { mean, aleatoric, epistemic } = opinionOf(all, K);
        aleatoric.forEach((inData, n) => {
          const row = [...mean.subarray(n * K, (n + 1) * K)];
          const whole = -row.reduce((sum, p) => sum + (p > 1e-12 ? p * Math.log(p) : 0), 0);
          expect(epistemic[n]).toBeGreaterThanOrEqual(0);
          expect(inData + epistemic[n]!).toBeCloseTo(whole, 9);
        });
        opinionOf([all[0]!, all[0]!], K).epistemic.forEach((value) => expect(value).toBeLessThan(1e-9));
      }),
    );
    const sure = [Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 0)];
    expect(opinionOf(sure, K).aleatoric[0]).toBe(0);
    expect(opinionOf(sure, K).epistemic[0]).toBeCloseTo(Math.LN2, 12);
  });
});

test("once adapted to a person the probability is the Gaussian's; the network only widens the band", () => {
  const logits = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: K, maxLength: K });
  fc.assert(
    fc.property(voice(1), logits, (probabilities, network) => {
      const adapted = {
        orientation: 0,
        probabilities,
        logEvidence: new Float64Array(1),
        canonical: new Float64Array(1),
        observed: Uint8Array.of(1),
      };
      const scores = { logits: [Float32Array.from(network)], logDensity: [new Float32Array(1)] };
      const { mean, low, high } = adaptedOpinion(adapted, scores, K, 1);
      mean.forEach((p, i) => {
        expect(p).toBe(probabilities[i]);
        expect(low[i]).toBeLessThanOrEqual(p);
        expect(high[i]).toBeGreaterThanOrEqual(p);
      });
    }),
  );
});
