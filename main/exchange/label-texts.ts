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
  const texts = await LabelNames.open(library);
  await texts.learn(annotations);
  return texts;
}

/** The same for annotations that come some at a time: sets are asked for once. */
export class LabelNames implements LabelTexts {
  readonly #library: AsyncLibrary;
  readonly #language: "en" | "ja";
  readonly #names = new Map<string, LabelSet["name"]>();

  private constructor(library: AsyncLibrary, language: "en" | "ja", sets: readonly LabelSet[]) {
    this.#library = library;
    this.#language = language;
    for (const set of sets) this.#take(set);
  }

  static async open(library: AsyncLibrary): Promise<LabelNames> {
    const language = (await library.getSettings()).language === "ja" ? "ja" : "en";
    return new LabelNames(library, language, await library.listLabelSets());
  }

  /** To be awaited before what comes is asked about. */
  async learn(annotations: readonly Labelled[]): Promise<void> {
    for (const { label, labelSet, labelSetVersion } of annotations)
      if (!this.#names.has(keyOf(labelSet, label)))
        this.#take(await this.#library.getLabelSet(labelSet, labelSetVersion));
  }

  readonly forFile = (annotation: Labelled): string => {
    const name = this.#nameOf(annotation);
    return annotation.text ?? (name === undefined ? annotation.label : wordIn(name, this.#language));
  };

  readonly textOf = (annotation: Labelled): readonly string[] => {
    const name = this.#nameOf(annotation);
    return name === undefined ? [] : [name.en, name.ja];
  };

  #nameOf({ labelSet, label }: Labelled): LabelSet["name"] | undefined {
    return this.#names.get(keyOf(labelSet, label));
  }

  #take({ id, labels }: LabelSet): void {
    for (const { code, name } of labels)
      if (!this.#names.has(keyOf(id, code))) this.#names.set(keyOf(id, code), name);
  }
}

const keyOf = (set: string, code: string): string => `${set} ${code}`;
