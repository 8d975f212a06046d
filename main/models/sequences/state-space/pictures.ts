import type { Words } from "../../../../preload/contract/label-set.ts";
import type { Picture } from "../../../../preload/contract/method.ts";
import { calibrationAt, calibrationKnots } from "./calibration.ts";
import type { LearnedStateSpace } from "./learned.ts";
import { pull } from "./neural-input.ts";

const UP_TO = 1.2; // times the usual height of a contraction
const POINTS = 61;

const movers: ReadonlyMap<string, Words> = new Map([
  ["baseline", { en: "baseline", ja: "基線" }],
  ["slow", { en: "slow deviation", ja: "緩やかな偏り" }],
  ["fast", { en: "fast deviation", ja: "速い偏り" }],
  ["contractions", { en: "contractions", ja: "子宮収縮" }],
]);

/** What was learned: what contractions pull, what moves the value, how wide the future had to be made, its regimes. */
export function stateSpacePictures(learned: LearnedStateSpace): Picture[] {
  const { drive, shares, dynamics, calibration } = learned;
  const pictures: Picture[] = [];
  if (drive !== null) {
    const at = Float64Array.from({ length: POINTS }, (_, i) => (UP_TO * i) / (POINTS - 1));
    pictures.push({
      kind: "curves",
      title: { en: "What contractions pull", ja: "子宮収縮が心拍数を下げる大きさ" },
      across: { en: "height of the contraction, usual = 1", ja: "収縮の高さ（標準 = 1）" },
      up: { en: "beats a minute, at a gain of 1", ja: "bpm（利得1のとき）" },
      series: [{ name: "g(u)", at, value: at.map((u) => pull(drive.input, u).value) }],
    });
  }
  if (shares.length > 0)
    pictures.push({
      kind: "bars",
      title: { en: "What moves the signal within half a minute", ja: "30秒間の変動の内訳" },
      unit: { en: "share of the variance, %", ja: "分散に占める割合（%）" },
      bars: shares.map(({ name, share }) => ({
        name: movers.get(name) ?? name,
        value: Math.round(1000 * share) / 10,
      })),
    });
  const at = Float64Array.from(calibrationKnots);
  pictures.push({
    kind: "curves",
    title: { en: "How wide its future had to be made", ja: "予測の幅の補正" },
    across: { en: "seconds ahead", ja: "先読み時間（秒）" },
    up: { en: "times the filter’s own width", ja: "フィルタ自身の幅に対する倍率" },
    series: [{ name: "c", at, value: at.map((h) => calibrationAt(calibration, h).scale) }],
  });
  const said = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));
  pictures.push({
    kind: "facts",
    facts: [
      {
        name: { en: "A slow deviation lasts (s)", ja: "緩やかな偏りの持続（秒）" },
        value: said(dynamics.slowTime, 2),
      },
      {
        name: { en: "Tails of a step’s surprise (degrees of freedom)", ja: "1歩先の誤差の裾（自由度）" },
        value: said(dynamics.tails, 2),
      },
      {
        name: {
          en: "What counts as one (unit of the channel)",
          ja: "モデル内の1に当たる量（チャネルの単位）",
        },
        value: said(learned.unit, 2),
      },
    ],
  });
  return pictures;
}
