import type { Branch, Forecast } from "../../../../preload/contract/finding.ts";
import { normalMixtureQuantiles } from "../../distributions/normal-mixture-quantiles.ts";
import { normalMixtureScore } from "../../distributions/normal-mixture-score.ts";
import { type Component, mixturePredictive, type ScoredPredictive } from "../../distributions/predictive.ts";
import { calibratedProbabilities } from "../event-net/calibrate.ts";
import { type Blocks, HORIZONS_S, INPUTS } from "./blocks.ts";
import { type Memory, type Network, networkOf } from "./evaluate.ts";
import type { ForkCalibration, LearnedForks } from "./learned.ts";
import { bifurcationIndex, type ClassFuture, type Fork, varianceParts } from "./mixture.ts";

/** A recording as the members remember it at the end of each block. */
export interface Followed {
  readonly blocks: Blocks;
  readonly memories: readonly (readonly Memory[])[]; // a member, a block
}

/** The members, ready to follow recordings. */
export interface Members {
  readonly learned: LearnedForks;
  readonly networks: readonly Network[];
}

export const membersOf = (learned: LearnedForks): Members => ({
  learned,
  networks: learned.members.map((parameters) => networkOf(learned.shape, parameters)),
});

export const inputsAt = ({ x }: Blocks, block: number): Float32Array =>
  x.subarray(block * INPUTS, (block + 1) * INPUTS);

export function follow({ networks }: Pick<Members, "networks">, blocks: Blocks): Followed {
  const memories = networks.map((network) => {
    let memory = network.start;
    return Array.from({ length: blocks.count }, (_, block) => {
      memory = network.step(memory, inputsAt(blocks, block));
      return memory;
    });
  });
  return { blocks, memories };
}

/** What each member says at the end of a block, calibrated. Undefined before any value was seen. */
export function forksAt(members: Members, { blocks, memories }: Followed, block: number): Fork[] | undefined {
  if (Number.isNaN(blocks.last[block] ?? NaN)) return undefined;
  const own = memories.flatMap((each) => each[block] ?? []);
  return forksFrom(members, own, inputsAt(blocks, block));
}

/** The same from where the memory of each member stands. */
export const forksFrom = (
  { networks, learned }: Members,
  memories: readonly Memory[],
  x: Float32Array,
): Fork[] =>
  networks.flatMap((network, m) => {
    const memory = memories[m];
    if (memory === undefined) return [];
    return calibratedFork(network.fork(memory, x), network.classLogits(memory), learned.calibration);
  });

export function calibratedFork(fork: Fork, logits: Float64Array, calibration: ForkCalibration): Fork {
  const { horizons } = fork;
  return {
    ...fork,
    probability: calibratedClasses(logits, calibration),
    futures: fork.futures.map((future) => ({
      ...future,
      spreads: future.spreads.map((own) => widened(own, calibration.widths, horizons)),
    })),
  };
}

/** [components x horizons], each horizon by its width. */
function widened(spread: ArrayLike<number>, widths: readonly number[], horizons: number): Float64Array {
  const out = new Float64Array(spread.length);
  for (let i = 0; i < spread.length; i += 1) out[i] = (spread[i] ?? 0) * (widths[i % horizons] ?? 1);
  return out;
}

/** Of one moment, none first. */
export const calibratedClasses = (
  logits: Float64Array,
  calibration: Pick<ForkCalibration, "temperature" | "biases">,
): Float64Array =>
  Float64Array.from(logits.length === 1 ? [1] : calibratedProbabilities(againstNone(logits), calibration));

/** Logits of the codes where that of none is 0. */
export const againstNone = (logits: Float64Array): Float32Array =>
  Float32Array.from(logits.subarray(1), (logit) => logit - (logits[0] ?? 0));

/** Mean probability of each class over the members, with the lowest and the highest. */
export function classesOf(
  forks: readonly Fork[],
): { readonly p: number; readonly low: number; readonly high: number }[] {
  return Array.from(forks[0]?.probability ?? [], (_, c) => {
    const each = forks.map(({ probability }) => probability[c] ?? 0);
    const p = each.reduce((a, b) => a + b, 0) / each.length;
    return { p, low: Math.min(p, ...each), high: Math.max(p, ...each) };
  });
}

interface Seen {
  readonly forks: readonly Fork[];
  readonly last: number; // the value that all is told from
  readonly scales: readonly number[];
}

/** The two horizons around so many seconds ahead, and how far it is from the first to the second. */
function between(aheadS: number): { readonly h: number; readonly next: number; readonly share: number } {
  const next = HORIZONS_S.findIndex((horizon) => horizon >= aheadS);
  const h = Math.max(0, next - 1);
  const [from, to] = [HORIZONS_S[h] ?? 0, HORIZONS_S[next] ?? 0];
  return { h, next, share: to > from ? Math.max(0, aheadS - from) / (to - from) : 0 };
}

/** Parts of all members and classes, or of one class; between two horizons each part is between what it is there. */
function componentsAt({ forks, last, scales }: Seen, aheadS: number, only?: number): Component[] {
  const { h, next, share } = between(aheadS);
  const [here, there] = [scales[h] ?? 1, scales[next] ?? 1];
  const mixed = (
    table: ArrayLike<number> | undefined,
    k: number,
    { horizons }: Fork,
    units: readonly [number, number],
  ): number =>
    (1 - share) * units[0] * (table?.[k * horizons + h] ?? 0) +
    share * units[1] * (table?.[k * horizons + next] ?? 0);
  const units = [here, there] as const;
  const ofClass = (fork: Fork, future: ClassFuture, weight: number): Component[] =>
    Array.from({ length: fork.components }, (_, k) => ({
      weight: (weight * mixed(future.share, k, fork, [1, 1])) / forks.length,
      mean: last + mixed(future.means[0], k, fork, units),
      scale: mixed(future.spreads[0], k, fork, units),
      nu: Infinity,
    }));
  return forks.flatMap((fork) =>
    fork.futures.flatMap((future, c) =>
      only === undefined || only === c
        ? ofClass(fork, future, only === undefined ? (fork.probability[c] ?? 0) : 1)
        : [],
    ),
  );
}

/** What may come so many seconds ahead; undefined beyond the last horizon. */
export function predictiveAt(seen: Seen, aheadS: number, only?: number): ScoredPredictive | undefined {
  if (!(aheadS > 0) || aheadS > FURTHEST_S) return undefined;
  const parts = componentsAt(seen, aheadS, only);
  return { ...mixturePredictive(parts), crps: (value) => normalMixtureScore(parts, value) };
}

const SHARES = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975] as const; // bands of 50, 80, 90 and 95 %
const BRANCH_SHARES = [0.1, 0.5, 0.9] as const;
const FURTHEST_S = HORIZONS_S.at(-1) ?? 0;

/** A value a second up to the last horizon, straight between the horizons that the network speaks of. */
function everySecond(atHorizons: readonly number[]): Float32Array {
  return Float32Array.from({ length: FURTHEST_S }, (_, second) => {
    const { h, next, share } = between(second + 1);
    return (1 - share) * (atHorizons[h] ?? NaN) + share * (atHorizons[next] ?? NaN);
  });
}

type Quantiles = Forecast["quantiles"];

function quantilesOf(seen: Seen, shares: readonly number[], only?: number): Quantiles {
  const each = HORIZONS_S.map((aheadS) => normalMixtureQuantiles(componentsAt(seen, aheadS, only), shares));
  return shares.map((share, i) => ({ share, value: everySecond(each.map((own) => own[i] ?? NaN)) }));
}

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

/**
 * Quantiles, a branch a class, and where the variance is from, every second up to the last horizon. Each is worked out
 * when it is first read: who asks for probabilities alone does not wait for quantiles.
 */
export function forecastOf(
  seen: Seen,
  {
    codes,
    ...told
  }: {
    readonly codes: readonly string[];
    readonly fromS: number;
    readonly over: string;
    readonly unit: string;
  },
): Forecast {
  const { forks } = seen;
  const branches = classesOf(forks).map(({ p, low, high }, c): Branch => {
    const own = once(() => quantilesOf(seen, BRANCH_SHARES, c));
    return {
      ...{ code: c === 0 ? "none" : (codes[c - 1] ?? ""), probability: p, low, high },
      get value() {
        return own().find(({ share }) => share === 0.5)?.value ?? new Float32Array(FURTHEST_S);
      },
      get quantiles() {
        return own();
      },
    };
  });
  const [all, spread, index] = [
    once(() => quantilesOf(seen, SHARES)),
    once(() => spreadOf(forks)),
    once(() => everySecond(HORIZONS_S.map((_, h) => indexOf(forks, h)))),
  ];
  const common = {
    ...{ ...told, horizonS: FURTHEST_S, stepS: 1, assumed: [] },
    branches: codes.length === 0 ? [] : branches.sort((a, b) => b.probability - a.probability),
    get quantiles() {
      return all();
    },
    get spread() {
      return spread();
    },
  };
  if (codes.length === 0) return common;
  return Object.defineProperty<Forecast>(common, "forkIndex", { get: index, enumerable: true });
}

function spreadOf(forks: readonly Fork[]): NonNullable<Forecast["spread"]> {
  const parts = HORIZONS_S.map((_, h) => varianceParts(forks, h));
  const share = (of: "noise" | "fork" | "model"): Float32Array =>
    everySecond(parts.map((part) => part[of] / (part.noise + part.fork + part.model)));
  return { noise: share("noise"), fork: share("fork"), model: share("model") };
}

/** Mean over the members; 1 where two equal futures lie far apart. */
export const indexOf = (forks: readonly Fork[], h: number): number =>
  Math.min(1, forks.reduce((sum, fork) => sum + bifurcationIndex(fork, h), 0) / forks.length / Math.LN2);
