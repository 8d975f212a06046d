import type { AboutMethod } from "../../../../preload/contract/method.ts";

export const aboutSignalTrust: AboutMethod = {
  idea: [
    {
      en: "Ultrasound may find the mother's pulse instead of the fetus, or count wrongly, and draw a quiet line that looks healthy. A network follows the recording and says at every moment how probable that is.",
      ja: "超音波は胎児ではなく母体の脈を拾ったり、誤って計数したりして、健康に見える静かな線を描くことがあります。ネットワークが記録を追い、その確率を刻々と示します。",
    },
    {
      en: "It sees both heart rates, how far they lie apart, and how far each lies from its own level of five minutes around. It sees about five minutes in each direction, at steps of a second to half a minute.",
      ja: "両方の心拍数とその差、それぞれの前後5分の水準からの差を見ます。1秒から30秒ほどの刻みで、前後約5分を見渡します。",
    },
    {
      en: "Trained to judge by the past alone, it looks back instead: no further than about twelve minutes, each level that of the ten minutes before. Then it can also judge a recording that is under way, every second.",
      ja: "「過去の信号だけで判定」を選ぶと前だけを見ます。見渡すのは約12分前まで、水準は直前10分のものです。この場合は記録中にも毎秒判定できます。",
    },
    {
      en: "It learns from stretches that people marked as true or false signal. Stretches without a mark are unknown to it: nobody has to read whole recordings.",
      ja: "人が「正しい信号」「誤った信号」と印を付けた区間から学びます。印のない区間は不明として扱うため、記録全体を判読する必要はありません。",
    },
  ],
  formulas: [
    {
      tex: String.raw`x_t = \left( \tfrac{F_t - 130}{40},\ \tfrac{F_t - M_t}{20},\ e^{-(F_t - M_t)^2 / 25},\ e^{-(F_t - 2 M_t)^2 / 64},\ \tfrac{F_t - a_t}{20},\ \tfrac{F_t - b_t}{20},\ \ldots \right)`,
      says: {
        en: "Fetal and maternal heart rate F and M of a quarter of a second, in beats a minute; a and b are their medians over ±5 min. Thirteen rows in all, masks among them.",
        ja: "F と M は1/4秒ごとの胎児・母体心拍数（bpm）、a と b は前後5分の中央値。マスクを含めて13行です。",
      },
    },
    {
      tex: String.raw`P(\text{false} \mid t) = \sigma\!\left( \frac{1}{T_m} \cdot \frac{1}{n} \sum_{i=1}^{n} f_i(x)_t + \beta_m \right)`,
      says: {
        en: "f are the networks. There is a temperature T for where a maternal heart rate was observed around, and one for where none was, fitted on validation people. There are also two shifts β: in what is learned from, false signal is shown more often than it occurs; with them it is, over all people read, as probable as it is marked.",
        ja: "f は各ネットワーク。温度 T は、周囲に母体心拍数がある場合とない場合の2つがあり、検証対象者で決めます。ずれ β も同じく2つあります。学習では誤った信号を実際より多く見せるため、判読された全対象者で平均したとき、誤りの確率が印の割合と一致するように β を決めます。",
      },
    },
  ],
  assumes: [
    {
      en: "Unless it was trained to judge by the past alone it looks five minutes and more ahead, so it judges recordings, not a birth under way.",
      ja: "「過去の信号だけで判定」を選ばなければ5分以上先まで見るため、判定できるのは記録済みのもので、進行中の記録には使えません。",
    },
    {
      en: "How often a signal is false differs between sensors, devices and wards: the probabilities hold where that is as it was in training.",
      ja: "誤った信号の頻度はセンサー・装置・施設によって異なります。確率が当てはまるのは、頻度が学習時と同程度の場合です。",
    },
    {
      en: "A channel is taken for ultrasound unless its name says scalp electrode or ECG.",
      ja: "チャネル名に児頭電極や ECG とない限り、超音波とみなします。",
    },
  ],
  missing: {
    en: "Where no fetal heart rate was observed nothing is said. Without a maternal heart rate within 15 s, a probability between 0.2 and 0.8 is shown as unknown. A recording without any maternal heart rate is judged from the fetal one alone.",
    ja: "胎児心拍数が観測されていない所では何も示しません。前後15秒に母体心拍数がない場合、0.2〜0.8 の確率は「不明」とします。母体心拍数のない記録は胎児心拍数だけから判定します。",
  },
  where: {
    en: "Cardiotocograms, best with a maternal heart rate beside. What it calls false is a proposal: a person decides what is masked. Not a measure of how a fetus is.",
    ja: "胎児心拍数陣痛図。母体心拍数の同時記録があるときに最も有効です。「誤り」の判定は提案であり、マスクするかどうかは人が決めます。胎児の状態の指標ではありません。",
  },
  claims: [
    {
      says: {
        en: "One network, trained on 495 recordings and judged on 97 ultrasound recordings it had not learned from: area under the ROC curve 0.990 (a logistic regression of local features: 0.972). Where a maternal heart rate was observed 0.998, and 96 % of the false samples are found when 94.5 % of what is called false is.",
        ja: "495記録で学習した1個のネットワークを、学習に使わなかった超音波97記録で評価：AUROC 0.990（局所的な特徴のロジスティック回帰では 0.972）。母体心拍数のある所では 0.998 で、陽性的中率94.5 %のとき誤った信号の96 %を見つけます。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Without a maternal heart rate it cannot be relied upon: area under the ROC curve 0.964 where none was observed, 0.927 where it was hidden in all of the 97 recordings. Of what it called false there, one sample in six or seven was the fetus.",
        ja: "母体心拍数がない場合は頼りになりません。観測されていない所では AUROC 0.964、97記録すべてで隠した場合は 0.927。誤りと判定した所の6〜7分の1は実際には胎児でした。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "How far its probabilities can be trusted: calibration error 0.019 on those 97 (95 % 0.009 to 0.035; aimed at: 0.010), 0.007 where a maternal heart rate was observed, 0.039 where none was (there 22 % of what was marked was false, of what it learned from 16 %), 0.053 where it was hidden in all. In four folds of the recordings that it learned from, by networks of 2,700 steps, the shifts β brought it from 0.029 to 0.008 (the difference 95 % 0.009 to 0.026); on the 97 they changed it by +0.003 (−0.008 to +0.011), hidden in all from 0.037.",
        ja: "確率の信頼度：同じ97記録で較正誤差 0.019（95 % 信頼区間 0.009〜0.035、目標 0.010）。母体心拍数のある所では 0.007、ない所では 0.039（そこでの誤った信号は印の22 %、学習記録では16 %）、すべてで隠した場合は 0.053。学習記録を4分割した検証（2,700ステップのネットワーク）では、ずれ β により 0.029 から 0.008 に減りました（差の95 % 信頼区間 0.009〜0.026）。97記録での変化は +0.003（−0.008〜+0.011）、すべてで隠した場合は 0.037 からの変化です。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Two networks of different seeds, each of 1,500 steps, on those 97: 0.986 and 0.985, averaged 0.986. Averaging did not mend their calibration: without the shifts β its error was 0.018, of each alone 0.018 and 0.019.",
        ja: "シードの異なる2個のネットワーク（各1,500ステップ）の同じ97記録での AUROC は 0.986 と 0.985、平均すると 0.986。平均しても較正は改善せず、ずれ β なしの較正誤差は 0.018（単独では 0.018 と 0.019）でした。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "By the past alone, for recordings under way: one network of the usual 5,100 steps judged on the same 97 recordings: area under the ROC curve 0.981, without the shifts β calibration error 0.008. One as long that sees what comes after: 0.990 (the difference −0.009, 95 % −0.018 to −0.001), but used while a recording comes less than the former (of one sample in two minutes 0.963 and 0.977, the difference 95 % 0.005 to 0.028).",
        ja: "「過去の信号だけで判定」（記録中用）：既定の5,100ステップで学習した1個のネットワークを同じ97記録で評価し、AUROC 0.981、ずれ β なしの較正誤差 0.008。同じ長さで後の信号も見るネットワークは 0.990（差 −0.009、95 % 信頼区間 −0.018〜−0.001）。ただし後者を記録中に使うと前者に及びません（2分に1サンプルで 0.963 と 0.977、差の95 % 信頼区間 0.005〜0.028）。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "By the past alone where a maternal heart rate was observed: 0.994, and 91 % of the false samples are found when 94.5 % of what is called false is. Where none was: 0.952 and 41 %; hidden in all of the recordings: 0.891 and 8 %.",
        ja: "「過去の信号だけ」で母体心拍数のある所では AUROC 0.994、陽性的中率94.5 %のとき誤った信号の91 %を見つけます。母体心拍数のない所では 0.952 と 41 %、全記録で隠した場合は 0.891 と 8 % です。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "The rule that both heart rates lie within 5 beats of each other finds 45 % of the false samples of 513 ultrasound recordings; 82 % of what it finds is false.",
        ja: "「両心拍数の差が5 bpm以内」という規則は、超音波513記録の誤った信号の45 %を見つけ、その82 %が実際に誤りでした。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "A published recurrent network found 93 % of the false samples of 30 whole recordings, and 96 % of what it found was false: another network on other data.",
        ja: "発表されている再帰型ネットワークは、30記録全体の誤った信号の93 %を見つけ、そのうち96 %が実際に誤りでした（別のネットワーク・別のデータ）。",
      },
      evidence: "verified",
    },
  ],
  references: [
    "Boudet and others: Use of Deep Learning to Detect the Maternal Heart Rate and False Signals on Fetal Heart Rate Recordings. Biosensors 12(9), 691, 2022 (the recordings of the figures above).",
    "Ronneberger, Fischer, Brox: U-Net: Convolutional Networks for Biomedical Image Segmentation. MICCAI 2015.",
  ],
};
