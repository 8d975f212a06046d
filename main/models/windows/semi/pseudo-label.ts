import { add, clipByValue, div, mul, sub, sum } from "@tensorflow/tfjs-core";
import type { Scalar } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { AboutMethod } from "../../../../preload/contract/method.ts";
import { categoricalLogProb } from "../../distributions/categorical.ts";
import type { Estimator } from "../../estimator.ts";
import { asked } from "../../form.ts";
import { labelledWeight } from "../../labelled.ts";
import { stopGradient } from "../../layers/stop-gradient.ts";
import type { DescentModel } from "../../model.ts";
import {
  encoderFor,
  encoderLogits,
  encoderNetwork,
  encoderSize,
  labelLoss,
  RATE,
  takenLabels,
  TakingShape,
} from "./encoder.ts";
import { semiSettings, thresholdSetting, unlabelledWeightSetting } from "./settings.ts";
import { inNetworks } from "../missing-inputs.ts";

const PseudoLabelSettings = z.strictObject({
  kind: z.literal("pseudo-label").default("pseudo-label"),
  ...semiSettings,
  threshold: thresholdSetting,
  rampSteps: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .meta(
      asked({
        name: {
          en: "Steps until taken labels count in full",
          ja: "採用ラベルの重みが最大になるまでのステップ数",
        },
        hint: {
          en: "At the full learning rate; more where it falls.",
          ja: "学習率が最大のときのステップ数。学習率が下がると長くなります。",
        },
        level: "expert",
      }),
    ),
  unlabelledWeight: unlabelledWeightSetting("α"),
});
type PseudoLabelSettings = z.infer<typeof PseudoLabelSettings>;

const PseudoLabelNetwork = TakingShape.extend({
  /** What the clock says once taken labels count in full. */
  ramp: z.number().positive().default(RATE),
});
type PseudoLabelNetwork = z.infer<typeof PseudoLabelNetwork>;

const CLOCK = "clock";

/**
 * Beside the network's parameters stands a clock: its derivative is −1 whatever the batch, so that each step of Adam
 * moves it on by the learning rate. A loss knows no time; this is how α grows.
 */
export function pseudoLabel(given: z.input<typeof PseudoLabelNetwork>): Estimator<PseudoLabelNetwork> {
  const config = PseudoLabelNetwork.parse(given);
  const network = encoderNetwork(config);
  return {
    ...network,
    name: "pseudo-label",
    parameters: new Map([[CLOCK, [1]], ...network.parameters]),
    held: [CLOCK],
    init: (seed) => ({ [CLOCK]: { shape: [1], values: new Float32Array(1) }, ...network.init(seed) }),
    loss(params, batch) {
      const clock = params(CLOCK);
      const { logits } = encoderLogits(config, params, batch.x, batch.observed);
      const labels = takenLabels(logits, batch, config.threshold);
      const taken: Scalar = sub(0, sum(categoricalLogProb(logits, labels)));
      const now = stopGradient(clock);
      const share = sum<Scalar>(clipByValue(div(now, config.ramp), 0, 1));
      const total = add(labelLoss(logits, batch), mul(mul(share, config.unlabelledWeight), taken));
      return add(div(total, labelledWeight(batch)), sum<Scalar>(sub(now, clock)));
    },
  };
}

const about: AboutMethod = {
  idea: [
    {
      en: "What the network is sure of is taken for a label and learned as if a person had given it. Taken labels are looked up anew in every step and count more as training goes on.",
      ja: "確信のある予測をラベルとみなし、人が付けたものと同じように学びます。採用するラベルはステップごとに求め直し、学習が進むほど重みを増します。",
    },
  ],
  formulas: [
    {
      tex: String.raw`\sum_{\mathcal L}-\ln P(c\mid x)+\alpha(t)\sum_{\mathcal U}\mathbb 1[\max p\ge\tau]\,\bigl(-\ln P(\arg\max p\mid x)\bigr)`,
      says: {
        en: "p is what the network says now; no gradient passes through the label.",
        ja: "pは現在の予測で、ラベルには勾配を通しません。",
      },
    },
  ],
  assumes: [
    {
      en: "Borders lie where windows are few, and the network is right where it is sure.",
      ja: "クラスの境界が窓の少ないところにあり、確信のある予測が正しいこと。",
    },
  ],
  missing: inNetworks,
  where: {
    en: "As a comparison. A wrong border confirms itself, and probabilities become too sure.",
    ja: "比較の対象として。誤った境界を自ら追認し、確率が過信に傾きます。",
  },
  claims: [
    {
      says: {
        en: "Taking sure predictions for labels acts as entropy minimisation.",
        ja: "確信のある予測をラベルとすることは、エントロピー最小化として働きます。",
      },
      evidence: "recalled",
    },
    {
      says: {
        en: "Bracelets within a person, one short run of labelled windows of each gesture, 1, 5 and 10 % of the block (13 people): 85.0, 88.9 and 90.2 %; the same network on the labels alone 85.0, 88.9 and 90.2 %. Nothing was gained.",
        ja: "電極バンド・同一人物内、各動作につき短く連続する窓だけラベルあり（ブロックの1、5、10%、13人）：85.0、88.9、90.2%。同じネットワークをラベルだけで学習しても85.0、88.9、90.2%で、得るものはありませんでした。",
      },
      evidence: "computed",
    },
  ],
  references: [
    "Lee, Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks, ICML Workshop 2013",
  ],
};

/** What the network is sure of counts as a label (Lee 2013). */
export const pseudoLabelModel: DescentModel<PseudoLabelSettings> = {
  kind: "pseudo-label",
  name: { en: "Pseudo-labels", ja: "疑似ラベル" },
  sentence: {
    en: "What a network is sure of counts as a label in the next step. A comparison for semi-supervised learning.",
    ja: "確信のある予測を次のステップのラベルとして使います。半教師あり学習の比較対象です。",
  },
  over: "windows",
  config: PseudoLabelSettings,
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["ensemble"],
  about,
  learning: {
    kind: "descent",
    network: ({ hidden, threshold, unlabelledWeight, rampSteps, learningRate }, shape) =>
      pseudoLabel({
        ...encoderFor({ hidden }, shape),
        ...{ threshold, unlabelledWeight, ramp: rampSteps * (learningRate ?? RATE) },
      }).config,
    estimator: (network) => pseudoLabel(PseudoLabelNetwork.parse(network)),
    size: (network) => 1 + encoderSize(PseudoLabelNetwork.parse(network)),
    rate: () => RATE,
    withoutUnlabelled: (settings) => ({ ...settings, unlabelledWeight: 0 }),
  },
};
