import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";
import { pause } from "../../../compute/pause.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { ahead, horizons, type Ahead } from "./ahead.ts";
import { calibrationFrom, calibrationKnots, fitT, uncalibrated, type Calibration } from "./calibration.ts";
import { fitHorizons } from "./composite.ts";
import { drivenAhead, drivenBy } from "./drive.ts";
import { ctgDynamics, filter, MEMORY, type Dynamics } from "./filter.ts";
import { drivenAheadOf, FURTHEST_S, livelyAhead } from "./future.ts";
import { fitGaps, usualGaps } from "./gaps/fit.ts";
import type { LearnedGaps } from "./gaps/learned.ts";
import { surprisesOf } from "./judge.ts";
import { learnDrive, learnDynamics } from "./learn.ts";
import { LearnedStateSpace } from "./learned.ts";
import { fitNetwork, usualNet } from "./net/fit.ts";
import type { NetCheckpoint } from "./net/learn.ts";
import type { LearnedNet } from "./net/learned.ts";
import { learnEvents, type ReaderTools } from "./readers/learn.ts";
import { filterRegimes, switchingOf } from "./regimes.ts";
import type { SeenSeconds } from "./seen.ts";
import { regimesOf, trackOf, type Track } from "./track.ts";

export interface StateSpaceRecording {
  readonly part: "train" | "validation";
  readonly seen: SeenSeconds; // in units of the model
  readonly said?: Uint8Array | undefined; // what readers say a second; absent: unlabelled
}

export interface StateSpacePlan {
  readonly isRate: boolean;
  readonly unit: number;
  readonly regimes: boolean;
  readonly contractions: boolean;
  /** Event regimes, of what readers name and how far that counts; absent: there are none. */
  readonly readers?: Pick<ReaderTools, "named" | "strength"> | undefined;
  readonly members: number; // networks
  readonly fillsGaps: boolean;
  readonly length: number; // of the networks' training, times the usual
}

/** Where a fit stands: what is learned already, and the networks under way. Plain values. */
export interface StateSpacePlace {
  readonly states: LearnedStateSpace;
  readonly network?: NetCheckpoint | undefined;
  readonly corrected?: LearnedNet | null | undefined;
  readonly gaps?: NetCheckpoint | undefined;
}

export interface StateSpaceTools {
  readonly runtime: () => Promise<Runtime>;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, loss?: number) => void;
  readonly onCheckpoint: (place: StateSpacePlace) => Promise<void>;
  readonly resume: StateSpacePlace | undefined;
}

/** Shares of the time that the stages take. */
const UNTIL = { dynamics: 0.15, drive: 0.25, network: 0.8 };

/**
 * The states first, then the networks that correct what they foresee, then those that fill gaps. Throws
 * model/too-little-observed, cancelled/by-user.
 */
export async function fitStateSpace(
  recordings: readonly StateSpaceRecording[],
  plan: StateSpacePlan,
  tools: StateSpaceTools,
): Promise<LearnedStateSpace> {
  const { resume, onCheckpoint } = tools;
  const states = resume?.states ?? (await fitStates(recordings, plan, tools));
  if (resume === undefined) await onCheckpoint({ states });
  throwIfCancelled(tools.signal); // who has too little to learn from asks no more
  const network =
    resume?.corrected === undefined
      ? await fitCorrection(recordings, plan, { states, tools })
      : resume.corrected;
  await onCheckpoint({ states, corrected: network, gaps: resume?.gaps });
  throwIfCancelled(tools.signal);
  const gaps = await fitFilling(recordings, plan, { states, network, tools });
  return LearnedStateSpace.parse({ ...states, network, gaps }); // its parts in one order, resumed or not
}

async function fitStates(
  recordings: readonly StateSpaceRecording[],
  plan: StateSpacePlan,
  { signal, onProgress }: StateSpaceTools,
): Promise<LearnedStateSpace> {
  const of = (part: StateSpaceRecording["part"]): readonly SeenSeconds[] =>
    recordings.filter((one) => one.part === part).map(({ seen }) => seen);
  const train = of("train");
  const held = of("validation").length > 0 ? of("validation") : train;
  const found = await learnDynamics(train, {
    signal,
    onStep: (share) => onProgress(share * UNTIL.dynamics),
  });
  const dynamics = plan.isRate ? betterOf(found, held) : found;
  const drive = plan.contractions
    ? await learnDrive(train, dynamics, {
        signal,
        onStep: (share) => onProgress(UNTIL.dynamics + share * (UNTIL.drive - UNTIL.dynamics)),
      })
    : undefined;
  const events =
    plan.readers &&
    (await learnEvents(
      recordings.flatMap(({ part, seen: { y, observed }, said = new Uint8Array(y.length) }) =>
        part === "train" ? [{ y, observed, said }] : [],
      ),
      dynamics,
      { ...plan.readers, signal, length: plan.length },
    ));
  const { isRate, unit, regimes } = plan;
  const learned: LearnedStateSpace = {
    ...{
      isRate,
      unit,
      regimes,
      notable: 4,
      shares: [],
      network: null,
      gaps: null,
      events: events ?? null,
      calibration: uncalibrated,
    },
    dynamics,
    drive: drive === undefined ? null : { input: drive, calibration: uncalibrated },
  };
  const calibrated = await withWidths(learned, held, signal);
  if (calibrated.calibration === uncalibrated)
    throw new AppError(
      "model/too-little-observed",
      "The recordings have too few observed values, some ten minutes, to learn how wide their future is",
      { recordings: held.length },
    );
  return calibrated;
}

/** What labour records gave stays where what was learned foresees others no better, each with widths of its own. */
function betterOf(found: Dynamics, held: readonly SeenSeconds[]): Dynamics {
  return natsOf(found, held) < natsOf(ctgDynamics, held) ? found : ctgDynamics;
}

const comparedAt = [1, ...fitHorizons.map(({ h }) => h)] as const;

/** As the fit counts: the next second once, the further horizons once together. */
function natsOf(dynamics: Dynamics, held: readonly SeenSeconds[]): number {
  const table = horizons(dynamics, FURTHEST_S);
  const errors = errorsBy();
  for (const { y, observed } of held) {
    const { after } = filter({ y, observed }, dynamics);
    for (let t = WARM_S; t < y.length; t += EVERY_S)
      for (const h of comparedAt)
        if (observed[t + h] === 1) errors.add(h, y[t + h] ?? 0, ahead(after, h, table, 0, t * MEMORY));
  }
  const [one = 0, ...further] = comparedAt.map((h) => errors.nats(h));
  return one + further.reduce((sum, own) => sum + own, 0) / further.length;
}

const EVERY_S = 5;
const WARM_S = 120;

/** Widths at every horizon, what is notable, and what moves how much: by recordings nothing was learned from. */
async function withWidths(
  learned: LearnedStateSpace,
  held: readonly SeenSeconds[],
  signal: AbortSignal,
): Promise<LearnedStateSpace> {
  const table = horizons(learned.dynamics, FURTHEST_S);
  const own = errorsBy();
  const driven = errorsBy();
  const shares = sharesBy();
  for (const seen of held) {
    await pause(signal);
    const track = trackOf(learned, seen);
    addErrors(track, { learned, table }, own, driven);
    shares.add(track);
  }
  const drivenWidths = driven.calibration();
  const calibrated: LearnedStateSpace = {
    ...learned,
    calibration: own.calibration(),
    drive: learned.drive && { ...learned.drive, calibration: drivenWidths },
    shares: shares.all(),
  };
  // Contractions stay only where they tell something of recordings that nothing was learned from.
  const isWorth = learned.drive !== null && driven.nats(COMPARED_S) < own.nats(COMPARED_S);
  const kept = isWorth ? calibrated : { ...calibrated, drive: null };
  return { ...kept, notable: await notableOf(kept, held, signal) };
}

type Setting = Pick<Parameters<typeof livelyAhead>[1], "table"> & { readonly learned: LearnedStateSpace };

function addErrors(track: Track, setting: Setting, own: ErrorsBy, driven: ErrorsBy): void {
  const { drive } = setting.learned;
  for (let t = Math.max(WARM_S, track.startS); t < track.seconds; t += EVERY_S) {
    const phi =
      drive === null || track.driven === undefined
        ? []
        : drivenAhead(drive.input, track.level, track.driven, t, FURTHEST_S);
    for (const h of calibrationKnots) {
      if (track.observed[t + h] !== 1 || t + h >= track.seconds) continue;
      const value = track.y[t + h] ?? 0;
      own.add(h, value, livelyAhead(track, setting, t, h));
      const other = drivenAheadOf(track, setting, [t, h], phi);
      if (other !== undefined) driven.add(h, value, other);
    }
  }
}

type ErrorsBy = ReturnType<typeof errorsBy>;
const COMPARED_S = 15; // where contractions are used in full

/** Standardised errors, a horizon each. */
function errorsBy() {
  const errors = new Map<number, number[]>(calibrationKnots.map((h) => [h, []]));
  const scales = new Map<number, number>();
  return {
    add: (h: number, value: number, { mean, variance }: Ahead): void => {
      errors.get(h)?.push((value - mean) / Math.sqrt(variance));
      scales.set(h, (scales.get(h) ?? 0) + 0.5 * Math.log(variance));
    },
    calibration: (): Calibration =>
      calibrationFrom(calibrationKnots, (h) => Float64Array.from(errors.get(h) ?? [])),
    /** Nats a value h seconds ahead, with a width of its own; 0 where there are too few. */
    nats: (h: number): number => {
      const own = Float64Array.from(errors.get(h) ?? []);
      const fit = fitT(own);
      return fit === undefined ? 0 : fit.nats + (scales.get(h) ?? 0) / own.length;
    },
  };
}

const STEPS_APART = 30; // seconds between moments whose states are compared

/** Of what moves the value within half a minute, the share of each state. */
function sharesBy() {
  const names = ["baseline", "slow", "fast", "contractions"] as const;
  const sums = new Float64Array(names.length);
  return {
    add: ({ seconds, startS, lively, driven, observed }: Track): void => {
      const { after } = driven ?? lively;
      for (let t = Math.max(WARM_S, startS); t + STEPS_APART < seconds; t += STEPS_APART) {
        if (observed[t] !== 1 || observed[t + STEPS_APART] !== 1) continue;
        const [a, b] = [t * MEMORY, (t + STEPS_APART) * MEMORY];
        const step = (i: number): number => (after[b + i] ?? 0) - (after[a + i] ?? 0);
        const pulled = driven === undefined ? 0 : (after[b + 1] ?? 0) * (driven.phi[t + STEPS_APART] ?? 0);
        const before = driven === undefined ? 0 : (after[a + 1] ?? 0) * (driven.phi[t] ?? 0);
        [step(0), step(2), step(3), pulled - before].forEach((own, i) => {
          sums[i] = (sums[i] ?? 0) + own * own;
        });
      }
    },
    all: (): LearnedStateSpace["shares"] => {
      const total = sums.reduce((a, b) => a + b, 0);
      return names.flatMap((name, i) => {
        const share = total > 0 ? (sums[i] ?? 0) / total : 0;
        return share > 0 ? [{ name, share }] : [];
      });
    },
  };
}

const NOTABLE = 0.99;

async function notableOf(
  learned: LearnedStateSpace,
  held: readonly SeenSeconds[],
  signal: AbortSignal,
): Promise<number> {
  const all: number[] = [];
  const switching = switchingOf(learned.dynamics, regimesOf(learned));
  for (const { y, observed, contractions } of held) {
    await pause(signal);
    const drive = learned.drive === null ? undefined : drivenBy(learned.drive.input, contractions.level).phi;
    const kept = filterRegimes({ y, observed, drive }, switching);
    surprisesOf(kept, learned.drive?.calibration ?? learned.calibration).forEach((value, t) => {
      if (observed[t] === 1) all.push(value);
    });
  }
  return all.sort((a, b) => a - b)[Math.floor(NOTABLE * all.length)] ?? Math.log(1 / (1 - NOTABLE));
}

interface Under {
  readonly states: LearnedStateSpace;
  readonly tools: StateSpaceTools;
}

async function fitCorrection(
  recordings: readonly StateSpaceRecording[],
  { members, length }: StateSpacePlan,
  { states, tools }: Under,
): Promise<LearnedNet | null> {
  if (members === 0) return null;
  const seen = recordings.map(({ part, seen: { y, observed, contractions } }) => ({
    part,
    seen: { y, observed, contractions, after: filter({ y, observed }, states.dynamics).after },
  }));
  const found = await fitNetwork(seen, states.dynamics, longer(usualNet, length, members), {
    ...{ runtime: tools.runtime, seed: tools.seed, signal: tools.signal, resume: tools.resume?.network },
    onProgress: (done, loss) => {
      tools.onProgress(UNTIL.drive + done * (UNTIL.network - UNTIL.drive), loss);
    },
    onCheckpoint: (network) => tools.onCheckpoint({ states, network }),
  });
  return found ?? null;
}

async function fitFilling(
  recordings: readonly StateSpaceRecording[],
  { fillsGaps, length }: StateSpacePlan,
  { states, network, tools }: Under & { readonly network: LearnedNet | null },
): Promise<LearnedGaps | null> {
  if (!fillsGaps) return null;
  const all = recordings.map(({ part, seen: { y, observed, contractions } }) => ({
    ...{ part, y, observed, contractions },
  }));
  const found = await fitGaps(all, states.dynamics, longer(usualGaps, length, usualGaps.members), {
    ...{ runtime: tools.runtime, seed: tools.seed, signal: tools.signal, resume: tools.resume?.gaps },
    onProgress: (done, loss) => {
      tools.onProgress(UNTIL.network + done * (1 - UNTIL.network), loss);
    },
    onCheckpoint: (gaps) => tools.onCheckpoint({ states, corrected: network, gaps }),
  });
  return found ?? null;
}

const longer = <O extends { readonly epochs: number; readonly leastSteps: number; readonly members: number }>(
  options: O,
  length: number,
  members: number,
): O => ({
  ...options,
  members,
  epochs: Math.max(1, Math.round(options.epochs * length)),
  leastSteps: Math.max(1, Math.round(options.leastSteps * length)),
});
