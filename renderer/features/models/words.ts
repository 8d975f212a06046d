import { defineWords } from "../../ui/words.ts";

export const modelsWords = defineWords("models", {
  en: {
    title: "Models",
    intro: "The methods Kodo uses, what each assumes, and what it learned in the newest run.",
    newest: "Newest run: {{name}}",
    noRun: "No run yet. After the first training the pictures appear here.",
    idea: "Idea",
    formula: "Formula",
    assumes: "Assumes",
    where: "Used for",
    reference: "Reference",
    evidence: "How sure the reference is",
    learned: "In the newest run",

    "identity.name": "Identity-initialised network",
    "identity.idea":
      "Every layer starts as the identity and at first passes its input on unchanged. Training moves it only a little, so what a layer adds or takes away can be read off. One extra unit for each class carries the class likelihood through all layers.",
    "identity.formula": "I is the identity, e the evidence of input i for class c. Class units stay linear.",
    "identity.assumes":
      "Inputs are scaled to about −1…1. The rate of learning shrinks with depth (∝ 1/L), or layers leave the identity and can no longer be read.",
    "identity.where": "The default network, and the layers page.",
    "identity.reference":
      "Kubota, Hayashi, Hayase, Uchida: Layer-wise interpretation of deep neural networks using identity initialization. ICASSP 2021, arXiv 2102.13333.",
    "identity.evidence":
      "Abstract and introduction were read; the equations and tables were not. The form above, with linear class units, is our derivation; that the evidence adds up exactly was checked by computation.",
    "identity.learned": "Distance of each layer from the identity, |W − I| / √width",
    "identity.accuracy": "Right on people never seen, if each layer alone had answered",

    "coupled.name": "Gaussian-coupled softmax",
    "coupled.idea":
      "A classifier and a density of the features are trained together and pulled towards each other. The density also learns from windows without a label, and so they shape the classifier.",
    "coupled.formula": "The last line is the penalty that pulls the two together; a small σ² pulls hard.",
    "coupled.assumes":
      "Features of a class are roughly Gaussian with one shared covariance. Where that is wrong, unlabelled windows can do harm; the supervised-only twin shows it.",
    "coupled.where": "The last layer of the default network; learning from few labels.",
    "coupled.reference":
      "Hayashi, Uchida: MIRU 2020 (poster, in Japanese). Hayashi: A Hybrid of Generative and Discriminative Models Based on the Gaussian-coupled Softmax Layer. IEEE TNNLS 2024, arXiv 2305.05912.",
    "coupled.evidence":
      "The poster was read in full, of the article only the abstract. The form of the penalty is inferred, after Lasserre, Bishop and Minka (CVPR 2006).",
    "coupled.learned":
      "Right on people never seen, each class counted alike: with and without the unlabelled windows",

    "lda.name": "LDA floor",
    "lda.idea":
      "Each class is one Gaussian, all with the same covariance; the boundary between two classes is a plane. It is trained and tested on the same windows as every network. A network that does not beat it is not worth its cost.",
    "lda.formula": "N is the normal density, π the share of each class.",
    "lda.assumes": "Gaussian classes with a shared covariance, in the inputs themselves.",
    "lda.where": "The comparison row of every run on windows, and a model one can choose.",
    "lda.reference":
      "Fisher: The use of multiple measurements in taxonomic problems. Annals of Eugenics 7, 1936.",
    "lda.evidence":
      "Reference recalled, not opened. That both forms give the same probabilities was checked by computation.",
    "lda.learned": "Right on people never seen, each class counted alike: LDA and the network",

    "temperature.name": "Temperature calibration",
    "temperature.idea":
      "One number divides all logits after training. It is chosen on people the judging network was not trained on and who are not tested. The order of the classes stays; only the stated probabilities change.",
    "temperature.formula":
      "z are the logits; Brier is the mean squared error of the probabilities, first over each calibration person’s windows, then over people. One person whom the model gets wrong altogether does not decide alone, as under the NLL.",
    "temperature.assumes":
      "New people resemble the calibration people. With few of them T is uncertain: see how many the run names.",
    "temperature.where": "Every stated probability, but for those adapted to a new person’s recording.",
    "temperature.reference":
      "Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017.",
    "temperature.evidence": "Reference recalled, not opened.",
    "temperature.learned": "Temperature {{temperature}}: ECE on the calibration people, before and after",

    "ensemble.name": "Ensemble uncertainty",
    "ensemble.idea":
      "Several networks that differ only in their random start answer each window. What they all find unclear lies in the data (aleatoric); where they disagree, more labels would help (epistemic).",
    "ensemble.formula": "Hₐ is aleatoric, Hₑ epistemic, both in nats.",
    "ensemble.assumes":
      "A handful of members samples the possible networks well enough to rank windows. Their spread is not a full interval of belief.",
    "ensemble.where": "Uncertainty lanes, “label this next”, bands of the predictions.",
    "ensemble.reference":
      "Lakshminarayanan, Pritzel, Blundell: Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles. NeurIPS 2017.",
    "ensemble.evidence":
      "Reference recalled, not opened. The split of the entropy is an identity of information theory.",
    "ensemble.learned": "Share wrong when only the surest windows are answered",

    accuracy: "windows right",
    before: "before",
    after: "after",
    coverage: "windows answered",
    wrong: "wrong",
    layerN: "layer {{n}}",
    supervised: "labels alone",
    together: "with unlabelled windows",
    network: "network",
  },
  ja: {
    title: "モデル",
    intro: "Kodoが使う方法、その前提、直近の実行で学んだ内容です。",
    newest: "直近の実行：{{name}}",
    noRun: "まだ実行がありません。最初の学習の後、ここに図が表示されます。",
    idea: "考え方",
    formula: "式",
    assumes: "前提",
    where: "用途",
    reference: "文献",
    evidence: "文献の確かさ",
    learned: "直近の実行では",

    "identity.name": "恒等初期化ネットワーク",
    "identity.idea":
      "どの層も恒等写像から出発し、初めは入力をそのまま渡します。学習での変化はわずかなので、各層が何を加え、何を除いたかを直接読み取れます。クラスごとに1つ加えたユニットが、クラスの確からしさを全層に通して運びます。",
    "identity.formula": "I は単位行列、e は入力 i のクラス c への根拠。クラスのユニットは線形のままです。",
    "identity.assumes":
      "入力はおよそ−1〜1に揃えます。学習率は深さに反比例させます（∝ 1/L）。大きすぎると層が恒等から離れ、読み取れなくなります。",
    "identity.where": "標準のネットワークと「層」のページ。",
    "identity.reference":
      "Kubota, Hayashi, Hayase, Uchida: Layer-wise interpretation of deep neural networks using identity initialization. ICASSP 2021, arXiv 2102.13333.",
    "identity.evidence":
      "確認したのは要旨と序論のみで、式と表は未確認です。クラスのユニットを線形とする上の形は当方の導出で、根拠の合計が厳密に一致することは計算で確かめました。",
    "identity.learned": "各層の恒等写像からの距離 |W − I| / √幅",
    "identity.accuracy": "その層だけで判定した場合の、未知の対象者に対する正解率",

    "coupled.name": "ガウス結合ソフトマックス",
    "coupled.idea":
      "識別器と特徴量の確率密度を同時に学習し、互いに近づけます。密度はラベルのない窓からも学ぶため、その情報が識別器にも及びます。",
    "coupled.formula": "最後の行が両者を近づける罰則です。σ² が小さいほど強く引きます。",
    "coupled.assumes":
      "各クラスの特徴量はほぼ正規分布に従い、共分散は共通とします。外れている場合、ラベルなしの窓が害になることがあり、教師ありのみの対照との比較で分かります。",
    "coupled.where": "標準のネットワークの最終層。少ないラベルからの学習。",
    "coupled.reference":
      "早志・内田：MIRU 2020（ポスター）。Hayashi: A Hybrid of Generative and Discriminative Models Based on the Gaussian-coupled Softmax Layer. IEEE TNNLS 2024, arXiv 2305.05912.",
    "coupled.evidence":
      "ポスターは全文、論文は要旨のみ確認しました。罰則の形は推定です（Lasserre, Bishop, Minka, CVPR 2006 に倣う）。",
    "coupled.learned": "学習に使っていない人での正解率（各クラス均等）：ラベルなしの窓の有無",

    "lda.name": "LDA（比較の基準）",
    "lda.idea":
      "各クラスを、共分散の等しい正規分布で表します。クラスの境界は平面です。どのネットワークとも同じ窓で学習・評価し、これを上回らないネットワークは使う価値がありません。",
    "lda.formula": "N は正規分布の密度、π は各クラスの割合。",
    "lda.assumes": "入力そのものが、共分散の等しい正規分布に従うこと。",
    "lda.where": "窓で学習するすべての実行の比較行。モデルとして選ぶこともできます。",
    "lda.reference":
      "Fisher: The use of multiple measurements in taxonomic problems. Annals of Eugenics 7, 1936.",
    "lda.evidence": "文献は記憶によるもので、未確認です。2つの形が同じ確率を与えることは計算で確かめました。",
    "lda.learned": "学習に使っていない人での正解率（各クラス均等）：LDAとネットワーク",

    "temperature.name": "温度による較正",
    "temperature.idea":
      "学習後のロジットをすべて1つの数で割ります。その数は、判定するネットワークの学習に使わず、テストにも使わない人で決めます。クラスの順位は変わらず、示す確率だけが変わります。",
    "temperature.formula":
      "z はロジット。Brierは確率の二乗誤差で、較正対象者ごとの窓の平均を、さらに対象者で平均したもの。NLLと違い、モデルがまったく合わない1人だけで決まることはありません。",
    "temperature.assumes":
      "新しい人が較正対象者に似ていること。人数が少ないとTは不確かです。実行の記録に人数を示します。",
    "temperature.where": "表示するすべての確率（新しい人の記録に適応したものを除く）。",
    "temperature.reference":
      "Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017.",
    "temperature.evidence": "文献は記憶によるもので、未確認です。",
    "temperature.learned": "温度 {{temperature}}：較正対象者でのECE（前と後）",

    "ensemble.name": "アンサンブルの不確かさ",
    "ensemble.idea":
      "乱数の初期値だけが違う数個のネットワークが各窓に答えます。全員が迷うならデータ由来（偶然的）、意見が割れるなら、ラベルを増やすと減る不確かさ（認識的）です。",
    "ensemble.formula": "Hₐ は偶然的、Hₑ は認識的な不確かさ（nat）。",
    "ensemble.assumes":
      "窓の順位付けには数個で足りるとします。ばらつきは、確信の区間そのものではありません。",
    "ensemble.where": "不確かさの帯、「次にラベルを付ける窓」、予測の幅。",
    "ensemble.reference":
      "Lakshminarayanan, Pritzel, Blundell: Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles. NeurIPS 2017.",
    "ensemble.evidence": "文献は記憶によるもので、未確認です。エントロピーの分解は情報理論の恒等式です。",
    "ensemble.learned": "確かな窓だけに答えたときの誤りの割合",

    accuracy: "正解率",
    before: "前",
    after: "後",
    coverage: "回答した窓",
    wrong: "誤り",
    layerN: "第{{n}}層",
    supervised: "ラベルのみ",
    together: "ラベルなしの窓も使用",
    network: "ネットワーク",
  },
});
