import { featuresOf, type LocalSignal, WITHOUT_MHR } from "./false-signal-features.ts";
import { withMhr, withoutMhr } from "./false-signal-weights.ts";
import { CTG_HZ } from "./trace.ts";

/** Without a maternal heart rate beside it a probability between these says too little to be shown. */
const UNKNOWN = [0.2, 0.8] as const;
const BESIDE_S = 15; // on each side

/** How likely what is drawn as the fetal heart rate is something else, a value a sample at 4 Hz. */
export interface FalseSignal {
  readonly probability: Float64Array; // 0 where no heart rate was observed
  readonly hasMhr: Uint8Array; // 1 where a maternal heart rate was observed around
  readonly isKnown: Uint8Array; // 0 where it cannot be assessed: unobserved, or no maternal rate and neither likely nor unlikely
}

/**
 * A logistic regression of what the heart rate looks like around each sample, with and without a maternal one beside it;
 * for where no network has been trained (main/models/sequences/signal-trust). Much of what it does without a maternal
 * heart rate is to say that it does not know.
 */
export function falseSignal(signal: LocalSignal): FalseSignal {
  const { observed } = signal.fhr;
  const hasMhr = mhrBeside(signal.mhr?.observed ?? new Uint8Array(observed.length));
  const feature = featuresOf(signal);
  const [all, alone] = [new Float64Array(withMhr.length), new Float64Array(WITHOUT_MHR)];
  const probability = new Float64Array(observed.length);
  const isKnown = new Uint8Array(observed.length);
  for (let i = 0; i < observed.length; i += 1) {
    if (observed[i] !== 1) continue;
    const isBeside = hasMhr[i] === 1;
    const [features, weights] = isBeside ? [all, withMhr] : [alone, withoutMhr];
    feature(i, isBeside, features);
    const p = 1 / (1 + Math.exp(-features.reduce((sum, value, k) => sum + value * (weights[k] ?? 0), 0)));
    probability[i] = p;
    isKnown[i] = Number(isBeside || p < UNKNOWN[0] || p > UNKNOWN[1]);
  }
  return { probability, hasMhr, isKnown };
}

/** 1 where at least half of the samples of 15 s around have a maternal heart rate: single ones that are missing do not count. */
export function mhrBeside(observed: Uint8Array): Uint8Array {
  const reach = BESIDE_S * CTG_HZ;
  let seen = 0;
  const upTo = Int32Array.from(observed, (is) => (seen += is));
  return observed.map((_, i) => {
    const [first, last] = [Math.max(0, i - reach), Math.min(observed.length - 1, i + reach)];
    const count = (upTo[last] ?? 0) - (upTo[first - 1] ?? 0);
    return 2 * count >= last - first + 1 ? 1 : 0;
  });
}
