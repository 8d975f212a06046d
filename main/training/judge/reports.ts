import type { z } from "zod";
import { Opponent, type PairedComparisons } from "../../../preload/contract/paired.ts";
import {
  foldScores,
  leadingScore,
  type FoldReport,
  type RunMetrics,
  type Spread,
} from "../../../preload/contract/run.ts";
import type { CausalWindows, LayerProbe, ScoredWindows, Tested } from "./scored.ts";
import { causalReport } from "./causal-report.ts";
import { evaluate, scoreOfPeople } from "./evaluation.ts";
import { pairedOverGroups } from "./paired.ts";

/** Every number of the report, from what was said of the test people. */
export function reportsOf(
  tested: Tested,
): Pick<
  RunMetrics,
  "test" | "lda" | "supervisedOnly" | "transductive" | "causal" | "paired" | "layerAccuracy"
> {
  const { layers } = tested;
  const test = evaluate(tested.test);
  return {
    test,
    lda: evaluate(tested.lda),
    ...(tested.supervisedOnly ? { supervisedOnly: evaluate(tested.supervisedOnly) } : {}),
    ...(tested.transductive ? { transductive: evaluate(tested.transductive) } : {}),
    ...(tested.causal && tested.guided ? { causal: causalReport(tested.causal, tested.guided) } : {}),
    paired: pairedReports(tested, leadingScore(test)),
    ...(layers ? { layerAccuracy: layers.right.map((right) => right / layers.windows) } : {}),
  };
}

/** The model against each that judged the same windows, by the score of each person that the result is told by. */
function pairedReports(tested: Tested, score: PairedComparisons["score"]): PairedComparisons {
  const own = scoreOfPeople(tested.test, score);
  return {
    score,
    against: Object.fromEntries(
      Opponent.options.flatMap((name) => {
        const other = tested[name];
        return other ? [[name, pairedOverGroups(own, scoreOfPeople(other, score))]] : [];
      }),
    ),
  };
}

/** The test windows of all folds as if one model had judged them. */
export function pooled(folds: readonly Tested[]): Tested {
  const of = <Method extends keyof Tested>(method: Method): NonNullable<Tested[Method]>[] =>
    folds.flatMap((fold) => {
      const scored = fold[method];
      return scored ? [scored] : [];
    });
  const [transductive, causal, guided] = [of("transductive"), of("causal"), of("guided")];
  const supervisedOnly = of("supervisedOnly");
  const layers = of("layers");
  return {
    test: joined(of("test")),
    lda: joined(of("lda")),
    ...(supervisedOnly.length > 0 ? { supervisedOnly: joined(supervisedOnly) } : {}),
    ...(transductive.length > 0 ? { transductive: joined(transductive) } : {}),
    ...(causal.length > 0 ? { causal: joinedInTime(causal), guided: joinedInTime(guided) } : {}),
    ...(layers.length > 0 ? { layers: summed(layers) } : {}),
  };
}

const summed = (all: readonly LayerProbe[]): LayerProbe => ({
  right: (all[0]?.right ?? []).map((_, l) => all.reduce((sum, { right }) => sum + (right[l] ?? 0), 0)),
  windows: all.reduce((sum, { windows }) => sum + windows, 0),
});

function joined(all: readonly ScoredWindows[]): ScoredWindows {
  return {
    classes: all[0]?.classes ?? 0,
    probabilities: Float64Array.from(all.flatMap(({ probabilities }) => [...probabilities])),
    labels: Int32Array.from(all.flatMap(({ labels }) => [...labels])),
    subjects: all.flatMap(({ subjects }) => subjects),
    recordings: all.flatMap(({ recordings }) => recordings),
  };
}

const joinedInTime = (all: readonly CausalWindows[]): CausalWindows => ({
  ...joined(all),
  sinceS: Float64Array.from(all.flatMap(({ sinceS }) => [...sinceS])),
  parts: Uint8Array.from(all.flatMap(({ parts }) => [...parts])),
});

export function foldReport(
  tested: Tested,
  { temperature, nll }: Pick<RunMetrics["calibration"], "temperature" | "nll">,
): FoldReport {
  const { perSubject, windows, ...test } = evaluate(tested.test);
  const scores = Object.fromEntries(foldScores.map((score) => [score, test[score]])) as Pick<
    FoldReport,
    (typeof foldScores)[number]
  >;
  return {
    ...{ ...scores, windows, temperature, subjects: perSubject.map(({ subject }) => subject).sort() },
    ...(nll === undefined ? {} : { validationNll: nll }),
  };
}

/** Each score over the folds. */
export function spreadOf(folds: readonly FoldReport[]): NonNullable<RunMetrics["spread"]> {
  return Object.fromEntries(
    foldScores.map((score) => [score, spread(folds.map((fold) => fold[score]))]),
  ) as NonNullable<RunMetrics["spread"]>;
}

function spread(values: readonly number[]): z.infer<typeof Spread> {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    sd: Math.sqrt(squares / Math.max(1, values.length - 1)),
    lowest: Math.min(...values),
    highest: Math.max(...values),
  };
}
