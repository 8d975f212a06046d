import { sampleAt } from "../../../signal/window.ts";
import type { Marked } from "../../model.ts";
import { TRUST_HZ, type TrustInput } from "./input.ts";

/** Codes of labels that say what is drawn is not the fetus, and of those that say it is. */
const FALSE_CODES: readonly string[] = ["false-signal", "maternal", "artefact"];
const TRUE_CODES: readonly string[] = ["true-signal", "good"];

/** What is known of a recording, a value a sample at 4 Hz. */
export interface Targets {
  readonly y: Uint8Array; // 1: false signal
  readonly weight: Uint8Array; // 1 where it was marked either way and a heart rate was observed
  readonly known: Int32Array; // samples with weight
  readonly false: Int32Array; // of them
}

/**
 * A sample belongs to the mark that holds it. Where marks of both kinds lie over each other, or over one that is unclear,
 * nothing is known; nor where nobody marked anything.
 */
export function targetsOf(
  { count, fhr }: TrustInput,
  { events, unclear }: Pick<Marked, "events" | "unclear">,
): Targets {
  const marked = (codes: readonly string[]): Uint8Array => {
    const is = new Uint8Array(count);
    for (const { code, onsetS, durationS } of events)
      if (codes.includes(code))
        is.fill(1, sampleAt(onsetS, TRUST_HZ), sampleAt(onsetS + durationS, TRUST_HZ));
    return is;
  };
  const [isFalse, isTrue] = [marked(FALSE_CODES), marked(TRUE_CODES)];
  for (const { onsetS, durationS } of unclear)
    for (const is of [isFalse, isTrue])
      is.fill(1, sampleAt(onsetS, TRUST_HZ), sampleAt(onsetS + durationS, TRUST_HZ)); // both: unknown
  const weight = fhr.observed.map((seen, i) => (seen === 1 && isFalse[i] !== isTrue[i] ? 1 : 0));
  const where = (holds: (i: number) => boolean): Int32Array =>
    Int32Array.from([...weight.keys()].filter((i) => weight[i] === 1 && holds(i)));
  return { y: isFalse, weight, known: where(() => true), false: where((i) => isFalse[i] === 1) };
}
