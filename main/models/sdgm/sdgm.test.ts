import { describe, expect, test } from "vitest";
import { cholesky, softmaxRows } from "../linear-algebra.ts";
import type { WindowRows } from "../model.ts";
import { seededRandom } from "../random.ts";
import { sdgmModel } from "../windows/sdgm.ts";
import {
  effectiveWeights,
  posteriorOf,
  responsibilities,
  type Components,
  type Design,
} from "./components.ts";
import { gram, packed } from "./curvature.ts";
import { begun, expectAndClimb, learn } from "./learn.ts";
import { kernelDictionary, monomialCount, monomialNames, monomialsOf } from "./monomials.ts";
import { activeWeights, climb, curvatureOf, expectedObjective, gradientOf } from "./newton.ts";
import { designOf, mostRows } from "./training-rows.ts";

const pause = (): Promise<void> => Promise.resolve();
const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, v, i) => Math.max(worst, Math.abs(v - (b[i] ?? NaN))), 0);

/** Points of three classes about three centres. */
function points(count: number, seed: number): { readonly x: Float64Array; readonly target: Float64Array } {
  const random = seededRandom(seed);
  const target = new Float64Array(count * 3);
  const x = Float64Array.from({ length: count * 2 }, (_, at) => {
    const c = Math.floor(at / 2) % 3;
    target[Math.floor(at / 2) * 3 + c] = 1;
    return (at % 2 === 0 ? c - 1 : c === 1 ? 1 : 0) + 0.9 * random.normal();
  });
  return { x, target };
}
const designFrom = (
  count: number,
  seed: number,
  form: "diagonal" | "quadratic" | "kernel" = "diagonal",
): Design => {
  const { x, target } = points(count, seed);
  return designOf(x, target, { form, width: 2, classes: 3, seed: 1, anchor: undefined });
};

/** Somewhere off the start, with responsibilities of its own. */
function somewhere(design: Design, seed: number) {
  const random = seededRandom(seed);
  const k = 4;
  const precisions = Float64Array.from({ length: k * design.atoms }, () => 0.5 + random.next());
  precisions.fill(Infinity, (k - 1) * design.atoms);
  const components: Components = {
    classOf: Int32Array.of(0, 0, 1, 2),
    logMix: Float64Array.of(Math.log(0.4), Math.log(0.6), 0, 0),
    weights: precisions.map((precision) => (precision === Infinity ? 0 : 0.3 * random.normal())),
    precisions,
  };
  const effective = effectiveWeights(components, design);
  const posterior = posteriorOf(design, components, effective);
  return { components, effective, posterior, shares: responsibilities(design, components, posterior) };
}

/** Central differences of f over the weights that are left. */
function differences(at: Int32Array, components: Components, f: (moved: Components) => number): Float64Array {
  const step = 1e-5;
  return Float64Array.from(at, (place) => {
    const moved = (by: number): number => {
      const weights = Float64Array.from(components.weights);
      weights[place] = (weights[place] ?? 0) + by;
      return f({ ...components, weights });
    };
    return (moved(step) - moved(-step)) / (2 * step);
  });
}

describe("Newton's step", () => {
  const design = designFrom(30, 3, "quadratic");
  const { components, posterior, shares } = somewhere(design, 5);
  const { at, component, precision } = activeWeights(components, design.atoms);
  const seen = (moved: Components) => posteriorOf(design, moved, effectiveWeights(moved, design));

  test("gradient and curvature are what central differences measure", () => {
    const gradient = gradientOf(design, components, shares, posterior);
    const measured = differences(at, components, (moved) => expectedObjective(moved, shares, seen(moved)));
    expect(largest(gradient, measured)).toBeLessThan(1e-6 * Math.max(...gradient.map(Math.abs)));
    const p = at.length;
    const hessian = gram(packed(design, activeWeights(components, design.atoms)), component, {
      shares: posterior.logShares.map(Math.exp),
      mass: new Float64Array(30).fill(1),
      count: 4,
    });
    precision.forEach((alpha, q) => (hessian[q * p + q] = (hessian[q * p + q] ?? 0) + alpha));
    for (let q = 0; q < p; q += 1) {
      const column = differences(
        at,
        components,
        (moved) => -(gradientOf(design, moved, shares, seen(moved))[q] ?? 0),
      );
      for (let i = 0; i <= q; i += 1)
        expect(Math.abs((hessian[q * p + i] ?? 0) - (column[i] ?? 0))).toBeLessThan(
          1e-6 * Math.max(1, Math.abs(column[q] ?? 0)),
        );
    }
    expect(() => cholesky(hessian, p)).not.toThrow();
  });

  test("one vector added to the weights of every component changes no posterior", () => {
    const { effective } = somewhere(design, 5);
    const random = seededRandom(9);
    const added = Float64Array.from({ length: design.monomials }, () => random.normal());
    const shifted = effective.map((value, i) => value + (added[i % design.monomials] ?? 0));
    expect(
      largest(
        posteriorOf(design, components, shifted).logClass.map(Math.exp),
        posterior.logClass.map(Math.exp),
      ),
    ).toBeLessThan(1e-12);
  });

  test("through the monomials behind a kernel it is the step through all its weights", () => {
    const kernel = designFrom(30, 3, "kernel");
    const state = somewhere(kernel, 6);
    const active = activeWeights(state.components, kernel.atoms);
    // The same design with its kernel written out: as many monomials as weights, so nothing to save.
    const written: Design = {
      ...kernel,
      monomials: kernel.atoms,
      phi: packed(kernel, { atom: Int32Array.from({ length: kernel.atoms }, (_, a) => a) }),
      dictionary: undefined,
    };
    const [through, direct] = [kernel, written].map((own) =>
      curvatureOf(own, state.components, state.shares, state.posterior),
    );
    const gradient = gradientOf(kernel, state.components, state.shares, state.posterior);
    expect(active.at.length).toBeGreaterThan(3 * kernel.monomials);
    expect(largest(through?.solve(gradient) ?? [], direct?.solve(gradient) ?? [])).toBeLessThan(1e-8);
    expect(largest(through?.variances() ?? [], direct?.variances() ?? [])).toBeLessThan(1e-8);
    expect(through?.logVolume).toBeCloseTo(direct?.logVolume ?? 0, 6);
  });
});

test("what a kernel's centres are at each row is what their monomials say", () => {
  const kernel = designFrom(30, 3, "kernel");
  const all = { atom: Int32Array.from({ length: kernel.atoms }, (_, a) => a) };
  expect(kernel.values).toBeDefined();
  expect(largest(packed(kernel, all), packed({ ...kernel, values: undefined }, all))).toBeLessThan(1e-10);
});

test("a kernel is a quadratic function of the inputs", () => {
  const centre = [0.3, -1.2, 0.7];
  const x = [1.1, 0.4, -0.6];
  const phi = new Float64Array(monomialCount("quadratic", 3));
  monomialsOf("quadratic", x, { at: 0, width: 3 }, phi, 0);
  const row = kernelDictionary(centre, 1, 3).subarray(0, phi.length);
  const product = centre.reduce((sum, c, i) => sum + c * (x[i] ?? 0), 0);
  expect(row.reduce((sum, b, i) => sum + b * (phi[i] ?? 0), 0)).toBeCloseTo((product + 1) ** 2, 12);
  expect(monomialNames("quadratic", ["a", "b"])).toEqual(["1", "a", "b", "a²", "a × b", "b²"]);
});

test("one component a class and no squares is softmax regression", async () => {
  const design = designFrom(90, 4);
  const { components: start, shares } = begun(design, points(90, 4).x, { each: 1, random: seededRandom(1) });
  const precisions = start.precisions.map((precision, at) => (at % design.atoms > 2 ? Infinity : precision));
  const { posterior } = await climb(design, { ...start, precisions }, shares, pause);
  // Gradient ascent on the plain softmax with the same ridge, the last class held at 0.
  const w = new Float64Array(6);
  const logitsOf = (): Float64Array =>
    Float64Array.from({ length: 270 }, (_, at) => {
      const [n, c] = [Math.floor(at / 3), at % 3];
      return c === 2
        ? 0
        : [0, 1, 2].reduce((sum, i) => sum + (w[c * 3 + i] ?? 0) * (design.phi[n * 5 + i] ?? 0), 0);
    });
  for (let step = 0; step < 4000; step += 1) {
    const p = softmaxRows(logitsOf(), 3);
    const gradient = w.map((value) => -value);
    p.forEach((probability, at) => {
      const [n, c] = [Math.floor(at / 3), at % 3];
      if (c < 2)
        for (let i = 0; i < 3; i += 1)
          gradient[c * 3 + i] =
            (gradient[c * 3 + i] ?? 0) +
            ((design.target[at] ?? 0) - probability) * (design.phi[n * 5 + i] ?? 0);
    });
    w.forEach((value, i) => (w[i] = value + 0.01 * (gradient[i] ?? 0)));
  }
  expect(largest(posterior.logClass.map(Math.exp), softmaxRows(logitsOf(), 3))).toBeLessThan(1e-6);
});

test("the penalised likelihood never falls in EM, and pruning leaves few weights", async () => {
  const design = designFrom(120, 7, "quadratic");
  const start = begun(design, points(120, 7).x, { each: 2, random: seededRandom(2) });
  const path: number[] = [];
  await expectAndClimb(design, start, pause, (penalised) => path.push(penalised));
  expect(path.length).toBeGreaterThan(2);
  for (const [i, value] of path.entries())
    expect(value).toBeGreaterThanOrEqual((path[i - 1] ?? -Infinity) - 1e-8);
  const { components } = await learn(design, start, { steps: 60, pause });
  expect(activeWeights(components, design.atoms).at.length).toBeLessThan(15); // of 30
});

/** Two classes, one of them in two places; a fifth of the entries hidden, every fifth window unlabelled. */
function windows(count: number, seed: number, hidden = 0.2): WindowRows {
  const random = seededRandom(seed);
  const y = new Float32Array(count * 2);
  const observed = new Uint8Array(count * 3);
  const x = new Float32Array(count * 3);
  for (let n = 0; n < count; n += 1) {
    if (n % 5 !== 4) y[n * 2 + (n % 2)] = 1;
    const side = n % 2 === 0 ? 0 : n % 4 === 1 ? -1.4 : 1.4;
    for (let i = 0; i < 3; i += 1) {
      observed[n * 3 + i] = random.next() < hidden ? 0 : 1;
      const value = (i === 2 ? 0 : side) + 0.4 * random.normal();
      x[n * 3 + i] = observed[n * 3 + i] === 1 ? value : 0;
    }
  }
  return { count, width: 3, classes: 2, x, observed, y };
}

async function fitted(rows: WindowRows, settings: object = {}) {
  const { learning, config } = sdgmModel;
  const parsed = config.parse({ kind: "sdgm", starts: 2, steps: 3, ...settings });
  let learned = learning.begin(parsed, rows, 3);
  for (let round = 0; round < learning.mostRounds; round += 1) {
    const next = await learning.round(learned, parsed, rows, new AbortController().signal);
    learned = next.learned;
    if (next.isSettled) break;
  }
  return { learned };
}

const accuracyOf = (logits: Float32Array, rows: WindowRows): number => {
  const right = [...new Array(rows.count).keys()].filter(
    (n) => (logits[2 * n + 1] ?? 0) > (logits[2 * n] ?? 0) === (n % 2 === 1),
  );
  return right.length / rows.count;
};

describe("the model of windows", () => {
  const rows = windows(120, 1);

  test.each([{}, { anchored: true }, { form: "kernel" }, { form: "quadratic" }])(
    "tells a class in two places from one in between: %j",
    async (settings) => {
      const { learned } = await fitted(rows, settings);
      const { logits } = sdgmModel.score(learned, windows(400, 2, 0));
      expect(accuracyOf(logits, windows(400, 2, 0))).toBeGreaterThan(0.97);
      expect(sdgmModel.file.parse(learned)).toEqual(learned);
      const kinds = sdgmModel
        .pictures?.(learned, { inputs: ["a", "b", "c"], classes: ["in", "out"] })
        .map(({ kind }) => kind);
      expect(kinds).toContain("components");
      expect(kinds).toContain("facts");
    },
  );

  test("says in which of the two places of its class a window lies, with an input hidden too; none of a class without any", async () => {
    const { learned } = await fitted(rows);
    const found = windows(400, 2, 0.2);
    const classOf = Int32Array.from({ length: 400 }, (_, n) => n % 2);
    const ways = sdgmModel.subclasses?.(learned, found, classOf);
    const at = (place: number): number[] => [...(ways ?? [])].filter((_, n) => n % 4 === place);
    const usual = (of: readonly number[]): number => Math.round(of.reduce((a, b) => a + b, 0) / of.length);
    const [left, right] = [usual(at(1)), usual(at(3))];
    expect([left, right].sort()).toEqual([1, 2]);
    const isSeen = [...at(1).map((way) => way === left), ...at(3).map((way) => way === right)];
    expect(isSeen.filter(Boolean).length / isSeen.length).toBeGreaterThan(0.9);
    const nowhere = sdgmModel.subclasses?.(learned, found, new Int32Array(400).fill(7));
    expect(nowhere?.every((way) => way === 0)).toBe(true);
  });

  test("a window without any input is judged as the classes are frequent", async () => {
    const { learned } = await fitted(rows);
    const { logits } = sdgmModel.score(learned, {
      count: 1,
      x: new Float32Array(3),
      observed: new Uint8Array(3),
    });
    expect(Math.exp(logits[0] ?? 0)).toBeGreaterThan(0.3);
    expect(Math.exp(logits[0] ?? 0)).toBeLessThan(0.7);
  });

  test("a file with a damaged part of a part is refused", async () => {
    const { learned } = await fitted(rows, { starts: 1, steps: 2 });
    const { file } = sdgmModel;
    const best = learned.best;
    if (best === null) throw new Error("nothing was learned");
    for (const damaged of [
      { ...learned, density: { ...learned.density, means: new Float64Array(2) } },
      { ...learned, best: { ...best, parts: { ...best.parts, classOf: best.parts.classOf.map(() => 7) } } },
      { ...learned, best: { ...best, parts: { ...best.parts, logMix: new Float64Array(0) } } },
      { ...learned, anchor: { ...learned.density, components: 1 } },
    ])
      expect(file.safeParse(damaged).success).toBe(false);
  });

  const ofWidth = (width: number) => ({
    ...{ count: 0, width, classes: 2, x: new Float32Array(0) },
    ...{ observed: new Uint8Array(0), y: new Float32Array(0) },
  });

  test.each([
    [{}, 800, /4803 weights .*: take fewer channels$/],
    [{ components: 4 }, 300, /4207 weights .*: take fewer components$/],
    [{ form: "quadratic" }, 40, /2583 weights .*: take fewer components or the diagonal form$/],
    [{ form: "quadratic", components: 1 }, 60, /1891 weights .*: take fewer channels or the diagonal form$/],
    // 200 channels: few weights, but each product of two inputs in every draw of what is learned.
    [{ form: "kernel" }, 400, /80601 squares and products .*: take fewer channels or the diagonal form$/],
  ])("%j of too many inputs is refused with what would fit", (settings, width, sentence) => {
    const config = sdgmModel.config.parse(settings);
    expect(() => sdgmModel.learning.begin(config, ofWidth(width), 1)).toThrow(sentence);
  });

  test("of a kernel of many inputs fewer windows are learned from, as their monomials have to lie in memory", () => {
    for (const width of [2, 100])
      expect(mostRows("kernel", width, 6) * monomialCount("quadratic", width) * 8).toBeLessThan(2 ** 27);
    expect(mostRows("kernel", 2, 6)).toBeGreaterThan(20_000);
  });
});
