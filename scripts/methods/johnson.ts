import {
  bent,
  bentEach,
  johnsonLogJoints,
  type JohnsonClasses,
} from "../../main/models/distributions/johnson-classes.ts";
import {
  bendOf,
  johnsonCdf,
  johnsonLogDensity,
  johnsonMoments,
  johnsonQuantile,
  SLIFKER_Z,
  slifkerShapiro,
  type JohnsonSu,
} from "../../main/models/distributions/johnson-su.ts";
import { cholesky, invertLower } from "../../main/models/linear-algebra.ts";
import { seededRandom } from "../../main/models/random.ts";
import {
  networkBegun,
  networkLogits,
  networkRound,
  picked,
  type JohnsonNetwork,
} from "../../main/models/windows/johnson-su-network.ts";
import { sortedQuantile } from "../../main/signal/quantile.ts";
import { atLeast, atMost, type MethodCheck, type Outcome } from "./check.ts";
import {
  drawnRows,
  hidden,
  learnt,
  meanOf,
  reached,
  toyRows,
  toyTruth,
  truth,
  type Reached,
} from "./johnson-toy.ts";

const from = (section: string): Pick<Outcome, "evidence" | "source"> => ({
  evidence: "computed",
  source: `johnson-su.md ${section}`,
});

const near = (what: string, value: number, expected: number, limit: number, section: string): Outcome => ({
  ...{ what, value: Number(value.toPrecision(8)), expected: `${expected} ± ${limit}` },
  pass: Math.abs(value - expected) <= limit,
  ...from(section),
});

const one: JohnsonSu = { gamma: -1, delta: 1.5, xi: 0.3, lambda: 2 };

/** ∫ f(z) φ(z) dz by the rectangle rule, which is exact to rounding for such smooth ones. */
function overNormal(f: (z: number) => number): number {
  let sum = 0;
  for (let i = -4000; i <= 4000; i += 1) {
    const z = i / 400;
    sum += (f(z) * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI) / 400;
  }
  return sum;
}

function fixtures(): Outcome[] {
  const { mean, variance, skewness } = johnsonMoments(one);
  const moment = (power: number): number => overNormal((z) => (johnsonQuantile(one, z) - mean) ** power);
  return [
    near("pdf(1)", Math.exp(johnsonLogDensity(one, 1)), 0.2510524, 1e-7, "§4.1"),
    near("cdf(1)", johnsonCdf(one, 1), 0.3137787, 1e-7, "§4.1"),
    near("ln pdf(−2)", johnsonLogDensity(one, -2), -4.6916196, 1e-7, "§4.1"),
    near("mean", mean, 2.0912451, 1e-7, "§4.1"),
    near("variance", variance, 4.6604359, 1e-7, "§4.1"),
    near("skewness", skewness, 1.7328, 1e-4, "§4.1"),
    near("skewness by integration", moment(3) / moment(2) ** 1.5, 1.7328, 1e-4, "§4.1"),
    near("excess kurtosis by integration", moment(4) / moment(2) ** 2 - 3, 8.4116, 1e-4, "§4.1"),
  ];
}

function quantileFit(): Outcome[] {
  const at = (times: number): number => johnsonQuantile(one, times * SLIFKER_Z);
  const found = slifkerShapiro([at(-3), at(-1), at(1), at(3)]) ?? {
    gamma: NaN,
    delta: NaN,
    xi: NaN,
    lambda: NaN,
  };
  const off = Math.max(
    ...[found.gamma - one.gamma, found.delta - one.delta, found.xi - one.xi, found.lambda - one.lambda].map(
      Math.abs,
    ),
  );
  const p = at(1) - at(-1);
  const random = seededRandom(1);
  const sample = Float64Array.from({ length: 20_000 }, () => johnsonQuantile(one, random.normal())).sort();
  const shares = [-3, -1, 1, 3].map((times) =>
    johnsonCdf({ gamma: 0, delta: 1, xi: 0, lambda: 1 }, Math.sinh(times * SLIFKER_Z)),
  );
  const [a = NaN, b = NaN, c = NaN, d = NaN] = shares.map((share) =>
    sortedQuantile(sample, sample.length, share),
  );
  return [
    atMost("parameters from exact quantiles, furthest off", off, 1e-10, from("§4.2"), 14),
    near("m n / p²", ((at(3) - at(1)) * (at(-1) - at(-3))) / p ** 2, 1.379001, 1e-6, "§4.2"),
    near("δ of 20 000 samples", slifkerShapiro([a, b, c, d])?.delta ?? NaN, 1.5, 0.1, "§4.2"),
    near("λ of the fit that models use, 20 000 samples", bendOf(sample).lambda, 2, 0.3, "§4.2"),
  ];
}

/** ln p(x) of class 0 of the toy; an input that is undefined is missing. */
function toyLogDensity(x: readonly (number | undefined)[]): number {
  const { bends, normals } = toyTruth();
  const rows = {
    ...{ count: 1, x: x.map((v) => v ?? 0) },
    observed: x.map((v) => (v === undefined ? 0 : 1)),
  };
  return (johnsonLogJoints(normals, bentEach(bends, rows), rows)[0] ?? 0) - (normals.logPrior[0] ?? 0);
}

function normalisation(): Outcome[] {
  const { bends } = toyTruth();
  const [lambda = 1, other = 1] = bends.lambda;
  const [steps, reach] = [240, 7];
  const width = (2 * reach) / steps;
  let whole = 0;
  for (let i = 0; i < steps; i += 1)
    for (let j = 0; j < steps; j += 1) {
      const [u, v] = [-reach + (i + 0.5) * width, -reach + (j + 0.5) * width];
      const area = lambda * Math.cosh(u) * other * Math.cosh(v) * width ** 2;
      whole += area * Math.exp(toyLogDensity([lambda * Math.sinh(u), other * Math.sinh(v)]));
    }
  let marginal = 0;
  for (let j = 0; j < 4 * steps; j += 1) {
    const v = -reach + ((j + 0.5) * width) / 4;
    marginal +=
      ((other * Math.cosh(v) * width) / 4) * Math.exp(toyLogDensity([0.7017, other * Math.sinh(v)]));
  }
  return [
    near("∬ p(x | 0) dx on a sinh grid", whole, 1, 1e-3, "§4.3"),
    near("marginal at x₁ = 0.7017, integrated", marginal, 0.46217, 1e-4, "§4.3"),
    near(
      "marginal at x₁ = 0.7017, x₂ missing",
      Math.exp(toyLogDensity([0.7017, undefined])),
      0.46217,
      1e-4,
      "§4.3",
    ),
  ];
}

export const johnsonDensity: MethodCheck = {
  id: "johnson-density",
  about: "Johnson S_U: density, distribution, moments, quantile fit, normalisation",
  run: () => [...fixtures(), ...quantileFit(), ...normalisation()],
};

/** Weights of a network from the parameters of the distributions (johnson-su.md §1.3, with A = S⁻¹ and b = −A m of y). */
function dictionary({ bends, normals }: JohnsonClasses): JohnsonNetwork {
  const { width: d, classes: k, means, covariances, logPrior } = normals;
  const h = 1 + d + (d * (d + 1)) / 2;
  const weights = new Float64Array(k * h);
  for (let c = 0; c < k; c += 1) {
    const lower = cholesky(covariances.subarray(c * d * d, (c + 1) * d * d), d);
    const inverse = invertLower(lower, d);
    const precision = (i: number, j: number): number => {
      let sum = 0;
      for (let l = 0; l < d; l += 1) sum += (inverse[l * d + i] ?? 0) * (inverse[l * d + j] ?? 0);
      return sum;
    };
    let constant = logPrior[c] ?? 0;
    let at = c * h + 1 + d;
    for (let i = 0; i < d; i += 1) {
      constant -= Math.log(lower[i * d + i] ?? 1);
      let linear = 0;
      for (let j = 0; j < d; j += 1) linear += precision(i, j) * (means[c * d + j] ?? 0);
      constant -= 0.5 * linear * (means[c * d + i] ?? 0);
      weights[c * h + 1 + i] = linear;
      for (let j = i; j < d; j += 1) weights[at++] = i === j ? -0.5 * precision(i, i) : -precision(i, j);
    }
    weights[c * h] = constant;
  }
  const views = bends.views * h;
  return { centre: new Float64Array(views), scale: new Float64Array(views).fill(1), weights, search: null };
}

function roundTrip(): Outcome {
  const classes = toyTruth();
  const rows = toyRows(500, 3);
  const views = bentEach(classes.bends, rows);
  const all = [...rows.labels.keys()];
  const joint = johnsonLogJoints(classes.normals, views, rows);
  const logits = networkLogits(dictionary(classes), classes.bends, picked(views, all, 2), 2);
  const off = all.map((n) =>
    Math.abs(
      (joint[2 * n] ?? 0) - (joint[2 * n + 1] ?? 0) - ((logits[2 * n] ?? 0) - (logits[2 * n + 1] ?? 0)),
    ),
  );
  return atMost(
    "network by the dictionary against the distributions, furthest off",
    Math.max(...off),
    1e-10,
    from("§4.4"),
    14,
  );
}

function uniqueness(): Outcome {
  const { bends } = toyTruth();
  const rows = toyRows(200, 4);
  const own = {
    ...picked([bent(bends, 0, rows), bent(bends, 1, rows)], [...rows.labels.keys()], 2),
    y: Float64Array.from(rows.y),
  };
  const begun = networkBegun(bends, own, 2);
  const losses = [1, 2, 3, 4, 5].map((seed) => {
    const random = seededRandom(seed);
    let network: JohnsonNetwork = { ...begun, weights: begun.weights.map(() => 2 * random.normal()) };
    for (let round = 0; round < 100; round += 1) {
      const next = networkRound(network, bends, own, { ridge: 1e-3, classes: 2 });
      network = next.network;
      if (next.isSettled) return next.loss;
    }
    return NaN;
  });
  return atMost(
    "loss of five random starts, spread",
    Math.max(...losses) - Math.min(...losses),
    1e-8,
    from("§4.5"),
    14,
  );
}

async function gaussianLimit(): Promise<Outcome[]> {
  const point = (c: 0 | 1, random: { normal(): number }): readonly [number, number] => {
    const [a, b] = [random.normal(), random.normal()];
    return c === 0 ? [a, 0.5 * a + 0.9 * b] : [1.2 + 1.5 * a, 0.8 - 0.4 * a + 0.6 * b];
  };
  const forms = ["classes", "shared", "network", "network-shared"];
  const apart = new Map(forms.map((form) => [form, [] as number[]]));
  for (let seed = 0; seed < 10; seed += 1) {
    const [train, test] = [drawnRows(200, seed, point), drawnRows(5000, 100 + seed, point)];
    const error = async (settings: Parameters<typeof learnt>[0]): Promise<number> =>
      reached((await learnt(settings, train))(test), test).error;
    const qda = await error({ kind: "qda" });
    for (const form of forms) apart.get(form)?.push((await error({ kind: "johnson-su", form })) - qda);
  }
  return forms.map((form) =>
    near(
      `error minus QDA's on Gaussian classes, ${form}, points`,
      meanOf(apart.get(form) ?? []),
      0,
      1,
      "§4.8",
    ),
  );
}

export const johnsonDictionary: MethodCheck = {
  id: "johnson-dictionary",
  about: "Johnson S_U: weights from parameters, one optimum, Gaussian classes",
  run: async () => [roundTrip(), uniqueness(), ...(await gaussianLimit())],
};

const SEEDS = 10;
const toyForms = {
  "network, class by class": { kind: "johnson-su", form: "network" },
  "network, bent alike": { kind: "johnson-su", form: "network-shared", ridge: 1e-6 },
  "distributions, class by class": { kind: "johnson-su", form: "classes" },
  "distributions, bent alike": { kind: "johnson-su", form: "shared" },
  "quadratic logistic": { kind: "logistic", borders: "quadratic", ridge: 1e-6 },
  "linear logistic": { kind: "logistic" },
  QDA: { kind: "qda", shrink: 0 },
};
type ToyForm = keyof typeof toyForms | "Bayes";

async function toyTable(): Promise<ReadonlyMap<ToyForm, readonly Reached[]>> {
  const table = new Map<ToyForm, Reached[]>();
  const add = (form: ToyForm, found: Reached): void =>
    void table.set(form, [...(table.get(form) ?? []), found]);
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const [train, test] = [toyRows(200, seed), toyRows(5000, 1000 + seed)];
    add("Bayes", reached(truth(test), test));
    for (const [name, settings] of Object.entries(toyForms))
      add(name as ToyForm, reached((await learnt(settings, train))(test), test));
  }
  return table;
}

export const johnsonToy: MethodCheck = {
  id: "johnson-toy",
  about: "Johnson S_U: two skewed classes, 200 points each to learn from, ten seeds",
  run: async ({ say }) => {
    const table = await toyTable();
    const of = (form: ToyForm): readonly Reached[] => table.get(form) ?? [];
    const error = (form: ToyForm): number => meanOf(of(form).map((one) => one.error));
    const nll = (form: ToyForm): number => meanOf(of(form).map((one) => one.nll));
    for (const form of table.keys()) say(`${form}: ${error(form).toFixed(2)} %, NLL ${nll(form).toFixed(3)}`);
    const own: ToyForm = "network, class by class";
    const wins = of(own).filter(
      (one, seed) => one.error < (of("quadratic logistic")[seed]?.error ?? 0),
    ).length;
    const beside: readonly (readonly [ToyForm, number])[] = [
      ["Bayes", 17.89],
      ["network, bent alike", 21.8],
      ["quadratic logistic", 23.5],
      ["linear logistic", 27.6],
      ["QDA", 30.2],
    ];
    return [
      atMost("network: points above Bayes", error(own) - error("Bayes"), 0.7, from("§3")),
      atLeast("network: seeds better than quadratic logistic regression, of 10", wins, 9, from("§4.6")),
      atMost("network: error, %", error(own), 19.5, from("§4.6"), 2),
      atMost("network: NLL", nll(own), 0.43, from("§4.6")),
      atMost(
        "distributions, class by class: error, %",
        error("distributions, class by class"),
        19.5,
        from("§2"),
        2,
      ),
      ...beside.map(([form, expected]) => near(`${form}: error, %`, error(form), expected, 1.5, "§3")),
    ];
  },
};

export const johnsonMissing: MethodCheck = {
  id: "johnson-missing",
  about: "Johnson S_U: one of two inputs missing in every tested row, ten seeds",
  run: async () => {
    const settings = { kind: "johnson-su", form: "network" };
    const found = [1, 0].map((input) => ({ input, own: [] as number[], oracle: [] as number[] }));
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const [train, test] = [toyRows(200, seed), toyRows(5000, 1000 + seed)];
      const judge = await learnt(settings, train);
      for (const { input, own, oracle } of found) {
        const gappy = hidden(test, input);
        own.push(reached(judge(gappy), gappy).error);
        oracle.push(reached(truth(gappy), gappy).error);
      }
    }
    return found.flatMap(({ input, own, oracle }) => {
      const [error, best] = [meanOf(own), meanOf(oracle)];
      const name = `x${input + 1} hidden`;
      return [
        near(`${name}: error of the true marginal, %`, best, input === 1 ? 27.7 : 26.6, 1, "§4.7"),
        atMost(`${name}: points above the true marginal`, error - best, 1, from("§4.7"), 2),
      ];
    });
  },
};
