import { join } from "node:path";
import { fitGaussianClasses, logJoint } from "../../main/models/distributions/gaussian-classes.ts";
import { atMost, type MethodCheck } from "./check.ts";
import { readPoints, targetOf } from "./points.ts";

/** The comparator itself, so that what is said to beat it beats the right one. */
export const ldaCheck: MethodCheck = {
  id: "lda-ripley",
  about: "Linear discriminant on Ripley's synthetic data",
  run: ({ data }) => {
    const folder = join(data(), "bench-ripley");
    const [train, test] = [readPoints(join(folder, "train.csv")), readPoints(join(folder, "test.csv"))];
    const model = fitGaussianClasses(
      { x: train.x, weights: targetOf(train, 2), count: train.labels.length },
      { width: 2, classes: 2, shrink: 0, prior: "counts" },
    );
    const joint = logJoint(model, test.x, undefined, test.labels.length);
    const wrong = test.labels.reduce((sum, label, n) => {
      const isOne = (joint[2 * n + 1] ?? 0) > (joint[2 * n] ?? 0);
      return sum + (isOne === (label === 1) ? 0 : 1);
    }, 0);
    return [
      atMost("test error, %", (100 * wrong) / test.labels.length, 10.8, {
        evidence: "computed",
        source: "data README 3.1",
      }),
    ];
  },
};
