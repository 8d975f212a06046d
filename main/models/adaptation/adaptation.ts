import { sure } from "../../../preload/contract/sure.ts";
import {
  fitGaussianClasses,
  logJoint,
  posteriors,
  type GaussianClasses,
} from "../distributions/gaussian-classes.ts";
import { concatenated } from "../linear-algebra.ts";
import type { Ring } from "../fronts/front.ts";

/**
 * What can be learned from the unlabelled windows of one person, in float64 on standardised inputs:
 * centring (subtract the recording's own mean), orientation (how a bracelet was put on: turned, or the other way up)
 * and expectation maximisation of the class means. Assumes that every class occurs about equally often.
 */
export interface Template {
  readonly gaussian: GaussianClasses; // of centred, oriented inputs; uniform prior
  readonly symmetries: readonly Int32Array[]; // input permutations; the first changes nothing
  readonly logOrientation: Float64Array; // ln share of training people that wore it so
  /** Mean of the training people's own means, each worn as most wore it. [width] */
  readonly centre: Float64Array;
}

/** All turns of a bracelet, and all turns of it put on the other way up. Without a bracelet: only as it is. */
export function symmetriesOf(width: number, ring: Ring | undefined): readonly Int32Array[] {
  if (!ring) return [Int32Array.from({ length: width }, (_, i) => i)];
  const { electrodes, blocks } = ring;
  const found: Int32Array[] = [];
  for (const direction of [1, -1]) {
    for (let turn = 0; turn < electrodes; turn += 1) {
      found.push(
        Int32Array.from({ length: electrodes * blocks }, (_, i) => {
          const electrode = (((direction * (i % electrodes) + turn) % electrodes) + electrodes) % electrodes;
          return Math.floor(i / electrodes) * electrodes + electrode;
        }),
      );
    }
  }
  return found;
}

/** Windows of one recording, standardised. */
export interface RecordingRows {
  readonly count: number;
  readonly x: Float32Array; // [n x width]
  readonly observed: Uint8Array;
}

/** A recording to learn from: soft labels, all-zero where unlabelled. */
export interface LabelledRows extends RecordingRows {
  readonly subject: string;
  readonly labels: Float64Array; // [n x classes]
}

interface Rows {
  readonly count: number;
  readonly x: Float64Array;
  readonly observed: Uint8Array | undefined; // undefined: everything
}

interface Centred {
  readonly rows: Rows;
  readonly centre: Float64Array; // [width] what was subtracted
}

/** Mean of each input's observed values; 0 where there are none. [width] */
export function centreOf({ count, x, observed }: RecordingRows, width: number): Float64Array {
  const sum = new Float64Array(width);
  const seen = new Float64Array(width);
  for (let at = 0; at < count * width; at += 1) {
    if (observed[at] !== 1) continue;
    sum[at % width] = sure(sum[at % width]) + sure(x[at]);
    seen[at % width] = sure(seen[at % width]) + 1;
  }
  return sum.map((total, i) => total / Math.max(1, sure(seen[i])));
}

/** The observed inputs less a centre [width]. */
export function lessCentre(rows: RecordingRows, centre: Float64Array): RecordingRows {
  const x = rows.x.map((value, at) =>
    rows.observed[at] === 1 ? value - (centre[at % centre.length] ?? 0) : 0,
  );
  return { ...rows, x };
}

/** Subtracts the mean of each input's observed values; unobserved ones stay 0. */
function centred(rows: RecordingRows, width: number): Centred {
  const { count, x, observed } = rows;
  const centre = centreOf(rows, width);
  const isComplete = observed.every((seen) => seen === 1);
  const out = new Float64Array(count * width);
  for (let at = 0; at < out.length; at += 1) {
    if (observed[at] === 1) out[at] = sure(x[at]) - sure(centre[at % width]);
  }
  return { rows: { count, x: out, observed: isComplete ? undefined : observed }, centre };
}

/** Rows whose input i is input order[i] of the rows given. */
function reordered<T extends Float64Array | Float32Array | Uint8Array>(from: T, order: Int32Array): T {
  const width = order.length;
  const out = from.slice() as T;
  for (let row = 0; row < out.length; row += width) {
    for (let i = 0; i < width; i += 1) out[row + i] = sure(from[row + sure(order[i])]);
  }
  return out;
}

const permuted = ({ count, x, observed }: Rows, order: Int32Array): Rows => ({
  count,
  x: reordered(x, order),
  observed: observed && reordered(observed, order),
});

/** A recording's windows as they would be had the bracelet been put on in that orientation. */
export const wornAs = ({ count, x, observed }: RecordingRows, order: Int32Array): RecordingRows => ({
  count,
  x: reordered(x, order),
  observed: reordered(observed, order),
});

function everyNth(rows: Rows, width: number, step: number): { rows: Rows; kept: number[] } {
  const kept: number[] = [];
  for (let n = 0; n < rows.count; n += step) kept.push(n);
  const pick = <T extends Float64Array | Uint8Array>(from: T, into: T): T => {
    kept.forEach((n, i) => into.set(from.subarray(n * width, (n + 1) * width), i * width));
    return into;
  };
  const size = kept.length * width;
  return {
    kept,
    rows: {
      count: kept.length,
      x: pick(rows.x, new Float64Array(size)),
      observed: rows.observed ? pick(rows.observed, new Uint8Array(size)) : undefined,
    },
  };
}

function joined(parts: readonly Rows[], width: number): Rows {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const x = new Float64Array(count * width);
  const isComplete = parts.every((part) => part.observed === undefined);
  const observed = isComplete ? undefined : new Uint8Array(count * width).fill(1);
  let at = 0;
  for (const part of parts) {
    x.set(part.x, at);
    if (observed && part.observed) observed.set(part.observed, at);
    at += part.count * width;
  }
  return { count, x, observed };
}

/** Log likelihood below which one window cannot speak against an orientation. */
const CLIP = -10;
const EVERY = 4;

/**
 * How well an orientation explains a person: mean ln p(x), plus mean ln P(label) where labels are known. Where nearly
 * all are known the labels alone decide: a density would only favour orientations that lie near the middle.
 */
function orientationScore(model: GaussianClasses, rows: Rows, labels: Float64Array | undefined): number {
  const { classes } = model;
  const { probabilities, logEvidence } = posteriors(
    logJoint(model, rows.x, rows.observed, rows.count),
    classes,
  );
  let evidence = 0;
  let known = 0;
  let knownMass = 0;
  for (let n = 0; n < rows.count; n += 1) {
    evidence += sure(logEvidence[n]);
    for (let c = 0; labels && c < classes; c += 1) {
      const w = sure(labels[n * classes + c]);
      if (w === 0) continue;
      known += w * Math.max(CLIP, Math.log(sure(probabilities[n * classes + c])));
      knownMass += w;
    }
  }
  const fromLabels = knownMass > 0 ? known / knownMass : 0;
  return knownMass > 0.9 * rows.count ? fromLabels : evidence / Math.max(1, rows.count) + fromLabels;
}

/** How closely orientations are told apart before one is chosen. */
interface Refinement {
  readonly candidates: number; // that many of the best are compared again ...
  readonly em: MeansEm; // ... with the class means adapted to the person under each
}
const AS_THEY_ARE: Refinement = { candidates: 1, em: { steps: 0, priorWindows: 1 } };
/**
 * People of whom a few labels are known. With the template still poor, comparing adapted means found 2 to 4 more of 100
 * missing labels than comparing the template alone (5 % of the labels, 5 folds); with a good template and no label it
 * lost 1.5 points, so new people are oriented by the template as it is.
 */
const PARTLY_LABELLED: Refinement = { candidates: 4, em: { steps: 5, priorWindows: 100 } };

interface Orientation {
  readonly index: number;
  readonly rows: Rows;
}

interface OrientOptions {
  readonly labels?: Float64Array | undefined;
  readonly prior: (index: number) => number;
  readonly refinement: Refinement;
}

function orient(
  model: GaussianClasses,
  symmetries: readonly Int32Array[],
  rows: Rows,
  { labels, prior, refinement }: OrientOptions,
): Orientation {
  if (symmetries.length === 1) return { index: 0, rows };
  const step = rows.count > 8 * EVERY ? EVERY : 1;
  const sample = everyNth(rows, model.width, step);
  const sampleLabels = labels
    ? Float64Array.from(
        sample.kept.flatMap((n) => [...labels.subarray(n * model.classes, (n + 1) * model.classes)]),
      )
    : undefined;
  const scoreOf = (index: number, means: (turned: Rows) => Float64Array): number => {
    const turned = permuted(sample.rows, symmetries[index] as Int32Array);
    return orientationScore({ ...model, means: means(turned) }, turned, sampleLabels) + prior(index);
  };
  const scores = symmetries.map((_, index) => scoreOf(index, () => model.means));
  const order = [...scores.keys()].sort((a, b) => sure(scores[b]) - sure(scores[a]));
  const likely = order.slice(0, refinement.candidates);
  const em = { ...refinement.em, priorWindows: refinement.em.priorWindows / step };
  const adapted = (turned: Rows): Float64Array => adaptMeans(model, turned, sampleLabels, em).means;
  const again = likely.length > 1 ? likely.map((index) => scoreOf(index, adapted)) : [0];
  const index = sure(likely[again.indexOf(Math.max(...again))]);
  return { index, rows: permuted(rows, symmetries[index] as Int32Array) };
}

export interface MeansEm {
  readonly steps: number;
  readonly priorWindows: number; // n0: how many windows the template's mean is worth
}

export interface AdaptedMeans {
  readonly means: Float64Array;
  readonly probabilities: Float64Array; // [n x k]
}

/** μ_c ← (n0 μ_c⁰ + Σ R x) / (n0 + Σ R) with R the posterior; covariance and prior fixed, known labels kept. */
export function adaptMeans(
  model: GaussianClasses,
  rows: Rows,
  labels: Float64Array | undefined,
  em: MeansEm,
): AdaptedMeans {
  const { width: d, classes: k } = model;
  let current = model;
  let probabilities = responsibilities(current, rows, labels);
  for (let step = 0; step < em.steps; step += 1) {
    const sum = model.means.map((mean) => em.priorWindows * mean);
    const mass = new Float64Array(k * d).fill(em.priorWindows);
    for (let n = 0; n < rows.count; n += 1) {
      for (let c = 0; c < k; c += 1) {
        const r = sure(probabilities[n * k + c]);
        if (r < 1e-8) continue;
        for (let i = 0; i < d; i += 1) {
          if (rows.observed && rows.observed[n * d + i] !== 1) continue;
          sum[c * d + i] = sure(sum[c * d + i]) + r * sure(rows.x[n * d + i]);
          mass[c * d + i] = sure(mass[c * d + i]) + r;
        }
      }
    }
    current = { ...model, means: sum.map((value, at) => value / sure(mass[at])) };
    probabilities = responsibilities(current, rows, labels);
  }
  return { means: current.means, probabilities };
}

function responsibilities(
  model: GaussianClasses,
  rows: Rows,
  labels: Float64Array | undefined,
): Float64Array {
  const { classes: k } = model;
  const { probabilities } = posteriors(logJoint(model, rows.x, rows.observed, rows.count), k);
  if (!labels) return probabilities;
  for (let n = 0; n < rows.count; n += 1) {
    const known = labels.subarray(n * k, (n + 1) * k);
    if (known.some((w) => w > 0)) probabilities.set(known, n * k);
  }
  return probabilities;
}

interface Person {
  readonly subject: string;
  readonly rows: Rows;
  readonly centre: Float64Array; // [width] mean of its recordings' own means
  readonly labels: Float64Array;
  readonly isKnown: boolean; // nearly every window labelled
  readonly recordings: readonly number[]; // index and length of its recordings, in order
}

const ROUNDS = 8;
/**
 * Weight of how the others wore the bracelet, beside a mean log likelihood a window: the fewer they are, the less their
 * gestures tell how somebody else's bracelet sits, and the more it takes to turn somebody.
 */
const othersWeight = (others: number): number => (1 + 10 / Math.max(1, others)) / 10;

/** ln share of the other people oriented so, half a person added to each orientation. */
function othersPrior(
  oriented: readonly Orientation[],
  person: number,
  index: number,
  orientations: number,
): number {
  const alike = oriented.filter((one, other) => other !== person && one.index === index).length;
  return Math.log((alike + 0.5) / (oriented.length - 1 + 0.5 * orientations));
}

export interface TemplateFit {
  readonly template: Template;
  /** Labels of every training window in the order given: known ones as they were, the rest as posteriors. */
  readonly softLabels: readonly Float64Array[];
  readonly orientations: ReadonlyMap<string, number>;
  readonly shrink: number; // of the covariance
}

/** Which symmetry first doing `inner`, then `outer` amounts to. */
function composed(symmetries: readonly Int32Array[], inner: number, outer: Int32Array): number {
  const order = outer.map((from) => sure((symmetries[inner] as Int32Array)[from]));
  return symmetries.findIndex((one) => one.every((from, i) => from === order[i]));
}

/** Names orientations so that the most frequent one is the first, "as it is": new people are met as they come. */
function anchored(oriented: readonly Orientation[], symmetries: readonly Int32Array[]): Orientation[] {
  const counts = symmetries.map((_, index) => oriented.filter((one) => one.index === index).length);
  const mode = symmetries[counts.indexOf(Math.max(...counts))] as Int32Array;
  const back = mode.map((_, i) => mode.indexOf(i));
  return oriented.map(({ index, rows }) => ({
    index: composed(symmetries, index, back),
    rows: permuted(rows, back),
  }));
}

/**
 * Orientation and class means of people who are labelled in full, in part or not at all, in turn: orient each person,
 * adapt the class means to that person, take the posteriors for the missing labels, fit the template again.
 */
export function fitTemplate(
  recordings: readonly LabelledRows[],
  width: number,
  classes: number,
  symmetries: readonly Int32Array[],
): TemplateFit {
  const people = gather(recordings, width, classes);
  const isKnown = people.every((person) => person.isKnown);
  const options = { width, classes, shrink: isKnown ? 0.003 : 0.1, prior: "uniform" as const };
  let oriented: Orientation[] = people.map((person) => ({ index: 0, rows: person.rows }));
  let soft = people.map((person) => person.labels);
  const fit = (without: number): GaussianClasses => {
    const parts = people.map((_, p) => p).filter((p) => p !== without);
    const rows = joined(
      parts.map((p) => (oriented[p] as Orientation).rows),
      width,
    );
    const weights = concatenated(parts.map((p) => soft[p] as Float64Array));
    return fitGaussianClasses({ ...rows, weights }, options);
  };
  const weight = othersWeight(people.length - 1);
  let gaussian = fit(-1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = oriented.map((one) => one.index).join(",");
    people.forEach((person, p) => {
      // With all labels at hand a person is judged by the others alone, or it would vouch for itself.
      const judge = isKnown && people.length > 2 ? fit(p) : gaussian;
      oriented[p] = orient(judge, symmetries, person.rows, {
        labels: person.labels,
        prior: (index) => weight * othersPrior(oriented, p, index, symmetries.length),
        refinement: person.isKnown ? AS_THEY_ARE : PARTLY_LABELLED,
      });
    });
    if (!isKnown) {
      soft = people.map((person, p) => {
        const em = { steps: 15, priorWindows: round === 0 ? 100 : 30 };
        return person.isKnown
          ? person.labels
          : adaptMeans(gaussian, (oriented[p] as Orientation).rows, person.labels, em).probabilities;
      });
    }
    gaussian = fit(-1);
    const isSettled = oriented.map((one) => one.index).join(",") === before;
    if (isSettled && (isKnown || round >= 3)) break;
  }
  oriented = anchored(oriented, symmetries);
  gaussian = fit(-1);
  const counts = new Float64Array(symmetries.length).fill(0.5);
  const centre = new Float64Array(width);
  oriented.forEach(({ index }, p) => {
    counts[index] = sure(counts[index]) + 1;
    const own = reordered((people[p] as Person).centre, symmetries[index] as Int32Array);
    own.forEach((value, i) => (centre[i] = sure(centre[i]) + value / people.length));
  });
  const total = counts.reduce((a, b) => a + b, 0);
  const logOrientation = counts.map((count) => Math.log(count / total));
  return {
    template: { gaussian, symmetries, logOrientation, centre },
    shrink: options.shrink,
    softLabels: scatter(people, soft, recordings, classes),
    orientations: new Map(people.map((person, p) => [person.subject, (oriented[p] as Orientation).index])),
  };
}

function gather(recordings: readonly LabelledRows[], width: number, classes: number): Person[] {
  const bySubject = new Map<string, number[]>();
  recordings.forEach(({ subject }, index) => {
    const found = bySubject.get(subject);
    if (found) found.push(index);
    else bySubject.set(subject, [index]);
  });
  return [...bySubject].map(([subject, indices]) => {
    const labels = concatenated(indices.map((index) => (recordings[index] as LabelledRows).labels));
    const parts = indices.map((index) => centred(recordings[index] as LabelledRows, width));
    const rows = joined(
      parts.map((part) => part.rows),
      width,
    );
    const centre = new Float64Array(width);
    for (const part of parts) {
      part.centre.forEach((value, i) => (centre[i] = sure(centre[i]) + value / parts.length));
    }
    let known = 0;
    for (const w of labels) known += w;
    return {
      subject,
      rows,
      centre,
      labels,
      recordings: indices,
      isKnown: known >= 0.9 * (labels.length / classes),
    };
  });
}

function scatter(
  people: readonly Person[],
  soft: readonly Float64Array[],
  recordings: readonly LabelledRows[],
  classes: number,
): Float64Array[] {
  const out = recordings.map(() => new Float64Array(0));
  people.forEach((person, p) => {
    let at = 0;
    for (const index of person.recordings) {
      const length = (recordings[index] as LabelledRows).count * classes;
      out[index] = (soft[p] as Float64Array).slice(at, at + length);
      at += length;
    }
  });
  return out;
}

/** EM on a new recording: the measured recipe (n0 = 10 windows, 30 steps). */
const NEW_PERSON: MeansEm = { steps: 30, priorWindows: 10 };
/**
 * A weak preference for orientations that training people had; decides only where two explain a recording nearly alike.
 * Bracelet, three splits in five folds: from 1/20 to 1/5 the same accuracy, 1/2.5 lost 1.6 points on one split.
 */
const ORIENTATION_WEIGHT = 1 / 5;

export interface AdaptedRecording {
  readonly orientation: number;
  readonly probabilities: Float64Array; // [n x k], of the adapted Gaussian classes
  readonly logEvidence: Float64Array; // [n]
  /** Inputs as the template's people would have given them: oriented, recentred, class shifts taken out. [n x width] */
  readonly canonical: Float64Array;
  readonly observed: Uint8Array;
}

/** Adapts to one recording of a person nothing is known of, from its unlabelled windows alone. */
export function adaptRecording(template: Template, recording: RecordingRows): AdaptedRecording {
  const { gaussian, symmetries, logOrientation, centre } = template;
  const { width: d, classes: k } = gaussian;
  const prior = (index: number): number => ORIENTATION_WEIGHT * sure(logOrientation[index]);
  const { index, rows } = orient(gaussian, symmetries, centred(recording, d).rows, {
    prior,
    refinement: AS_THEY_ARE,
  });
  const { means, probabilities } = adaptMeans(gaussian, rows, undefined, NEW_PERSON);
  const { logEvidence } = posteriors(logJoint({ ...gaussian, means }, rows.x, rows.observed, rows.count), k);
  const canonical = rows.x.slice();
  for (let n = 0; n < rows.count; n += 1) {
    for (let i = 0; i < d; i += 1) {
      let shift = 0;
      for (let c = 0; c < k; c += 1) {
        const moved = sure(means[c * d + i]) - sure(gaussian.means[c * d + i]);
        shift += sure(probabilities[n * k + c]) * moved;
      }
      const isSeen = rows.observed === undefined || rows.observed[n * d + i] === 1;
      canonical[n * d + i] = isSeen ? sure(canonical[n * d + i]) + sure(centre[i]) - shift : 0;
    }
  }
  return {
    orientation: index,
    probabilities,
    logEvidence,
    canonical,
    observed: rows.observed ?? new Uint8Array(rows.count * d).fill(1),
  };
}
