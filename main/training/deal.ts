import type { Sampling } from "../../preload/contract/run.ts";
import { shuffle, type Random } from "../models/random.ts";

/** The next row, without end. */
export type Deal = () => number;

/** Brings rows into another order, in place. */
export type Mix = (order: Int32Array, random: Random) => unknown;

/**
 * Mixes rows that are read from disk in stretches: the stretches in a shuffled order, the rows of `pool` of them at a
 * time shuffled together, so that few stretches have to be at hand. Row n lies in stretch `stretchOf[n]`, which grows
 * with n.
 */
export function nearby(stretchOf: Int32Array, pool: number): Mix {
  return (order, random) => {
    order.sort();
    const starts: number[] = [];
    order.forEach((row, at) => {
      if (at === 0 || stretchOf[row] !== stretchOf[order[at - 1] as number]) starts.push(at);
    });
    const from = order.slice();
    const turn = shuffle(Int32Array.from(starts.keys()), random);
    let end = 0;
    for (let first = 0; first < turn.length; first += pool) {
      const begin = end;
      for (const index of turn.subarray(first, first + pool)) {
        const rows = from.subarray(starts[index], starts[index + 1]);
        order.set(rows, end);
        end += rows.length;
      }
      shuffle(order.subarray(begin, end), random);
    }
  };
}

/** Deals rows out in a mixed order, again and again. */
export function dealer(rows: Int32Array, random: Random, mix: Mix = shuffle): Deal {
  const order = rows.slice();
  let at = order.length;
  return () => {
    if (at >= order.length) {
      mix(order, random);
      at = 0;
    }
    return order[at++] as number;
  };
}

/**
 * Every value of the first key has its turn equally often, within it every value of the next, and within the last the
 * rows in a mixed order. A key: a value by row.
 */
export function balancedDealer(
  rows: Int32Array,
  keys: readonly Int32Array[],
  random: Random,
  mix: Mix = shuffle,
): Deal {
  const [key, ...others] = keys;
  if (key === undefined) return dealer(rows, random, mix);
  const values = [...new Set(rows.map((row) => key[row] as number))].sort((a, b) => a - b);
  const deals = values.map((value) =>
    balancedDealer(
      rows.filter((row) => key[row] === value),
      others,
      random,
      mix,
    ),
  );
  const turn = dealer(Int32Array.from(deals.keys()), random);
  return () => (deals[turn()] as Deal)();
}

export interface SampledBy {
  readonly classOf: Int32Array; // by row, of labelled ones
  readonly person: Int32Array; // by row
}

/** What is dealt out in equal turns. Rows without a label have no class to be balanced by. */
export function keysOf(
  sampling: Sampling,
  { classOf, person }: SampledBy,
): { readonly labelled: readonly Int32Array[]; readonly unlabelled: readonly Int32Array[] } {
  switch (sampling) {
    case "windows":
      return { labelled: [], unlabelled: [] };
    case "classes":
      return { labelled: [classOf], unlabelled: [] };
    case "people":
      return { labelled: [person], unlabelled: [person] };
    case "people-of-classes":
      return { labelled: [classOf, person], unlabelled: [person] };
  }
}
