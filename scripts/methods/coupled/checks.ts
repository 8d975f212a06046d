import { answersOf, placesOf } from "../../../main/models/coupled/answers.ts";
import { coupledRows, couplingOf, type Units } from "../../../main/models/coupled/fit.ts";
import { coupledLoss } from "../../../main/models/coupled/objective.ts";
import { headsOf, parameterCount, partsOf } from "../../../main/models/coupled/parameters.ts";
import { searched, searchFrom } from "../../../main/models/convex/lbfgs.ts";
import { softmaxLogits, softmaxLoss } from "../../../main/models/convex/softmax-regression.ts";
import { softmaxRows } from "../../../main/models/linear-algebra.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { CoupledSoftmaxLearned, coupledAnswers } from "../../../main/models/windows/coupled-softmax.ts";
import { atLeast, atMost, figure, type MethodCheck, type Outcome } from "../check.ts";
import { collapse } from "./collapse.ts";
import {
  biasedToy,
  clusteredToy,
  deviation,
  judgedBy,
  learnedInRounds,
  mean,
  toyRows,
  verdictOf,
  type Toy,
  type ToyVerdict,
} from "./toys.ts";

const SPEC = "gaussian-coupled-softmax.md";
const TOY_SEEDS = 20;
const CONTROL_SEEDS = 12;
const NO_RIDGE = 1e-6;

type Settings = Parameters<typeof learnedInRounds>[0];
const LOGISTIC: Settings = { kind: "logistic" };

/** Softmax regression of the labelled points in their own units, which `logistic` would bring to variance 1 by the labels alone. */
function labelsAlone({ labelled, judged }: Toy, ridge = 1e-3): ToyVerdict {
  const fill = (points: Toy["labelled"]) => (_c: number, first: number, rows: number, out: Float64Array) =>
    points.slice(first, first + rows).forEach((point, row) => out.set([1, ...point], 3 * row));
  const design = (points: Toy["labelled"]) =>
    ({ count: points.length, features: 3, classes: 2, isPerClass: false, fill: fill(points) }) as const;
  const y = Float64Array.from({ length: 2 * labelled.length }, (_, at) => (at % 2 === (at >> 1) % 2 ? 1 : 0));
  const loss = softmaxLoss({ ...design(labelled), y }, ridge);
  const { at } = searched(searchFrom(new Float64Array(6), loss), loss, { steps: 500, tolerance: 1e-9 });
  return verdictOf(softmaxRows(softmaxLogits(design(judged), at), 2));
}
const coupled = (more: object = {}): Settings => ({ kind: "coupled-softmax", ...more });

async function verdict(settings: Settings, toy: Toy, seed: number): Promise<ToyVerdict> {
  const learned = await learnedInRounds(settings, toyRows(toy), seed);
  return verdictOf(judgedBy(settings.kind, learned, toy.judged));
}

const told = (verdicts: readonly ToyVerdict[]): string => {
  const accuracy = verdicts.map((one) => one.accuracy);
  const [nll, ece] = [mean(verdicts.map((one) => one.nll)), mean(verdicts.map((one) => one.ece))];
  return `${mean(accuracy).toFixed(1)} ± ${deviation(accuracy).toFixed(1)} % (lowest ${Math.min(...accuracy).toFixed(1)}), NLL ${nll.toFixed(3)}, ECE ${ece.toFixed(3)}`;
};

export const coupledToyCheck: MethodCheck = {
  id: "coupled-toy",
  about: "Gaussian-coupled softmax where labels come from opposite corners of their classes (20 seeds)",
  async run({ say }) {
    const found = new Map<string, ToyVerdict[]>();
    const alone = Array.from({ length: TOY_SEEDS }, (_, seed) => labelsAlone(biasedToy(seed)));
    say(`labels alone: ${told(alone)}`);
    const wanted: [string, Settings][] = [
      ["labels alone, inputs standardised by them", LOGISTIC],
      ["σ² = 10", coupled({ couplingVariance: 10, generativeWeight: 1 })],
      ["σ² = 1", coupled({ couplingVariance: 1, generativeWeight: 1 })],
      ["σ² = 0.1", coupled({ couplingVariance: 0.1, generativeWeight: 1 })],
      ["as it comes", coupled()],
    ];
    for (const [name, settings] of wanted) {
      const verdicts: ToyVerdict[] = [];
      for (let seed = 0; seed < TOY_SEEDS; seed += 1)
        verdicts.push(await verdict(settings, biasedToy(seed), seed));
      found.set(name, verdicts);
      say(`${name}: ${told(verdicts)}`);
    }
    const of = (name: string, what: keyof ToyVerdict): number =>
      mean((found.get(name) ?? []).map((one) => one[what]));
    const without = mean(alone.map((one) => one.accuracy));
    const from = { evidence: "computed", source: `${SPEC} 3` } as const;
    return [
      atLeast("σ² = 1: accuracy, %", of("σ² = 1", "accuracy"), 97, from, 1),
      atMost("σ² = 1: ECE", of("σ² = 1", "ece"), 0.01, from),
      atMost("σ² = 1: NLL", of("σ² = 1", "nll"), 0.075, from),
      atLeast("σ² = 10: accuracy, %", of("σ² = 10", "accuracy"), 96.5, from, 1),
      atLeast("σ² = 0.1: accuracy, %", of("σ² = 0.1", "accuracy"), 97, from, 1),
      atLeast(
        "as it comes (five labels are too few to choose by: σ² = 10): accuracy, %",
        of("as it comes", "accuracy"),
        96.5,
        { evidence: "derived", source: `${SPEC} 5.4` },
        1,
      ),
      {
        what: "labels alone (softmax regression): accuracy",
        value: told(alone),
        expected: "83 to 92 % (87.6 ± 5.3)",
        pass: without > 83 && without < 92,
        ...from,
      },
    ];
  },
};

const UNIT: Units = { centre: new Float64Array(2), scale: new Float64Array(2).fill(1) };

/** The largest difference between what the heads say when they are tied, on random densities. */
function identity(): number {
  const random = seededRandom(5);
  let most = 0;
  for (let round = 0; round < 50; round += 1) {
    const [d, k] = [1 + random.below(6), 2 + random.below(4)];
    const flat = Float64Array.from({ length: parameterCount(d, k) }, () => 0.7 * random.normal());
    const { apart, apartBias } = partsOf(flat, d, k);
    apart.fill(0);
    apartBias.fill(0);
    const x = Float64Array.from({ length: 20 * d }, () => 2 * random.normal());
    const answers = answersOf(headsOf(flat, d, k, 1), x, new Uint8Array(x.length).fill(1), 20);
    most = Math.max(most, largestApart(answers.discriminative, answers.generative));
  }
  return most;
}

const largestApart = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? 0))), 0);

/** By how much the objective changes where the same is added to w and b of every class. */
function gauge(): number {
  const random = seededRandom(6);
  const rows = coupledRows(toyRows(biasedToy(0)), UNIT);
  const coupling = couplingOf({ couplingVariance: 1, generativeWeight: 1 }, 1e-3);
  const flat = Float64Array.from({ length: parameterCount(2, 2) }, () => 0.5 * random.normal());
  const loss = coupledLoss(rows, placesOf(headsOf(flat, 2, 2, coupling.scale), rows), coupling);
  const shifted = flat.slice();
  const { apart, apartBias } = partsOf(shifted, 2, 2);
  const shift = [random.normal(), random.normal(), random.normal()];
  apart.forEach((value, at) => (apart[at] = value + (shift[at % 2] ?? 0)));
  apartBias.forEach((value, at) => (apartBias[at] = value + (shift[2] ?? 0)));
  const gradient = new Float64Array(flat.length);
  return Math.abs(loss(shifted, gradient) - loss(flat, gradient));
}

/** Labelled points that overlap, so that softmax regression has one optimum. */
const overlapping = (): Toy => ({ ...clusteredToy(3, 200), unlabelled: [] });

async function limits(): Promise<readonly [tight: number, loose: number]> {
  const toy = biasedToy(0);
  const rows = toyRows(toy);
  const x = Float32Array.from(toy.judged.flat());
  const judged = { count: toy.judged.length, x, observed: new Uint8Array(x.length).fill(1) };
  const tight = CoupledSoftmaxLearned.parse(
    await learnedInRounds(coupled({ couplingVariance: 1e-6, generativeWeight: 1 }), rows),
  );
  const { discriminative, generative } = coupledAnswers(tight, judged);
  const plain = overlapping();
  const by = async (settings: Settings): Promise<Float64Array> =>
    judgedBy(settings.kind, await learnedInRounds(settings, toyRows(plain)), plain.judged);
  const loose = await by(coupled({ couplingVariance: 1e8, generativeWeight: 0 }));
  const regression = await by({ ...LOGISTIC, ridge: 1e-9 });
  return [largestApart(discriminative, generative), largestApart(loose, regression)];
}

/** Inputs hidden from every test row of the toy, five seeds: what is said without the second, and without the first. */
async function missing(): Promise<
  readonly [second: readonly ToyVerdict[], first: readonly ToyVerdict[], bayes: number]
> {
  const [second, first, bayes]: [ToyVerdict[], ToyVerdict[], number[]] = [[], [], []];
  for (let seed = 0; seed < 5; seed += 1) {
    const toy = biasedToy(seed);
    const settings = coupled({ couplingVariance: 1, generativeWeight: 1 });
    const learned = await learnedInRounds(settings, toyRows(toy), seed);
    second.push(verdictOf(judgedBy(settings.kind, learned, toy.judged, [1])));
    first.push(verdictOf(judgedBy(settings.kind, learned, toy.judged, [0])));
    const right = toy.judged.filter(([x = 0], n) => x > 0 === (n % 2 === 1)).length;
    bayes.push((100 * right) / toy.judged.length);
  }
  return [second, first, mean(bayes)];
}

export const coupledChecks: MethodCheck = {
  id: "coupled-checks",
  about: "Gaussian-coupled softmax: identity, limits, gauge, missing inputs, collapse",
  async run({ say }) {
    const from = (part: number) => ({ evidence: "derived", source: `${SPEC} 5.${part}` }) as const;
    const [tight, loose] = await limits();
    const [second, first, bayes] = await missing();
    say("how learned features spread while a network is trained");
    const of = (verdicts: readonly ToyVerdict[], what: keyof ToyVerdict): number =>
      mean(verdicts.map((one) => one[what]));
    const withoutFirst = of(first, "accuracy");
    const outcomes: Outcome[] = [
      atMost("tied heads against Bayes' rule, largest difference", identity(), 1e-12, from(1), 16),
      atMost("σ² = 1e-6: largest difference between the heads", tight, 1e-3, from(2), 6),
      atMost("σ² = 1e8, λg = 0: largest difference to softmax regression", loose, 1e-3, from(2), 6),
      atMost("the same added to all classes: change of the objective", gauge(), 1e-12, from(3), 16),
      atMost(
        "x₂ hidden: accuracy less that of the rule on x₁, points (either way)",
        Math.abs(of(second, "accuracy") - bayes),
        0.5,
        from(6),
      ),
      {
        what: "x₁ hidden: accuracy, %",
        value: figure(withoutFirst, 1),
        expected: "50 ± 2",
        pass: Math.abs(withoutFirst - 50) <= 2,
        ...from(6),
      },
      atMost("x₁ hidden: mean confidence", of(first, "confidence"), 0.55, from(6)),
      atLeast("learned features: least share of their first spread", await collapse(), 0.1, from(7)),
    ];
    return outcomes;
  },
};

export const coupledControlCheck: MethodCheck = {
  id: "coupled-control",
  about: "Gaussian-coupled softmax where its density is wrong: a class of two clusters (12 seeds)",
  async run({ say }) {
    const by = async (name: string, settings: Settings, labels: number): Promise<readonly ToyVerdict[]> => {
      const verdicts: ToyVerdict[] = [];
      for (let seed = 0; seed < CONTROL_SEEDS; seed += 1)
        verdicts.push(await verdict(settings, clusteredToy(seed, labels), seed));
      say(`${labels} labels a class, ${name}: ${told(verdicts)}`);
      return verdicts;
    };
    const alone = (labels: number, ridge: number): readonly ToyVerdict[] => {
      const verdicts = Array.from({ length: CONTROL_SEEDS }, (_, seed) =>
        labelsAlone(clusteredToy(seed, labels), ridge),
      );
      say(`${labels} labels a class, labels alone, ridge ${ridge}: ${told(verdicts)}`);
      return verdicts;
    };
    for (const labels of [3, 6]) {
      alone(labels, NO_RIDGE);
      await by("as it comes", coupled(), labels);
    }
    const [plain, ridged] = [alone(20, NO_RIDGE), alone(20, 1e-3)];
    for (const couplingVariance of [100, 10, 1, 0.1])
      await by(`σ² = ${couplingVariance}`, coupled({ couplingVariance, generativeWeight: 1 }), 20);
    const chosen = await by("chosen", coupled(), 20);
    const from = { evidence: "derived", source: `${SPEC} 5.5` } as const;
    const of = (verdicts: readonly ToyVerdict[], what: keyof ToyVerdict): number =>
      mean(verdicts.map((one) => one[what]));
    const lost = of(plain, "accuracy") - of(chosen, "accuracy");
    const worse = (than: readonly ToyVerdict[]): number => of(chosen, "nll") - of(than, "nll");
    return [
      atMost("σ² and λg by held-out labels: accuracy lost to softmax regression, points", lost, 0.5, from, 2),
      atMost("its NLL less that of softmax regression", worse(plain), 0, from),
      atMost("its NLL less that of softmax regression with a ridge of 0.001", worse(ridged), 0, from),
    ];
  },
};
