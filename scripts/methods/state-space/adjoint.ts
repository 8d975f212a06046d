import { cholesky, solveLower } from "../../../main/models/linear-algebra.ts";
import { standardNormalCdf } from "../../../main/models/distributions/standard-normal.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { ctgDynamics, filter } from "../../../main/models/sequences/state-space/filter.ts";
import { driveGradient, linearFilter } from "../../../main/models/sequences/state-space/linear.ts";
import { startLayers } from "../../../main/models/sequences/state-space/neural-input.ts";
import { filterRegimes, oneRegime, switchingOf } from "../../../main/models/sequences/state-space/regimes.ts";
import { atLeast, atMost, type MethodCheck, type Outcome } from "../check.ts";
import { bursts, drawn, drawnFrom, smoothedLinear, type MadeUp } from "./benchmark.ts";
import { drivenModel, type DrivenParameters } from "./driven.ts";
import { learnDrive } from "./learn-drive.ts";

const truth: DrivenParameters = {
  input: {
    ...{ layers: startLayers(1), delay: 25 },
    ...{ omega: (2 * Math.PI) / 70, zeta: 0.8 },
  },
  ...{ rho: 0.97, frequency: 4 / 60, baselineStep: 0.1, pullStep: 0.05, fastStep: 0.9, noise: 0.7 },
};
const from = { evidence: "computed", source: "ctg-generative-model.md §6" } as const;
const total = (all: Float64Array): number => all.reduce((a, b) => a + b, 0);

/** ln p of the observed values by their covariance, written out. */
function explicit(model: ReturnType<typeof drivenModel>, { y, observed, drive }: MadeUp): number {
  const { states: n, F, B, H, Q, R } = model;
  const steps = y.length;
  const covariance = new Float64Array(steps * steps);
  const means = new Float64Array(steps);
  const times = (a: Float64Array, b: Float64Array, isTurned: boolean): Float64Array =>
    Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let k = 0; k < n; k += 1) sum += (a[i * n + k] ?? 0) * (b[isTurned ? j * n + k : k * n + j] ?? 0);
      return sum;
    });
  const seen = (p: Float64Array): number =>
    H.reduce((sum, h, i) => sum + h * H.reduce((own, g, j) => own + g * (p[i * n + j] ?? 0), 0), 0);
  let p = model.covariance;
  let mean = model.mean;
  for (let t = 0; t < steps; t += 1) {
    if (t > 0) {
      const before = mean;
      mean = before.map(
        (_, i) =>
          (B[i] ?? 0) * (drive[t - 1] ?? 0) + before.reduce((sum, v, k) => sum + (F[i * n + k] ?? 0) * v, 0),
      );
      p = times(times(F, p, false), F, true).map((v, i) => v + (Q[i] ?? 0));
    }
    means[t] = mean.reduce((sum, v, i) => sum + v * (H[i] ?? 0), 0);
    let later = p;
    for (let u = t; u < steps; u += 1) {
      covariance[t * steps + u] = seen(later) + (t === u ? R : 0);
      covariance[u * steps + t] = covariance[t * steps + u] ?? 0;
      later = times(F, later, false);
    }
  }
  const at = [...observed.keys()].filter((t) => observed[t] === 1);
  const lower = cholesky(
    Float64Array.from(at.flatMap((t) => at.map((u) => covariance[t * steps + u] ?? 0))),
    at.length,
  );
  const z = new Float64Array(at.length);
  const off = Float64Array.from(at, (t) => (y[t] ?? 0) - (means[t] ?? 0));
  solveLower(lower, at.length, off, z);
  return z.reduce(
    (sum, v, i) => sum - 0.5 * (Math.log(2 * Math.PI) + v * v) - Math.log(lower[i * (at.length + 1)] ?? 0),
    0,
  );
}

function gradientError(): number {
  const model = drivenModel(truth, 140);
  const record = drawn(model, { seconds: 200, stepS: 1, delayS: 25, seed: 4 });
  const { y, observed, drive } = record;
  const exact = driveGradient(model, linearFilter(model, record), observed);
  let worst = 0;
  for (let t = 0; t < 199; t += 1) {
    const [up, down] = [drive.slice(), drive.slice()];
    up[t] = (drive[t] ?? 0) + 1e-2;
    down[t] = (drive[t] ?? 0) - 1e-2;
    const of = (d: Float64Array): number => total(linearFilter(model, { y, observed, drive: d }).logDensity);
    const measured = (of(up) - of(down)) / 2e-2; // exact but for rounding: ln p is quadratic in the drive
    worst = Math.max(worst, Math.abs((exact[t] ?? 0) - measured) / Math.max(1, Math.abs(measured)));
  }
  return worst;
}

/** Whether the truth lies anywhere in its smoothed distribution equally often: p of χ² over ten bins. */
function calibratedStates(state: number): number {
  const model = drivenModel(truth, 140);
  const counts = new Float64Array(10);
  const records = 100;
  for (let seed = 1; seed <= records; seed += 1) {
    const random = seededRandom(seed, 3);
    const drive = Float64Array.from({ length: 300 }, (_, t) => -15 + 15 * Math.cos(t / 20));
    const { y, states } = drawnFrom(model, drive, random);
    const observed = bursts(300, 0.2, 12, random);
    const { mean, covariance } = smoothedLinear(model, { y, observed, drive });
    const [t, n] = [random.below(300), model.states];
    const sd = Math.sqrt(covariance[(t * n + state) * n + state] ?? 0);
    const share = standardNormalCdf(((states[t * n + state] ?? 0) - (mean[t * n + state] ?? 0)) / sd);
    const bin = Math.min(9, Math.floor(10 * share));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const square = counts.reduce((sum, count) => sum + (count - records / 10) ** 2 / (records / 10), 0);
  return chiSquareAbove(square);
}

/** P(χ² > x) with nine degrees of freedom. */
function chiSquareAbove(x: number): number {
  const root = Math.sqrt(x);
  const density = Math.exp(-x / 2) / Math.sqrt(2 * Math.PI);
  let [term, sum] = [root, 0];
  for (const odd of [3, 5, 7, 9]) {
    sum += term;
    term *= x / odd;
  }
  return 2 * (1 - standardNormalCdf(root)) + 2 * density * sum;
}

/** Four values a second averaged to one: what is learned from them is the same. */
function coarser(): readonly { readonly what: string; readonly off: number }[] {
  const fine = drivenModel(truth, 140, 0.25);
  const records = [1, 2, 3, 4, 5].map((seed) => {
    const { y, u } = drawn(fine, { seconds: 1800, stepS: 0.25, delayS: 25, seed: 40 + seed });
    const means = (of: Float64Array): Float64Array =>
      Float64Array.from(
        { length: of.length / 4 },
        (_, t) => of.subarray(4 * t, 4 * t + 4).reduce((a, b) => a + b, 0) / 4,
      );
    return { y: means(y), u: means(u), observed: new Uint8Array(y.length / 4).fill(1) };
  });
  const { input } = learnDrive(records, "neural").parameters;
  const off = (found: number, was: number): number => (100 * Math.abs(found - was)) / was;
  return [
    { what: "natural frequency", off: off(input.omega, truth.input.omega) },
    { what: "damping", off: off(input.zeta, truth.input.zeta) },
    { what: "delay", off: off(input.delay, truth.input.delay) },
  ];
}

export const ssmAdjoint: MethodCheck = {
  id: "ssm-adjoint",
  about: "State-space model: exact likelihood, exact gradient of its input, smoother and regimes",
  run: (): readonly Outcome[] => {
    const model = drivenModel(truth, 140);
    const short = drawn(model, { seconds: 12, stepS: 1, delayS: 25, seed: 2 });
    const observed = short.observed.map((is, t) => (t % 3 === 1 ? 0 : is));
    const record = { ...short, observed };
    const found = total(linearFilter(model, record).logDensity);
    const long = drawn(model, { seconds: 1800, stepS: 1, delayS: 25, seed: 3 });
    const one = filter(long, ctgDynamics);
    const mixed = filterRegimes(long, switchingOf(ctgDynamics, oneRegime));
    const twice = filterRegimes(long, { dwell: 60, dynamics: [ctgDynamics, ctgDynamics] });
    const nothing = filter({ ...long, observed: new Uint8Array(1800) }, ctgDynamics, 140);
    return [
      atMost(
        "ln p off the multivariate normal, values missing",
        Math.abs(found - explicit(model, record)),
        1e-8,
        from,
        12,
      ),
      atMost("gradient of the drive off differences, relative", gradientError(), 1e-6, from, 12),
      atMost("ln p where nothing was observed", Math.abs(total(nothing.logDensity)), 0, from),
      atMost(
        "one regime off the plain filter",
        Math.max(...mixed.after.map((v, i) => Math.abs(v - (one.after[i] ?? 0)))),
        0,
        from,
      ),
      atMost(
        "ln p of two equal regimes off the plain filter",
        Math.abs(total(twice.logDensity) - total(one.logDensity)),
        1e-9,
        from,
        12,
      ),
      atLeast(
        "baselines of 100 records in their smoothed distribution, p of χ²",
        calibratedStates(0),
        0.01,
        from,
      ),
      atLeast("decelerations likewise", calibratedStates(1), 0.01, from),
      ...coarser().map(({ what, off }) =>
        atMost(`${what} learned from means of four values, % off`, off, 15, from, 1),
      ),
    ];
  },
};
