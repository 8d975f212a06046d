import { AppError } from "../../preload/contract/errors.ts";
import type { AboutMethod } from "../../preload/contract/method.ts";
import type { ModelDescription, ModelField } from "../../preload/contract/model.ts";
import type { ModelConfig } from "../../preload/contract/run.ts";

type NumberField = Extract<ModelField, { readonly type: "number" }>;

const whole = (
  key: string,
  [en, ja]: readonly [string, string],
  [low, high, usual]: readonly [number, number, number],
  more: Partial<NumberField> = {},
): NumberField => ({
  ...{ key, low, high, usual },
  level: "plain",
  name: { en, ja },
  type: "number",
  isWhole: true,
  isOptional: false,
  ...more,
});

const members = whole("members", ["Members", "メンバー数"], [1, 10, 5], {
  hint: {
    en: "Each learns without some of the people; where they differ the model is unsure. A single one cannot tell how unsure it is.",
    ja: "それぞれが一部の対象者を除いて学習し、意見が割れるところがモデルの不確かなところです。1つだけでは不確かさは分かりません。",
  },
});

/** Short, and of every kind of thing that a method says of itself. */
const about = (en: string, ja: string): AboutMethod => ({
  idea: [{ en, ja }],
  formulas: [
    {
      tex: String.raw`P(c \mid x) = \frac{\pi_c\, \mathcal{N}(x;\, \mu_c, \Sigma)}{\sum_{k} \pi_k\, \mathcal{N}(x;\, \mu_k, \Sigma)}`,
      says: {
        en: "N is the normal density, π the share of each class.",
        ja: "N は正規分布の密度、π は各クラスの割合。",
      },
    },
  ],
  assumes: [{ en: "Gaussian classes with a shared covariance.", ja: "共分散の等しい正規分布。" }],
  missing: { en: "Integrated out.", ja: "積分消去します。" },
  where: { en: "First thing to try.", ja: "最初の候補。" },
  claims: [
    {
      says: { en: "Both forms give the same probabilities.", ja: "2つの形は同じ確率を与えます。" },
      evidence: "computed",
    },
    { says: { en: "The boundary is a plane.", ja: "境界は平面です。" }, evidence: "recalled" },
  ],
  references: ["Fisher: The use of multiple measurements in taxonomic problems. Annals of Eugenics 7, 1936."],
});

/** Two models as main tells of them: one of each way of learning. */
export const fakeKinds: readonly ModelDescription[] = [
  {
    kind: "identity-coupled",
    name: { en: "Identity network, Gaussian-coupled", ja: "恒等初期化ネットワーク（ガウス結合）" },
    sentence: {
      en: "A network that starts as the identity reads each window; a Gaussian-coupled softmax turns its last layer into class probabilities. Several networks vote, and where they differ the model is unsure.",
      ja: "恒等写像から出発するネットワークが各窓を読み、ガウス結合ソフトマックスが最終層からクラス確率を求めます。複数のネットワークの意見が割れるところが、モデルの不確かなところです。",
    },
    over: "windows",
    labels: "needed",
    kinds: ["ctg", "emg", "other"],
    usualFor: ["ctg", "emg", "other"],
    learning: "descent",
    can: ["adaptation", "layers", "density", "export", "ensemble"],
    about: about(
      "Every layer starts as the identity and at first passes its input on unchanged.",
      "どの層も恒等写像から出発し、初めは入力をそのまま渡します。",
    ),
    fields: [
      members,
      {
        key: "adaptation",
        name: { en: "Adapting to a new person", ja: "新しい人への適応" },
        level: "plain",
        kinds: ["emg"],
        type: "choice",
        usual: "none",
        usualOf: { emg: "transductive-balanced" },
        options: [
          { value: "none", name: { en: "None", ja: "なし" } },
          {
            value: "transductive-balanced",
            name: {
              en: "Whole recording (balanced gestures)",
              ja: "記録全体（動作均等）",
            },
            hint: {
              en: "Uses each new person’s own recording without its labels: centring, bracelet orientation, class means. It assumes that every gesture occurs about equally often in it.",
              ja: "新しい人の記録を、ラベルを見ずに使います（中心化、電極バンドの向き、クラス平均）。各動作がほぼ同じ回数含まれることが前提です。",
            },
          },
          {
            value: "causal",
            name: { en: "As the person moves (from the past only)", ja: "動作しながら適応（過去のみ）" },
          },
        ],
      },
      whole("epochs", ["Epochs", "エポック数"], [1, 500, 12]),
      {
        key: "usesUnlabelled",
        name: { en: "Learn from unlabelled windows too", ja: "ラベルなしの窓からも学ぶ" },
        hint: {
          en: "They shape the density of the classes. Without, the model learns from labels alone.",
          ja: "クラスの分布の推定に使います。使わない場合はラベルだけから学びます。",
        },
        level: "plain",
        type: "switch",
        usual: true,
      },
      {
        ...{ key: "patience", level: "expert", type: "number", isWhole: true, isOptional: true },
        ...{ low: 1, high: 500 },
        name: { en: "Stop after epochs without gain", ja: "改善がなければ止めるまでのエポック数" },
        hint: { en: "Usual: a third, twelve at least.", ja: "既定は3分の1、ただし12以上です。" },
      },
      {
        ...{ key: "learningRate", level: "expert", type: "number", isWhole: false, isOptional: true },
        ...{ low: 0, high: 100 },
        name: { en: "Learning rate", ja: "学習率" },
      },
      {
        key: "variation",
        name: { en: "Vary the samples in each epoch", ja: "エポックごとに信号を変化させる" },
        level: "expert",
        type: "group",
        fields: [
          {
            key: "shiftS",
            name: { en: "Time shift, up to (s)", ja: "時間のずれ（最大、秒）" },
            ...{ low: 0, high: 60, usual: 0 },
          },
          {
            key: "gainSd",
            name: {
              en: "Gain of each channel, SD (0.1 = 10 %)",
              ja: "チャネルごとの振幅の標準偏差（0.1 = 10%）",
            },
            kinds: ["emg"],
            ...{ low: 0, high: 1, usual: 0 },
          },
        ],
        suggested: {
          ctg: { shiftS: 5, gainSd: 0 },
          emg: { shiftS: 0.1, gainSd: 0.1 },
          other: { shiftS: 0.1, gainSd: 0 },
        },
      },
      whole("layers", ["Layers", "層の数"], [2, 50, 10], { level: "expert" }),
    ],
  },
  {
    kind: "lda",
    name: { en: "Linear discriminant (LDA)", ja: "線形判別分析（LDA）" },
    sentence: {
      en: "Each class is a normal distribution, all with one covariance. Quick and steady, and what every other method is compared with; learns from labelled windows only.",
      ja: "各クラスを共通の共分散をもつ正規分布とみなします。速く安定しており、ほかのすべての手法の比較の基準です。ラベル付きの窓だけから学習します。",
    },
    over: "windows",
    labels: "needed",
    kinds: ["ctg", "emg", "other"],
    usualFor: [],
    learning: "rounds",
    can: ["density", "ensemble"],
    about: about(
      "Each class is one Gaussian, all with the same covariance.",
      "各クラスを、共分散の等しい正規分布で表します。",
    ),
    fields: [
      members,
      {
        ...{ key: "shrink", level: "expert", type: "number", isWhole: false, isOptional: false },
        ...{ low: 0, high: 1, usual: 0.001 },
        name: { en: "Shrinkage", ja: "縮小率" },
      },
    ],
  },
];

/** A model with every setting that is left to it. Throws model/bad-config for a number out of its range, as main does. */
export function filledModel(config: ModelConfig): ModelConfig {
  const fields = fakeKinds.find(({ kind }) => kind === config.kind)?.fields ?? [];
  const wrong = fields.flatMap((field) => {
    const value = config[field.key];
    if (field.type !== "number" || typeof value !== "number") return [];
    const { low = -Infinity, high = Infinity, key } = field;
    return value >= low && value <= high ? [] : [[`model.${key}`, `Must be ${low} to ${high}`] as const];
  });
  if (wrong.length > 0)
    throw new AppError(
      "model/bad-config",
      wrong.map(([path, message]) => `${path}: ${message}`).join("; "),
      Object.fromEntries(wrong),
    );
  const usual = fields.flatMap((field) =>
    field.type === "group" || field.usual === undefined ? [] : [[field.key, field.usual] as const],
  );
  return { ...Object.fromEntries(usual), ...config };
}
