import {
  add,
  concat,
  div,
  eye,
  logSumExp,
  mul,
  reshape,
  slice,
  sub,
  sum,
  transpose,
} from "@tensorflow/tfjs-core";
import type { Rank, Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { asked } from "../form.ts";
import type { DescentModel } from "../model.ts";
import { aboutIdentityCoupled } from "./identity-coupled-about.ts";
import { DescentSettings } from "./settings.ts";
import { categoricalLogProb } from "../distributions/categorical.ts";
import { arraysFrom, countOf, type NamedTensors, type ParameterShapes } from "../../compute/parameters.ts";
import { sizeOf } from "../../compute/feeds.ts";
import type { Batch, Estimator } from "../estimator.ts";
import { labelledWeight } from "../labelled.ts";
import {
  couplingPenalty,
  generativeHead,
  generativeLogJoint,
  generativeLogProb,
  generativeParams,
  generativeShapes,
  generativeStart,
  jitterPenalty,
  type GenerativeHead,
} from "../layers/coupled-head.ts";
import { identityForward, identityShapes, layerNames, type IdentityShape } from "../layers/identity.ts";
import { identityPictures } from "../layers/identity-pictures.ts";
import { observedOnly } from "../layers/observed-only.ts";
import { RingShape, ringWidth, withRing } from "../layers/ring.ts";
import { stopGradient } from "../layers/stop-gradient.ts";

export const IdentityCoupledConfig = z.object({
  features: z.number().int().positive().max(16_384),
  classes: z.number().int().min(2).max(512),
  layers: z.number().int().min(2).max(50).default(10),
  maskInputs: z.boolean().default(true),
  /** The inputs are profiles around a bracelet: their turn-invariant shape becomes further features (layers/ring.ts). */
  ring: RingShape.optional(),
  /** λ_g: weight of the density of labelled and unlabelled windows. 0: the supervised network, without a density. */
  generativeWeight: z.number().nonnegative().default(0.1),
  /** σ²: how far the classifier may be from the Bayes posterior of the density. */
  couplingVariance: z.number().positive().default(10),
  /** Labelled windows in training: the prior of the coupling counts once for all of them. */
  labelledCount: z.number().positive().default(1000),
  /** ε: variance of a jitter on the features, below which no class variance can fall. */
  jitter: z.number().positive().default(0.01),
  inputSd: z.number().positive().default(0.4),
});
export type IdentityCoupledConfig = z.infer<typeof IdentityCoupledConfig>;

/** The network behind a config: its features are the inputs and, for a bracelet, the shape of their profiles. */
export const networkShape = (config: IdentityCoupledConfig): IdentityShape => ({
  features: config.features + (config.ring ? ringWidth(config.ring) : 0),
  masks: config.maskInputs ? config.features : 0,
  classes: config.classes,
  layers: config.layers,
});

/** Numbers in one network, without making it: what a config asks for is known before memory is taken for it. */
export const parameterCount = (config: IdentityCoupledConfig): number => countOf(parametersOf(config));

/** The layers' and, where there is one, the density's. */
function parametersOf(config: IdentityCoupledConfig): ParameterShapes {
  const shape = networkShape(config);
  const density =
    config.generativeWeight > 0 ? generativeShapes(shape.classes, shape.features + shape.classes) : [];
  return new Map([...identityShapes(shape), ...density]);
}

/**
 * Identity-initialised network whose last layer is a Gaussian-coupled softmax (Hayashi and Uchida). With
 * h = [f^{L−1}; c^{L−1}] the logits are w_cᵀ h + b_c, w_c = [Δ^L_c; e_c], and the density is
 * Σ_c π_c N(h; μ_c, (L Lᵀ)⁻¹), its features held fixed (no gradient), or it would pull them to a point.
 *
 * Loss, each sum over windows divided by the number of labelled ones:
 *   − Σ ln P(y | x) − λ_g [ Σ_labelled ln π_y N(h; μ_y, Σ) + Σ_unlabelled ln Σ_c π_c N(h; μ_c, Σ) ]
 *   + (1 / 2σ²N) Σ_c ( ‖w_c − w~_c‖² + (b_c − b~_c)² )
 */
export function identityCoupled(
  input: z.input<typeof IdentityCoupledConfig>,
): Estimator<IdentityCoupledConfig> {
  const config = Object.freeze(IdentityCoupledConfig.parse(input));
  const shape = networkShape(config);
  const { features: d, classes: k } = shape;
  const parameters = parametersOf(config);
  const isGenerative = config.generativeWeight > 0;

  const headOf = (params: NamedTensors): GenerativeHead => generativeHead(generativeParams(params));

  const inputOf = (x: Tensor2D, observed: Tensor2D): Tensor2D => {
    const safe = observedOnly(x, observed);
    return config.ring ? withRing(config.ring, safe) : safe;
  };
  const statesOf = (params: NamedTensors, x: Tensor2D, observed: Tensor2D) =>
    identityForward(shape, params, inputOf(x, observed), sub(observed, 1));

  /** h = [f^{L−1}; c^{L−1}] */
  const headInput = (states: ReturnType<typeof statesOf>): Tensor2D =>
    concat(
      [states.features[config.layers - 1] as Tensor2D, states.classBlock[config.layers - 2] as Tensor2D],
      1,
    );

  return {
    name: isGenerative ? "identity-coupled" : "identity-supervised",
    config,
    parameters,
    held: isGenerative ? [...identityShapes(shape).keys()] : [],
    init: () =>
      arraysFrom(parameters, (name, of) => generativeStart(name, sizeOf(of), { inputSd: config.inputSd })),
    loss(params, batch: Batch): Scalar {
      const states = statesOf(params, batch.x, batch.observed);
      const logits = states.classBlock[config.layers - 1] as Tensor2D;
      const labelled = labelledWeight(batch);
      let total: Scalar = div(sum(mul(batch.weight, categoricalLogProb(logits, batch.y))), labelled);
      total = sub(0, total);
      if (isGenerative) {
        const head = headOf(params);
        const h = stopGradient(headInput(states));
        const density = div(sum(mul(batch.weight, generativeLogProb(head, h, batch.y))), labelled);
        const mass = div(sum(batch.weight), labelled);
        total = sub(
          total,
          mul(config.generativeWeight, sub(density, mul(mass, jitterPenalty(head, config.jitter)))),
        );
        const last = layerNames(config.layers - 1);
        const fromFeatures = slice(params(last.weights) as Tensor2D, [0, 0], [d, k]);
        const weights = concat([transpose(fromFeatures), eye(k)], 1);
        const biases = reshape<Rank.R2>(params(last.biases), [1, k]);
        const penalty = couplingPenalty(head, weights, biases);
        total = add(total, mul(penalty, 1 / (2 * config.couplingVariance * config.labelledCount)));
      }
      return total;
    },
    forward(params, x, observed) {
      const states = statesOf(params, x, observed);
      const logits = states.classBlock[config.layers - 1] as Tensor2D;
      const hidden = states.features.map((f, l) => {
        const block = states.classBlock[l - 1];
        return block ? concat([f, block], 1) : f;
      });
      const logDensity = isGenerative
        ? (logSumExp(generativeLogJoint(headOf(params), headInput(states)), 1, true) as Tensor2D)
        : (mul(0, sum(logits, 1, true)) as Tensor2D);
      return { logits, logDensity, hidden };
    },
  };
}

/**
 * Learning rate of Adam = RATE / layers (Hayase and Karakida: the best rate falls with depth). On people never seen
 * (bracelet, three splits in five folds) Adam at 0.03 / L was 3 to 5 points better in 12 epochs than momentum at the same
 * rate, which had not arrived by then; 0.01 / L was 3 points worse, 0.1 / L as good but twice as far from the identity.
 */
const RATE = 0.03;
/**
 * Inputs up to which that holds; beyond, the rate falls with the root of their number, since Adam moves every weight of
 * a row alike. CTG windows (210 inputs, fold 0, 6 epochs): AUROC within 0.004 from 0.0006 to 0.003, but a distance from
 * the identity of 0.17 instead of 0.41.
 */
const RATE_WIDTH = 16;

export const IdentityCoupledSettings = z.strictObject({
  kind: z.literal("identity-coupled").default("identity-coupled"),
  ...DescentSettings.shape,
  layers: z
    .number()
    .int()
    .min(2)
    .max(50)
    .default(10)
    .meta(asked({ name: { en: "Layers", ja: "層の数" }, level: "expert" })),
  usesUnlabelled: z
    .boolean()
    .default(true)
    .meta(
      asked({
        name: { en: "Learn from unlabelled windows too", ja: "ラベルなしの窓からも学ぶ" },
        hint: {
          en: "They shape the density of the classes. Without, the model learns from labels alone.",
          ja: "クラスの分布の推定に使います。使わない場合はラベルだけから学びます。",
        },
        level: "plain",
      }),
    ),
  generativeWeight: z
    .number()
    .nonnegative()
    .max(1e6)
    .default(0.1) // lambda_g
    .meta(asked({ name: { en: "Weight of the density (λg)", ja: "密度の重み（λg）" }, level: "expert" })),
  couplingVariance: z
    .number()
    .positive()
    .max(1e9)
    .default(10) // sigma^2
    .meta(asked({ name: { en: "Coupling variance (σ²)", ja: "結合の分散（σ²）" }, level: "expert" })),
});
export type IdentityCoupledSettings = z.infer<typeof IdentityCoupledSettings>;

export const identityCoupledModel: DescentModel<IdentityCoupledSettings> = {
  kind: "identity-coupled",
  name: { en: "Identity network, Gaussian-coupled", ja: "恒等初期化ネットワーク（ガウス結合）" },
  sentence: {
    en: "A network that starts as the identity reads each window; a Gaussian-coupled softmax turns its last layer into class probabilities. Several networks vote, and where they differ the model is unsure.",
    ja: "恒等写像から出発するネットワークが各窓を読み、ガウス結合ソフトマックスが最終層からクラス確率を求めます。複数のネットワークの意見が割れるところが、モデルの不確かなところです。",
  },
  over: "windows",
  config: IdentityCoupledSettings,
  kinds: ["ctg", "emg", "other"],
  usualFor: ["emg", "other"],
  can: ["adaptation", "layers", "density", "export", "ensemble"],
  learning: {
    kind: "descent",
    network: (settings, { features, classes, maskInputs, ring, labelledCount }) =>
      identityCoupled({
        features,
        classes,
        maskInputs,
        labelledCount,
        layers: settings.layers,
        ...(ring ? { ring } : {}),
        generativeWeight: settings.usesUnlabelled ? settings.generativeWeight : 0,
        couplingVariance: settings.couplingVariance,
      }).config,
    estimator: (network) => identityCoupled(IdentityCoupledConfig.parse(network)),
    size: (network) => parameterCount(IdentityCoupledConfig.parse(network)),
    rate: ({ layers }, { features }) => (RATE / layers) * Math.min(1, Math.sqrt(RATE_WIDTH / features)),
    withoutUnlabelled: (settings) => ({ ...settings, usesUnlabelled: false }),
  },
  about: aboutIdentityCoupled,
  pictures: (network, member) => identityPictures(networkShape(IdentityCoupledConfig.parse(network)), member),
};
