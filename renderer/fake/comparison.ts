import type { ComparedMethod, Comparison } from "../../preload/contract/comparison.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { metricsIn, type Run } from "../../preload/contract/run.ts";
import { pairOf } from "./models.ts";

/** As main sets runs side by side, but for how wide intervals are. */
export function comparisonOf(runs: readonly Run[]): Comparison {
  const judged = runs.flatMap((run) => {
    const metrics = metricsIn(run);
    return metrics ? [{ run, test: metrics.test }] : [];
  });
  const reference = judged.find(({ run }) => run.config.model.kind === "lda") ?? judged[0];
  if (reference === undefined || judged.length < runs.length)
    throw new AppError("model/not-trained", "One of these runs has no scores");
  const ordered = [reference, ...judged.filter((one) => one !== reference)];
  return {
    score: "accuracy",
    people: reference.test.subjects,
    windows: reference.test.windows,
    reference: reference.run.id,
    methods: ordered.map(({ run, test }): ComparedMethod => ({
      ...test,
      id: run.id,
      kind: run.config.model.kind,
      name: run.config.name,
      classEce: test.ece,
      fitS: run.config.model.kind === "lda" ? 0.4 : 12,
    })),
    pairs: ordered.flatMap((a, i) =>
      ordered
        .slice(0, i)
        .map((b) => ({ a: a.run.id, b: b.run.id, pair: { ...pairOf(a.test, b.test), level: 0.95 } })),
    ),
  };
}
