import { z } from "zod";
import {
  Adaptation,
  FrontName,
  Sampling,
  Variation,
  type ModelConfig,
} from "../../../preload/contract/run.ts";
import { asked } from "../form.ts";

/** Settings that several models of windows share, as their schemas spell them and as a page asks for them. */

export const Members = z
  .number()
  .int()
  .min(1)
  .max(10)
  .default(5) // ensemble, each leaving other people out: disagreement is the epistemic part
  .meta(asked({ name: { en: "Networks", ja: "ネットワーク数" }, level: "plain" }));

/** Of everything that classifies windows. */
export const WindowSettings = z.object({ front: FrontName.default("auto"), members: Members });
export type WindowSettings = z.infer<typeof WindowSettings>;

/** Of everything that does so and learns by descent. */
export const DescentSettings = WindowSettings.extend({
  adaptation: Adaptation.default("none").meta(
    asked({
      name: { en: "Also test with the new person’s recording", ja: "新しい人自身の記録も使って評価する" },
      hint: {
        en: "Centring, orientation and class means from the person’s own unlabelled windows; gestures are taken as balanced",
        ja: "新しい人のラベルなしの記録で、中心・向き・クラス平均を合わせます（各動作の量は均等とみなします）",
      },
      level: "plain",
      options: {
        none: { en: "no", ja: "しない" },
        "transductive-balanced": {
          en: "transductive, balanced gestures",
          ja: "トランスダクティブ・動作均等",
        },
      },
    }),
  ),
  epochs: z
    .number()
    .int()
    .min(1)
    .max(500)
    .default(12)
    .meta(asked({ name: { en: "Epochs", ja: "エポック数" }, level: "plain" })),
  patience: z
    .number()
    .int()
    .min(1)
    .max(500)
    .meta(
      asked({
        name: { en: "Stop after epochs without gain", ja: "改善がなければ止めるまでのエポック数" },
        hint: { en: "usual: a third", ja: "既定：3分の1" },
        level: "expert",
      }),
    )
    .optional(), // epochs without a better validation NLL before training stops; absent: a third of all, twelve at least
  sampling: Sampling.default("windows").meta(
    asked({
      name: { en: "Shown equally often", ja: "均等に使う単位" },
      level: "expert",
      options: {
        windows: { en: "each window", ja: "窓をそのまま" },
        classes: { en: "each class", ja: "クラスごと" },
        people: { en: "each person", ja: "対象者ごと" },
        "people-of-classes": { en: "each person in each class", ja: "クラス内の対象者ごと" },
      },
    }),
  ),
  batchSize: z.number().int().min(8).max(4096).default(64),
  learningRate: z
    .number()
    .positive()
    .max(100)
    .meta(
      asked({
        name: { en: "Learning rate", ja: "学習率" },
        hint: { en: "usual: by depth and inputs", ja: "既定：層の数と入力数から" },
        level: "expert",
      }),
    )
    .optional(), // default depends on depth: rate * layers is what matters
  augmentation: z
    .enum(["none", "mild", "strong"])
    .default("strong")
    .meta(
      asked({
        name: { en: "Changed inputs", ja: "入力の変化" },
        level: "expert",
        options: {
          none: { en: "none", ja: "なし" },
          mild: { en: "mild", ja: "弱い" },
          strong: { en: "strong", ja: "強い" },
        },
      }),
    ),
  variation: Variation.meta(
    asked({
      name: { en: "Vary the samples in each epoch", ja: "エポックごとに信号を変化させる" },
      level: "expert",
      suggested: {
        ctg: { shiftS: 5, gainSd: 0, lossesPerMinute: 0.5, lossS: 15 },
        emg: { shiftS: 0.1, gainSd: 0.1, lossesPerMinute: 1, lossS: 0.2 },
        other: { shiftS: 0.1, gainSd: 0, lossesPerMinute: 1, lossS: 0.2 },
      },
    }),
  ).optional(), // absent: every epoch sees the samples as they were recorded
});
export type DescentSettings = z.infer<typeof DescentSettings>;

/** What a configuration says of these, whatever model it is for; its own schema has checked them (registry.ts). */
export const windowSettings = (model: ModelConfig): WindowSettings => WindowSettings.parse(model);
/** Of a model that learns by descent; of any other what it says of itself, the rest as usual. */
export const descentSettings = (model: ModelConfig): DescentSettings => DescentSettings.parse(model);
