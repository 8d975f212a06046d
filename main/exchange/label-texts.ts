import type { Annotation } from "../../preload/contract/annotation.ts";
import { wordIn, type LabelSet } from "../../preload/contract/label-set.ts";
import type { AsyncLibrary } from "../storage/api.ts";

type Labelled = Pick<Annotation, "label" | "labelSet" | "labelSetVersion" | "text">;

/** What annotations are called outside Kodo. */
export interface LabelTexts {
  /** The text for a file: as it came, where it came from one, else the label's name in the language of the library. */
  readonly forFile: (annotation: Labelled) => string;
  /** Every name its label has, for recognising it. */
  readonly textOf: (annotation: Labelled) => readonly string[];
}

/** The names that some annotations' labels have, in the newest version of their set, else in the one they were given under. */
export async function labelTexts(
  library: AsyncLibrary,
  annotations: readonly Labelled[],
): Promise<LabelTexts> {
  const language = (await library.getSettings()).language === "ja" ? "ja" : "en";
  const names = new Map<string, LabelSet["name"]>();
  const keyOf = (set: string, code: string): string => `${set} ${code}`;
  const take = ({ id, labels }: LabelSet): void => {
    for (const { code, name } of labels) if (!names.has(keyOf(id, code))) names.set(keyOf(id, code), name);
  };
  (await library.listLabelSets()).forEach(take);
  for (const { label, labelSet, labelSetVersion } of annotations)
    if (!names.has(keyOf(labelSet, label))) take(await library.getLabelSet(labelSet, labelSetVersion));
  const nameOf = ({ labelSet, label }: Labelled): LabelSet["name"] | undefined =>
    names.get(keyOf(labelSet, label));
  return {
    forFile: (annotation) => {
      const name = nameOf(annotation);
      return annotation.text ?? (name === undefined ? annotation.label : wordIn(name, language));
    },
    textOf: (annotation) => {
      const name = nameOf(annotation);
      return name === undefined ? [] : [name.en, name.ja];
    },
  };
}
