import { AppError } from "../../../preload/contract/errors.ts";
import { pause } from "../../compute/pause.ts";
import type { GaussianMixture } from "../distributions/gaussian-mixture.ts";
import { kMeans } from "../distributions/k-means.ts";
import { fitMixture, mixtureFromClusters, mixtureStep } from "../distributions/mixture-fit.ts";
import type { WindowRows } from "../model.ts";
import { seededRandom } from "../random.ts";
import { labelledOf, pickedRows } from "../window-rows.ts";
import { effectiveWeights, type Components } from "./components.ts";
import { weightDraws } from "./judge.ts";
import { begun, concluded, expectAndClimb, expected, isSettledAt, relevant } from "./learn.ts";
import { portraitOf } from "./portrait.ts";
import { monomialCount } from "./monomials.ts";
import type { SdgmLearned } from "./saved.ts";
import { formOf, inOrder, someOf, trainingRows, weightCount } from "./training-rows.ts";

export interface SdgmSettings {
  readonly form: "diagonal" | "quadratic" | "kernel";
  readonly components: number; // of each class, at most
  readonly anchored: boolean;
  readonly starts: number;
  readonly steps: number;
}

/** Beyond so many inputs densities know no covariances: a factor for each pattern of gaps would take too long. */
const WIDE = 48;
const spreadOf = (width: number): GaussianMixture["spread"] => (width > WIDE ? "diagonal" : "full");
/** Cholesky of so many weights takes about a second, and a step of Newton needs one. */
const MOST_WEIGHTS = 1500;
/** Monomials of a kernel, of some 100 inputs: what is learned keeps dozens of draws of each for each component. */
const MOST_PRODUCTS = 6000;
const MOST_DENSITY_ROWS = 20_000;
const DENSITY_STEPS = 4; // EM steps a round
export const DENSITY_ROUNDS = 8;
const LEAST_VARIANCE = 1e-4;
const CLUSTERINGS = 5;
const DENSITY_STILL = 1e-4; // nats a window
const WEIGHT_DRAWS = 24;

/** Throws model/too-many-weights where a step would take too long or what is learned too much room; says what would fit. */
function checkSize({ form, components: each }: SdgmSettings, width: number, classes: number): void {
  const weights = weightCount(form, width, classes * each);
  const products = monomialCount(formOf(form), width);
  const isTooMany = weights > MOST_WEIGHTS;
  if (!isTooMany && products <= MOST_PRODUCTS) return;
  const fits = weightCount("diagonal", width, classes) <= MOST_WEIGHTS;
  const fewer = isTooMany && fits && each > 1 ? "fewer components" : "fewer channels";
  const instead = fits && form !== "diagonal" ? `${fewer} or the diagonal form` : fewer;
  const what = isTooMany
    ? `${width} inputs, ${classes} classes and ${each} components a class make ${weights} weights to begin with, at most ${MOST_WEIGHTS} can be learned`
    : `${width} inputs have ${products} squares and products of two, at most ${MOST_PRODUCTS} can be weighed`;
  throw new AppError("model/too-many-weights", `${what}: take ${instead}`, {
    weights: isTooMany ? weights : products,
    most: isTooMany ? MOST_WEIGHTS : MOST_PRODUCTS,
  });
}

/** Throws model/too-many-weights. */
export function beginSdgm(settings: SdgmSettings, windows: WindowRows, seed: number): SdgmLearned {
  const { form, components: each } = settings;
  const data = inOrder(windows);
  const { width, classes } = data;
  checkSize(settings, width, classes);
  const rows = densityRows(data, seed);
  return {
    ...{ form, width, classes, each, seed },
    density: mixtureFromClusters(rows, clustersOf(rows, each, seed), {
      ...{ width, components: classes * each, spread: spreadOf(width) },
    }),
    ...{ densityRounds: 0, logLikelihood: -Number.MAX_VALUE, isDense: false },
    anchor: settings.anchored ? classNormals(data) : null,
    ...{ start: 0, step: 0, current: null, best: null, draws: new Float64Array(0), portrait: null },
  };
}

const densityRows = (data: WindowRows, seed: number): WindowRows =>
  pickedRows(data, someOf([...new Array(data.count).keys()], MOST_DENSITY_ROWS, seed));

/** Clusters within each class, of the labelled windows: what the density begins with. [n], -1 unlabelled */
function clustersOf(data: WindowRows, each: number, seed: number): Int32Array {
  const { width, classes, x, observed, y } = data;
  const labels = new Int32Array(data.count).fill(-1);
  const random = seededRandom(seed, 13);
  for (let c = 0; c < classes; c += 1) {
    const own = labelledOf(data).filter((n) => (y[n * classes + c] ?? 0) > 0.5);
    const filled = Float64Array.from(
      own.flatMap((n) =>
        Array.from({ length: width }, (_, i) =>
          observed[n * width + i] === 1 ? (x[n * width + i] ?? 0) : 0,
        ),
      ),
    );
    const found = kMeans(filled, { count: own.length, width, clusters: each }, random);
    own.forEach((n, i) => (labels[n] = c * each + (found.labels[i] ?? 0)));
  }
  return labels;
}

/** Classes as normals, nine parts their own covariance and one part that of all: quadratic discriminant analysis. */
function classNormals(data: WindowRows): GaussianMixture {
  const { width, classes } = data;
  const rows = pickedRows(data, labelledOf(data));
  const labels = Int32Array.from({ length: rows.count }, (_, n) => {
    const own = rows.y.subarray(n * classes, (n + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
  const start = mixtureFromClusters(rows, labels, { width, components: classes, spread: spreadOf(width) });
  const hasGaps = rows.observed.some((seen) => seen === 0);
  return fitMixture(rows, start, {
    ...{ least: 1e-3, pooled: { share: 0.1 }, shares: Float64Array.from(rows.y) },
    ...{ rounds: hasGaps ? 8 : 1, tolerance: 0 },
  }).mixture;
}

interface After {
  readonly learned: SdgmLearned;
  readonly score: number;
  readonly isSettled: boolean;
}

/** EM steps of the density until it stands still; then each round is one step of relevance of one start. */
export async function sdgmRound(
  learned: SdgmLearned,
  settings: SdgmSettings,
  windows: WindowRows,
  signal: AbortSignal,
): Promise<After> {
  const data = inOrder(windows);
  if (!learned.isDense) return densityRound(learned, data, signal);
  const breathe = (): Promise<void> => pause(signal);
  const { seed, each, step } = learned;
  const { design, inputs } = trainingRows(data, {
    ...{ form: learned.form, each, seed, density: learned.density },
    anchor: learned.anchor ?? undefined,
  });
  const start =
    learned.current === null
      ? begun(design, inputs, { each, random: seededRandom(seed, 100 + learned.start) })
      : { components: learned.current, shares: expected(design, learned.current) };
  let penalised = 0;
  const settled = await expectAndClimb(design, start, breathe, (value) => (penalised = value));
  const { components, change } = relevant(design, settled);
  const next = { ...learned, current: components, step: step + 1 };
  const isStill = isSettledAt(design, components, change);
  if (!isStill && step + 1 < settings.steps) return { learned: next, score: penalised, isSettled: false };
  const end = await concluded(design, { components, shares: expected(design, components) }, breathe);
  const isBest = learned.best === null || end.evidence > learned.best.evidence;
  const best =
    isBest || learned.best === null
      ? { parts: end.components, evidence: end.evidence, start: learned.start }
      : learned.best;
  const after = { ...next, best, start: learned.start + 1, step: 0, current: null };
  const isLast = after.start >= settings.starts || each === 1;
  if (!isLast) return { learned: after, score: best.evidence, isSettled: false };
  return { learned: finished(after, best.parts, { design, inputs }), score: best.evidence, isSettled: true };
}

/** In the first round two beginnings run against each other: clusters of each class, and clusters of all windows. */
async function densityRound(learned: SdgmLearned, data: WindowRows, signal: AbortSignal): Promise<After> {
  const rows = densityRows(data, learned.seed);
  let found = await denser(learned.density, learned.logLikelihood, rows, signal);
  if (learned.densityRounds === 0) {
    const other = await denser(ofAllWindows(learned, rows), learned.logLikelihood, rows, signal);
    if (other.logLikelihood > found.logLikelihood) found = other;
  }
  const { density, logLikelihood, isStill } = found;
  const densityRounds = learned.densityRounds + 1;
  const isDense = isStill || densityRounds >= DENSITY_ROUNDS;
  return {
    learned: { ...learned, density, logLikelihood, densityRounds, isDense },
    score: logLikelihood,
    isSettled: false,
  };
}

/** Some steps of EM. logLikelihood: a window's, before the last of them. */
async function denser(start: GaussianMixture, before: number, rows: WindowRows, signal: AbortSignal) {
  let [density, logLikelihood, isStill] = [start, before, false];
  for (let step = 0; step < DENSITY_STEPS && !isStill; step += 1) {
    await pause(signal);
    const next = mixtureStep(density, rows, { least: LEAST_VARIANCE, pooled: rows.width });
    const each = next.logLikelihood / Math.max(rows.count, 1);
    isStill = each - logLikelihood < DENSITY_STILL;
    density = next.mixture;
    logLikelihood = each;
  }
  return { density, logLikelihood, isStill };
}

/** Where the closest of some clusterings of all windows begins; what a window hides lies at the mean. */
function ofAllWindows({ density, seed }: SdgmLearned, rows: WindowRows): GaussianMixture {
  const { count, width } = rows;
  const shape = { count, width, clusters: density.components };
  const found = Array.from({ length: CLUSTERINGS }, (_, i) =>
    kMeans(rows.x, shape, seededRandom(seed, 20 + i)),
  );
  const closest = found.reduce((one, other) => (other.within < one.within ? other : one));
  return mixtureFromClusters(rows, closest.labels, density);
}

/** Weights to judge by, and pictures of the components, for what was best. */
function finished(
  learned: SdgmLearned,
  parts: Components,
  { design, inputs }: ReturnType<typeof trainingRows>,
): SdgmLearned {
  const shares = expected(design, parts);
  const random = seededRandom(learned.seed, 14);
  // What an anchor has explained already says nothing of the weights, and draws about their mode would be those of the prior.
  const draws = learned.anchor
    ? effectiveWeights(parts, design)
    : weightDraws(design, parts, shares, { draws: WEIGHT_DRAWS, random });
  return {
    ...learned,
    draws,
    portrait: portraitOf(inputs, shares, {
      ...{ width: learned.width, components: parts.classOf.length, logMix: parts.logMix },
      spread: spreadOf(learned.width),
    }),
  };
}
