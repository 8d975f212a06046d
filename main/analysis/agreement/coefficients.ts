/**
 * Coefficients of agreement out of sums over seconds (or over any other units), so that a bootstrap only adds sums up.
 * NaN where they say nothing: without units, or where nobody ever gave a second category.
 */

/** Counts [k, k] of two readers' categories over the seconds that both judged, row by row: n(a = i, b = j). */
export function confusionOf(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  k: number,
): Float64Array<ArrayBuffer> {
  const counts = new Float64Array(k * k);
  for (let s = 0; s < a.length; s += 1) {
    const [i, j] = [a[s] ?? 0, b[s] ?? 0];
    if (i >= 0 && j >= 0) counts[i * k + j] = (counts[i * k + j] ?? 0) + 1;
  }
  return counts;
}

/** Cohen 1960: κ = (p_o − p_e) / (1 − p_e), p_e = Σ_i p_i· p_·i. counts: [k, k] */
export function cohenKappa(counts: ArrayLike<number>): number {
  const k = Math.round(Math.sqrt(counts.length));
  const { n, rows, columns, diagonal } = margins(counts, k);
  const expected = rows.reduce((sum, row, i) => sum + row * (columns[i] ?? 0), 0) / n ** 2;
  return expected < 1 ? (diagonal / n - expected) / (1 - expected) : NaN;
}

/** Share of the units in which both say the same. */
export function observedAgreement(counts: ArrayLike<number>): number {
  const { n, diagonal } = margins(counts, Math.round(Math.sqrt(counts.length)));
  return diagonal / n;
}

function margins(counts: ArrayLike<number>, k: number) {
  const [rows, columns] = [new Float64Array(k), new Float64Array(k)];
  let [n, diagonal] = [0, 0];
  for (let i = 0; i < k; i += 1)
    for (let j = 0; j < k; j += 1) {
      const count = counts[i * k + j] ?? 0;
      rows[i] = (rows[i] ?? 0) + count;
      columns[j] = (columns[j] ?? 0) + count;
      n += count;
      if (i === j) diagonal += count;
    }
  return { n, rows, columns, diagonal };
}

/**
 * Krippendorff's coincidences [k, k]: every ordered pair of values of one second, weighted by 1 / (m − 1) where m readers
 * judged it. A second that fewer than two judged (others: −1) says nothing and is left out.
 */
export function coincidencesOf(readers: readonly ArrayLike<number>[], k: number): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(k * k);
  const counts = new Float64Array(k);
  const seconds = Math.max(0, ...readers.map(({ length }) => length));
  for (let s = 0; s < seconds; s += 1) {
    counts.fill(0);
    let m = 0;
    for (const categories of readers) {
      const c = categories[s] ?? -1;
      if (c < 0) continue;
      counts[c] = (counts[c] ?? 0) + 1;
      m += 1;
    }
    if (m < 2) continue;
    for (let i = 0; i < k; i += 1) {
      const ni = counts[i] ?? 0;
      if (ni === 0) continue;
      for (let j = 0; j < k; j += 1)
        sums[i * k + j] = (sums[i * k + j] ?? 0) + (ni * ((counts[j] ?? 0) - Number(i === j))) / (m - 1);
    }
  }
  return sums;
}

/** Krippendorff 2011, nominal data: α = 1 − (n − 1) (n − Σ_c o_cc) / (n² − Σ_c n_c²). coincidences: [k, k] */
export function krippendorffAlpha(coincidences: ArrayLike<number>): number {
  const k = Math.round(Math.sqrt(coincidences.length));
  const { n, rows, diagonal } = margins(coincidences, k);
  const squares = rows.reduce((sum, row) => sum + row ** 2, 0);
  const possible = n ** 2 - squares;
  return possible > 1e-9 ? 1 - ((n - 1) * (n - diagonal)) / possible : NaN;
}

/** Sums over targets that each of k raters measured: [n, Σ x_i (k), Σ x_i x_j (k × k)]. */
export function momentsOf(ratings: readonly (readonly number[])[], k: number): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(1 + k + k * k);
  for (const row of ratings) {
    sums[0] = (sums[0] ?? 0) + 1;
    row.forEach((x, i) => {
      sums[1 + i] = (sums[1 + i] ?? 0) + x;
      row.forEach((y, j) => {
        const at = 1 + k + i * k + j;
        sums[at] = (sums[at] ?? 0) + x * y;
      });
    });
  }
  return sums;
}

/**
 * Shrout and Fleiss 1979, ICC(2,1): two-way random effects, absolute agreement, one rater;
 * (MS_R − MS_E) / (MS_R + (k − 1) MS_E + k (MS_C − MS_E) / n), out of `momentsOf`.
 */
export function icc21(moments: ArrayLike<number>, k: number): number {
  const n = moments[0] ?? 0;
  if (n < 2 || k < 2) return NaN;
  let [total, rowSquares, columnSquares, all] = [0, 0, 0, 0];
  for (let i = 0; i < k; i += 1) {
    const sum = moments[1 + i] ?? 0;
    all += sum;
    columnSquares += sum ** 2;
    for (let j = 0; j < k; j += 1) {
      const product = moments[1 + k + i * k + j] ?? 0;
      rowSquares += product;
      if (i === j) total += product;
    }
  }
  const middle = all ** 2 / (n * k);
  const ssRows = rowSquares / k - middle;
  const ssColumns = columnSquares / n - middle;
  const msRows = ssRows / (n - 1);
  const msColumns = ssColumns / (k - 1);
  const msError = (total - middle - ssRows - ssColumns) / ((n - 1) * (k - 1));
  const below = msRows + (k - 1) * msError + (k * (msColumns - msError)) / n;
  return below > 0 ? (msRows - msError) / below : NaN;
}
