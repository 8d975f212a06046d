/** ln Γ(x) for x > 0: Stirling's series after moving x above 10; absolute error below 1e-12. */
function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < 10; at += 1) shift += Math.log(at);
  const r = 1 / (at * at);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

let last = { tails: 4, value: logScaleOf(4) };

function logScaleOf(tails: number): number {
  return logGamma((tails + 1) / 2) - logGamma(tails / 2) - 0.5 * Math.log(tails * Math.PI);
}

/** Logarithm of the density of a t distribution at its middle, at scale 1. Asked for the same tails a step, it is computed once. */
export function logTScale(tails: number): number {
  if (last.tails !== tails) last = { tails, value: logScaleOf(tails) };
  return last.value;
}

/** Logarithm of the density of a t distribution about 0 with this squared scale. Infinite tails: the normal. */
export const logT = (distance: number, variance: number, tails: number): number => {
  const z2 = (distance * distance) / variance;
  return tails === Infinity
    ? -0.5 * (Math.log(2 * Math.PI * variance) + z2)
    : logScaleOf(tails) - 0.5 * Math.log(variance) - 0.5 * (tails + 1) * Math.log1p(z2 / tails);
};
