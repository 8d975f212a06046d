import { cholesky, softmaxRows } from "../../../main/models/linear-algebra.ts";
import { searched, searchFrom } from "../../../main/models/convex/lbfgs.ts";
import { softmaxLogits, softmaxLoss } from "../../../main/models/convex/softmax-regression.ts";
import { seededRandom } from "../../../main/models/random.ts";
import {
  effectiveWeights,
  posteriorOf,
  responsibilities,
  type Components,
  type Design,
} from "../../../main/models/sdgm/components.ts";
import { gram, packed } from "../../../main/models/sdgm/curvature.ts";
import { begun, expectAndClimb } from "../../../main/models/sdgm/learn.ts";
import { activeWeights, climb, gradientOf, expectedObjective } from "../../../main/models/sdgm/newton.ts";
import { atMost, type MethodCheck, type Outcome } from "../check.ts";
import { targetOf, type Points } from "../points.ts";
import { designOf } from "./fitted.ts";

const pause = (): Promise<void> => Promise.resolve();
const largest = (values: Float64Array): number =>
  values.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
const apart = (a: Float64Array, b: Float64Array): number =>
  largest(a.map((value, i) => value - (b[i] ?? NaN)));
const from = (number: number) => ({ evidence: "derived", source: `sdgm.md check ${number}` }) as const;

function points(count: number, classes: number, seed: number): Points {
  const random = seededRandom(seed);
  const labels = Int32Array.from({ length: count }, (_, n) => n % classes);
  const x = Float64Array.from(
    { length: count * 2 },
    (_, at) => (labels[at >> 1] ?? 0) * 0.7 + random.normal(),
  );
  return { x, labels, width: 2 };
}

/** Check 1: 30 points, four components of two classes, six monomials. */
function derivatives(): Outcome[] {
  const random = seededRandom(3);
  const train = points(30, 2, 2);
  const design = designOf(train, train, { form: "quadratic", classes: 2, each: 2, steps: 1 });
  const precisions = Float64Array.from({ length: 24 }, (_, at) => (at < 18 ? 0.5 + random.next() : Infinity));
  const components: Components = {
    classOf: Int32Array.of(0, 0, 1, 1),
    logMix: Float64Array.of(0.4, 0.6, 0.3, 0.7).map(Math.log),
    weights: precisions.map((precision) => (precision === Infinity ? 0 : 0.4 * random.normal())),
    precisions,
  };
  const seen = (moved: Components) => posteriorOf(design, moved, effectiveWeights(moved, design));
  const shares = responsibilities(design, components, seen(components));
  const moved = (at: number, by: number): Components => ({
    ...components,
    weights: components.weights.map((value, i) => value + (i === at ? by : 0)),
  });
  const gradient = gradientOf(design, components, shares, seen(components));
  const step = 1e-5;
  const slope = (at: number, f: (of: Components) => number): number =>
    (f(moved(at, step)) - f(moved(at, -step))) / (2 * step);
  const measured = gradient.map((_, at) => slope(at, (of) => expectedObjective(of, shares, seen(of))));
  const hessian = hessianOf(design, components, shares);
  const columns = Float64Array.from({ length: 18 * 18 }, (_, at) =>
    slope(at % 18, (of) => -(gradientOf(design, of, shares, seen(of))[Math.floor(at / 18)] ?? 0)),
  );
  const isDefinite = (): boolean => {
    cholesky(hessian, 18);
    return true;
  };
  return [
    atMost(
      "gradient against central differences, relative",
      apart(gradient, measured) / largest(gradient),
      1e-6,
      from(1),
      12,
    ),
    atMost(
      "curvature against central differences, relative",
      apart(hessian, columns) / largest(hessian),
      1e-6,
      from(1),
      12,
    ),
    {
      what: "curvature has a Cholesky factor",
      value: String(isDefinite()),
      expected: "true",
      pass: true,
      ...from(1),
    },
  ];
}

function hessianOf(design: Design, components: Components, shares: Float64Array): Float64Array {
  const active = activeWeights(components, design.atoms);
  const { logShares } = posteriorOf(design, components, effectiveWeights(components, design));
  const p = active.at.length;
  const lower = gram(packed(design, active), active.component, {
    shares: logShares.map(Math.exp),
    mass: new Float64Array(design.rows).fill(1),
    count: shares.length / design.rows,
  });
  return lower.map((_, at) => {
    const [i, j] = [Math.floor(at / p), at % p];
    return (lower[Math.max(i, j) * p + Math.min(i, j)] ?? 0) + (i === j ? (active.precision[i] ?? 0) : 0);
  });
}

/** Check 2: with one component a class and no squares, against the convex solver of the softmax regression. */
async function softmaxLimit(): Promise<Outcome> {
  const train = points(200, 2, 5);
  const task = { form: "diagonal", classes: 2, each: 1, steps: 1 } as const;
  const design = designOf(train, train, task);
  const start = begun(design, train.x, { each: 1, random: seededRandom(1) });
  const ridge = 1e-4;
  // One class is held at 0 here and both are free there: the same optimum for half the ridge on the difference.
  const precisions = start.components.precisions.map((precision, at) =>
    precision === Infinity || at % 5 > 2 ? Infinity : at % 5 === 0 ? (200 * 1e-6) / 2 : (200 * ridge) / 2,
  );
  const { posterior } = await climb(design, { ...start.components, precisions }, start.shares, pause);
  const plain = {
    ...{ count: 200, features: 3, classes: 2, isPerClass: false, y: targetOf(train, 2) },
    fill: (_c: number, first: number, rows: number, out: Float64Array): void => {
      for (let n = 0; n < rows; n += 1)
        out.set([1, ...train.x.subarray((first + n) * 2, (first + n + 1) * 2)], n * 3);
    },
  };
  const loss = softmaxLoss(plain, ridge);
  const found = searched(searchFrom(new Float64Array(6), loss), loss, { steps: 500, tolerance: 1e-11 });
  const expected = softmaxRows(softmaxLogits(plain, found.at), 2);
  return atMost(
    "one component, no squares, against softmax regression: largest difference of a posterior",
    apart(posterior.logClass.map(Math.exp), expected),
    1e-6,
    from(2),
    10,
  );
}

/** Check 3. */
function gauge(): Outcome {
  const random = seededRandom(4);
  const train = points(60, 3, 6);
  const design = designOf(train, train, { form: "quadratic", classes: 3, each: 1, steps: 1 });
  const components = { classOf: Int32Array.of(0, 1, 2), logMix: new Float64Array(3) };
  const weights = Float64Array.from({ length: 18 }, () => 0.5 * random.normal());
  const added = Float64Array.from({ length: 6 }, () => random.normal());
  const [one, other] = [weights, weights.map((value, at) => value + (added[at % 6] ?? 0))].map((effective) =>
    posteriorOf(design, components, effective).logClass.map(Math.exp),
  );
  return atMost(
    "one vector added to all weights: largest change of a posterior",
    one && other ? apart(one, other) : NaN,
    1e-12,
    from(3),
    16,
  );
}

/** Check 4. */
async function rising(): Promise<Outcome> {
  const train = points(240, 3, 8);
  const design = designOf(train, train, { form: "quadratic", classes: 3, each: 3, steps: 1 });
  const start = begun(design, train.x, { each: 3, random: seededRandom(3) });
  const path: number[] = [];
  await expectAndClimb(design, start, pause, (penalised) => path.push(penalised));
  const fall = Math.max(0, ...path.slice(1).map((value, i) => (path[i] ?? 0) - value));
  return atMost(
    `largest fall of the penalised likelihood over ${path.length} steps of EM`,
    fall,
    1e-8,
    from(4),
    10,
  );
}

export const sdgmChecks: MethodCheck = {
  id: "sdgm-checks",
  about: "SDGM: derivatives, softmax limit, gauge, EM",
  run: async () => [...derivatives(), await softmaxLimit(), gauge(), await rising()],
};
