import { z } from "zod";

/** One rise and fall of the learning rate, with a fresh optimiser. */
const Cycle = z.object({
  steps: z.number().int().min(1).max(50_000),
  rate: z.number().positive().max(0.1),
});

export const SignalTrustConfig = z.object({
  seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(0),
  /** No sample is judged by later ones: for a recording that is under way. */
  pastOnly: z.boolean().default(false),
  /** Networks; the mean logit of all is what is said, their spread its band. */
  members: z.number().int().min(1).max(10).default(2),
  cycles: z
    .array(Cycle)
    .min(1)
    .max(50)
    .default([
      { steps: 1500, rate: 4e-3 },
      { steps: 1200, rate: 2.5e-3 },
      { steps: 1200, rate: 2.5e-3 },
      { steps: 1200, rate: 2.5e-3 },
    ]),
  /** Of each network, at the ends of so many last cycles: they are averaged like networks of their own. */
  kept: z.number().int().min(1).max(50).default(3),
  cropSamples: z.number().int().min(1024).max(32_768).multipleOf(128).default(4096),
  batch: z.number().int().min(1).max(256).default(16),
  weightDecay: z.number().min(0).max(1).default(1e-3),
  clipNorm: z.number().positive().max(1000).default(1),
  averaging: z.number().min(0).max(0.9999).default(0.99),
  dropout: z.number().min(0).max(0.9).default(0.1),
  /** Of the crops: so many lie around a sample that was marked as false. */
  aroundFalse: z.number().min(0).max(1).default(0.3),
  /** Of the crops: so many have no maternal heart rate at all. */
  withoutMhr: z.number().min(0).max(1).default(0.1),
  /** Of the crops, for each channel by itself: so many lose 5 to 40 % of it in short stretches. */
  hiddenShare: z.number().min(0).max(1).default(0.3),
  /** Both heart rates are moved together by up to so much, in beats a minute. */
  shiftBpm: z.number().min(0).max(40).default(12),
});
export type SignalTrustConfig = z.infer<typeof SignalTrustConfig>;

/** Sets of parameters that a fit ends with. */
export const partsOf = ({ members, cycles, kept }: SignalTrustConfig): number =>
  members * Math.min(kept, cycles.length);
