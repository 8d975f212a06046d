import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { describe, expect, test } from "vitest";
import { lawBatch, laws } from "./laws.ts";
import { estimators } from "./estimators.ts";

const batch = lawBatch(12, 5, 3);

describe.each(estimators)("$name", (entry) => {
  const model = entry.build({ features: batch.features, classes: batch.classes, labelledCount: 9 });
  test.each(Object.entries(laws))("%s", (_name, law) => {
    expect(law(model, batch)).toBeUndefined();
  });
});
