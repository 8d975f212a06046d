import { pause } from "../../../compute/pause.ts";
import { searched, searchFrom, type Search } from "../../convex/lbfgs.ts";

export interface DescentOptions {
  readonly steps: number;
  readonly signal: AbortSignal;
  readonly onStep?: ((search: Search) => Promise<void> | void) | undefined;
}

const STEP = 1e-5; // of a parameter, for a slope
const SETTLED = 2e-5; // nats a step

/**
 * A few numbers that make a function low, by L-BFGS with slopes from differences (the function must be cheap and smooth).
 * Where it is not finite a step is taken back.
 */
export async function descend(
  f: (at: Float64Array) => number,
  start: Float64Array | Search,
  { steps, signal, onStep }: DescentOptions,
): Promise<Search> {
  const value = (at: Float64Array): number => {
    const found = f(at);
    return Number.isFinite(found) ? found : 1e9;
  };
  const objective = (at: Float64Array, gradient: Float64Array): number => {
    const middle = value(at);
    const moved = at.slice();
    for (let i = 0; i < at.length; i += 1) {
      const own = at[i] ?? 0;
      moved[i] = own + STEP;
      gradient[i] = (value(moved) - middle) / STEP;
      moved[i] = own;
    }
    return middle;
  };
  await pause(signal);
  let search = start instanceof Float64Array ? searchFrom(start, objective) : start;
  while (search.steps < steps && !search.isSettled) {
    const before = search.value;
    search = searched(search, objective, { steps: 1, tolerance: SETTLED });
    if (before - search.value < SETTLED && search.pairs.length > 3) search = { ...search, isSettled: true };
    await onStep?.(search);
    await pause(signal);
  }
  return search;
}
