import { z } from "zod";
import type { Picture } from "../../../preload/contract/method.ts";
import { Search, searchLengths } from "../convex/lbfgs.ts";
import { answersOf, disagreementOf, type CoupledAnswers } from "../coupled/answers.ts";
import {
  advanced,
  coupledRows,
  couplingOf,
  fewestLabels,
  heldOutLoss,
  inUnits,
  startCount,
  startOf,
  stepsASecond,
  trialWork,
  tried,
  unitsOf,
  type Candidate,
} from "../coupled/fit.ts";
import type { CoupledRows } from "../coupled/objective.ts";
import { WIDE } from "../coupled/wide.ts";
import {
  apartScale,
  flatOf,
  headsOf,
  parameterCount,
  parameterLengths,
  partsOf,
  SavedParameters,
  type CoupledHeads,
} from "../coupled/parameters.ts";
import { finiteDoubles, haveLengths, orOfBefore } from "../file-parts.ts";
import { asked } from "../form.ts";
import { invertLower } from "../linear-algebra.ts";
import type { PictureNames, RoundsModel, WindowRows } from "../model.ts";
import { aboutCoupledSoftmax } from "./coupled-softmax-about.ts";
import { Classes, Width } from "./learned.ts";
import { WindowSettings } from "./settings.ts";

/** Tightest first. */
const VARIANCES = [0.1, 1, 10, 100];
const WEIGHTS = [1, 0.1, 0.01];
/**
 * Where too few labels are there to choose by: with three or five a class held-out ones chose worse than this on the two
 * toys of scripts/methods/coupled (79.6 % for 83.1, 95.6 % for 96.9), with six as well or better (93.8 %).
 */
const FEWEST_TO_CHOOSE = 6;
const USUAL: Candidate = { couplingVariance: 10, generativeWeight: 1 };
/** What starts are compared by: close to the density, which has the valleys. */
const COMPARED: Candidate = { couplingVariance: 1, generativeWeight: 1 };
const PARTS = 3;
const FIT_STEPS = 25;
const MOST_FIT_STEPS = 400;
const MOST_FIT_ROUNDS = 60;
const MOST_STARTS = 9;

export const CoupledSoftmaxConfig = z.strictObject({
  kind: z.literal("coupled-softmax").default("coupled-softmax"),
  ...WindowSettings.shape,
  couplingVariance: z
    .number()
    .positive()
    .max(1e9)
    .meta(
      asked({
        name: { en: "Coupling variance (σ²)", ja: "結合の分散（σ²）" },
        hint: {
          en: "How far the classifier may be from what the density says. Usual: whichever of 0.1, 1, 10 and 100 judges held-out labelled windows best; 10 where a class has fewer than six labels or the inputs are hundreds.",
          ja: "識別器が密度の示す事後確率からどこまで離れてよいかを決めます。既定では0.1・1・10・100のうち、取り分けたラベル付きの窓で最もよいものを選びます。ラベルが6個に満たないクラスがある場合や、入力が数百ある場合は10とします。",
        },
        level: "expert",
      }),
    )
    .optional(),
  generativeWeight: z
    .number()
    .nonnegative()
    .max(1e6)
    .meta(
      asked({
        name: { en: "Weight of the density (λg)", ja: "密度の重み（λg）" },
        hint: {
          en: "How much windows count for what they look like, labelled or not. Usual: whichever of 0.01, 0.1 and 1 judges held-out labelled windows best; 1 where a class has fewer than six labels or the inputs are hundreds.",
          ja: "ラベルの有無によらず、窓の入力そのものをどれだけ重視するかを決めます。既定では0.01・0.1・1のうち、取り分けたラベル付きの窓で最もよいものを選びます。ラベルが6個に満たないクラスがある場合や、入力が数百ある場合は1とします。",
        },
        level: "expert",
      }),
    )
    .optional(),
  jitter: z
    .number()
    .min(1e-6)
    .max(1)
    .default(1e-3)
    .meta(
      asked({
        name: { en: "Least variance", ja: "分散の下限" },
        hint: {
          en: "Added to the variance of every input, as a share of its own, so that inputs which say the same can be used",
          ja: "各入力の分散にこの割合を加えます。同じ内容の入力があっても共分散が特異になりません",
        },
        level: "expert",
      }),
    ),
});
export type CoupledSoftmaxConfig = z.infer<typeof CoupledSoftmaxConfig>;

const CANDIDATES = VARIANCES.length * WEIGHTS.length;

const NamedLearned = z
  .strictObject({
    width: Width,
    classes: Classes,
    centre: finiteDoubles, // [d]: inputs less this, divided by scale, are what is learned from
    scale: finiteDoubles, // [d]
    couplingVariance: z.number().positive(), // chosen or given
    generativeWeight: z.number().nonnegative(),
    parameters: SavedParameters,
    value: z.number(), // of the best start
    losses: finiteDoubles, // Σ −ln P(label) of each candidate over held-out rows; 0 of what was not tried
    search: Search.nullable(),
    rounds: z.number().int().nonnegative(),
    seed: z.number().int(),
    disagreement: finiteDoubles, // mean Σ P ln(P/Q) of the two heads on training windows, by class the classifier says [k]
  })
  .superRefine(({ width: d, classes: k, parameters, search, ...of }, context) => {
    haveLengths(context, {
      ...{ centre: [of.centre, d], scale: [of.scale, d] },
      ...parameterLengths(parameters, d, k, "parameters"),
      ...searchLengths(search, parameterCount(d, k)),
      ...{ losses: [of.losses, CANDIDATES], disagreement: [of.disagreement, k] },
    });
  });
/** In files of before all parameters were one array. */
const LearnedOfBefore = z
  .looseObject({ width: Width, classes: Classes, flat: finiteDoubles })
  .refine(({ width, classes, flat }) => flat.length === parameterCount(width, classes))
  .transform(({ flat, ...learned }) => ({
    ...learned,
    parameters: partsOf(flat, learned.width, learned.classes),
  }));

export const CoupledSoftmaxLearned = orOfBefore(NamedLearned, LearnedOfBefore);
export type CoupledSoftmaxLearned = z.infer<typeof CoupledSoftmaxLearned>;

interface Plan {
  readonly starts: number;
  readonly candidates: readonly Candidate[]; // settings that are tried; one: it is taken as it is
}

/** Multiplications that starts and settings may take: on one core most of a minute. */
const MOST_TRYING = 2e10;

/**
 * What is tried before the fit: everything, or, of many inputs, as much as there is time for. First one start has to do,
 * then the weight of the density is not chosen, then σ² neither.
 */
function planOf(config: CoupledSoftmaxConfig, data: WindowRows, rows: CoupledRows): Plan {
  const candidates = candidatesOf(config, data);
  const whole = { starts: startCount(rows.width), candidates };
  if (rows.width < WIDE) return whole;
  const { generativeWeight = USUAL.generativeWeight } = config;
  const atOneWeight = candidates.filter((one) => one.generativeWeight === generativeWeight);
  const each = trialWork(rows);
  const isShort = ({ starts, candidates: tried }: Plan): boolean =>
    each * (starts + (tried.length > 1 ? tried.length * PARTS : 0)) <= MOST_TRYING;
  const plans = [whole, { starts: 1, candidates }, { starts: 1, candidates: atOneWeight }];
  return plans.find(isShort) ?? { starts: 1, candidates: [usualOf(config)] };
}

const usualOf = ({ couplingVariance, generativeWeight }: CoupledSoftmaxConfig): Candidate => ({
  couplingVariance: couplingVariance ?? USUAL.couplingVariance,
  generativeWeight: generativeWeight ?? USUAL.generativeWeight,
});

/** The settings that may be tried; one where both are given or the labels are too few to choose by. */
function candidatesOf(config: CoupledSoftmaxConfig, data: WindowRows): readonly Candidate[] {
  const { couplingVariance, generativeWeight } = config;
  const isGiven = couplingVariance !== undefined && generativeWeight !== undefined;
  if (isGiven || fewestLabels(data) < FEWEST_TO_CHOOSE) return [usualOf(config)];
  const variances = couplingVariance === undefined ? VARIANCES : [couplingVariance];
  const weights = generativeWeight === undefined ? WEIGHTS : [generativeWeight];
  return variances.flatMap((variance) =>
    weights.map((weight) => ({ couplingVariance: variance, generativeWeight: weight })),
  );
}

interface Place {
  readonly jitter: number;
  readonly at: number; // of the rounds of one kind
  readonly signal: AbortSignal;
}

type Step = { readonly learned: CoupledSoftmaxLearned; readonly score: number; readonly isSettled: boolean };

/** A start more; the best is kept. */
async function withStart(
  learned: CoupledSoftmaxLearned,
  rows: CoupledRows,
  { jitter, at, signal }: Place,
): Promise<Step> {
  const found = await tried(rows, couplingOf(COMPARED, jitter), startOf(rows, at, learned.seed), signal);
  const isBetter = at === 0 || found.value < learned.value;
  const parameters = partsOf(found.at, learned.width, learned.classes);
  const kept = isBetter ? { parameters, value: found.value } : {};
  return {
    learned: { ...learned, ...kept, rounds: learned.rounds + 1 },
    score: -found.value,
    isSettled: false,
  };
}

/** One candidate on one part of the labels more; the best is taken once all are there. */
async function withTrial(
  learned: CoupledSoftmaxLearned,
  rows: CoupledRows,
  candidates: readonly Candidate[],
  { jitter, at, signal }: Place,
): Promise<Step> {
  const losses = learned.losses.slice();
  const [which, part] = [Math.floor(at / PARTS), at % PARTS];
  const coupling = couplingOf(candidates[which] ?? USUAL, jitter);
  const loss = await heldOutLoss(rows, coupling, flatOf(learned.parameters), { part, parts: PARTS, signal });
  losses[which] = (losses[which] ?? 0) + loss;
  const tried = losses.subarray(0, candidates.length);
  const isLast = at === candidates.length * PARTS - 1;
  const chosen = isLast ? (candidates[tried.indexOf(Math.min(...tried))] ?? USUAL) : {};
  return {
    learned: { ...learned, ...chosen, losses, rounds: learned.rounds + 1 },
    score: -loss,
    isSettled: false,
  };
}

/** Some steps more on all rows. */
async function withSteps(
  learned: CoupledSoftmaxLearned,
  rows: CoupledRows,
  { jitter, at, signal }: Place,
): Promise<Step> {
  const coupling = couplingOf(learned, jitter);
  const steps = Math.min(FIT_STEPS, stepsASecond(rows));
  const search = await advanced(learned.search ?? undefined, flatOf(learned.parameters), rows, coupling, {
    steps,
    signal,
  });
  const gained = (learned.search?.value ?? Number.POSITIVE_INFINITY) - search.value;
  const isLast = at === MOST_FIT_ROUNDS - 1 || (at + 1) * steps >= MOST_FIT_STEPS;
  const isSettled = search.isSettled || Math.abs(gained) < 1e-12 || isLast;
  const parameters = partsOf(search.at, learned.width, learned.classes);
  const next = { ...learned, parameters, search: isSettled ? null : search, rounds: learned.rounds + 1 };
  return {
    learned: isSettled ? { ...next, disagreement: disagreementByClass(next, rows) } : next,
    score: -search.value,
    isSettled,
  };
}

function disagreementByClass(
  learned: CoupledSoftmaxLearned,
  { x, count, gaps, width: d }: CoupledRows,
): Float64Array {
  const k = learned.classes;
  const observed = new Uint8Array(count * d);
  for (const { kept, rows } of gaps) for (const n of rows) for (const i of kept) observed[n * d + i] = 1;
  const answers = answersOf(headsIn(learned), x, observed, count);
  const apart = disagreementOf(answers, k);
  const [sum, mass] = [new Float64Array(k), new Float64Array(k)];
  for (let at = 0; at < count * k; at += 1) {
    const p = answers.discriminative[at] ?? 0;
    sum[at % k] = (sum[at % k] ?? 0) + p * (apart[Math.floor(at / k)] ?? 0);
    mass[at % k] = (mass[at % k] ?? 0) + p;
  }
  return sum.map((value, c) => value / Math.max(1e-12, mass[c] ?? 0));
}

export const headsIn = ({
  parameters,
  width,
  classes,
  couplingVariance,
}: CoupledSoftmaxLearned): CoupledHeads =>
  headsOf(flatOf(parameters), width, classes, apartScale(couplingVariance));

/** What both heads say of windows; the density is that of the inputs as they are given. */
export function coupledAnswers(
  learned: CoupledSoftmaxLearned,
  { x, observed, count }: Pick<WindowRows, "count" | "x" | "observed">,
): CoupledAnswers {
  const { scale, width: d } = learned;
  const answers = answersOf(headsIn(learned), inUnits(x, observed, learned), observed, count);
  const logDensity = answers.logDensity.map((value, n) => {
    let own = value;
    for (let i = 0; i < d; i += 1) if (observed[n * d + i] === 1) own -= Math.log(scale[i] ?? 1);
    return own;
  });
  return { ...answers, logDensity };
}

/** Σ in the units of the inputs. */
function covarianceOf({ lower, width: d }: CoupledHeads, scale: Float64Array): Float64Array {
  const inverse = invertLower(lower, d);
  return Float64Array.from({ length: d * d }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    let sum = 0;
    for (let l = 0; l < d; l += 1) sum += (inverse[l * d + i] ?? 0) * (inverse[l * d + j] ?? 0);
    return sum * (scale[i] ?? 1) * (scale[j] ?? 1);
  });
}

function pictures(learned: CoupledSoftmaxLearned, { inputs, classes }: PictureNames): Picture[] {
  const { centre, scale, width: d } = learned;
  const heads = headsIn(learned);
  const covariance = covarianceOf(heads, scale);
  const className = (c: number): string => classes[c] ?? String(c + 1);
  const fact = (en: string, ja: string, value: number) => ({ name: { en, ja }, value: String(value) });
  return [
    {
      kind: "components",
      title: { en: "Density of the classes", ja: "クラスの密度" },
      inputs: [...inputs],
      components: Array.from({ length: learned.classes }, (_, c) => ({
        className: className(c),
        weight: Math.exp(heads.logPrior[c] ?? 0),
        mean: heads.means
          .slice(c * d, (c + 1) * d)
          .map((value, i) => value * (scale[i] ?? 1) + (centre[i] ?? 0)),
        covariance,
      })),
    },
    {
      kind: "matrix",
      title: { en: "Weights of the classifier", ja: "識別器の重み" },
      rows: Array.from({ length: learned.classes }, (_, c) => className(c)),
      columns: [...inputs],
      values: heads.w.map((value, at) => value / (scale[at % d] ?? 1)),
    },
    {
      kind: "bars",
      title: { en: "Disagreement of classifier and density", ja: "識別器と密度の不一致" },
      unit: { en: "nats", ja: "ナット" },
      bars: Array.from(learned.disagreement, (value, c) => ({ name: className(c), value })),
    },
    {
      kind: "facts",
      facts: [
        fact("Coupling variance (σ²)", "結合の分散（σ²）", learned.couplingVariance),
        fact("Weight of the density (λg)", "密度の重み（λg）", learned.generativeWeight),
      ],
    },
  ];
}

/**
 * Gaussian-coupled softmax on the inputs themselves (Hayashi and Uchida 2020), in float64 by L-BFGS: several starts, then
 * the settings by held-out labels, then the fit.
 */
export const coupledSoftmaxModel: RoundsModel<CoupledSoftmaxConfig, CoupledSoftmaxLearned> = {
  kind: "coupled-softmax",
  name: { en: "Gaussian-coupled softmax", ja: "ガウス結合ソフトマックス" },
  sentence: {
    en: "A linear classifier held near what a density of the classes says. Learns from windows without labels too, bears missing inputs exactly, and knows unusual windows.",
    ja: "クラスの密度が示す境界の近くに線形識別器を保ちます。ラベルのない窓からも学び、欠損した入力を厳密に扱い、見慣れない窓に気付きます。",
  },
  config: CoupledSoftmaxConfig,
  over: "windows",
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["density", "ensemble"],
  about: aboutCoupledSoftmax,
  file: CoupledSoftmaxLearned,
  pictures,
  learning: {
    kind: "rounds",
    mostRounds: MOST_STARTS + CANDIDATES * PARTS + MOST_FIT_ROUNDS,
    begin(config, data, seed) {
      const { width, classes } = data;
      const units = unitsOf(data);
      const [candidate = USUAL] = planOf(config, data, coupledRows(data, units)).candidates;
      return {
        ...{ width, classes, seed },
        ...units,
        ...candidate,
        parameters: partsOf(new Float64Array(parameterCount(width, classes)), width, classes),
        value: 0,
        losses: new Float64Array(CANDIDATES),
        search: null,
        rounds: 0,
        disagreement: new Float64Array(classes),
      };
    },
    round(learned, config, data, signal) {
      const rows = coupledRows(data, learned);
      const { starts, candidates } = planOf(config, data, rows);
      const trials = candidates.length > 1 ? candidates.length * PARTS : 0;
      const { jitter } = config;
      const at = learned.rounds;
      if (at < starts) return withStart(learned, rows, { jitter, at, signal });
      if (at < starts + trials)
        return withTrial(learned, rows, candidates, { jitter, at: at - starts, signal });
      return withSteps(learned, rows, { jitter, at: at - starts - trials, signal });
    },
  },
  score(learned, rows) {
    const { discriminative, logDensity } = coupledAnswers(learned, rows);
    return {
      logits: Float32Array.from(discriminative, (p) => Math.log(Math.max(p, 1e-300))),
      logDensity: Float32Array.from(logDensity),
    };
  },
};
