import type { AboutMethod } from "../../../preload/contract/method.ts";

export const aboutLogistic: AboutMethod = {
  idea: [
    {
      en: "Instead of describing each class, only what tells the classes apart is learned: weights whose sums, one a class, become probabilities.",
      ja: "各クラスの分布を記述するのではなく、クラスを見分ける規則だけを学習します。重み付き和をクラスごとに求め、確率に変換します。",
    },
    {
      en: "The loss is convex with a ridge, so there is one best set of weights and training always arrives there. With curved borders squares and products of inputs have weights of their own.",
      ja: "リッジ項を加えた損失は凸なので最適な重みは1つに定まり、学習は必ずそこに到達します。曲面の境界では、入力の2乗や積にも重みを与えます。",
    },
  ],
  formulas: [
    {
      tex: "P(c\\mid x)=\\frac{e^{\\beta_c^\\top f(x)}}{\\sum_{c'}e^{\\beta_{c'}^\\top f(x)}}",
      says: { en: "Probabilities of the classes", ja: "各クラスの確率" },
    },
    {
      tex: "L(\\beta)=-\\tfrac1N\\sum_n\\ln P(c_n\\mid x_n)+\\tfrac{\\rho}{2}\\lVert\\beta\\rVert^2",
      says: { en: "What is made small", ja: "最小化する損失" },
    },
  ],
  assumes: [
    {
      en: "The borders between classes are flat, or curved of second order, in the inputs.",
      ja: "クラスの境界が、入力について平面または2次曲面であること。",
    },
    {
      en: "Where inputs are missing: within a class they are normal with a covariance that all classes share, and missing at random.",
      ja: "欠損がある場合：クラス内の入力が共通の共分散をもつ正規分布に従い、欠損がランダムに生じること。",
    },
  ],
  missing: {
    en: "Averaged over a density of the inputs, not exact: 32 values for each gap are drawn from the classes' normals given what was observed, and their probabilities averaged. In training a gap is drawn four times from the class of its label. The same window is always filled the same way.",
    ja: "厳密ではなく、入力の密度で平均します。観測値を条件とした各クラスの正規分布から欠損を32通り抽出し、その確率を平均します。学習では、ラベルのクラスから4通り抽出します。同じ窓はいつも同じように補われます。",
  },
  where: {
    en: "Enough labelled windows and no wish to describe the classes. Windows that are almost separable drive the weights up; a larger ridge then helps on other recordings.",
    ja: "ラベル付きの窓が十分にあり、クラスの分布そのものに関心がない場合に向きます。ほぼ分離できるデータでは重みが大きくなりやすく、リッジ係数を上げると別の記録で安定します。",
  },
  claims: [
    {
      says: {
        en: "Bracelet recordings, same person, log amplitude and slope: 96.9 % of windows right with flat borders, 96.3 % with curved ones (linear discriminant 97.9 %, 13 people)",
        ja: "電極バンド記録・同一人物・対数振幅と傾き：正解率は平面の境界で96.9%、曲面で96.3%（線形判別は97.9%、13人）",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "A ridge of 1e-6 instead of 1e-3 made the log loss 1.5 to 4 times as large (Johnson networks on the same recordings, another implementation)",
        ja: "リッジ係数を1e-3から1e-6にすると対数損失は1.5〜4倍に悪化（同じ記録、ジョンソン型ネットワーク、別の実装）",
      },
      evidence: "computed",
    },
  ],
  references: [
    "D. C. Liu, J. Nocedal, On the limited memory BFGS method for large scale optimization, Mathematical Programming 45:503-528, 1989",
  ],
};
