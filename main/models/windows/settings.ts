import { z } from "zod";
import {
  Adaptation,
  FrontName,
  Sampling,
  Variation,
  type ModelConfig,
} from "../../../preload/contract/run.ts";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import { asked } from "../form.ts";

/** Settings that several models of windows share, as their schemas spell them and as a page asks for them. */

const Members = z
  .number()
  .int()
  .min(1)
  .max(10)
  .default(5) // ensemble, each leaving other people out: disagreement is the epistemic part
  .meta(
    asked({
      name: { en: "Members", ja: "メンバー数" },
      hint: {
        en: "Each learns without some of the people; where they differ the model is unsure. A single one cannot tell how unsure it is.",
        ja: "それぞれが一部の対象者を除いて学習し、意見が割れるところがモデルの不確かなところです。1つだけでは不確かさは分かりません。",
      },
      level: "plain",
    }),
  );

/** Of everything that classifies windows. */
export const WindowSettings = z.object({ front: FrontName.default("auto"), members: Members });
export type WindowSettings = z.infer<typeof WindowSettings>;

const part = (en: string, ja: string, kinds?: readonly RecordingKind[]): ReturnType<typeof asked> =>
  asked({ name: { en, ja }, level: "expert", ...(kinds === undefined ? {} : { kinds }) });

/** Amplitudes change only where they carry no meaning of their own. */
const AskedVariation = Variation.extend({
  shiftS: Variation.shape.shiftS.meta(part("Time shift, up to (s)", "時間のずれ（最大、秒）")),
  gainSd: Variation.shape.gainSd.meta(
    part("Gain of each channel, SD (0.1 = 10 %)", "チャネルごとの振幅の標準偏差（0.1 = 10%）", ["emg"]),
  ),
  lossesPerMinute: Variation.shape.lossesPerMinute.meta(part("Losses a minute", "1分あたりの欠損の数")),
  lossS: Variation.shape.lossS.meta(part("Length of a loss, up to (s)", "欠損の長さ（最大、秒）")),
});

/** Of everything that does so and learns by descent. */
export const DescentSettings = WindowSettings.extend({
  adaptation: Adaptation.default("none").meta(
    asked({
      name: { en: "Adapting to a new person", ja: "新しい人への適応" },
      level: "plain",
      kinds: ["emg"],
      usualOf: { emg: "transductive-balanced" },
      options: {
        none: { en: "None", ja: "なし" },
        "transductive-balanced": {
          en: "Whole recording (balanced gestures)",
          ja: "記録全体（動作均等）",
        },
        causal: { en: "As the person moves (from the past only)", ja: "動作しながら適応（過去のみ）" },
        "causal-guided": {
          en: "As the person moves, first minute guided",
          ja: "動作しながら適応（最初の1分は誘導）",
        },
      },
      optionHints: {
        none: {
          en: "Each window is judged alone; nothing is learned of the new person.",
          ja: "各窓を単独で判定し、新しい人については何も学びません。",
        },
        "transductive-balanced": {
          en: "Uses each new person’s own recording without its labels: centring, bracelet orientation, class means. It assumes that every gesture occurs about equally often in it.",
          ja: "新しい人の記録を、ラベルを見ずに使います（中心化、電極バンドの向き、クラス平均）。各動作がほぼ同じ回数含まれることが前提です。",
        },
        causal: {
          en: "Uses what came before each window, without labels, as a live decoder must. Class means are moved only once every gesture seems to have been made. A second network is trained for it, and people left out are gone through: more than twice as long.",
          ja: "実時間の復号と同じく、各窓より前の信号だけをラベルなしで使います。クラス平均は、すべての動作が現れたとみられてから動かします。専用のネットワークの学習などのため、時間は2倍以上かかります。",
        },
        "causal-guided": {
          en: "As “from the past only”, and in predictions the first minute of a recording is taken to hold every gesture, in any order.",
          ja: "「過去のみ」と同じですが、予測では記録の最初の1分にすべての動作が（順不同で）含まれるとみなします。",
        },
      },
    }),
  ),
  epochs: z
    .number()
    .int()
    .min(1)
    .max(500)
    .default(12)
    .meta(asked({ name: { en: "Epochs", ja: "エポック数" }, level: "plain" })),
  patience: z
    .number()
    .int()
    .min(1)
    .max(500)
    .meta(
      asked({
        name: { en: "Stop after epochs without gain", ja: "改善がなければ止めるまでのエポック数" },
        hint: { en: "Usual: a third, twelve at least.", ja: "既定は3分の1、ただし12以上です。" },
        level: "expert",
      }),
    )
    .optional(), // epochs without a better validation NLL before training stops; absent: a third of all, twelve at least
  sampling: Sampling.default("windows").meta(
    asked({
      name: { en: "Shown equally often", ja: "均等に使う単位" },
      level: "expert",
      options: {
        windows: { en: "each window", ja: "窓をそのまま" },
        classes: { en: "each class", ja: "クラスごと" },
        people: { en: "each person", ja: "対象者ごと" },
        "people-of-classes": { en: "each person in each class", ja: "クラス内の対象者ごと" },
      },
    }),
  ),
  batchSize: z.number().int().min(8).max(4096).default(64),
  learningRate: z
    .number()
    .positive()
    .max(100)
    .meta(
      asked({
        name: { en: "Learning rate", ja: "学習率" },
        hint: { en: "Usual: by depth and inputs.", ja: "既定は層の数と入力数から決まります。" },
        level: "expert",
      }),
    )
    .optional(), // default depends on depth: rate * layers is what matters
  augmentation: z
    .enum(["none", "mild", "strong"])
    .default("strong")
    .meta(
      asked({
        name: { en: "Changed inputs", ja: "入力の変化" },
        level: "expert",
        options: {
          none: { en: "none", ja: "なし" },
          mild: { en: "mild", ja: "弱い" },
          strong: { en: "strong", ja: "強い" },
        },
      }),
    ),
  variation: AskedVariation.meta(
    asked({
      name: { en: "Vary the samples in each epoch", ja: "エポックごとに信号を変化させる" },
      hint: {
        en: "Training people only; the first epoch sees them as recorded. On the bracelet recordings measured it brought no gain.",
        ja: "学習の対象者だけです。最初のエポックは記録のまま使います。測定した電極バンドの記録では精度は上がりませんでした。",
      },
      level: "expert",
      suggested: {
        ctg: { shiftS: 5, gainSd: 0, lossesPerMinute: 0.5, lossS: 15 },
        emg: { shiftS: 0.1, gainSd: 0.1, lossesPerMinute: 1, lossS: 0.2 },
        other: { shiftS: 0.1, gainSd: 0, lossesPerMinute: 1, lossS: 0.2 },
      },
    }),
  ).optional(), // absent: every epoch sees the samples as they were recorded
});
export type DescentSettings = z.infer<typeof DescentSettings>;

/** What a configuration says of these, whatever model it is for; its own schema has checked them (registry.ts). */
export const windowSettings = (model: ModelConfig): WindowSettings => WindowSettings.parse(model);
/** Of a model that learns by descent; of any other what it says of itself, the rest as usual. */
export const descentSettings = (model: ModelConfig): DescentSettings => DescentSettings.parse(model);
