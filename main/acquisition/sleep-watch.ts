interface Clocks {
  readonly nowS: () => number; // monotonic: stands still while the computer sleeps, or may
  readonly uptimeS: () => number; // counts sleep
  readonly wallMs: () => number;
}

/** Differences below this are how clocks are read, not what happened to them. */
const NOTICED_S = 1.5;

/** Tells a sleep of the computer from a clock that was set. Linux: the monotonic clock stands still in sleep, uptime does not. */
export class SleepWatch {
  readonly #clocks: Clocks;
  #last = { nowS: 0, uptimeS: 0, wallS: 0 };
  #sleptS = 0;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.begin();
  }

  /** All that was slept since the watch began. */
  get sleptS(): number {
    return this.#sleptS;
  }

  /** By how much the clock that counts sleep is ahead of the one that the watch makes up for: as long as it watches, the same. */
  get aheadS(): number {
    const { nowS, uptimeS } = this.#read();
    return uptimeS - nowS - this.#sleptS;
  }

  /** Nothing was slept yet; or, where a watch in another process began, what it would know by now. */
  begin(aheadS?: number): void {
    this.#last = this.#read();
    const { nowS, uptimeS } = this.#last;
    const sleptS = aheadS === undefined ? 0 : uptimeS - nowS - aheadS;
    this.#sleptS = sleptS > NOTICED_S ? sleptS : 0;
  }

  /** What happened since the last look, at `sinceS`: seconds slept, and by how much the wall clock was set. */
  look(): { readonly sleptS: number; readonly jumpS: number; readonly sinceS: number } {
    const now = this.#read();
    const sinceS = this.#last.nowS;
    const ranS = now.nowS - this.#last.nowS;
    const awayS = now.uptimeS - this.#last.uptimeS - ranS;
    const sleptS = awayS > NOTICED_S ? awayS : 0;
    const jump = now.wallS - this.#last.wallS - ranS - sleptS;
    this.#last = now;
    this.#sleptS += sleptS;
    return { sleptS, jumpS: Math.abs(jump) > NOTICED_S ? jump : 0, sinceS };
  }

  #read(): { nowS: number; uptimeS: number; wallS: number } {
    const { nowS, uptimeS, wallMs } = this.#clocks;
    return { nowS: nowS(), uptimeS: uptimeS(), wallS: wallMs() / 1000 };
  }
}
