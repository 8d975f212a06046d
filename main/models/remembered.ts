/**
 * What is worked out once of windows and used in every round that follows: forgotten with the windows, and worked out
 * again where a round has another `key`. `make` goes by its two arguments alone.
 */
export function remembering<Rows extends object, Key, Made>(
  make: (rows: Rows, key: Key) => Made,
  isSame: (one: Key, other: Key) => boolean,
): (rows: Rows, key: Key) => Made {
  const made = new WeakMap<Rows, { readonly key: Key; readonly value: Made }>();
  return (rows, key) => {
    const before = made.get(rows);
    if (before !== undefined && isSame(before.key, key)) return before.value;
    const value = make(rows, key);
    made.set(rows, { key, value });
    return value;
  };
}
