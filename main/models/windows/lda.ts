import { z } from "zod";
import { logJoint } from "../distributions/gaussian-classes.ts";
import { gaussianPictures } from "../distributions/gaussian-pictures.ts";
import { finiteDoubles, haveLengths } from "../file-parts.ts";
import { asked } from "../form.ts";
import type { RoundsModel } from "../model.ts";
import { Classes, haveFactors, scoresOf, Width } from "./learned.ts";
import { aboutLda } from "./lda-about.ts";
import { normalsOfLabels } from "./normal-rounds.ts";
import { WindowSettings } from "./settings.ts";

export const LdaConfig = z.strictObject({
  kind: z.literal("lda").default("lda"),
  ...WindowSettings.shape,
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

export const LdaLearned = z
  .strictObject({
    width: Width,
    classes: Classes,
    means: finiteDoubles, // [k x d]
    covariance: finiteDoubles, // [d x d]
    logPrior: finiteDoubles, // [k]
  })
  .superRefine(({ width: d, classes: k, means, covariance, logPrior }, context) => {
    const lengths = {
      means: [means, k * d],
      covariance: [covariance, d * d],
      logPrior: [logPrior, k],
    } as const;
    if (haveLengths(context, lengths)) haveFactors(context, "covariance", covariance, d);
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
    en: "Each class is a normal distribution, all with one covariance. Quick and steady, and what every other method is compared with; learns from labelled windows only.",
    ja: "各クラスを共通の共分散をもつ正規分布とみなします。速く安定しており、ほかのすべての手法の比較の基準です。ラベル付きの窓だけから学習します。",
  },
  config: LdaConfig,
  over: "windows",
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["density", "ensemble"],
  about: aboutLda,
  file: LdaLearned,
  learning: {
    kind: "rounds",
    mostRounds: 1,
    begin: ({ shrink }, rows) => normalsOfLabels(rows, shrink),
    round: (learned) => Promise.resolve({ learned, score: 0, isSettled: true }),
  },
  pictures: gaussianPictures,
  score: (learned, { x, observed, count }) =>
    scoresOf(logJoint(learned, x, observed, count), learned.classes),
};
