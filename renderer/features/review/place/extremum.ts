/**
 * The observed sample that stands out most from the middle value of its surroundings, above or below; the first of
 * equals. values, reasons: [n], reasons 0 where observed. Undefined where nothing was observed.
 */
export function extremumIn(values: Float32Array, reasons: Uint8Array): number | undefined {
  const observed = Float32Array.from(values.filter((_, i) => reasons[i] === 0)).sort();
  const middle = observed[observed.length >> 1];
  if (middle === undefined) return undefined;
  let best: number | undefined;
  let most = -1;
  for (let i = 0; i < values.length; i++) {
    const apart = Math.abs((values[i] ?? middle) - middle);
    if (reasons[i] === 0 && apart > most) {
      most = apart;
      best = i;
    }
  }
  return best;
}
