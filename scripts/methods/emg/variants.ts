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
  { name: "SDGM, one component", settings: { kind: "sdgm", components: 1 } },
  { name: "SDGM, two components", settings: { kind: "sdgm", components: 2 } },
  { name: "SDGM on a QDA", settings: { kind: "sdgm", components: 1, anchored: true } },
];

/** Least accuracy in percent that was asked for, by the name of the variant. */
export const goals: Readonly<
  Record<"myo" | "uci" | "unseen" | "one-percent" | "none", Readonly<Record<string, number>>>
> = {
  myo: {
    "Johnson-SU, bent alike": 97,
    "Johnson-SU, class by class": 97,
    "Johnson-SU network": 94.5,
    "SDGM, one component": 93.5,
    "SDGM, two components": 93.5,
    "SDGM on a QDA": 97,
  },
  uci: {
    "Johnson-SU, bent alike": 93,
    "Johnson-SU, class by class": 93,
    "Johnson-SU network": 93,
    "SDGM, one component": 92.5,
    "SDGM, two components": 92.5,
  },
  unseen: { "Johnson-SU network": 74 },
  "one-percent": { "Johnson-SU, unlabelled too": 95 },
  none: {},
};

/** Kinds that are what they are through unlabelled windows: with every label known they are the small network. */
export const semiSupervised: readonly string[] = [
  "curriculum-labelling",
  "fix-match",
  "pseudo-label",
  "vae-m2",
];

/** Those that integrate out what is missing, of whom few points lost are asked. */
export const integratesGaps: readonly string[] = [
  "lda",
  "qda",
  "Johnson-SU, bent alike",
  "Johnson-SU, class by class",
  "SDGM, two components",
  "coupled-softmax",
];
