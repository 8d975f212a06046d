import { compositeLoss, cropsOf, type Foreseen, type Foreseer } from "./composite.ts";
import { ahead, horizons } from "./ahead.ts";
import { drivenBy, startDrive, type Drive } from "./drive.ts";
import { flatPull, pullLayers } from "./neural-input.ts";
import { descend } from "./descent.ts";
import { ctgDynamics, filter, MEMORY, realEcho, type Dynamics, type Observations } from "./filter.ts";
import type { SeenSeconds } from "./seen.ts";

const FURTHEST = 60;

/** The filter as something that foresees. */
const foreseerOf = (dynamics: Dynamics): Foreseer => {
  const table = horizons(dynamics, FURTHEST);
  return (series): Foreseen => {
    const { after, logDensity } = filter(series, dynamics);
    return {
      logDensity,
      at: (step, h) => ahead(after, h, table, series.drive?.[step + h] ?? 0, step * MEMORY),
    };
  };
};

const inside = (x: number): number => 1 / (1 + Math.exp(-x));
const logit = (p: number): number => Math.log(p / (1 - p));

/** Real poles of a deviation that has them. */
const polesOf = ([sum, product]: Dynamics["echo"]): readonly [number, number] => {
  const root = Math.sqrt(Math.max(0, sum * sum + 4 * product)) / 2;
  return [sum / 2 + root, sum / 2 - root];
};

/** What is learned of the dynamics. Where the descent has each is said here alone. */
const learnedNames = [
  "baselineStep",
  "slowTime",
  "slowStep",
  "fastStep",
  "noise",
  "tails",
  "pole1",
  "pole2",
  "caution",
  "fastRise",
  "slowRise",
  "fastFall",
] as const;
type LearnedName = (typeof learnedNames)[number];

/** On scales without bounds. */
function numbersOf(d: Dynamics): Float64Array {
  const [pole1, pole2] = polesOf(d.echo);
  const own: Readonly<Record<LearnedName, number>> = {
    ...{ baselineStep: Math.log(d.baselineStep), slowTime: Math.log(d.slowTime) },
    ...{ slowStep: Math.log(d.slowStep), fastStep: Math.log(d.fastStep), noise: Math.log(d.noise) },
    ...{ tails: Math.log(d.tails - 2), pole1: logit(pole1), pole2: logit(pole2) },
    ...{ caution: Math.log(d.caution), fastRise: Math.log(d.fastRise), slowRise: Math.log(d.slowRise) },
    fastFall: logit(d.fastFall),
  };
  return Float64Array.from(learnedNames, (name) => own[name]);
}

/** The exponential, kept where numbers still mean something and where what is saved may lie. */
const positive = (x: number, most: number): number => Math.min(most, Math.max(1e-9, Math.exp(x)));

function dynamicsOf(at: ArrayLike<number>, gain: Dynamics["gain"]): Dynamics {
  const number = (name: LearnedName): number => at[learnedNames.indexOf(name)] ?? 0;
  const own = (name: LearnedName, most: number): number => positive(number(name), most);
  const share = (name: LearnedName): number => Math.min(0.9999, inside(number(name)));
  return {
    ...{ baselineStep: own("baselineStep", 100), slowTime: Math.max(1, own("slowTime", 1e5)) },
    ...{ slowStep: own("slowStep", 100), fastStep: own("fastStep", 100), noise: own("noise", 1e4) },
    ...{ tails: 2 + own("tails", 500), echo: realEcho(share("pole1"), share("pole2")) },
    ...{ caution: own("caution", 5), fastRise: own("fastRise", 5), slowRise: own("slowRise", 5) },
    ...{ fastFall: share("fastFall"), gain },
  };
}

export interface LearnTools {
  readonly signal: AbortSignal;
  readonly onStep: (share: number) => void;
}

const CROP_S = 900;
const DRIVE_CROP_S = 1800; // a contraction every few minutes
const MOST_CROPS = 30;
const STEPS = { dynamics: 20, drive: 6 };

/** The dynamics that foresee best, from those of labour records on. */
export async function learnDynamics(
  all: readonly Observations[],
  { signal, onStep }: LearnTools,
): Promise<Dynamics> {
  const crops = cropsOf(all, CROP_S, MOST_CROPS);
  if (crops.length === 0) return ctgDynamics;
  const loss = (at: Float64Array): number =>
    compositeLoss(crops, foreseerOf(dynamicsOf(at, ctgDynamics.gain)));
  const found = await descend(loss, numbersOf(ctgDynamics), {
    ...{ steps: STEPS.dynamics, signal },
    onStep: (search) => {
      onStep(search.steps / STEPS.dynamics);
    },
  });
  return dynamicsOf(found.at, ctgDynamics.gain);
}

/**
 * What contractions pull; undefined where there are none. How far their effect differs from one recording to another stays
 * as in labour records: short stretches cannot tell.
 */
export async function learnDrive(
  all: readonly SeenSeconds[],
  dynamics: Dynamics,
  { signal, onStep }: LearnTools,
): Promise<Drive | undefined> {
  const seen = all.filter(({ contractions }) => contractions.observed.some((is) => is === 1));
  // The level rides along as the drive, so that stretches are cut out of both alike.
  const crops = cropsOf(
    seen.map(({ y, observed, contractions }) => ({
      ...{ y, observed, drive: Float64Array.from(contractions.level) },
    })),
    DRIVE_CROP_S,
    MOST_CROPS,
  );
  if (crops.length === 0) return undefined;
  const read = (at: Float64Array): Drive => {
    const [delay = 0, omega = 0, zeta = 0] = at;
    return {
      ...{ units: startDrive.units, layers: pullLayers(at.slice(3)), delay: 60 * inside(delay) },
      ...{ omega: positive(omega, 10), zeta: positive(zeta, 100) },
    };
  };
  const start = Float64Array.from([
    ...[logit(startDrive.delay / 60), Math.log(startDrive.omega), Math.log(startDrive.zeta)],
    ...flatPull(startDrive.layers),
  ]);
  const foreseer = foreseerOf(dynamics);
  const loss = (at: Float64Array): number => {
    const input = read(at);
    const driven = crops.map((crop) => ({ ...crop, drive: drivenBy(input, crop.drive ?? []).phi }));
    return compositeLoss(driven, foreseer);
  };
  const found = await descend(loss, start, {
    ...{ steps: STEPS.drive, signal },
    onStep: (search) => {
      onStep(search.steps / STEPS.drive);
    },
  });
  return read(found.at);
}
