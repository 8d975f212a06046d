/**
 * A natural cubic spline through knots, at 0, 1 … count - 1; straight lines beyond the outermost knots.
 * @param at ascending, as many as `values`, two at least
 */
export function naturalSpline(at: Float64Array, values: Float64Array, count: number): Float64Array {
  const curvature = curvatures(at, values);
  const last = at.length - 1;
  const curve = new Float64Array(count);
  for (let i = 0, k = 0; i < count; i += 1) {
    while (k < last - 1 && (at[k + 1] ?? 0) < i) k += 1;
    const [from, to] = [at[k] ?? 0, at[k + 1] ?? 1];
    const width = to - from;
    const [y0, y1] = [values[k] ?? 0, values[k + 1] ?? 0];
    const [m0, m1] = [curvature[k] ?? 0, curvature[k + 1] ?? 0];
    const inside = Math.min(1, Math.max(0, (i - from) / width));
    const rest = 1 - inside;
    const bow = ((rest ** 3 - rest) * m0 + (inside ** 3 - inside) * m1) * (width ** 2 / 6);
    const beyond = i < from ? i - from : Math.max(0, i - to);
    const edge = (y1 - y0) / width + (i < from ? -(2 * m0 + m1) : m0 + 2 * m1) * (width / 6);
    curve[i] = rest * y0 + inside * y1 + bow + beyond * edge;
  }
  return curve;
}

/** Second derivatives at the knots, 0 at both ends (Thomas' algorithm). */
function curvatures(at: Float64Array, values: Float64Array): Float64Array {
  const n = at.length;
  const curvature = new Float64Array(n);
  const upper = new Float64Array(n);
  for (let k = 1; k < n - 1; k += 1) {
    const [before, after] = [(at[k] ?? 0) - (at[k - 1] ?? 0), (at[k + 1] ?? 0) - (at[k] ?? 0)];
    const rise = ((values[k + 1] ?? 0) - (values[k] ?? 0)) / after;
    const riseBefore = ((values[k] ?? 0) - (values[k - 1] ?? 0)) / before;
    const pivot = 2 * (before + after) - before * (upper[k - 1] ?? 0);
    upper[k] = after / pivot;
    curvature[k] = (6 * (rise - riseBefore) - before * (curvature[k - 1] ?? 0)) / pivot;
  }
  for (let k = n - 2; k > 0; k -= 1)
    curvature[k] = (curvature[k] ?? 0) - (upper[k] ?? 0) * (curvature[k + 1] ?? 0);
  return curvature;
}
