import { on } from "../bridge/client.ts";

/** So many states in a row that agree, all heard later than usual by so much: one of the clocks has jumped. */
const JUMP = { states: 8, agreedS: 0.05, byS: 1 };

/**
 * Seconds of the host's monotonic clock, by the page's. The two are one clock of the machine that is counted from different
 * zeros, and nobody tells the page by how much they are apart. But what is said is said before it is heard: they are apart
 * by no less than any state says, and by hardly more than the one that was heard soonest.
 */
export class HostClock {
  #apartS: number | undefined;
  #lastS: readonly number[] = []; // by the last states

  /** `saidS`: seconds of the host; `heardMs`: of the page, as of `performance.now()`. */
  heard(saidS: number, heardMs: number): void {
    const apartS = saidS - heardMs / 1000;
    this.#lastS = [...this.#lastS, apartS].slice(-JUMP.states);
    const mostS = Math.max(...this.#lastS);
    const isAgreed = this.#lastS.length === JUMP.states && mostS - Math.min(...this.#lastS) < JUMP.agreedS;
    const beforeS = this.#apartS ?? apartS;
    const isJump = isAgreed && beforeS - mostS > JUMP.byS; // a system that counts sleep in one of the two alone
    this.#apartS = isJump ? mostS : Math.max(beforeS, apartS);
  }

  /** Of a moment of the page; undefined before anything was heard. */
  at(pageMs: number): number | undefined {
    return this.#apartS === undefined ? undefined : pageMs / 1000 + this.#apartS;
  }
}

/** One for the window: what it was told before a page was opened counts there too. */
export const hostClock = new HostClock();

/** Listens to what the recorder says, from the start of the window on. */
export const watchHostClock = (): (() => void) =>
  on("recorder.changed", ({ hostTime }) => {
    if (hostTime !== undefined) hostClock.heard(hostTime.saidS, performance.now());
  });
