import type { BaselineRule, Samples } from "../trace.ts";
import { ayresLevel } from "./ayres.ts";
import { luWeiLevel } from "./lu-wei.ts";
import { maedaLevel } from "./maeda.ts";
import { mantelLevel } from "./mantel.ts";
import { pardeyLevel } from "./pardey.ts";
import { asBaseline } from "./posterior.ts";
import { wmfbLevel } from "./wmfb.ts";
import { wrobelLevel } from "./wrobel.ts";

/** @param level of one value at least observed, a value a sample */
const rule = (
  name: BaselineRule["name"],
  source: string,
  level: (fhr: Samples) => Float64Array,
): BaselineRule => ({
  ...{ name, source, version: "1" },
  find: (fhr, anchors) => asBaseline(fhr.observed.includes(1) ? level(fhr) : undefined, fhr, anchors),
});

/** Every way to a baseline by rule, the usual one first. */
export const baselineRules: readonly BaselineRule[] = [
  rule("wmfb", "Boudet 2019, Comput Biol Med 114:103468: weighted median filter", wmfbLevel),
  rule("lu-wei", "Lu and Wei 2012: empirical mode decomposition", luWeiLevel),
  rule("wrobel", "Wróbel 2013: running myriad", wrobelLevel),
  rule("ayres", "Ayres-de-Campos 2000, J Matern Fetal Med 9:311: SisPorto 2.0", ayresLevel),
  rule("mantel", "Mantel 1990: trimmed low-pass of pulse intervals", mantelLevel),
  rule("pardey", "Pardey 2002: Dawes–Redman, clipped low-pass of pulse intervals", pardeyLevel),
  rule("maeda", "Maeda 2012: fullest bin of 5 min", maedaLevel),
];
