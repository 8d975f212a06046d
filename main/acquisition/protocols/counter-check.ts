import { counterGap } from "./unwrap.ts";

/** A larger step is believed only after silence, or when the next frame goes on from it. */
const STEP_MAX = 1000; // frames
const SILENCE_S = 0.5;

export interface Verdict {
  /** "confirms": it may be believed, and so may the last frame, which was doubted. */
  readonly is: "follows" | "confirms" | "doubtful";
  /** Numbers that the counter skipped, before the doubted frame where this one confirms it. */
  readonly gap: number;
}

/** Whether a frame's counter may be believed: a checksum passes some damaged frames by chance. */
export class CounterCheck {
  readonly #turn: number;
  #expected: number | undefined;
  #doubted: number | undefined; // counter that would confirm the last frame
  #heardS = 0; // last frame

  constructor(turn: number) {
    this.#turn = turn;
  }

  /** `most`: as many as the time since the last believed frame may hold; more are doubted after silence, too. */
  take(counter: number, arrivedS: number, most = Infinity): Verdict {
    const gap = counterGap(counter, this.#expected ?? counter, this.#turn);
    const isWide = gap >= Math.min(STEP_MAX, this.#turn / 2, most);
    const confirms = isWide && counter === this.#doubted;
    const isAfterSilence = arrivedS - this.#heardS >= SILENCE_S && gap < most;
    const next = (counter + 1) % this.#turn;
    this.#heardS = arrivedS;
    this.#doubted = undefined;
    if (isWide && !isAfterSilence && !confirms) {
      this.#doubted = next;
      return { is: "doubtful", gap };
    }
    this.#expected = next;
    return confirms ? { is: "confirms", gap: gap - 1 } : { is: "follows", gap };
  }
}
