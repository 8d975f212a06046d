import type { Variant } from "./fitted.ts";

/** Forms of methods worth telling apart; whatever else is registered comes as it is. LDA and QDA first: others are paired with them. */
export const named: readonly Variant[] = [
  { name: "lda", settings: { kind: "lda" } },
  { name: "qda", settings: { kind: "qda" } },
  { name: "logistic", settings: { kind: "logistic" } },
  { name: "quadratic logistic", settings: { kind: "logistic", borders: "quadratic" } },
  { name: "Johnson-SU, bent alike", settings: { kind: "johnson-su" } },
  { name: "Johnson-SU, class by class", settings: { kind: "johnson-su", form: "classes" } },
  { name: "Johnson-SU network", settings: { kind: "johnson-su", form: "network" } },
  { name: "Johnson-SU network, bent alike", settings: { kind: "johnson-su", form: "network-shared" } },
  { name: "Johnson-SU, unlabelled too", settings: { kind: "johnson-su", unlabelled: true } },
];

/** Least accuracy in percent that was asked for, by the name of the variant. */
export const goals: Readonly<
  Record<"myo" | "uci" | "unseen" | "one-percent" | "none", Readonly<Record<string, number>>>
> = {
  myo: { "Johnson-SU, bent alike": 97, "Johnson-SU, class by class": 97, "Johnson-SU network": 94.5 },
  uci: { "Johnson-SU, bent alike": 93, "Johnson-SU, class by class": 93, "Johnson-SU network": 93 },
  unseen: { "Johnson-SU network": 74 },
  "one-percent": { "Johnson-SU, unlabelled too": 95 },
  none: {},
};
