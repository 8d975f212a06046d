import type { Words } from "../../../preload/contract/label-set.ts";

interface Asked {
  readonly name: Words;
  readonly hint: Words;
  readonly level: "plain" | "expert";
}

/** What a field of a set-up says of itself with `.meta(asked(...))`, in the shape in which models' settings say it too. */
export const asked = (
  name: readonly [en: string, ja: string],
  hint: readonly [en: string, ja: string],
  level: Asked["level"] = "plain",
): { readonly asked: Asked } => ({
  asked: { name: { en: name[0], ja: name[1] }, hint: { en: hint[0], ja: hint[1] }, level },
});
