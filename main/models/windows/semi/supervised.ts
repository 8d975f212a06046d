import { div } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { AboutMethod } from "../../../../preload/contract/method.ts";
import type { Estimator } from "../../estimator.ts";
import { labelledWeight } from "../../labelled.ts";
import type { DescentModel } from "../../model.ts";
import {
  encoderFor,
  encoderLogits,
  encoderNetwork,
  EncoderShape,
  encoderSize,
  labelLoss,
  RATE,
} from "./encoder.ts";
import { semiSettings } from "./settings.ts";
import { inNetworks } from "../missing-inputs.ts";

const SupervisedSettings = z.strictObject({
  kind: z.literal("small-network").default("small-network"),
  ...semiSettings,
});
type SupervisedSettings = z.infer<typeof SupervisedSettings>;

export function supervisedNetwork(given: z.input<typeof EncoderShape>): Estimator<EncoderShape> {
  const config = EncoderShape.parse(given);
  return {
    ...encoderNetwork(config),
    name: "small-network",
    loss(params, batch) {
      const { logits } = encoderLogits(config, params, batch.x, batch.observed);
      return div(labelLoss(logits, batch), labelledWeight(batch));
    },
  };
}

const about: AboutMethod = {
  idea: [
    {
      en: "A network of two hidden layers learns from labelled windows alone. It is the floor that every method which also learns from windows without a label has to beat on the same network.",
      ja: "隠れ層2つのネットワークがラベル付きの窓だけから学びます。ラベルのない窓も使う手法が、同じネットワークの上で超えるべき下限です。",
    },
  ],
  formulas: [
    {
      tex: String.raw`-\frac1{|\mathcal L|}\sum_{\mathcal L}\ln P(c\mid x)`,
      says: { en: "Over labelled windows (L)", ja: "ラベル付きの窓（L）についての和" },
    },
  ],
  assumes: [
    {
      en: "Labelled windows are like those that will be judged.",
      ja: "ラベル付きの窓が、判定する窓と同じように分布していること。",
    },
  ],
  missing: inNetworks,
  where: {
    en: "As a comparison. With every label given (share of labels 1) it is the upper bound of the semi-supervised methods.",
    ja: "比較の基準として使います。ラベルをすべて使う（ラベルの割合を1にする）と、半教師あり手法の上限になります。",
  },
  claims: [
    {
      says: {
        en: "What learns from unlabelled windows has to be shown beside it, on the same people.",
        ja: "ラベルなしの窓から学ぶ手法は、同じ対象者でこれと並べて示す必要があります。",
      },
      evidence: "derived",
    },
    {
      says: {
        en: "Bracelets within a person, every label (13 people): 94.6 %, 3.3 points below a linear discriminant [1.6, 5.3].",
        ja: "電極バンド・同一人物内・全ラベル使用（13人）：94.6%で、線形判別を3.3ポイント下回りました［1.6, 5.3］。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "People never seen (26 people, amplitudes of windows): 76.4 %, 5.5 points above a linear discriminant [1.1, 10.5]; from a quadratic one no difference was shown [−3.1, 3.9].",
        ja: "未知の対象者（26人、窓の振幅）：76.4%で、線形判別を5.5ポイント上回りました［1.1, 10.5］。2次判別との差は示されませんでした［−3.1, 3.9］。",
      },
      evidence: "computed",
    },
  ],
  references: [
    "Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 1986",
  ],
};

/** Labels alone: the lower bound; with all labels given, the upper one. */
export const supervisedModel: DescentModel<SupervisedSettings> = {
  kind: "small-network",
  name: { en: "Small network, labels alone", ja: "小さなネットワーク（ラベルのみ）" },
  sentence: {
    en: "Two hidden layers that learn from labelled windows alone: what semi-supervised methods are compared with.",
    ja: "隠れ層2つでラベル付きの窓だけから学びます。半教師あり手法の比較の基準です。",
  },
  over: "windows",
  config: SupervisedSettings,
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["ensemble"],
  about,
  learning: {
    kind: "descent",
    network: (settings, shape) => supervisedNetwork(encoderFor(settings, shape)).config,
    estimator: (network) => supervisedNetwork(EncoderShape.parse(network)),
    size: (network) => encoderSize(EncoderShape.parse(network)),
    rate: () => RATE,
  },
};
