import { z } from "zod";
import { Calibration } from "./calibration.ts";
import { Drive } from "./drive.ts";
import { LearnedGaps } from "./gaps/learned.ts";
import { LearnedNet } from "./net/learned.ts";
import { LearnedEvents } from "./readers/events.ts";

const rise = z.number().min(0).max(5);
const step = z.number().min(0).max(1e4);

/** See Dynamics. */
const LearnedDynamics = z.object({
  ...{ baselineStep: step, slowTime: z.number().min(1).max(1e5), slowStep: step, fastStep: step },
  echo: z
    .tuple([z.number().min(-2).max(2), z.number().min(-1).max(1)])
    // Both roots of 1 = c₁/x + c₂/x² lie inside the unit circle: the deviation comes to rest.
    .refine(([now, before]) => Math.abs(now) < 1 - before, "the deviation never comes to rest")
    .readonly(),
  ...{ noise: z.number().min(1e-12).max(1e4), tails: z.number().min(1).max(1e3), caution: rise },
  ...{ fastRise: rise, fastFall: z.number().min(0).max(1), slowRise: rise },
  gain: z.object({
    mean: z.number().min(-100).max(100),
    sd: z.number().min(0).max(100),
    step: z.number().min(0).max(10),
  }),
});

/** What is saved: everything that following a recording needs. */
export const LearnedStateSpace = z.object({
  isRate: z.boolean(), // of beats a minute, with contractions beside it
  unit: z.number().min(1e-45).max(1e39), // of the channel, that counts as one
  regimes: z.boolean(),
  dynamics: LearnedDynamics,
  calibration: Calibration, // without a drive
  drive: z.object({ input: Drive, calibration: Calibration }).nullable(),
  notable: z.number().min(0).max(1e3), // of the surprise: where one in a hundred lies above, nats
  shares: z.array(z.object({ name: z.string().max(100), share: z.number() })).max(10), // of the variance, by what moves
  network: LearnedNet.nullable(),
  gaps: LearnedGaps.nullable(),
  events: LearnedEvents.nullable().default(null), // regimes of their own; older files have none
});
export type LearnedStateSpace = z.infer<typeof LearnedStateSpace>;
