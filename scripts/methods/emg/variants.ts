import type { Variant } from "./fitted.ts";

/** Forms of methods worth telling apart; whatever else is registered comes as it is. LDA and QDA first: others are paired with them. */
export const named: readonly Variant[] = [
  { name: "lda", settings: { kind: "lda" } },
  { name: "qda", settings: { kind: "qda" } },
];

/** Least accuracy in percent that was asked for, by the name of the variant. */
export const goals: Readonly<
  Record<"myo" | "uci" | "unseen" | "one-percent" | "none", Readonly<Record<string, number>>>
> = { myo: {}, uci: {}, unseen: {}, "one-percent": {}, none: {} };
