import type { Picture } from "../../preload/contract/method.ts";
import type { Run } from "../../preload/contract/run.ts";

/** A picture of each kind, of classes that stand in a ring. */
export function picturesOf({ classes, config }: Run): Picture[] {
  if (config.model.kind !== "lda") return [];
  const inputs = ["level 1", "level 2", "level 3"];
  const turn = (c: number): number => (2 * Math.PI * c) / classes.length;
  const at = Float64Array.from({ length: 61 }, (_, i) => -3 + i / 10);
  return [
    {
      kind: "components",
      title: { en: "Classes, all with one covariance", ja: "各クラス（共分散は共通）" },
      inputs,
      components: classes.map((className, c) => ({
        className,
        weight: 1,
        mean: Float64Array.of(3 * Math.cos(turn(c)), 3 * Math.sin(turn(c)), c / 2),
        covariance: Float64Array.of(1, 0.5, 0, 0.5, 0.8, 0, 0, 0, 0.3),
      })),
    },
    {
      kind: "densities",
      title: { en: "Density of each input", ja: "各入力の密度" },
      inputs,
      densities: classes.map((className, c) => ({
        className,
        input: "level 1",
        at,
        density: at.map((value) => Math.exp(-((value - Math.cos(turn(c))) ** 2))),
        low: Math.cos(turn(c)) - 1.4,
        high: Math.cos(turn(c)) + 1.4,
      })),
    },
    {
      kind: "curves",
      title: { en: "Objective by round", ja: "反復ごとの目的関数" },
      across: { en: "round", ja: "反復" },
      up: { en: "log likelihood", ja: "対数尤度" },
      series: [
        { name: "this", at, value: at.map((value) => -Math.exp(-value)) },
        { name: "before", at, value: at.map((value) => -2 * Math.exp(-value)) },
      ],
    },
    {
      kind: "bars",
      title: { en: "Share of each class", ja: "各クラスの割合" },
      unit: { en: "share", ja: "割合" },
      bars: classes.map((name, c) => ({ name, value: 1 / (c + 1) })),
    },
    {
      kind: "matrix",
      title: { en: "Distance between classes", ja: "クラス間の距離" },
      rows: [...classes],
      columns: [...classes],
      values: Float64Array.from({ length: classes.length ** 2 }, (_, i) =>
        Math.abs((i % classes.length) - Math.floor(i / classes.length)),
      ),
    },
    {
      kind: "facts",
      facts: [{ name: { en: "Rounds", ja: "反復の数" }, value: "12" }],
    },
  ];
}
