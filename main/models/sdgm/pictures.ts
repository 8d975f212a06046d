import type { Picture } from "../../../preload/contract/method.ts";
import type { PictureNames } from "../model.ts";
import { activeOf, type Components } from "./components.ts";
import { monomialCount, monomialNames } from "./monomials.ts";
import type { SdgmLearned } from "./saved.ts";
import { formOf } from "./training-rows.ts";

const MOST_BARS = 40;

/** What one member learned: its components over the inputs, the weights that are left, and how it came to them. */
export function sdgmPictures(learned: SdgmLearned, { inputs, classes }: PictureNames): Picture[] {
  const { best } = learned;
  if (best === null) return [];
  return [
    ...portrait(learned, best.parts, { inputs, classes }),
    ...survivors(learned, best.parts, { inputs, classes }),
    facts(learned, best),
  ];
}

function portrait(
  { portrait: normals, width: d }: SdgmLearned,
  { classOf, logMix }: Components,
  { inputs, classes }: PictureNames,
): Picture[] {
  if (normals === null) return [];
  return [
    {
      kind: "components",
      title: { en: "Components that are left", ja: "残った混合要素" },
      inputs: [...inputs],
      components: Array.from(classOf, (c, j) => ({
        className: classes[c] ?? String(c),
        weight: Math.exp(logMix[j] ?? 0),
        mean: normals.means.slice(j * d, (j + 1) * d),
        covariance:
          normals.spread === "full"
            ? normals.covariances.slice(j * d * d, (j + 1) * d * d)
            : Float64Array.from({ length: d * d }, (_, at) =>
                at % (d + 1) === 0 ? (normals.covariances[j * d + at / (d + 1)] ?? 0) : 0,
              ),
      })),
    },
  ];
}

/** Numbers the components of each class from 1. */
const numbered = (classOf: Int32Array): number[] =>
  Array.from(classOf, (c, j) => classOf.subarray(0, j + 1).filter((other) => other === c).length);

function survivors(
  { form, width, draws }: SdgmLearned,
  parts: Components,
  { inputs, classes }: PictureNames,
): Picture[] {
  // Over a kernel nearly every monomial has a weight; what is left are centres, which have no names.
  if (form === "kernel" || draws.length === 0) return [];
  const names = monomialNames(formOf(form), inputs);
  const h = monomialCount(formOf(form), width);
  const numbers = numbered(parts.classOf);
  const bars = Array.from(activeOf(parts), (at) => {
    const j = Math.floor(at / h);
    const name = classes[parts.classOf[j] ?? 0] ?? "";
    return { name: `${name} ${numbers[j] ?? 1}: ${names[at % h] ?? ""}`, value: parts.weights[at] ?? 0 };
  });
  return [
    {
      kind: "bars",
      title: { en: "Weights that are left, largest first", ja: "残った重み（大きい順）" },
      unit: { en: "log odds", ja: "対数オッズ" },
      bars: bars.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, MOST_BARS),
    },
  ];
}

function facts(
  { classes, each, width, form, start: starts }: SdgmLearned,
  { parts, evidence, start }: NonNullable<SdgmLearned["best"]>,
): Picture {
  const begun = classes * each;
  const k = parts.classOf.length;
  const atoms = form === "kernel" ? parts.weights.length / k : monomialCount(form, width);
  return {
    kind: "facts",
    facts: [
      {
        name: { en: "Components left, of how many", ja: "残った混合要素の数／はじめの数" },
        value: `${k} / ${begun}`,
      },
      {
        name: { en: "Weights other than 0, of how many", ja: "0でない重みの数／はじめの数" },
        value: `${activeOf(parts).length} / ${(begun - 1) * atoms}`,
      },
      {
        name: { en: "Best start, of how many", ja: "最良の初期値／試した数" },
        value: `${start + 1} / ${starts}`,
      },
      {
        name: { en: "Log evidence (nats)", ja: "対数周辺尤度（nat）" },
        value: evidence.toFixed(1),
      },
    ],
  };
}
