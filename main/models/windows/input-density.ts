import { evenCompletions } from "../distributions/completions.ts";
import type { GaussianMixture } from "../distributions/gaussian-mixture.ts";
import { kMeans } from "../distributions/k-means.ts";
import { fitMixture, mixtureFromClusters } from "../distributions/mixture-fit.ts";
import { latinDesigns } from "../distributions/normal-design.ts";
import type { MaskedRows } from "../distributions/patterns.ts";
import type { FrontLayout } from "../fronts/front.ts";
import { seededRandom, shuffle } from "../random.ts";
import { pickedInputs } from "../window-rows.ts";

/*
 * P(c | x_o) = E P(c | x_o, x_m) over p(x_m | x_o): exact for whatever judges complete inputs, once a density of the inputs
 * stands beside it (sdgm.md 2). A network that is only told what is missing lost 12 points with each electrode absent by
 * .2, the same network so 0.4 (bracelet, within a person, 13 people).
 */

/** More inputs have no density: a factor for each pattern of gaps would take too long. */
const MOST_INPUTS = 48;
const MOST_ROWS = 1500;
const EACH = 2; // components for every class
const MOST_STEPS = 8;
const STILL = 1e-3; // nats a window
const LEAST_VARIANCE = 1e-4;

export interface DenseWindows {
  readonly count: number;
  readonly width: number;
  readonly classes: number;
  readonly x: Float32Array; // [n x d], 0 where missing
  readonly observed: Uint8Array; // [n x d]
}

/**
 * A mixture of normals of what a network learns from, labels or not. Undefined where inputs are too many, run along time, or
 * have their gaps among them as inputs of their own.
 */
export function inputDensityOf(
  windows: DenseWindows,
  { maskInputs, columns }: Pick<FrontLayout, "maskInputs" | "columns">,
  seed: number,
): GaussianMixture | undefined {
  const { width, classes } = windows;
  if (!maskInputs || columns > 1 || width > MOST_INPUTS || windows.count === 0) return undefined;
  const rows = someOf(windows, seed);
  const components = EACH * classes;
  const { labels } = kMeans(
    rows.x,
    { count: rows.count, width, clusters: components },
    seededRandom(seed, 82),
  );
  const start = mixtureFromClusters(rows, labels, { width, components, spread: "full" });
  return fitMixture(rows, start, {
    ...{ least: LEAST_VARIANCE, pooled: width },
    ...{ rounds: MOST_STEPS, tolerance: STILL },
  }).mixture;
}

/** At most MOST_ROWS of them, the same ones for the same seed. */
function someOf(windows: DenseWindows, seed: number): Pick<DenseWindows, "count" | "x" | "observed"> {
  if (windows.count <= MOST_ROWS) return windows;
  const all = Int32Array.from({ length: windows.count }, (_, n) => n);
  return pickedInputs(windows, shuffle(all, seededRandom(seed, 81)).subarray(0, MOST_ROWS).sort());
}

/** So many points stand for what a window hides: of 16, 32 and 64 none was better by more than .01 points. */
export const COMPLETIONS = 16;
const designs = latinDesigns(COMPLETIONS, 83);

/** Each row COMPLETIONS times over, complete, row after row, and what each of a row's completions weighs. */
export function completed(
  density: GaussianMixture,
  rows: MaskedRows,
): { readonly x: Float32Array; readonly weights: Float64Array } {
  const { width } = density;
  const x = new Float32Array(rows.count * COMPLETIONS * width);
  const weights = new Float64Array(rows.count * COMPLETIONS);
  const filled = new Int32Array(rows.count);
  evenCompletions(density, rows, designs, (n, full, weight) => {
    const at = n * COMPLETIONS + (filled[n] ?? 0);
    filled[n] = (filled[n] ?? 0) + 1;
    x.set(full, at * width);
    weights[at] = weight;
  });
  return { x, weights };
}
