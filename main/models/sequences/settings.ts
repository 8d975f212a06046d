import { z } from "zod";
import { asked } from "../form.ts";
import type { Words } from "../../../preload/contract/label-set.ts";

/** How long a model of whole recordings trains, as it is asked for. */
export const trainingLength = z
  .number()
  .min(0.02)
  .max(10)
  .default(1)
  .meta(
    asked({
      name: { en: "Length of training, times the usual", ja: "学習の長さ（既定の何倍か）" },
      level: "expert",
    }),
  );

/** How many networks learn the same, told why it matters here. */
export const networksAsked = (
  hint: Words,
  name: Words = { en: "Networks", ja: "ネットワーク数" },
  usual = 2,
): z.ZodDefault<z.ZodNumber> =>
  z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(usual)
    .meta(asked({ name, hint, level: "plain" }));

/** The share of channels left out at random while learning. */
export const dropoutAsked = z
  .number()
  .min(0)
  .max(0.9)
  .default(0.1)
  .meta(asked({ name: { en: "Dropout", ja: "ドロップアウト" }, level: "expert" }));

/** Where a fit stood, written by that very fit: looked at only as far as to tell that it is one. */
export const placeWith = <Place extends object>(...keys: readonly (keyof Place & string)[]) =>
  z
    .custom<Place>(
      (value) => typeof value === "object" && value !== null && keys.every((key) => key in value),
    )
    .optional();
