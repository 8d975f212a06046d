import { driveStep, type Driven } from "./drive.ts";
import { MEMORY, startLevel, type Dynamics, type Heard } from "./filter.ts";
import type { LearnedStateSpace } from "./learned.ts";
import { Surprises } from "./net/surprises.ts";
import { pullAt } from "./neural-input.ts";
import {
  advanceRegimes,
  collapse,
  hearRegimes,
  missRegimes,
  oneRegime,
  startRegimes,
  switchingOf,
  variabilityRegimes,
  type Regime,
} from "./regimes.ts";
import type { SeenSeconds } from "./seen.ts";

/** What a filter remembered after each second. */
export interface Passed {
  readonly after: Float64Array; // [seconds x MEMORY] of all regimes together
  readonly shares: Float64Array; // [seconds x regimes]
}

/** A recording as far as it was followed. Its arrays may be longer than `seconds`. */
export interface Track {
  readonly seconds: number;
  readonly startS: number; // seconds after which the level was known; before, nothing is said
  readonly y: Float64Array; // in units of the model
  readonly observed: Uint8Array;
  readonly uc: Float64Array;
  readonly level: Float64Array; // of contractions
  readonly levelSeen: Uint8Array;
  readonly plain: Passed; // one regime and no drive: what networks correct
  readonly lively: Passed; // with the regimes
  readonly driven: (Passed & Driven) | undefined;
  readonly surprises: Surprises; // of what networks said
}

/** A second of a recording, 0 where not seen. */
export interface Second {
  readonly y: number;
  readonly isSeen: boolean;
  readonly uc: number;
  readonly level: number;
  readonly isLevelSeen: boolean;
}

export interface Tracker {
  push(second: Second): void;
  readonly track: Track;
}

const NEEDED = 30; // values before a level is known

export const regimesOf = ({ regimes }: Pick<LearnedStateSpace, "regimes">): readonly Regime[] =>
  regimes ? variabilityRegimes : oneRegime;

/** Follows a recording second by second: whole or as it comes, the numbers are the same. */
export function tracker(learned: LearnedStateSpace): Tracker {
  const { dynamics, drive } = learned;
  const regimes = regimesOf(learned);
  const arrays = growing();
  const surprises = new Surprises();
  const step = drive === null ? undefined : driveStep(drive.input);
  const passes = {
    plain: pass(dynamics, oneRegime, false),
    lively: pass(dynamics, regimes, false),
    driven: pass(dynamics, regimes, true),
  };
  let [seconds, seen, startS] = [0, 0, Infinity];
  const followed = (from: number, to: number): void => {
    const { y, observed, phi } = arrays.of();
    for (let t = from; t < to; t += 1) {
      const value = observed[t] === 1 ? (y[t] ?? 0) : undefined;
      passes.plain.step(t, value, 0);
      if (regimes.length > 1) passes.lively.step(t, value, 0);
      if (step !== undefined) passes.driven.step(t, value, phi[t] ?? 0);
    }
  };
  return {
    push: ({ y, isSeen, uc, level, isLevelSeen }) => {
      arrays.reach(seconds + 1);
      const t = seconds;
      const of = arrays.of();
      of.y[t] = isSeen ? y : 0;
      of.observed[t] = Number(isSeen);
      of.uc[t] = uc;
      of.level[t] = isLevelSeen ? level : 0;
      of.levelSeen[t] = Number(isLevelSeen);
      seconds += 1;
      seen += Number(isSeen);
      if (step !== undefined && drive !== null) {
        const pulled = pullAt(drive.input, of.level.subarray(0, seconds), Math.max(0, t - 1));
        if (t === 0) of.phi[0] = pulled;
        else [of.phi[t] = 0, of.speed[t] = 0] = step(of.phi[t - 1] ?? 0, of.speed[t - 1] ?? 0, pulled);
      }
      if (startS < Infinity) {
        followed(t, seconds);
        return;
      }
      if (seen < NEEDED) return;
      startS = seconds;
      const level0 = startLevel({ y: of.y.subarray(0, seconds), observed: of.observed }, NEEDED) ?? 0;
      for (const one of Object.values(passes)) one.begin(level0);
      followed(0, seconds);
    },
    get track() {
      const { y, observed, uc, level, levelSeen, phi, speed } = arrays.of();
      const plain = passes.plain.passed();
      return {
        ...{ seconds, startS, y, observed, uc, level, levelSeen, plain, surprises },
        lively: regimes.length > 1 ? passes.lively.passed() : plain,
        driven: step === undefined ? undefined : { ...passes.driven.passed(), phi, speed },
      };
    },
  };
}

/** One filter on its way. */
function pass(dynamics: Dynamics, regimes: readonly Regime[], isDriven: boolean) {
  const switching = switchingOf(dynamics, regimes);
  const heard: Heard = { surprise: 0, variance: 0, logDensity: 0 };
  let memory = startRegimes(switching, 0, isDriven);
  let [after, shares] = [new Float64Array(0), new Float64Array(0)];
  return {
    begin: (level: number): void => {
      memory = startRegimes(switching, level, isDriven);
    },
    step: (t: number, value: number | undefined, phi: number): void => {
      if (t > 0) advanceRegimes(memory, switching, isDriven);
      if (value === undefined) missRegimes(memory, switching);
      else hearRegimes(memory, value, phi, switching, heard);
      if (after.length < (t + 1) * MEMORY) {
        after = grown(after, 2 * Math.max(FIRST, t) * MEMORY);
        shares = grown(shares, 2 * Math.max(FIRST, t) * regimes.length);
      }
      collapse(memory.own, memory.shares, after, t * MEMORY);
      shares.set(memory.shares, t * regimes.length);
    },
    passed: (): Passed => ({ after, shares }),
  };
}

const FIRST = 1024; // seconds that there is room for at first

function grown(old: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(length);
  wider.set(old);
  return wider;
}

function growing() {
  const bytes = (old: Uint8Array, length: number): Uint8Array<ArrayBuffer> => {
    const wider = new Uint8Array(length);
    wider.set(old);
    return wider;
  };
  const doubles = (): Float64Array<ArrayBuffer> => new Float64Array(FIRST);
  let arrays = {
    ...{ y: doubles(), uc: doubles(), level: doubles(), phi: doubles(), speed: doubles() },
    ...{ observed: new Uint8Array(FIRST), levelSeen: new Uint8Array(FIRST) },
  };
  return {
    of: () => arrays,
    reach: (seconds: number): void => {
      const room = arrays.y.length;
      if (seconds <= room) return;
      const { y, uc, level, phi, speed, observed, levelSeen } = arrays;
      const wider = (old: Float64Array) => grown(old, 2 * room);
      arrays = {
        ...{ y: wider(y), uc: wider(uc), level: wider(level), phi: wider(phi), speed: wider(speed) },
        ...{ observed: bytes(observed, 2 * room), levelSeen: bytes(levelSeen, 2 * room) },
      };
    },
  };
}

/** A whole recording. */
export function trackOf(learned: LearnedStateSpace, { y, observed, uc, contractions }: SeenSeconds): Track {
  const own = tracker(learned);
  for (let t = 0; t < y.length; t += 1)
    own.push({
      ...{ y: y[t] ?? 0, isSeen: observed[t] === 1, uc: uc[t] ?? 0, level: contractions.level[t] ?? 0 },
      isLevelSeen: contractions.observed[t] === 1,
    });
  return own.track;
}
