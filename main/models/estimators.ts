import { coupledLinear } from "./windows/coupled-linear.ts";
import { fixMatch } from "./windows/semi/fix-match.ts";
import { pseudoLabel } from "./windows/semi/pseudo-label.ts";
import { supervisedNetwork } from "./windows/semi/supervised.ts";
import { vaeM2 } from "./windows/semi/vae-m2.ts";
import type { Estimator } from "./estimator.ts";
import { rawConv } from "./windows/raw-conv.ts";
import { identitySdgm } from "./windows/identity-sdgm.ts";
import { identityCoupled } from "./windows/identity-coupled.ts";

export interface EstimatorShape {
  readonly features: number;
  readonly classes: number;
  readonly labelledCount: number;
}

/**
 * Networks that learn by descent, small and with settings that are not the usual ones: these too are under all laws of laws.ts,
 * as whatever is registered is with its usual settings. The coupled softmax on the inputs themselves is the smallest of them
 * and no model that can be chosen: that one is windows/coupled-softmax.ts.
 */
export const estimators: readonly {
  readonly name: string;
  build(shape: EstimatorShape): Estimator<unknown>;
}[] = [
  { name: "identity-coupled", build: (shape) => identityCoupled({ ...shape, layers: 4 }) },
  {
    name: "identity-coupled on a bracelet",
    build: (shape) =>
      identityCoupled({ ...shape, layers: 3, ring: { electrodes: shape.features, blocks: 1 } }),
  },
  {
    name: "identity-supervised",
    build: (shape) => identityCoupled({ ...shape, layers: 4, generativeWeight: 0 }),
  },
  ...(["max", "mean", "regularised", "parameterised"] as const).map((pooling) => ({
    name: `raw-conv with ${pooling} pooling`,
    build: (shape: EstimatorShape) => rawConv({ ...shape, columns: shape.features, pooling }),
  })),
  {
    // The divergence is a logarithm of weights, too bent near 0 for differences as wide as the laws take: it counts little.
    name: "identity-sdgm",
    build: (shape) => identitySdgm({ ...shape, layers: 3, each: 2, form: "quadratic", labelledCount: 1000 }),
  },
  { name: "coupled-linear", build: (shape) => coupledLinear(shape) },
  { name: "logistic", build: (shape) => coupledLinear({ ...shape, generativeWeight: 0 }) },
  { name: "small-network", build: (shape) => supervisedNetwork({ ...shape, hidden: 8 }) },
  {
    name: "pseudo-label",
    build: (shape) => pseudoLabel({ ...shape, hidden: 8, threshold: 0.4, ramp: 1 }),
  },
  { name: "fix-match", build: (shape) => fixMatch({ ...shape, hidden: 8, threshold: 0.4 }) },
  { name: "vae-m2", build: (shape) => vaeM2({ ...shape, hidden: 8, latent: 2 }) },
];
