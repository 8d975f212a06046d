/** Rows whose entries count where they are observed. */
export interface MaskedRows {
  readonly x: ArrayLike<number>; // [n x d]
  readonly observed?: ArrayLike<number> | undefined; // [n x d]; absent: all observed
  readonly count: number;
}

/** Rows that miss the same entries. */
export interface Pattern {
  readonly kept: readonly number[];
  readonly missing: readonly number[];
  readonly rows: readonly number[];
}

export function patternsOf({ observed, count }: Omit<MaskedRows, "x">, width: number): readonly Pattern[] {
  if (observed === undefined)
    return [{ kept: [...new Array(width).keys()], missing: [], rows: [...new Array(count).keys()] }];
  const patterns = new Map<string, { kept: number[]; missing: number[]; rows: number[] }>();
  for (let n = 0; n < count; n += 1) {
    let key = "";
    for (let i = 0; i < width; i += 1) if (observed[n * width + i] !== 1) key += `${i},`;
    let pattern = patterns.get(key);
    if (pattern === undefined) {
      pattern = { kept: [], missing: [], rows: [] };
      for (let i = 0; i < width; i += 1)
        (observed[n * width + i] === 1 ? pattern.kept : pattern.missing).push(i);
      patterns.set(key, pattern);
    }
    pattern.rows.push(n);
  }
  return [...patterns.values()];
}
