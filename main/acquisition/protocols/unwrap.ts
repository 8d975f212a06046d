/** Numbers that a counter skipped: 0 where it says what was expected. */
export const counterGap = (counter: number, expected: number, modulus: number): number =>
  (((counter - expected) % modulus) + modulus) % modulus;

/**
 * Whole turns of a counter that a gap hides, after which frames stay `lateS` late: (elapsed x rate - gap) / modulus, never
 * below 0, where late = elapsed - gap / rate. Frames come late for other reasons too and early for none, but for the drift
 * of two clocks: three quarters of a turn are taken for delay, one quarter for drift.
 */
export const hiddenTurns = (lateS: number, rate: number, modulus: number): number =>
  Math.max(0, Math.floor((lateS * rate) / modulus + 1 - DELAY_TURNS));
/** Lateness, in turns, that hides none. */
export const DELAY_TURNS = 0.75;

/** From one reading of a counter to a later one, whole turns by what the host's clock lets expect, all in counts. */
export const unwrapped = (from: number, to: number, modulus: number, expected: number): number => {
  const within = counterGap(to, from, modulus);
  return within + modulus * Math.max(0, Math.round((expected - within) / modulus));
};

const WINDOW_S = 5; // short enough that a crystal 1000 ppm off drifts by no more than 10 ms

/**
 * How late frames arrive, against the earliest of the last 5 to 10 s. What waited in a buffer on its way comes late and the
 * next come less late, until they are on time again; after a loss that the counter hides all stay late, by the turns lost.
 */
export class Lateness {
  readonly #rate: number;
  #windowBeganS = 0;
  #now = { earliest: Infinity, latest: -Infinity };
  #before = { earliest: Infinity, latest: -Infinity };

  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Seconds; 0 while nothing is known. */
  of(index: number, arrivedS: number): number {
    const earliest = Math.min(this.#now.earliest, this.#before.earliest);
    return earliest === Infinity ? 0 : arrivedS - index / this.#rate - earliest;
  }

  /** Between the earliest and the latest, seconds: how far arrival can be trusted. */
  get spreadS(): number {
    const latest = Math.max(this.#now.latest, this.#before.latest);
    return latest === -Infinity ? 0 : latest - Math.min(this.#now.earliest, this.#before.earliest);
  }

  observe(index: number, arrivedS: number): void {
    if (arrivedS - this.#windowBeganS >= WINDOW_S) {
      if (this.#now.earliest < Infinity) this.#before = this.#now;
      this.#now = { earliest: Infinity, latest: -Infinity };
      this.#windowBeganS = arrivedS;
    }
    const offset = arrivedS - index / this.#rate;
    if (offset < this.#now.earliest) this.#now.earliest = offset;
    if (offset > this.#now.latest) this.#now.latest = offset;
  }

  clear(): void {
    this.#windowBeganS = 0;
    this.#now = { earliest: Infinity, latest: -Infinity };
    this.#before = { earliest: Infinity, latest: -Infinity };
  }
}
