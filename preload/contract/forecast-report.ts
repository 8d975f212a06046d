import { z } from "zod";
import { PairedComparison } from "./paired.ts";

const Count = z.number().int().nonnegative();
const perHorizon = z.array(z.number().nullable()); // null where nothing was observed, or something came that had been ruled out

/** Scores of one method at each horizon: negative log likelihood in nats and CRPS in the unit of the channel, a mean over observed samples. */
const Scores = z.object({ nll: perHorizon, crps: perHorizon });

/** How what was looked ahead came true in recordings of people never trained on. */
export const ForecastReport = z.object({
  recordings: Count,
  subjects: z.array(z.string()),
  validation: z.array(z.string()), // people by whose recordings it was calibrated
  unit: z.string(),
  horizonsS: z.array(z.number().positive()),
  samples: z.array(Count), // observed, a horizon
  own: Scores,
  floors: z.array(
    z.object({
      name: z.string(), // "local-level", "ar5"
      scores: Scores,
      nll: z.array(PairedComparison.nullable()), // own minus floor over recordings, a horizon; negative is better, and "better" counts recordings in which it is
      crps: z.array(PairedComparison.nullable()),
    }),
  ),
  coverage: z.array(
    z.object({
      share: z.number().min(0).max(1), // of what comes that the band should hold
      reached: perHorizon,
      perRecording: z.array(z.object({ low: z.number(), high: z.number() }).nullable()), // a tenth of the recordings lies below, a tenth above
      byMissing: z.array(
        z.object({ from: z.number(), to: z.number(), samples: z.array(Count), reached: perHorizon }),
      ), // by the share missing in the minute before
    }),
  ),
  pit: z.array(z.array(z.number())), // a horizon: shares of 20 equal bins of the predicted distribution; 0.05 each is right
  branches: z
    .array(
      z.object({
        code: z.string(),
        share: z.number(), // of moments after which it was the first to begin within the horizon
        auroc: z.number().nullable(),
        ece: z.number().nullable(),
        aurocInterval: z.object({ low: z.number(), high: z.number() }).nullable(),
      }),
    )
    .default([]),
});
export type ForecastReport = z.infer<typeof ForecastReport>;
