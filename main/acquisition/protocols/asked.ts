import type { Words } from "../../../preload/contract/label-set.ts";

interface Asked {
  readonly name: Words;
  readonly hint: Words;
  readonly level: "plain" | "expert";
  readonly choices?: Readonly<Record<string, Words>>; // what each value of a choice is called
}

/** What a field of a set-up says of itself with `.meta(asked(...))`, in the shape in which models' settings say it too. */
export const asked = (
  name: readonly [en: string, ja: string],
  hint: readonly [en: string, ja: string],
  level: Asked["level"] = "plain",
  choices?: Readonly<Record<string, readonly [en: string, ja: string]>>,
): { readonly asked: Asked } => ({
  asked: {
    ...{ name: wordsOf(name), hint: wordsOf(hint), level },
    ...(choices && {
      choices: Object.fromEntries(Object.entries(choices).map(([value, words]) => [value, wordsOf(words)])),
    }),
  },
});

const wordsOf = ([en, ja]: readonly [en: string, ja: string]): Words => ({ en, ja });
