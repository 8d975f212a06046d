import {
  add,
  concat,
  div,
  matMul,
  max,
  mul,
  softplus,
  reshape,
  sub,
  sum,
  tile,
  transpose,
  type Rank,
  type Tensor2D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Picture } from "../../../preload/contract/method.ts";
import { FrontName } from "../../../preload/contract/run.ts";
import { sizeOf } from "../../compute/feeds.ts";
import {
  arraysFrom,
  countOf,
  type NamedArrays,
  type NamedTensors,
  type ParameterShapes,
  valuesOf,
} from "../../compute/parameters.ts";
import { categoricalLogProb } from "../distributions/categorical.ts";
import type { Estimator } from "../estimator.ts";
import { labelledWeight } from "../labelled.ts";
import { asked } from "../form.ts";
import { convolved, heStart, maxPooling, meanPooling } from "../layers/convolution.ts";
import { observedOnly } from "../layers/observed-only.ts";
import {
  parameterisedPooling,
  type Parameterised,
  parameterisedShapes,
  parameterisedStart,
} from "../layers/parameterised-pooling.ts";
import type { Kernels } from "../layers/pooling-windows.ts";
import { regularisedPooling, seenBy } from "../layers/regularised-pooling.ts";
import type { DescentModel } from "../model.ts";
import { seededRandom } from "../random.ts";
import { aboutRawConv } from "./raw-conv-about.ts";
import { DescentSettings } from "./settings.ts";

const Pooling = z.enum(["max", "mean", "regularised", "parameterised"]);

const RawConvConfig = z
  .object({
    features: z.number().int().positive().max(16_384),
    columns: z.number().int().positive().max(16_384), // points over time; features / columns channels
    classes: z.number().int().min(2).max(512),
    pooling: Pooling.default("max"),
    /** Every channel goes through the same filters by itself; else filters look across all channels. */
    isShared: z.boolean().default(true),
    filters: z.number().int().min(1).max(256).default(8),
    hidden: z.number().int().min(1).max(1024).default(64),
  })
  .refine(({ features, columns }) => features % columns === 0, "features are not whole channels");
type RawConvConfig = z.infer<typeof RawConvConfig>;

const TAPS = [9, 5] as const;
/** Samples of a kernel, odd as regularised pooling asks, and neighbours whose places it averages. */
const KERNEL = 5;
const NEIGHBOURS = 3;
/** Parts over time whose means reach the last layers. */
const PARTS = 4;

interface Shape {
  readonly rows: number; // channels of the recording
  readonly inputs: number; // of the first filters, masks among them
  readonly kernels: Kernels;
  readonly pooled: number; // points left after pooling
  readonly last: Kernels;
  readonly flat: number; // inputs of the hidden layer
}

function shapeOf({ features, columns, filters, isShared }: RawConvConfig): Shape {
  const rows = features / columns;
  const kernel = Math.min(KERNEL, columns % 2 === 1 || columns > KERNEL ? columns : columns - 1) || 1;
  const pooled = Math.floor(columns / kernel);
  const part = Math.max(1, Math.floor(pooled / PARTS));
  return {
    rows,
    inputs: 2 * (isShared ? 1 : rows),
    kernels: { size: [kernel, 1] },
    pooled,
    last: { size: [part, 1] },
    flat: Math.floor(pooled / part) * 2 * filters * (isShared ? rows : 1),
  };
}

const [MASKS, EXPONENTS] = ["pooling.masks", "pooling.exponents"] as const;

/** Filters over time, filters over what is pooled, a hidden layer, logits, and what parameterised pooling learns. */
function parametersOf(config: RawConvConfig): ParameterShapes {
  const { inputs, kernels, flat } = shapeOf(config);
  const { filters, hidden, classes, columns, pooling } = config;
  const [masks, exponents] = parameterisedShapes(columns, 1, kernels);
  return new Map<string, readonly number[]>([
    ["filters1.weights", [TAPS[0], 1, inputs, filters]],
    ["filters1.biases", [filters]],
    ["filters2.weights", [TAPS[1], 1, filters, 2 * filters]],
    ["filters2.biases", [2 * filters]],
    ["hidden.weights", [flat, hidden]],
    ["hidden.biases", [hidden]],
    ["logits.weights", [hidden, classes]],
    ["logits.biases", [classes]],
    ...(pooling === "parameterised"
      ? ([
          [MASKS, masks],
          [EXPONENTS, exponents],
        ] as const)
      : []),
  ]);
}

export function rawConv(input: z.input<typeof RawConvConfig>): Estimator<RawConvConfig> {
  const config = Object.freeze(RawConvConfig.parse(input));
  const shape = shapeOf(config);
  const { columns, filters } = config;
  const parameters = parametersOf(config);

  /** Signals and what is missing of them: [samples, t, 1, c], and where anything was observed [samples, t, 1, 1]. */
  const split = (x: Tensor2D, observed: Tensor2D): readonly [Tensor4D, Tensor4D] => {
    const [n, channels] = config.isShared ? [x.shape[0] * shape.rows, 1] : [x.shape[0], shape.rows];
    const overTime = (of: Tensor2D): Tensor4D =>
      reshape(transpose(reshape<Rank.R3>(of, [n, channels, columns]), [0, 2, 1]), [n, columns, 1, channels]);
    const seen = overTime(observed);
    return [concat([overTime(observedOnly(x, observed)), sub(seen, 1)], 3), max(seen, 3, true)];
  };
  const pooled = (h: Tensor4D, any: Tensor4D, learned: Parameterised | undefined): Tensor4D => {
    const { kernels } = shape;
    const seen: Tensor4D = tile(any, [1, 1, 1, h.shape[3]]);
    if (learned) return parameterisedPooling(h, seen, learned, kernels);
    switch (config.pooling) {
      case "mean":
        return meanPooling(h, seen, kernels);
      case "regularised":
        return regularisedPooling(h, seen, { ...kernels, neighbours: [NEIGHBOURS, 1] });
      case "max":
      case "parameterised":
        return maxPooling(h, seen, kernels);
    }
  };
  const forward = (params: NamedTensors, x: Tensor2D, observed: Tensor2D) => {
    const filtered = (h: Tensor4D, layer: string): Tensor4D =>
      convolved(h, params(`${layer}.weights`) as Tensor4D, params(`${layer}.biases`));
    const affine = (h: Tensor2D, layer: string): Tensor2D =>
      add(matMul(h, params(`${layer}.weights`)), params(`${layer}.biases`));
    const learned =
      config.pooling === "parameterised" ? { masks: params(MASKS), exponents: params(EXPONENTS) } : undefined;
    const [signals, any] = split(x, observed);
    const first = pooled(filtered(signals, "filters1"), any, learned);
    const seen = seenBy(any, shape.kernels);
    const second = filtered(mul(first, seen), "filters2");
    const parts = meanPooling(second, tile(seen, [1, 1, 1, 2 * filters]), shape.last);
    const flat: Tensor2D = reshape(parts, [x.shape[0], shape.flat]);
    const hidden: Tensor2D = softplus(affine(flat, "hidden"));
    return { logits: affine(hidden, "logits"), hidden: [flat, hidden] };
  };

  return {
    name: `raw-conv ${config.pooling}`,
    config,
    parameters,
    init(seed) {
      const [masks, exponents] = parameterisedStart(columns, 1, shape.kernels, seededRandom(seed, 11));
      const places = [...parameters.keys()];
      return arraysFrom(parameters, (name, of) => {
        if (name === MASKS) return masks;
        if (name === EXPONENTS) return exponents;
        return of.length === 1
          ? new Float32Array(sizeOf(of))
          : heStart(of, seededRandom(seed, 12 + places.indexOf(name)));
      });
    },
    loss(params, batch) {
      const { logits } = forward(params, batch.x, batch.observed);
      const told = sum(mul(batch.weight, categoricalLogProb(logits, batch.y)));
      return sub(0, div(told, labelledWeight(batch)));
    },
    forward(params, x, observed) {
      const { logits, hidden } = forward(params, x, observed);
      return { logits, hidden, logDensity: mul(0, sum(logits, 1, true)) };
    },
  };
}

const RawConvSettings = z.strictObject({
  kind: z.literal("raw-conv").default("raw-conv"),
  ...DescentSettings.shape,
  front: FrontName.default("raw-window"),
  pooling: Pooling.default("max").meta(
    asked({
      name: { en: "Pooling over time", ja: "時間方向のプーリング" },
      level: "plain",
      options: {
        max: { en: "maximum", ja: "最大値" },
        mean: { en: "mean", ja: "平均値" },
        regularised: { en: "regularised (smooth places)", ja: "正則化（位置を平滑化）" },
        parameterised: { en: "learned for each place", ja: "位置ごとに学習" },
      },
    }),
  ),
  isShared: z
    .boolean()
    .default(true)
    .meta(
      asked({
        name: { en: "The same filters for each channel", ja: "全チャネルで同じフィルタを使う" },
        hint: {
          en: "Otherwise a filter looks across all channels at once.",
          ja: "オフにすると、フィルタは全チャネルを同時に見ます。",
        },
        level: "expert",
      }),
    ),
  filters: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(8)
    .meta(asked({ name: { en: "Filters", ja: "フィルタ数" }, level: "expert" })),
});
type RawConvSettings = z.infer<typeof RawConvSettings>;

/** Of Adam. */
const RATE = 2e-3;

/** The filters over time as curves: what the first layer looks for. Masks have filters too, which are left out. */
function filterPictures(network: unknown, member: NamedArrays): Picture[] {
  const config = RawConvConfig.parse(network);
  const { inputs } = shapeOf(config);
  const weights = valuesOf(member, "filters1.weights");
  const at = Float64Array.from({ length: TAPS[0] }, (_, tap) => tap - (TAPS[0] - 1) / 2);
  const filters: Picture = {
    kind: "curves",
    title: { en: "Filters of the first layer", ja: "第1層のフィルタ" },
    across: { en: "Points over time", ja: "時間方向の点" },
    up: { en: "Weight", ja: "重み" },
    series: Array.from({ length: Math.min(8, config.filters) }, (_, f) => ({
      name: String(f + 1),
      at,
      value: at.map((_v, tap) => weights[tap * inputs * config.filters + f] ?? 0),
    })),
  };
  return config.pooling === "parameterised" ? [filters, exponentPicture(member)] : [filters];
}

function exponentPicture(member: NamedArrays): Picture {
  const exponents = Float64Array.from(valuesOf(member, EXPONENTS), Math.exp);
  return {
    kind: "curves",
    title: {
      en: "Exponent of the pooling: 1 is the mean, large the maximum",
      ja: "プーリングの指数（1 は平均、大きいほど最大値）",
    },
    across: { en: "Place in the window", ja: "窓の中の位置" },
    up: { en: "Exponent p", ja: "指数 p" },
    series: [{ name: "p", at: exponents.map((_, i) => i + 1), value: exponents }],
  };
}

/** A convolutional network over the samples themselves, for who wants to see whether features can be learned. */
export const rawConvModel: DescentModel<RawConvSettings> = {
  kind: "raw-conv",
  name: { en: "Convolution on raw signals", ja: "生波形の畳み込みネットワーク" },
  sentence: {
    en: "Filters over time learn their own features from the samples. On people never seen it was worse than logarithms of amplitudes (EMG, 7 gestures: 70 % against 77 %), so it is not the usual choice.",
    ja: "時間方向のフィルタが、信号から特徴そのものを学習します。未知の対象者では振幅の対数を使う方法に劣ったため（筋電図7動作で70 %対77 %）、標準の選択肢ではありません。",
  },
  over: "windows",
  config: RawConvSettings,
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["ensemble"],
  learning: {
    kind: "descent",
    network: ({ pooling, isShared, filters }, { features, classes, columns }) =>
      rawConv({ features, classes, columns, pooling, isShared, filters }).config,
    estimator: (network) => rawConv(RawConvConfig.parse(network)),
    size: (network) => countOf(parametersOf(RawConvConfig.parse(network))),
    rate: () => RATE,
  },
  about: aboutRawConv,
  pictures: filterPictures,
};
