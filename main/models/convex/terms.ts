/** What a regression sees of a row: 1 and the inputs; their squares as well; every product of two. */
export type Terms = "linear" | "squares" | "products";

/** Up to so many inputs every product has a weight; beyond, only squares have. */
const MOST_FOR_PRODUCTS = 24;

export const quadraticTerms = (width: number): Terms => (width <= MOST_FOR_PRODUCTS ? "products" : "squares");

/** H: terms of a row of `d` inputs, the constant included. */
export function termCount(d: number, terms: Terms): number {
  if (terms === "linear") return 1 + d;
  return terms === "squares" ? 1 + 2 * d : 1 + d + (d * (d + 1)) / 2;
}

/** Writes 1, x, and then x_i² or x_i x_j (i ≤ j) to `out` from `at` on. */
export function writeTerms(
  x: ArrayLike<number>,
  from: number,
  { d, terms }: { readonly d: number; readonly terms: Terms },
  out: Float64Array,
  at: number,
): void {
  let to = at;
  out[to++] = 1;
  for (let i = 0; i < d; i += 1) out[to++] = x[from + i] ?? 0;
  if (terms === "linear") return;
  for (let i = 0; i < d; i += 1) {
    const own = x[from + i] ?? 0;
    if (terms === "squares") out[to++] = own * own;
    else for (let j = i; j < d; j += 1) out[to++] = own * (x[from + j] ?? 0);
  }
}

/** How columns are brought to mean 0 and variance 1; the constant stays. */
export interface Columns {
  readonly centre: Float64Array; // [H]
  readonly scale: Float64Array; // [H], one over the standard deviation
}

/** Of rows of terms as `fill` writes them, each counted as `weight` says. */
export function columnsOf(
  { count, features: h }: { readonly count: number; readonly features: number },
  fill: (row: number, out: Float64Array) => void,
  weight: (row: number) => number,
): Columns {
  const row = new Float64Array(h);
  const centre = new Float64Array(h);
  const spread = new Float64Array(h);
  let mass = 0;
  for (let n = 0; n < count; n += 1) {
    const own = weight(n);
    if (own === 0) continue;
    fill(n, row);
    mass += own;
    // Running mean and sum of squares (West 1979): no cancellation where a column is far from 0.
    for (let i = 1; i < h; i += 1) {
      const apart = (row[i] ?? 0) - (centre[i] ?? 0);
      const moved = (apart * own) / mass;
      centre[i] = (centre[i] ?? 0) + moved;
      spread[i] = (spread[i] ?? 0) + own * apart * (apart - moved);
    }
  }
  const scale = spread.map((sum, i) => {
    const deviation = Math.sqrt(sum / Math.max(mass, 1e-12));
    return i > 0 && deviation > 1e-9 ? 1 / deviation : 1;
  });
  return { centre, scale };
}

export function standardise({ centre, scale }: Columns, out: Float64Array, at: number): void {
  for (let i = 1; i < centre.length; i += 1)
    out[at + i] = ((out[at + i] ?? 0) - (centre[i] ?? 0)) * (scale[i] ?? 1);
}
