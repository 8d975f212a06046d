import { z } from "zod";
import { Search, searched, searchFrom, searchLengths } from "../convex/lbfgs.ts";
import { softmaxLogits, softmaxLoss, type Design } from "../convex/softmax-regression.ts";
import {
  columnsOf,
  quadraticTerms,
  standardise,
  termCount,
  writeTerms,
  type Terms,
} from "../convex/terms.ts";
import { logJoint, posteriors, type GaussianClasses } from "../distributions/gaussian-classes.ts";
import { filledByDraws, type Filled } from "../distributions/gap-draws.ts";
import { finiteDoubles, haveLengths } from "../file-parts.ts";
import { asked } from "../form.ts";
import { softmaxRows } from "../linear-algebra.ts";
import type { PictureNames, RoundsModel, WindowRows } from "../model.ts";
import type { Picture } from "../../../preload/contract/method.ts";
import { Classes, haveFactors, scoresOf, Width } from "./learned.ts";
import { aboutLogistic } from "./logistic-about.ts";
import { normalsOfLabels } from "./normal-rounds.ts";
import { remembering } from "../remembered.ts";
import { labelledOf, pickedRows } from "../window-rows.ts";
import { WindowSettings } from "./settings.ts";

const LogisticConfig = z.strictObject({
  kind: z.literal("logistic").default("logistic"),
  ...WindowSettings.shape,
  borders: z
    .enum(["linear", "quadratic"])
    .default("linear")
    .meta(
      asked({
        name: { en: "Borders between classes", ja: "クラスの境界" },
        level: "plain",
        options: { linear: { en: "Flat", ja: "平面" }, quadratic: { en: "Curved", ja: "曲面" } },
        optionHints: {
          linear: { en: "A weight each input and class.", ja: "入力とクラスごとに重みを1つ持ちます。" },
          quadratic: {
            en: "Squares and, up to 24 inputs, products of two as well.",
            ja: "2乗の項と、入力が24個までなら2つの積の項も使います。",
          },
        },
      }),
    ),
  ridge: z
    .number()
    .positive()
    .max(10)
    .default(0.001)
    .meta(
      asked({
        name: { en: "Ridge", ja: "リッジ係数" },
        hint: {
          en: "Holds the weights small; the loss is a mean over windows, the columns standardised",
          ja: "重みを小さく保つ強さ。損失は窓の平均、各列は標準化済みです",
        },
        level: "expert",
      }),
    ),
});
type LogisticConfig = z.infer<typeof LogisticConfig>;

const LogisticLearned = z
  .strictObject({
    width: Width,
    classes: Classes,
    terms: z.enum(["linear", "squares", "products"]),
    centre: finiteDoubles, // [H]
    scale: finiteDoubles, // [H]
    weights: finiteDoubles, // [k x H]
    means: finiteDoubles, // [k x d], with the two that follow the density of the inputs
    covariance: finiteDoubles, // [d x d]
    logPrior: finiteDoubles, // [k]
    search: Search.nullable(), // under way
  })
  .superRefine(({ width: d, classes: k, terms, search, ...of }, context) => {
    const h = termCount(d, terms);
    const fits = haveLengths(context, {
      ...{ centre: [of.centre, h], scale: [of.scale, h], weights: [of.weights, k * h] },
      ...{ means: [of.means, k * d], covariance: [of.covariance, d * d], logPrior: [of.logPrior, k] },
      ...searchLengths(search, k * h),
    });
    if (fits) haveFactors(context, "covariance", of.covariance, d);
  });
type LogisticLearned = z.infer<typeof LogisticLearned>;

const TRAINING_DRAWS = 4;
const JUDGING_DRAWS = 32;
const LEAST_LOG = -69; // of a probability: 1e-30
const ROWS_AT_ONCE = 512;
const TOLERANCE = 1e-7; // of the gradient: the loss is within 1e-11 of its least
const MOST_STEPS = 2000;
const ROUND_WORK = 4e8; // multiplications

/** Softmax regression: the discriminative comparator, with one optimum whatever the start. */
export const logisticModel: RoundsModel<LogisticConfig, LogisticLearned> = {
  kind: "logistic",
  name: { en: "Logistic regression", ja: "ロジスティック回帰" },
  sentence: {
    en: "Learns the borders between classes and nothing else. One optimum, whatever the start; flat borders or curved ones.",
    ja: "クラスの境界だけを学習します。初期値によらず最適解は1つで、境界は平面か曲面を選べます。",
  },
  config: LogisticConfig,
  over: "windows",
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["density", "ensemble"],
  about: aboutLogistic,
  file: LogisticLearned,
  learning: {
    kind: "rounds",
    mostRounds: 2000,
    begin: ({ borders }, rows) => begun(rows, borders === "linear" ? "linear" : quadraticTerms(rows.width)),
    round: (learned, { ridge }, rows) => Promise.resolve(oneRound(learned, ridge, rows)),
  },
  score: (learned, rows) => {
    const joint = logJoint(learned, rows.x, rows.observed, rows.count);
    const { logDensity } = scoresOf(joint, learned.classes);
    return {
      logits: logPosteriors(learned, rows, posteriors(joint, learned.classes).probabilities),
      logDensity,
    };
  },
  pictures: weightPictures,
};

function begun(rows: WindowRows, terms: Terms): LogisticLearned {
  const { width, classes } = rows;
  const density = normalsOfLabels(rows, 0.001);
  const { filled, weights } = trainingRows(rows, density);
  const features = termCount(width, terms);
  const columns = columnsOf(
    { count: filled.count, features },
    (row, out) => writeTerms(filled.x, row * width, { d: width, terms }, out, 0),
    (row) => weights[row] ?? 0,
  );
  const start = new Float64Array(classes * features);
  return { ...density, terms, ...columns, weights: start, search: null };
}

function oneRound(
  learned: LogisticLearned,
  ridge: number,
  rows: WindowRows,
): { learned: LogisticLearned; score: number; isSettled: boolean } {
  const { terms, classes, weights } = learned;
  const { filled, y, weights: counts } = prepared(rows, learned);
  const design = { ...designOf(learned, filled), y, weights: counts };
  const objective = softmaxLoss(design, ridge);
  const before = learned.search ?? searchFrom(weights, objective);
  const work = 4 * filled.count * termCount(rows.width, terms) * classes;
  const steps = Math.max(1, Math.min(100, Math.floor(ROUND_WORK / Math.max(1, work))));
  const search = searched(before, objective, { steps, tolerance: TOLERANCE });
  const isSettled = search.isSettled || search.steps >= MOST_STEPS;
  return {
    learned: { ...learned, weights: search.at, search: isSettled ? null : search },
    score: -search.value,
    isSettled,
  };
}

const prepared = remembering(trainingRows, (one, other) => one.covariance === other.covariance);

/** Labelled rows, each gap drawn from the class of its label. */
function trainingRows(
  rows: WindowRows,
  density: GaussianClasses,
): { readonly filled: Filled; readonly y: Float64Array; readonly weights: Float64Array } {
  const labelled = pickedRows(rows, labelledOf(rows));
  const filled = filledByDraws(density, labelled, labelled.y, TRAINING_DRAWS);
  return { filled, y: gathered(labelled.y, filled.source, rows.classes), weights: filled.weight };
}

function gathered(from: ArrayLike<number>, rows: ArrayLike<number>, width: number): Float64Array {
  return Float64Array.from(
    { length: rows.length * width },
    (_, at) => from[(rows[Math.floor(at / width)] ?? 0) * width + (at % width)] ?? 0,
  );
}

function designOf(
  learned: LogisticLearned,
  filled: { readonly count: number; readonly x: ArrayLike<number> },
): Omit<Design, "y" | "weights"> {
  const { width: d, classes, terms } = learned;
  const features = termCount(d, terms);
  return {
    ...{ count: filled.count, features, classes, isPerClass: false },
    fill(_c, first, rows, out) {
      for (let row = 0; row < rows; row += 1) {
        writeTerms(filled.x, (first + row) * d, { d, terms }, out, row * features);
        standardise(learned, out, row * features);
      }
    },
  };
}

/** ln of the mean probability over what the gaps may hold; `shares` are the classes' posteriors under the density. */
function logPosteriors(
  learned: LogisticLearned,
  rows: Pick<WindowRows, "count" | "x" | "observed">,
  shares: Float64Array,
): Float32Array {
  const { width: d, classes: k } = learned;
  if (rows.observed.every((seen) => seen === 1)) {
    const { logits } = scoresOf(softmaxLogits(designOf(learned, rows), learned.weights), k);
    return logits.map((value) => Math.max(value, LEAST_LOG));
  }
  const mean = new Float64Array(rows.count * k);
  for (let first = 0; first < rows.count; first += ROWS_AT_ONCE) {
    const end = Math.min(first + ROWS_AT_ONCE, rows.count);
    const part = {
      count: end - first,
      x: rows.x.subarray(first * d, end * d),
      observed: rows.observed.subarray(first * d, end * d),
    };
    const filled = filledByDraws(learned, part, shares.subarray(first * k), JUDGING_DRAWS);
    const probabilities = softmaxRows(softmaxLogits(designOf(learned, filled), learned.weights), k);
    for (let at = 0; at < probabilities.length; at += 1) {
      const row = Math.floor(at / k);
      const to = (first + (filled.source[row] ?? 0)) * k + (at % k);
      mean[to] = (mean[to] ?? 0) + (filled.weight[row] ?? 0) * (probabilities[at] ?? 0);
    }
  }
  return Float32Array.from(mean, (p) => Math.max(Math.log(p), LEAST_LOG));
}

/** What an input of one standard deviation does to the logit of a class, by the terms of first order. */
function weightPictures(learned: LogisticLearned, { inputs, classes }: PictureNames): Picture[] {
  const h = termCount(learned.width, learned.terms);
  const values = Float64Array.from(
    { length: classes.length * inputs.length },
    (_, at) => learned.weights[Math.floor(at / inputs.length) * h + 1 + (at % inputs.length)] ?? 0,
  );
  return [
    {
      kind: "matrix",
      title: { en: "Weights of the standardised inputs", ja: "標準化した入力の重み" },
      ...{ rows: [...classes], columns: [...inputs], values },
    },
  ];
}
