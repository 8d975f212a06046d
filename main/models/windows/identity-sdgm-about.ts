import type { AboutMethod } from "../../../preload/contract/method.ts";
import { inNetworks } from "./missing-inputs.ts";

export const aboutIdentitySdgm: AboutMethod = {
  idea: [
    {
      en: "A network turns each window into features; a mixture of Gaussian-shaped pieces on these features tells the classes apart. Where a plain last layer draws one plane a class, a class can here have several quadratic pieces.",
      ja: "ネットワークが各窓を特徴に変え、その特徴の上の混合ガウスがクラスを見分けます。通常の最終層ではクラスごとに平面が1つですが、ここではクラスが複数の2次形式をもてます。",
    },
    {
      en: "Each weight of the mixture is a normal distribution, and a prior in favour of 0 pulls at it. Where the labels do not hold a weight its noise outgrows it, and it is taken as 0 from then on.",
      ja: "混合層の重みはそれぞれ正規分布で表し、0を好む事前分布で引き戻します。ラベルに支えられない重みは雑音に埋もれ、0とみなします。",
    },
  ],
  formulas: [
    {
      tex: "s_c=c^{L}_c+\\ln\\sum_m\\exp\\!\\bigl(w_{cm}^{\\top}\\phi(f)+b_{cm}\\bigr)",
      says: {
        en: "Class logits: what the network says, and the components of the class on its last features f.",
        ja: "クラスのロジット。ネットワークの出力に、最後の特徴fの上の混合要素を加えます。",
      },
    },
    {
      tex: "-\\sum_n\\mathbb E_{q(w)}\\ln P(y_n\\mid x_n)+\\beta\\,\\mathrm{KL}\\bigl(q(w)\\,\\|\\,p(w)\\bigr)",
      says: {
        en: "What is made small; β rises from 0 to 1 over the first half of training. The expectation is bounded in closed form, no noise is drawn.",
        ja: "最小化する量。βは学習の前半で0から1に上がります。期待値は雑音を使わず、閉じた形の上界で評価します。",
      },
    },
  ],
  assumes: [
    {
      en: "The labelled windows are many enough to train a network.",
      ja: "ネットワークを学習できるだけのラベル付きの窓があるとします。",
    },
  ],
  missing: inNetworks,
  where: {
    en: "Where a class has several ways of looking and there are enough labels for a network. It has no density and cannot adapt to a new person by itself; for that take the Gaussian-coupled network.",
    ja: "クラスに複数の現れ方があり、ネットワークを学習できるだけのラベルがあるときに向きます。密度をもたず、新しい人への適応もできません。その場合はガウス結合のネットワークを使ってください。",
  },
  claims: [
    {
      says: {
        en: "Ripley's data, the mixture alone on the inputs: 9.2 to 9.7 % error with 5 to 9 of 30 weights in eight runs; a reference with drawn noise reached 9.0 to 9.9 % with 4 to 9.",
        ja: "Ripleyのデータで混合層だけを入力に直接使うと、8回の学習で誤り率9.2〜9.7%、重み30個中5〜9個。雑音を使う参照実装では9.0〜9.9%、4〜9個でした。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Two moons through four layers: 96.9 % right with three components a class, 87.1 % with one.",
        ja: "2つの半月のデータ（4層）で、クラスあたり3つの混合要素なら正解率96.9%、1つなら87.1%。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Bracelets within a person, every label (13 people): 94.6 %, 3.3 points below a linear discriminant [2.0, 4.6].",
        ja: "電極バンド・同一人物内・全ラベル使用（13人）：94.6%で、線形判別を3.3ポイント下回りました［2.0, 4.6］。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "People never seen (26 people, amplitudes of windows): 76.9 %, 6.0 points above a linear discriminant [1.3, 11.3]; from a quadratic one no difference was shown [−3.0, 4.9].",
        ja: "未知の対象者（26人、窓の振幅）：76.9%で、線形判別を6.0ポイント上回りました［1.3, 11.3］。2次判別との差は示されませんでした［−3.0, 4.9］。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "The publication trains the layer with drawn noise; the closed-form bound used here is ours.",
        ja: "原論文は雑音を用いて学習します。ここで使う閉じた形の上界は独自のものです。",
      },
      evidence: "derived",
    },
  ],
  references: [
    "H. Hayashi, S. Uchida. A Discriminative Gaussian Mixture Model with Sparsity. ICLR 2021. arXiv:1911.06028",
    "D. Molchanov, A. Ashukha, D. Vetrov. Variational Dropout Sparsifies Deep Neural Networks. ICML 2017. arXiv:1701.05369",
    "D. A. Knowles, T. P. Minka. Non-conjugate Variational Message Passing for Multinomial and Binary Regression. NIPS 2011",
  ],
};
