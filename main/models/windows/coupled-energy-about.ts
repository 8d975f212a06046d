import type { AboutMethod } from "../../../preload/contract/method.ts";

export const aboutCoupledEnergy: AboutMethod = {
  idea: [
    {
      en: "The Gaussian-coupled softmax needs inputs that are roughly normal within a class. Here a small network first bends the inputs into features, and classifier and density are those of the features. It begins without any bend, as the coupled softmax on the inputs, and learns how far to bend.",
      ja: "ガウス結合ソフトマックスは、クラス内の入力がおおよそ正規分布であることを必要とします。ここではまず小さなネットワークが入力を曲げて特徴量とし、識別器と密度はその特徴量に対して定めます。最初は曲げのない、入力そのものの結合ソフトマックスから始め、どれだけ曲げるかを学びます。",
    },
    {
      en: "A density of features could be made large by pressing all windows to one point. It is therefore taken as an energy of the inputs: windows that were recorded shall have a low one, and samples drawn from the model itself a high one, until the two cannot be told apart.",
      ja: "特徴量の密度は、すべての窓を1点に押し込めればいくらでも大きくできてしまいます。そこで入力のエネルギーとして扱い、記録された窓では低く、モデル自身から引いたサンプルでは高くし、両者の見分けがつかなくなるまで学びます。",
    },
  ],
  formulas: [
    {
      tex: String.raw`h=f(x)=z+V\tanh(Uz+a),\qquad z=L_0^\top x`,
      says: {
        en: "Features: the inputs with the spread inside classes made one (z), and a bend that is bounded.",
        ja: "特徴量。クラス内の広がりを1に揃えた入力（z）に、有界な曲げを加えます。",
      },
    },
    {
      tex: String.raw`E(x)=-\ln\sum_c\pi_c\,\mathcal N(f(x);\mu_c,\Sigma),\qquad p(x)=\frac{e^{-E(x)}}{Z}`,
      says: { en: "Energy and density of the inputs.", ja: "入力のエネルギーと密度です。" },
    },
    {
      tex: String.raw`P(c\mid x)=\operatorname{softmax}_c(w_c^\top h+b_c)`,
      says: {
        en: "The classifier, coupled as in the Gaussian-coupled softmax.",
        ja: "識別器です。結合はガウス結合ソフトマックスと同じです。",
      },
    },
    {
      tex: String.raw`-\nabla\ln p(x^+)=\nabla E(x^+)-\mathbb E\,\nabla E(x^-),\qquad x^-\leftarrow x^--\tfrac{\eta}{2}\nabla E(x^-)+\sqrt{\eta}\,\varepsilon`,
      says: {
        en: "How it is taught: windows x⁺ against samples x⁻ that walk by Langevin’s steps, 20 each time, from where they were left.",
        ja: "学習の方法。窓x⁺を、ランジュバン動力学で毎回20歩ずつ、前回の続きから歩くサンプルx⁻と対比します。",
      },
    },
  ],
  assumes: [
    {
      en: "Some bounded bend of the inputs makes the classes normal with the same covariance.",
      ja: "入力を有界に曲げれば、各クラスが共通の共分散をもつ正規分布になること。",
    },
    {
      en: "Windows without a label are of the same classes as those with one.",
      ja: "ラベルのない窓も、ラベル付きの窓と同じクラスに属すること。",
    },
  ],
  missing: {
    en: "Without hidden units exact, as in the Gaussian-coupled softmax. With them there is no closed form: 64 draws for each possible class are taken from the coupled softmax it began as, whose marginals are exact, and each is weighed by how much likelier the energy makes it. In training one draw stands for what is missing, and the draws are not weighed. Missing must not depend on the value that is missing.",
    ja: "隠れユニットがなければ、ガウス結合ソフトマックスと同じく厳密です。ある場合は閉じた形がないため、周辺分布が厳密に求まる学習開始時の結合ソフトマックスから、あり得るクラスごとに64回抽出し、エネルギーがそれぞれをどれだけもっともらしくするかで重み付けします。学習時は欠損を1回の抽出で補い、重み付けはしません。欠損の有無が欠損した値自体に依存しないことが前提です。",
  },
  where: {
    en: "To see whether bending the inputs helps where the classes are not normal and some twenty labels a class are there. Not with a handful of labels, where it gains nothing or loses, and not first: it takes several times as long as the Gaussian-coupled softmax.",
    ja: "クラスが正規分布でなく、各クラスに20個ほどのラベルがある場合に、入力を曲げることが役立つかを確かめるためのものです。ラベルがごく少ないときは得るものがないか悪くなり、最初に試す方法でもありません。学習にはガウス結合ソフトマックスの数倍の時間がかかります。",
  },
  claims: [
    {
      says: {
        en: "That the later paper means this energy is inferred from its index terms and from the poster, which shows samples; its text could not be read.",
        ja: "後の論文がこのエネルギーを指すことは、その索引語と、サンプルを示したポスターからの推定です。論文本文は参照できていません。",
      },
      evidence: "inferred",
    },
    {
      says: {
        en: "Twenty steps of the samples and one in twenty begun anew are what is customary. Ours are 512 samples instead of 10,000, begun from the coupled softmax.",
        ja: "サンプルを20歩進め、20個に1個を新しく始めるのは慣例の値です。本実装では1万個でなく512個とし、結合ソフトマックスから始めます。",
      },
      evidence: "recalled",
    },
    {
      says: {
        en: "Steps are accepted by Metropolis’ rule, which the customary form leaves out: the length of a step then biases nothing. With no bend the samples say nothing, and it is the Gaussian-coupled softmax.",
        ja: "各歩はメトロポリスの規則で受理します。慣例の形はこれを省きますが、これにより歩幅による偏りが生じません。曲げがなければサンプルは何も加えず、ガウス結合ソフトマックスに一致します。",
      },
      evidence: "derived",
    },
    {
      says: {
        en: "Two normal classes, five labels each from opposite corners (20 draws, σ² = 1): 97.4 ± 0.4 %, calibration error 0.007; the Gaussian-coupled softmax 97.5 ± 0.3 %, 0.006. Where nothing is to be bent it gains nothing.",
        ja: "2つの正規分布クラス、対角の隅から各5個のラベル（20回、σ² = 1）：97.4 ± 0.4%、較正誤差0.007。ガウス結合ソフトマックスは97.5 ± 0.3%、0.006。曲げる必要のないところでは得るものはありません。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "A class of two clusters, 20 labels a class, σ² = 1 (12 draws): 95.8 ± 1.9 %, the Gaussian-coupled softmax 92.0 ± 2.7 %. With σ² and λg chosen by held-out labels it was the other way round: 95.3 ± 2.2 % beside 96.8 ± 1.4 %, and with 3 labels a class 74.4 % beside 75.0 %.",
        ja: "1つのクラスが2つの塊からなる場合、各クラス20ラベル、σ² = 1（12回）：95.8 ± 1.9%、ガウス結合ソフトマックスは92.0 ± 2.7%。σ²とλgを取り分けたラベルで選ぶと逆に95.3 ± 2.2%対96.8 ± 1.4%、各クラス3ラベルでは74.4%対75.0%でした。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Bracelets within a person, every label (13 people): 97.3 %, the Gaussian-coupled softmax 97.2 %, a linear discriminant 97.9 %, no difference shown from it [−2.4, 0.6]. UCI recordings (22 people): 95.4 %, as the other two.",
        ja: "電極バンド、同一人物内、全ラベル使用（13名）：97.3%。ガウス結合ソフトマックスは97.2%、線形判別は97.9%で、後者との差は示されません［−2.4, 0.6］。UCIの記録（22名）では3者とも95.4%。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "People never seen, every label (26 people, amplitudes of windows): 71.4 %, no difference shown from a linear discriminant [−1.2, 2.2], 4.8 points below a quadratic one [1.8, 7.7].",
        ja: "未知の対象者・全ラベル使用（26名、窓の振幅）：71.4%。線形判別との差は示されず［−1.2, 2.2］、2次判別を4.8ポイント下回りました［1.8, 7.7］。",
      },
      evidence: "computed",
    },
  ],
  references: [
    "Hayashi, A Hybrid of Generative and Discriminative Models Based on the Gaussian-coupled Softmax Layer, IEEE TNNLS 2024 (arXiv 2305.05912)",
    "Hayashi & Uchida, 識別・生成のハイブリッドモデルと半教師あり学習への応用, MIRU 2020",
    "Welling & Teh, Bayesian Learning via Stochastic Gradient Langevin Dynamics, ICML 2011",
  ],
};
