import { z } from "zod";

/** A smooth function: its value at `at`, and its gradient written to `gradient`. */
export type Objective = (at: Float64Array, gradient: Float64Array) => number;

const doubles = z.instanceof(Float64Array<ArrayBufferLike>);

/** How far a search has come, as plain values that a checkpoint keeps. */
export const Search = z.object({
  at: doubles,
  value: z.number(),
  gradient: doubles,
  pairs: z.array(z.object({ step: doubles, change: doubles })).max(100), // newest last
  steps: z.number().int().nonnegative(),
  isSettled: z.boolean(),
});
export type Search = z.infer<typeof Search>;

type Lengths = Record<string, readonly [Float64Array, number]>;

/** What every array of a search must be as long as, by their names in a file; none where there is no search. */
export function searchLengths(search: Search | null, length: number, name = "search"): Lengths {
  if (search === null) return {};
  const own: Lengths = {
    [`${name}.at`]: [search.at, length],
    [`${name}.gradient`]: [search.gradient, length],
  };
  search.pairs.forEach(({ step, change }, i) => {
    own[`${name}.pairs.${i}.step`] = [step, length];
    own[`${name}.pairs.${i}.change`] = [change, length];
  });
  return own;
}

export interface SearchOptions {
  readonly steps: number; // to go now
  readonly tolerance: number; // of the gradient's largest component
}

const MEMORY = 20;
const HALVINGS = 40;
const SUFFICIENT = 1e-4;
const CURVATURE = 0.9;

export function searchFrom(start: Float64Array, objective: Objective): Search {
  const gradient = new Float64Array(start.length);
  const value = objective(start, gradient);
  return { at: start.slice(), value, gradient, pairs: [], steps: 0, isSettled: false };
}

/**
 * Limited-memory BFGS (Liu and Nocedal 1989) in float64, for convex functions: some steps further from `search`, which is
 * left as it was. Settled where no component of the gradient exceeds the tolerance, or where no step goes down any more.
 */
export function searched(search: Search, objective: Objective, options: SearchOptions): Search {
  let now = search;
  for (let step = 0; step < options.steps && !now.isSettled; step += 1)
    now = stepped(now, objective, options.tolerance);
  return now;
}

function stepped(search: Search, objective: Objective, tolerance: number): Search {
  if (largest(search.gradient) <= tolerance) return { ...search, isSettled: true };
  const found = alongLine(search, directionOf(search), objective);
  if (found === undefined)
    // The memory may have gone stale: once more straight down before giving up.
    return search.pairs.length === 0 ? { ...search, isSettled: true } : { ...search, pairs: [] };
  const { at, value, gradient } = found;
  const step = at.map((v, i) => v - (search.at[i] ?? 0));
  const change = gradient.map((v, i) => v - (search.gradient[i] ?? 0));
  const isCurved = inner(step, change) > 1e-16 * inner(change, change);
  const pairs = isCurved ? [...search.pairs.slice(1 - MEMORY), { step, change }] : search.pairs;
  return { at, value, gradient, pairs, steps: search.steps + 1, isSettled: largest(gradient) <= tolerance };
}

/** −H g by the two loops over the remembered pairs. */
function directionOf({ gradient, pairs }: Search): Float64Array {
  const direction = gradient.map((v) => -v);
  const shares = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i -= 1) {
    const pair = pairs[i];
    if (pair === undefined) continue;
    const share = inner(pair.step, direction) / inner(pair.step, pair.change);
    shares[i] = share;
    addTimes(direction, pair.change, -share);
  }
  const last = pairs.at(-1);
  const scale =
    last === undefined
      ? 1 / Math.max(1e-12, Math.sqrt(inner(gradient, gradient)))
      : inner(last.step, last.change) / inner(last.change, last.change);
  for (let i = 0; i < direction.length; i += 1) direction[i] = (direction[i] ?? 0) * scale;
  pairs.forEach(({ step, change }, i) => {
    const back = inner(change, direction) / inner(step, change);
    addTimes(direction, step, (shares[i] ?? 0) - back);
  });
  return direction;
}

/**
 * The first of the steps 1, ½, ¼, … that goes down enough (Armijo). Near the optimum, where differences of the value are
 * rounding errors, one that makes the slope flatter without going up by more than those (Hager and Zhang 2005).
 */
function alongLine(
  { at, value, gradient }: Search,
  direction: Float64Array,
  objective: Objective,
): Pick<Search, "at" | "value" | "gradient"> | undefined {
  const slope = inner(gradient, direction);
  if (!(slope < 0)) return undefined;
  const noise = 1e-14 * Math.max(1, Math.abs(value));
  for (let halving = 0, size = 1; halving < HALVINGS; halving += 1, size /= 2) {
    const tried = at.map((v, i) => v + size * (direction[i] ?? 0));
    const own = new Float64Array(at.length);
    const found = objective(tried, own);
    const isDown = found <= value + SUFFICIENT * size * slope;
    const isFlatter =
      found <= value + noise && Math.abs(inner(own, direction)) <= CURVATURE * Math.abs(slope);
    if (isDown || isFlatter) return { at: tried, value: found, gradient: own };
  }
  return undefined;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function addTimes(to: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i += 1) to[i] = (to[i] ?? 0) + times * (what[i] ?? 0);
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
