import type { Picture } from "../../../preload/contract/method.ts";
import {
  johnsonLogDensity,
  johnsonMoments,
  johnsonQuantile,
  type JohnsonSu,
} from "../distributions/johnson-su.ts";
import type { PictureNames } from "../model.ts";
import type { JohnsonSuLearned } from "./johnson-su-learned.ts";

const POINTS = 81;
const EDGE = 1.96; // the middle 95 %
const REACH = 2.8; // what is drawn: the middle 99.5 %
const SKEWED = 0.5;

/** The distribution of one input within one class. */
function marginal(learned: JohnsonSuLearned, c: number, input: number): JohnsonSu {
  const { width: d, views, xi, lambda, means, covariances } = learned;
  const at = (views === 1 ? 0 : c) * d + input;
  const delta = 1 / Math.sqrt(covariances[(c * d + input) * d + input] ?? 1);
  return {
    delta,
    gamma: -delta * (means[c * d + input] ?? 0),
    xi: xi[at] ?? 0,
    lambda: lambda[at] ?? 1,
  };
}

function drawn(own: JohnsonSu): { readonly at: Float64Array; readonly density: Float64Array } {
  // Evenly in probability's scale: fine where the mass is, whatever the tails.
  const at = Float64Array.from({ length: POINTS }, (_, i) =>
    johnsonQuantile(own, -REACH + (2 * REACH * i) / (POINTS - 1)),
  );
  return { at, density: at.map((x) => Math.exp(johnsonLogDensity(own, x))) };
}

/** Each input within each class, and how many of them are skewed or heavy-tailed. Inputs are standardised. */
export function johnsonPictures(learned: JohnsonSuLearned, { inputs, classes }: PictureNames): Picture[] {
  const all = classes.flatMap((className, c) =>
    inputs.map((input, i) => ({ className, input, own: marginal(learned, c, i) })),
  );
  const skews = all
    .map(({ own }) => johnsonMoments(own).skewness)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const heavy = learned.isSu.reduce((sum, one) => sum + one, 0);
  return [
    {
      kind: "densities",
      title: { en: "Inputs within each class (standardised)", ja: "各クラス内の入力の分布（標準化後）" },
      inputs: [...inputs],
      densities: all.map(({ className, input, own }) => ({
        ...{ className, input, ...drawn(own) },
        low: johnsonQuantile(own, -EDGE),
        high: johnsonQuantile(own, EDGE),
      })),
    },
    {
      kind: "facts",
      facts: [
        {
          name:
            learned.views === 1
              ? { en: "Inputs with tails heavier than a normal's", ja: "正規分布より裾の重い入力" }
              : {
                  en: "Inputs within a class with tails heavier than a normal's",
                  ja: "クラス内で正規分布より裾の重い入力",
                },
          value: `${heavy} / ${learned.isSu.length}`,
        },
        {
          name: { en: "Median skewness within a class", ja: "クラス内の歪度の中央値" },
          value: (skews[Math.floor(skews.length / 2)] ?? 0).toFixed(2),
        },
        {
          name: { en: "Skewed by more than 0.5, either way", ja: "歪度の絶対値が0.5を超えるもの" },
          value: `${skews.filter((skew) => Math.abs(skew) > SKEWED).length} / ${all.length}`,
        },
        {
          name: { en: "Weights of the network", ja: "ネットワークの重みの数" },
          value: String(learned.network?.weights.length ?? 0),
        },
      ],
    },
  ];
}
