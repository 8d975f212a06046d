import { CHUNK_S, isSaid } from "../fronts/ctg-seconds.ts";

interface SecondMean {
  readonly value: number;
  readonly isSeen: boolean;
}

/** Means of seconds as readSeconds makes them, from samples in pieces of any size. */
export function secondBins(rate: number, isBelieved: (value: number) => boolean) {
  let first = 0; // index of the first sample kept
  let values = new Float32Array(0);
  let observed = new Uint8Array(0);
  const count = (): number => first + values.length;
  /** Samples [from, to) of a second. */
  const spanOf = (second: number): readonly [number, number] => {
    if (rate < 1) {
      const at = Math.floor(second * rate + 1e-9);
      return [at, at + 1];
    }
    const chunk = second - (second % CHUNK_S);
    const begin = Math.round(chunk * rate);
    return [begin + Math.round((second - chunk) * rate), begin + Math.round((second - chunk + 1) * rate)];
  };
  let next = 0;
  return {
    hear: (more: Float32Array, seen: Uint8Array): void => {
      const drop = Math.max(0, Math.min(values.length, spanOf(next)[0] - first));
      const kept = values.length - drop;
      const [wider, mask] = [new Float32Array(kept + more.length), new Uint8Array(kept + more.length)];
      wider.set(values.subarray(drop));
      wider.set(more, kept);
      mask.set(observed.subarray(drop));
      mask.set(seen, kept);
      [values, observed, first] = [wider, mask, first + drop];
    },
    ready: (): number => {
      let second = next;
      while (spanOf(second)[1] <= count()) second += 1;
      return second;
    },
    take: (second: number): SecondMean => {
      next = second + 1;
      const [from, to] = spanOf(second);
      let [sum, seen] = [0, 0];
      for (let at = from - first; at < to - first; at += 1) {
        const value = values[at] ?? 0;
        if (observed[at] !== 1 || !isSaid(value) || !isBelieved(value)) continue;
        sum += value;
        seen += 1;
      }
      return seen === 0 || seen < 0.5 * (to - from)
        ? { value: 0, isSeen: false }
        : { value: Math.fround(sum / seen), isSeen: true };
    },
  };
}
