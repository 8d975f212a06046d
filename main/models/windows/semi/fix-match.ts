import { add, div, mul, sub, sum, tensor2d } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { AboutMethod } from "../../../../preload/contract/method.ts";
import type { NamedTensors } from "../../../compute/parameters.ts";
import { categoricalLogProb } from "../../distributions/categorical.ts";
import type { Batch, Estimator } from "../../estimator.ts";
import { labelledWeight } from "../../labelled.ts";
import type { DescentModel } from "../../model.ts";
import { seededRandom, shuffle } from "../../random.ts";
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

/** How a window may be distorted and still be the same gesture. */
const VIEWS = 4;
const LOST = 0.3; // share of the inputs that a view does without
const PUSH = 0.2; // of the others: standard deviation of what is added, half of the inputs' own

const FixMatchSettings = z.strictObject({
  kind: z.literal("fix-match").default("fix-match"),
  ...semiSettings,
  threshold: thresholdSetting,
  unlabelledWeight: unlabelledWeightSetting("λu"),
});
type FixMatchSettings = z.infer<typeof FixMatchSettings>;

interface View {
  readonly kept: Tensor2D; // [1, d]
  readonly push: Tensor2D; // [1, d]
}

/** The same few distortions in every step: a recorded step draws nothing. */
function viewOf(width: number, view: number): View {
  const random = seededRandom(view, 7400);
  const order = shuffle(
    Int32Array.from({ length: width }, (_, i) => i),
    random,
  );
  const kept = new Float32Array(width).fill(1);
  for (const i of order.subarray(0, Math.floor(LOST * width))) kept[i] = 0;
  const push = Float32Array.from({ length: width }, () => PUSH * random.normal());
  return { kept: tensor2d(kept, [1, width]), push: tensor2d(push, [1, width]) };
}

export function fixMatch(given: z.input<typeof TakingShape>): Estimator<TakingShape> {
  const config = TakingShape.parse(given);
  /** Σ over unlabelled rows of the mean over views of −ln P(label taken | view). */
  const distorted = (params: NamedTensors, batch: Batch, logits: Tensor2D): Scalar => {
    const labels = takenLabels(logits, batch, config.threshold);
    const losses = Array.from({ length: VIEWS }, (_, view): Scalar => {
      const { kept, push } = viewOf(config.features, view);
      const observed: Tensor2D = mul(batch.observed, kept);
      const seen = encoderLogits(config, params, add(batch.x, push), observed);
      return sub(0, sum<Scalar>(categoricalLogProb(seen.logits, labels)));
    });
    return mul(
      losses.reduce((a, b) => add(a, b)),
      1 / VIEWS,
    );
  };
  return {
    ...encoderNetwork(config),
    name: "fix-match",
    loss(params, batch) {
      const { logits } = encoderLogits(config, params, batch.x, batch.observed);
      const others = mul(config.unlabelledWeight, distorted(params, batch, logits));
      return div(add(labelLoss(logits, batch), others), labelledWeight(batch));
    },
  };
}

const about: AboutMethod = {
  idea: [
    {
      en: "Where the network is sure of a window without a label, it has to say the same of distorted views of it.",
      ja: "ラベルのない窓について確信があるとき、それを歪めた見え方についても同じ答えを返すように学習します。",
    },
    {
      en: "Here a window comes with the mild changes of inputs that the run names, and four fixed distortions each leave out three inputs in ten and push the others. The publication draws a new distortion each time, averages weights and has seven unlabelled windows to a labelled one; a step recorded once draws nothing.",
      ja: "本実装では、学習設定の弱い入力変化を受けた窓に対し、固定した4通りの歪み（入力の3割を除き、残りをずらす）を使います。論文では毎回新しい歪みを引き、重みの移動平均を使い、ラベルなしを7倍にしますが、計算手順は一度だけ記録されるため乱数を引きません。",
    },
  ],
  formulas: [
    {
      tex: String.raw`\sum_{\mathcal L}-\ln P(c\mid x)+\lambda_u\sum_{\mathcal U}\mathbb 1[\max q\ge\tau]\,\frac1V\sum_v-\ln P(\arg\max q\mid x_v)`,
      says: {
        en: "q is what the network says of the window itself; no gradient passes through it. x_v are its distorted views.",
        ja: "qは窓自体に対する予測で、勾配は通しません。x_vは歪めた見え方です。",
      },
    },
  ],
  assumes: [
    {
      en: "The distortions do not change what a window is.",
      ja: "歪みを加えても窓の意味が変わらないこと。",
    },
  ],
  missing: {
    en: `${inNetworks.en} Windows with inputs left out are part of the training.`,
    ja: `${inNetworks.ja}入力を欠いた窓も学習に含まれます。`,
  },
  where: {
    en: "Few labels on windows whose distortions are known. Not where labels come from a part of a class only: what the network is sure of then confirms its border.",
    ja: "許される歪みが分かっており、ラベルが少ない場合。ラベルがクラスの一部に偏る場合は、偏った境界を追認してしまうため不向きです。",
  },
  claims: [
    {
      says: {
        en: "CIFAR-10 with 250 labels 94.93 %, with 40 labels 88.61 % (abstract of the paper; images, another network).",
        ja: "CIFAR-10でラベル250個のとき94.93%、40個のとき88.61%（論文の要旨。画像、別のネットワーク）。",
      },
      evidence: "verified",
    },
    {
      says: {
        en: "Bracelets within a person, one short run of labelled windows of each gesture, 1, 5 and 10 % of the block (13 people): 85.3, 88.9 and 90.2 %; the same network on the labels alone 85.0, 88.9 and 90.2 %.",
        ja: "電極バンド・同一人物内、各動作につき短く連続する窓だけラベルあり（ブロックの1、5、10%、13人）：85.3、88.9、90.2%。同じネットワークをラベルだけで学習すると85.0、88.9、90.2%。",
      },
      evidence: "computed",
    },
  ],
  references: [
    "Sohn et al., FixMatch: Simplifying Semi-Supervised Learning with Consistency and Confidence, NeurIPS 2020",
  ],
};

/** Sure of a window, the network has to say the same of distorted ones (after Sohn et al. 2020). */
export const fixMatchModel: DescentModel<FixMatchSettings> = {
  kind: "fix-match",
  name: { en: "Agreement with distorted views (FixMatch)", ja: "歪めた窓との一致（FixMatch）" },
  sentence: {
    en: "Where a network is sure of a window without a label, it has to say the same of distorted ones. A comparison for semi-supervised learning.",
    ja: "ラベルのない窓に確信があるとき、歪めた窓にも同じ答えを求めます。半教師あり学習の比較対象です。",
  },
  over: "windows",
  config: FixMatchSettings,
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["ensemble"],
  about,
  learning: {
    kind: "descent",
    network: ({ hidden, threshold, unlabelledWeight }, shape) =>
      fixMatch({ ...encoderFor({ hidden }, shape), threshold, unlabelledWeight }).config,
    estimator: (network) => fixMatch(TakingShape.parse(network)),
    size: (network) => encoderSize(TakingShape.parse(network)),
    rate: () => RATE,
    withoutUnlabelled: (settings) => ({ ...settings, unlabelledWeight: 0 }),
  },
};
