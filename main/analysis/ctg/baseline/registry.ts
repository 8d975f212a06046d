import type { BaselineRule } from "../trace.ts";
import { asBaseline } from "./posterior.ts";
import { wmfbLevel } from "./wmfb.ts";

/** Every way to a baseline by rule, the usual one first. */
export const baselineRules: readonly BaselineRule[] = [
  {
    name: "wmfb",
    version: "1",
    source: "Boudet 2019, Comput Biol Med 114:103468: weighted median filter",
    find: (fhr, anchors) => asBaseline(wmfbLevel(fhr), fhr, anchors),
  },
];
