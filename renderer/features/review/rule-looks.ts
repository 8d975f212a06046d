import { CtgEngine } from "../../../preload/contract/ctg.ts";
import { wordIn } from "../../../preload/contract/label-set.ts";
import { ruleClasses, ruleEngineNames } from "../../../preload/contract/rule-sentences.ts";
import type { DrawnLabel } from "../../trace/tracks/kind.ts";
import type { Palette } from "../../trace/tracks/palette.ts";
import type { Language } from "../../ui/words.ts";

const ramp = ["class1", "class2", "class3", "class4", "class5"] as const;

/** Of variability, which has bands of its own: what is normal is calm, reduced and increased stand out. */
const bands: Readonly<Record<string, { readonly en: string; readonly ja: string; readonly rank: number }>> = {
  absent: { en: "absent", ja: "消失", rank: 5 },
  reduced: { en: "reduced", ja: "減少", rank: 3 },
  normal: { en: "normal", ja: "正常", rank: 1 },
  increased: { en: "increased", ja: "増加", rank: 4 },
};

export const isEngine = (scheme: string): scheme is CtgEngine => CtgEngine.safeParse(scheme).success;

/** How a class of a scheme is drawn: never by its colour alone. */
export function verdictLook(scheme: string, code: string, language: Language, palette: Palette): DrawnLabel {
  const colourOf = (rank: number): string => palette.tokens[ramp[rank - 1] ?? "class1"];
  if (isEngine(scheme)) {
    const known = ruleClasses[scheme].find((one) => one.code === code);
    if (known !== undefined)
      return { name: wordIn(known.name, language), letter: known.letter, colour: colourOf(known.rank) };
  }
  const band = bands[code];
  return {
    name: band?.[language] ?? code,
    letter: (band?.[language] ?? code).slice(0, 1),
    colour: colourOf(band?.rank ?? 1),
  };
}

export const engineName = (engine: CtgEngine, language: Language): string =>
  wordIn(ruleEngineNames[engine], language);

/** As it stands beside a ribbon. */
const shortNames: Readonly<Record<CtgEngine, { readonly en: string; readonly ja: string }>> = {
  "figo-2015": { en: "FIGO", ja: "FIGO" },
  "nichd-2008": { en: "NICHD", ja: "NICHD" },
  "jsog-2010": { en: "JSOG", ja: "JSOG" },
  antepartum: { en: "antepartum", ja: "分娩前" },
};
export const shortEngineName = (engine: CtgEngine, language: Language): string =>
  shortNames[engine][language];
