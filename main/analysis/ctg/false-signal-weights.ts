/*
 * Weights of the features of false-signal-features.ts, in their order. [M] measured here.
 * Logistic regression (Newton, ridge 10) on every eighth marked sample of the false-signal set of FHRMA (Boudet et al.,
 * Biosensors 12:691, 2022), files whose number is not divisible by 5, the ten that repeat others left out: 406 ultrasound
 * and 122 scalp recordings. With a maternal heart rate observed around: 198,500 samples, 13.6 % false. Without: 131,600
 * more, and the former again as they look with the maternal heart rate taken away. What they reach on the other files
 * stands in scripts/methods/RESULTS.md (false-signal); scripts/methods/signal-trust/logistic.ts fits them.
 */

/** Of all features. */
export const withMhr: readonly number[] = [
  -5.25, -1.462, 1.674, -1.705, 0.5608, 0.5135, 0.03089, 1.691, -0.05191, 2.901, 2.415, 2.287, -0.1144,
  -4.005, -5.25, -0.06428, 0.1626, 0.4487, 1.004, 3.564, 6.962, 0.09102, 0.05488, -0.4457, 0.3208,
];

/** Of those that need no maternal heart rate beside. */
export const withoutMhr: readonly number[] = [
  -3.757, -3.142, 1.82, -2.505, 0.8905, 0.294, -0.2355, 0.1115, -0.3258, 3.45, 1.099, 1.033, -0.2351, -5.445,
  -0.1967, -0.0193, 1.554, 1.909,
];
