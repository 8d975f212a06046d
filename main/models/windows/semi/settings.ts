import { z } from "zod";
import { asked } from "../../form.ts";
import { DescentSettings } from "../settings.ts";

/** Settings that several methods of this folder share. */

export const hiddenSetting = z
  .number()
  .int()
  .min(4)
  .max(1024)
  .default(64)
  .meta(asked({ name: { en: "Units of each hidden layer", ja: "各隠れ層のユニット数" }, level: "expert" }));

/** Of everything here that learns by descent. Unlabelled windows stay so: nobody is adapted to. */
export const semiSettings = { ...DescentSettings.omit({ adaptation: true }).shape, hidden: hiddenSetting };

/** Of what takes sure predictions for labels. */
export const thresholdSetting = z
  .number()
  .min(0.5)
  .max(0.999)
  .default(0.95)
  .meta(
    asked({
      name: { en: "Least probability of a taken label (τ)", ja: "ラベルとして採用する確率の下限（τ）" },
      level: "expert",
    }),
  );

/** By the letter that the method's formula has for it. */
export const unlabelledWeightSetting = (letter: string) =>
  z
    .number()
    .nonnegative()
    .max(100)
    .default(0.3)
    .meta(
      asked({
        name: {
          en: `Weight of windows without a label (${letter})`,
          ja: `ラベルなしの窓の重み（${letter}）`,
        },
        hint: {
          en: "Of one such window beside one with a label; a batch has up to three times as many of them",
          ja: "ラベル付きの窓1つに対する重み。1バッチにはラベルなしの窓が最大3倍含まれます",
        },
        level: "expert",
      }),
    );
