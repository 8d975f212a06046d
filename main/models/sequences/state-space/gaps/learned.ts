import type { z } from "zod";
import { networksOf } from "../net/learned.ts";
import { GAP_INPUTS } from "./inputs.ts";

/** The networks that fill gaps. */
export const LearnedGaps = networksOf(GAP_INPUTS, 1);
export type LearnedGaps = z.infer<typeof LearnedGaps>;
