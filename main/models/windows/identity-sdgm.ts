import {
  add,
  clipByValue,
  concat,
  div,
  mul,
  sub,
  sum,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { z } from "zod";
import { sizeOf } from "../../compute/feeds.ts";
import {
  arraysFrom,
  countOf,
  type NamedArrays,
  type NamedTensors,
  type ParameterShapes,
  valuesOf,
} from "../../compute/parameters.ts";
import type { Estimator } from "../estimator.ts";
import { labelledWeight } from "../labelled.ts";
import { asked } from "../form.ts";
import type { DescentModel } from "../model.ts";
import { seededRandom } from "../random.ts";
import { identityForward, identityShapes, type IdentityShape } from "../layers/identity.ts";
import { observedOnly } from "../layers/observed-only.ts";
import { RingShape, ringWidth, withRing } from "../layers/ring.ts";
import {
  GONE,
  headDivergence,
  headLogits,
  headLogProb,
  headWidth,
  type SdgmHead,
  type SdgmHeadShape,
} from "../layers/sdgm-head.ts";
import { stopGradient } from "../layers/stop-gradient.ts";
import { aboutIdentitySdgm } from "./identity-sdgm-about.ts";
import { DescentSettings } from "./settings.ts";

export const IdentitySdgmConfig = z.object({
  features: z.number().int().positive().max(16_384),
  classes: z.number().int().min(2).max(512),
  /** Of the network in front; 0: the mixture looks at the inputs themselves. */
  layers: z.union([z.literal(0), z.number().int().min(2).max(50)]).default(10),
  maskInputs: z.boolean().default(true),
  ring: RingShape.optional(),
  each: z.number().int().min(1).max(6).default(3), // components of a class
  form: z.enum(["diagonal", "quadratic"]).default("diagonal"),
  /** Labelled windows in training: the divergence counts once for all of them. */
  labelledCount: z.number().positive().default(1000),
  /** Where the clock stands when the divergence counts in full; see `loss`. */
  ramp: z.number().positive().default(1),
});
export type IdentitySdgmConfig = z.infer<typeof IdentitySdgmConfig>;

/**
 * What is stored is a part of what is used, which is a rate so many times as high under Adam: on inputs as small as a
 * network's, weights of the mixture have further to go than a network's have, and logarithms of variances further still.
 */
const MEAN_SCALE = 4;
const VARIANCE_SCALE = 10;
const START_SD = 0.5; // of the weights: components begin apart
const START_LOG_VARIANCE = -10;

const bodyOf = (config: IdentitySdgmConfig): IdentityShape => ({
  features: config.features + (config.ring ? ringWidth(config.ring) : 0),
  masks: config.maskInputs ? config.features : 0,
  classes: config.classes,
  layers: config.layers,
});

const headOf = (config: IdentitySdgmConfig): SdgmHeadShape => ({
  features: bodyOf(config).features,
  classes: config.classes,
  each: config.each,
  form: config.form,
});

const CLOCK = "clock";
const MEANS = "mixture.means";
const LOG_VARIANCES = "mixture.logVariances";
const BIASES = "mixture.biases";

function parametersOf(config: IdentitySdgmConfig): ParameterShapes {
  const components = config.classes * config.each;
  const width = headWidth(headOf(config));
  return new Map<string, readonly number[]>([
    [CLOCK, [1]],
    ...identityShapes(bodyOf(config)),
    [MEANS, [components, width]],
    [LOG_VARIANCES, [components, width]],
    [BIASES, [components]],
  ]);
}

export const sdgmParameterCount = (config: IdentitySdgmConfig): number => countOf(parametersOf(config));

/**
 * Identity-initialised network with a sparse discriminative Gaussian mixture on its last features f: logits of class c are
 * c^L_c + ln Σ_m exp(w_cm·φ(f) + b_cm). Loss, its sums divided by the number of labelled windows N:
 *   − Σ E ln P(y | x) + β KL / N
 * β rises from 0 to 1 over the first half of training, so that weights find their use before they have to pay for it. A
 * recorded step knows no time; a parameter with the gradient −1 and no say in the value is its clock: Adam moves it by
 * the learning rate in every step.
 */
export function identitySdgm(input: z.input<typeof IdentitySdgmConfig>): Estimator<IdentitySdgmConfig> {
  const config = Object.freeze(IdentitySdgmConfig.parse(input));
  const [body, shape] = [bodyOf(config), headOf(config)];
  const parameters = parametersOf(config);

  const parts = (params: NamedTensors, x: Tensor2D, observed: Tensor2D) => {
    const head: SdgmHead = {
      means: mul<Tensor2D>(params(MEANS), MEAN_SCALE),
      logVariances: mul<Tensor2D>(params(LOG_VARIANCES), VARIANCE_SCALE),
      biases: mul<Tensor1D>(params(BIASES), MEAN_SCALE),
    };
    const safe = observedOnly(x, observed);
    const inputs = config.ring ? withRing(config.ring, safe) : safe;
    if (config.layers === 0) return { head, features: [inputs], h: inputs, base: undefined };
    const { features, classBlock } = identityForward(body, params, inputs, sub(observed, 1));
    return { head, features, h: features.at(-1) ?? inputs, base: classBlock.at(-1) };
  };

  return {
    name: "identity-sdgm",
    config,
    parameters,
    held: [CLOCK],
    init(seed) {
      const random = seededRandom(seed, 31);
      return arraysFrom(parameters, (name, of) => {
        const zeros = new Float32Array(sizeOf(of));
        if (name === MEANS) return zeros.map(() => (START_SD / MEAN_SCALE) * random.normal());
        return name === LOG_VARIANCES ? zeros.fill(START_LOG_VARIANCE / VARIANCE_SCALE) : zeros;
      });
    },
    loss(params, batch): Scalar {
      const { head, h, base } = parts(params, batch.x, batch.observed);
      const labelled = labelledWeight(batch);
      const said = div(sum(mul(batch.weight, headLogProb(head, shape, h, { y: batch.y, base }))), labelled);
      const clock = params(CLOCK);
      const held = stopGradient(clock);
      const share = clipByValue(mul(held, 1 / config.ramp), 0, 1);
      const divergence = mul(headDivergence(head), 1 / config.labelledCount);
      return add(sub(sum(mul(share, divergence)), said), sum(sub(held, clock)));
    },
    forward(params, x, observed) {
      const { head, features, h, base } = parts(params, x, observed);
      const mixed = headLogits(head, shape, h);
      const logits: Tensor2D = base ? add(base, mixed) : mixed;
      return {
        logits,
        logDensity: mul(0, sum(logits, 1, true)),
        hidden: features.map((f) => concat([f], 1)),
      };
    },
  };
}

/** Learning rate of Adam, as of the other identity networks. */
const RATE = 0.03;
const RATE_WIDTH = 16;
/** Beyond so many inputs their products are too many, and only squares are taken. */
const MOST_FOR_PRODUCTS = 32;
/** What the cosine schedule lets the clock go in its first half: ¼ + 1/2π of rate and steps. */
const FIRST_HALF = 0.25 + 1 / (2 * Math.PI);

const IdentitySdgmSettings = z.strictObject({
  kind: z.literal("identity-sdgm").default("identity-sdgm"),
  ...DescentSettings.omit({ adaptation: true }).shape,
  layers: z
    .number()
    .int()
    .min(2)
    .max(50)
    .default(10)
    .meta(asked({ name: { en: "Layers", ja: "層の数" }, level: "expert" })),
  components: z
    .number()
    .int()
    .min(1)
    .max(6)
    .default(3)
    .meta(
      asked({
        name: { en: "Components of a class", ja: "クラスあたりの混合要素数" },
        hint: {
          en: "Ways in which a class can look in what the network makes of it.",
          ja: "ネットワークが作る特徴の上で、1つのクラスがとりうる現れ方の数です。",
        },
        level: "plain",
      }),
    ),
  form: z
    .enum(["diagonal", "quadratic"])
    .default("diagonal")
    .meta(
      asked({
        name: { en: "Shape of the components", ja: "混合要素の形" },
        level: "expert",
        options: {
          diagonal: { en: "along the features", ja: "対角（特徴ごと）" },
          quadratic: { en: "any ellipse", ja: "2次形式（任意の楕円）" },
        },
        optionHints: {
          diagonal: { en: "Features and their squares.", ja: "特徴とその2乗を使います。" },
          quadratic: {
            en: "Products of two features as well, up to 32 inputs; beyond, squares only.",
            ja: "2つの特徴の積も使います（入力が32を超えると2乗だけになります）。",
          },
        },
      }),
    ),
});
type IdentitySdgmSettings = z.infer<typeof IdentitySdgmSettings>;

const rateOf = (layers: number, features: number): number =>
  (RATE / layers) * Math.min(1, Math.sqrt(RATE_WIDTH / features));

export const identitySdgmModel: DescentModel<IdentitySdgmSettings> = {
  kind: "identity-sdgm",
  name: { en: "Identity network with a sparse mixture", ja: "恒等初期化ネットワーク＋スパース混合（SDGM）" },
  sentence: {
    en: "A network that starts as the identity, with a sparse Gaussian mixture for its last layer: a class may look several ways, and weights that do not pay for themselves are dropped while it learns. Learns from labelled windows only.",
    ja: "恒等写像から出発するネットワークの最終層に、スパースな混合ガウスを置きます。1つのクラスが複数の現れ方をもつことができ、役に立たない重みは学習中に取り除かれます。ラベル付きの窓だけから学習します。",
  },
  over: "windows",
  config: IdentitySdgmSettings,
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["export", "ensemble"],
  about: aboutIdentitySdgm,
  learning: {
    kind: "descent",
    network: (settings, { features, classes, maskInputs, ring, labelledCount }) => {
      const { layers, epochs, batchSize, components, learningRate } = settings;
      const steps = epochs * Math.max(1, Math.ceil(labelledCount / batchSize));
      const width = features + (ring ? ringWidth(ring) : 0);
      return identitySdgm({
        ...{ features, classes, layers, maskInputs, labelledCount, each: components },
        ...(ring ? { ring } : {}),
        form: width > MOST_FOR_PRODUCTS ? "diagonal" : settings.form,
        ramp: FIRST_HALF * steps * (learningRate ?? rateOf(layers, features)),
      }).config;
    },
    estimator: (network) => identitySdgm(IdentitySdgmConfig.parse(network)),
    size: (network) => sdgmParameterCount(IdentitySdgmConfig.parse(network)),
    rate: ({ layers }, { features }) => rateOf(layers, features),
  },
  pictures(_network, member) {
    const name = { en: "Weights of the mixture left, of how many", ja: "混合層に残った重みの数／全体" };
    const value = `${weightsLeft(member)} / ${valuesOf(member, MEANS).length}`;
    return [{ kind: "facts", facts: [{ name, value }] }];
  },
};

/** How many weights of the mixture are left. */
export function weightsLeft(member: NamedArrays): number {
  const logVariances = valuesOf(member, LOG_VARIANCES);
  return valuesOf(member, MEANS).reduce((sum, stored, at) => {
    const mean = MEAN_SCALE * stored;
    return sum + (VARIANCE_SCALE * (logVariances[at] ?? 0) - Math.log(mean * mean + 1e-15) < GONE ? 1 : 0);
  }, 0);
}
