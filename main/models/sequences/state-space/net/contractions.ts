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
  const levelAfter = contractionsHeard();
  for (let t = 0; t < count; t += 1) {
    const level = levelAfter(uc[t] ?? 0, observed[t] === 1);
    if (level === undefined) continue;
    out.level[t] = level;
    out.observed[t] = 1;
  }
  return out;
}

/** The same second by second, as it comes; undefined where nothing is known. Each second costs two places in order, not the half hour. */
export function contractionsHeard(): (uc: number, isSeen: boolean) => number | undefined {
  const kept = new Float64Array(SPAN_S);
  const seen = new Uint8Array(SPAN_S);
  const [recent, longer] = [new Recent(), new Recent()];
  let t = 0;
  return (uc, isSeen) => {
    const [place, left] = [t % SPAN_S, (t + SPAN_S - TONE_S) % SPAN_S];
    if (t >= TONE_S && seen[left] === 1) recent.remove(kept[left] ?? 0);
    if (t >= SPAN_S && seen[place] === 1) longer.remove(kept[place] ?? 0);
    kept[place] = uc;
    seen[place] = Number(isSeen);
    t += 1;
    if (!isSeen) return undefined;
    recent.add(uc);
    longer.add(uc);
    if (recent.count < LEAST_S) return undefined;
    const span = Math.max(LEAST_SPAN, longer.quantile(0.95) - longer.quantile(0.1));
    return Math.min(RANGE[1], Math.max(RANGE[0], (uc - recent.quantile(0.1)) / span));
  };
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
