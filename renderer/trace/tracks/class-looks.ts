import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { BACKGROUND, classColours, className } from "../../ui/class-names.ts";
import type { LookOf } from "../../ui/pictures/look.ts";
import type { Scheme } from "../../ui/tokens.ts";
import type { Language } from "../../ui/words.ts";
import { paletteOf } from "./palette.ts";

/** How the classes of a run look; what is no class of it is called as it is. */
export function looksOf(
  classes: readonly string[],
  labelSets: readonly LabelSet[],
  { language, scheme }: { readonly language: Language; readonly scheme: Scheme },
): LookOf {
  const colours = classColours(classes, labelSets, scheme, paletteOf(scheme).ofLabel);
  const labels = labelSets.flatMap((set) => set.labels);
  return (code) => {
    const at = classes.indexOf(code);
    const name = at < 0 ? code : className(code, labelSets, language);
    const letter = labels.find((one) => one.code === code)?.letter ?? (code === BACKGROUND ? "–" : "");
    return {
      name,
      letter: letter === "" ? name.slice(0, 1).toUpperCase() : letter,
      colour: colours[at] ?? "var(--kodo-accent)",
    };
  };
}
