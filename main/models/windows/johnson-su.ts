import { z } from "zod";
import { posteriors } from "../distributions/gaussian-classes.ts";
import {
  bendsOf,
  bentEach,
  johnsonLogJoints,
  johnsonStep,
  type Bends,
  type Bent,
} from "../distributions/johnson-classes.ts";
import { withCovarianceEach, type HeldBack, type NormalClasses } from "../distributions/normal-classes.ts";
import { asked } from "../form.ts";
import type { RoundsModel, WindowRows, WindowScores } from "../model.ts";
import { aboutJohnsonSu } from "./johnson-su-about.ts";
import { completeRows, networkBegun, networkLogits, networkRound, picked } from "./johnson-su-network.ts";
import { johnsonPictures } from "./johnson-su-pictures.ts";
import { bendsIn, JohnsonSuLearned } from "./johnson-su-learned.ts";
import { scoresOf } from "./learned.ts";
import { isOneRoundAll, meanLogLikelihood, normalsOfLabels, TOLERANCE } from "./normal-rounds.ts";
import { remembering } from "../remembered.ts";
import { WindowSettings } from "./settings.ts";

const Form = z.enum(["shared", "classes", "network", "network-shared"]);
type Form = z.infer<typeof Form>;

const JohnsonSuConfig = z
  .strictObject({
    kind: z.literal("johnson-su").default("johnson-su"),
    ...WindowSettings.shape,
    form: Form.default("shared").meta(
      asked({
        name: { en: "Form", ja: "モデルの形" },
        level: "plain",
        options: {
          shared: { en: "Distributions, bent alike", ja: "分布（全クラス共通の変換）" },
          classes: { en: "Distributions, each class bent by itself", ja: "分布（クラスごとの変換）" },
          network: { en: "Network, each class bent by itself", ja: "ネットワーク（クラスごとの変換）" },
          "network-shared": { en: "Network, bent alike", ja: "ネットワーク（全クラス共通の変換）" },
        },
        optionHints: {
          shared: {
            en: "One bend an input for all classes, then a covariance a class. The best of the four on envelopes within a person.",
            ja: "入力ごとの変換は全クラス共通で、共分散はクラスごとに持ちます。同一人物の包絡線では4つの中で最も良い結果でした。",
          },
          classes: {
            en: "Each class has its own skewness and tails. Exact with missing inputs.",
            ja: "クラスごとに固有の歪みと裾をもちます。欠損した入力も厳密に扱えます。",
          },
          network: {
            en: "Learns the borders only. The best of the four on people never seen; within a person the distributions were better. Windows with gaps are judged by the distributions.",
            ja: "境界だけを学習します。初めての対象者では4つの中で最も良く、同一人物では分布のほうが良い結果でした。欠損のある窓は分布で判定します。",
          },
          "network-shared": {
            en: "Logistic regression on the bent inputs and their products.",
            ja: "変換後の入力とその積に対するロジスティック回帰です。",
          },
        },
      }),
    ),
    unlabelled: z
      .boolean()
      .default(false)
      .meta(
        asked({
          name: { en: "Learn from unlabelled windows", ja: "ラベルのない窓からも学習する" },
          hint: {
            en: "For few labels, with “Distributions, bent alike”: bends from all windows, then classes with one covariance found in them (EM). Assumes that the classes are the groups that the windows fall into, and as frequent as among the labels.",
            ja: "ラベルが少ないとき用です（「分布（全クラス共通の変換）」のみ）。変換を全ての窓から求め、共通の共分散をもつクラスをEM法で推定します。窓の集まりがクラスに対応し、クラスの割合がラベルと同じであることが前提です。",
          },
          level: "plain",
        }),
      ),
    ridge: z
      .number()
      .positive()
      .max(10)
      .default(0.001)
      .meta(
        asked({
          name: { en: "Ridge of the network", ja: "ネットワークのリッジ係数" },
          hint: {
            en: "Holds its weights small. 0.000001 made the log loss 1.5 to 4 times as large on bracelet recordings.",
            ja: "重みを小さく保つ強さ。電極バンドの記録では、0.000001にすると対数損失が1.5〜4倍に悪化しました。",
          },
          level: "expert",
        }),
      ),
  })
  .refine(({ form, unlabelled }) => !unlabelled || form === "shared", {
    path: ["unlabelled"],
    message: "Unlabelled windows can be learned from with the form “shared” only",
  });
type JohnsonSuConfig = z.infer<typeof JohnsonSuConfig>;

const isNetwork = (form: Form): boolean => form === "network" || form === "network-shared";
const isPerClass = (form: Form): boolean => form === "classes" || form === "network";

/** Johnson's S_U system as a classifier: inputs bent by asinh until they are normal within a class. */
export const johnsonSuModel: RoundsModel<JohnsonSuConfig, JohnsonSuLearned> = {
  kind: "johnson-su",
  name: { en: "Johnson-SU", ja: "ジョンソンSU分布" },
  sentence: {
    en: "Normal distributions of inputs that are bent first, so that skewed and heavy-tailed ones fit: muscle amplitudes, say. As distributions or as a network with one optimum.",
    ja: "歪みや重い裾をもつ入力（筋活動の振幅など）を変換してから正規分布を当てはめます。分布として、または最適解が1つに定まるネットワークとして使えます。",
  },
  config: JohnsonSuConfig,
  over: "windows",
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["density", "ensemble"],
  about: aboutJohnsonSu,
  file: JohnsonSuLearned,
  learning: {
    kind: "rounds",
    mostRounds: 3000,
    begin,
    round: (learned, config, rows) =>
      Promise.resolve(
        learned.isFitted ? networkStep(learned, config, rows) : normalStep(learned, config, rows),
      ),
  },
  score,
  pictures: johnsonPictures,
};

function begin({ form, unlabelled }: JohnsonSuConfig, rows: WindowRows): JohnsonSuLearned {
  const { count, width, classes: k, y } = rows;
  const ofClass = Array.from({ length: k }, (): number[] => []);
  const all: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const own = y.subarray(n * k, (n + 1) * k);
    const isLabelled = own.some((share) => share > 0);
    if (isLabelled) ofClass[own.indexOf(Math.max(...own))]?.push(n);
    if (isLabelled || unlabelled) all.push(n);
  }
  const bends = bendsOf(rows, width, isPerClass(form) ? ofClass : [all]);
  const start = bentRows(rows, bends);
  const labelled = ofClass.reduce((sum, own) => sum + own.length, 0);
  const shrink = unlabelled ? width / (width + labelled) : 0.001; // few labels: a start that trusts no correlation
  const normals = startOf(start, rows, shrink);
  return { ...normals, ...bends, score: Number.MIN_SAFE_INTEGER, isFitted: false, network: null };
}

/** Normals to begin with, each class in its view: means of what is observed, one covariance. */
function startOf(views: readonly Bent[], rows: WindowRows, shrink: number): NormalClasses {
  const { width: d, classes: k } = rows;
  const fitted = views.map(({ y: x }) => withCovarianceEach(normalsOfLabels({ ...rows, x }, shrink)));
  const [first] = fitted;
  if (first === undefined) throw new RangeError("There is a view of the inputs, one at least");
  if (views.length === 1) return first;
  const own = (of: "means" | "covariances", size: number): Float64Array =>
    Float64Array.from({ length: k * size }, (_, at) => fitted[Math.floor(at / size)]?.[of][at] ?? 0);
  return { ...first, means: own("means", d), covariances: own("covariances", d * d) };
}

const bentRows = remembering(
  (rows: WindowRows, bends: Bends) => bentEach(bends, rows),
  (one, other) => one.xi === other.xi && one.lambda === other.lambda,
);

const UNLABELLED_TOLERANCE = 1e-7; // of the mean log likelihood

type Round = { readonly learned: JohnsonSuLearned; readonly score: number; readonly isSettled: boolean };

/** How far a class's covariance is held back, by what was found to do best on bracelet recordings. */
function heldBack({ form, unlabelled }: JohnsonSuConfig): HeldBack {
  if (unlabelled) return { pooled: 1, diagonal: 0 };
  return isPerClass(form) ? { pooled: 0, diagonal: 0.1 } : { pooled: 0.1, diagonal: 0 };
}

function normalStep(learned: JohnsonSuLearned, config: JohnsonSuConfig, rows: WindowRows): Round {
  const views = bentRows(rows, bendsIn(learned));
  const weights = config.unlabelled ? completedLabels(learned, views, rows) : rows.y;
  const step = johnsonStep(learned, views, rows, weights, heldBack(config));
  // How many unlabelled windows a class takes would feed back on itself: classes stay as frequent as among the labels.
  const next = config.unlabelled ? { ...step, logPrior: learned.logPrior } : step;
  const isOnce = !config.unlabelled && isOneRoundAll(rows);
  const score = isOnce ? 0 : meanLogLikelihood(johnsonLogJoints(next, views, rows), rows, config.unlabelled);
  const tolerance = config.unlabelled ? UNLABELLED_TOLERANCE : TOLERANCE;
  const isFitted = isOnce || Math.abs(score - learned.score) < tolerance;
  const fitted = { ...learned, ...next, score, isFitted };
  const complete = isFitted && isNetwork(config.form) ? completeRows(rows) : undefined;
  if (complete === undefined) return { learned: fitted, score, isSettled: isFitted };
  const network = networkBegun(bendsIn(learned), picked(views, complete, rows.width), rows.classes);
  return { learned: { ...fitted, network }, score, isSettled: false };
}

/** The labels, and posteriors where there is none. */
function completedLabels(normals: NormalClasses, views: readonly Bent[], rows: WindowRows): Float64Array {
  const { classes: k } = rows;
  const weights = posteriors(johnsonLogJoints(normals, views, rows), k).probabilities;
  for (let n = 0; n < rows.count; n += 1) {
    const own = rows.y.subarray(n * k, (n + 1) * k);
    if (own.some((share) => share > 0)) weights.set(own, n * k);
  }
  return weights;
}

const networkRows = remembering(
  (rows: WindowRows, bends: Bends) => {
    const { width: d, classes: k } = rows;
    const complete = completeRows(rows) ?? [];
    const y = new Float64Array(complete.length * k);
    complete.forEach((n, at) => y.set(rows.y.subarray(n * k, (n + 1) * k), at * k));
    return { ...picked(bentRows(rows, bends), complete, d), y };
  },
  (one, other) => one.xi === other.xi && one.lambda === other.lambda,
);

function networkStep(learned: JohnsonSuLearned, { ridge }: JohnsonSuConfig, rows: WindowRows): Round {
  if (learned.network === null) return { learned, score: learned.score, isSettled: true };
  const bends = bendsIn(learned);
  const { classes } = rows;
  const next = networkRound(learned.network, bends, networkRows(rows, bends), { ridge, classes });
  return { learned: { ...learned, network: next.network }, score: -next.loss, isSettled: next.isSettled };
}

/** By the distributions; windows without gaps by the network, where there is one. The density is always theirs. */
function score(learned: JohnsonSuLearned, rows: Pick<WindowRows, "count" | "x" | "observed">): WindowScores {
  const { width: d, classes: k, network } = learned;
  const bends = bendsIn(learned);
  const views = bentEach(bends, rows);
  const scores = scoresOf(johnsonLogJoints(learned, views, rows), k);
  if (network === null) return scores;
  const complete: number[] = [];
  for (let n = 0; n < rows.count; n += 1)
    if (rows.observed.subarray(n * d, (n + 1) * d).every((seen) => seen === 1)) complete.push(n);
  const own = scoresOf(networkLogits(network, bends, picked(views, complete, d), k), k).logits;
  complete.forEach((n, at) => scores.logits.set(own.subarray(at * k, (at + 1) * k), n * k));
  return scores;
}
