import type { BaselineRule, Samples } from "../trace.ts";
import { ayresLevel } from "./ayres.ts";
import { luWeiLevel } from "./lu-wei.ts";
import { maedaLevel } from "./maeda.ts";
import { mantelLevel } from "./mantel.ts";
import { pardeyLevel } from "./pardey.ts";
import { asBaseline } from "./posterior.ts";
import { wmfbLevel } from "./wmfb.ts";
import { wrobelLevel } from "./wrobel.ts";

/** How a method finds its line where anything is observed, and how far it strays on its own (see posterior.ts). */
interface Method {
  readonly name: BaselineRule["name"];
  readonly source: string;
  readonly level: (fhr: Samples) => Float64Array;
  readonly ownSd: number; // beats a minute
}

const rule = ({ name, source, level, ownSd }: Method): BaselineRule => ({
  ...{ name, source, version: "1" },
  find: (fhr, anchors) => {
    const line = fhr.observed.includes(1) ? { level: level(fhr), ownSd } : undefined;
    return asBaseline(line, fhr, anchors);
  },
});

/** Every way to a baseline by rule, the usual one first. */
export const baselineRules: readonly BaselineRule[] = [
  {
    name: "wmfb" as const,
    source: "Boudet 2019, Comput Biol Med 114:103468: weighted median filter",
    level: wmfbLevel,
    ownSd: 1,
  },
  {
    name: "lu-wei" as const,
    source: "Lu and Wei 2012: empirical mode decomposition",
    level: luWeiLevel,
    ownSd: 1,
  },
  { name: "wrobel" as const, source: "Wróbel 2013: running myriad", level: wrobelLevel, ownSd: 1 },
  {
    name: "ayres" as const,
    source: "Ayres-de-Campos 2000, J Matern Fetal Med 9:311: SisPorto 2.0",
    level: ayresLevel,
    ownSd: 2.5,
  },
  {
    name: "mantel" as const,
    source: "Mantel 1990: trimmed low-pass of pulse intervals",
    level: mantelLevel,
    ownSd: 11.5,
  },
  {
    name: "pardey" as const,
    source: "Pardey 2002: Dawes–Redman, clipped low-pass of pulse intervals",
    level: pardeyLevel,
    ownSd: 3,
  },
  { name: "maeda" as const, source: "Maeda 2012: fullest bin of 5 min", level: maedaLevel, ownSd: 3 },
].map(rule);
