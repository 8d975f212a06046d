import { beforeAll, describe, expect, test } from "vitest";
import { logJoint, posteriors } from "../distributions/gaussian-classes.ts";
import { invertLower } from "../linear-algebra.ts";
import { seededRandom } from "../random.ts";
import {
  coupledAnswers,
  CoupledSoftmaxLearned,
  coupledSoftmaxModel,
  headsIn,
} from "../windows/coupled-softmax.ts";
import { answersOf, placesOf } from "./answers.ts";
import { coupledRows, couplingOf, startOf, unitsOf } from "./fit.ts";
import { coupledLoss } from "./objective.ts";
import { headsOf, parameterCount } from "./parameters.ts";

/** Rows of three classes with a third of the inputs missing and half of the labels. */
function gappy(count = 40, width = 4, classes = 3, seed = 1) {
  const random = seededRandom(seed);
  const y = new Float32Array(count * classes);
  for (let n = 0; n < count; n += 2) y[n * classes + ((n / 2) % classes)] = 1;
  return {
    ...{ count, width, classes, y },
    x: Float32Array.from(
      { length: count * width },
      (_, at) => random.normal() + ((Math.floor(at / width) >> 1) % classes),
    ),
    observed: Uint8Array.from({ length: count * width }, () => (random.next() < 0.67 ? 1 : 0)),
  };
}

test("the derivative of the objective is that measured, with gaps and a density", () => {
  const data = gappy();
  const rows = coupledRows(data, unitsOf(data));
  const coupling = couplingOf({ couplingVariance: 0.5, generativeWeight: 0.7 }, 0.01);
  const random = seededRandom(2);
  const at = startOf(rows).map((value) => value + 0.3 * random.normal());
  const loss = coupledLoss(rows, placesOf(headsOf(at, 4, 3, coupling.scale), rows), coupling);
  const [gradient, other] = [new Float64Array(at.length), new Float64Array(at.length)];
  loss(at, gradient);
  const moved = (i: number, by: number): number =>
    loss(
      at.map((value, j) => (i === j ? value + by : value)),
      other,
    );
  const apart = at.map((_, i) => (moved(i, 1e-5) - moved(i, -1e-5)) / 2e-5 - (gradient[i] ?? 0));
  expect(Math.max(...apart.map(Math.abs))).toBeLessThan(1e-8);
});

test("with both heads as one, classifier and density agree with the exact marginals", () => {
  const random = seededRandom(3);
  const data = gappy();
  const flat = new Float64Array(parameterCount(4, 3)).map(() => 0.5 * random.normal());
  flat.fill(0, flat.length - 15); // nothing apart
  const heads = headsOf(flat, 4, 3, 1);
  const x = Float64Array.from(data.x);
  const answers = answersOf(heads, x, data.observed, data.count);
  const inverse = invertLower(heads.lower, 4);
  const covariance = Float64Array.from({ length: 16 }, (_, at) =>
    [0, 1, 2, 3].reduce(
      (sum, l) => sum + (inverse[l * 4 + (at >> 2)] ?? 0) * (inverse[l * 4 + (at % 4)] ?? 0),
      0,
    ),
  );
  const model = { width: 4, classes: 3, means: heads.means, covariance, logPrior: heads.logPrior };
  const { probabilities, logEvidence } = posteriors(logJoint(model, x, data.observed, data.count), 3);
  const apart = (a: Float64Array, b: Float64Array) => Math.max(...a.map((v, i) => Math.abs(v - (b[i] ?? 0))));
  expect(apart(answers.generative, probabilities)).toBeLessThan(1e-10);
  expect(apart(answers.logDensity, logEvidence)).toBeLessThan(1e-10);
  expect(apart(answers.discriminative, probabilities)).toBeLessThan(0.1); // 64 draws
  const whole = answersOf(heads, x, new Uint8Array(x.length).fill(1), data.count);
  expect(apart(whole.discriminative, whole.generative)).toBeLessThan(1e-12);
});

describe("the model", () => {
  const data = gappy(60);
  const config = coupledSoftmaxModel.config.parse({ members: 1, couplingVariance: 1 });
  const fitted = async (windows = data) => {
    const { learning } = coupledSoftmaxModel;
    let learned = learning.begin(config, windows, 4);
    for (let round = 0; round < learning.mostRounds; round += 1) {
      const next = await learning.round(learned, config, windows, new AbortController().signal);
      learned = next.learned;
      if (next.isSettled) break;
    }
    return learned;
  };
  let own: Awaited<ReturnType<typeof fitted>>;
  beforeAll(async () => {
    own = await fitted();
  });

  test("chooses the weight of the density, settles, and is what its file says", () => {
    const learned = own;
    expect([...learned.losses].map((loss) => loss > 0).slice(0, 4)).toEqual([true, true, true, false]);
    expect(learned.search).toBeNull();
    expect(CoupledSoftmaxLearned.parse(learned)).toEqual(learned);
    expect(() => CoupledSoftmaxLearned.parse({ ...learned, width: 5 })).toThrow(/values, 15 are needed/);
    const parameters = { ...learned.parameters, apart: learned.parameters.apart.slice(1) };
    expect(() => CoupledSoftmaxLearned.parse({ ...learned, parameters })).toThrow(/apart/);
    expect(headsIn(learned).w.every(Number.isFinite)).toBe(true);
  });

  test("neither learns nor says anything by what lies in a gap", async () => {
    const spoilt = { ...data, x: data.x.map((value, at) => (data.observed[at] === 1 ? value : 1e6)) };
    const other = await fitted(spoilt);
    expect(other).toEqual(own);
    expect(coupledAnswers(other, spoilt)).toEqual(coupledAnswers(own, data));
  });

  test("says a density of the inputs as they come, whatever their unit", async () => {
    const tenfold = { ...data, x: data.x.map((value) => 10 * value) };
    const plain = coupledAnswers(own, data).logDensity;
    const other = coupledAnswers(await fitted(tenfold), tenfold).logDensity;
    for (let n = 0; n < data.count; n += 1) {
      const seen = data.observed.subarray(n * 4, (n + 1) * 4).reduce((a, b) => a + b, 0);
      expect(other[n]).toBeCloseTo((plain[n] ?? 0) - seen * Math.log(10), 3);
    }
  });
});
