import type { TestReport } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import {
  adaptiveCalibrationError,
  BINS,
  calibrationError,
  maximumCalibrationError,
  reliabilityBins,
} from "./calibration-error.ts";
import { bootstrapIntervals, groupScores, type Sums } from "./intervals.ts";

const COVERAGES = Array.from({ length: 20 }, (_, i) => (i + 1) / 20);

/** Predictions beside what people said: only windows with a label. */
export interface Scored {
  readonly classes: number;
  readonly probabilities: ArrayLike<number>; // [n x k]
  readonly labels: ArrayLike<number>; // [n] class index
  readonly subjects: readonly string[]; // [n]
  readonly recordings: readonly string[]; // [n]
}

interface Top {
  readonly predicted: Int32Array;
  readonly confidence: Float64Array;
  readonly isRight: Uint8Array;
}

export function evaluate(scored: Scored): TestReport {
  const n = scored.labels.length;
  const top = topOf(scored.probabilities, scored.labels, scored.classes);
  const bySubject = groups(scored.subjects);
  const confusion = confusionOf(scored, top);
  const { recall, precision, balancedAccuracy, macroF1 } = groupScores(
    Float64Array.from(confusion.flat()),
    new Float64Array(0),
    scored.classes,
  );
  const ece = calibrationError(top.confidence, top.isRight);
  const intervals = bootstrapIntervals(
    [...bySubject.values()].map((rows) => sumsOf(scored, top, rows)),
    scored.classes,
    ece,
  );
  return {
    windows: n,
    subjects: bySubject.size,
    accuracy: meanOf(top.isRight),
    subjectAccuracy: subjectAccuracy(scored, top),
    balancedAccuracy,
    macroF1,
    nll: negativeLogLikelihood(scored.probabilities, scored.labels, scored.classes),
    brier: brierScore(scored),
    ece,
    eceMass: adaptiveCalibrationError(top.confidence, top.isRight),
    mce: maximumCalibrationError(top.confidence, top.isRight),
    aurc: riskCoverageArea(top.confidence, top.isRight),
    auroc: perClass(scored, (p, is) => auroc(p, is)),
    classEce: perClass(scored, (p, is) => calibrationError(p, is)),
    recall: recall.map(orNull),
    precision: precision.map(orNull),
    ...(intervals ? { intervals } : {}),
    confusion,
    reliability: reliabilityBins(top.confidence, top.isRight),
    riskCoverage: riskCoverage(top),
    perSubject: [...bySubject].map(([subject, rows]) => {
      const pick = (values: ArrayLike<number>): number[] => rows.map((row) => sure(values[row]));
      const probabilities = rows.flatMap((row) =>
        Array.from({ length: scored.classes }, (_, c) =>
          sure(scored.probabilities[row * scored.classes + c]),
        ),
      );
      return {
        subject,
        windows: rows.length,
        accuracy: meanOf(pick(top.isRight)),
        nll: negativeLogLikelihood(probabilities, pick(scored.labels), scored.classes),
        ece: calibrationError(pick(top.confidence), pick(top.isRight)),
        byRecording: personAccuracy(scored, top, rows),
        balancedAccuracy: foundOfEachClass(scored, top, rows),
        brier: brierScore({ classes: scored.classes, probabilities, labels: pick(scored.labels) }),
      };
    }),
  };
}

/** The most probable class of each row, how probable, and whether it is the label. */
export function topOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Top {
  const n = labels.length;
  const top = { predicted: new Int32Array(n), confidence: new Float64Array(n), isRight: new Uint8Array(n) };
  for (let i = 0; i < n; i += 1) {
    let best = 0;
    for (let c = 1; c < classes; c += 1) {
      if (sure(probabilities[i * classes + c]) > sure(probabilities[i * classes + best])) best = c;
    }
    top.predicted[i] = best;
    top.confidence[i] = sure(probabilities[i * classes + best]);
    top.isRight[i] = best === labels[i] ? 1 : 0;
  }
  return top;
}

function groups(keys: readonly string[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  keys.forEach((key, row) => {
    const rows = found.get(key);
    if (rows) rows.push(row);
    else found.set(key, [row]);
  });
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += sure(values[i]);
  return values.length === 0 ? 0 : sum / values.length;
}

/** That of a report's `subjectAccuracy`, alone. */
export const accuracyBySubject = (scored: Scored): number =>
  subjectAccuracy(scored, topOf(scored.probabilities, scored.labels, scored.classes));

/** Mean over windows of a recording, then over recordings of a person, then over people: nobody counts for their length. */
function subjectAccuracy(scored: Scored, top: Top): number {
  return meanOf([...groups(scored.subjects).values()].map((rows) => personAccuracy(scored, top, rows)));
}

function personAccuracy(scored: Scored, top: Top, rows: readonly number[]): number {
  const recordings = groups(rows.map((row) => scored.recordings[row] as string));
  return meanOf(
    [...recordings.values()].map((inside) => meanOf(inside.map((i) => sure(top.isRight[sure(rows[i])])))),
  );
}

/**
 * A score of each person alone. accuracy: mean over windows of a recording, then over recordings. balancedAccuracy: mean
 * over the classes that occur in this person of the share that is found.
 */
export function scoreOfPeople(
  scored: Scored,
  score: "accuracy" | "balancedAccuracy",
): ReadonlyMap<string, number> {
  const top = topOf(scored.probabilities, scored.labels, scored.classes);
  const ofPerson = (rows: readonly number[]): number =>
    score === "accuracy" ? personAccuracy(scored, top, rows) : foundOfEachClass(scored, top, rows);
  return new Map([...groups(scored.subjects)].map(([subject, rows]) => [subject, ofPerson(rows)]));
}

function foundOfEachClass({ labels }: Scored, { isRight }: Top, rows: readonly number[]): number {
  const classes = groups(rows.map((row) => String(labels[row])));
  return meanOf(
    [...classes.values()].map((inside) => meanOf(inside.map((i) => isRight[rows[i] ?? -1] ?? 0))),
  );
}

function confusionOf(scored: Scored, top: Top): number[][] {
  const table = Array.from({ length: scored.classes }, () => new Array<number>(scored.classes).fill(0));
  for (let i = 0; i < scored.labels.length; i += 1) {
    const row = table[sure(scored.labels[i])] as number[];
    const predicted = sure(top.predicted[i]);
    row[predicted] = sure(row[predicted]) + 1;
  }
  return table;
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function sumsOf(scored: Scored, top: Top, rows: readonly number[]): Sums {
  const { classes, probabilities, labels } = scored;
  const confusion = new Float64Array(classes * classes);
  const bins = new Float64Array(3 * BINS);
  let nll = 0;
  let brier = 0;
  const add = (to: Float64Array, at: number, value: number): void => {
    to[at] = (to[at] ?? 0) + value;
  };
  for (const row of rows) {
    const label = sure(labels[row]);
    const confidence = sure(top.confidence[row]);
    add(confusion, label * classes + sure(top.predicted[row]), 1);
    const bin = 3 * Math.min(BINS - 1, Math.floor(confidence * BINS));
    add(bins, bin, 1);
    add(bins, bin + 1, confidence);
    add(bins, bin + 2, sure(top.isRight[row]));
    nll -= Math.log(Math.max(1e-12, sure(probabilities[row * classes + label])));
    for (let c = 0; c < classes; c += 1)
      brier += (sure(probabilities[row * classes + c]) - (label === c ? 1 : 0)) ** 2;
  }
  return { windows: rows.length, nll, brier, accuracy: personAccuracy(scored, top, rows), confusion, bins };
}

/** −mean ln P(label), nats; probabilities below 1e-12 count as that. */
export function negativeLogLikelihood(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    sum -= Math.log(Math.max(1e-12, sure(probabilities[i * classes + sure(labels[i])])));
  }
  return labels.length === 0 ? 0 : sum / labels.length;
}

/** Mean Σ_c (P_c − t_c)². */
function brierScore({
  classes,
  probabilities,
  labels,
}: Pick<Scored, "classes" | "probabilities" | "labels">): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    for (let c = 0; c < classes; c += 1) {
      sum += (sure(probabilities[i * classes + c]) - (labels[i] === c ? 1 : 0)) ** 2;
    }
  }
  return labels.length === 0 ? 0 : sum / labels.length;
}

function perClass<T>(scored: Scored, score: (probability: Float64Array, is: Uint8Array) => T): T[] {
  const n = scored.labels.length;
  return Array.from({ length: scored.classes }, (_, c) =>
    score(
      Float64Array.from({ length: n }, (_v, i) => sure(scored.probabilities[i * scored.classes + c])),
      Uint8Array.from({ length: n }, (_v, i) => (scored.labels[i] === c ? 1 : 0)),
    ),
  );
}

/** Area under the ROC curve by ranks, ties counted half; null where one side is empty. */
export function auroc(score: ArrayLike<number>, is: ArrayLike<number>): number | null {
  const order = Uint32Array.from({ length: score.length }, (_, i) => i).sort(
    (a, b) => sure(score[a]) - sure(score[b]),
  );
  let positives = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && score[sure(order[to])] === score[sure(order[from])]) to += 1;
    for (let i = from; i < to; i += 1) {
      if (is[sure(order[i])] !== 1) continue;
      positives += 1;
      rankSum += (from + to + 1) / 2;
    }
    from = to;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * Area under the risk-coverage curve: the mean, over every number of windows answered, of the share wrong among the most
 * confident so many. Windows of one confidence come together: each counts as their mean.
 */
export function riskCoverageArea(confidence: ArrayLike<number>, isRight: ArrayLike<number>): number {
  const n = confidence.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => (confidence[b] ?? 0) - (confidence[a] ?? 0),
  );
  let [wrong, area] = [0, 0];
  for (let from = 0; from < n;) {
    let to = from;
    let own = 0;
    for (; to < n && confidence[order[to] ?? 0] === confidence[order[from] ?? 0]; to += 1)
      own += 1 - (isRight[order[to] ?? 0] ?? 0);
    for (let kept = from + 1; kept <= to; kept += 1)
      area += (wrong + (own * (kept - from)) / (to - from)) / kept;
    wrong += own;
    from = to;
  }
  return n === 0 ? 0 : area / n;
}

/** How well −ln p(x) tells windows of another kind from windows as in training: area under the ROC curve; null without both. */
export const outlierAuroc = (inside: ArrayLike<number>, outside: ArrayLike<number>): number | null =>
  auroc(
    Float64Array.from({ length: inside.length + outside.length }, (_, i) =>
      i < inside.length ? -(inside[i] ?? 0) : -(outside[i - inside.length] ?? 0),
    ),
    Uint8Array.from({ length: inside.length + outside.length }, (_, i) => (i < inside.length ? 0 : 1)),
  );

/** Error among the most confident share of the windows, for shares of 5 % to 100 %. */
function riskCoverage(top: Top): { coverage: number; risk: number }[] {
  const n = top.confidence.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => sure(top.confidence[b]) - sure(top.confidence[a]),
  );
  const wrong = new Float64Array(n + 1);
  order.forEach((row, i) => {
    wrong[i + 1] = sure(wrong[i]) + 1 - sure(top.isRight[row]);
  });
  if (n === 0) return [];
  return COVERAGES.map((coverage) => {
    const kept = Math.max(1, Math.round(coverage * n));
    return { coverage, risk: sure(wrong[kept]) / kept };
  });
}
