import { z } from "zod";
import { FrontName } from "../../../preload/contract/run.ts";
import { fitGaussianClasses, logJoint } from "../distributions/gaussian-classes.ts";
import { asked } from "../form.ts";
import type { RoundsModel } from "../model.ts";
import { Members } from "./settings.ts";

export const LdaConfig = z.strictObject({
  kind: z.literal("lda").default("lda"),
  front: FrontName.default("auto"),
  members: Members,
  shrink: z
    .number()
    .min(0)
    .max(1)
    .default(0.001)
    .meta(
      asked({
        name: { en: "Shrinkage", ja: "縮小率" },
        hint: {
          en: "Share of the mean variance in the covariance's diagonal; more is steadier with few labels",
          ja: "共分散の対角に混ぜる平均分散の割合。ラベルが少ないときは大きいほうが安定します",
        },
        level: "expert",
      }),
    ),
});
export type LdaConfig = z.infer<typeof LdaConfig>;

const doubles = z.instanceof(Float64Array<ArrayBufferLike>);
export const LdaLearned = z.object({
  width: z.number().int().positive().max(16_384),
  classes: z.number().int().min(2).max(512),
  means: doubles, // [k x d]
  covariance: doubles, // [d x d]
  logPrior: doubles, // [k]
});
type LdaLearned = z.infer<typeof LdaLearned>;

/**
 * Linear discriminant analysis (Fisher; Rao): classes as normals with one covariance, in closed form. Labelled windows
 * only. Unobserved inputs leave the sums in training and are integrated out when a window is judged.
 */
export const ldaModel: RoundsModel<LdaConfig, LdaLearned> = {
  kind: "lda",
  name: { en: "Linear discriminant (LDA)", ja: "線形判別分析（LDA）" },
  sentence: {
    en: "Each class is a normal distribution, all with one covariance. Quick, steady and hard to beat on people nobody has seen; learns from labelled windows only.",
    ja: "各クラスを共通の共分散をもつ正規分布とみなします。速く安定しており、初めての対象者では凌ぐのが難しい手法です。ラベル付きの窓だけから学習します。",
  },
  config: LdaConfig,
  over: "windows",
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["density", "ensemble"],
  file: LdaLearned,
  learning: {
    kind: "rounds",
    mostRounds: 1,
    begin: ({ shrink }, { x, observed, y, count, width, classes }) =>
      fitGaussianClasses({ x, observed, weights: y, count }, { width, classes, shrink, prior: "counts" }),
    round: (learned) => Promise.resolve({ learned, score: 0, isSettled: true }),
  },
  score(learned, { x, observed, count }) {
    const { classes: k } = learned;
    const joint = logJoint(learned, x, observed, count);
    const logDensity = new Float32Array(count);
    for (let n = 0; n < count; n += 1) {
      let most = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < k; c += 1) most = Math.max(most, joint[n * k + c] ?? most);
      let sum = 0;
      for (let c = 0; c < k; c += 1) sum += Math.exp((joint[n * k + c] ?? most) - most);
      logDensity[n] = most + Math.log(sum);
    }
    return { logits: Float32Array.from(joint), logDensity };
  },
};
