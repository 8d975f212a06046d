import { z } from "zod";
import { asked } from "../form.ts";

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
