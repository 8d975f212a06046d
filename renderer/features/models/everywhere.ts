import type { Words } from "../../../preload/contract/label-set.ts";
import type { AboutMethod } from "../../../preload/contract/method.ts";

/** What is no model of its own but part of every training. */
export interface Everywhere {
  readonly kind: "temperature" | "ensemble";
  readonly name: Words;
  readonly sentence: Words;
  readonly about: AboutMethod;
}

const temperature: Everywhere = {
  kind: "temperature",
  name: { en: "Temperature calibration", ja: "温度による較正" },
  sentence: {
    en: "One number makes stated probabilities agree with what is measured.",
    ja: "1つの数で、示す確率を実測に合わせます。",
  },
  about: {
    idea: [
      {
        en: "One number divides all logits after training. It is chosen on people the judging network was not trained on and who are not tested. The order of the classes stays; only the stated probabilities change.",
        ja: "学習後のロジットをすべて1つの数で割ります。その数は、判定するネットワークの学習に使わず、テストにも使わない人で決めます。クラスの順位は変わらず、示す確率だけが変わります。",
      },
    ],
    formulas: [
      {
        tex: String.raw`P = \operatorname{softmax}(z / T), \qquad T = \operatorname*{arg\,min}_{T} \operatorname{Brier}(T)`,
        says: {
          en: "z are the logits; Brier is the mean squared error of the probabilities, first over each calibration person’s windows, then over people. One person whom the model gets wrong altogether does not decide alone, as under the NLL.",
          ja: "z はロジット。Brierは確率の二乗誤差で、較正対象者ごとの窓の平均を、さらに対象者で平均したもの。NLLと違い、モデルがまったく合わない1人だけで決まることはありません。",
        },
      },
    ],
    assumes: [
      {
        en: "New people resemble the calibration people. With few of them T is uncertain: see how many the run names.",
        ja: "新しい人が較正対象者に似ていること。人数が少ないとTは不確かです。実行の記録に人数を示します。",
      },
    ],
    missing: {
      en: "Nothing of its own: logits of windows with missing values are divided like all others.",
      ja: "特別な扱いはありません。欠測のある窓のロジットも同じ数で割ります。",
    },
    where: {
      en: "Every stated probability, but for those adapted to a new person’s recording.",
      ja: "表示するすべての確率（新しい人の記録に適応したものを除く）。",
    },
    claims: [
      {
        says: {
          en: "One temperature is often enough to calibrate a network.",
          ja: "1つの温度だけでネットワークを較正できることが多い。",
        },
        evidence: "recalled",
      },
      {
        says: {
          en: "Armband study, five folds: calibration error on test people 0.058 with T by the Brier score, 0.079 by the NLL.",
          ja: "腕輪型筋電図、5分割：テスト対象者での較正誤差は、BrierでTを決めると 0.058、NLLでは 0.079。",
        },
        evidence: "computed",
      },
    ],
    references: ["Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017."],
  },
};

const ensemble: Everywhere = {
  kind: "ensemble",
  name: { en: "Ensemble uncertainty", ja: "アンサンブルの不確かさ" },
  sentence: {
    en: "Where several members disagree, more labels would help.",
    ja: "メンバーの意見が割れるところは、ラベルを増やすと役立ちます。",
  },
  about: {
    idea: [
      {
        en: "Several members, each learned without some of the people, answer each window. What they all find unclear lies in the data (aleatoric); where they disagree, more labels would help (epistemic).",
        ja: "それぞれ一部の対象者を除いて学習した数個のメンバーが各窓に答えます。全員が迷うならデータ由来（偶然的）、意見が割れるなら、ラベルを増やすと減る不確かさ（認識的）です。",
      },
    ],
    formulas: [
      {
        tex: String.raw`\bar{p} = \frac{1}{M} \sum_{m} p_m, \qquad \mathrm{H}[p] = -\sum_{c} p_c \ln p_c`,
        says: {
          en: "The mean of M members, and the entropy of what they say, in nats.",
          ja: "M 個のメンバーの平均と、そのエントロピー（nat）。",
        },
      },
      {
        tex: String.raw`\mathrm{H}_{a} = \frac{1}{M} \sum_{m} \mathrm{H}[p_m], \qquad \mathrm{H}_{e} = \mathrm{H}[\bar{p}] - \mathrm{H}_{a}`,
        says: { en: "Hₐ is aleatoric, Hₑ epistemic.", ja: "Hₐ は偶然的、Hₑ は認識的な不確かさ。" },
      },
    ],
    assumes: [
      {
        en: "A handful of members samples the possible models well enough to rank windows. Their spread is not a full interval of belief.",
        ja: "窓の順位付けには数個で足りるとします。ばらつきは、確信の区間そのものではありません。",
      },
    ],
    missing: {
      en: "Nothing of its own: what is missing makes members less sure as far as the model takes it into account.",
      ja: "特別な扱いはありません。モデルが欠測を考慮する範囲で、メンバーの確信が下がります。",
    },
    where: {
      en: "Uncertainty lanes, “label this next”, bands of the predictions.",
      ja: "不確かさの帯、「次にラベルを付ける窓」、予測の幅。",
    },
    claims: [
      {
        says: {
          en: "The split of the entropy is an identity of information theory.",
          ja: "エントロピーの分解は情報理論の恒等式です。",
        },
        evidence: "derived",
      },
      {
        says: {
          en: "A few networks from different starts know well what they do not know.",
          ja: "初期値の違う数個のネットワークで、不確かさをよく見積もれる。",
        },
        evidence: "recalled",
      },
    ],
    references: [
      "Lakshminarayanan, Pritzel, Blundell: Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles. NeurIPS 2017.",
    ],
  },
};

export const everywhere: readonly Everywhere[] = [temperature, ensemble];
