/** NaN replaced by the nearest value that is none, the earlier one of two. All NaN stays so. */
export function filledNearest(values: Float64Array): Float64Array {
  const filled = Float64Array.from(values);
  let last = -1;
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i])) continue;
    const value = values[i] ?? 0;
    const middle = last < 0 ? 0 : Math.floor((last + i) / 2) + 1;
    filled.fill(value, middle, i);
    if (last >= 0) filled.fill(values[last] ?? 0, last + 1, middle);
    last = i;
  }
  if (last >= 0) filled.fill(values[last] ?? 0, last + 1);
  return filled;
}
