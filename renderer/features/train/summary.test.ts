import { expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { Opponent, PairedComparison } from "../../../preload/contract/paired.ts";
import { leadingScore, type RunMetrics, runSummary } from "../../../preload/contract/run.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { translate } from "../../ui/words.ts";
import { nextOf } from "./label-next.ts";
import { bestOf, peopleOf, sentencesOf as sentencesWith, variationText } from "./summary.ts";
import { trainWords } from "./words.ts";

const api = createFakeApi(1);
const [listed] = unwrap(await api.request("runs.list", {}));
const run = unwrap(await api.request("runs.get", { id: listed!.id }));
const metrics = run.metrics!;
const supervised = metrics.supervisedOnly!;
const en = translate(trainWords, "en");
const ja = translate(trainWords, "ja");
const sentencesOf = (of: RunMetrics, t: Parameters<typeof sentencesWith>[1], unlabelled = 300): string[] =>
  sentencesWith(of, t, { unlabelled, model: run.config.model.kind }, run.classes);
/** As if the model had been compared with one other, person by person. */
const paired = (name: Opponent, pair: Partial<PairedComparison>): RunMetrics => ({
  ...metrics,
  paired: {
    score: "accuracy",
    against: {
      [name]: {
        ...{ groups: 12, difference: 0.012, interval: { low: 0.004, high: 0.02 } },
        ...{ better: 8, worse: 3, equal: 1, verdict: "better", ...pair },
      },
    },
  },
});
/** As in a run of before. */
function withoutPairs(of: RunMetrics): RunMetrics {
  const copy = structuredClone(of);
  delete copy.paired;
  return copy;
}
const changed = (test: Partial<RunMetrics["test"]>): RunMetrics => ({
  ...metrics,
  test: { ...metrics.test, ...test },
});

function noIntervals(report: RunMetrics["test"]): RunMetrics["test"] {
  const copy = structuredClone(report);
  delete copy.intervals;
  return copy;
}

test("unequal classes lead with balanced accuracy, what the commonest alone would reach, and the class least found", () => {
  const confusion = [
    [804, 1],
    [194, 2],
  ];
  const { intervals } = metrics.test;
  const test = {
    ...metrics.test,
    subjects: 20,
    windows: 1001,
    accuracy: 806 / 1001,
    balancedAccuracy: 0.504,
    confusion,
    intervals: {
      ...intervals!,
      balancedAccuracy: { low: 0.498, high: 0.511 },
      recall: [null, { low: 0, high: 0.03 }],
      precision: [null, { low: 0.1, high: 1 }],
    },
  };
  const [first, majority, least] = sentencesWith({ ...metrics, test }, en, { unlabelled: 0, model: "" }, [
    "none",
    "Acceleration",
  ]);
  expect(first).toMatch(/^On 20 people never seen, 50\.4 % \(95 % interval 49\.8–51\.1 %\) of each class/);
  expect(majority).toContain("answering “none” everywhere would reach 80.4 %");
  expect(least).toContain("“Acceleration”, 1.0 % (95 % interval 0.0–3.0 %)");
  expect(least).toContain("66.7 % (95 % interval 10.0–100 %) is right");
});

test("the first sentence states people, accuracy with its interval, LDA and the supervised-only twin", () => {
  const [first] = sentencesOf(
    {
      ...metrics,
      test: { ...noIntervals(metrics.test), subjects: 5, accuracy: 0.781 },
      lda: { ...metrics.lda, accuracy: 0.702 },
      supervisedOnly: { ...supervised, accuracy: 0.759 },
    },
    en,
  );
  expect(first).toBe(
    "On 5 people never seen, 78.1 % (too few people for an interval) of windows are right; LDA 70.2 %, supervised-only 75.9 %.",
  );
});

test("whether the model beats LDA follows from the pair, whatever the means say", () => {
  const said = (pair: Partial<PairedComparison>, t = en) => sentencesOf(paired("lda", pair), t).join(" ");
  expect(said({})).toContain(
    "against LDA: +1.2 points (95 % interval +0.4 to +2.0), 8 of 12 people better, 3 worse.",
  );
  expect(said({})).not.toContain("not shown to be better");
  const unsure = { interval: { low: -0.004, high: 0.02 }, verdict: "no-difference-shown" } as const;
  expect(said(unsure)).toMatch(
    /−0\.4 to \+2\.0\).*: no difference shown\. .*not shown to be better than LDA/,
  );
  expect(said(unsure, ja)).toMatch(/差は示されず.*LDAを上回るとはいえません/);
  const few = { groups: 4, interval: null, verdict: "too-few", better: 3, worse: 1 } as const;
  expect(said(few)).toMatch(/\+1\.2 points, 3 of 4 people better, 1 worse: too few people for an interval/);
  expect(said(few)).not.toContain("not shown to be better");
  expect(said({ ...few, difference: -0.01 })).toContain("not shown to be better than LDA");
});

test("a run of before is told by its means", () => {
  const poor = withoutPairs(changed({ accuracy: metrics.lda.accuracy - 0.01 }));
  expect(sentencesOf(poor, en).join(" ")).toContain("not shown to be better than LDA");
  expect(sentencesOf(withoutPairs(changed({ accuracy: 0.99 })), en).join(" ")).not.toContain(
    "Person by person",
  );
});

test("of a linear discriminant nobody hears that it is no better than one, nor of a twin that it does not have", () => {
  const own = structuredClone(paired("lda", { verdict: "no-difference-shown" }));
  delete own.supervisedOnly;
  const said = sentencesWith(own, en, { unlabelled: 300, model: "lda" }, run.classes).join(" ");
  expect(said).toMatch(/are right; LDA [0-9.]+ %\./);
  expect(said).not.toMatch(/supervised|no gain|Person by person|–\./);
});

test("a gain over labels alone is one where it is shown person by person", () => {
  const of = (pair: Partial<PairedComparison>) => sentencesOf(paired("supervisedOnly", pair), en).join(" ");
  expect(of({})).not.toContain("no gain");
  expect(of({ verdict: "no-difference-shown" })).toContain("no gain");
});

test("in a run of before a gain within half a point over labels alone is not called one", () => {
  const changed = (test: Partial<RunMetrics["test"]>): RunMetrics =>
    withoutPairs({ ...metrics, test: { ...metrics.test, ...test } });
  expect(sentencesOf(changed({ accuracy: supervised.accuracy + 0.004 }), en).join(" ")).toContain("no gain");
  expect(sentencesOf(changed({ accuracy: supervised.accuracy + 0.02 }), en).join(" ")).not.toContain(
    "no gain",
  );
  const all = changed({ accuracy: supervised.accuracy });
  expect(sentencesOf(all, en, 0).join(" ")).not.toContain("no gain"); // there were none to gain from
});

test("a transductive result always carries its assumption", () => {
  expect(metrics.transductive).toBeDefined();
  expect(sentencesOf(metrics, en).join(" ")).toContain("(transductive, balanced gestures)");
  const without = structuredClone(metrics);
  delete without.transductive;
  expect(sentencesOf(without, en).join(" ")).not.toContain("transductive");
});

test("what the past of a stream brought is told, and what half a minute of it did where there is so much", () => {
  const after = [0, 10, 30].map((fromS) => ({
    fromS,
    toS: null,
    windows: 9,
    accuracy: 0.8 + fromS / 300,
    guided: null,
  }));
  const causal = { test: { ...metrics.test, accuracy: 0.87 }, guided: null, after, parts: { causal: 1 } };
  expect(sentencesOf({ ...metrics, causal }, en).join(" ")).toMatch(
    /past of each new person’s own stream .* once 30 s had been heard 90\.0 %\./,
  );
  expect(
    sentencesOf({ ...metrics, causal: { ...causal, after: after.slice(0, 2) } }, en).join(" "),
  ).not.toContain("had been heard");
  expect(sentencesOf(metrics, en).join(" ")).not.toContain("own stream");
});

test("the best of a metric is the highest share or the lowest loss, the transductive row apart", () => {
  const best = {
    ...changed({ accuracy: 0.99, nll: 9 }),
    supervisedOnly: { ...supervised, nll: 0.001 },
  };
  expect(bestOf(best, "accuracy")).toBe("test");
  expect(bestOf(best, "nll")).toBe("supervisedOnly");
});

test("a cross-validation says how far its folds lie apart, and that everybody was both trained on and tested", () => {
  const one = { mean: 0.8, sd: 0.05, lowest: 0.74, highest: 0.87 };
  const scores = ["accuracy", "subjectAccuracy", "balancedAccuracy", "macroF1", "nll", "brier", "ece"];
  const spread = Object.fromEntries(scores.map((score) => [score, one])) as NonNullable<RunMetrics["spread"]>;
  const { perSubject, ...test } = metrics.test;
  const fold = { ...test, subjects: perSubject.map(({ subject }) => subject), temperature: 1 };
  expect(sentencesOf({ ...metrics, folds: [fold, fold], spread }, en).join(" ")).toContain(
    "The 2 folds lie between 74.0 % and 87.0 % of windows right (standard deviation 5.0 points).",
  );
  expect(sentencesOf(metrics, en).join(" ")).not.toContain("standard deviation");
  const people = peopleOf({
    ...run,
    config: { ...run.config, split: { folds: 2, testSubjects: [], validationSubjects: [] } },
  });
  expect(people.test).toEqual(people.train);
  expect(people.test).toHaveLength(10);
});

test("where classes are unequal every figure in words is of each class, not of all windows", () => {
  const one = { mean: 0.8, sd: 0.05, lowest: 0.74, highest: 0.87 };
  const spread = {
    ...{ accuracy: one, subjectAccuracy: one, balancedAccuracy: { ...one, lowest: 0.41 } },
    ...{ macroF1: one, nll: one, brier: one, ece: one },
  };
  const person = { windows: 100, nll: 1, ece: 0.1 };
  const perSubject = [
    { ...person, subject: "A", accuracy: 0.9, balancedAccuracy: 0.4 },
    { ...person, subject: "B", accuracy: 0.8, balancedAccuracy: 0.6 },
  ];
  const confusion = [
    [80, 10],
    [5, 5],
  ];
  const test = { ...metrics.test, confusion, perSubject };
  const after = [{ fromS: 30, toS: null, windows: 9, accuracy: 0.9123, guided: null }];
  const causal = { test, guided: null, after, parts: { causal: 1 } };
  const { perSubject: people, ...rest } = test;
  const fold = { ...rest, subjects: people.map(({ subject }) => subject), temperature: 1 };
  const uneven = { ...metrics, test, causal, folds: [fold, fold], spread };
  const said = sentencesWith(uneven, en, { unlabelled: 0, model: "" }, ["none", "x"]).join(" ");
  expect(said).toContain("The 2 folds lie between 41.0 % and 87.0 % of each class found");
  expect(said).toContain("Hardest: A, 40.0 % of each class found.");
  expect(said).not.toContain("91.2 %");
  const japanese = sentencesWith(uneven, ja, { unlabelled: 0, model: "" }, ["なし", "x"]).join("");
  expect(japanese).toContain("2分割のクラス平均の検出率は41.0 %〜87.0 %");
  expect(japanese).toContain("最も難しい対象者はA（クラス平均の検出率 40.0 %）です。");
  const older = ["A", "B"].map((subject, i) => ({ ...person, subject, accuracy: 0.9 - i / 10 }));
  const before = { ...uneven, test: { ...test, perSubject: older } };
  expect(sentencesWith(before, en, { unlabelled: 0, model: "" }, ["none", "x"]).join(" ")).toContain(
    "Hardest: B, 80.0 % of windows right.",
  );
});

test("a list tells a run by its leading score, and by nothing where it says events", () => {
  const { test: judged } = metrics;
  const score = { value: judged[leadingScore(judged)], subjects: judged.subjects, windows: judged.windows };
  expect(listed).toMatchObject({ says: "windows", looksAhead: false, score });
  expect(listed).toEqual(runSummary(run));
  const { says, score: none } = runSummary({ ...run, events: {} });
  expect([says, none]).toEqual(["events", undefined]);
});

test("people of a run fall into three parts", () => {
  const people = peopleOf(run);
  const all = [...people.train, ...people.validation, ...people.test];
  expect(new Set(all).size).toBe(all.length);
  expect(all).toHaveLength(10);
});

test("the next window to label is the most uncertain not opened yet, then the first again", () => {
  const window = (onsetS: number) => ({
    recordingId: "a",
    recording: "A",
    onsetS,
    windowS: 1,
    epistemic: 1,
    leading: "x",
    probability: 0.5,
    typicality: 0.5,
  });
  const windows = [window(1), window(2)];
  expect(nextOf(windows, new Set())?.onsetS).toBe(1);
  expect(nextOf(windows, new Set(["a 1"]))?.onsetS).toBe(2);
  expect(nextOf(windows, new Set(["a 1", "a 2"]))?.onsetS).toBe(1);
  expect(nextOf([], new Set())).toBeUndefined();
});

test("how samples were varied is said in one line, in both languages", () => {
  const variation = { shiftS: 0.05, gainSd: 0.1, lossesPerMinute: 1.5, lossS: 0.2 };
  expect(variationText(variation, en, "en")).toBe(
    "time shift up to 0.05 s, gain SD 10 %, losses of up to 0.2 s, 1.5 a minute",
  );
  expect(variationText(variation, ja, "ja")).toContain("最大0.05秒");
});
