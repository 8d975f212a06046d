import type { LabelSet } from "../../preload/contract/label-set.ts";
import type { Problem } from "../../preload/contract/run.ts";
import { categorical } from "../../preload/strip/colours.ts";
import { common } from "./common-words.ts";
import { tokensOf, type Scheme } from "./tokens.ts";
import { inLanguage, translate, type Language } from "./words.ts";

/** The class a window without an annotation belongs to. */
export const BACKGROUND = "none";

const labelOf = (code: string, labelSets: readonly LabelSet[]) =>
  labelSets.flatMap((set) => set.labels).find((one) => one.code === code);

/** The name of a class in the language on screen; its code where no label set knows it. */
export function className(code: string, labelSets: readonly LabelSet[], language: Language): string {
  if (code === BACKGROUND) return translate(common, language)("class.none");
  const label = labelOf(code, labelSets);
  return label ? inLanguage(label.name, language) : code;
}

/** What keeps a training from starting calls a label as every page does, not by its code. */
export function withLabelNames(
  problem: Problem,
  labelSets: readonly LabelSet[],
  language: Language,
): Problem {
  const { label } = problem.values;
  if (typeof label !== "string") return problem;
  return { ...problem, values: { ...problem.values, label: className(label, labelSets, language) } };
}

/** The colour of each class: its label's, as `ofLabel` draws it in this scheme. The background is grey. */
export function classColours(
  classes: readonly string[],
  labelSets: readonly LabelSet[],
  scheme: Scheme,
  ofLabel: (colour: string) => string,
): readonly string[] {
  return classes.map((code, i) => {
    if (code === BACKGROUND) return tokensOf(scheme).dim;
    const colour = labelOf(code, labelSets)?.colour;
    return colour === undefined
      ? (categorical[scheme][i % categorical[scheme].length] as string)
      : ofLabel(colour);
  });
}
