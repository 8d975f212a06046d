import { z } from "zod";
import type { Picture } from "../../../preload/contract/method.ts";
import {
  energyAnswers,
  energyBegun,
  energyStart,
  energyStep,
  walkerCount,
  weighed,
  type EnergyStart,
  type EnergyTask,
  type Weighed,
} from "../coupled/energy-fit.ts";
import { energyCount, energyFlat, energyParts, type FeatureShape } from "../coupled/energy.ts";
import { coupledRows, couplingOf, inUnits } from "../coupled/fit.ts";
import { apartScale, flatOf, parameterLengths, SavedParameters } from "../coupled/parameters.ts";
import { finiteDoubles, haveLengths, orOfBefore } from "../file-parts.ts";
import { asked } from "../form.ts";
import { invertLower } from "../linear-algebra.ts";
import { adamFrom, AdamPlace } from "../mlp/adam.ts";
import { canonicalOrder } from "../mlp/canonical.ts";
import type { PictureNames, RoundsModel, WindowRows } from "../model.ts";
import { aboutCoupledEnergy } from "./coupled-energy-about.ts";
import { CoupledSoftmaxConfig, CoupledSoftmaxLearned, coupledSoftmaxModel } from "./coupled-softmax.ts";
import { Classes, Width } from "./learned.ts";

const STEPS = 400;
const STEPS_OF_A_ROUND = 10;

export const CoupledEnergyConfig = CoupledSoftmaxConfig.extend({
  kind: z.literal("coupled-energy").default("coupled-energy"),
  hidden: z
    .number()
    .int()
    .min(0)
    .max(128)
    .default(16)
    .meta(
      asked({
        name: { en: "Hidden units", ja: "隠れユニット数" },
        hint: {
          en: "How far the features may bend away from the inputs. With none it is the Gaussian-coupled softmax itself, whose answers for missing inputs are exact.",
          ja: "特徴量が入力からどれだけ曲がってよいかを決めます。0ならガウス結合ソフトマックスそのもので、欠損した入力への答えも厳密です。",
        },
        level: "expert",
      }),
    ),
});
type CoupledEnergyConfig = z.infer<typeof CoupledEnergyConfig>;

const NamedLearned = z
  .strictObject({
    start: CoupledSoftmaxLearned, // the coupled softmax on the inputs
    hidden: z.number().int().min(0).max(128),
    walk: z // null before and after
      .strictObject({
        adam: AdamPlace.extend({ flat: finiteDoubles, first: finiteDoubles, second: finiteDoubles }),
        walkers: finiteDoubles, // samples that walk on
      })
      .nullable(),
    parameters: z // null before the start is settled
      .strictObject({
        heads: SavedParameters,
        features: z.strictObject({ inward: finiteDoubles, bias: finiteDoubles, outward: finiteDoubles }),
      })
      .nullable(),
    logTotal: z.number(), // ln Z
    effective: z.number().min(0).max(1), // share of the draws behind it that count
    accepted: z.number().min(0).max(1), // of the last step's walks
    seed: z.number().int(),
  })
  .superRefine(({ start: { width: d, classes: k }, hidden: m, walk, parameters }, context) => {
    if (walk !== null) {
      const { adam, walkers } = walk;
      const count = energyCount({ width: d, hidden: m }, k);
      haveLengths(context, {
        ...{ "walk.adam.flat": [adam.flat, count], "walk.adam.first": [adam.first, count] },
        ...{ "walk.adam.second": [adam.second, count], "walk.walkers": [walkers, walkerCount * d] },
      });
    }
    if (parameters === null) return;
    const { heads, features } = parameters;
    haveLengths(context, {
      ...parameterLengths(heads, d, k, "parameters.heads"),
      "parameters.features.inward": [features.inward, m * d],
      "parameters.features.bias": [features.bias, m],
      "parameters.features.outward": [features.outward, d * m],
    });
  });
/** In files of before all parameters were one array, empty before the start was settled. */
const LearnedOfBefore = z
  .looseObject({
    start: z.looseObject({ width: Width, classes: Classes }),
    hidden: z.number().int().min(0).max(128),
    flat: finiteDoubles,
  })
  .refine(({ start: { width, classes }, hidden, flat }) =>
    [0, energyCount({ width, hidden }, classes)].includes(flat.length),
  )
  .transform(({ flat, ...learned }) => {
    const { start, hidden } = learned;
    const shape = { width: start.width, hidden };
    return { ...learned, parameters: flat.length === 0 ? null : energyParts(flat, shape, start.classes) };
  });
const CoupledEnergyLearned = orOfBefore(NamedLearned, LearnedOfBefore);
type CoupledEnergyLearned = z.infer<typeof CoupledEnergyLearned>;
type Walk = NonNullable<CoupledEnergyLearned["walk"]>;

const shapeOf = ({ start, hidden }: CoupledEnergyLearned): FeatureShape => ({ width: start.width, hidden });

const startOf = ({ start }: CoupledEnergyLearned): EnergyStart =>
  energyStart(flatOf(start.parameters), start.width, start.classes, apartScale(start.couplingVariance));

const startConfig = (config: CoupledEnergyConfig): CoupledSoftmaxConfig => ({
  ...config,
  kind: "coupled-softmax",
});

type Step = { readonly learned: CoupledEnergyLearned; readonly score: number; readonly isSettled: boolean };

/** The coupled softmax settles first; then the features begin, where there are any. */
async function withStart(
  learned: CoupledEnergyLearned,
  config: CoupledEnergyConfig,
  data: WindowRows,
  signal: AbortSignal,
): Promise<Step> {
  const next = await coupledSoftmaxModel.learning.round(learned.start, startConfig(config), data, signal);
  const own = { ...learned, start: next.learned };
  if (!next.isSettled || learned.hidden === 0) return { ...next, learned: own };
  const { flat, walkers } = energyBegun(startOf(own), shapeOf(own), learned.seed);
  const walk = { adam: adamFrom(flat), walkers };
  return { learned: { ...own, walk }, score: next.score, isSettled: false };
}

/** Some steps of the energy more; after the last what it says is weighed once and for all. */
function withEnergy(
  learned: CoupledEnergyLearned,
  walk: Walk,
  { jitter }: CoupledEnergyConfig,
  data: WindowRows,
): Step {
  const task: EnergyTask = {
    ...{ rows: coupledRows(data, learned.start), order: canonicalOrder(data, null), start: startOf(learned) },
    ...{ shape: shapeOf(learned), coupling: couplingOf(learned.start, jitter) },
    ...{ seed: learned.seed, steps: STEPS },
  };
  let place = { ...walk, accepted: learned.accepted, value: 0 };
  for (let step = 0; step < STEPS_OF_A_ROUND; step += 1) place = energyStep(place, task);
  const { value, accepted, ...on } = place;
  const score = -value;
  if (on.adam.step < STEPS) return { learned: { ...learned, accepted, walk: on }, score, isSettled: false };
  const { flat } = on.adam;
  const { logTotal, effective } = weighed(task.start, task.shape, flat);
  const parameters = energyParts(flat, task.shape, learned.start.classes);
  const settled = { ...learned, parameters, logTotal, effective, accepted, walk: null };
  return { learned: settled, score, isSettled: true };
}

/** Moments of each class under the energy, in the inputs as they are given. */
function momentsOf(learned: CoupledEnergyLearned, { z: places, share, byClass }: Weighed) {
  const { width: d, classes: k, centre, scale } = learned.start;
  const inverse = invertLower(startOf(learned).heads.lower, d);
  const x = new Float64Array(d);
  const sums = Array.from({ length: k }, () => ({
    mass: 0,
    first: new Float64Array(d),
    second: new Float64Array(d * d),
  }));
  share.forEach((own, n) => {
    for (let i = 0; i < d; i += 1) {
      let sum = 0; // x = L⁻ᵀ z
      for (let j = i; j < d; j += 1) sum += (inverse[j * d + i] ?? 0) * (places[n * d + j] ?? 0);
      x[i] = sum * (scale[i] ?? 1) + (centre[i] ?? 0);
    }
    for (const [c, sum] of sums.entries()) {
      const mass = own * (byClass[n * k + c] ?? 0);
      sum.mass += mass;
      for (let i = 0; i < d; i += 1) {
        sum.first[i] = (sum.first[i] ?? 0) + mass * (x[i] ?? 0);
        for (let j = 0; j < d; j += 1)
          sum.second[i * d + j] = (sum.second[i * d + j] ?? 0) + mass * (x[i] ?? 0) * (x[j] ?? 0);
      }
    }
  });
  return sums.map(({ mass, first, second }) => {
    const mean = first.map((value) => value / Math.max(mass, 1e-12));
    const covariance = second.map(
      (value, at) => value / Math.max(mass, 1e-12) - (mean[Math.floor(at / d)] ?? 0) * (mean[at % d] ?? 0),
    );
    return { mass, mean, covariance };
  });
}

function pictures(learned: CoupledEnergyLearned, names: PictureNames): Picture[] {
  if (learned.parameters === null) return coupledSoftmaxModel.pictures?.(learned.start, names) ?? [];
  const { inputs, classes } = names;
  const drawn = weighed(startOf(learned), shapeOf(learned), energyFlat(learned.parameters));
  const fact = (en: string, ja: string, value: string) => ({ name: { en, ja }, value });
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  return [
    {
      kind: "components",
      title: {
        en: "Density of the classes (normal with the same mean and spread)",
        ja: "クラスの密度（同じ平均と広がりの正規分布で表示）",
      },
      inputs: [...inputs],
      components: momentsOf(learned, drawn).map(({ mass, mean, covariance }, c) => ({
        ...{ className: classes[c] ?? String(c + 1), weight: mass, mean, covariance },
      })),
    },
    {
      kind: "facts",
      facts: [
        fact("Coupling variance (σ²)", "結合の分散（σ²）", String(learned.start.couplingVariance)),
        fact("Weight of the density (λg)", "密度の重み（λg）", String(learned.start.generativeWeight)),
        fact("Hidden units", "隠れユニット数", String(learned.hidden)),
        fact("Steps of the last walk accepted", "最後の歩行で受理された割合", percent(learned.accepted)),
        fact(
          "Draws that count behind the density’s total",
          "密度の総量を支える有効な抽出の割合",
          percent(learned.effective),
        ),
      ],
    },
  ];
}

/**
 * Energy-based variant of the Gaussian-coupled softmax (inferred from the later paper's index terms; its text could not be
 * read): E(x) = −ln Σ_c π_c N(f(x); μ_c, Σ), p(x) ∝ e^{−E(x)}, taught against samples of Langevin's. It begins as the coupled
 * softmax on the inputs, of which settings, first density and exact marginals are taken.
 */
export const coupledEnergyModel: RoundsModel<CoupledEnergyConfig, CoupledEnergyLearned> = {
  kind: "coupled-energy",
  name: { en: "Gaussian-coupled softmax, energy-based", ja: "ガウス結合ソフトマックス（エネルギー型）" },
  sentence: {
    en: "The Gaussian-coupled softmax with features of its own: what windows look like is an energy, taught against samples drawn from it.",
    ja: "独自の特徴量をもつガウス結合ソフトマックスです。窓の入力らしさをエネルギーで表し、そこから引いたサンプルと対比して学習します。",
  },
  config: CoupledEnergyConfig,
  over: "windows",
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["density", "ensemble"],
  about: aboutCoupledEnergy,
  file: CoupledEnergyLearned,
  pictures,
  learning: {
    kind: "rounds",
    mostRounds: coupledSoftmaxModel.learning.mostRounds + STEPS / STEPS_OF_A_ROUND,
    begin(config, data, seed) {
      return {
        start: coupledSoftmaxModel.learning.begin(startConfig(config), data, seed),
        ...{ hidden: config.hidden, walk: null, parameters: null },
        ...{ logTotal: 0, effective: 0, accepted: 0, seed },
      };
    },
    round(learned, config, data, signal) {
      if (learned.walk === null) return withStart(learned, config, data, signal);
      return Promise.resolve(withEnergy(learned, learned.walk, config, data));
    },
  },
  score(learned, rows) {
    const { start, parameters, logTotal } = learned;
    if (parameters === null) return coupledSoftmaxModel.score(start, rows);
    const x = inUnits(rows.x, rows.observed, start);
    const energy = { flat: energyFlat(parameters), logTotal };
    const said = energyAnswers(startOf(learned), shapeOf(learned), energy, x, rows.observed);
    const logDensity = said.logDensity.map((value, n) => {
      let own = value;
      for (let i = 0; i < start.width; i += 1)
        if (rows.observed[n * start.width + i] === 1) own -= Math.log(start.scale[i] ?? 1);
      return Math.max(own, -1e30);
    });
    return {
      logits: Float32Array.from(said.probabilities, (p) => Math.log(Math.max(p, 1e-300))),
      logDensity: Float32Array.from(logDensity),
    };
  },
};
