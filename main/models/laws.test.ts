import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { describe, expect, test } from "vitest";
import { lawBatch, laws } from "./laws.ts";
import { estimators } from "./estimators.ts";
import type { DescentModel, Model } from "./model.ts";
import { models } from "./registry.ts";

const batch = lawBatch(12, 5, 3);
const { features, classes } = batch;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the registry
type AnyDescent = DescentModel<any>;
const isDescent = (model: Model): model is AnyDescent =>
  model.over === "windows" && model.learning.kind === "descent";

const shape = { features, columns: features, classes, maskInputs: false, ring: undefined };

/** Whatever is registered, with its usual settings. The divergence of a mixture's weights counts little among a thousand windows. */
const usual = models()
  .filter(isDescent)
  .map(({ kind, config, learning: by }: AnyDescent) => ({
    name: `${kind} as it usually is`,
    build: () =>
      by.estimator(by.network(config.parse({ kind }) as object, { ...shape, labelledCount: 1000 })),
  }));
const small = estimators.map((one) => ({
  name: one.name,
  build: () => one.build({ features, classes, labelledCount: 9 }),
}));

describe.each([...small, ...usual])("$name", (entry) => {
  const model = entry.build();
  test.each(Object.entries(laws))("%s", (_name, law) => {
    expect(law(model, batch)).toBeUndefined();
  });
});
