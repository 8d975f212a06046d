import type { AboutMethod } from "../../../preload/contract/method.ts";

export const aboutRawConv: AboutMethod = {
  idea: [
    {
      en: "Filters slide over the samples and learn what to look for; what they find is pooled over short stretches, filtered once more, averaged over a quarter of the window each and handed to two ordinary layers.",
      ja: "フィルタを信号に沿って動かし、着目すべき波形を学習します。結果は短い区間ごとにプーリングし、もう一度フィルタを通した後、窓の4分の1ごとに平均して通常の2層に渡します。",
    },
    {
      en: "How a stretch becomes one value can be chosen: its maximum, its mean, its maximum with places smoothed over neighbouring stretches (regularised), or anything between mean and maximum, learned for each place (parameterised).",
      ja: "区間を1つの値にまとめる方法は、最大値、平均値、隣り合う区間で位置を平滑化した最大値（正則化）、平均と最大の間を位置ごとに学習するもの（パラメータ化）から選べます。",
    },
  ],
  formulas: [
    {
      tex: String.raw`\tilde\Delta_{i} = \operatorname{round}\Big(\tfrac{1}{w}\sum_{|j-i| \le (w-1)/2} \Delta_{j}\Big), \qquad y_{i} = x_{i,\,\mathrm{centre} + \tilde\Delta_{i}}`,
      says: {
        en: "Regularised pooling: the place of the maximum, averaged over w neighbours; w = 1 is max pooling",
        ja: "正則化プーリング：最大値の位置を w 個の近傍で平均。w = 1 は最大値プーリング",
      },
    },
    {
      tex: String.raw`y = \Big(\tfrac{1}{n}\sum_{i=1}^{n} v_{i}\,|x_{i}|^{p}\Big)^{1/p}, \qquad v = \sigma(5m),\ p = e^{\rho}`,
      says: {
        en: "Parameterised pooling: p = 1 is the mean, large p the maximum; v shapes the kernel",
        ja: "パラメータ化プーリング：p = 1 で平均、p が大きいと最大値。v がカーネルの形を決める",
      },
    },
  ],
  assumes: [
    {
      en: "What tells the classes apart are short shapes in time that look alike in all people once each recording is scaled to variance 1.",
      ja: "クラスを分けるのは短い波形であり、記録ごとに分散を1に揃えれば対象者間で似ていること。",
    },
    {
      en: "Many labelled people: there are no features to start from, and unlabelled windows teach it nothing.",
      ja: "多数の対象者のラベルがあること。出発点となる特徴量がなく、ラベルのない窓からは学べません。",
    },
  ],
  missing: {
    en: "Unobserved samples are 0, and filters see a mask beside the signal. Pooling leaves out stretches without an observed sample. Approximate.",
    ja: "欠測したサンプルは0とし、フィルタには信号と並べてマスクも与えます。観測のない区間はプーリングから除きます。近似です。",
  },
  where: {
    en: "To see whether features can be learned, where many people are labelled. Not for few people, nor for CTG baselines: each recording loses its own level. At most 200 points a window; faster signals are thinned, not averaged. It needs whole recordings and cannot judge live.",
    ja: "多数の対象者にラベルがあり、特徴量を学習できるか確かめたい場合に。少人数には向きません。記録ごとに水準が失われるため、CTGの基線にも不向きです。1窓あたり最大200点で、それより速い信号は平均せずに間引きます。記録全体が必要なので、リアルタイム判定はできません。",
  },
  claims: [
    {
      says: {
        en: "Bracelet EMG, people never seen: a plain convolution on raw signals 69.6 %, a learned filter bank 73.7 %, logarithms of amplitudes 77.4 % (one seed, another implementation)",
        ja: "腕輪型筋電図、未知の対象者：生波形の単純な畳み込み69.6 %、学習したフィルタバンク73.7 %、振幅の対数77.4 %（乱数の種1つ、別実装）",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Regularised pooling with a kernel of 5 on enlarged digits: about 99.0 % against 98.7 % for max pooling (read off the figures of its repository)",
        ja: "拡大した数字画像、カーネル5での正則化プーリング：約99.0 %、最大値プーリングは98.7 %（公開リポジトリの図から読み取り）",
      },
      evidence: "verified",
    },
    {
      says: {
        en: "The same comparison in a smaller network on 10,000 of the digits (ten seeds): 96.68 % against 96.53 %, a gain of 0.15 points [0.005, 0.301], half of what was published; and on muscles regularised pooling was the worse one (13 people: 85.7 %, maximum pooling 97.6 %, learned 97.3 %, mean 85.5 %)",
        ja: "小さなネットワークと数字画像1万枚での同じ比較（10シード）：96.68 % 対 96.53 %、差は0.15ポイント［0.005, 0.301］で、公表値の半分。筋電図では正則化プーリングのほうが劣りました（13人で85.7 %、最大値97.6 %、学習型97.3 %、平均85.5 %）",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Both poolings over masked samples, and their use on EMG and CTG, are ours",
        ja: "欠測を考慮した両プーリングと、筋電図・CTGへの適用は本ソフトウェアによるものです",
      },
      evidence: "derived",
    },
  ],
  references: [
    "Otsuzuki, Hayashi, Zheng, Uchida: Regularized pooling. ICANN 2020, LNCS 12397, arXiv 2005.03709.",
    "Otsuzuki, Song, Uchida, Hayashi: Meta-learning of pooling layers for character recognition. ICDAR 2021, arXiv 2103.09528.",
  ],
};
