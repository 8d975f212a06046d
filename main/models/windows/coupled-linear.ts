import { add, div, matMul, mul, reshape, logSumExp, sub, sum, transpose } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { categoricalLogProb } from "../distributions/categorical.ts";
import { sizeOf } from "../../compute/feeds.ts";
import { arraysFrom, type NamedTensors, type ParameterShapes } from "../../compute/parameters.ts";
import type { Estimator } from "../estimator.ts";
import { labelledWeight } from "../labelled.ts";
import {
  GENERATIVE_SCALE,
  couplingPenalty,
  generativeHead,
  generativeLogJoint,
  generativeLogProb,
  generativeParams,
  generativeShapes,
  generativeStart,
  type GenerativeHead,
} from "../layers/coupled-head.ts";
import { observedOnly } from "../layers/observed-only.ts";

export const CoupledLinearConfig = z.object({
  features: z.number().int().positive(),
  classes: z.number().int().min(2),
  /** λ_g; 0 is plain softmax regression. */
  generativeWeight: z.number().nonnegative().default(1),
  couplingVariance: z.number().positive().default(1),
  labelledCount: z.number().positive().default(1),
  classMeans: z.array(z.number()).optional(), // [k x d]
  inputSd: z.number().positive().default(1),
});
export type CoupledLinearConfig = z.infer<typeof CoupledLinearConfig>;

const [WEIGHTS, BIASES] = ["logits.weights", "logits.biases"] as const;

/**
 * The Gaussian-coupled softmax on the inputs themselves: h = x, the smallest network with this head, for tests of head and
 * training. With generativeWeight 0 it is softmax regression, the floor that scripts/measure/ctg.mjs shows.
 */
export function coupledLinear(input: z.input<typeof CoupledLinearConfig>): Estimator<CoupledLinearConfig> {
  const config = Object.freeze(CoupledLinearConfig.parse(input));
  const { features: d, classes: k } = config;
  const isGenerative = config.generativeWeight > 0;
  const parameters: ParameterShapes = new Map<string, readonly number[]>([
    [WEIGHTS, [d, k]],
    [BIASES, [k]],
    ...(isGenerative ? generativeShapes(k, d) : []),
  ]);
  const headOf = (params: NamedTensors): GenerativeHead => generativeHead(generativeParams(params));
  const logitsOf = (params: NamedTensors, x: Tensor2D): Tensor2D =>
    add(matMul(x, params(WEIGHTS)), params(BIASES));

  return {
    name: isGenerative ? "coupled-linear" : "logistic",
    config,
    parameters,
    init() {
      const { classMeans, inputSd } = config;
      const means = Float32Array.from(
        { length: k * d },
        (_, at) => (classMeans?.[at] ?? 0) / GENERATIVE_SCALE,
      );
      return arraysFrom(parameters, (name, shape) =>
        generativeStart(name, sizeOf(shape), { inputSd, means }),
      );
    },
    loss(params, batch): Scalar {
      const h = observedOnly(batch.x, batch.observed);
      const labelled = labelledWeight(batch);
      let total: Scalar = sub(
        0,
        div(sum(mul(batch.weight, categoricalLogProb(logitsOf(params, h), batch.y))), labelled),
      );
      if (isGenerative) {
        const head = headOf(params);
        const density = div(sum(mul(batch.weight, generativeLogProb(head, h, batch.y))), labelled);
        const penalty = couplingPenalty(
          head,
          transpose(params(WEIGHTS) as Tensor2D),
          reshape(params(BIASES), [1, k]),
        );
        total = sub(total, mul(config.generativeWeight, density));
        total = add(total, mul(penalty, 1 / (2 * config.couplingVariance * config.labelledCount)));
      }
      return total;
    },
    forward(params, x, observed) {
      const h = observedOnly(x, observed);
      const logits = logitsOf(params, h);
      const logDensity = isGenerative
        ? (logSumExp(generativeLogJoint(headOf(params), h), 1, true) as Tensor2D)
        : (mul(0, sum(logits, 1, true)) as Tensor2D);
      return { logits, logDensity, hidden: [h] };
    },
  };
}
