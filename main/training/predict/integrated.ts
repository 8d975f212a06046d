import type { GaussianMixture } from "../../models/distributions/gaussian-mixture.ts";
import { logSumExp, softmaxRows } from "../../models/linear-algebra.ts";
import { pickedInputs } from "../../models/window-rows.ts";
import { completed, COMPLETIONS } from "../../models/windows/input-density.ts";
import type { Scorer, Scores } from "./score.ts";

/** Windows with gaps that are completed together. */
const BLOCK = 64;

interface Integral {
  readonly density: GaussianMixture;
  readonly classes: number;
  /** At which the members' probabilities are meant: they are averaged so, and their logits are given for it. */
  readonly temperature: number;
}

/**
 * What members say of windows, with what a window hides integrated out over the density of the inputs. Logits of such a
 * window are those of the mean probability at the temperature, its log density that of the mean density. Windows
 * without gaps are said of as by `score` itself.
 */
export async function integrated(
  score: Scorer["score"],
  { density, classes, temperature }: Integral,
  x: Float32Array,
  observed: Uint8Array,
  signal?: AbortSignal,
): Promise<Scores> {
  const said = await score(x, observed, signal);
  const { width } = density;
  const gaps = withGaps(observed, width);
  for (let from = 0; from < gaps.length; from += BLOCK) {
    const rows = gaps.slice(from, from + BLOCK);
    const own = completed(density, pickedInputs({ x, observed, width }, rows));
    const each = await score(own.x, new Uint8Array(own.x.length).fill(1), signal);
    said.logits.forEach((logits, member) => {
      const inner = softmaxRows(each.logits[member] ?? [], classes, temperature);
      rows.forEach((n, at) => {
        const mean = meanOf(inner, own.weights, at, classes);
        logits.set(
          mean.map((share) => temperature * Math.log(Math.max(share, Number.MIN_VALUE))),
          n * classes,
        );
      });
    });
    said.logDensity.forEach((densities, member) => {
      const inner = each.logDensity[member] ?? new Float32Array(0);
      const weighed = Float64Array.from(inner, (one, i) => one + Math.log(own.weights[i] ?? 0));
      rows.forEach((n, at) => (densities[n] = logSumExp(weighed, at * COMPLETIONS, COMPLETIONS)));
    });
  }
  return said;
}

/** Numbers of the windows in which something is missing. */
function withGaps(observed: Uint8Array, width: number): number[] {
  const found: number[] = [];
  for (let n = 0; n < observed.length / width; n += 1)
    if (observed.subarray(n * width, (n + 1) * width).includes(0)) found.push(n);
  return found;
}

function meanOf(inner: Float64Array, weights: Float64Array, row: number, classes: number): Float64Array {
  const mean = new Float64Array(classes);
  for (let s = row * COMPLETIONS; s < (row + 1) * COMPLETIONS; s += 1)
    for (let c = 0; c < classes; c += 1)
      mean[c] = (mean[c] ?? 0) + (weights[s] ?? 0) * (inner[s * classes + c] ?? 0);
  return mean;
}
