import type { ChannelLive, SignalQuality } from "../../preload/contract/acquisition.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";

const CELL_S = 5;
const CELLS = 60; // five minutes
/** Of a cell, the share observed from which a signal counts as good, and as there at all. */
const GOOD = 0.95;
const THERE = 0.5;
const RAILED_MOST = 0.01;

interface Second {
  observed: number;
  railed: number;
  sum: number;
  squares: number;
  cosine: number; // correlation with the mains
  sine: number;
}
const nothing = (): Second => ({ observed: 0, railed: 0, sum: 0, squares: 0, cosine: 0, sine: 0 });

/** What can be said of a channel while it comes in: how much of it is there, how much at the rail, how much of it is mains hum. */
export class ChannelQuality {
  readonly #header: ChannelHeader;
  readonly #step: number; // radians of the mains a sample
  readonly #seconds: Second[] = []; // the last CELL_S, newest last
  readonly #cells: SignalQuality[] = [];
  readonly #perSecond: number;
  #inSecond = 0;
  #count = 0;
  #value: number | undefined;
  #valueS = 0;
  #sinceCell = 0;

  constructor(header: ChannelHeader, powerLineHz: number) {
    this.#header = header;
    this.#perSecond = Math.max(1, Math.round(header.sampleRate));
    const isSeen = header.role === "emg" && header.sampleRate > 2 * powerLineHz;
    this.#step = isSeen ? (2 * Math.PI * powerLineHz) / header.sampleRate : 0;
  }

  /** A sample's digital value and reason; `atS` when it came in. */
  add(value: number, reason: number, atS: number): void {
    let second = this.#seconds.at(-1);
    if (second === undefined || this.#inSecond >= this.#perSecond) second = this.#next();
    this.#inSecond += 1;
    this.#count += 1;
    if (reason === maskReasons.saturated) second.railed += 1;
    if (reason !== maskReasons.observed) return;
    this.#value = value * this.#header.gain + this.#header.offset;
    this.#valueS = atS;
    second.observed += 1;
    second.sum += value;
    second.squares += value * value;
    if (this.#step === 0) return;
    const phase = this.#step * (this.#count % this.#period());
    second.cosine += value * Math.cos(phase);
    second.sine += value * Math.sin(phase);
  }

  /** Samples that did not come. */
  gap(count: number): void {
    for (let left = Math.min(count, CELL_S * CELLS * this.#perSecond); left > 0;) {
      if (this.#seconds.length === 0 || this.#inSecond >= this.#perSecond) this.#next();
      const here = Math.min(left, this.#perSecond - this.#inSecond);
      this.#inSecond += here;
      left -= here;
    }
    this.#count += count;
  }

  /** `isSilent`: nothing comes now, whatever came before. */
  state(
    nowS: number,
    isSilent: boolean,
  ): Pick<
    ChannelLive,
    "value" | "ageS" | "quality" | "railedShare" | "missingShare" | "powerLineShare" | "history"
  > {
    const seen =
      this.#seconds.length === 0 ? 0 : (this.#seconds.length - 1) * this.#perSecond + this.#inSecond;
    const observed = this.#seconds.reduce((sum, one) => sum + one.observed, 0);
    const railed = this.#seconds.reduce((sum, one) => sum + one.railed, 0);
    const share = this.#powerLineShare();
    const isThere = this.#value !== undefined;
    return {
      ...(this.#value === undefined ? {} : { value: this.#value }),
      ...(isThere ? { ageS: Math.max(0, nowS - this.#valueS) } : {}),
      quality: isSilent || seen === 0 ? "none" : graded(observed / seen, railed / seen),
      railedShare: seen === 0 ? 0 : railed / seen,
      missingShare: seen === 0 ? 1 : Math.min(1, Math.max(0, 1 - observed / seen)),
      ...(share === undefined ? {} : { powerLineShare: share }),
      history: [...this.#cells],
    };
  }

  #next(): Second {
    const second = nothing();
    this.#seconds.push(second);
    this.#inSecond = 0;
    if (this.#seconds.length > CELL_S) this.#seconds.shift();
    this.#sinceCell += 1;
    if (this.#sinceCell > CELL_S) {
      this.#sinceCell = 1;
      const done = this.#seconds.slice(0, -1);
      const samples = done.length * this.#perSecond;
      const observed = done.reduce((sum, one) => sum + one.observed, 0);
      const railed = done.reduce((sum, one) => sum + one.railed, 0);
      this.#cells.push(samples === 0 ? "none" : graded(observed / samples, railed / samples));
      if (this.#cells.length > CELLS) this.#cells.shift();
    }
    return second;
  }

  /** Samples after which rate and mains meet again: phases stay exact over hours. */
  #period(): number {
    return this.#perSecond === this.#header.sampleRate ? this.#perSecond : Number.MAX_SAFE_INTEGER;
  }

  /** Power at the mains, of the whole seconds of the last 5 s, over the power about the mean. */
  #powerLineShare(): number | undefined {
    if (this.#step === 0) return undefined;
    let [mains, whole] = [0, 0];
    for (const one of this.#seconds.slice(0, -1)) {
      if (one.observed < this.#perSecond / 2) continue;
      const n = one.observed;
      whole += one.squares / n - (one.sum / n) ** 2;
      mains += (2 * (one.cosine ** 2 + one.sine ** 2)) / n ** 2;
    }
    return whole > 0 ? Math.min(1, mains / whole) : undefined;
  }
}

function graded(observed: number, railed: number): SignalQuality {
  if (observed >= GOOD && railed <= RAILED_MOST) return "good";
  return observed >= THERE ? "weak" : "none";
}
