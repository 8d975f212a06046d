import { BASELINE, type PairedComparison } from "../../../preload/contract/paired.ts";
import {
  classCounts,
  foldScores,
  leadingScore,
  type Run,
  type RunMetrics,
  type TestReport,
  type Variation,
} from "../../../preload/contract/run.ts";
import { fixed, number, percent } from "../../ui/format.ts";
import type { KeyOf, Language, Translate } from "../../ui/words.ts";
import type { trainWords } from "./words.ts";

type Key = KeyOf<typeof trainWords>;

/** A gain below this is within what a change of seed does, and is not called one. */
const SAME = 0.005;

type Range = { readonly low: number; readonly high: number } | null | undefined;

/** `1.0 % (0.4–1.9 %)`; says so where there is no interval. */
export function withInterval(share: number, interval: Range, t: Translate<Key>): string {
  const inside = interval
    ? t("word.interval", { low: fixed(interval.low * 100, 1), high: percent(interval.high) })
    : t("word.noInterval");
  return t("word.withInterval", { share: percent(share), inside });
}

/** Where classes are unequal: what saying the commonest everywhere would reach, and the class least found. */
function unevenSentences(test: TestReport, names: readonly string[], t: Translate<Key>): string[] {
  const counts = classCounts(test);
  const most = counts.indexOf(Math.max(...counts));
  const recalls = counts.map((count, c) => (count > 0 ? (test.confusion[c]?.[c] ?? 0) / count : 1));
  const least = recalls.indexOf(Math.min(...recalls));
  const said = test.confusion.reduce((sum, row) => sum + (row[least] ?? 0), 0);
  const precision = (test.confusion[least]?.[least] ?? 0) / said;
  return [
    t("word.majority", {
      share: percent(test.accuracy),
      name: names[most] ?? "",
      majority: percent((counts[most] ?? 0) / test.windows),
    }),
    t("word.least", {
      name: names[least] ?? "",
      recall: withInterval(recalls[least] ?? Number.NaN, test.intervals?.recall[least], t),
      precision:
        said === 0 ? t("word.neverSaid") : withInterval(precision, test.intervals?.precision[least], t),
    }),
  ];
}

/** A difference of shares in points of 100, with its sign. */
export const pointsOf = (difference: number): string => {
  const text = fixed(difference * 100, 1);
  return difference > 0 && /[1-9]/.test(text) ? `+${text}` : text;
};

export const pairRange = (
  { low, high }: NonNullable<PairedComparison["interval"]>,
  t: Translate<Key>,
): string => t("pair.range", { low: pointsOf(low), high: pointsOf(high) });

/** `+1.2 points (95 % interval −0.4 to +2.8), 8 of 12 people better, 4 worse: no difference shown`. */
export function pairText(pair: PairedComparison, t: Translate<Key>): string {
  const { difference, interval, better, worse, groups, verdict } = pair;
  const points = t("points", { value: pointsOf(difference) });
  const share = interval
    ? t("word.withInterval", {
        share: points,
        inside: t("word.pairInterval", { range: pairRange(interval, t) }),
      })
    : points;
  const figures = t("word.pairFigures", { difference: share, better, worse, count: groups });
  return verdict === "better" || verdict === "worse"
    ? figures
    : t("word.pairVerdict", { figures, verdict: t(`verdict.${verdict}`) });
}

/** A gain is one only where it is shown person by person; with too few people for that, by its mean. */
const isGain = ({ verdict, difference }: PairedComparison, least: number): boolean =>
  verdict === "better" || (verdict === "too-few" && difference > least);

/** The model against LDA and against learning from labels alone: first the figures, then what they come to. */
function pairSentences(
  { test, lda, supervisedOnly, paired }: RunMetrics,
  t: Translate<Key>,
  { unlabelled, model }: Learned,
): string[] {
  const score = leadingScore(test);
  const told = (name: "lda" | "supervisedOnly"): readonly string[] => {
    const pair = paired?.against[name];
    return pair ? [t("word.pair", { model: t(`model.${name}`), figures: pairText(pair, t) })] : [];
  };
  const against = paired?.against;
  const beatsLda = against?.lda ? isGain(against.lda, 0) : test[score] > lda[score];
  const gains =
    !supervisedOnly ||
    (against?.supervisedOnly
      ? isGain(against.supervisedOnly, SAME)
      : test[score] - supervisedOnly[score] >= SAME);
  return [
    ...(model === BASELINE ? [] : [...told("lda"), ...(beatsLda ? [] : [t("word.notBetter")])]),
    ...told("supervisedOnly"),
    ...(unlabelled > 0 && !gains ? [t("word.noGain")] : []),
  ];
}

/** What a run learned from, as far as its results are told by it. */
export interface Learned {
  readonly unlabelled: number; // windows
  readonly model: string; // its kind
}

/** The run's results in sentences, made from its numbers alone. Bad news is said as plainly as good. */
export function sentencesOf(
  metrics: RunMetrics,
  t: Translate<Key>,
  learned: Learned,
  names: readonly string[],
): string[] {
  const { test, lda, supervisedOnly, causal, transductive, calibration } = metrics;
  const score = leadingScore(test);
  const sentences = [
    t(score === "accuracy" ? "word.accuracy" : "word.balanced", {
      count: test.subjects,
      model: withInterval(test[score], test.intervals?.[score], t),
      others: t(supervisedOnly ? "word.ldaAndSupervised" : "word.lda", {
        lda: percent(lda[score]),
        supervised: percent(supervisedOnly?.[score] ?? Number.NaN),
      }),
    }),
  ];
  if (score === "balancedAccuracy") sentences.push(...unevenSentences(test, names, t));
  sentences.push(...pairSentences(metrics, t, learned));
  if (causal) sentences.push(causalSentence(causal, score, t));
  if (transductive)
    sentences.push(
      t("word.transductive", {
        accuracy: withInterval(transductive[score], transductive.intervals?.[score], t),
      }),
    );
  sentences.push(
    t("word.calibration", {
      count: calibration.subjects.length,
      ece: t("points", { value: fixed(test.ece * 100, 1) }),
    }),
  );
  const spread = metrics.spread?.[score];
  if (metrics.folds && spread)
    sentences.push(
      t(score === "accuracy" ? "word.folds" : "word.foldsBalanced", {
        folds: metrics.folds.length,
        lowest: percent(spread.lowest),
        highest: percent(spread.highest),
        sd: t("points", { value: fixed(spread.sd * 100, 1) }),
      }),
    );
  return [...sentences, ...worstSentence(test, score, t)];
}

/** By the leading score, where every person has it: runs of before do not. */
function worstSentence(
  { perSubject }: TestReport,
  score: "accuracy" | "balancedAccuracy",
  t: Translate<Key>,
): string[] {
  const key = perSubject.every((one) => one[score] !== undefined) ? score : "accuracy";
  const [worst, ...others] = perSubject
    .map((one) => ({ subject: one.subject, share: one[key] ?? one.accuracy }))
    .sort((a, b) => a.share - b.share);
  if (worst === undefined || others.length === 0) return [];
  const { subject, share } = worst;
  return [t(key === "accuracy" ? "word.worst" : "word.worstBalanced", { subject, share: percent(share) })];
}

/** Once so long had been heard, most of what a minute brings is there. Told as the share of windows right. */
const HEARD_S = 30;

function causalSentence(
  { test, after }: NonNullable<RunMetrics["causal"]>,
  score: "accuracy" | "balancedAccuracy",
  t: Translate<Key>,
): string {
  const accuracy = withInterval(test[score], test.intervals?.[score], t);
  const later = after.find(({ fromS }) => fromS === HEARD_S);
  if (!later || score !== "accuracy") return t("word.causalShort", { accuracy });
  return t("word.causal", { accuracy, seconds: HEARD_S, later: percent(later.accuracy) });
}

/** Those that use nothing of the new person are ranked; the others stand apart. */
const ranked = ["test", "supervisedOnly", "lda"] as const;
export const comparedModels = [...ranked, "causal", "guided", "transductive"] as const;
export type ComparedModel = (typeof comparedModels)[number];

export const isRanked = (model: ComparedModel): boolean => ranked.some((one) => one === model);

export function reportOf(metrics: RunMetrics, model: ComparedModel): TestReport | undefined {
  if (model === "causal") return metrics.causal?.test;
  return model === "guided" ? (metrics.causal?.guided ?? undefined) : metrics[model];
}
export const comparedMetrics = foldScores;
export type ComparedMetric = (typeof comparedMetrics)[number];

export const isShare = (metric: ComparedMetric): boolean =>
  metric === "accuracy" || metric === "subjectAccuracy" || metric === "balancedAccuracy";
const isLowerBetter = (metric: ComparedMetric): boolean =>
  metric === "nll" || metric === "brier" || metric === "ece";

/** The best of the models that use nothing of the new person. */
export function bestOf(metrics: RunMetrics, metric: ComparedMetric): ComparedModel {
  const values = ranked.flatMap((model) => {
    const report = metrics[model];
    return report ? [{ model, value: report[metric] }] : [];
  });
  values.sort((a, b) => (isLowerBetter(metric) ? a.value - b.value : b.value - a.value));
  return values[0]?.model ?? "test";
}

/** People of each part of a run, from its record. In a cross-validation everybody has both in turn. */
export function peopleOf({ config, data }: Pick<Run, "config" | "data">): {
  readonly train: string[];
  readonly validation: string[];
  readonly test: string[];
} {
  const all = [...new Set(data.map((one) => one.subject))].sort((a, b) =>
    a.localeCompare(b, undefined, { numeric: true }),
  );
  if (config.split.folds !== undefined)
    return { train: all, validation: config.split.validationSubjects, test: all };
  return {
    train: all.filter(
      (one) => !config.split.testSubjects.includes(one) && !config.split.validationSubjects.includes(one),
    ),
    validation: config.split.validationSubjects,
    test: config.split.testSubjects,
  };
}

/** How far the samples of a run were varied. */
export const variationText = (
  { shiftS, gainSd, lossesPerMinute, lossS }: Variation,
  t: Translate<Key>,
  language: Language,
): string =>
  t("variationText", {
    shiftS: number(shiftS, language),
    gain: percent(gainSd, 0),
    losses: number(lossesPerMinute, language),
    lossS: number(lossS, language),
  });
