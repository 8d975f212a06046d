/*
 * For what is there by construction: the size of an axis, the first of several, an entry put in before. Where it is
 * missing the program is wrong and says so, rather than going on with a number that is none. Not for the inner loop over
 * samples: there an array of one kind is read by its own loop.
 */

/** What is known to be there. */
export function sure<T>(value: T | null | undefined): T {
  if (value === undefined || value === null) throw new Error("A value that must be there is missing");
  return value;
}

/** Item `index` of those there are, counted from 0. */
export function itemAt<T>(items: ArrayLike<T | undefined>, index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`No item ${index} among ${items.length}`);
  return item;
}

/** The last of one or more. */
export const lastOf = <T>(items: ArrayLike<T | undefined>): T => itemAt(items, items.length - 1);
