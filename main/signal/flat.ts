import { sure } from "../../preload/contract/sure.ts";
/** A run of samples: `first` inclusive, `count` >= 1. */
export interface FlatRun {
  readonly first: number;
  readonly count: number;
}

/** A run that may go on: the samples have come no further. */
export interface OpenRun {
  readonly value: number; // NaN where there is none
  readonly first: number;
  readonly last: number; // observed, inclusive
  readonly count: number; // observed
}
const nothingOpen: OpenRun = { value: NaN, first: 0, last: -1, count: 0 };

/** A contraction signal that does not move for this long is a belt without a signal, whatever its value. */
export const FLAT_UC_S = 60;

/**
 * Runs of one value among `least` or more observed samples. Samples come in order, in pieces of any length; unobserved
 * ones neither break a run nor count for it, and lie within it only between two that are observed.
 */
export class FlatRuns {
  readonly #least: number;
  readonly #found: FlatRun[] = [];
  #value: number;
  #first: number;
  #last: number; // observed, inclusive
  #count: number; // observed

  constructor(least: number, from: OpenRun = nothingOpen) {
    this.#least = Math.max(2, least);
    this.#value = from.value;
    this.#first = from.first;
    this.#last = from.last;
    this.#count = from.count;
  }

  /** What another goes on from with the samples that follow; `found`: the runs that have ended so far. */
  pause(): { readonly open: OpenRun; readonly found: readonly FlatRun[] } {
    const open = { value: this.#value, first: this.#first, last: this.#last, count: this.#count };
    return { open, found: this.#found };
  }

  /** values, reasons: [n]; reasons 0 where observed. `first` is the index of the first of them. */
  push(values: Float32Array | Float64Array, reasons: Uint8Array, first: number): void {
    for (let i = 0; i < values.length; i++) {
      if (reasons[i] !== 0) continue;
      const value = sure(values[i]);
      if (value !== this.#value) {
        this.#close();
        this.#value = value;
        this.#first = first + i;
        this.#count = 0;
      }
      this.#last = first + i;
      this.#count++;
    }
  }

  done(): readonly FlatRun[] {
    this.#close();
    this.#value = NaN;
    this.#count = 0;
    return this.#found;
  }

  #close(): void {
    if (this.#count >= this.#least)
      this.#found.push({ first: this.#first, count: this.#last - this.#first + 1 });
  }
}
