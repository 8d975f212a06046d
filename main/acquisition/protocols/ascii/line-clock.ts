import { CounterCheck, type Verdict } from "../counter-check.ts";
import { unwrapped } from "../unwrap.ts";
import { counterTurnOf, timeUnitsS, type AsciiSetup } from "./setup.ts";

/** Lines that the host holds back at most before it is taken for an outage. */
const STALL_S = 0.5;
const TIME_TURN = 2 ** 32;
/** A counter may skip what the clock has room for twice, and so many lines; no checksum tells a damaged one. */
const [ROOM, LINES] = [2, 16];
/** Seconds of lines that a host holds back and loses some of, so that they are missing between two that come at once. */
const HELD_S = 10;

/** Lines missing before one; with `uncertainty` the host's clock told. */
export interface MissingLines {
  readonly count: number;
  readonly uncertainty?: number;
}

/** How many lines are missing, by their counter; turns that a gap hides by the device's time, or else by the host's. */
export class LineClock {
  readonly #setup: AsciiSetup;
  readonly #turn: number;
  readonly #check: CounterCheck;
  #last: { readonly time: number | undefined; readonly arrivedS: number } | undefined;

  constructor(setup: AsciiSetup) {
    this.#setup = setup;
    this.#turn = counterTurnOf(setup);
    this.#check = new CounterCheck(this.#turn);
  }

  check(counter: number, arrivedS: number): Verdict {
    const sinceS = arrivedS - (this.#last?.arrivedS ?? -Infinity);
    return this.#check.take(counter, arrivedS, LINES + ROOM * (sinceS + STALL_S) * this.#setup.rate);
  }

  /**
   * A line that is believed, `gap` numbers of the counter after the last. Where no clock has room for these, the counter
   * went back, to what it was before a damaged one or to its begin, and the clock tells.
   */
  byCounter(gap: number, time: number | undefined, arrivedS: number): MissingLines {
    const elapsed = this.#elapsedS(time, arrivedS);
    if (elapsed === undefined) return { count: 0 };
    if (gap > LINES + (ROOM * elapsed.s + HELD_S) * this.#setup.rate) {
      const count = Math.max(0, Math.round(elapsed.s * this.#setup.rate) - 1);
      return { count, uncertainty: Math.ceil(STALL_S * this.#setup.rate) };
    }
    const spareS = elapsed.isByDevice ? 0 : STALL_S;
    const hidden = Math.round(((elapsed.s - spareS) * this.#setup.rate - gap - 1) / this.#turn);
    const turns = Math.max(0, hidden);
    const count = gap + turns * this.#turn;
    return turns > 0 && !elapsed.isByDevice ? { count, uncertainty: this.#turn } : { count };
  }

  /** Without a counter: by the device's time alone, for a device that keeps its rate. */
  byTime(time: number, arrivedS: number): MissingLines {
    const elapsed = this.#elapsedS(time, arrivedS);
    if (!elapsed?.isByDevice) return { count: 0 };
    return { count: Math.max(0, Math.round(elapsed.s * this.#setup.rate) - 1) };
  }

  #elapsedS(
    time: number | undefined,
    arrivedS: number,
  ): { readonly s: number; readonly isByDevice: boolean } | undefined {
    const last = this.#last;
    this.#last = { time, arrivedS };
    if (last === undefined) return undefined;
    const hostS = arrivedS - last.arrivedS;
    if (time === undefined || last.time === undefined) return { s: hostS, isByDevice: false };
    const unitS = this.#setup.form === "strict" ? timeUnitsS.us : timeUnitsS[this.#setup.timeUnit];
    const ticks = unitS === 1 ? time - last.time : unwrapped(last.time, time, TIME_TURN, hostS / unitS);
    const deviceS = ticks * unitS;
    // A device that began anew: its time says nothing.
    const agrees = deviceS >= 0 && Math.abs(deviceS - hostS) <= 2 + hostS / 10;
    return agrees ? { s: deviceS, isByDevice: true } : { s: hostS, isByDevice: false };
  }
}
