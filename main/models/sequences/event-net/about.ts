import type { AboutMethod } from "../../../../preload/contract/method.ts";

export const aboutEventNet: AboutMethod = {
  idea: [
    {
      en: "A small network follows the whole recording and gives every second a probability for each label of a group. It sees heart rate and contractions against running baselines of several lengths, so that a slow drift and a short dip look different.",
      ja: "小さなネットワークが記録全体を追い、グループの各ラベルの確率を1秒ごとに示します。長さの異なる移動基線との差として心拍数と子宮収縮を見るため、ゆっくりした変動と短い低下を区別できます。",
    },
    {
      en: "For heart rate a rule proposes where an event could lie and the network accepts or refuses it: the rule knows the ends better, the network knows better which are meant. Labels of different groups have networks of their own and may overlap.",
      ja: "心拍数では、規則が所見の候補となる区間を挙げ、ネットワークが採否を決めます。区間の端は規則が、どれを所見とするかはネットワークが得意です。グループごとに別のネットワークをもち、所見は重なってもかまいません。",
    },
  ],
  formulas: [
    {
      tex: String.raw`x_t = m_t \left( \frac{F_t - a_t}{20},\ \frac{F_t - b_t}{20},\ \frac{F_t - 140}{40},\ 1 \right)`,
      says: {
        en: "Heart rate F of second t, in beats a minute, against its medians over ±5 min (a) and ±2 min (b); m is 1 where it was observed. Contractions have three rows likewise.",
        ja: "時刻 t（秒）の心拍数 F（bpm）を、前後5分（a）と前後2分（b）の中央値との差で表します。m は観測されたとき1。子宮収縮も同様に3行で表します。",
      },
    },
    {
      tex: String.raw`P(c \mid t) = \operatorname{softmax}_c\!\left( \frac{f_c(x)_t + \sum_w \omega_{cw}\, u_w(t)}{T} + \beta_c \right)`,
      says: {
        en: "f is the network; temperature T is fitted on people whom the network did not learn from, and the shifts β so that over all people read each label is as probable as it is marked. u is how much less than four fifths of the channel was observed within 5 and 15 min, and ω what that tells of the readers’ marks; without 30 such recordings, and for contractions, there is no such term. Where nobody is named for validation, each network leaves other people out.",
        ja: "f はネットワーク。温度 T はそのネットワークが学習に使わなかった対象者で決め、ずれ β は判読されたすべての対象者で各ラベルの確率の平均が印の割合と等しくなるように決めます。u は前後5分・15分に観測された割合が8割に足りない分、ω はそれが判読者の印について示すもの（そのような記録が30件未満の場合と子宮収縮では使いません）。検証の対象者がいない場合は、ネットワークごとに別の対象者を学習から外します。",
      },
    },
    {
      tex: String.raw`[s, e] \in E_c \iff A\left( P(c \mid t) : s \le t \le e \right) \ge \theta_c`,
      says: {
        en: "E are the events of a label, [s, e] what the rule proposes. Whether A is the mean or the highest, the threshold θ and the rule’s heights and lengths are chosen on people whom the network did not learn from.",
        ja: "E はラベルごとの所見、[s, e] は規則が挙げた区間。A を平均とするか最大とするか、しきい値 θ、規則の高さと長さはそのネットワークが学習に使わなかった対象者で選びます。",
      },
    },
  ],
  assumes: [
    {
      en: "Somebody read the recordings completely: where nothing is marked, nothing was there.",
      ja: "記録が最後まで判読されていること。印のない所には所見がなかったとみなします。",
    },
    {
      en: "It looks up to 15 min ahead, so it judges recordings, not a birth under way.",
      ja: "最大15分先まで見るため、判定できるのは記録済みのもので、進行中の記録には使えません。",
    },
  ],
  missing: {
    en: "Unobserved seconds are 0 and marked so in rows of their own; running medians take observed seconds only. Where the channel of a group was not observed it says nothing. Where much is missing around, readers mark less, and so does it.",
    ja: "観測されない秒は0とし、専用の行で示します。移動中央値は観測された秒だけから求めます。グループのチャネルが観測されていない所では何も示しません。周囲に欠測が多い所では判読者の印が減るため、所見も少なくなります。",
  },
  where: {
    en: "Accelerations, decelerations and contractions of cardiotocograms. Not for gestures, and not as a measure of how a fetus is: it says what readers would mark.",
    ja: "胎児心拍数陣痛図の一過性頻脈・一過性徐脈・子宮収縮の検出。動作の識別には使えません。また、示すのは判読者が印を付けるであろう所見であり、胎児の状態ではありません。",
  },
  claims: [
    {
      says: {
        en: "385 labour recordings in five folds, every annotated second: area under the ROC curve 0.950 for accelerations, 0.938 for decelerations, 0.952 for contractions; a logistic floor reaches 0.899, 0.898 and 0.921.",
        ja: "分娩時の385記録、5分割、全注釈秒：AUROCは一過性頻脈 0.950、一過性徐脈 0.938、子宮収縮 0.952。ロジスティック回帰の基準は 0.899、0.898、0.921。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "The same recordings read by rule and network together (“How it is read” in the review): no more decelerations are found than by the network alone (F1 0.617 and 0.624, no difference shown), but with nearer ends (F1 with half in common 0.536 and 0.508, difference 0.006 to 0.051); contractions are found better (sensitivity 0.88, precision 0.85).",
        ja: "同じ記録を規則とネットワークを併用して判読した場合（判読画面の「判読の方法」）：一過性徐脈の検出はネットワーク単独と同程度ですが（F1 0.617 と 0.624、差は示されず）、区間の端は印により近くなります（重なり半分以上での F1 0.536 と 0.508、差 0.006〜0.051）。子宮収縮の検出は良くなります（感度 0.88、適合率 0.85）。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Nine in ten false alarms of a network like these (another implementation) were rises or falls of 15 beats for 15 s that the expert did not mark.",
        ja: "同様のネットワーク（別の実装）では、誤検出の9割が、専門家が印を付けなかった15 bpm・15秒以上の上昇または低下でした。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Learning first what the rule finds in all recordings helps most where labels are few (another implementation).",
        ja: "全記録で規則が見つける所見を先に学ぶと、特にラベルが少ないときに役立ちます（別の実装での結果）。",
      },
      evidence: "computed",
    },
  ],
  references: [
    "Ronneberger, Fischer, Brox: U-Net: Convolutional Networks for Biomedical Image Segmentation. MICCAI 2015.",
    "Chudáček and others: Open access intrapartum CTG database. BMC Pregnancy and Childbirth 14, 2014 (the recordings of the figures above).",
  ],
};
