import type { Words } from "../../../../preload/contract/label-set.ts";
import type { AboutMethod } from "../../../../preload/contract/method.ts";
import { penMoments } from "./pen-moments.ts";

const seenWords: readonly Words[] = [
  { en: "The beginning", ja: "書き始め" },
  { en: "Half way round", ja: "半周を過ぎたところ" },
  { en: "Nearly closed", ja: "閉じる直前" },
];

export const aboutForks: AboutMethod = {
  idea: [
    {
      en: "The beginnings of different events look alike, so what comes has several shapes, not one. The network therefore says one future for each event that may begin within a minute, and one for none, each as a mixture of normals, and beside them how probable each is. The forecast is all of them weighted by their probabilities.",
      ja: "異なる所見でも始まりはよく似ているため、その先の形は一つではなく複数あります。そこでこのネットワークは、1分以内に始まりうる所見ごとに、そして何も始まらない場合にも、それぞれの未来を正規分布の混合として示し、あわせて各々の確率を示します。予測は、それらを確率で重み付けして合わせたものです。",
    },
    {
      en: "A labelled moment teaches only the future of its own event. Without labels every future learns from a moment as much as it explains of it. An uncertain forecast is told apart into noise within a future, the fork between futures, and what the networks do not agree on.",
      ja: "ラベルのある時点は、その所見の未来だけに教えます。ラベルのない時点からは、どの未来も、その時点を説明できる度合いに応じて学びます。予測の不確かさは、各未来の中の雑音、未来どうしの分岐、ネットワーク間の不一致に分けて示します。",
    },
  ],
  formulas: [
    {
      tex: String.raw`p(y_{t+h} \mid y_{1:t}) = \sum_c p_c(t) \sum_k a_{ckh}\, \mathcal{N}\!\left(y_{t+h};\ y_\ast + \sigma_h \mu_{ckh},\ (\sigma_h s_{ckh})^2\right)`,
      says: {
        en: "Classes c are “nothing begins” and the events; y∗ is the last value that was seen, σ the usual size of a change over the horizon h. Probabilities, shares a, means μ and deviations s come out of one network with a memory (LSTM).",
        ja: "クラス c は「何も始まらない」と各所見。y∗ は最後に観測された値、σ は先読み時間 h での変化の標準的な大きさ。確率、割合 a、平均 μ、標準偏差 s は、記憶をもつ一つのネットワーク（LSTM）が出力します。",
      },
    },
    {
      tex: String.raw`L = -\sum_{t \in \text{labelled}} \left[ \ln p_{c^\ast} + \tfrac{1}{|H|} \sum_h \ln g_{c^\ast h} \right] - \sum_{t \in \text{others}} \ln \sum_c p_c\, \exp\!\left( \tfrac{1}{|H|} \sum_h \ln g_{ch} \right)`,
      says: {
        en: "What is learned by; g is the mixture of one class. The mean over horizons keeps an unlabelled future from speaking as loudly as if its horizons were independent.",
        ja: "学習の基準。g は一つのクラスの混合分布です。先読み時間について平均することで、ラベルのない未来が、各時間が独立であるかのように強く主張しすぎるのを防ぎます。",
      },
    },
    {
      tex: String.raw`\operatorname{Var} = \underbrace{\sum_c p_c \sigma_c^2}_{\text{noise}} + \underbrace{\sum_c p_c (\mu_c - \mu)^2}_{\text{fork}} + \underbrace{\operatorname{Var}_m \mu^{(m)}}_{\text{model}}, \qquad B = \frac{H[p]}{\ln 2} \cdot \frac{\text{fork}}{\text{noise} + \text{fork}}`,
      says: {
        en: "Where the uncertainty is from; the first two are means over the networks m. B, the fork index, is 0 for one future and 1 for two equally probable ones far apart.",
        ja: "不確かさの内訳。初めの二つはネットワーク m についての平均です。分岐指数 B は、未来が一つなら0、等確率の二つの未来が大きく離れていれば1になります。",
      },
    },
  ],
  figure: {
    says: {
      en: "Computed, not drawn by hand. A network of this kind, with the two coordinates of a pen for a heart rate and ten digits for events, learned from 3,889 UNIPEN digits (20 rounds; the one measured below had 40). It was then shown a 0 that we made by a formula, as far as the thick line with the dot goes. The coloured lines are the middles of its ten likeliest parts, where they have 1 % or more, over the next length of line as long as a digit is tall, each as wide as it is probable; the figures are of whole digits. Half way round both 0 and 6 are open, and the mean of the two would be neither. The moments were chosen to show this. Where a digit ends is not told.",
      ja: "手描きではなく計算した図です。心拍数の代わりにペンの2座標、所見の代わりに10種の数字を用いた同じ種類のネットワークが、UNIPENの数字3,889字から学びました（20巡。下の数値を測ったものは40巡）。そこへ、式で作った0を、点で終わる太い線の所まで見せました。色の線は、字の高さと同じ長さだけ先までの、確率の高い10本（1%以上のもの）の経路の中心で、太いほど確率が高く、数値は数字ごとの合計です。半周の時点では0も6もありえ、両者の平均はどちらでもありません。時点はこれを示すために選びました。どこで書き終わるかは示しません。",
    },
    moments: penMoments.flatMap((moment, i) => {
      const says = seenWords[i];
      return says === undefined ? [] : [{ ...moment, says }];
    }),
  },
  assumes: [
    {
      en: "Somebody read the labelled recordings completely: where nothing is marked, nothing began.",
      ja: "ラベルのある記録が最後まで判読されていること。印のない所では何も始まらなかったとみなします。",
    },
    {
      en: "What follows in new recordings is like what followed in those it learned from.",
      ja: "新しい記録でのその後の経過が、学習に使った記録と同様であること。",
    },
  ],
  missing: {
    en: "Inputs that were not seen are 0 with a mask and the time since the last value beside them; that is learned and approximate. Targets that were not seen are left out of the likelihood, which is exact. After 5 min without a value nothing is said.",
    ja: "観測されない入力は0とし、マスクと最後の値からの経過時間を添えます（学習による近似）。観測されない目標値は尤度から除きます（厳密）。値が5分間ないと何も示しません。",
  },
  where: {
    en: "Cardiotocograms with heart rate; contractions help where there are any. Whether an event begins can be told only weakly: read the probabilities, not a yes or no. It says what a heart rate may do within a minute, not how a fetus is.",
    ja: "心拍数のある胎児心拍数陣痛図。子宮収縮があれば役立ちます。所見が始まるかどうかは弱くしか予測できないため、有無ではなく確率として読んでください。示すのは1分以内の心拍数の動きであり、胎児の状態ではありません。",
  },
  claims: [
    {
      says: {
        en: "A mixture a class catches forks of handwriting such as that between 0 and 6 (Yamagata and others 2020).",
        ja: "クラスごとの混合分布は、手書き数字の0と6のような分岐を捉えます（Yamagata ら 2020）。",
      },
      evidence: "verified",
    },
    {
      says: {
        en: "1,290 UNIPEN digits of files never seen: mean log likelihood of a point 2.39 nat with ten classes, 2.45 with as large a mixture without classes, 1.73 with one normal; the class is right in 57 % when 30 % of a digit is seen, in 93 % when 80 % is. Classes do not pay on the whole; at forks such as that of 0 and 6 their ten likeliest paths come closer by 0.04 of a digit’s size.",
        ja: "未知のファイルのUNIPEN数字1,290字：1点あたりの平均対数尤度は、10クラスで2.39 nat、クラスのない大きな混合分布で2.45、単一の正規分布で1.73。正しいクラスを示す割合は、字の30%を見た時点で57%、80%で93%。全体ではクラスは得にならず、0と6のような分岐では、確率の高い10本の経路が字の大きさの0.04だけ実際に近くなります。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "The same digits with labels in one file of twenty: learning from the others without labels raises the right class from 47 to 58 %.",
        ja: "同じ数字で、ラベルを20ファイルに1つだけにした場合：残りをラベルなしで学ぶと、正しいクラスの割合が47%から58%に上がります。",
      },
      evidence: "computed",
    },
  ],
  references: [
    "Yamagata, Hayashi, Uchida: Handwriting Prediction Considering Inter-Class Bifurcation Structures. ICFHR 2020, arXiv 2009.12743.",
    "Guyon, Schomaker, Plamondon, Liberman, Janet: UNIPEN project of on-line data exchange and recognizer benchmarks. ICPR 1994 (digits of the picture and of the claims: train_r01_v07, CC BY 4.0).",
    "Bishop: Mixture Density Networks. Aston University, NCRG/94/004, 1994.",
  ],
};
