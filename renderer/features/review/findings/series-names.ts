import type { DrawnLabel } from "../../../trace/tracks/kind.ts";
import type { Palette } from "../../../trace/tracks/palette.ts";
import type { TokenName } from "../../../ui/tokens.ts";
import { inLanguage, type Language } from "../../../ui/words.ts";

interface SeriesName {
  readonly en: string;
  readonly ja: string;
  readonly letter: string;
  readonly colour: TokenName;
}

/** What models over time say that no label set has a name for. */
const names = new Map<string, SeriesName>(
  Object.entries({
    none: { en: "no event", ja: "変化なし", letter: "–", colour: "dim" },
    baseline: { en: "baseline", ja: "基線", letter: "B", colour: "accent" },
    reduced: { en: "reduced", ja: "減少", letter: "R", colour: "contraction" },
    moderate: { en: "moderate", ja: "中等度", letter: "M", colour: "accent" },
    increased: { en: "increased", ja: "増加", letter: "I", colour: "deceleration" },
    surprise: { en: "one-step surprise", ja: "1歩先の意外さ", letter: "S", colour: "dim" },
    "fork-index": { en: "fork index 0–1", ja: "分岐の指標 0–1", letter: "F", colour: "ink" },
  }),
);

export function seriesLook(name: string, language: Language, { tokens }: Palette): DrawnLabel | undefined {
  const known = names.get(name);
  return known && { name: inLanguage(known, language), letter: known.letter, colour: tokens[known.colour] };
}
