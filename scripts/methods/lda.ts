import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fitGaussianClasses, logJoint } from "../../main/models/distributions/gaussian-classes.ts";
import { atMost, type MethodCheck } from "./check.ts";

/** Points of bench-ripley with their classes. */
function points(file: string): { readonly x: Float32Array; readonly labels: Uint8Array } {
  const rows = readFileSync(file, "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(",").map(Number));
  return {
    x: Float32Array.from(rows.flatMap(([a = 0, b = 0]) => [a, b])),
    labels: Uint8Array.from(rows, ([, , label = 0]) => label),
  };
}

/** The comparator itself, so that what is said to beat it beats the right one. */
export const ldaCheck: MethodCheck = {
  id: "lda-ripley",
  about: "Linear discriminant on Ripley's synthetic data",
  run: ({ data }) => {
    const folder = join(data(), "bench-ripley");
    const [train, test] = [points(join(folder, "train.csv")), points(join(folder, "test.csv"))];
    const count = train.labels.length;
    const model = fitGaussianClasses(
      {
        ...{ x: train.x, observed: new Uint8Array(2 * count).fill(1), count },
        weights: Float32Array.from({ length: 2 * count }, (_, i) => (train.labels[i >> 1] === i % 2 ? 1 : 0)),
      },
      { width: 2, classes: 2, shrink: 0, prior: "counts" },
    );
    const joint = logJoint(model, test.x, new Uint8Array(test.x.length).fill(1), test.labels.length);
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
