import { onnxRuntime } from "../../../main/compute/onnx/runtime.ts";
import { cosineRate } from "../../../main/compute/schedule.ts";
import { identityCoupled } from "../../../main/models/windows/identity-coupled.ts";
import { cornersToy, fitToy, lastFeatures, rowsOf, spread } from "../../../main/training/fit/toy.fixtures.ts";

const STEPS = 500;
const LAYERS = 3;

/** The least share of their first variance that the features of a network keep while the density weighs a hundred times the labels. */
export async function collapse(): Promise<number> {
  const runtime = await onnxRuntime({ threads: 1 });
  try {
    const { labelled, unlabelled } = cornersToy(0, 0.2);
    const rows = rowsOf(labelled, unlabelled);
    const model = identityCoupled({
      ...{ features: 2, classes: 2, layers: LAYERS, maskInputs: false },
      ...{ labelledCount: 10, couplingVariance: 1, generativeWeight: 100 },
    });
    const start = spread(rows.x, 2);
    let least = 1;
    await fitToy(runtime, model, () => rows, {
      ...{ features: 2, classes: 2, steps: STEPS },
      rate: cosineRate({ rate: 0.03 / LAYERS, steps: STEPS }),
      optimiser: { kind: "adam" },
      watch: {
        every: 25,
        see: (params) =>
          (least = Math.min(least, spread(lastFeatures(model.config, params, rows), 2) / start)),
      },
    });
    return least;
  } finally {
    await runtime.dispose();
  }
}
