import { identityCoupled, type IdentityCoupledConfig } from "../../models/windows/identity-coupled.ts";
import { arraysFrom, valuesOf } from "../../compute/parameters.ts";
import { seededRandom } from "../../models/random.ts";
import type { TrainedModel } from "./model-file.ts";

/** A model with parameters some way from their start, as if it had been trained. */
export function anyModel(seed: number, change: Partial<IdentityCoupledConfig> = {}): TrainedModel {
  const estimator = identityCoupled({ features: 6, classes: 3, layers: 4, ...change });
  const random = seededRandom(seed);
  const { config } = estimator;
  const { features: d, classes: k } = config;
  return {
    kind: "identity-coupled",
    front: "window-mean",
    classes: Array.from({ length: k }, (_, c) => `class ${c}`),
    network: config,
    members: [0, 1].map((m) =>
      arraysFrom(estimator.parameters, (name) =>
        valuesOf(estimator.init(m), name).map((v) => v + 0.1 * random.normal()),
      ),
    ),
    learned: [],
    standardisation: { mean: new Float32Array(d), scale: new Float32Array(d).fill(1) },
    temperature: 1.3,
    densities: Float64Array.of(-3, -2, -1),
    template: null,
  };
}
