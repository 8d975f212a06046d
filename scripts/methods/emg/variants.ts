import type { Variant } from "./fitted.ts";

/** Forms of methods worth telling apart; whatever else is registered comes as it is. LDA and QDA first: others are paired with them. */
export const named: readonly Variant[] = [
  { name: "lda", settings: { kind: "lda" } },
  { name: "qda", settings: { kind: "qda" } },
  { name: "qda, three tenths shared", settings: { kind: "qda", shrink: 0.3 } },
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

/** Draws what is missing many times over, which takes minutes a fold; here it is judged on what is complete alone. */
export const completeAlone: readonly Variant[] = [
  {
    name: "SDGM, one component, nothing missing",
    settings: { kind: "sdgm", components: 1 },
    judges: 1,
  },
];

/** Those that a long window may bring most: the discriminants, and what was best on people never seen by short ones. */
export const onLongWindows: readonly Variant[] = [
  ...named.filter(({ name }) =>
    [
      "lda",
      "qda",
      "qda, three tenths shared",
      "quadratic logistic",
      "Johnson-SU network, bent alike",
    ].includes(name),
  ),
  ...["identity-coupled", "identity-sdgm", "small-network"].map((kind) => ({
    name: kind,
    settings: { kind },
  })),
  ...["identity-coupled", "small-network"].map((kind) => ({
    ...{ name: `${kind}, five members`, settings: { kind }, members: 5 }, // as the application asks them
  })),
];

/** Of envelopes, which are skewed: what bending is worth. */
export const enveloped: readonly Variant[] = named.filter(({ name }) =>
  ["lda", "qda", "logistic", "Johnson-SU, bent alike", "Johnson-SU, class by class"].includes(name),
);

const poolings = { max: "maximum", mean: "mean", regularised: "regularised", parameterised: "learned" };

/** Of the samples themselves, everything but the pooling the same. */
export const convolutions: readonly Variant[] = Object.entries(poolings).map(([pooling, name]) => ({
  name: `convolution, ${name} pooling`,
  settings: { kind: "raw-conv", pooling },
}));

/** Least accuracy in percent that was asked for, by the name of the variant. */
export const goals: Readonly<
  Record<"myo" | "uci" | "envelopes" | "unseen" | "onePercent", Readonly<Record<string, number>>>
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
  envelopes: { "Johnson-SU, bent alike": 95 },
  unseen: { "Johnson-SU network": 74 },
  onePercent: { "Johnson-SU, unlabelled too": 95 },
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
  "qda, three tenths shared",
  "Johnson-SU, bent alike",
  "Johnson-SU, class by class",
  "SDGM, two components",
  "coupled-softmax",
  "identity-coupled",
  "identity-sdgm",
  "small-network",
];
