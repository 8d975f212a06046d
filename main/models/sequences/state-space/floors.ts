import type { Ahead } from "./ahead.ts";
import { compositeLoss, type Foreseen, type Foreseer } from "./composite.ts";
import { descend } from "./descent.ts";
import { fadingLogScale, scaleOf, startLevel, type Observations } from "./filter.ts";
import { linearFilter, type LinearModel } from "./linear.ts";

/** Simple methods that look ahead: a level that wanders, and an autoregression about a slow level. Both with tails and a moving noise scale. */
export const floorNames = ["local-level", "ar5"] as const;
export type FloorName = (typeof floorNames)[number];

const ORDER = 5;
const LEAST_NOISE = 0.01; // variance of a value; equal values in a row must stay possible

const inside = (x: number): number => 1 / (1 + Math.exp(-x));

/** Where a fit begins, near what labour records give: steps of level and deviation, noise of a value, the noise scale. */
const starts: Readonly<Record<FloorName, readonly number[]>> = {
  "local-level": [-0.16, -6, 0.63, -0.85, 3.4, -3.7],
  ar5: [1.33, -0.5, 0.14, -0.1, 0.07, 0.43, -1.84, -6, 0.84, -0.84, 2.4, -2.5],
};

function modelOf(name: FloorName, at: ArrayLike<number>, level: number): LinearModel {
  const width = 1 + (name === "ar5" ? ORDER : 0);
  const matrix = (): Float64Array => new Float64Array(width * width);
  const own = name === "ar5" ? ORDER : 0;
  const isAr = name === "ar5";
  const step = Math.exp(at[own] ?? 0);
  const levelStep = isAr ? Math.exp(at[own + 1] ?? 0) : 0;
  const rest = own + (isAr ? 2 : 1);
  const [F, Q, steady, covariance] = [matrix(), matrix(), matrix(), matrix()];
  const H = new Float64Array(width);
  const mean = new Float64Array(width);
  H[0] = 1;
  F[0] = 1;
  mean[0] = level;
  covariance[0] = 400;
  if (isAr) {
    H[1] = 1;
    for (let lag = 0; lag < ORDER; lag += 1) {
      F[width + 1 + lag] = at[lag] ?? 0;
      if (lag > 0) F[(1 + lag) * width + lag] = 1;
      covariance[(1 + lag) * (width + 1)] = 25;
    }
    Q[width + 1] = step * step;
    steady[0] = levelStep * levelStep;
  } else Q[0] = step * step;
  const [noise = 0, tails = 0, rise = 0, fall = 0, slow = 0] = Array.from(at).slice(rest);
  return {
    ...{ states: width, F, B: new Float64Array(width), H, Q, steady, mean, covariance },
    R: LEAST_NOISE + Math.exp(noise),
    scale: {
      ...{ tails: 2 + Math.exp(tails), fastRise: Math.exp(rise) },
      ...{ fastFall: inside(fall), slowRise: Math.exp(slow) },
    },
  };
}

/** What is left of the states h steps later as seen in a value, and the noise that comes to it. */
function horizon({ states: n, F, H, Q, steady }: LinearModel, h: number) {
  const g = H.slice();
  let [moving, still] = [0, 0];
  const form = (matrix: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < n; i += 1)
      for (let j = 0; j < n; j += 1) sum += (g[i] ?? 0) * (matrix[i * n + j] ?? 0) * (g[j] ?? 0);
    return sum;
  };
  for (let step = 0; step < h; step += 1) {
    moving += form(Q);
    still += form(steady);
    g.set(g.map((_, j) => g.reduce((sum, gi, i) => sum + gi * (F[i * n + j] ?? 0), 0)));
  }
  return { g, moving, still };
}

/** Parameters as a fit moves them: `starts`, or what was learned. */
export function floorForeseer(name: FloorName, at: ArrayLike<number>): Foreseer {
  const tables = new Map<number, ReturnType<typeof horizon>>();
  return (series: Observations): Foreseen => {
    const model = modelOf(name, at, startLevel(series) ?? startLevel(series, 1) ?? 0);
    const { states: n, R, scale } = model;
    const { mean, covariance, logDensity, ls, lf } = linearFilter(model, {
      y: series.y,
      observed: series.observed,
    });
    return {
      logDensity,
      at: (step, h): Ahead => {
        const table = tables.get(h) ?? horizon(model, h);
        tables.set(h, table);
        const { g, moving, still } = table;
        const slow = ls[step] ?? 0;
        const s = scaleOf(slow, fadingLogScale(lf[step] ?? 0, h, scale?.fastFall ?? 1));
        let value = 0;
        let variance = s * (moving + R) + still;
        for (let i = 0; i < n; i += 1) {
          value += (g[i] ?? 0) * (mean[step * n + i] ?? 0);
          for (let j = 0; j < n; j += 1)
            variance += (g[i] ?? 0) * (g[j] ?? 0) * (covariance[(step * n + i) * n + j] ?? 0);
        }
        return { mean: value, variance };
      },
    };
  };
}

/** Learns a floor from stretches of recordings. */
export async function fitFloor(
  name: FloorName,
  crops: readonly Observations[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const loss = (at: Float64Array): number => compositeLoss(crops, floorForeseer(name, at));
  const found = await descend(loss, Float64Array.from(starts[name]), { steps: 20, signal });
  return [...found.at];
}
