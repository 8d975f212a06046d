import { normalQuantile } from "./normal-quantile.ts";
import { standardNormalCdf } from "./standard-normal.ts";

/** Student's t with centre 0 and scale 1; the normal where it has infinitely many degrees of freedom. */
export interface StandardLaw {
  readonly nu: number;
  logDensity(z: number): number;
  cdf(z: number): number;
  quantile(share: number): number;
  /** ∫ z f(z) dz from −∞; NaN where the law has no mean (ν <= 1). */
  meanBelow(z: number): number;
  /** E|Z − z| − ½ E|Z − Z'|, in closed form. */
  crps(z: number): number;
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0 (Lanczos, g = 7). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const [first = 0, ...rest] = LANCZOS;
  const sum = rest.reduce((total, one, i) => total + one / (x + i), first);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

const normal: StandardLaw = {
  nu: Infinity,
  logDensity: (z) => -0.5 * z * z - 0.5 * Math.log(2 * Math.PI),
  cdf: standardNormalCdf,
  quantile: (share) => polished(normal, normalQuantile(share), share),
  meanBelow: (z) => -Math.exp(normal.logDensity(z)),
  crps: (z) =>
    z * (2 * standardNormalCdf(z) - 1) + 2 * Math.exp(normal.logDensity(z)) - 1 / Math.sqrt(Math.PI),
};

const REACH = 14; // asinh of the last point of a table
const CELLS = 1400;
const CELL = REACH / CELLS;
const KEPT = 512; // tables; a forecast has one a step ahead
const tables = new Map<number, StandardLaw>();

/** Its distribution function is read from a table made once, to within 1e-9. */
export function standardLaw(nu: number): StandardLaw {
  if (nu === Infinity) return normal;
  const known = tables.get(nu);
  if (known !== undefined) return known;
  if (tables.size >= KEPT) tables.clear();
  const made = studentT(nu);
  tables.set(nu, made);
  return made;
}

function studentT(nu: number): StandardLaw {
  const constant = -0.5 * Math.log(nu) - logBeta(0.5, nu / 2);
  const logDensity = (z: number): number => constant - ((nu + 1) / 2) * Math.log1p((z * z) / nu);
  const { upper, slopes } = upperTail(logDensity, nu);
  const above = (z: number): number => {
    const u = Math.asinh(z);
    const cell = Math.floor(u / CELL);
    if (cell >= CELLS) return farTail(logDensity, nu, z);
    const t = u / CELL - cell;
    const [from, to] = [upper[cell] ?? 0, upper[cell + 1] ?? 0];
    const [a, b] = [(slopes[cell] ?? 0) * CELL, (slopes[cell + 1] ?? 0) * CELL];
    return from + t * (a + t * (3 * (to - from) - 2 * a - b + t * (2 * (from - to) + a + b)));
  };
  const cdf = (z: number): number => (z < 0 ? above(-z) : 1 - above(z));
  const meanBelow = (z: number): number =>
    nu > 1 ? (-Math.exp(logDensity(z)) * (nu + z * z)) / (nu - 1) : Number.NaN;
  const within =
    ((2 * Math.sqrt(nu)) / (nu - 1)) * Math.exp(logBeta(0.5, nu - 0.5) - 2 * logBeta(0.5, nu / 2));
  const quantile = (share: number): number => {
    if (share > 0.5) return -quantile(1 - share);
    return polished(law, -Math.sinh(CELL * belowWhich(upper, share)), share);
  };
  const crps = (z: number): number => z * (2 * cdf(z) - 1) - 2 * meanBelow(z) - within;
  const law: StandardLaw = { nu, logDensity, cdf, quantile, meanBelow, crps };
  return law;
}

/** 1 − F on a grid even in asinh z, summed inwards so that the tail keeps its relative precision, and its slope there. */
function upperTail(
  logDensity: (z: number) => number,
  nu: number,
): { readonly upper: Float64Array; readonly slopes: Float64Array } {
  const slope = (u: number): number => -Math.exp(logDensity(Math.sinh(u))) * Math.cosh(u);
  const upper = new Float64Array(CELLS + 1);
  const slopes = Float64Array.from({ length: CELLS + 1 }, (_, cell) => slope(cell * CELL));
  upper[CELLS] = farTail(logDensity, nu, Math.sinh(REACH));
  for (let cell = CELLS - 1; cell >= 0; cell -= 1) {
    const middle = slope((cell + 0.5) * CELL);
    const area = (CELL / 6) * ((slopes[cell] ?? 0) + 4 * middle + (slopes[cell + 1] ?? 0)); // Simpson
    upper[cell] = (upper[cell + 1] ?? 0) - area;
  }
  const excess = 0.5 / (upper[0] ?? 0.5); // what Simpson's rule is off by
  return { upper: upper.map((value) => value * excess), slopes };
}

/** Its first two terms; what is left is of the order z⁻⁴. */
const farTail = (logDensity: (z: number) => number, nu: number, z: number): number =>
  ((Math.exp(logDensity(z)) * z) / nu) * (1 + nu / (z * z) / (nu + 2));

/** The cell, and the part of it, where a falling table goes below a value. */
function belowWhich(falling: Float64Array, value: number): number {
  let [low, high] = [0, falling.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((falling[middle] ?? 0) >= value) low = middle;
    else high = middle;
  }
  const [from, to] = [falling[low] ?? 0, falling[high] ?? 0];
  return from === to ? low : low + Math.min(1, Math.max(0, (from - value) / (from - to)));
}

/** Two steps of Newton from a quantile that is nearly right. */
function polished(law: StandardLaw, start: number, share: number): number {
  let z = start;
  for (let step = 0; step < 2; step += 1) {
    const move = (law.cdf(z) - share) / Math.exp(law.logDensity(z));
    if (Number.isFinite(move) && Math.abs(move) < 1 + Math.abs(z)) z -= move;
  }
  return z;
}
