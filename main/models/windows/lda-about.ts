import type { AboutMethod } from "../../../preload/contract/method.ts";

export const aboutLda: AboutMethod = {
  idea: [
    {
      en: "Each class is one Gaussian, all with the same covariance; the boundary between two classes is then a plane. Means, covariance and shares are counted in one pass, so it is fitted in a moment and gives the same answer every time.",
      ja: "各クラスを、共分散の等しい正規分布で表します。クラスの境界は平面になります。平均・共分散・割合は一度の集計で決まるため、学習は一瞬で、結果は毎回同じです。",
    },
    {
      en: "It is the comparison row of every training: a method that does not beat it on the same people is not worth its cost.",
      ja: "すべての学習で比較の基準になります。同じ対象者でこれを上回らない方法は、手間に見合いません。",
    },
  ],
  formulas: [
    {
      tex: String.raw`P(c \mid x) = \frac{\pi_c\, \mathcal{N}(x;\, \mu_c, \Sigma)}{\sum_{k} \pi_k\, \mathcal{N}(x;\, \mu_k, \Sigma)}`,
      says: {
        en: "N is the normal density, π the share of each class in the labels.",
        ja: "N は正規分布の密度、π はラベルに占める各クラスの割合です。",
      },
    },
    {
      tex: String.raw`\ln P(c \mid x) = \mu_c^{\top} \Sigma^{-1} x - \tfrac{1}{2}\, \mu_c^{\top} \Sigma^{-1} \mu_c + \ln \pi_c + \mathrm{const}`,
      says: {
        en: "The same as a linear score: the square of x is common to all classes and cancels.",
        ja: "同じ式を線形の得点に書き直したもの。x の二次の項は全クラスに共通なので消えます。",
      },
    },
  ],
  assumes: [
    {
      en: "Within a class the inputs are roughly Gaussian, and all classes spread alike. A class with two forms, or much wider than the others, is described badly.",
      ja: "各クラス内で入力がほぼ正規分布に従い、広がりがクラス間で等しいこと。形が2通りあるクラスや、極端に広がるクラスはうまく表せません。",
    },
    {
      en: "Labelled windows only: unlabelled ones teach it nothing.",
      ja: "学習に使うのはラベル付きの窓だけで、ラベルのない窓からは学びません。",
    },
  ],
  missing: {
    en: "Exact where values are missing at random. In training an unobserved input leaves the sums; in judging it is integrated out, which for a Gaussian means to leave its row and column away.",
    ja: "欠測がランダムなら厳密に扱えます。学習では観測されない入力を集計から除き、判定では積分消去します（正規分布ではその行と列を除くことに当たります）。",
  },
  where: {
    en: "First thing to try with few labels or few people, and always as the yardstick. Look further where classes are curved, have several forms, or differ in spread.",
    ja: "ラベルや対象者が少ないときの最初の候補で、常に比較の物差しになります。境界が曲がっている、複数の形がある、広がりが違うクラスには別の方法を検討してください。",
  },
  claims: [
    {
      says: {
        en: "The Gaussian form and the linear form give the same probabilities.",
        ja: "正規分布の形と線形の形は同じ確率を与えます。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Seven gestures of the armband study, people never seen, 500 ms windows: 72.5, 73.6 and 68.2 % of windows right in three draws of 26 people into five folds; a quadratic discriminant 80.0, 78.9 and 76.4 %, shown to be above it in each.",
        ja: "腕輪型筋電図の7動作、学習に使っていない対象者、500 ms の窓：26人を5群に分ける分け方を3通り試した正解率は 72.5、73.6、68.2 %。2次判別分析は 80.0、78.9、76.4 % で、いずれも差が示されました。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "The same gestures within a person, another block tested, every label given: 97.9 %, a quadratic discriminant 98.0 % (13 people); on the UCI recordings 95.4 and 93.5 % (22 people). No method measured there was shown to be above the linear discriminant.",
        ja: "同じ動作・同一人物内（別のブロックで評価、全ラベル使用）：97.9 %、2次判別分析は 98.0 %（13人）。UCIの記録では 95.4 % と 93.5 %（22人）。そこで測定した手法のうち、線形判別を上回ることが示されたものはありません。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "The boundary that is best for two Gaussians of one covariance is the plane above.",
        ja: "共分散の等しい2つの正規分布に対する最良の境界は、上の平面です。",
      },
      evidence: "recalled",
    },
  ],
  references: ["Fisher: The use of multiple measurements in taxonomic problems. Annals of Eugenics 7, 1936."],
};
