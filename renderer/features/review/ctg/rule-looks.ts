import type { CtgEngine } from "../../../../preload/contract/ctg.ts";
import { wordIn } from "../../../../preload/contract/label-set.ts";
import { ruleEngineNames } from "../../../../preload/contract/rule-sentences.ts";
import { classLook, shortEngineNames } from "../../../../preload/strip/classes.ts";
import type { DrawnLabel } from "../../../trace/tracks/kind.ts";
import type { Palette } from "../../../trace/tracks/palette.ts";
import type { Language } from "../../../ui/words.ts";

/** How a class of a scheme is drawn: never by its colour alone. */
export function verdictLook(scheme: string, code: string, language: Language, palette: Palette): DrawnLabel {
  const look = classLook(scheme, code);
  const name = wordIn(look.name, language);
  return { name, letter: look.letter ?? name.slice(0, 1), colour: palette.tokens[look.colour] };
}

export const engineName = (engine: CtgEngine, language: Language): string =>
  wordIn(ruleEngineNames[engine], language);

/** As it stands beside a ribbon. */
export const shortEngineName = (engine: CtgEngine, language: Language): string =>
  wordIn(shortEngineNames[engine], language);
