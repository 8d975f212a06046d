import type { AboutMethod } from "../../../preload/contract/method.ts";

export const aboutCoupledSoftmax: AboutMethod = {
  idea: [
    {
      en: "Two models of the same windows are learned at once: a classifier, which only draws borders, and a density, which says what windows of each class look like. A penalty holds the classifier near the borders that follow from the density.",
      ja: "同じ窓に対して2つのモデルを同時に学びます。境界だけを引く識別器と、各クラスの窓がどのような値をとるかを表す密度です。密度から導かれる境界から識別器が離れすぎないよう、罰則で結び付けます。",
    },
    {
      en: "Windows without a label teach the density where the classes lie, and through the penalty the classifier. Where labels come from a part of a class only, this moves the border to where the windows are few.",
      ja: "ラベルのない窓は密度を通してクラスの位置を教え、罰則を介して識別器にも伝わります。ラベルがクラスの一部からしか得られていないとき、境界は窓の少ないところへ移ります。",
    },
  ],
  formulas: [
    {
      tex: String.raw`P(c\mid x)=\operatorname{softmax}_c(w_c^\top x+b_c),\qquad p(x,c)=\pi_c\,\mathcal N(x;\mu_c,\Sigma)`,
      says: {
        en: "The classifier, and the density with one covariance for all classes.",
        ja: "識別器と、全クラスに共通の共分散をもつ密度です。",
      },
    },
    {
      tex: String.raw`\tilde w_c=\Sigma^{-1}\mu_c,\qquad \tilde b_c=\ln\pi_c-\tfrac12\mu_c^\top\Sigma^{-1}\mu_c`,
      says: {
        en: "With these values the classifier is exactly the posterior of the density.",
        ja: "この値をとるとき、識別器は密度の事後確率と完全に一致します。",
      },
    },
    {
      tex: String.raw`J=\sum_{\mathcal L}\ln P(c\mid x)+\lambda_g J_g-\frac1{2\sigma^2}\sum_c\Bigl(\lVert w_c-\tilde w_c\rVert^2+(b_c-\tilde b_c)^2\Bigr)`,
      says: {
        en: "What is maximised: windows with labels (L), the density of all windows, and the coupling. What all classes have in common changes no answer and is taken out of the coupling first.",
        ja: "最大化する目的関数。ラベル付きの窓（L）、全ての窓の密度、結合の項からなります。全クラスに共通のずれは判定を変えないため、結合の項からは先に除きます。",
      },
    },
    {
      tex: String.raw`J_g=\sum_{\mathcal L}\ln p(x_o,c)+\sum_{\mathcal U}\ln\sum_c p(x_o,c)`,
      says: {
        en: "The density of the observed inputs, of windows with labels and without (U).",
        ja: "観測された入力の密度。ラベル付きの窓とラベルなしの窓（U）からなります。",
      },
    },
  ],
  assumes: [
    {
      en: "Within each class the inputs are roughly normal, with the same covariance in all classes. The weaker the coupling, the less this matters.",
      ja: "各クラスの入力がおおよそ正規分布に従い、共分散がクラス間で共通であること。結合が弱いほど影響は小さくなります。",
    },
    {
      en: "Windows without a label are of the same classes as those with one.",
      ja: "ラベルのない窓も、ラベル付きの窓と同じクラスに属すること。",
    },
  ],
  missing: {
    en: "Integrated out of the density exactly, in training and in prediction. The classifier answers with the mean of its probabilities over 64 draws of the missing inputs for each possible class (8 in training). Missing must not depend on the value that is missing.",
    ja: "密度からは学習時も予測時も厳密に積分消去します。識別器は、あり得るクラスごとに欠損入力を64回（学習時は8回）抽出し、その確率の平均で答えます。欠損の有無が欠損した値自体に依存しないことが前提です。",
  },
  where: {
    en: "Few labels and many windows without. Not where classes are made of several separate clusters and the coupling is forced tight; there let σ² be chosen. Nor for people never seen, unless windows are brought into line first. From about 130 inputs on (an electrode has two) fewer settings are tried, by one start, and from about 300 on none: there take the σ² that you trust. Windows that each miss other inputs take several times as long.",
    ja: "ラベルが少なく、ラベルなしの窓が多い場合に向きます。クラスが離れた複数の塊からなるときに結合を強くするのは不向きで、σ²は自動選択に任せてください。個人差を揃えないまま未知の対象者に使うのも不向きです。入力が約130（電極1つにつき2つ）を超えると、試す設定を減らし初期値も1つにします。約300を超えると設定を試さないため、σ²は自分で決めてください。欠損する入力が窓ごとに異なる場合は数倍の時間がかかります。",
  },
  claims: [
    {
      says: {
        en: "Two normal classes, five labels each from opposite corners, 200 windows without: supervised 87 %, coupled 97 %.",
        ja: "2つの正規分布クラス、対角の隅から各5個のラベル、ラベルなし200個で、教師ありのみ87%に対し結合モデル97%。",
      },
      evidence: "verified",
    },
    {
      says: {
        en: "The same toy here (20 draws): 97.5 ± 0.3 % with σ² = 1, calibration error 0.006; labels alone 86.9 ± 4.6 %, 0.054.",
        ja: "同じ人工データ（20回）：σ² = 1で97.5 ± 0.3%、較正誤差0.006。ラベルのみでは86.9 ± 4.6%、0.054。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Where a class is two clusters, tight coupling costs accuracy; with σ² chosen by labels held out it was 96.8 %, without a density 96.5 % (20 labels a class, 12 draws). With 3 labels a class it was worse: 83.1 % beside 92.9 %.",
        ja: "クラスが2つの塊からなるとき、強い結合は精度を下げます。取り分けたラベルでσ²を選ぶと96.8%、密度なしでは96.5%でした（各クラス20ラベル、12回）。各クラス3ラベルでは83.1%で、密度なしの92.9%に劣りました。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Bracelets within a person, seven labelled windows of each gesture in one run, the rest of the block without labels (13 people): 97.3 %; a linear discriminant on the labels alone 89.5 %, a difference of 7.8 points [5.1, 10.6].",
        ja: "電極バンド、同一人物内、各動作につき連続する7窓だけラベルあり、残りはラベルなし（13名）：97.3%。ラベルのみの線形判別は89.5%で、差は7.8ポイント［5.1, 10.6］。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "The same with every label: 97.2 %, a linear discriminant 97.9 %, no difference shown [−2.3, 0.3] (13 people). UCI recordings (22 people): 95.4 %, as the linear discriminant, and 1.9 points above a quadratic one [1.0, 3.0].",
        ja: "全てのラベルを使うと97.2%、線形判別は97.9%で、差は示されません［−2.3, 0.3］（13名）。UCIの記録（22名）では95.4%で線形判別と同じ、2次判別を1.9ポイント上回りました［1.0, 3.0］。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "People never seen, every label (26 people, amplitudes of windows): 69.3 %, 1.5 points below a linear discriminant [0.6, 2.6] and 6.8 below a quadratic one [3.4, 10.3].",
        ja: "未知の対象者・全ラベル使用（26名、窓の振幅）：69.3%。線形判別を1.5ポイント［0.6, 2.6］、2次判別を6.8ポイント［3.4, 10.3］下回りました。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Bracelets on people never seen, one segment in twenty labelled (26 people): 65.1 %, worse than a small network on the labels alone (70.4 %) and a linear discriminant (68.7 %).",
        ja: "電極バンド、未知の対象者、20区間に1つだけラベルあり（26名）：65.1%。ラベルのみの小さなネットワーク（70.4%）や線形判別（68.7%）に劣りました。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "How far the two heads disagree tells where the model is unsure for lack of data.",
        ja: "2つのヘッドの不一致は、データ不足による不確かさの手掛かりになります。",
      },
      evidence: "derived",
    },
    {
      says: {
        en: "The form of the penalty is inferred from the principle it follows; the publication's text could not be read.",
        ja: "罰則の形は、もとになった原理からの推定です。論文本文は参照できていません。",
      },
      evidence: "inferred",
    },
  ],
  references: [
    "Hayashi & Uchida, 識別・生成のハイブリッドモデルと半教師あり学習への応用, MIRU 2020",
    "Hayashi, A Hybrid of Generative and Discriminative Models Based on the Gaussian-coupled Softmax Layer, IEEE TNNLS 2024 (arXiv 2305.05912)",
    "Lasserre, Bishop & Minka, Principled hybrids of generative and discriminative models, CVPR 2006",
  ],
};
