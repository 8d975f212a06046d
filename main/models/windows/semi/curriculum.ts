import { z } from "zod";
import type { AboutMethod } from "../../../../preload/contract/method.ts";
import { finiteDoubles, haveLengths, orOfBefore } from "../../file-parts.ts";
import { logSumExp, softmaxRows } from "../../linear-algebra.ts";
import { adamFrom, AdamPlace, adamStep } from "../../mlp/adam.ts";
import { canonicalOrder } from "../../mlp/canonical.ts";
import {
  mlpBackward,
  mlpFlat,
  mlpForward,
  mlpLengths,
  mlpParts,
  type MlpShape,
  mlpSize,
  mlpStart,
  mlpTrace,
  SavedMlp,
} from "../../mlp/mlp.ts";
import type { RoundsModel, WindowRows } from "../../model.ts";
import { seededRandom } from "../../random.ts";
import { hasLabel } from "../../window-rows.ts";
import { Classes, Width } from "../learned.ts";
import { WindowSettings } from "../settings.ts";
import { RATE } from "./encoder.ts";
import { hiddenSetting } from "./settings.ts";
import { inNetworks } from "../missing-inputs.ts";

/** Share of the windows without a label that each stage takes, the surest ones; the first stage takes none. */
const TAKEN = [0, 0.2, 0.4, 0.6, 0.8, 1];
const ROUNDS = 8; // of a stage
const BATCH = 32;
const MOST_STEPS = 50; // of a round
const FEWEST_STEPS = 12;

/** Each stage goes about four times through the rows, where there are not too many or too few of them. */
const stepsFor = ({ count }: WindowRows): number =>
  Math.max(FEWEST_STEPS, Math.min(MOST_STEPS, Math.ceil((4 * count) / (ROUNDS * BATCH))));

const CurriculumConfig = z.strictObject({
  kind: z.literal("curriculum-labelling").default("curriculum-labelling"),
  ...WindowSettings.shape,
  hidden: hiddenSetting,
});
type CurriculumConfig = z.infer<typeof CurriculumConfig>;

interface Sizes {
  readonly width: number;
  readonly classes: number;
  readonly hidden: number;
}

const shapeOf = ({ width, classes, hidden }: Sizes): MlpShape => ({
  ...{ inputs: 2 * width, hidden, outputs: classes },
});

const sizes = { width: Width, classes: Classes, hidden: z.number().int().min(1).max(1024) };
const NamedLearned = z
  .strictObject({
    ...sizes,
    seed: z.number().int(),
    network: SavedMlp,
    underway: z
      .strictObject({
        round: z.number().int().nonnegative(),
        place: AdamPlace,
        labels: z.instanceof(Int32Array<ArrayBufferLike>), // class taken for each row in canonical order; -1: none
      })
      .nullable(),
  })
  .superRefine(({ network, underway, ...of }, context) => {
    const shape = shapeOf(of);
    haveLengths(context, mlpLengths(shape, network, "network"));
    if (underway === null) return;
    const { flat, first, second } = underway.place;
    const size = mlpSize(shape);
    haveLengths(context, {
      ...{ "underway.place.flat": [flat, size], "underway.place.first": [first, size] },
      "underway.place.second": [second, size],
    });
  });
/** In files of before the whole network was one array. */
const LearnedOfBefore = z
  .looseObject({ ...sizes, flat: finiteDoubles })
  .refine(({ flat, ...learned }) => flat.length === mlpSize(shapeOf(learned)))
  .transform(({ flat, ...learned }) => ({ ...learned, network: mlpParts(shapeOf(learned), flat) }));
const CurriculumLearned = orOfBefore(NamedLearned, LearnedOfBefore);
type CurriculumLearned = z.infer<typeof CurriculumLearned>;
type Underway = NonNullable<CurriculumLearned["underway"]>;

type Rows = Pick<WindowRows, "x" | "observed">;

/** Inputs, 0 where missing, and which these are, as the networks beside it are told: observed − 1. */
function inputOf({ x, observed }: Rows, n: number, width: number, out: Float64Array): void {
  for (let i = 0; i < width; i += 1) {
    const isSeen = observed[n * width + i] === 1;
    out[i] = isSeen ? (x[n * width + i] ?? 0) : 0;
    out[width + i] = isSeen ? 0 : -1;
  }
}

function logitsOf(learned: CurriculumLearned, rows: Rows, count: number): Float32Array {
  const shape = shapeOf(learned);
  const trace = mlpTrace(shape);
  const input = new Float64Array(shape.inputs);
  const flat = mlpFlat(learned.network);
  const out = new Float32Array(count * learned.classes);
  for (let n = 0; n < count; n += 1) {
    inputOf(rows, n, learned.width, input);
    mlpForward(shape, flat, input, trace);
    out.set(trace.out, n * learned.classes);
  }
  return out;
}

/** Labels taken for rows without one: the surest share of them, by what was learned so far. */
function takenLabels(learned: CurriculumLearned, data: WindowRows, share: number): Int32Array {
  const order = canonicalOrder(data, null);
  const labels = new Int32Array(data.count).fill(-1);
  if (share === 0) return labels;
  const { classes: k } = learned;
  const p = softmaxRows(logitsOf(learned, data, data.count), k);
  const sure = [...order.entries()]
    .filter(([, n]) => !hasLabel(data, n))
    .map(([at, n]) => {
      const own = p.subarray(n * k, (n + 1) * k);
      const most = Math.max(...own);
      return { at, most, label: own.indexOf(most) };
    })
    .sort((a, b) => b.most - a.most || a.at - b.at);
  for (const { at, label } of sure.slice(0, Math.round(share * sure.length))) labels[at] = label;
  return labels;
}

const begun = (learned: Sizes & { readonly seed: number }, stage: number) =>
  adamFrom(mlpStart(shapeOf(learned), seededRandom(learned.seed, 7600 + stage)));

/** −Σ y ln P of a row; its derivative by the weights is added to `gradient`, divided by the batch. */
function teach(
  shape: MlpShape,
  flat: Float64Array,
  y: Float64Array,
  input: Float64Array,
  gradient: Float64Array,
): void {
  const trace = mlpTrace(shape);
  mlpForward(shape, flat, input, trace);
  const total = logSumExp(trace.out, 0, shape.outputs);
  const slope = trace.out.map((logit, c) => (Math.exp(logit - total) - (y[c] ?? 0)) / BATCH);
  mlpBackward(shape, flat, input, trace, slope, gradient);
}

function stepped(
  learned: CurriculumLearned,
  data: WindowRows,
  { round, place, labels }: Underway,
): AdamPlace {
  const shape = shapeOf(learned);
  const { classes: k, width } = learned;
  const order = canonicalOrder(data, null);
  const usable = [...order.entries()].filter(([at, n]) => (labels[at] ?? -1) >= 0 || hasLabel(data, n));
  const random = seededRandom(learned.seed, 7700 + round);
  const input = new Float64Array(shape.inputs);
  const y = new Float64Array(k);
  const steps = stepsFor(data);
  const done = (round % ROUNDS) * steps;
  let now = place;
  for (let step = 0; step < steps && usable.length > 0; step += 1) {
    const gradient = new Float64Array(place.flat.length);
    for (let row = 0; row < BATCH; row += 1) {
      const [at, n] = usable[random.below(usable.length)] ?? [0, 0];
      inputOf(data, n, width, input);
      y.set(data.y.subarray(n * k, (n + 1) * k));
      if ((labels[at] ?? -1) >= 0) y.fill(0).fill(1, labels[at], (labels[at] ?? 0) + 1);
      teach(shape, now.flat, y, input, gradient);
    }
    const rate = RATE * 0.5 * (1 + Math.cos((Math.PI * (done + step)) / (ROUNDS * steps)));
    now = adamStep(now, gradient, rate);
  }
  return now;
}

const about: AboutMethod = {
  idea: [
    {
      en: "A network learns from labels, then takes the surest fifth of its answers on windows without one for labels, and begins again from scratch; then two fifths, and so on to all of them.",
      ja: "まずラベルから学び、ラベルのない窓への答えのうち最も確信のある2割をラベルとして採用し、初めから学び直します。次は4割、と全部になるまで繰り返します。",
    },
  ],
  formulas: [
    {
      tex: String.raw`\mathcal U_s=\{x:\max p_{s-1}(x)\ge\mathrm{percentile}_{100-20s}\},\qquad s=1,\dots,5`,
      says: {
        en: "Windows taken in stage s, by the network of the stage before.",
        ja: "段階sで採用する窓。直前の段階のネットワークが選びます。",
      },
    },
  ],
  assumes: [{ en: "What the network is surest of is right.", ja: "最も確信のある答えが正しいこと。" }],
  missing: inNetworks,
  where: {
    en: "As a comparison. The last stage takes every answer for a label, wrong ones too.",
    ja: "比較の対象として。最終段階では誤りも含めてすべての答えをラベルとして使います。",
  },
  claims: [
    {
      says: {
        en: "Starting anew in each stage keeps early mistakes from staying.",
        ja: "段階ごとに初めから学び直すことで、初期の誤りが残りにくくなります。",
      },
      evidence: "recalled",
    },
    {
      says: {
        en: "Bracelets within a person, one short run of labelled windows of each gesture, 1, 5 and 10 % of the block (13 people): 61.5, 79.4 and 92.0 %; a small network on the labels alone 85.0, 88.9 and 90.2 %. It helps only once the first network is mostly right.",
        ja: "電極バンド・同一人物内、各動作につき短く連続する窓だけラベルあり（ブロックの1、5、10%、13人）：61.5、79.4、92.0%。ラベルだけの小さなネットワークは85.0、88.9、90.2%。最初のネットワークがおおむね正しい場合にだけ役立ちます。",
      },
      evidence: "computed",
    },
  ],
  references: [
    "Cascante-Bonilla, Tan, Qi & Ordonez, Curriculum Labeling: Revisiting Pseudo-Labeling for Semi-Supervised Learning, AAAI 2021",
  ],
};

/** Ever more of its own answers as labels, surest first, from scratch each time. Rounds: the loop of descent has no stages. */
export const curriculumModel: RoundsModel<CurriculumConfig, CurriculumLearned> = {
  kind: "curriculum-labelling",
  name: { en: "Curriculum labelling", ja: "カリキュラムラベリング" },
  sentence: {
    en: "A network takes its surest answers for labels, a fifth more in each stage, and starts anew each time. A comparison for semi-supervised learning.",
    ja: "最も確信のある答えから段階的にラベルとして採用し、そのつど初めから学び直します。半教師あり学習の比較対象です。",
  },
  over: "windows",
  config: CurriculumConfig,
  kinds: ["emg", "other"],
  usualFor: [],
  can: ["ensemble"],
  about,
  file: CurriculumLearned,
  learning: {
    kind: "rounds",
    mostRounds: TAKEN.length * ROUNDS,
    begin({ hidden }, { width, classes, count }, seed) {
      const learned = { width, classes, hidden, seed };
      const place = begun(learned, 0);
      const labels = new Int32Array(count).fill(-1);
      const network = mlpParts(shapeOf(learned), place.flat);
      return { ...learned, network, underway: { round: 0, place, labels } };
    },
    round(learned, _config, data) {
      const { underway } = learned;
      if (underway === null) return Promise.resolve({ learned, score: 0, isSettled: true });
      const stage = Math.floor(underway.round / ROUNDS);
      const isFirst = underway.round % ROUNDS === 0 && stage > 0;
      const now = isFirst
        ? { ...underway, place: begun(learned, stage), labels: takenLabels(learned, data, TAKEN[stage] ?? 1) }
        : underway;
      const place = stepped(learned, data, now);
      const round = underway.round + 1;
      const isSettled = round >= TAKEN.length * ROUNDS;
      const isStageOver = round % ROUNDS === 0;
      return Promise.resolve({
        learned: {
          ...learned,
          network: isStageOver ? mlpParts(shapeOf(learned), place.flat) : learned.network,
          underway: isSettled ? null : { ...now, place, round },
        },
        score: stage,
        isSettled,
      });
    },
  },
  score: (learned, rows) => ({
    logits: logitsOf(learned, rows, rows.count),
    logDensity: new Float32Array(rows.count),
  }),
};
