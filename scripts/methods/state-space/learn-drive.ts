import { searched, searchFrom, type Search } from "../../../main/models/convex/lbfgs.ts";
import {
  driveGradient,
  linearFilter,
  type LinearModel,
} from "../../../main/models/sequences/state-space/linear.ts";
import {
  flatPull,
  type NeuralInput,
  pullGradient,
  pullLayers,
  pulls,
  startLayers,
} from "../../../main/models/sequences/state-space/neural-input.ts";
import type { MadeUp } from "./benchmark.ts";
import { drivenModel, type DrivenParameters } from "./driven.ts";

type DrivenRecord = Pick<MadeUp, "y" | "observed" | "u">;

/** How the pull depends on contractions: a small network, or a straight line. */
export type DriveKind = "neural" | "linear" | "none";

const UNITS = 6;
const LONGEST_S = 60;
const PENALTY = 0.01;
/** Weights come first, then the delay, then the eight that are learned by differences. */

const inside = (x: number): number => 1 / (1 + Math.exp(-x));

function read(at: Float64Array, kind: DriveKind): DrivenParameters & { readonly line: readonly number[] } {
  const weights = kind === "neural" ? 3 * UNITS + 1 : kind === "linear" ? 2 : 0;
  const [delay = 0, omega = 0, zeta = 0, rho = 0, frequency = 0, b = 0, pull = 0, fast = 0, noise = 0] =
    Array.from(at.subarray(weights));
  const input: NeuralInput = {
    ...{ layers: pullLayers(at.slice(0, weights)), delay: LONGEST_S * inside(delay) },
    ...{ omega: Math.exp(omega), zeta: Math.exp(zeta) },
  };
  return {
    ...{ input, line: Array.from(at.subarray(0, 2)), rho: inside(rho), frequency: Math.exp(frequency) },
    ...{ baselineStep: Math.exp(b), pullStep: Math.exp(pull), fastStep: Math.exp(fast) },
    noise: Math.exp(noise),
  };
}

const delayedLine = (u: Float64Array, [slope = 0, offset = 0]: readonly number[], steps: number) =>
  u.map((_, t) => {
    const at = Math.max(0, t - steps);
    const left = Math.floor(at);
    const [from, to] = [u[left] ?? 0, u[Math.min(u.length - 1, left + 1)] ?? 0];
    return offset + slope * (from + (at - left) * (to - from));
  });

export interface LearnedDrive {
  readonly parameters: DrivenParameters;
  readonly model: (level: number) => LinearModel;
  readonly drive: (u: Float64Array) => Float64Array;
  readonly loss: number; // nats a value, with the penalty
}

const learned = (at: Float64Array, kind: DriveKind, stepS: number, loss: number): LearnedDrive => {
  const parameters = read(at, kind);
  return {
    ...{ parameters, loss },
    model: (level) => drivenModel(parameters, level, stepS),
    drive: (u) =>
      kind === "neural"
        ? pulls(parameters.input, u, stepS)
        : kind === "linear"
          ? delayedLine(u, parameters.line, parameters.input.delay / stepS)
          : new Float64Array(u.length),
  };
};

const totalOf = (all: Float64Array): number => all.reduce((a, b) => a + b, 0);

/** −ln p a value and its gradient: exact for weights and delay by the backward pass, by differences for the eight others. */
function objectiveFor(records: readonly DrivenRecord[], kind: DriveKind, stepS: number) {
  const count = records.reduce((sum, { observed }) => sum + observed.reduce((a, b) => a + b, 0), 0);
  const valueAt = (at: Float64Array): number => {
    const own = learned(at, kind, stepS, 0);
    return -records.reduce(
      (sum, { y, observed, u }) =>
        sum + totalOf(linearFilter(own.model(140), { y, observed, drive: own.drive(u) }).logDensity),
      0,
    );
  };
  return (at: Float64Array, gradient: Float64Array): number => {
    const own = learned(at, kind, stepS, 0);
    const exact = kind === "neural" ? 3 * UNITS + 2 : 0;
    gradient.fill(0);
    let value = 0;
    for (const { y, observed, u } of records) {
      const model = own.model(140);
      const kept = linearFilter(model, { y, observed, drive: own.drive(u) });
      value -= totalOf(kept.logDensity);
      if (exact === 0) continue;
      const { layers, delay } = pullGradient(
        own.parameters.input,
        u,
        driveGradient(model, kept, observed),
        stepS,
      );
      flatPull(layers).forEach((slope, i) => (gradient[i] = (gradient[i] ?? 0) - slope));
      const turn = own.parameters.input.delay * (1 - own.parameters.input.delay / LONGEST_S);
      gradient[exact - 1] = (gradient[exact - 1] ?? 0) - delay * turn;
    }
    const moved = at.slice();
    for (let i = exact; i < at.length; i += 1) {
      moved[i] = (at[i] ?? 0) + 1e-5;
      gradient[i] = (valueAt(moved) - value) / 1e-5;
      moved[i] = at[i] ?? 0;
    }
    for (let i = 0; i < exact - 1; i += 1) {
      value += 0.5 * PENALTY * (at[i] ?? 0) ** 2;
      gradient[i] = (gradient[i] ?? 0) + PENALTY * (at[i] ?? 0);
    }
    for (let i = 0; i < gradient.length; i += 1) gradient[i] = (gradient[i] ?? 0) / count;
    return Number.isFinite(value) ? value / count : 1e9;
  };
}

/** By L-BFGS from a few delays, of which the best goes on. */
export function learnDrive(records: readonly DrivenRecord[], kind: DriveKind, stepS = 1): LearnedDrive {
  const objective = objectiveFor(records, kind, stepS);
  const weights = kind === "neural" ? [...flatPull(startLayers(UNITS))] : kind === "linear" ? [-10, 0] : [];
  const scalars = [0.06, 1, 0.95, 0.05, 0.3, 0.02, 1.5, 1].map((v, i) =>
    i === 2 ? Math.log(v / (1 - v)) : Math.log(v),
  );
  const starts = (kind === "none" ? [20] : [8, 20, 32]).map((delay) =>
    searchFrom(Float64Array.from([...weights, Math.log(delay / (LONGEST_S - delay)), ...scalars]), objective),
  );
  const tried = starts.map((start) => searched(start, objective, { steps: 25, tolerance: 1e-5 }));
  const best = tried.reduce((a, b) => (b.value < a.value ? b : a));
  const found: Search = searched(best, objective, { steps: 120, tolerance: 1e-5 });
  return learned(found.at, kind, stepS, found.value);
}
