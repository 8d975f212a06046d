import { CounterCheck, type Verdict } from "../counter-check.ts";
import { unwrapped } from "../unwrap.ts";
import { COUNTER_TURN } from "./setup.ts";

/** More missing frames than this may be a counter that began anew. */
const STEP_MAX = 1000;
const TIME_TURN_US = 2 ** 32;
/** Device and host may differ by this over a gap, and by a hundredth of it: else the device began anew. */
const DISAGREEMENT_S = 1;

interface Stamp {
  readonly counter: number;
  readonly timeUs: number;
}

/** Samples missing before a data frame; with `uncertainty` the host's clock told. */
export interface Missing {
  readonly count: number;
  readonly uncertainty?: number;
}

/**
 * Where a data frame stands among the samples. The counter counts frames of every kind, so it says that frames are missing
 * and how many at most; how many samples those held the device's time of the first sample says. After a restart both begin
 * anew, and the host's clock has to do.
 */
export class Timeline {
  readonly #rate: number;
  readonly #counter = new CounterCheck(COUNTER_TURN);
  #missingFrames = 0; // of any kind, since the last data frame
  #last: { readonly timeUs: number; readonly samples: number; readonly arrivedS: number } | undefined;

  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Whether a frame of any kind may be believed. */
  accepts({ counter }: Stamp, arrivedS: number): Verdict["is"] {
    const verdict = this.#counter.take(counter, arrivedS);
    if (verdict.is !== "doubtful") this.#missingFrames += verdict.gap;
    return verdict.is;
  }

  /** A data frame that was accepted. */
  place({ timeUs }: Stamp, samples: number, arrivedS: number): Missing {
    const last = this.#last;
    const missingFrames = this.#missingFrames;
    this.#last = { timeUs, samples, arrivedS };
    this.#missingFrames = 0;
    if (last === undefined) return { count: 0 };
    const hostS = arrivedS - last.arrivedS;
    const deviceS = unwrapped(last.timeUs, timeUs, TIME_TURN_US, hostS * 1e6) / 1e6;
    // Frames of a whole turn may be missing where none seems to be.
    const turnS = (COUNTER_TURN * samples) / this.#rate;
    if (missingFrames === 0 && hostS < turnS / 2) return { count: 0 };
    const byDevice = this.#wholeFrames(deviceS, last.samples, samples);
    if (missingFrames < STEP_MAX && hostS < turnS / 2)
      return { count: Math.min(byDevice, missingFrames * samples) };
    const agrees = Math.abs(byDevice / samples - missingFrames) <= 1;
    if (agrees || Math.abs(deviceS - hostS) <= DISAGREEMENT_S + hostS / 100) return { count: byDevice };
    const count = this.#wholeFrames(hostS, last.samples, samples);
    return { count, uncertainty: samples + Math.ceil(DISAGREEMENT_S * this.#rate) };
  }

  /** Samples between the end of the last frame and a time so much later than its begin, in whole frames. */
  #wholeFrames(elapsedS: number, lastSamples: number, samples: number): number {
    const between = elapsedS * this.#rate - lastSamples;
    return Math.max(0, Math.round(between / samples) * samples);
  }

  /** Samples from the next one to a device time: negative for one that has been. */
  samplesTo({ timeUs }: Stamp): number {
    if (this.#last === undefined) return 0;
    const deviceS = (((timeUs - this.#last.timeUs) << 0) >> 0) / 1e6; // the shorter way round
    return Math.round(deviceS * this.#rate) - this.#last.samples;
  }
}
