import type { Forecast } from "../../../../preload/contract/finding.ts";
import { bandsOf, forkOf, middleOf, stepAt } from "../../../state/forecast.ts";
import { fixed, number } from "../../../ui/format.ts";
import type { Language } from "../../../ui/words.ts";
import type { ForecastTranslate } from "./forecast-words.ts";

interface Spoken {
  readonly t: ForecastTranslate;
  readonly language: Language;
  readonly channel: string;
  readonly unit: string;
  readonly names: readonly string[]; // of the branches
}

const USUAL_AHEAD_S = [15, 30, 60, 90] as const;
const PLAIN_AHEAD_S = 60;
const NEARLY = 0.6; // of the probability of the most likely way
const WORTH_SAYING = 0.05;

/** Seconds ahead that are put in a table: the usual ones, and of a short horizon its quarters. */
export function aheadOf({ horizonS, stepS }: Pick<Forecast, "horizonS" | "stepS">): readonly number[] {
  const usual = USUAL_AHEAD_S.filter((aheadS) => aheadS <= horizonS);
  if (usual.length > 1) return usual;
  const quarters = [1, 2, 3, 4].map((k) => Math.max(1, Math.round((k * horizonS) / 4 / stepS)) * stepS);
  return [...new Set(quarters)].filter((aheadS) => aheadS <= horizonS + stepS / 2);
}

/** Where it is spoken about: a minute ahead, else the end of a shorter horizon. */
export const spokenAheadS = ({ horizonS, stepS }: Pick<Forecast, "horizonS" | "stepS">): number =>
  Math.min(PLAIN_AHEAD_S, Math.floor(horizonS / stepS + 1e-6) * stepS);

/** Decimals that a value is worth at this spread. */
export function decimalsFor(width: number): number {
  if (!(width > 0)) return 0;
  return Math.min(4, Math.max(0, -Math.floor(Math.log10(width / 2))));
}

/** What may come, in words: the sentence that stands before every table. */
export function sentenceOf(forecast: Forecast, spoken: Spoken): string {
  const { t, language, channel, unit, names } = spoken;
  const aheadS = spokenAheadS(forecast);
  const at = stepAt(forecast, aheadS);
  const middle = middleOf(forecast);
  if (at === undefined || middle === undefined) return t("cannotText");
  const band = bandsOf(forecast.quantiles, [0.9])[0];
  const width = band ? (band.high[at] ?? 0) - (band.low[at] ?? 0) : 0;
  const show = (value: number | undefined): string =>
    number(value ?? Number.NaN, language, decimalsFor(width));
  const ahead = number(aheadS, language, 2);
  const parts: string[] = [];
  const ways = forecast.branches.filter(({ probability }, i) => i === 0 || probability >= WORTH_SAYING);
  if (ways.length > 1) {
    parts.push(t("say.ways", { count: ways.length }));
    ways.forEach((way, i) => {
      const key = i === 0 ? "say.wayFirst" : isNear(way, ways[0]) ? "say.wayNear" : "say.wayLess";
      const facts = { name: names[i] ?? "", probability: fixed(way.probability, 2) };
      parts.push(t(key, { ...facts, channel, unit, ahead, value: show(way.value[at]) }));
    });
    const fork = forkOf(forecast);
    if (forecast.forkIndex !== undefined)
      parts.push(fork ? t("say.part", { ahead: number(fork.aheadS, language, 2) }) : t("say.noPart"));
  } else {
    const change = (middle[at] ?? 0) - (middle[0] ?? 0);
    const trend = Math.abs(change) < width / 8 ? "level" : change > 0 ? "up" : "down";
    parts.push(
      t("say.middle", { channel, unit, ahead, value: show(middle[at]), trend: t(`trend.${trend}`) }),
    );
  }
  if (band) parts.push(t("say.band", { channel, low: show(band.low[at]), high: show(band.high[at]) }));
  return parts.join(language === "ja" ? "" : " ");
}

const isNear = (
  { probability }: { readonly probability: number },
  first: { readonly probability: number } | undefined,
): boolean => probability >= NEARLY * (first?.probability ?? 1);
