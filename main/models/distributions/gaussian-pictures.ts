import type { Picture } from "../../../preload/contract/method.ts";
import { cholesky, solveLower } from "../linear-algebra.ts";
import type { PictureNames } from "../model.ts";
import type { GaussianClasses } from "./gaussian-classes.ts";

/** Inputs beyond which ellipses over any two of them would be a file of their own. */
const MOST_INPUTS = 64;

/** Classes with one covariance: their ellipses, and how far apart their means lie in it. */
export function gaussianPictures(model: GaussianClasses, names: PictureNames): Picture[] {
  const { width: d, classes: k, means, covariance } = model;
  const meanOf = (c: number): Float64Array => means.slice(c * d, (c + 1) * d);
  const distances: Picture = {
    kind: "matrix",
    title: {
      en: "Distance between the means of two classes, in standard deviations along the line between them",
      ja: "2クラスの平均間の距離（両者を結ぶ方向の標準偏差を単位とする）",
    },
    rows: [...names.classes],
    columns: [...names.classes],
    values: mahalanobisBetween(model),
  };
  if (d > MOST_INPUTS) return [distances];
  return [
    {
      kind: "components",
      title: { en: "Classes, all with one covariance", ja: "各クラス（共分散は共通）" },
      inputs: [...names.inputs],
      components: Array.from({ length: k }, (_, c) => ({
        className: names.classes[c] ?? String(c),
        weight: 1,
        mean: meanOf(c),
        covariance: covariance.slice(),
      })),
    },
    distances,
  ];
}

/** sqrt((μ_a − μ_b)ᵀ Σ⁻¹ (μ_a − μ_b)) [k x k] */
function mahalanobisBetween({ width: d, classes: k, means, covariance }: GaussianClasses): Float64Array {
  const lower = cholesky(covariance, d);
  const whitened = Array.from({ length: k }, (_, c) => {
    const out = new Float64Array(d);
    solveLower(lower, d, means.slice(c * d, (c + 1) * d), out);
    return out;
  });
  return Float64Array.from({ length: k * k }, (_, at) => {
    const [a, b] = [whitened[Math.floor(at / k)], whitened[at % k]];
    return Math.sqrt((a ?? new Float64Array(0)).reduce((sum, one, i) => sum + (one - (b?.[i] ?? 0)) ** 2, 0));
  });
}
