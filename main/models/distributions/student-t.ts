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

/** Logarithm of a t density at its middle. */
export const logMiddle = (nu: number): number =>
  logGamma((nu + 1) / 2) - logGamma(nu / 2) - 0.5 * Math.log(nu * Math.PI);

const normal: StandardLaw = {
  nu: Infinity,
  logDensity: (z) => -0.5 * z * z - 0.5 * Math.log(2 * Math.PI),
  cdf: standardNormalCdf,
  quantile: (share) => polished(normal, normalQuantile(share), share),
  meanBelow: (z) => -Math.exp(normal.logDensity(z)),
  crps: (z) =>
    z * (2 * standardNormalCdf(z) - 1) + 2 * Math.exp(normal.logDensity(z)) - 1 / Math.sqrt(Math.PI),
};

const FAR = 60; // beyond it the tail is written out
const CELLS = 2048;
const CELL = FAR / (1 + FAR) / CELLS; // of z / (1 + z)
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
  const constant = logMiddle(nu);
  const logDensity = (z: number): number => constant - ((nu + 1) / 2) * Math.log1p((z * z) / nu);
  const table = upperTail(logDensity, nu);
  /** 1 − F beyond 0. */
  const above = (z: number): number => {
    if (!(z < FAR)) return farTail(logDensity, nu, z);
    const place = (z / (1 + z)) * (1 / CELL);
    const cell = place | 0;
    const t = place - cell;
    const at = 2 * cell;
    const from = table[at] ?? 0;
    const a = table[at + 1] ?? 0;
    const fall = (table[at + 2] ?? 0) - from;
    const b = table[at + 3] ?? 0;
    return from + t * (a + t * (3 * fall - 2 * a - b + t * (a + b - 2 * fall)));
  };
  const cdf = (z: number): number => (z < 0 ? above(-z) : 1 - above(z));
  const meanBelow = (z: number): number =>
    nu > 1 ? (-Math.exp(logDensity(z)) * (nu + z * z)) / (nu - 1) : Number.NaN;
  const within =
    ((2 * Math.sqrt(nu)) / (nu - 1)) * Math.exp(logBeta(0.5, nu - 0.5) - 2 * logBeta(0.5, nu / 2));
  const quantile = (share: number): number => {
    if (share > 0.5) return -quantile(1 - share);
    const last = table[2 * CELLS] ?? 0;
    const u = CELL * belowWhich(table, share);
    const z = share < last ? FAR * (last / share) ** (1 / nu) : u / (1 - u);
    return polished(law, -z, share);
  };
  const crps = (z: number): number => z * (2 * cdf(z) - 1) - 2 * meanBelow(z) - within;
  const law: StandardLaw = { nu, logDensity, cdf, quantile, meanBelow, crps };
  return law;
}

/**
 * 1 − F and its slope a cell, one after the other, on a grid even in z / (1 + z): summed inwards, so that the tail keeps its
 * relative precision.
 */
function upperTail(logDensity: (z: number) => number, nu: number): Float64Array {
  const slope = (place: number): number => {
    const z = (place * CELL) / (1 - place * CELL);
    return -Math.exp(logDensity(z)) * (1 + z) ** 2 * CELL;
  };
  const table = new Float64Array(2 * CELLS + 4); // one more, for what rounding brings to the end
  table[2 * CELLS] = farTail(logDensity, nu, FAR);
  table[2 * CELLS + 1] = slope(CELLS);
  table[2 * CELLS + 2] = table[2 * CELLS] ?? 0;
  for (let cell = CELLS - 1; cell >= 0; cell -= 1) {
    const [own, next] = [slope(cell), table[2 * cell + 3] ?? 0];
    table[2 * cell] = (table[2 * cell + 2] ?? 0) - (own + 4 * slope(cell + 0.5) + next) / 6; // Simpson
    table[2 * cell + 1] = own;
  }
  const excess = 0.5 / (table[0] ?? 0.5); // what Simpson's rule is off by
  return table.map((value, at) => (at % 2 === 0 ? value * excess : value));
}

/** Its first two terms; what is left is of the order z⁻⁴. */
const farTail = (logDensity: (z: number) => number, nu: number, z: number): number =>
  z === Infinity ? 0 : ((Math.exp(logDensity(z)) * z) / nu) * (1 + (nu * (nu + 1)) / (nu + 2) / (z * z));

/** The cell, and the part of it, where a table's falling values go below one. */
function belowWhich(table: Float64Array, value: number): number {
  let [low, high] = [0, CELLS];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((table[2 * middle] ?? 0) >= value) low = middle;
    else high = middle;
  }
  const [from, to] = [table[2 * low] ?? 0, table[2 * high] ?? 0];
  return from === to ? low : low + Math.min(1, Math.max(0, (from - value) / (from - to)));
}

/** Three steps of Newton from a quantile that is nearly right. */
function polished(law: StandardLaw, start: number, share: number): number {
  let z = start;
  for (let step = 0; step < 3; step += 1) {
    const move = (law.cdf(z) - share) / Math.exp(law.logDensity(z));
    if (Number.isFinite(move) && Math.abs(move) < 1 + Math.abs(z)) z -= move;
  }
  return z;
}
