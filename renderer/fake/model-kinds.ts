import type { ModelDescription, ModelField } from "../../preload/contract/model.ts";

const whole = (
  key: string,
  [en, ja]: readonly [string, string],
  [low, high, usual]: readonly [number, number, number],
  level: ModelField["level"] = "plain",
): ModelField => ({
  ...{ key, level, low, high, usual },
  name: { en, ja },
  type: "number",
  isWhole: true,
  isOptional: false,
});

/** Two models as main tells of them: one of each way of learning. */
export const fakeKinds: readonly ModelDescription[] = [
  {
    kind: "identity-coupled",
    name: { en: "Identity network, Gaussian-coupled", ja: "恒等初期化ネットワーク（ガウス結合）" },
    sentence: {
      en: "A network that starts as the identity reads each window.",
      ja: "恒等写像から出発するネットワークが各窓を読みます。",
    },
    over: "windows",
    kinds: ["ctg", "emg", "other"],
    usualFor: ["ctg", "emg", "other"],
    learning: "descent",
    can: ["adaptation", "layers", "density", "export", "ensemble"],
    fields: [
      {
        key: "usesUnlabelled",
        name: { en: "Learn from unlabelled windows too", ja: "ラベルなしの窓からも学ぶ" },
        level: "plain",
        type: "switch",
        usual: true,
      },
      {
        key: "adaptation",
        name: { en: "Also test with the new person’s recording", ja: "新しい人自身の記録も使って評価する" },
        level: "plain",
        type: "choice",
        usual: "none",
        options: [
          { value: "none", name: { en: "no", ja: "しない" } },
          {
            value: "transductive-balanced",
            name: { en: "transductive, balanced gestures", ja: "トランスダクティブ・動作均等" },
          },
        ],
      },
      whole("members", ["Networks", "ネットワーク数"], [1, 10, 5]),
      whole("epochs", ["Epochs", "エポック数"], [1, 500, 12]),
      whole("layers", ["Layers", "層の数"], [2, 50, 10], "expert"),
      {
        key: "variation",
        name: { en: "Vary the samples in each epoch", ja: "エポックごとに信号を変化させる" },
        level: "expert",
        type: "group",
        fields: [
          {
            key: "shiftS",
            name: { en: "Time shift, up to (s)", ja: "時間のずれ（最大、秒）" },
            low: 0,
            high: 60,
            usual: 0,
          },
        ],
        suggested: { ctg: { shiftS: 5 }, emg: { shiftS: 0.1 }, other: { shiftS: 0.1 } },
      },
    ],
  },
  {
    kind: "lda",
    name: { en: "Linear discriminant (LDA)", ja: "線形判別分析（LDA）" },
    sentence: {
      en: "Each class is a normal distribution, all with one covariance.",
      ja: "各クラスを共通の共分散をもつ正規分布とみなします。",
    },
    over: "windows",
    kinds: ["ctg", "emg", "other"],
    usualFor: [],
    learning: "rounds",
    can: ["density", "ensemble"],
    fields: [whole("members", ["Networks", "ネットワーク数"], [1, 10, 5])],
  },
];
