import type { Annotation } from "../../preload/contract/annotation.ts";
import { readingsFor, type Reading } from "../../preload/contract/reading.ts";
import type { ModelCard } from "../../preload/contract/model-file.ts";
import { Opponent, type PairedComparison } from "../../preload/contract/paired.ts";
import type { EstimateAsk, RunEstimate } from "../../preload/contract/estimate.ts";
import { fakeKinds, filledModel } from "./model-kinds.ts";
import {
  FoldReport,
  foldScores,
  isCausal,
  problemOf,
  type Problem,
  type Adaptation,
  type CausalReport,
  type LayerReport,
  type LayerView,
  type Prediction,
  type Run,
  type RunConfig,
  type RunMetrics,
  type RunPreview,
  TestReport,
  settingsSeen,
} from "../../preload/contract/run.ts";
import type { ChannelHeader, RecordingDetail } from "../../preload/contract/recording.ts";
import { labelsAbout, needsOf } from "../../preload/contract/channel-needs.ts";
import { ctgEvents, emgGestures, normalFrom, randomFrom, type FakeRecording, type Random } from "./study.ts";

/**
 * A pretended model. Its numbers are made up, but they agree with each other: every report is computed from drawn
 * probabilities, every layer's likelihood from its evidence.
 */

export const classesOf = (config: RunConfig): string[] =>
  config.data.background === "never" ? [...config.data.labels] : ["none", ...config.data.labels];

interface Stretch {
  readonly onsetS: number;
  readonly durationS: number;
  readonly share?: number;
}

export interface FakeWindow {
  readonly onsetS: number;
  readonly label: string | undefined; // undefined: unlabelled
  readonly assessable: boolean;
}

export interface FakeMarks {
  readonly annotations: readonly Annotation[];
  readonly readings: readonly Reading[];
}

/** The windows of a recording under a configuration, with the label that covers enough of them. */
export function windowsOf(
  config: RunConfig,
  recording: FakeRecording,
  { annotations, readings }: FakeMarks,
): FakeWindow[] {
  const windows: FakeWindow[] = [];
  const { durationS, channels } = recording.detail;
  const used = channels.filter((one) => config.data.channels.includes(one.label));
  const set = [ctgEvents, emgGestures].find(({ id }) => id === config.data.labelSet);
  const read = readingsFor(config.data, readings, () => set ?? { labels: [] });
  const heard = used.map(({ role }, index) => ({ index, role }));
  const needs = needsOf(labelsAbout(set, config.data.labels), heard);
  const groups = [...needs.each.map((index) => [index]), needs.together].filter(({ length }) => length > 0);
  const shareOf = (index: number, onsetS: number): number => {
    const one = used[index];
    if (!one) return 0;
    const { reasons } = recording.signal(one.position);
    const first = Math.round(onsetS * one.sampleRate);
    const count = Math.round(config.data.windows.windowS * one.sampleRate);
    return reasons.subarray(first, first + count).filter((reason) => reason === 0).length / count;
  };
  const annotated = annotations.filter((one) => one.labelSet === config.data.labelSet);
  for (
    let onsetS = 0;
    onsetS + config.data.windows.windowS <= durationS + 1e-9;
    onsetS += config.data.windows.strideS
  ) {
    const judgedS = Math.min(
      config.data.windows.windowS,
      config.data.windows.centreS ?? config.data.windows.windowS,
    );
    const from = onsetS + (config.data.windows.windowS - judgedS) / 2;
    const covers = ({ onsetS: start, durationS: length, share }: Stretch) =>
      Math.min(start + length, from + judgedS) - Math.max(start, from) >=
      (share ?? config.data.windows.minOverlap) * judgedS - 1e-9;
    const found = annotated.find((one) => config.data.labels.includes(one.label) && covers(one));
    const isRead = config.data.background !== "never" && read.some((one) => covers({ ...one, share: 1 }));
    const background = isRead ? "none" : undefined;
    windows.push({
      onsetS,
      label: found?.label ?? background,
      assessable:
        groups.length > 0 &&
        groups.every((group) => {
          const share = group.reduce((sum, index) => sum + shareOf(index, onsetS) / group.length, 0);
          return share > 0 && share >= config.data.windows.minObserved - 1e-6;
        }),
    });
  }
  return windows;
}

/** What the readers say who are named; without any what everybody says. */
const taught = ({ data }: RunConfig, { annotations, readings }: FakeMarks): FakeMarks => {
  const isNamed = ({ author }: { readonly author: string }): boolean =>
    data.readers?.includes(author) ?? true;
  return { annotations: annotations.filter(isNamed), readings: readings.filter(isNamed) };
};

function readersOf({ data }: RunConfig, marks: readonly FakeMarks[]): RunPreview["readers"] {
  const ofSet = ({ labelSet }: { readonly labelSet: string }): boolean => labelSet === data.labelSet;
  const own = marks.map(({ annotations, readings }) => ({
    annotations: annotations.filter((one) => ofSet(one) && one.source !== "model"),
    readings: readings.filter(ofSet),
  }));
  const names = new Set(
    own.flatMap((one) => [...one.annotations, ...one.readings].map(({ author }) => author)),
  );
  return [...names].sort().map((name) => {
    const labels = own.map(({ annotations }) => annotations.filter(({ author }) => author === name).length);
    const having = own.filter((one) =>
      [...one.annotations, ...one.readings].some(({ author }) => author === name),
    );
    const isNamed = data.readers?.includes(name) ?? true;
    return {
      name,
      labels: labels.reduce((sum, count) => sum + count, 0),
      recordings: having.length,
      teaches: isNamed ? having.length : 0,
    };
  });
}

/** About what a preview would count: everything is observed, and a mark is as many windows as begin in it. */
export function estimateIn(
  { labels, windows: { windowS, strideS } }: EstimateAsk,
  recordings: readonly FakeRecording[],
  marksOf: (recordingId: string) => FakeMarks,
): RunEstimate {
  const details = recordings.map(({ detail }) => detail);
  const marks = details.map(({ id }) =>
    marksOf(id).annotations.filter(({ label }) => labels.includes(label)),
  );
  const perClass = labels.map((code) => {
    const events = marks.flat().filter(({ label }) => label === code);
    const windows = events.reduce((sum, { durationS }) => sum + Math.round(durationS / strideS), 0);
    return { code, windows, events: events.length };
  });
  const all = details.reduce(
    (sum, { durationS }) => sum + Math.floor((durationS - windowS) / strideS) + 1,
    0,
  );
  const labelled = perClass.reduce((sum, { windows }) => sum + windows, 0);
  return {
    ...{
      recordings: details.length,
      people: new Set(details.map(({ subject }) => subject)).size,
      lacking: 0,
    },
    hours: details.reduce((sum, { durationS }) => sum + durationS / 3600, 0),
    marked: marks.filter(({ length }) => length > 0).length,
    windows: { labelled, unlabelled: Math.max(0, all - labelled), unassessable: 0 },
    perClass,
  };
}

export function previewOf(
  config: RunConfig,
  recordings: readonly FakeRecording[],
  marksOf: (recordingId: string) => FakeMarks,
): RunPreview {
  const classes = classesOf(config);
  const perClass = classes.map(() => 0);
  const subjects = new Map<string, RunPreview["subjects"][number]>();
  for (const recording of recordings) {
    const { subject } = recording.detail;
    const part = config.split.testSubjects.includes(subject)
      ? "test"
      : config.split.validationSubjects.includes(subject)
        ? "validation"
        : "train";
    const row = subjects.get(subject) ?? {
      subject,
      recordings: 0,
      part,
      labelled: 0,
      unlabelled: 0,
      unassessable: 0,
    };
    row.recordings += 1;
    for (const window of windowsOf(config, recording, taught(config, marksOf(recording.detail.id)))) {
      if (!window.assessable) row.unassessable += 1;
      else if (window.label === undefined) row.unlabelled += 1;
      else {
        row.labelled += 1;
        const at = classes.indexOf(window.label);
        perClass[at] = (perClass[at] ?? 0) + 1;
      }
    }
    subjects.set(subject, row);
  }
  const rows = [...subjects.values()].sort((a, b) => a.subject.localeCompare(b.subject));
  const sum = (field: "labelled" | "unlabelled" | "unassessable") =>
    rows.reduce((total, row) => total + row[field], 0);
  const {
    split: { folds },
  } = config;
  if (folds !== undefined)
    rows.filter((row) => row.labelled > 0).forEach((row, place) => (row.fold = place % folds));
  const problems: Problem[] = [];
  const labelledIn = (part: string) =>
    rows.filter((row) => row.part === part).reduce((n, row) => n + row.labelled, 0);
  if (labelledIn("train") === 0) problems.push(problemOf("NO_TRAINING_SUBJECT", {}));
  if (folds === undefined && labelledIn("test") === 0) problems.push(problemOf("NO_LABELLED_TEST", {}));
  classes.forEach((name, i) => {
    if (perClass[i] === 0) problems.push(problemOf("TOO_FEW_WINDOWS", { count: 0, label: name, needed: 2 }));
  });
  return {
    model: filledModel(config.model),
    unit: "windows",
    classes,
    windows: { labelled: sum("labelled"), unlabelled: sum("unlabelled"), unassessable: sum("unassessable") },
    perClass,
    subjects: rows,
    readers: readersOf(
      config,
      recordings.map(({ detail }) => marksOf(detail.id)),
    ),
    problems,
    advice: [],
  };
}

interface Drawn {
  readonly subject: string;
  readonly truth: number;
  readonly probabilities: readonly number[];
}

function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const powers = logits.map((one) => Math.exp(one - top));
  const total = powers.reduce((sum, one) => sum + one, 0);
  return powers.map((one) => one / total);
}

function draw(subjects: readonly string[], classes: number, strength: number, random: Random): Drawn[] {
  return subjects.flatMap((subject) => {
    const own = strength * (0.8 + 0.4 * random());
    return Array.from({ length: 40 * classes }, (_, i) => {
      const truth = i % classes;
      const logits = Array.from({ length: classes }, (__, k) => (k === truth ? own : 0) + normalFrom(random));
      return { subject, truth, probabilities: softmax(logits.map((one) => one * own * 0.95)) };
    });
  });
}

const BINS = 15;
const mean = (values: readonly number[]) =>
  values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);

function scores(rows: readonly Drawn[]) {
  const right = rows.map(({ probabilities, truth }) =>
    probabilities.indexOf(Math.max(...probabilities)) === truth ? 1 : 0,
  );
  const top = rows.map(({ probabilities }) => Math.max(...probabilities));
  const nll = mean(rows.map(({ probabilities, truth }) => -Math.log(probabilities[truth] ?? 1e-9)));
  const reliability = Array.from({ length: BINS }, (_, b) => {
    const inside = top.flatMap((p, i) => (Math.min(BINS - 1, Math.floor(p * BINS)) === b ? [i] : []));
    return {
      from: b / BINS,
      to: (b + 1) / BINS,
      confidence: inside.length === 0 ? (b + 0.5) / BINS : mean(inside.map((i) => top[i] ?? 0)),
      accuracy: inside.length === 0 ? 0 : mean(inside.map((i) => right[i] ?? 0)),
      count: inside.length,
    };
  });
  const ece = reliability.reduce(
    (sum, bin) => sum + (bin.count / rows.length) * Math.abs(bin.accuracy - bin.confidence),
    0,
  );
  return { accuracy: mean(right), right, top, nll, ece, reliability };
}

function reportOf(rows: readonly Drawn[], classes: number): TestReport {
  const all = scores(rows);
  const confusion = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const { truth, probabilities } of rows) {
    const said = probabilities.indexOf(Math.max(...probabilities));
    const row = confusion[truth];
    if (row) row[said] = (row[said] ?? 0) + 1;
  }
  const names = [...new Set(rows.map(({ subject }) => subject))];
  const perSubject = names.map((subject) => {
    const own = rows.filter((row) => row.subject === subject);
    const { accuracy, nll, ece } = scores(own);
    return { subject, windows: own.length, accuracy, nll, ece };
  });
  const order = all.top.map((_, i) => i).sort((a, b) => (all.top[b] ?? 0) - (all.top[a] ?? 0));
  let wrong = 0;
  const riskCoverage = order.flatMap((at, i) => {
    wrong += 1 - (all.right[at] ?? 0);
    return (i + 1) % Math.ceil(order.length / 40) === 0 || i === order.length - 1
      ? [{ coverage: (i + 1) / order.length, risk: wrong / (i + 1) }]
      : [];
  });
  const recall = confusion.map(
    (row, k) =>
      (row[k] ?? 0) /
      Math.max(
        1,
        row.reduce((sum, one) => sum + one, 0),
      ),
  );
  const f1 = confusion.map((row, k) => {
    const hit = row[k] ?? 0;
    const said = confusion.reduce((sum, other) => sum + (other[k] ?? 0), 0);
    return (2 * hit) / Math.max(1, row.reduce((sum, one) => sum + one, 0) + said);
  });
  return {
    windows: rows.length,
    subjects: names.length,
    accuracy: all.accuracy,
    subjectAccuracy: mean(perSubject.map((one) => one.accuracy)),
    balancedAccuracy: mean(recall),
    macroF1: mean(f1),
    nll: all.nll,
    brier: mean(
      rows.map(({ probabilities, truth }) =>
        probabilities.reduce((sum, p, k) => sum + (p - (k === truth ? 1 : 0)) ** 2, 0),
      ),
    ),
    ece: all.ece,
    auroc: Array.from({ length: classes }, (_, k) => areaUnder(rows, k)),
    classEce: Array.from({ length: classes }, (_, k) =>
      Math.abs(mean(rows.map(({ probabilities }) => probabilities[k] ?? 0)) - 1 / classes),
    ),
    recall: [...recall],
    precision: confusion.map((row, k) => {
      const said = confusion.reduce((sum, other) => sum + (other[k] ?? 0), 0);
      return said === 0 ? null : (row[k] ?? 0) / said;
    }),
    intervals: {
      people: names.length,
      accuracy: about(all.accuracy),
      subjectAccuracy: about(mean(perSubject.map((one) => one.accuracy))),
      balancedAccuracy: about(mean(recall)),
      macroF1: about(mean(f1)),
      nll: about(all.nll),
      brier: about(all.nll / 2),
      ece: about(all.ece),
      recall: recall.map(about),
      precision: recall.map(about),
    },
    confusion,
    reliability: all.reliability,
    riskCoverage,
    perSubject,
  };
}

/** The form of an interval; its width is made up, as the figures are. */
const about = (value: number): { low: number; high: number } => ({
  low: Math.max(0, value * 0.95),
  high: Math.min(1, value * 1.04),
});

/** One class against the rest: the share of pairs ranked right (Mann–Whitney). */
function areaUnder(rows: readonly Drawn[], k: number): number | null {
  const ranked = rows
    .map(({ probabilities, truth }) => ({ p: probabilities[k] ?? 0, yes: truth === k }))
    .sort((a, b) => a.p - b.p);
  let before = 0;
  let pairs = 0;
  for (const { yes } of ranked) {
    if (yes) pairs += before;
    else before += 1;
  }
  const positives = rows.length - before;
  return positives === 0 || before === 0 ? null : pairs / (positives * before);
}

/** Better with every minute heard. */
function causalOf(report: (strength: number, salt: number) => TestReport): CausalReport {
  const marks = [0, 10, 30, 60, 120];
  return {
    test: report(2.9, 5),
    guided: report(3, 6),
    after: marks.map((fromS, at) => ({
      fromS,
      toS: marks[at + 1] ?? null,
      windows: 100,
      accuracy: 0.8 + 0.03 * at,
      guided: 0.8 + 0.035 * at,
    })),
    parts: { static: 0.01, causal: 0.49, means: 0.5 },
  };
}

/** Person by person; the interval as if differences were normal. */
export function pairOf(own: TestReport, other: TestReport): PairedComparison {
  const differences = own.perSubject.flatMap(({ subject, accuracy }) => {
    const found = other.perSubject.find((one) => one.subject === subject);
    return found ? [accuracy - found.accuracy] : [];
  });
  const groups = differences.length;
  const difference = mean(differences);
  const reach =
    (1.96 * Math.sqrt(mean(differences.map((one) => (one - difference) ** 2)))) / Math.sqrt(groups);
  const interval = groups < 6 ? null : { low: difference - reach, high: difference + reach };
  return {
    ...{ groups, difference, interval },
    better: differences.filter((one) => one > 0).length,
    worse: differences.filter((one) => one < 0).length,
    equal: differences.filter((one) => one === 0).length,
    verdict:
      interval === null
        ? "too-few"
        : interval.low > 0
          ? "better"
          : interval.high < 0
            ? "worse"
            : "no-difference-shown",
  };
}

export function metricsOf(config: RunConfig, seed: number, people: readonly string[]): RunMetrics {
  const k = classesOf(config).length;
  const test = config.split.folds === undefined ? config.split.testSubjects : people;
  const report = (strength: number, salt: number, subjects = test) =>
    reportOf(draw(subjects, k, strength, randomFrom(seed * 77 + salt)), k);
  const random = randomFrom(seed * 77 + 9);
  const can = fakeKinds.find(({ kind }) => kind === config.model.kind)?.can ?? [];
  const { adaptation } = settingsSeen(config);
  const isAdapted = can.includes("adaptation") && adaptation !== "none";
  const judged = {
    test: report(2.15, 1),
    lda: report(1.75, 2),
    ...(can.includes("layers") ? { supervisedOnly: report(2.02, 3) } : {}),
    ...(isAdapted ? { transductive: report(3.1, 4) } : {}),
    ...(isAdapted && isCausal(adaptation) ? { causal: causalOf(report) } : {}),
  };
  return {
    ...judged,
    paired: {
      score: "accuracy",
      against: Object.fromEntries(
        Opponent.options.flatMap((name) => {
          const other = name === "causal" ? judged.causal?.test : judged[name];
          return other ? [[name, pairOf(judged.test, other)]] : [];
        }),
      ),
    },
    ...foldsOf(config.split.folds ?? 0, (fold) =>
      report(
        2.15,
        20 + fold,
        people.filter((_, place) => place % (config.split.folds ?? 1) === fold),
      ),
    ),
    calibration: {
      temperature: 1.31,
      subjects: [...config.split.validationSubjects],
      windows: 40 * k * config.split.validationSubjects.length,
      estimated: 0,
      eceBefore: 0.087,
      eceAfter: 0.021,
    },
    distanceFromIdentity: Array.from(
      { length: can.includes("layers") ? layerCount(config) : 0 },
      (_, l) => 0.03 + 0.05 * ((l + 1) / layerCount(config)) ** 2 + 0.006 * random(),
    ),
    ...(can.includes("layers")
      ? {
          layerAccuracy: Array.from(
            { length: layerCount(config) },
            (_, l) => judged.test.accuracy * (0.8 + (0.2 * (l + 1)) / layerCount(config)),
          ),
        }
      : {}),
  };
}

function foldsOf(
  count: number,
  reportOn: (fold: number) => TestReport,
): Pick<RunMetrics, "folds" | "spread"> {
  if (count === 0) return {};
  const folds = Array.from({ length: count }, (_, fold): FoldReport => {
    const { perSubject, ...scores } = FoldReport.omit({ subjects: true, temperature: true })
      .extend({ perSubject: TestReport.shape.perSubject })
      .parse(reportOn(fold));
    return { ...scores, temperature: 1.2 + 0.1 * fold, subjects: perSubject.map(({ subject }) => subject) };
  });
  const spread = Object.fromEntries(
    foldScores.map((score) => {
      const values = folds.map((fold) => fold[score]);
      const average = mean(values);
      const sd = Math.sqrt(mean(values.map((value) => (value - average) ** 2)) * (count / (count - 1)));
      return [score, { mean: average, sd, lowest: Math.min(...values), highest: Math.max(...values) }];
    }),
  ) as NonNullable<RunMetrics["spread"]>;
  return { folds, spread };
}

const layerCount = (config: RunConfig): number => settingsSeen(config).layers ?? 10;

export const curvePoint = (epoch: number, epochs: number): Run["curve"][number] => {
  const gone = epoch / epochs;
  return {
    epoch,
    loss: 0.62 + 1.4 * Math.exp(-3.2 * gone) + 0.02 * Math.sin(epoch * 2.3),
    validationNll: 0.7 + 1.15 * Math.exp(-3 * gone) + 0.05 * gone + 0.015 * Math.sin(epoch * 1.7),
    validationEce: 0.03 + 0.12 * Math.exp(-2.5 * gone) + 0.006 * Math.cos(epoch * 1.9),
  };
};

const uncertainty = (members: readonly (readonly number[])[]) => {
  const entropy = (p: readonly number[]) =>
    -p.reduce((sum, one) => sum + (one > 0 ? one * Math.log(one) : 0), 0);
  const average = (members[0] ?? []).map((_, k) => mean(members.map((one) => one[k] ?? 0)));
  const inData = mean(members.map(entropy));
  return { average, aleatoric: inData, epistemic: Math.max(0, entropy(average) - inData) };
};

/** The same number for the same text. */
function numberOf(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i);
  return sum;
}

/** The part that answers: nothing heard at first, then the past, after a while with moved means. */
const partOf = (_window: unknown, n: number): number => (n === 0 ? 0 : n < 40 ? 2 : 3);

/** Class probabilities over a recording: right about four times in five, unsure where labels change. */
export function predictionOf(
  run: Run,
  recording: FakeRecording,
  marks: FakeMarks,
  adaptation: Adaptation,
): Prediction {
  const windows = windowsOf(run.config, recording, marks);
  const k = run.classes.length;
  const n = windows.length;
  const prediction: Prediction = {
    runId: run.id,
    recordingId: recording.detail.id,
    classes: run.classes,
    adaptation,
    windowS: run.config.data.windows.windowS,
    onsetS: Float64Array.from(windows, (one) => one.onsetS),
    probabilities: new Float32Array(n * k),
    low: new Float32Array(n * k),
    high: new Float32Array(n * k),
    aleatoric: new Float32Array(n),
    epistemic: new Float32Array(n),
    typicality: new Float32Array(n),
    assessable: Uint8Array.from(windows, (one) => (one.assessable ? 1 : 0)),
    ...(isCausal(adaptation) ? { part: Uint8Array.from(windows, partOf) } : {}),
    createdAt: "2026-11-24T10:20:00Z",
  };
  const random = randomFrom(run.config.seed + numberOf(recording.detail.id));
  const strength = adaptation === "none" ? 2.4 : 3.4;
  windows.forEach((window, i) => {
    const truth = window.label === undefined ? -1 : run.classes.indexOf(window.label);
    const before = windows[i - 1]?.label;
    const settled = before === window.label && windows[i + 1]?.label === window.label ? 1 : 0.35;
    const common = run.classes.map(
      (_, c) => (c === truth ? strength * settled : 0) + 0.7 * normalFrom(random),
    );
    const members = Array.from({ length: Math.max(2, settingsSeen(run.config).members ?? 2) }, () =>
      softmax(common.map((one) => 1.6 * one + (0.3 + 0.8 * (1 - settled)) * normalFrom(random))),
    );
    const { average, aleatoric, epistemic } = uncertainty(members);
    prediction.aleatoric[i] = window.assessable ? aleatoric : Number.NaN;
    prediction.epistemic[i] = window.assessable ? epistemic : Number.NaN;
    prediction.typicality[i] = window.assessable ? random() ** (truth < 0 ? 4 : 0.7) : Number.NaN;
    for (let c = 0; c < k; c++) {
      const own = members.map((one) => one[c] ?? 0);
      prediction.probabilities[i * k + c] = window.assessable ? (average[c] ?? 0) : Number.NaN;
      prediction.low[i * k + c] = window.assessable ? Math.min(...own) : Number.NaN;
      prediction.high[i * k + c] = window.assessable ? Math.max(...own) : Number.NaN;
    }
  });
  return prediction;
}

/** What each layer added, for the window that holds `timeS`. Likelihoods follow from the running sum of the evidence. */
export function layersOf(
  run: Run,
  recording: FakeRecording,
  prediction: Prediction,
  timeS: number,
): LayerReport {
  const k = run.classes.length;
  const {
    data: {
      windows: { windowS, strideS },
    },
  } = run.config;
  const away = Array.from(prediction.onsetS, (onset) => Math.abs(onset + windowS / 2 - timeS));
  const at = away.indexOf(Math.min(...away));
  const probabilities = Array.from({ length: k }, (_, c) => prediction.probabilities[at * k + c] ?? 0).map(
    (p) => (Number.isNaN(p) ? 1 / k : p),
  );
  const order = probabilities
    .map((_, c) => c)
    .sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  const [leading = 0, runnerUp = 0] = order;
  const onsetS = prediction.onsetS[at] ?? 0;
  const used = recording.detail.channels.filter((one) => run.config.data.channels.includes(one.label));
  // As main does it: a long window has columns of its own, a short one stands among its neighbours.
  const isInside = windowS >= 10;
  const columnS = isInside ? windowS / 20 : strideS;
  const onsets = isInside
    ? Array.from({ length: 20 }, (_, c) => onsetS + c * columnS)
    : Array.from(prediction.onsetS.slice(Math.max(0, at - 20), at + 21));
  const columns = onsets.length;
  const isOwn = (cell: number) => isInside || onsets[cell % columns] === onsetS;
  const input = inputOf(recording, used, onsets, isInside ? columnS : windowS);
  const random = randomFrom(at + run.config.seed + 17);
  const count = layerCount(run.config);
  const decidedAt = Math.min(count - 1, Math.floor(count * 0.35));
  const final = Math.log((probabilities[leading] ?? 1) / Math.max(1e-6, probabilities[runnerUp] ?? 1e-6));
  let gap = 0;
  const cells = used.length * columns;
  const layers: LayerView[] = Array.from({ length: count }, (_, l) => {
    const target =
      l < decidedAt
        ? -0.15 * final * (1 - l / decidedAt)
        : final * ((l + 1 - decidedAt) / (count - decidedAt));
    const step = target - gap;
    gap = target;
    const relevance = new Float32Array(cells);
    const contribution = new Float32Array(cells);
    let total = 0;
    for (let i = 0; i < cells; i++) {
      const x = input[i] ?? Number.NaN;
      if (Number.isNaN(x)) continue;
      relevance[i] = x * (0.3 + Math.abs(normalFrom(random)));
      contribution[i] = (x - 0.4) * ((l + 1) / count) * 0.6 + 0.05 * normalFrom(random);
      if (isOwn(i)) total += relevance[i] ?? 0;
    }
    if (total > 0) for (let i = 0; i < cells; i++) relevance[i] = ((relevance[i] ?? 0) * step) / total;
    const logits = run.classes.map((_, c) =>
      c === leading ? gap : c === runnerUp ? 0 : -0.8 * ((l + 1) / count),
    );
    return {
      index: l + 1,
      distanceFromIdentity: run.metrics?.distanceFromIdentity[l] ?? 0.05,
      accuracy: run.metrics?.layerAccuracy?.[l],
      likelihood: softmax(logits),
      contribution,
      relevance,
    };
  });
  return {
    runId: run.id,
    recordingId: recording.detail.id,
    onsetS,
    windowS: run.config.data.windows.windowS,
    classes: run.classes,
    leading,
    runnerUp,
    probabilities,
    rows: used.map((one) => one.label),
    columnOnsetS: Float64Array.from(onsets),
    columnS,
    input,
    layers,
    decidedAt: decidedAt + 1,
    evidenceSum: final,
    isIntegrated: false,
  };
}

/** Root mean square of each stretch, scaled to 0…1; NaN where nothing was observed. */
function inputOf(
  recording: FakeRecording,
  used: RecordingDetail["channels"],
  onsets: readonly number[],
  lengthS: number,
): Float32Array {
  const columns = onsets.length;
  const input = new Float32Array(used.length * columns).fill(Number.NaN);
  used.forEach((one, row) => {
    const { values, reasons } = recording.signal(one.position);
    for (let c = 0; c < columns; c++) {
      const onset = onsets[c] ?? 0;
      const first = Math.round(onset * one.sampleRate);
      const end = Math.max(first + 1, Math.round((onset + lengthS) * one.sampleRate));
      let square = 0;
      let seen = 0;
      for (let i = first; i < end; i++) {
        if (reasons[i] !== 0) continue;
        square += (values[i] ?? 0) ** 2;
        seen += 1;
      }
      if (seen > 0)
        input[row * columns + c] = Math.min(1, Math.sqrt(square / seen) / (one.role === "emg" ? 40 : 160));
    }
  });
  return input;
}

/** What a pretended model file says of itself. */
export function cardOf({ config, classes, ...run }: Run, channels: readonly ChannelHeader[]): ModelCard {
  return {
    format: 1,
    name: config.name,
    runId: run.id,
    codeVersion: run.codeVersion,
    trainedAt: run.finishedAt ?? run.createdAt,
    notice: { en: "Research use only.", ja: "研究用です。" },
    licence: "",
    front: "emg-amplitude",
    frontText: "",
    windowS: config.data.windows.windowS,
    strideS: config.data.windows.strideS,
    minObserved: config.data.windows.minObserved,
    context: null,
    inputs: [
      {
        signal: "signal",
        observed: "observed",
        channels: channels.map(({ label }) => label),
        sampleRate: channels[0]?.sampleRate ?? 200,
        samples: Math.round(config.data.windows.windowS * (channels[0]?.sampleRate ?? 200)),
      },
    ],
    places: [],
    outputs: [],
    channels: channels.map((one) => ({ ...one, alsoLearnedFrom: [] })),
    labelSet: null,
    classes: classes.map((code) => ({ code, name: null, key: null, colour: null })),
    members: settingsSeen(config).members ?? 5,
    temperature: run.metrics?.calibration.temperature ?? 1,
    calibration: run.metrics?.calibration ?? null,
    test: run.metrics?.test ?? null,
  };
}
