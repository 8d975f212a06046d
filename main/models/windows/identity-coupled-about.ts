import type { AboutMethod } from "../../../preload/contract/method.ts";
import { inNetworks } from "./missing-inputs.ts";

export const aboutIdentityCoupled: AboutMethod = {
  idea: [
    {
      en: "Every layer starts as the identity and at first hands its input on unchanged. Training moves it only a little, so that what a layer adds or takes away can be read off. One further unit a class runs through all layers, so each layer already gives an answer.",
      ja: "すべての層は恒等写像から出発し、学習前は入力をそのまま次の層へ渡します。学習で動くのはわずかなので、各層が加えたもの、減らしたものを読み取れます。クラスごとのユニットが全層を貫いており、どの層の出力からもクラスを判定できます。",
    },
    {
      en: "The last layer is tied to normal densities of the classes in the features before it (Gaussian-coupled softmax). The densities learn from unlabelled windows too and say how ordinary a window is.",
      ja: "最終層は、その手前の特徴におけるクラスごとの正規分布と結び付けられています（ガウス結合ソフトマックス）。この分布はラベルのない窓からも学習し、窓がどの程度ありふれたものかも示します。",
    },
  ],
  formulas: [
    {
      tex: String.raw`\begin{aligned} f^{l} &= \operatorname{hardtanh}(f^{l-1} + \Delta^{l}_{f} [f^{l-1}; m] + b^{l}_{f}) \\ c^{l} &= c^{l-1} + \Delta^{l}_{c} [f^{l-1}; m] + b^{l}_{c} \end{aligned}`,
      says: {
        en: "Features f, mask m (0 where observed, −1 where not) and class units c through layer l; Δ = W − I is 0 at the start. The last layer writes the class units alone.",
        ja: "第 l 層における特徴 f、マスク m（観測されれば 0、欠測なら −1）、クラスユニット c。Δ = W − I は開始時に 0。最終層はクラスユニットだけを更新します。",
      },
    },
    {
      tex: String.raw`J = \prod_{l} \operatorname{diag}(\varphi'(z^{l}))\, W^{l}`,
      says: {
        en: "What goes out by what goes in; all its singular values are 1 at the start",
        ja: "入力に対する出力のヤコビ行列。開始時の特異値はすべて 1",
      },
    },
    {
      tex: String.raw`c^{L}_{k} = \sum_{l}\sum_{i} \Delta^{l}_{k,i}\, [f^{l-1}; m]_{i} + \sum_{l} b^{l}_{k}`,
      says: {
        en: "The final logit is a sum of evidence over layers, inputs and what is missing",
        ja: "最終ロジットは、層・入力・欠測ごとの証拠の和に分解できる",
      },
    },
    {
      tex: String.raw`\begin{aligned} P(c \mid h) &= \operatorname{softmax}_c(w_c^{\top} h + b_c) \\ \tilde{w}_c &= \Sigma^{-1} \mu_c, \qquad \tilde{b}_c = \ln \pi_c - \tfrac{1}{2}\, \mu_c^{\top} \Sigma^{-1} \mu_c \end{aligned}`,
      says: {
        en: "The last layer, on the features and class units h that reach it, and what its weights would be if they came from the densities of h",
        ja: "最終層（h はそこに届く特徴とクラスユニット）と、その重みが h の分布から導かれるとした場合の値",
      },
    },
    {
      tex: String.raw`\frac{1}{2\sigma^2} \sum_{c} \left( \lVert w_c - \tilde{w}_c \rVert^2 + (b_c - \tilde{b}_c)^2 \right)`,
      says: {
        en: "The penalty that pulls the two together; a small σ² pulls hard. What all classes have in common changes no answer and is taken out first.",
        ja: "両者を近づける罰則項。σ² が小さいほど強く引く。全クラスに共通のずれは判定を変えないため、先に除きます。",
      },
    },
  ],
  assumes: [
    {
      en: "Inputs lie about in −1…1, where the activation is straight; the learning rate falls with depth (∝ 1/L), or layers leave the identity and can no longer be read.",
      ja: "入力がおおむね −1〜1（活性化関数が線形の範囲）にあること。学習率は深さに反比例させます。そうしないと層が恒等写像から離れ、解釈できなくなります。",
    },
    {
      en: "Features of a class are roughly normal, all classes with one covariance. Where that is wrong, unlabelled windows can do harm; the supervised-only twin of a run shows it.",
      ja: "各クラスの特徴がほぼ正規分布に従い、共分散が共通であること。成り立たない場合、ラベルなしの窓は逆効果になりえます。教師ありのみの比較結果で確かめられます。",
    },
  ],
  missing: {
    en: `${inNetworks.en} The identity carries the mask unchanged to every layer.`,
    ja: `${inNetworks.ja}マスクは恒等写像がそのまま全層に運びます。`,
  },
  where: {
    en: "Windows of features of any signal, with some hundred inputs at most. Not for raw waveforms, where moving the signal in time would have to be learned away.",
    ja: "信号の特徴量からなる窓（入力は数百次元まで）。生波形には向きません。時間方向のずれを吸収する仕組みがないためです。",
  },
  claims: [
    {
      says: {
        en: "Weights stay near the identity after training, and accuracy can be computed at every layer (abstract of the paper)",
        ja: "学習後も重みは恒等写像の近くにとどまり、層ごとに認識率を計算できる（論文の要旨）",
      },
      evidence: "verified",
    },
    {
      says: {
        en: "The best learning rate is inversely proportional to depth",
        ja: "最適な学習率は深さに反比例する",
      },
      evidence: "verified",
    },
    {
      says: {
        en: "Fifty layers on ten classes of small pictures: 90.0 % after one epoch, weights 1.5 % from the identity after five (mean of three data sets); the same depth from random weights (He, ReLU) 18.8 % after five epochs",
        ja: "10クラスの小画像で50層：1エポックで90.0 %、5エポック後の重みの恒等写像からの距離は1.5 %（3組の平均）。同じ深さのランダム初期化（He、ReLU）は5エポックで18.8 %",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Bracelets within a person, every label (13 people): 94.5 %, 3.4 points below a linear discriminant [2.0, 5.2]. People never seen, windows of half a second (26 people, five members): 78.1 % before it adapts, 6.5 points above a linear discriminant [1.6, 11.9]; a quadratic discriminant reached 76.4 to 80.0 % on splits of its own",
        ja: "電極バンド・同一人物内・全ラベル使用（13人）：94.5 %で、線形判別を3.4ポイント下回りました［2.0, 5.2］。初めての対象者・0.5秒の窓（26人、メンバー5）：適応前で78.1 %、線形判別を6.5ポイント上回りました［1.6, 11.9］。2次判別分析は別の分割で76.4〜80.0 %",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "People never seen, shorter windows of amplitudes (26 people, one network): 76.6 %, 5.7 points above a linear discriminant [1.1, 10.9]; from a quadratic one no difference was shown [−3.2, 4.5]. With each electrode absent by a chance of one in five it lost 4.4 points (8.9 by its mask alone), those 2.5 and 4.1; within a person 0.4 (11.8 by its mask alone, 13 people).",
        ja: "未知の対象者・短い窓の振幅（26人、ネットワーク1つ）：76.6 %で、線形判別を5.7ポイント上回りました［1.1, 10.9］。2次判別との差は示されませんでした［−3.2, 4.5］。各電極が5分の1の確率で欠けると4.4ポイント低下しました（マスクだけでは8.9、線形判別2.5、2次判別4.1）。同一人物内では0.4ポイントでした（マスクだけでは11.8、13人）。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Class units that stay linear, which makes the sum of evidence exact, and mask inputs are additions of ours",
        ja: "クラスユニットを線形に保つこと（証拠の和が厳密になる）とマスク入力は、本ソフトウェアでの工夫です",
      },
      evidence: "derived",
    },
    {
      says: {
        en: "The form of the penalty that couples the last layer to the densities is inferred; the article's body was not read",
        ja: "最終層と分布を結び付ける罰則項の形は推定によるものです（論文本文は未読）",
      },
      evidence: "inferred",
    },
  ],
  references: [
    "Hayashi, Uchida: MIRU 2020 (poster, in Japanese; read in full).",
    "Kubota, Hayashi, Hayase, Uchida: Layer-wise interpretation of deep neural networks using identity initialization. ICASSP 2021, arXiv 2102.13333.",
    "Pennington, Schoenholz, Ganguli: Resurrecting the sigmoid in deep learning through dynamical isometry. NIPS 2017, arXiv 1711.04735.",
    "Hayase, Karakida: The spectrum of Fisher information of deep networks achieving dynamical isometry. AISTATS 2021, arXiv 2006.07814.",
    "Hayashi: A hybrid of generative and discriminative models based on the Gaussian-coupled softmax layer. IEEE TNNLS 2024, arXiv 2305.05912.",
  ],
};
