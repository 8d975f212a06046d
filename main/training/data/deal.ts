import type { Sampling } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { shuffle, type Random } from "../../models/random.ts";

/** The next row, without end. */
export type Deal = () => number;

/** Deals rows out in a mixed order, again and again. */
export function dealer(rows: Int32Array, random: Random): Deal {
  const order = rows.slice();
  let at = order.length;
  return () => {
    if (at >= order.length) {
      shuffle(order, random);
      at = 0;
    }
    return sure(order[at++]);
  };
}

/**
 * Every value of the first key has its turn equally often, within it every value of the next, and within the last the
 * rows in a mixed order. A key: a value by row.
 */
export function balancedDealer(rows: Int32Array, keys: readonly Int32Array[], random: Random): Deal {
  const [key, ...others] = keys;
  if (key === undefined) return dealer(rows, random);
  const values = [...new Set(rows.map((row) => sure(key[row])))].sort((a, b) => a - b);
  const deals = values.map((value) =>
    balancedDealer(
      rows.filter((row) => key[row] === value),
      others,
      random,
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
