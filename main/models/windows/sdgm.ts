import { z } from "zod";
import { mixtureLogDensity } from "../distributions/gaussian-mixture.ts";
import { asked } from "../form.ts";
import type { RoundsModel } from "../model.ts";
import { aboutSdgm } from "../sdgm/about.ts";
import { judged, winningComponents, type SdgmJudge } from "../sdgm/judge.ts";
import { sdgmPictures } from "../sdgm/pictures.ts";
import { beginSdgm, DENSITY_ROUNDS, sdgmRound } from "../sdgm/rounds.ts";
import { SdgmLearned } from "../sdgm/saved.ts";
import { formOf } from "../sdgm/training-rows.ts";
import { scoresOf } from "./learned.ts";
import { WindowSettings } from "./settings.ts";

const MOST_STARTS = 10;
const MOST_STEPS = 30;

const SdgmConfig = z.strictObject({
  kind: z.literal("sdgm").default("sdgm"),
  ...WindowSettings.shape,
  components: z
    .number()
    .int()
    .min(1)
    .max(6)
    .default(2)
    .meta(
      asked({
        name: { en: "Components of a class, at most", ja: "クラスあたりの混合要素数（上限）" },
        hint: {
          en: "Ways in which a class can look. Those that are not needed drop out by themselves.",
          ja: "1つのクラスの現れ方の数。不要な混合要素は学習中に自動的に取り除かれます。",
        },
        level: "plain",
      }),
    ),
  form: z
    .enum(["diagonal", "quadratic", "kernel"])
    .default("diagonal")
    .meta(
      asked({
        name: { en: "Shape of the components", ja: "混合要素の形" },
        level: "expert",
        options: {
          diagonal: { en: "along the inputs", ja: "対角（入力ごと）" },
          quadratic: { en: "any ellipse", ja: "2次形式（任意の楕円）" },
          kernel: { en: "quadratic kernel", ja: "2次カーネル" },
        },
        optionHints: {
          diagonal: {
            en: "Inputs and their squares: quick, and steady with many inputs.",
            ja: "入力とその2乗だけを使います。速く、入力が多くても安定しています。",
          },
          quadratic: {
            en: "Products of two inputs as well: for a dozen inputs or fewer.",
            ja: "2つの入力の積も使います。入力が十数個までの場合に向きます。",
          },
          kernel: {
            en: "Weights on training windows rather than on inputs: sparse in windows, for few inputs.",
            ja: "入力ではなく学習に使った窓に重みを置き、少数の窓だけを残します。入力が少ない場合に向きます。",
          },
        },
      }),
    ),
  anchored: z
    .boolean()
    .default(false)
    .meta(
      asked({
        name: { en: "Start from a quadratic discriminant", ja: "2次判別分析（QDA）を土台にする" },
        hint: {
          en: "Learns only what a quadratic discriminant gets wrong. On the bracelet recordings measured this was the better choice.",
          ja: "QDAの判定を土台にし、その誤りを補う分だけを学びます。測定した電極バンドの記録ではこのほうが精度が高くなりました。",
        },
        level: "plain",
      }),
    ),
  starts: z
    .number()
    .int()
    .min(1)
    .max(MOST_STARTS)
    .default(2)
    .meta(
      asked({
        name: { en: "Starts", ja: "初期値の数" },
        hint: {
          en: "Each begins with other clusters; the one with the highest evidence stays. With one component a class there is one.",
          ja: "異なるクラスタリングから学習を始め、周辺尤度が最も高いものを採用します。混合要素が1つのときは1回だけです。",
        },
        level: "expert",
      }),
    ),
  steps: z
    .number()
    .int()
    .min(1)
    .max(MOST_STEPS)
    .default(10)
    .meta(
      asked({
        name: { en: "Steps of pruning", ja: "枝刈りの回数" },
        hint: {
          en: "More leave fewer weights; past ten, accuracy fell on muscle signals.",
          ja: "多いほど重みが減ります。筋電図では10回を超えると精度が下がりました。",
        },
        level: "expert",
      }),
    ),
});
type SdgmConfig = z.infer<typeof SdgmConfig>;

/** The best so far; undefined before the first start has come to its end. */
function judgeOf({ form, width, classes, best, draws, anchor, density }: SdgmLearned): SdgmJudge | undefined {
  if (best === null || draws.length === 0) return undefined;
  const { classOf, logMix } = best.parts;
  return {
    ...{ form: formOf(form), width, classes, classOf, logMix },
    weights: draws,
    anchor: anchor ?? undefined,
    density,
  };
}

/** Sparse discriminative Gaussian mixture (Hayashi and Uchida, ICLR 2021), its weights and components pruned by relevance. */
export const sdgmModel: RoundsModel<SdgmConfig, SdgmLearned> = {
  kind: "sdgm",
  name: { en: "Sparse Gaussian mixture (SDGM)", ja: "スパース識別的混合ガウス（SDGM）" },
  sentence: {
    en: "Each class is a mixture of a few quadratic pieces, learned to tell the classes apart; weights and pieces that are not needed drop out. Says which way of a class it recognised, and can judge with inputs missing.",
    ja: "各クラスを少数の2次形式の混合で表し、クラスを見分けるように学習します。不要な重みと混合要素は取り除かれます。クラスのどの現れ方かが分かり、入力が欠けていても判定できます。",
  },
  config: SdgmConfig,
  over: "windows",
  kinds: ["ctg", "emg", "other"],
  usualFor: [],
  can: ["density", "ensemble"],
  about: aboutSdgm,
  file: SdgmLearned,
  learning: {
    kind: "rounds",
    mostRounds: DENSITY_ROUNDS + MOST_STARTS * MOST_STEPS,
    begin: beginSdgm,
    round: sdgmRound,
  },
  score(learned, rows) {
    const { classes, density } = learned;
    const judge = judgeOf(learned);
    const said = judge ? judged(judge, rows) : new Float64Array(rows.count * classes);
    const evidence = mixtureLogDensity(density, rows);
    return scoresOf(
      said.map((one, at) => one + (evidence[Math.floor(at / classes)] ?? 0)),
      classes,
    );
  },
  subclasses(learned, rows, classOf) {
    const judge = judgeOf(learned);
    return judge ? winningComponents(judge, rows, classOf) : new Uint8Array(rows.count);
  },
  pictures: (learned, names) => sdgmPictures(learned, names),
};
