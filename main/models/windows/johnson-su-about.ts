import type { AboutMethod } from "../../../preload/contract/method.ts";

export const aboutJohnsonSu: AboutMethod = {
  idea: [
    {
      en: "Amplitudes of muscles are skewed and have heavy tails; a normal distribution puts its borders in the wrong place. Each input is therefore bent by an inverse hyperbolic sine, straight in the middle and logarithmic far out, until it is about normal. Then means and covariances describe the classes.",
      ja: "筋活動の振幅は分布が歪み、裾も重いため、正規分布では境界がずれます。そこで、中央ではほぼ直線、遠くでは対数となる逆双曲線正弦で各入力を変換し、正規分布に近づけます。そのうえで平均と共分散によって各クラスを表します。",
    },
    {
      en: "Where the bend lies and how wide it is comes from four quantiles; nothing has to be tuned. With that fixed, the log probability of a class is linear in its weights over the bent inputs and their products: a network whose loss has one optimum.",
      ja: "変換の位置と幅は4つの分位点から決まり、調整する値はありません。これを固定すると、クラスの対数確率は変換後の入力とその積に対する重みについて線形になり、最適解が1つに定まるネットワークになります。",
    },
    {
      en: "The publication says that the network converges to one solution and needs no tuning; how it sets position and width could not be read. The quantiles are our choice.",
      ja: "論文では、ネットワークが一意の解に収束し調整が不要であると述べられています。位置と幅の決め方は確認できなかったため、分位点による方法は本アプリの選択です。",
    },
  ],
  formulas: [
    {
      tex: "y_d=\\operatorname{asinh}\\frac{x_d-\\xi_d}{\\lambda_d},\\qquad y\\mid c\\sim\\mathcal N(m_c,S_c)",
      says: { en: "Inputs bent, then normal within a class", ja: "入力を変換し、クラス内で正規分布とする" },
    },
    {
      tex: "\\ln p(x_o\\mid c)=\\ln\\mathcal N(y_o;m_{c,o},S_{c,oo})-\\sum_{d\\in o}\\Bigl[\\ln\\lambda_d+\\tfrac12\\ln\\bigl(1+u_d^2\\bigr)\\Bigr]",
      says: {
        en: "Density of the observed inputs, u = (x − ξ) / λ: exact, since each input bends by itself",
        ja: "観測された入力の密度（u = (x − ξ) / λ）。変換が入力ごとなので厳密",
      },
    },
    {
      tex: "P(c\\mid x)=\\operatorname{softmax}_c\\bigl(\\beta_c^\\top[1,y,y\\otimes y]+J_c(x)\\bigr)",
      says: {
        en: "The same as a network, linear in β",
        ja: "同じものをβについて線形なネットワークとして表したもの",
      },
    },
  ],
  assumes: [
    {
      en: "Inputs have one hump within a class and tails heavier than a normal's, or about normal ones. Lighter tails are taken for normal.",
      ja: "クラス内で各入力が単峰で、裾が正規分布より重いか同程度であること。軽い裾は正規分布として扱います。",
    },
    {
      en: "No value repeated over and over: a share cut off at exactly 0 leaves an atom that no such curve fits. It is left out where the bend is determined.",
      ja: "同じ値が繰り返し現れないこと。0で打ち切られた比率のような値の集中は表せないため、変換を決めるときには除外します。",
    },
    { en: "What is missing is missing at random.", ja: "欠損がランダムに（値と無関係に）生じること。" },
  ],
  missing: {
    en: "Exact: missing inputs are integrated out, in learning (EM) and in judging. A network has no such density of its own: it learns from windows without gaps, and windows with gaps are judged by the distributions learned beside it.",
    ja: "厳密に扱います。学習（EM法）でも判定でも、欠損した入力は積分消去します。ネットワーク自体は密度をもたないため、欠損のない窓から学習し、欠損のある窓は同時に学習した分布で判定します。",
  },
  where: {
    en: "Envelopes, amplitudes and other skewed inputs. After a logarithm little is left to gain: there the linear discriminant was as good or better within a person. As a network, people never seen.",
    ja: "包絡線や振幅など、歪んだ入力に向きます。対数を取った後では利点はほとんどなく、同一人物では線形判別が同等以上でした。ネットワークは、初めての対象者に向きます。",
  },
  claims: [
    {
      says: {
        en: "Finger movements of Khushaba's recordings: 99.973 % right, nothing tuned (the publication; not reproduced here)",
        ja: "Khushabaの筋電データで正解率99.973%、調整なし（論文の値。ここでは再現していません）",
      },
      evidence: "verified",
    },
    {
      says: {
        en: "Two skewed classes, ten draws: 18.4 % errors, half a point above the best possible rule; better than quadratic logistic regression in each",
        ja: "歪んだ2クラスの人工データ（10回）：誤り率18.4%で、理論上の最良との差は0.5ポイント。2次ロジスティック回帰をすべての回で上回りました",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Envelopes of a bracelet, same person: bent alike 96.3 %, 1.0 points above the quadratic discriminant (95 % interval 0.5 to 1.5; 13 people). On logarithms of amplitudes both reach about 98 %, as the linear discriminant does.",
        ja: "電極バンドの包絡線・同一人物：全クラス共通の変換で96.3%。2次判別分析を1.0ポイント上回りました（95%区間0.5〜1.5、13人）。振幅の対数では両者とも約98%で、線形判別と同等です。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "People never seen: the network 76.1 %, 5.3 points above the linear discriminant (95 % interval 1.6 to 8.8; 26 people, log amplitude and slope); a quadratic discriminant does as well, 76.1 %",
        ja: "初めての対象者：ネットワークは76.1%で、線形判別を5.3ポイント上回りました（95%区間1.6〜8.8、26人、対数振幅と傾き）。2次判別分析も76.1%で同等です",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "One in a hundred labelled: 95.3 % with the unlabelled windows, 81.6 % by a linear discriminant without them, a difference of 13.8 points [9.1, 18.4] (13 people, each by themselves)",
        ja: "ラベルが1%の場合：ラベルなしの窓を併用して95.3%、併用しない線形判別は81.6%、差は13.8ポイント［9.1, 18.4］（13人、同一人物内）",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Position and width of the bend by quantiles",
        ja: "変換の位置と幅を分位点で決めること",
      },
      evidence: "inferred",
    },
  ],
  references: [
    "H. Hayashi, T. Shibanoki, T. Tsuji, A Neural Network Based on the Johnson S_U Translation System and Related Application to Electromyogram Classification, IEEE Access 9:154304-154317, 2021, doi:10.1109/ACCESS.2021.3126348",
    "J. F. Slifker, S. S. Shapiro, The Johnson System: Selection and Parameter Estimation, Technometrics 22:239-246, 1980",
  ],
};
