import { pause } from "../../compute/pause.ts";
import { searched, searchFrom, type Search } from "../convex/lbfgs.ts";
import type { WindowRows } from "../model.ts";
import { seededRandom, shuffle, type Random } from "../random.ts";
import { remembering } from "../remembered.ts";
import { answersOf, isLabelled, placesOf } from "./answers.ts";
import { gapsOf } from "./gaps.ts";
import { coupledLoss, squaresIn, type CoupledRows, type Coupling } from "./objective.ts";
import { apartScale, headsOf, parameterCount, partsOf, type CoupledHeads } from "./parameters.ts";
import { WIDE } from "./wide.ts";

/** What is chosen or given: σ² and λ_g. */
export interface Candidate {
  readonly couplingVariance: number;
  readonly generativeWeight: number;
}

/** Input units: rows less `centre`, divided by `scale`. */
export interface Units {
  readonly centre: Float64Array; // [d]
  readonly scale: Float64Array; // [d]
}

/** Mean and standard deviation of each input over the rows that have it; 1 where it does not move. */
export function unitsOf({ x, observed, count, width: d }: WindowRows): Units {
  const [mass, sum, square] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
  for (let at = 0; at < count * d; at += 1) {
    if (observed[at] !== 1) continue;
    const i = at % d;
    mass[i] = (mass[i] ?? 0) + 1;
    sum[i] = (sum[i] ?? 0) + (x[at] ?? 0);
    square[i] = (square[i] ?? 0) + (x[at] ?? 0) ** 2;
  }
  const centre = sum.map((value, i) => value / Math.max(1, mass[i] ?? 1));
  const scale = square.map((value, i) => {
    const variance = value / Math.max(1, mass[i] ?? 1) - (centre[i] ?? 0) ** 2;
    return variance > 1e-12 ? Math.sqrt(variance) : 1;
  });
  return { centre, scale };
}

/** Inputs in these units, 0 where unobserved. */
export function inUnits(
  x: ArrayLike<number>,
  observed: ArrayLike<number>,
  { centre, scale }: Units,
): Float64Array {
  const d = centre.length;
  return Float64Array.from({ length: x.length }, (_, at) =>
    observed[at] === 1 ? ((x[at] ?? 0) - (centre[at % d] ?? 0)) / (scale[at % d] ?? 1) : 0,
  );
}

/** Rows in these units. Rounds come one after the other on the same rows, which are made once. */
export const coupledRows = remembering(
  ({ count, width, classes, x, observed, y }: WindowRows, units: Units): CoupledRows =>
    withSquares({
      ...{ count, width, classes, y },
      x: inUnits(x, observed, units),
      weight: new Float64Array(count).fill(1),
      gaps: gapsOf(observed, count, width),
    }),
  (one, other) => one.centre === other.centre && one.scale === other.scale,
);

const withSquares = (rows: CoupledRows): CoupledRows => ({ ...rows, squares: squaresIn(rows) });

/** Starts: with every input alike, then with some of them mattering more, one by one and by halves. */
const SINGLES = 6;
const HALVES = 2;
const LESS = -1.5; // ln of the root of the precision of inputs that matter less

export const startCount = (width: number): number => (width < 2 ? 1 : 1 + Math.min(width, SINGLES) + HALVES);

/** Inputs that matter more in one start. */
function stressed(width: number, start: number, random: Random): readonly number[] {
  const inputs = Int32Array.from({ length: width }, (_, i) => i);
  if (start === 0) return [...inputs];
  const singles = Math.min(width, SINGLES);
  if (start <= singles) return [Math.floor(((start - 1) * width) / singles)];
  return [...shuffle(inputs, random)].slice(0, Math.ceil(width / 2));
}

/**
 * Means of the labelled rows of each class, every input with the variance that it has over all classes, heads as one.
 * Where the labels come from a part of their classes only, the objective has several valleys: hence several starts.
 */
export function startOf(rows: CoupledRows, start = 0, seed = 0): Float64Array {
  const { width: d, classes: k } = rows;
  const flat = new Float64Array(parameterCount(d, k));
  const { means, factor } = partsOf(flat, d, k);
  labelMeans(rows, means);
  const inputs = new Set(stressed(d, start, seededRandom(seed, 7100 + start)));
  for (let i = 0; i < d; i += 1) factor[i * d + i] = inputs.has(i) ? 0 : LESS;
  return flat;
}

function labelMeans({ gaps, width: d, classes: k, x, y }: CoupledRows, means: Float64Array): void {
  const mass = new Float64Array(k * d);
  for (const { kept, rows: own } of gaps) {
    for (const n of own) {
      for (let c = 0; c < k; c += 1) {
        const label = y[n * k + c] ?? 0;
        if (label === 0) continue;
        for (const i of kept) {
          means[c * d + i] = (means[c * d + i] ?? 0) + label * (x[n * d + i] ?? 0);
          mass[c * d + i] = (mass[c * d + i] ?? 0) + label;
        }
      }
    }
  }
  for (let at = 0; at < means.length; at += 1) means[at] = (means[at] ?? 0) / Math.max(1, mass[at] ?? 0);
}

export const couplingOf = (candidate: Candidate, jitter: number): Coupling => ({
  ...candidate,
  jitter,
  scale: apartScale(candidate.couplingVariance),
});

const TOLERANCE = 1e-9; // of the derivative, a row

interface Pace {
  readonly steps: number;
  readonly tolerance?: number;
  readonly signal: AbortSignal;
}

/**
 * Some steps of L-BFGS on the objective. Where a labelled row has gaps, what may stand in them is drawn anew from the
 * density that the last round left, and the search begins afresh from there. A cancel is heard a few times a second.
 */
export async function advanced(
  search: Search | undefined,
  start: Float64Array,
  rows: CoupledRows,
  coupling: Coupling,
  { steps, tolerance = TOLERANCE, signal }: Pace,
): Promise<Search> {
  const at = search?.at ?? start;
  const places = placesOf(headsOf(at, rows.width, rows.classes, coupling.scale), rows);
  const loss = coupledLoss(rows, places, coupling);
  const isFixed = places.from.length === places.share.length + 1;
  let now = search !== undefined && isFixed ? search : searchFrom(at, loss);
  const together = Math.max(1, Math.floor(SECOND / 4 / workOf(rows)));
  for (let left = steps; left > 0 && !now.isSettled; left -= together) {
    if (left < steps) await pause(signal);
    now = searched(now, loss, { steps: Math.min(left, together), tolerance });
  }
  return now;
}

const SECOND = 4e8; // multiplications of about a second on one core

/** Multiplications that the objective takes at one place, about. */
function workOf({ gaps, width: d, classes: k }: Pick<CoupledRows, "gaps" | "width" | "classes">): number {
  const isWide = d >= WIDE;
  return gaps.reduce(
    (sum, { missing: { length: m }, rows: { length: n } }) => {
      const taught = (m === 0 ? 3 : 20) * k * d; // with gaps at several places
      const ofRow = taught + (isWide && m === 0 ? 0 : (d * d) / (isWide ? 2 : 1) + m * d);
      const ofGap = m === 0 ? 0 : m ** 3 + k * m * d + (isWide ? 0 : m * m * d + 2 * k * d * d);
      return sum + n * ofRow + ofGap;
    },
    0.7 * d ** 3 + 5 * k * d * d,
  );
}

const LEAST_OF_A_ROUND = 7; // steps: so that a fit comes to its end within its rounds

/** Steps that take about a second on one core. */
export function stepsASecond(rows: Pick<CoupledRows, "count" | "width" | "classes" | "gaps">): number {
  const { count, width, classes } = rows;
  if (width >= WIDE) return Math.max(LEAST_OF_A_ROUND, Math.floor(SECOND / workOf(rows)));
  return Math.max(1, Math.floor(SECOND / (count * width * (width + classes))));
}

const MOST_UNLABELLED = 2000; // rows while starts and settings are tried
const MOST_LABELLED = 1000;
const TRIED = { steps: 40, tolerance: 1e-5 };

/** Where a start comes to on a part of the rows. */
export const tried = (
  whole: CoupledRows,
  coupling: Coupling,
  start: Float64Array,
  signal: AbortSignal,
): Promise<Search> => advanced(undefined, start, thinned(whole), coupling, { ...TRIED, signal });

/** Multiplications of one such trial. */
export const trialWork = (whole: CoupledRows): number => TRIED.steps * workOf(thinned(whole));

/** At most so many labelled and unlabelled rows, evenly through the recordings; each stands for those left out. */
const thinned = (rows: CoupledRows): CoupledRows => rememberedThin(rows, undefined);
const rememberedThin = remembering(
  (rows: CoupledRows) => withSquares(thinnedFrom(rows)),
  () => true,
);

function thinnedFrom(rows: CoupledRows): CoupledRows {
  const all = Array.from({ length: rows.count }, (_, n) => n);
  const sides = [
    evenly(
      all.filter((n) => isLabelled(rows, n)),
      MOST_LABELLED,
    ),
    evenly(
      all.filter((n) => !isLabelled(rows, n)),
      MOST_UNLABELLED,
    ),
  ];
  const weight = new Float64Array(rows.count);
  for (const { kept, each } of sides) for (const n of kept) weight[n] = each;
  const gaps = rows.gaps
    .map((gap) => ({ ...gap, rows: gap.rows.filter((n) => (weight[n] ?? 0) > 0) }))
    .filter((gap) => gap.rows.length > 0);
  return { ...rows, weight, gaps };
}

function evenly(rows: readonly number[], most: number): { kept: readonly number[]; each: number } {
  const every = Math.max(1, Math.ceil(rows.length / most));
  const kept = rows.filter((_, i) => i % every === 0);
  return { kept, each: rows.length / Math.max(1, kept.length) };
}

const CELL = 0.5; // standard deviations

/**
 * The part of `parts` in which a labelled row is held out, -1 without a label: rows that are alike go together, since
 * windows that overlap are, and a row's part depends on the row alone. Cells of one projection, dealt out in turn.
 */
function partsByLikeness(rows: CoupledRows, parts: number): Int32Array {
  const { width: d, count, x } = rows;
  const random = seededRandom(0, 7200);
  const direction = Float64Array.from({ length: d }, () => random.normal());
  const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
  const offset = parts * random.next();
  return Int32Array.from({ length: count }, (_, n) => {
    if (!isLabelled(rows, n)) return -1;
    let along = 0;
    for (let i = 0; i < d; i += 1) along += ((direction[i] ?? 0) / length) * (x[n * d + i] ?? 0);
    const cell = Math.floor(along / CELL + offset) % parts;
    return cell < 0 ? cell + parts : cell;
  });
}

/** Labelled rows of the class that has fewest. */
export function fewestLabels({ count, classes: k, y }: Pick<WindowRows, "count" | "classes" | "y">): number {
  const totals = new Float64Array(k);
  for (let at = 0; at < count * k; at += 1) totals[at % k] = (totals[at % k] ?? 0) + (y[at] ?? 0);
  return Math.min(...totals);
}

/**
 * Σ −ln P(label) of the labelled rows of one part, by the discriminative head of a model that had them without their labels; each of
 * `parts` in turn makes a cross-validation.
 */
export async function heldOutLoss(
  whole: CoupledRows,
  coupling: Coupling,
  start: Float64Array,
  { part, parts, signal }: { readonly part: number; readonly parts: number; readonly signal: AbortSignal },
): Promise<number> {
  const rows = thinned(whole);
  const { width: d, classes: k } = rows;
  const held = partsByLikeness(rows, parts);
  const y = Float64Array.from({ length: rows.count * k }, (_, at) =>
    held[Math.floor(at / k)] === part ? 0 : (rows.y[at] ?? 0),
  );
  const taught = { ...rows, y };
  const { at } = await advanced(undefined, start, taught, coupling, { ...TRIED, signal });
  return lossOn(headsOf(at, d, k, coupling.scale), rows, (n) => held[n] === part);
}

function lossOn(heads: CoupledHeads, rows: CoupledRows, isHeld: (n: number) => boolean): number {
  const { width: d, classes: k } = rows;
  let sum = 0;
  for (const gap of rows.gaps) {
    const held = gap.rows.filter(isHeld);
    const observed = new Uint8Array(held.length * d);
    const x = new Float64Array(held.length * d);
    held.forEach((n, i) => {
      x.set(rows.x.subarray(n * d, (n + 1) * d), i * d);
      for (const input of gap.kept) observed[i * d + input] = 1;
    });
    const { discriminative } = answersOf(heads, x, observed, held.length);
    held.forEach((n, i) => {
      for (let c = 0; c < k; c += 1) {
        const label = (rows.weight[n] ?? 0) * (rows.y[n * k + c] ?? 0);
        if (label > 0) sum -= label * Math.log(Math.max(discriminative[i * k + c] ?? 0, 1e-12));
      }
    });
  }
  return sum;
}
