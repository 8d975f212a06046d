import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import type { DrawnLabel } from "../../../trace/tracks/kind.ts";
import type { Palette } from "../../../trace/tracks/palette.ts";
import { inLanguage, type Language } from "../../../ui/words.ts";
import { labelInSets } from "./findings.ts";
import { seriesLook } from "./series-names.ts";

/** How a code is called and coloured: as its label in a set, else as the series of that name, else as itself. */
export function codeLook(
  code: string,
  { sets, setId }: { readonly sets: readonly LabelSet[]; readonly setId: string | undefined },
  language: Language,
  palette: Palette,
): DrawnLabel {
  const label = labelInSets(code, sets, setId);
  if (label !== undefined)
    return {
      ...{ name: inLanguage(label.name, language), letter: label.letter },
      colour: palette.ofLabel(label.colour),
    };
  const unknown = {
    ...{ name: code, letter: code.slice(0, 1).toUpperCase() },
    colour: palette.tokens.accent,
  };
  return seriesLook(code, language, palette) ?? unknown;
}
