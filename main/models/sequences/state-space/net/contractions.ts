import { sortedQuantile } from "../../../../signal/quantile.ts";

/** What may be known of contractions at a moment, at any zero and gain of the transducer. */
export interface ContractionLevel {
  readonly level: Float32Array; // 0 at rest, about 1 at a peak; -1 to 3
  readonly observed: Uint8Array;
}

const TONE_S = 300;
const SPAN_S = 1800;
const LEAST_S = 30; // of signal that tone and span need
const LEAST_SPAN = 5; // units of the transducer
const RANGE = [-1, 3] as const;

/**
 * (UC − tone) / span: tone is the 10 % quantile of the last five minutes, span the distance of the 95 % and the 10 % quantile of the
 * last half hour. Causal; a value a second.
 */
export function contractionLevel(uc: ArrayLike<number>, observed: ArrayLike<number>): ContractionLevel {
  const count = uc.length;
  const out = { level: new Float32Array(count), observed: new Uint8Array(count) };
  const [recent, longer] = [new Recent(), new Recent()];
  for (let t = 0; t < count; t += 1) {
    if (observed[t - TONE_S] === 1) recent.remove(uc[t - TONE_S] ?? 0);
    if (observed[t - SPAN_S] === 1) longer.remove(uc[t - SPAN_S] ?? 0);
    if (observed[t] !== 1) continue;
    const own = uc[t] ?? 0;
    recent.add(own);
    longer.add(own);
    if (recent.count < LEAST_S) continue;
    const span = Math.max(LEAST_SPAN, longer.quantile(0.95) - longer.quantile(0.1));
    out.level[t] = Math.min(RANGE[1], Math.max(RANGE[0], (own - recent.quantile(0.1)) / span));
    out.observed[t] = 1;
  }
  return out;
}

/** Some values in order. */
class Recent {
  readonly #sorted = new Float64Array(SPAN_S + 1);
  count = 0;

  add(value: number): void {
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place + 1, place, this.count);
    this.#sorted[place] = value;
    this.count += 1;
  }

  remove(value: number): void {
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place, place + 1, this.count);
    this.count -= 1;
  }

  quantile(share: number): number {
    return sortedQuantile(this.#sorted, this.count, share);
  }

  #placeOf(value: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
